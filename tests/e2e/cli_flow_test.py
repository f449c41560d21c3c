"""How the command line behaves: retries, forms, files with faults, questions before what is for good."""

import json

import pytest
from tests.e2e import harness
from tests.e2e.cli_test import DETAILS, STUDY, Shell, submitted
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, coordinator


@pytest.fixture(name="shell")
def fixture_shell(server, tmp_path):
    cli = Shell(server.address, tmp_path)
    cli.ok(NATIONAL, "pack", "apply", str(harness.PACK), "--sample")
    return cli


@pytest.fixture(name="referral")
def fixture_referral(shell):
    """A referral about sites, acknowledged: its short name, its record and its desk's coordinator."""
    names = submitted(shell)["referrals"]
    found = max((shell.json(NATIONAL, "referral", "show", name) for name in names),
                key=lambda one: len(one.get("sites", [])))
    desk = coordinator(found["desk"])
    shell.ok(desk, "referral", "ack", found["name"])
    parts = found["name"].split("/")
    return f"{parts[1]}/{parts[3]}", found, desk


def twice(shell, principal, *words, request_id="again"):
    """Runs a command twice with one request id: both end well, with one answer."""
    first = shell.json(principal, *words, "--request-id", request_id)
    second = shell.json(principal, *words, "--request-id", request_id)
    assert first == second, words
    return first


def test_a_retry_of_an_edit_returns_the_first_answer(shell):
    edited = twice(shell, NATIONAL, "org", "edit", "nordic-demo-pharma", "--set",
                   "display_name=Nordic A/S", "--set", "country=DK")
    assert edited["displayName"] == "Nordic A/S"
    site = shell.json(NATIONAL, "site", "list", "--limit", "1")["sites"][0]["name"]
    twice(shell, NATIONAL, "site", "edit", site, "--set", "city=Ribe")
    record = shell.json(NATIONAL, "site", "show", site)
    record["city"] = "Skagen"
    (shell.folder / "site.json").write_text(json.dumps(record))
    by_file = twice(shell, NATIONAL, "site", "edit", site, "--file", "site.json", request_id="file")
    assert by_file["city"] == "Skagen"
    refused = shell.run(NATIONAL, "site", "edit", site, "--set", "city=Odense", "--request-id",
                        "again")
    assert refused.returncode == 3 and "another request" in refused.stderr


def test_a_retry_of_set_capacity_returns_the_first_answer(shell):
    site = shell.json(NATIONAL, "site", "list", "--limit", "1")["sites"][0]["name"]
    twice(shell, NATIONAL, "site", "set-capacity", site, "--slots", "9", "--month", "2027-05=1")


def test_a_retry_of_a_line_and_of_a_reply_returns_the_first_answer(shell, referral):
    name, record, desk = referral
    twice(shell, desk, "referral", "site", name, record["sites"][0], "--whom", "the clinic",
          "--offer", "patients=3,start=2027-09-01,firm")
    shell.ok(desk, "referral", "ask", name, "--question", "How many visits?")
    replied = twice(shell, REQUESTER, "referral", "reply", name, "--reply", "Six=6")
    assert replied["thread"][-1]["text"] == "Six=6"


def test_a_hand_over_to_a_contact_by_its_id_stays_at_the_desk(shell, referral):
    name, record, desk = referral
    contacts = shell.json(NATIONAL, "contact", "list", record["desk"])["contacts"]
    other = next(one["name"] for one in contacts if one["name"] != record["contact"])
    moved = shell.json(desk, "referral", "hand-over", name, "--contact", other.split("/")[-1],
                       "--reason", "she knows it")
    assert moved["desk"] == record["desk"] and moved["contact"] == other


