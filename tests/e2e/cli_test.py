"""The command line against the real server: what people see, and how errors end."""

import json
import os
import re
import subprocess
import unicodedata

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, coordinator

CLI = harness.BUILD / "tools" / "cli" / "trialgate"
STUDY = harness.ROOT / "deploy" / "samples" / "NCT99999999.json"
DETAILS = [
    "--requester", "nordic-demo-pharma", "--first-patient-in", "2027-09-01", "--months", "12",
    "--patients", "40", "--sites", "3", "--contact-name", "Clinical operations",
    "--contact-email", "trials@nordic-demo-pharma.example",
]


class Shell:
    """Runs the command line in the name of a principal."""

    def __init__(self, address, tmp_path):
        self.address, self.folder = address, tmp_path

    def run(self, principal, *words, stdin=None, **variables):
        environment = {**os.environ, "TRIALGATE_SERVER": self.address, "TZ": "Europe/Copenhagen",
                       **variables}
        environment.pop("TRIALGATE_AS", None)
        command = [CLI] + (["--as", principal] if principal else []) + list(words)
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                              env=environment, input=stdin, cwd=self.folder)

    def ok(self, principal, *words, **more):
        done = self.run(principal, *words, **more)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        # What is for programs is as wide as it is.
        for line in () if {"yaml", "wide"} & set(words) else done.stdout.splitlines():
            assert width(line) <= 100, f"{words}: {width(line)} columns\n{line}"
        return done.stdout

    def json(self, principal, *words, **more):
        done = self.run(principal, *words, "-o", "json", **more)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)


def width(line):
    plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in plain if not unicodedata.combining(c))


@pytest.fixture
def shell(server, tmp_path):
    cli = Shell(server.address, tmp_path)
    cli.ok(NATIONAL, "pack", "apply", str(harness.PACK), "--sample")
    return cli


def submitted(shell):
    draft = shell.json(REQUESTER, "request", "import", str(STUDY), *DETAILS)
    (shell.folder / "request.json").write_text(json.dumps(draft))
    return shell.json(REQUESTER, "request", "submit", "request.json")["trialRequest"]


def test_the_whole_path_from_a_study_record_to_confirmation(shell):
    said = shell.ok(REQUESTER, "request", "import", str(STUDY), *DETAILS)
    assert "protocolSection" in said or "conditionsModule" in said
    request = submitted(shell)
    name = request["name"]
    assert name.split("/")[-1] in shell.ok(REQUESTER, "request", "list")
    shown = shell.ok(REQUESTER, "request", "show", name, "--report")
    assert "SAMPLE" in shown or "invented" in shown.lower()
    assert "near miss" in shown.lower()

    referrals = [shell.json(NATIONAL, "referral", "show", r) for r in request["referrals"]]
    first = max(referrals, key=lambda r: len(r.get("sites", [])))
    desk = first["desk"]
    assert first["name"].split("/")[-1] in shell.ok(coordinator(desk), "inbox", desk)
    shell.ok(coordinator(desk), "referral", "ack", first["name"])
    words = ["--offer", f"{first['sites'][0]},patients=12,start=2027-10-01,firm"]
    for site in first["sites"][1:]:
        words += ["--refuse", f"{site}=COMPETING_STUDY:The same patients"]
    shell.ok(coordinator(desk), "referral", "answer", first["name"], *words)
    for other in referrals:
        if other["name"] != first["name"]:
            shell.ok(coordinator(other["desk"]), "referral", "decline", other["name"],
                     "--reason", "NO_STAFF")
    answer = shell.ok(REQUESTER, "request", "answer", name)
    assert "COMPETING" in answer.upper().replace(" ", "_")
    shell.ok(REQUESTER, "request", "confirm", name, "--select-all")
    assert shell.json(REQUESTER, "request", "show", name)["state"].endswith("CONFIRMED")
    site = shell.ok(coordinator(desk), "site", "show", first["sites"][0])
    assert "2027-10" in site
    assert shell.json(AUDITOR, "audit", "verify")["intact"] is True
    assert "ConfirmTrialRequest" in shell.ok(AUDITOR, "audit", "list")


def test_lists_and_screens_fit_a_hundred_columns(shell):
    for words in (["region", "list"], ["desk", "list"], ["site", "list"], ["region", "show", "capital"],
                  ["desk", "show", "capital"], ["org", "list"]):
        assert len(shell.ok(NATIONAL, *words).splitlines()) > 1


def test_withdrawing_asks_for_a_reason_and_then_ends_the_request(shell):
    name = submitted(shell)["name"]
    assert shell.run(REQUESTER, "request", "withdraw", name).returncode == 2
    shell.ok(REQUESTER, "request", "withdraw", name, "--reason", "The programme was stopped")
    again = shell.run(REQUESTER, "request", "withdraw", name, "--reason", "Again")
    assert again.returncode == 5 and "is withdrawn" in again.stderr


def test_errors_name_every_fault_on_stderr_with_an_exit_code_of_their_kind(shell):
    bad = {"requester": "organizations/nordic-demo-pharma", "kind": "TRIAL_KIND_OBSERVATIONAL",
           "intent": "INTENT_SPONSOR", "specialities": ["alchemy"], "recruitmentMonths": 500}
    done = shell.run(REQUESTER, "request", "submit", "-", stdin=json.dumps(bad))
    assert done.returncode == 3 and not done.stdout
    for field in ("title", "specialities", "recruitment_months"):
        assert field in done.stderr
    assert shell.run(REQUESTER, "request", "show", "nothing").returncode in (3, 4)
    assert shell.run(REQUESTER, "pack", "apply", str(harness.PACK)).returncode == 7
    assert shell.run("", "region", "list").returncode == 7
    assert shell.run(REQUESTER, "request", "no-such-verb").returncode == 2


def test_a_server_that_is_not_there_is_said_with_what_to_do(tmp_path):
    done = Shell("127.0.0.1:1", tmp_path).run(NATIONAL, "--timeout", "2", "region", "list")
    assert done.returncode == 8 and "127.0.0.1:1" in done.stderr


def test_a_pack_with_invented_values_is_refused_without_sample(shell):
    done = shell.run(NATIONAL, "pack", "apply", str(harness.PACK),
                     str(harness.PACK / "sample" / "sample.json"))
    assert done.returncode == 3 and "--sample" in done.stderr


def test_validating_a_pack_stores_nothing(server, tmp_path):
    cli = Shell(server.address, tmp_path)
    cli.ok(NATIONAL, "pack", "validate", str(harness.PACK), "--sample")
    assert cli.json(AUDITOR, "audit", "verify").get("events", "0") == "0"
