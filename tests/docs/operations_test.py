"""What docs/operations.md says of topics, rights and offsets, done to a real Kafka."""
import unittest

from walk import Walk

# A group that has read something, and whose members have stopped.
BEFORE = """\
scripts/kafka server --listen localhost:9092 >kafka.log 2>&1 &
scripts/kafka topics --bootstrap-server localhost:9092 --create --topic deposits --partitions 1
echo '{}' | scripts/kafka console-producer --bootstrap-server localhost:9092 --topic deposits
scripts/kafka console-consumer --bootstrap-server localhost:9092 --topic deposits --group sluice-deposits \\
  --from-beginning --max-messages 1 >read.log
"""


class Operations(Walk):
    def test_topics_rights_and_offsets_are_changed_as_the_page_says(self):
        self.has_kafkas_tools()
        self.prepare(BEFORE)
        self.assertEqual(self.walk("operations.md", lambda block: block.note == "run"), 4)


del Walk  # it has no tests of its own

if __name__ == "__main__":
    unittest.main()
