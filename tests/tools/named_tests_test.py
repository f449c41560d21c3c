"""Tests that documents name as the answer to a threat or the proof of a limit exist, each by its name."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ["deploy/THREAT_MODEL.md", "common/rpc/LIMITS.md"]

PYTHON = re.compile(r"`((?:[\w/]+/)?\w+_test\.py)?::(\w+)`")
SUITE = re.compile(r"`([A-Z]\w+Test)\.(\w+)`")
# What may be named as a whole: inputs are not tests of which one could be named.
FUZZ = re.compile(r"`(tests/fuzz(?:/fuzz_\w+\.cc)?)`")
# Names a file or a suite, and so nothing that could be looked up and be missing.
VAGUE = re.compile(r"`((?:[\w/]+/)?\w+_test\.(?:py|cc)|tests/(?!fuzz)[\w/.]+|[A-Z]\w+Test(?:\.\*)?)`")


def path_of(name):
    """The one file of that name, where it does not say its folder; None if there is none."""
    if "/" in name:
        return ROOT / name if (ROOT / name).exists() else None
    found = list((ROOT / "tests").rglob(name))
    return found[0] if len(found) == 1 else None


def cpp_tests():
    found = set()
    for file in (ROOT / "tests").rglob("*_test.cc"):
        found |= set(re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", file.read_text(), re.M))
    return found


def faults_of(text):
    """What is wrong with the tests that a document names, and how many it names."""
    tests, faults, named = cpp_tests(), [], 0
    for line in text.splitlines():
        file = None
        for given, test in PYTHON.findall(line):
            named += 1
            # "::test" alone is of the file named before on the line, or of the proxy's.
            file = given or file or "proxy_test.py"
            path = path_of(file)
            if path is None or not re.search(rf"^def {test}\(", path.read_text(), re.M):
                faults.append(f"{file}::{test}")
        for pair in SUITE.findall(line):
            named += 1
            if pair not in tests:
                faults.append(".".join(pair))
        faults += [name for name in FUZZ.findall(line) if path_of(name) is None]
        if line.startswith("|"):
            faults += [f"{name} names no test" for name in VAGUE.findall(line)]
    return faults, named


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document):
    faults, named = faults_of((ROOT / document).read_text())
    assert not faults, faults
    assert named > 15


@pytest.mark.parametrize("good", [
    "`proxy_test.py::test_a_call_with_a_token_gets_through`",
    "`tests/identity/forged_tokens_test.py::test_only_good_tokens_are_accepted`",
    "`tls_test.py::test_tls_before_1_2_is_turned_away`, `::test_a_client_without_tls_is_turned_away`",
    "`ViewTest.AFieldWithoutAKnownClassReachesNobody`", "`tests/fuzz/fuzz_token.cc`", "gRPC's own"])
def test_a_row_that_names_its_test_is_taken(good):
    assert faults_of(f"| D | a threat | an answer | {good} |")[0] == []


@pytest.mark.parametrize("bad", [
    "`proxy_test.py`", "`tests/identity/forged_tokens_test.py`", "`view_test.cc`", "`tests/access`",
    "`ViewTest`", "`ViewTest.*`", "`ViewTest.ThereIsNoSuchTest`", "`proxy_test.py::test_there_is_no_such`",
    "`no_such_test.py::test_it`", "`tests/fuzz/fuzz_nothing.cc`",
    "`proxy_test.py::test_a_call_with_a_token_gets_through`, `logs_test.py`"])
def test_a_row_that_names_only_a_file_or_what_is_not_there_is_a_fault(bad):
    assert len(faults_of(f"| D | a threat | an answer | {bad} |")[0]) == 1
