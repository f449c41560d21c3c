"""Operators on their own listener: they see no content, and what they do is in the trail."""

import shutil
import subprocess
import urllib.error
import urllib.request

import pytest
from trialgate.v1 import audit_service_pb2 as audit_pb
from trialgate.v1 import operator_service_pb2 as operator_pb
from trialgate.v1 import operator_service_pb2_grpc

from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, OPERATOR

CLI = harness.BUILD / "tools" / "cli" / "trialgate"


@pytest.fixture
def running(tmp_path):
    server = harness.Server(tmp_path, [f"--backup-dir={tmp_path / 'backups'}"]).start()
    harness.apply_pack(server)
    yield server
    server.stop()


def events(server, action):
    listed = server.client(AUDITOR).audit.ListAuditEvents(
        audit_pb.ListAuditEventsRequest(page_size=1000))
    return [event for event in listed.audit_events if event.action == action]


def readyz(server):
    try:
        with urllib.request.urlopen(f"http://{server.metrics_address}/readyz") as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_operators_have_a_listener_of_their_own(running):
    elsewhere = harness.Stub(
        operator_service_pb2_grpc.OperatorServiceStub(running.client(OPERATOR).channel), OPERATOR)
    with pytest.raises(harness.Failure) as refused:
        elsewhere.GetServerStatus(operator_pb.GetServerStatusRequest())
    assert refused.value.code.name == "UNIMPLEMENTED"
    status = running.operator_client(OPERATOR).operator.GetServerStatus(
        operator_pb.GetServerStatusRequest())
    assert status.version and status.head_commit > 0 and not status.draining
    assert all(check.ok for check in status.checks)


def test_the_operators_listener_shows_no_content(running):
    client = running.operator_client(NATIONAL)
    with pytest.raises(harness.Failure) as refused:
        client.audit.ListAuditEvents(audit_pb.ListAuditEventsRequest())
    assert refused.value.code.name == "UNIMPLEMENTED"
    with pytest.raises(harness.Failure) as denied:
        client.operator.GetServerStatus(operator_pb.GetServerStatusRequest())
    assert denied.value.reason == "ROLE_NOT_PERMITTED"
    # And an operator sees none elsewhere.
    with pytest.raises(harness.Failure) as other:
        running.client(OPERATOR).audit.ListAuditEvents(audit_pb.ListAuditEventsRequest())
    assert other.value.reason == "ROLE_NOT_PERMITTED"


def test_a_drained_server_says_so_and_answers_all_the_same(running):
    assert readyz(running)[0] == 200
    running.operator_client(OPERATOR).operator.Drain(
        operator_pb.DrainRequest(reason="a new version"))
    assert readyz(running)[0] == 503
    drained, = events(running, "Drain")
    assert (drained.reason, drained.principal.subject) == ("a new version", "olga")


def test_the_log_level_holds_from_now_on(running):
    running.operator_client(OPERATOR).operator.SetLogLevel(
        operator_pb.SetLogLevelRequest(log_level=operator_pb.LOG_LEVEL_ERROR))
    size = len(running.log())
    events(running, "SetLogLevel")
    assert len(running.log()) <= size + 1000
    assert '"method":"ListAuditEvents"' not in running.log()[size:]


def test_a_backup_serves_as_the_store_did(running, tmp_path):
    done = running.operator_client(OPERATOR).operator.Backup(
        operator_pb.BackupRequest(name="nightly", reason="as every night"))
    assert events(running, "Backup")[0].changes[0].after_sha256 == done.head_hash
    with pytest.raises(harness.Failure) as again:
        running.operator_client(OPERATOR).operator.Backup(
            operator_pb.BackupRequest(name="nightly"))
    assert again.value.reason == "ALREADY_EXISTS"
    # Keys of persons' fields are kept, and copied, apart from the store.
    keys = shutil.copytree(f"{running.folder / 'data'}-keys", tmp_path / "keys")
    restored = harness.Server(
        tmp_path / "restored", [f"--data-dir={done.folder}", f"--keys-dir={keys}"]).start()
    try:
        verified = restored.client(AUDITOR).audit.VerifyAuditTrail(
            audit_pb.VerifyAuditTrailRequest())
        assert verified.intact and verified.head_hash == done.head_hash
    finally:
        restored.stop()


def test_the_command_line_does_all_of_it(running):
    def trialgate(*words):
        return subprocess.run(
            [CLI, "--server", running.operator_address, "--as", OPERATOR, "server", *words],
            capture_output=True, text=True, timeout=60, check=True).stdout

    assert "log level" in trialgate("status")
    assert "debug" in trialgate("log-level", "debug", "--reason", "looking for a fault")
    assert "head hash" in trialgate("backup", "by-hand")
    assert "wants no calls" in trialgate("drain", "--reason", "a new version")
    assert "NOT OK" in trialgate("status")
