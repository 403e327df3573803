"""The checks of the pages, on pages that are wrong: each of them can fail."""
import os
import pathlib
import tempfile
import unittest

import command_lines
import configurations
import expected
import guarantees
import links
import shell
from terminal import Terminal


class Output(unittest.TestCase):
    def test_what_is_shown_must_be_printed(self):
        self.assertTrue(expected.matches("lag 0 …\n", "lag   0 -\n"))
        self.assertTrue(expected.matches("first\n…\nlast\n", "first\na\nb\nlast\n"))
        self.assertTrue(expected.matches("in 3s, 12 ms\n", "in 1m, 1 ms\n"))
        self.assertFalse(expected.matches("lag 0 …\n", "lag 10 -\n"))
        self.assertFalse(expected.matches("lag 0\n", "lag 0\nlag 1\n"))
        self.assertFalse(expected.matches("first\n…\nlast\n", "first\na\n"))


class Terminals(unittest.TestCase):
    def test_what_fails_anywhere_in_a_block_is_known_and_what_it_started_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            terminal = Terminal(folder, {})
            self.addCleanup(terminal.close)
            printed, failed = terminal.run("A=1\nsleep 60 & echo $!\nfalse\nif false; then :; fi\n! true || true\n")
            self.assertEqual(failed, ["1: false"])
            self.assertEqual(terminal.run("echo $A | grep 1 | cat\n"), ("1\n", []))
            self.assertEqual(len(terminal.run("grep 2 <<<$A | cat\n")[1]), 1)
            terminal.close()
            with self.assertRaises(ProcessLookupError):
                os.kill(int(printed), 0)


class Shell(unittest.TestCase):
    def test_commands_are_found_wherever_they_stand(self):
        text = ("# sluice none\nfor i in 1 2; do sluice a $i >out 2>&1 & done   # sluice none\n"
                "TOKEN=x sudo sluice b --c \\\n  d | grep '; sluice none' && kill \"$(sluice e)\"\n")
        found = [words for words in shell.commands(text) if "sluice" in words[0]]
        self.assertEqual(found, [["sluice", "e"], ["sluice", "a", "$i"], ["sluice", "b", "--c", "d"]])

    def test_a_file_that_is_written_out_is_no_command(self):
        files, rest = shell.heredocs("cat >a.yaml <<'END'\nkafka: 1\nEND\nsluice run a.yaml\n")
        self.assertEqual(files, [("a.yaml", "kafka: 1\n")])
        self.assertNotIn("kafka", rest)


class Commands(unittest.TestCase):
    def wrong(self, *lines):
        for line in lines:
            with self.subTest(line):
                self.assertIsNotNone(command_lines.problem(line.split()))

    def right(self, *lines, **named):
        for line in lines:
            with self.subTest(line):
                self.assertIsNone(command_lines.problem(line.split(), **named))

    def test_options_of_sluice_are_those_it_has(self):
        self.right("sluice check a.yaml --offline", "build/dev/sluice run a.yaml", "sluice status --watch",
                   "kubectl exec POD -- sluice status", "sluice act pause deposits", "docker exec x sluice status",
                   "docker run --rm sluice:1 demo --rate 5", "docker compose -f a exec sluice sluice act pause deposits")
        self.wrong("sluice check a.yaml --online", "sluice check", "sluice go a.yaml", "sluice act jump deposits",
                   "sluice demo --speed 3", "kubectl exec POD -- sluice stats", "sluice status --watched",
                   "docker exec x sluice stats", "docker run --rm sluice:1 demo --speed 5")

    def test_a_sentence_may_leave_the_operands_out(self):
        self.right("sluice check", "sluice act pause", "sluice dlq", only_named=True)
        self.assertIsNotNone(command_lines.problem(["sluice", "act", "jump"], only_named=True))

    def test_scripts_and_what_they_take_are_there(self):
        self.right("scripts/fault kill --list", "scripts/fuzz json --seconds 6", "scripts/kafka topics --create",
                   "scripts/build dev unit_commit", "scripts/test dev", "build/dev/unit_commit",
                   "ctest -L unit")
        self.wrong("scripts/nothing", "scripts/fault --never", "scripts/fault no-such-scenario", "scripts/fuzz nothing",
                   "scripts/kafka nothing", "scripts/build nothing", "scripts/test nothing", "build/dev/unit_nothing",
                   "scripts/build dev integration_nothing", "ctest -L nothing")


class Configurations(unittest.TestCase):
    def test_parts_are_put_where_they_belong(self):
        with tempfile.TemporaryDirectory() as folder:
            checker = configurations.Checker(folder)
            for right in ("auth: {type: bearer, token: \"${env:T}\"}\n", "batch: {linger: 1s}\n", "log: {level: warn}\n",
                          "results: {pointer: /a, index: /b}\nresults: {pointer: /a, status: /b}\n"):
                self.assertIsNone(checker.sluice_problem(right))
            for wrong in ("auth: {type: bearer, tokn: \"${env:T}\"}\n", "batch: {lingr: 1s}\n", "linger: 1s\n",
                          "results: {pointer: /a, index: /b}\nresults: {pointer: a}\n"):
                self.assertIsNotNone(checker.sluice_problem(wrong))

    def test_queries_that_are_none_are_refused(self):
        self.assertIsNone(configurations.promql_problem(["sum(a)"]))
        self.assertIsNotNone(configurations.promql_problem(["sum(a)", "sum(a"]))


class Guarantees(unittest.TestCase):
    def test_each_is_shown_by_what_is_there(self):
        head = "| bound | shown by |\n| --- | --- |\n"
        self.assertEqual(list(guarantees.problems(head + "| a | `soak`, `BreakerTest.OneAnswerCanTripIt` |\n")), [])
        wrong = list(guarantees.problems(head + "| a | `soaked`, `BreakerTest.None` |\n| b | |\n"))
        self.assertEqual(wrong, ["line 3: there is no soaked", "line 3: there is no BreakerTest.None",
                                 "line 4: nothing shows it"])


class Links(unittest.TestCase):
    def test_links_lead_to_files_and_headings(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.md")
            page.write_text("# A `b` c, d\n[1](#a-b-c-d) [2](#a-c) [3](other.md#there) [4](none.md)\n"
                            "`tests/docs/links.py` `tests/docs/none.py`\n```\n[5](none.md)\n```\n")
            pathlib.Path(folder, "other.md").write_text("## There\n")
            found = [problem.split(": ")[1] for problem in links.problems(page)]
        self.assertEqual(found, ["#a-c", "none.md", "there is no tests/docs/none.py"])


if __name__ == "__main__":
    unittest.main()
