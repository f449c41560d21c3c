"""The rules on the text of all files: each catches its violation, and lets lookalikes pass."""

import unittest

from tools.lib import text_rules


class TextRulesTest(unittest.TestCase):

    def test_a_folder_of_one_machine_is_refused(self):
        for folder in ("home/ida/x", "root/.cache", "Users/ida", "work/main"):
            with self.subTest(folder=folder):
                self.assertEqual(
                    text_rules.faults_of("a.md", "fine\nsee /" + folder),
                    ["a.md:2: names a folder of one machine"])

    def test_a_path_that_only_contains_such_a_word_passes(self):
        for text in ("https://x.example/home/y", "proto/home/a.proto", "/var/lib/trialgate",
                     "${ROOT}/home/x", "/livez"):
            with self.subTest(text=text):
                self.assertEqual(text_rules.faults_of("a.md", text), [])

    def test_the_host_of_a_package_registry_is_refused(self):
        for label in ("registry", "deb", "mirror", "pypi", "proxy"):
            with self.subTest(label=label):
                address = "https:" + f"//{label}.example.org/x.tgz"
                self.assertEqual(len(text_rules.faults_of("a", address)), 1)

    def test_a_lockfile_with_addresses_of_funding_is_refused(self):
        line = '"funding"' + ': {'
        self.assertTrue(text_rules.faults_of("package-lock.json", line))

    def test_a_lockfile_with_addresses_is_refused(self):
        line = '"resolved"' + ': "https://x.example/x.tgz",'
        self.assertEqual(len(text_rules.faults_of("tools/package-lock.json", line)), 1)

    def test_a_source_file_of_more_than_400_lines_is_only_warned_of(self):
        self.assertEqual(text_rules.warnings_of("a.cc", "x\n" * 400), [])
        self.assertEqual(len(text_rules.warnings_of("a.cc", "x\n" * 401)), 1)
        self.assertEqual(text_rules.warnings_of("data.json", "x\n" * 401), [])


if __name__ == "__main__":
    unittest.main()
