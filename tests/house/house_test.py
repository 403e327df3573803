"""The checks of this folder find what they are there to find."""

import pathlib
import tempfile
import unittest

import check_cases
import check_events
import check_failpoints
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

    def test_a_source_file_is_no_header(self):
        self.write("src/base/clock.cc", "")
        self.write("src/base/bad.cc", '#include "base/clock.cc"\n')
        self.assertEqual(self.problems(), ['base/bad.cc: "base/clock.cc" is no header'])

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


class Events(Tree):
    def problems(self, *written):
        listed = "EventInfo{.event = Event::born},\nEventInfo{.event = Event::gone}\n"
        self.write("src/telemetry/event_list.cc", listed)
        for number, event in enumerate(written):
            self.write(f"src/base/{number}.cc", f"log.write(telemetry::Event::{event}, {{}});\n")
        return list(check_events.find_problems(self.root / "src"))

    def test_events_that_are_written_pass(self):
        self.assertEqual(self.problems("born", "gone"), [])

    def test_one_that_nobody_writes_is_found(self):
        self.assertEqual(
            self.problems("born"), ["telemetry/event_list.cc: nobody writes gone; take it out"]
        )

    def test_an_empty_list_is_found(self):
        self.write("src/telemetry/event_list.cc", "")
        self.assertEqual(len(list(check_events.find_problems(self.root / "src"))), 1)


class Failpoints(Tree):
    HEADER = """
    #pragma once
    #include <array>
    namespace sluice {
    enum class Failpoint { here };
    inline constexpr std::array kAllFailpoints{Failpoint::here};
    #ifdef SLUICE_FAILPOINTS
    bool arm_failpoint();
    void pass_failpoint(Failpoint);
    #else
    inline bool arm_failpoint() { return true; }
    inline void pass_failpoint(Failpoint) {}
    #endif
    }
    """
    SOURCE = """
    #include "base/failpoint.h"
    #include <cstdlib>
    #ifdef SLUICE_FAILPOINTS
    bool sluice::arm_failpoint() { return std::getenv("SLUICE_FAILPOINT") == nullptr; }
    void sluice::pass_failpoint(Failpoint) {}
    #endif
    """

    def setUp(self):
        super().setUp()
        self.write("CMakePresets.json", '{"configurePresets": [{"name": "release"}]}')
        self.write("src/base/failpoint.h", self.HEADER)
        self.write("src/base/failpoint.cc", self.SOURCE)

    def problems(self):
        return list(check_failpoints.find_problems(self.root, "c++"))

    def test_what_is_there_with_the_option_only_passes(self):
        self.assertEqual(self.problems(), [])

    def test_a_variable_that_is_read_anyway_is_found(self):
        for name, text in (("failpoint.h", self.HEADER), ("failpoint.cc", self.SOURCE)):
            self.write(f"src/base/{name}", text.replace("#ifdef SLUICE_FAILPOINTS", "#if 1"))
        self.assertEqual(
            self.problems(),
            [
                "failpoint.cc: SLUICE_FAILPOINT is in it without the option",
                "src/base/failpoint.h: passing a point calls something without the option",
            ],
        )

    def test_an_environment_that_counts_in_the_header_is_found(self):
        reads = self.HEADER.replace("return true;", 'return !std::getenv("SLUICE_FAILPOINT");')
        reads = reads.replace("<array>", "<array>\n#include <cstdlib>")
        self.write("src/base/failpoint.h", reads)
        self.assertEqual(
            self.problems(),
            ["src/base/failpoint.h: the environment counts without the option"],
        )

    def test_a_variable_that_nothing_reads_is_found(self):
        self.write("src/base/failpoint.cc", self.SOURCE.replace("SLUICE_FAILPOINT\"", "OTHER\""))
        self.assertEqual(len(self.problems()), 1)

    def test_another_file_that_asks_for_it_is_found(self):
        self.write("src/http/bad.cc", "#ifdef SLUICE_FAILPOINTS\n#endif\n")
        self.assertEqual(len(self.problems()), 1)

    def test_a_preset_that_is_shipped_with_it_is_found(self):
        preset = '{"name": "release", "cacheVariables": {"SLUICE_FAILPOINTS": "ON"}}'
        self.write("CMakePresets.json", '{"configurePresets": [' + preset + "]}")
        self.assertEqual(len(self.problems()), 1)


class Cases(Tree):
    """Of the page that says what shows each case."""

    def problems(self, change=lambda row: row):
        rows = [f"| {number} | what | `kill-it` |" for number in range(1, check_cases.COUNT + 1)]
        text = "## The 55 cases\n" + "\n".join(change(row) for row in rows) + "\n"
        return list(check_cases.problems(text, {"kill-it"}, self.root))

    def test_scenarios_files_and_reasons_show_a_case(self):
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.problems(lambda row: row.replace("`kill-it`", "never happens")), [])
        self.assertEqual(self.problems(lambda row: row.replace("kill-it", "src/base/clock.h")), [])

    def test_a_name_that_is_none_is_found(self):
        found = self.problems(lambda row: row.replace("| 7 | what | `kill", "| 7 | what | `heal"))
        self.assertEqual(found, ["case 7: there is no scenario or file heal-it"])

    def test_a_case_that_nothing_shows_is_found(self):
        found = self.problems(lambda row: "| 7 | what | |" if row.startswith("| 7 ") else row)
        self.assertEqual(found, ["case 7: nothing shows it"])

    def test_a_missing_case_is_found(self):
        found = self.problems(lambda row: "" if row.startswith("| 7 ") else row)
        self.assertEqual(found, ["case 7 stands there 0 times"])


if __name__ == "__main__":
    unittest.main()
