"""The audit trail as an auditor meets it: lists, exports, signatures, backups, and reads."""

import json
import shutil
import subprocess
import time

import pytest
from tests.e2e import harness
from tests.e2e.cli_test import Shell
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, request_id, trial
from trialgate.v1 import (
    audit_service_pb2 as audit_pb,
    trial_request_service_pb2 as request_pb,
)


# Events of the program itself, which come when they come.
PROGRAM = ("SignCheckpoint", "ReadConfidential")


@pytest.fixture
def signed(tmp_path):
    """A server that signs checkpoints, with the Danish pack, a request and a read of it."""
    keys = Shell("127.0.0.1:1", tmp_path)
    keys.ok("", "audit", "make-key", "key")
    server = harness.Server(tmp_path, ["--audit-key=" + str(tmp_path / "key"),
                                       "--audit-checkpoint-commits=1"]).start()
    harness.apply_pack(server)
    yield server
    server.stop()


def submit(server):
    return server.client(REQUESTER).requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(trial_request=trial(), request_id=request_id())
    ).trial_request


def read(server, name, principal=NATIONAL):
    return server.client(principal).requests.GetTrialRequest(
        request_pb.GetTrialRequestRequest(name=name)
    )


def until(found, seconds=10):
    """Waits for another process until `found()` is true; returns how long it took."""
    start = time.monotonic()
    while not found():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.05)  # no faster than an auditor may list
    return time.monotonic() - start


def reads_of(server, name):
    listed = server.client(AUDITOR).audit.ListAuditEvents(
        audit_pb.ListAuditEventsRequest(resource=name, action="GetTrialRequest")
    )
    return [one for event in listed.audit_events for one in event.reads]


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_a_read_of_confidential_content_is_in_the_trail_within_a_second(denmark):
    name = submit(denmark).name
    read(denmark, name)
    took = until(lambda: reads_of(denmark, name))
    assert took < 1.5, f"{took:.2f} s"
    (one,) = reads_of(denmark, name)
    assert one.principal.subject == "nora" and list(one.names) == [name]


def test_many_reads_cost_few_commits(denmark):
    name = submit(denmark).name
    start = time.monotonic()
    for _ in range(200):
        read(denmark, name)
    until(lambda: len(reads_of(denmark, name)) == 200)
    took = time.monotonic() - start
    listed = denmark.client(AUDITOR).audit.ListAuditEvents(
        audit_pb.ListAuditEventsRequest(action="ReadConfidential")
    )
    assert len(listed.audit_events) <= took / 0.2 + 2


def test_draining_stores_the_last_reads_and_signs_them(signed, tmp_path):
    name = submit(signed).name
    read(signed, name)
    assert signed.stop() == 0
    done = Shell("", tmp_path).json("", "audit", "verify", "--server", "none:1", "--backup",
                                    str(signed.folder / "data"), "--public-key", "key.pub")
    assert done["intact"] and int(done["lastNumber"]) == int(done["signedThrough"]) + 1
    signed.start()
    assert len(reads_of(signed, name)) == 1


def test_an_export_is_verified_without_the_server_and_a_change_is_found(signed, tmp_path):
    shell = Shell(signed.address, tmp_path)
    name = submit(signed).name
    read(signed, name)
    until(lambda: reads_of(signed, name))
    until(lambda: "auditCheckpoints" in shell.json(AUDITOR, "audit", "checkpoints"))
    shell.ok(AUDITOR, "audit", "export", "trail.jsonl")
    lines = lines_of(tmp_path / "trail.jsonl")
    assert (tmp_path / "trail.jsonl").stat().st_mode & 0o077 == 0
    assert [json.loads(line)["type"] for line in lines][:2] == ["trialgate-audit-export", "event"]

    offline = Shell("127.0.0.1:1", tmp_path)
    good = offline.json("", "audit", "verify", "--export", "trail.jsonl", "--public-key", "key.pub")
    assert good["intact"] and int(good["events"]) == len(lines) - 2
    assert int(good["checkpoints"]) >= 1 and good["signaturesTested"]

    changed = lines[:2] + [lines[2].replace("T", "t", 1)] + lines[3:]
    (tmp_path / "changed.jsonl").write_text("".join(changed), encoding="utf-8")
    bad = offline.run("", "audit", "verify", "--export", "changed.jsonl")
    assert bad.returncode == 9 and "event 2, line 3" in bad.stdout

    offline.ok("", "audit", "make-key", "other")
    other = offline.run("", "audit", "verify", "--export", "trail.jsonl", "--public-key", "other.pub")
    assert other.returncode == 9 and "none of those given" in other.stdout
    kept = offline.run("", "audit", "verify", "--export", "trail.jsonl", "--kept", "2:" + "0" * 64)
    assert kept.returncode == 9 and "kept elsewhere" in kept.stdout


