"""The checks of this folder find what they are there to find."""

import pathlib
import tempfile
import unittest

import check_includes
import check_time

RULES = check_includes.read_rules(
    """
    # comment
    base: | tl/expected.hpp
    http: base | curl/curl.h
    codec: base | rapidjson/
    """
)


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("src/base/clock.h", "#pragma once\n")

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


class Includes(Tree):
    def problems(self):
        return list(check_includes.find_problems(self.root / "src", RULES))

    def test_what_the_list_allows_passes(self):
        self.write("src/http/client.h", '#include <string>\n#include "base/clock.h"\n')
        self.write("src/http/client.cc", '#include "http/client.h"\n#include <curl/curl.h>\n')
        self.write("src/codec/json.cc", "#include <rapidjson/document.h>\n")
        self.assertEqual(self.problems(), [])

    def test_another_folders_header_is_found(self):
        self.write("src/http/client.h", "")
        self.write("src/base/bad.h", '#include "http/client.h"\n')
        self.assertEqual(self.problems(), ['base/bad.h: "http/client.h": base may not use http'])

    def test_another_folders_library_is_found(self):
        self.write("src/codec/bad.cc", "#  include <curl/curl.h>\n")
        self.assertEqual(self.problems(), ["codec/bad.cc: <curl/curl.h> is not for codec"])

    def test_a_library_in_no_list_is_found(self):
        self.write("src/codec/bad.cc", "#include <boost/json.hpp>\n")
        self.assertEqual(len(self.problems()), 1)

    def test_a_system_header_in_no_list_is_found(self):
        self.write("src/codec/bad.cc", "#include <unistd.h>\n")
        self.assertEqual(len(self.problems()), 1)

    def test_a_path_relative_to_the_file_is_found(self):
        self.write("src/base/bad.h", '#include "clock.h"\n')
        self.assertEqual(self.problems(), ['base/bad.h: "clock.h" is not a path below src/'])

    def test_a_folder_in_no_list_is_found(self):
        self.write("src/extra/new.h", "")
        self.assertEqual(self.problems(), ["extra/new.h: extra is not in the list"])


class Time(Tree):
    def problems(self):
        return list(check_time.find_problems(self.root))

    def test_the_one_place_may_read_the_clock(self):
        self.write("src/base/system_clock.cc", "return std::chrono::steady_clock::now();\n")
        self.write("src/main.cc", "std::random_device entropy;\n")
        self.assertEqual(self.problems(), [])

    def test_each_place_may_do_its_own_thing_only(self):
        self.write("src/base/system_clock.cc", "std::random_device entropy;\n")
        self.write("src/main.cc", "std::chrono::steady_clock::now();\n")
        self.assertEqual(len(self.problems()), 2)

    def test_types_words_and_members_of_the_same_name_pass(self):
        self.write(
            "src/http/client.h",
            "std::chrono::steady_clock::time_point when;\n"
            "// not steady_clock::now(), and no sleep_for either\n"
            "/* rand() */ int operand(int); record.time(0); int runtime(int);\n"
            "void Session::sleep(Instant now);\n",
        )
        self.assertEqual(self.problems(), [])

    def test_every_way_to_read_a_clock_sleep_or_roll_dice_is_found(self):
        ways = [
            "auto t = std::chrono::steady_clock::now();",
            "auto t = Wall::system_clock :: now();",
            "std::this_thread::sleep_for(1s);",
            "std::this_thread::sleep_until(t);",
            "usleep(10);",
            "::nanosleep(&t, nullptr);",
            "sleep(1);",
            "::sleep(seconds);",
            "int i = rand();",
            "srand(1);",
            "std::random_device seed;",
            "std::mt19937_64 engine;",
            "time(nullptr);",
            "std::time(&now);",
            "clock_gettime(CLOCK_REALTIME, &t);",
            "gettimeofday(&t, nullptr);",
        ]
        self.write("src/http/bad.cc", "\n".join(ways) + "\n")
        found = sorted(int(problem.split(":")[1]) for problem in self.problems())
        self.assertEqual(found, list(range(1, len(ways) + 1)))

    def test_a_unit_test_that_sleeps_is_found(self):
        self.write("tests/unit/http/bad_test.cc", "\nstd::this_thread::sleep_for(1s);\n")
        self.assertEqual(self.problems(), ["tests/unit/http/bad_test.cc:2: sleep_for"])


if __name__ == "__main__":
    unittest.main()
