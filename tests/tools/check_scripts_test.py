"""The check scripts, run as tools/check runs them, over a small repository of their own."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

LIB = pathlib.Path(__file__).resolve().parents[2] / "tools" / "lib"


class CheckScriptsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        (self.root / "tools" / "lib").mkdir(parents=True)
        for name in ("include_rules.py", "text_rules.py"):
            shutil.copy(LIB / name, self.root / "tools" / "lib" / name)

    def plant(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run_script(self, name):
        done = subprocess.run([sys.executable, self.root / "tools" / "lib" / name],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_a_clean_repository_passes_in_silence(self):
        self.plant("common/base/ids.h", "#include <string>\n")
        self.assertEqual(self.run_script("include_rules.py"), (0, ""))
        self.assertEqual(self.run_script("text_rules.py"), (0, ""))

    def test_a_forbidden_include_fails_even_before_it_is_added_to_git(self):
        self.plant("common/base/ids.h", '#include "services/routing/rules.h"\n')
        code, output = self.run_script("include_rules.py")
        self.assertEqual(code, 1)
        self.assertIn("common/base/ids.h:1: includes services/routing/rules.h", output)

    def test_an_ignored_file_is_not_looked_at(self):
        self.plant(".gitignore", "/build/\n")
        self.plant("build/x.h", '#include "/abs.h"\n')
        self.plant("build/x.md", "/" + "home/ida\n")
        self.assertEqual(self.run_script("include_rules.py"), (0, ""))
        self.assertEqual(self.run_script("text_rules.py"), (0, ""))

    def test_a_machine_path_fails_and_a_long_file_only_warns(self):
        self.plant("a.cc", "int x;\n" * 401)
        code, output = self.run_script("text_rules.py")
        self.assertEqual(code, 0)
        self.assertIn("a.cc: warning: 401 lines", output)
        self.plant("README.md", "cd /" + "home/ida\n")
        code, output = self.run_script("text_rules.py")
        self.assertEqual(code, 1)
        self.assertIn("README.md:1: names a folder of one machine", output)


if __name__ == "__main__":
    unittest.main()
