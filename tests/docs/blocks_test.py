"""Every block, command and link of the pages: is it taken, is it there?"""
import json
import re
import shutil
import tempfile
import unittest

import yaml

import command_lines
import configurations
import guarantees
import links
import shell
from pages import ROOT, blocks, pages, prose

LANGUAGES = {"sh", "yaml", "json", "promql", ""}
# Whose a block may be instead of ours: `<!-- of Vector -->` in the line above. Nobody here knows what
# they would take; that it is of its language is all that is checked.
OTHERS = {"of Redpanda Connect", "of Vector", "of a script"}
# What is called on pages beside ours. Kafka's own tools are called by scripts/kafka, which knows them.
TOOLS = {"apt-get", "cat", "chmod", "chroot", "cmake", "cp", "ctest", "curl",
         "debootstrap", "diff", "docker", "echo", "export", "gdb", "git", "grep", "head", "helm", "install", "journalctl",
         "kill", "kubectl", "mkdir", "mount", "mv", "openssl", "pidof", "printf", "prlimit", "python3", "sed", "seq",
         "systemctl", "systemd-run", "tail", "tr", "umount", "xdg-open"}


def all_blocks(*languages):
    return [block for page in pages() for block in blocks(page) if block.language in languages]


class Blocks(unittest.TestCase):
    def nothing_wrong(self, found):
        found = list(found)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_each_block_says_what_it_is(self):
        def wrong():
            for page in pages():
                for block in blocks(page):
                    if block.language not in LANGUAGES and block.note not in OTHERS:
                        yield f"{block.place}: a block of {block.language}: it is one of {sorted(LANGUAGES)}, or of another"
                    if not block.language and re.match(r"(sluice |scripts/|curl |build/)", block.text):
                        yield f"{block.place}: commands are ```sh; what has no language is what they print"

        self.nothing_wrong(wrong())

    def test_each_configuration_is_taken(self):
        def problem(checker, block):
            if configurations.is_helm(block.text):
                return checker.helm_problem(block.text)
            if configurations.is_prometheus(block.text):
                return checker.prometheus_problem(block.text)
            return checker.sluice_problem(block.text, literal_secrets="literal secrets" in block.note)

        def wrong(checker):
            for block in all_blocks("yaml"):
                if block.note in OTHERS:
                    yaml.safe_load(block.text)
                elif said := problem(checker, block):
                    yield f"{block.place}: {said}"
            for block in all_blocks("sh"):
                for file, content in shell.heredocs(block.text)[0]:
                    if file.endswith(".yaml") and (said := checker.sluice_problem(content)):
                        yield f"{block.place}: {said}"

        with tempfile.TemporaryDirectory() as folder:
            self.nothing_wrong(wrong(configurations.Checker(folder)))

    def test_each_command_is_there_and_takes_its_options(self):
        def wrong():
            for block in all_blocks("sh"):
                functions = set(re.findall(r"(?m)^(\w+)\(\) \{", block.page.read_text(encoding="utf-8")))
                for words in shell.commands(block.text):
                    known = words[0] in TOOLS | functions or re.search(r"/|^sluice$|^kafka-", words[0])
                    if not known:
                        yield f"{block.place}: nobody knows the command {words[0]}"
                    if said := command_lines.problem(words):
                        yield f"{block.place}: {' '.join(words)}: {said}"

        self.nothing_wrong(wrong())

    def test_each_command_that_a_sentence_names_is_there(self):
        def wrong():
            for page in pages():
                for number, line in enumerate(prose(page), 1):
                    for span in re.findall(r"`((?:sluice|scripts/[\w-]+)(?: [^`]*)?)`", line):
                        words = span.replace("...", "").split()
                        if "|" not in span and (said := command_lines.problem(words, only_named=True)):
                            yield f"{page.relative_to(ROOT)}:{number}: {span}: {said}"

        self.nothing_wrong(wrong())

    def test_each_document_is_json(self):
        for block in all_blocks("json"):
            with self.subTest(block.place):
                json.loads(block.text)

    def test_each_script_of_others_is_one(self):
        for block in all_blocks("python"):
            compile(block.text, block.place, "exec")

    @unittest.skipUnless(shutil.which("promtool"), "there is no promtool: scripts/install-deps installs it")
    def test_each_query_is_promql(self):
        queries = all_blocks("promql")
        self.assertIsNone(configurations.promql_problem([block.text for block in queries]))

    def test_each_test_that_shows_a_guarantee_is_there(self):
        self.nothing_wrong(guarantees.problems((ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")))

    def test_each_page_is_reached_from_the_readme(self):
        # The chart has a README of its own, for who has only the package.
        reached, todo = set(), [ROOT / "README.md", ROOT / "helm" / "sluice" / "README.md"]
        while todo:
            page = todo.pop()
            if page not in reached and page.suffix == ".md":
                reached.add(page)
                todo += links.targets(page)
        self.nothing_wrong(f"no link leads to {page.relative_to(ROOT)}" for page in pages() if page not in reached)

    def test_each_link_and_path_leads_somewhere(self):
        self.nothing_wrong(problem for page in pages() for problem in links.problems(page))


if __name__ == "__main__":
    unittest.main()
