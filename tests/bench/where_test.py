"""Whether a profile is divided by what the time was spent on."""
import pathlib
import re
import unittest

import where

SCRIPT = """\
deposits/0
\t    7f21 __memmove_avx512_unaligned_erms (/usr/lib/libc.so.6)
\t    3e65 sluice::codec::Body::append(std::basic_string_view<char>) (/usr/bin/sluice)
\t    3e66 sluice::codec::RecordCodec::append (inlined)
\t    3e67 sluice::pipeline::Session::poll_records (/usr/bin/sluice)

deposits/0
\tffffffff816c _copy_from_iter ([kernel.kallsyms])
\t    7f22 curl_multi_perform (/usr/lib/libcurl.so.4)
\t    3e68 sluice::http::Client::poll (/usr/bin/sluice)

deposits/0
\t    29c2 [unknown] (/usr/lib/libcrypto.so.3)

rdk:broker1
\tffffffff816d _copy_to_iter ([kernel.kallsyms])
\t    59de [unknown] (/usr/lib/librdkafka.so.1)

rdk:broker1
\t    59de [unknown] (/usr/lib/librdkafka.so.1)

sluice
\t    59de main (/usr/bin/sluice)
"""
SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"


class Profile(unittest.TestCase):
    def test_the_innermost_frame_that_is_known_decides(self):
        sixth = 1 / 6
        self.assertEqual(where.shares(SCRIPT), {
            where.COPY: sixth, where.SEND_KERNEL: sixth, where.SIGN: sixth,
            where.FETCH_KERNEL: sixth, where.FETCH: sixth, where.REST: sixth})

    def test_the_rows_add_up_to_what_a_record_costs(self):
        rows = list(where.rows({where.COPY: 0.25, where.SIGN: 0.75}, 3.2))
        self.assertEqual([row[1:] for row in rows],
                         [["0.80", "25%"], ["2.40", "75%"], ["3.20", "100%"]])

    def test_functions_of_ours_that_are_looked_for_exist(self):
        sources = "\n".join(path.read_text() for path in SOURCE.rglob("*.[ch]*"))
        for name in where.FRAMES:
            if not name.startswith("sluice::"):
                continue
            *folders, last = [part for part in name.split("::")[1:] if part]
            self.assertTrue(re.search(rf"\b{last}\b", sources), name)


if __name__ == "__main__":
    unittest.main()
