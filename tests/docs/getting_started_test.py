"""docs/getting-started.md, run as it stands: a real bash, a real Kafka, the real sluice."""
import unittest

from walk import Walk


class GettingStarted(Walk):
    def test_every_step_does_what_the_page_says(self):
        self.assertGreater(self.walk("getting-started.md"), 15)


del Walk  # it has no tests of its own

if __name__ == "__main__":
    unittest.main()
