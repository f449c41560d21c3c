"""Tests that documents name as the answer to a threat or the proof of a limit exist."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ["deploy/THREAT_MODEL.md", "common/rpc/LIMITS.md"]

PYTHON = re.compile(r"`((?:[\w/]+/)?\w+_test\.py)?::(\w+)`")
FILE = re.compile(r"`((?:[\w/]+/)?\w+_test\.(?:py|cc)|tests/[\w/.]+)`")
SUITE = re.compile(r"`([A-Z]\w+Test)\.(\w+|\*)`")


def path_of(name):
    """The one file of that name, where it does not say its folder."""
    if "/" in name:
        return ROOT / name
    found = list((ROOT / "tests").rglob(name))
    assert len(found) == 1, f"{name}: {len(found)} files"
    return found[0]


def cpp_tests():
    found = set()
    for file in (ROOT / "tests").rglob("*_test.cc"):
        text = file.read_text()
        found |= {pair for pair in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", text, re.M)}
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document):
    lines = (ROOT / document).read_text().splitlines()
    tests, missing, named = cpp_tests(), [], 0
    for line in lines:
        file = None
        for given, test in PYTHON.findall(line):
            file = given or file
            # "::test" alone is of the file named before on the line, or of the proxy's.
            text = path_of(file or "proxy_test.py").read_text()
            named += 1
            if f"def {test}(" not in text:
                missing.append(f"{file}::{test}")
        for name in FILE.findall(line):
            named += 1
            if not path_of(name).exists():
                missing.append(name)
        for suite, test in SUITE.findall(line):
            named += 1
            if not any(s == suite and test in ("*", t) for s, t in tests):
                missing.append(f"{suite}.{test}")
    assert named > 15
    assert not missing, missing