def test_an_export_is_itself_recorded_and_goes_on_from_a_number(signed, tmp_path):
    shell = Shell(signed.address, tmp_path)
    submit(signed)
    shell.ok(AUDITOR, "audit", "export", "trail.jsonl", "--to", "1")
    until(lambda: shell.json(AUDITOR, "audit", "list", "--action", "ExportAuditEvents")
          .get("auditEvents"))
    (event,) = shell.json(AUDITOR, "audit", "list", "--action", "ExportAuditEvents")["auditEvents"]
    assert event["reads"][0]["names"] == ["auditEvents/1"]
    rest = shell.run(AUDITOR, "audit", "export", "-", "--from", "2")
    assert rest.returncode == 0
    first = json.loads(rest.stdout.splitlines()[0])
    assert first["first_number"] == 2
    assert first["previous_hash"] == json.loads(lines_of(tmp_path / "trail.jsonl")[1])["hash"]
    done = shell.run("", "audit", "verify", "--export", "-", stdin=rest.stdout)
    assert done.returncode == 0, done.stdout


def test_a_failed_export_leaves_what_was_there(signed, tmp_path):
    shell = Shell(signed.address, tmp_path)
    (tmp_path / "trail.jsonl").write_text("an earlier one")
    assert shell.run(AUDITOR, "audit", "export", "trail.jsonl", "--force", "--from",
                     "99").returncode == 3
    assert shell.run(NATIONAL, "audit", "export", "trail.jsonl", "--force").returncode == 7
    assert (tmp_path / "trail.jsonl").read_text() == "an earlier one"
    assert not list(tmp_path.glob("*.part"))


