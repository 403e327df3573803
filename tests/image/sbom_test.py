"""scripts/sbom, on the packages of this machine."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SBOM = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "sbom"


def sbom(*arguments, **environment):
    return subprocess.run([SBOM, *arguments], check=True, capture_output=True, text=True,
                          env={**os.environ, **environment}).stdout


def bill(built_with, epoch="86400"):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(built_with)
        file.flush()
        return json.loads(sbom("1.2.3", file.name, SOURCE_DATE_EPOCH=epoch))


class Sbom(unittest.TestCase):
    BUILT_WITH = "header-dev 2:1.0+ds~1-3 all header-dev\nlib++-dev 1.0 amd64 libplus\n"

    @classmethod
    def setUpClass(cls):
        cls.bill = bill(cls.BUILT_WITH)
        cls.packages = {package["name"]: package for package in cls.bill["packages"]}

    def test_every_installed_package_is_in_the_image_and_nothing_else(self):
        installed = {line.split()[0] for line in sbom("--list").splitlines()}
        self.assertIn("dpkg", installed)
        contained = {entry["relatedSpdxElement"] for entry in self.bill["relationships"]
                     if entry["relationshipType"] == "CONTAINS"}
        self.assertEqual({package["name"] for package in self.bill["packages"] if package["SPDXID"] in contained},
                         installed | {"sluice"})

    def test_what_is_compiled_in_is_told_apart(self):
        compiled_in = [entry["spdxElementId"] for entry in self.bill["relationships"]
                       if entry["relationshipType"] == "BUILD_DEPENDENCY_OF"]
        self.assertEqual(compiled_in, [self.packages[name]["SPDXID"] for name in ("header-dev", "lib++-dev")])

    def test_ids_are_valid_and_of_one_package_and_relations_lead_to_them(self):
        ids = [package["SPDXID"] for package in self.bill["packages"]]
        self.assertEqual(len(ids), len(set(ids)))
        for one in ids:
            self.assertRegex(one, r"^SPDXRef-[A-Za-z0-9.-]+$")
        for entry in self.bill["relationships"]:
            self.assertLessEqual({entry["spdxElementId"], entry["relatedSpdxElement"]},
                                 {*ids, "SPDXRef-DOCUMENT"})

    def test_scanners_find_a_package_by_its_purl(self):
        def purl(name):
            return self.packages[name]["externalRefs"][0]["referenceLocator"]

        self.assertRegex(purl("header-dev"), r"^pkg:deb/debian/header-dev@2%3A1\.0%2Bds~1-3\?arch=all&distro=[^&]+$")
        self.assertRegex(purl("lib++-dev"), r"^pkg:deb/debian/lib%2B%2B-dev@1\.0\?.*&upstream=libplus$")

    def test_the_same_content_makes_the_same_document(self):
        self.assertEqual(self.bill["creationInfo"]["created"], "1970-01-02T00:00:00Z")
        self.assertEqual(self.bill, bill(self.BUILT_WITH))
        other = bill(self.BUILT_WITH.replace("1.0 amd64", "1.1 amd64"))
        self.assertNotEqual(self.bill["documentNamespace"], other["documentNamespace"])


if __name__ == "__main__":
    unittest.main()
