"""No secret, token, title or person's address is in any log of the suite.

Runs after all tests that start servers (a ctest fixture), over the logs that they kept
(tests/e2e/recorded.py): searches them for what those tests sent, for what lies in the files that they
sent, and for the forms of tokens, keys, addresses and telephone numbers, whoever sent them.
"""

import ast
import functools
import json
import re

import pytest

from tests.e2e import harness, recorded

FORMS = {
    "a token": re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.|[Bb]earer\s+[A-Za-z0-9._~+/-]{8,}"),
    "a key or certificate": re.compile(r"-----BEGIN|\bMII[A-Za-z0-9+/]{16,}"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    "a telephone number": re.compile(r"\+\d{2}[ \d]{8,}"),
    "metadata of a call": re.compile(r"trialgate-principal|authorization\s*:", re.IGNORECASE),
}
# Texts of files that tests send whole: of packs what is a person's, of study records what they say.
OF_PERSONS = {"email", "phone", "displayName", "orcid"}
OF_STUDIES = {"briefTitle", "officialTitle", "acronym", "briefSummary", "detailedDescription",
              "eligibilityCriteria", "fullName", "nctId"}
# What the load generator and the command line's tests send besides.
OTHERS = ["Load study ", "load@sponsor.example", "Clinical operations"]


def strings(value, keys, within=False):
    """The texts under one of `keys`, anywhere in a JSON document."""
    if isinstance(value, dict):
        for key, element in value.items():
            yield from strings(element, keys, within or key in keys)
    elif isinstance(value, list):
        for element in value:
            yield from strings(element, keys, within)
    elif isinstance(value, str) and within:
        yield value


def contacts(document):
    """The people of a pack's file."""
    for desk in document.get("desks", []) if isinstance(document, dict) else []:
        yield from desk.get("contacts", [])
    yield from document.get("contacts", []) if isinstance(document, dict) else []


def noted(kind):
    return {ast.literal_eval(line)
            for file in recorded.FOLDER.glob(f"*.{kind}")
            for line in file.read_text(encoding="utf-8").splitlines()}


@functools.cache
def marks():
    """Every text that no log may hold."""
    found = noted("marks") | set(OTHERS)
    for file in (harness.ROOT / "deploy" / "samples").glob("*.json"):
        found.update(strings(json.loads(file.read_text()), OF_STUDIES))
    for folder in (harness.PACK, harness.ROOT / "tests" / "testdata" / "tiny_pack"):
        for file in folder.rglob("*.json"):
            for contact in contacts(json.loads(file.read_text())):
                found.update(strings(contact, OF_PERSONS))
    return sorted(mark for mark in found if len(mark) >= recorded.SHORTEST)


@functools.cache
def logs():
    """The logs as lines, each with where it stands; text in JSON is as a reader would see it."""
    lines = []
    for file in sorted(recorded.FOLDER.glob("*.log")):
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            try:
                line = json.dumps(json.loads(line), ensure_ascii=False)
            except ValueError:
                pass
            lines.append((f"{file.name}:{number}", line))
    return lines


def test_there_are_logs_of_servers_that_were_called_and_marks_to_search_for():
    calls = [line for _, line in logs() if '"event": "call"' in line]
    assert calls, f"no server of the suite left a log in {recorded.FOLDER}"
    assert len(marks()) > 10


def test_no_log_holds_what_a_test_sent():
    # One expression, as there are many lines; longer texts first, so that they are told whole.
    search = re.compile("|".join(re.escape(m) for m in sorted(marks(), key=len, reverse=True)))
    found = [f"{where}: {match[0]!r}" for where, line in logs() if (match := search.search(line))]
    assert not found, found[:20]


def test_no_log_holds_who_calls():
    subjects = noted("subjects") - {"trialgate"}
    if not subjects:
        pytest.skip("no test named a principal")
    search = re.compile(r"\b(" + "|".join(re.escape(s) for s in sorted(subjects)) + r")\b")
    found = [f"{where}: {match[0]!r}" for where, line in logs() if (match := search.search(line))]
    assert not found, found[:20]


@pytest.mark.parametrize("form", FORMS)
def test_no_log_holds_the_form_of(form):
    found = [f"{where}: {match[0]!r}" for where, line in logs()
             if (match := FORMS[form].search(line))]
    assert not found, found[:20]