def test_own_questions_are_named_prefilled_and_answered(shell):
    draft = shell.json(REQUESTER, "request", "import", str(STUDY), *DETAILS)
    draft["questions"] = [
        {"id": "nurse", "text": "Is there a nurse?", "type": "QUESTION_TYPE_YES_NO",
         "scope": "QUESTION_SCOPE_SITE"},
        {"id": "start-up", "text": "How long?", "type": "QUESTION_TYPE_NUMBER",
         "scope": "QUESTION_SCOPE_SITE", "directoryField": "DIRECTORY_FIELD_START_UP_MEDIAN_DAYS"},
        {"id": "law", "text": "Who reviews it?", "scope": "QUESTION_SCOPE_DESK",
         "type": "QUESTION_TYPE_TEXT"},
    ]
    (shell.folder / "request.json").write_text(json.dumps(draft))
    names = shell.json(REQUESTER, "request", "submit", "request.json")["trialRequest"]["referrals"]
    found = max((shell.json(NATIONAL, "referral", "show", one) for one in names),
                key=lambda one: len(one.get("sites", [])))
    name, desk = found["name"], coordinator(found["desk"])
    shell.ok(desk, "referral", "ack", name)
    shown = shell.ok(desk, "referral", "show", name)
    assert "Who reviews it?" in shown and "without an answer:" in shown

    copy = shell.folder / "form.yaml"
    editor = shell.folder / "editor"
    editor.write_text(f"#!/bin/sh\ncp \"$1\" {copy}\n")
    editor.chmod(0o755)
    left = shell.run(desk, "referral", "answer", name, "--edit", VISUAL=str(editor))
    assert left.returncode == 2 and "left as it was" in left.stderr
    form = copy.read_text()
    assert "nurse (of each site, yes no): Is there a nurse?" in form
    assert "question: law" in form and "number: " in form

    first, *rest = found["sites"]
    words = ["referral", "answer", name, "--offer",
             f"{first},patients=3,start=2027-09-01,tentative"]
    for site in rest:
        words += ["--refuse", f"{site}=NO_CAPACITY"]
    refused = shell.run(desk, *words, "--reply-question", "nurs=yes")
    assert refused.returncode == 2 and "one of: nurse, start-up, law" in refused.stderr
    answered = twice(shell, desk, *words, "--reply-question", "nurse=yes", "--reply-question",
                     "law=The committee")
    said = {one["question"]: one for one in answered["questionAnswers"]}
    assert said["nurse"]["yes"] is True and said["law"]["text"] == "The committee"


def test_words_that_only_the_server_gives_are_not_offered(shell, referral):
    refused = shell.run(referral[2], "referral", "answer", referral[0], "--outcome", "PENDING")
    assert refused.returncode == 2
    assert "none of: GRANTED, REFUSED, TAKEN_UP, PASSED_ON, DECLINED" in refused.stderr


@pytest.mark.parametrize("name,text,places", [
    ("a.json", '{"title": "x",\n  "patientsWanted": "many",\n  "phase": "PHASE_9",\n "odd": 1}',
     ["a.json:2:3: patients_wanted", "a.json:3:3: phase: ", "a.json:4:2: odd", "PHASE1_PHASE2"]),
    ("b.json", '{"title": "x",\n  oops}', ["b.json:2:3: is no JSON"]),
    ("c.yaml", "title: x\npatients_wanted: many\nodd: 1\n",
     ["c.yaml:2:1: patients_wanted", "c.yaml:3:1: odd"]),
    ("d.yaml", "title: [x\n", ["d.yaml:2:1"]),
])
def test_faults_of_a_file_are_of_usage_and_name_their_places(shell, name, text, places):
    (shell.folder / name).write_text(text)
    for words in (["request", "submit", name], ["feasibility", "check", name]):
        refused = shell.run(REQUESTER, *words)
        assert refused.returncode == 2, refused.stderr
        for place in places:
            assert place in refused.stderr, refused.stderr
        assert "type.googleapis.com" not in refused.stderr


def test_what_is_for_good_or_replaces_a_file_needs_a_word(shell):
    refused = shell.run(NATIONAL, "person", "erase", "desks/north-denmark/contacts/lead", "--reason",
                        "asked to")
    assert refused.returncode == 2 and "--yes" in refused.stderr
    (shell.folder / "trail.jsonl").write_text("mine\n")
    refused = shell.run(AUDITOR, "audit", "export", "trail.jsonl")
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert (shell.folder / "trail.jsonl").read_text() == "mine\n"
    shell.ok(AUDITOR, "audit", "export", "trail.jsonl", "--force")
    missing = shell.run("", "audit", "verify", "--backup", "nowhere")
    assert missing.returncode == 2 and "holds no store" in missing.stderr


def test_the_wrong_listener_and_an_unknown_zone_are_told(shell):
    wrong = shell.run("operator::olga", "server", "status")
    assert wrong.returncode == 1 and "listener for operators" in wrong.stderr
    done = shell.run(NATIONAL, "region", "list", TZ="Mars/Olympus")
    assert done.returncode == 0 and "TZ is no time zone" in done.stderr
    assert "TZ" not in shell.run(NATIONAL, "region", "list", TZ=":UTC").stderr
    assert "TZ" not in shell.run(NATIONAL, "region", "list").stderr


def test_a_dry_run_says_what_would_change_on_stderr(shell):
    site = shell.json(NATIONAL, "site", "list", "--limit", "1")["sites"][0]["name"]
    dry = shell.run(NATIONAL, "site", "edit", site, "--set", "city=Ribe", "--dry-run")
    assert "Would change: city" in dry.stderr and "Dry run" in dry.stderr
    checked = shell.run(NATIONAL, "pack", "validate", str(harness.PACK))
    assert "The pack is valid" in checked.stderr and "valid" not in checked.stdout