def test_a_backup_is_verified_without_a_server_and_left_as_it_is(signed, tmp_path):
    submit(signed)
    assert signed.stop() == 0
    backup = tmp_path / "backup"
    shutil.copytree(signed.folder / "data", backup)
    before = {path.name: path.read_bytes() for path in backup.iterdir()}
    offline = Shell("127.0.0.1:1", tmp_path)
    done = offline.json("", "audit", "verify", "--backup", "backup", "--public-key", "key.pub")
    assert done["intact"] and int(done["checkpoints"]) >= 1
    assert {path.name: path.read_bytes() for path in backup.iterdir()} == before
    for log in backup.glob("*.log"):
        log.write_bytes(log.read_bytes()[: len(log.read_bytes()) // 2])
    damaged = offline.run("", "audit", "verify", "--backup", "backup", "--public-key", "key.pub",
                          "--kept", done["lastNumber"] + ":" + done["headHash"])
    assert damaged.returncode != 0
    assert offline.run("", "audit", "verify", "--backup", "nothing-here").returncode in (2, 5)


def test_events_are_filtered_by_who_when_what_and_of_what(signed, tmp_path):
    shell = Shell(signed.address, tmp_path)
    name = submit(signed).name

    def actions(*words):
        events = shell.json(AUDITOR, "audit", "list", *words).get("auditEvents", [])
        return [event["action"] for event in events if event["action"] not in PROGRAM]

    assert actions("--by", "rita") == ["SubmitTrialRequest"]
    assert actions("--role", "national") == ["ApplyPack"]
    assert actions("--resource", name) == ["SubmitTrialRequest"]
    assert actions("--resource", "trialRequests", "--children") == ["SubmitTrialRequest"]
    assert actions("--since", "2026-11-23", "--until", "2026-11-23") == [
        "ApplyPack", "SubmitTrialRequest"]
    assert actions("--since", "2026-11-24") == []
    assert actions("--newest-first")[-1] == "ApplyPack"
    assert shell.run(AUDITOR, "audit", "list", "--since", "yesterday").returncode == 2
    assert shell.run(AUDITOR, "audit", "list", "--role", "king").returncode == 2
    assert "rita" in shell.ok(AUDITOR, "audit", "list", "--by", "rita")
    until(lambda: "through event" in shell.ok(AUDITOR, "audit", "checkpoints"))


def test_without_a_key_nothing_is_signed_and_that_is_said(denmark, tmp_path):
    assert "audit_unsigned" in denmark.log()
    said = Shell(denmark.address, tmp_path).ok(AUDITOR, "audit", "verify")
    assert "No signed checkpoint" in said


def test_a_key_that_others_may_read_or_that_is_none_is_refused_and_named(tmp_path):
    key = tmp_path / "key"
    Shell("127.0.0.1:1", tmp_path).ok("", "audit", "make-key", "key")
    assert Shell("127.0.0.1:1", tmp_path).run("", "audit", "make-key", "key").returncode == 2
    key.chmod(0o644)
    code, said = harness.Server(tmp_path, [f"--audit-key={key}"]).refusal()
    assert code == 2 and str(key) in said and "chmod" in said
    key.write_text("no key")
    key.chmod(0o600)
    code, said = harness.Server(tmp_path, [f"--audit-key={key}"]).refusal()
    assert code == 2 and "Ed25519" in said
    assert not (tmp_path / "data").exists()


def test_replaced_keys_are_still_known_to_the_server(signed, tmp_path):
    shell = Shell(signed.address, tmp_path)
    submit(signed)
    assert signed.stop() == 0
    shell.ok("", "audit", "make-key", "next")
    signed.arguments = [f"--audit-key={tmp_path / 'next'}"]
    signed.start()
    shell.address = signed.address
    assert shell.run(AUDITOR, "audit", "verify").returncode == 9
    signed.stop()
    signed.arguments.append(f"--audit-public-keys={tmp_path / 'key.pub'}")
    signed.start()
    shell.address = signed.address
    assert shell.json(AUDITOR, "audit", "verify")["intact"]


def test_the_key_is_one_that_openssl_reads(tmp_path):
    Shell("127.0.0.1:1", tmp_path).ok("", "audit", "make-key", "key")
    done = subprocess.run(["openssl", "pkey", "-in", str(tmp_path / "key"), "-pubout"],
                          capture_output=True, text=True, check=True)
    assert done.stdout == (tmp_path / "key.pub").read_text()


def put_back(server, copy):
    shutil.rmtree(server.folder / "data")
    shutil.copytree(copy, server.folder / "data")


def test_a_trail_that_was_put_back_is_not_signed_until_an_operator_says_that_it_was(signed, tmp_path):
    submit(signed)
    assert signed.stop() == 0
    shutil.copytree(signed.folder / "data", tmp_path / "old")
    signed.start()
    submit(signed)
    assert signed.stop() == 0
    put_back(signed, tmp_path / "old")
    code, said = signed.refusal()
    assert code != 0 and "audit_trail_changed" in said and "which was signed" in said
    head = said.split("--audit-accept-restored=")[1].split(";")[0]

    usual = list(signed.arguments)
    signed.arguments = usual + ["--audit-accept-restored=1"]
    assert signed.refusal()[0] != 0, "another trail than the one that was acknowledged"
    signed.arguments = usual + ["--audit-accept-restored=" + head]
    signed.start()
    shell = Shell(signed.address, tmp_path)
    (event,) = shell.json(AUDITOR, "audit", "list", "--action", "AcceptRestoredTrail")["auditEvents"]
    assert "signed last was commit" in event["reason"]
    assert signed.stop() == 0
    signed.arguments = usual
    signed.start()
    shell.address = signed.address
    assert shell.json(AUDITOR, "audit", "verify")["intact"]


def test_what_is_only_validated_and_what_is_retried_is_a_read_too(denmark, tmp_path):
    shell = Shell(denmark.address, tmp_path)
    request = request_pb.SubmitTrialRequestRequest(trial_request=trial(), request_id=request_id())
    name = denmark.client(REQUESTER).requests.SubmitTrialRequest(request).trial_request.name
    assert denmark.client(REQUESTER).requests.SubmitTrialRequest(request).trial_request.name == name

    def reads(method):
        events = shell.json(AUDITOR, "audit", "list", "--action", method, "--resource", name)
        return [one for event in events.get("auditEvents", []) for one in event.get("reads", [])]

    until(lambda: len(reads("SubmitTrialRequest")) == 2)
    denmark.client(NATIONAL).requests.WithdrawTrialRequest(request_pb.WithdrawTrialRequestRequest(
        name=name, reason="a look", request_id=request_id(), validate_only=True))
    until(lambda: len(reads("WithdrawTrialRequest")) == 1)
