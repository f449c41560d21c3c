"""Starting and stopping: what a server refuses, and how clearly it says so."""

import urllib.error
import urllib.request

import grpc
import pytest
from tests.e2e import harness
from tests.e2e.harness import NATIONAL
from trialgate.v1 import directory_service_pb2 as directory_pb


def fetch(address, path):
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_port_in_use_is_refused_and_named(server, tmp_path):
    other = harness.Server(tmp_path / "other")
    code, said = other.refusal(listen=server.address)
    assert code != 0 and server.address in said


def test_a_metrics_port_in_use_is_refused_and_named(server, tmp_path):
    other = harness.Server(tmp_path / "other")
    code, said = other.refusal(metrics=server.metrics_address)
    assert code != 0 and server.metrics_address in said


def test_a_folder_that_another_server_holds_is_refused_and_named(server):
    second = harness.Server(server.folder)
    code, said = second.refusal()
    assert code != 0 and str(server.folder / "data") in said and "STORE_LOCKED" in said
    assert server.client(NATIONAL).directory.ListSites(directory_pb.ListSitesRequest()) is not None


def test_a_folder_that_cannot_be_made_is_refused_and_named(tmp_path):
    (tmp_path / "data").write_text("a file stands where the folder should be")
    code, said = harness.Server(tmp_path).refusal()
    assert code != 0 and str(tmp_path / "data") in said


def test_a_folder_that_cannot_be_written_is_refused_and_named_even_for_root(tmp_path):
    code, said = harness.Server(tmp_path, ["--data-dir=/proc/trialgate"]).refusal()
    assert code != 0 and "/proc/trialgate" in said and "CONFIGURATION" in said


def test_another_address_than_loopback_is_refused_without_identity(tmp_path):
    code, said = harness.Server(tmp_path).refusal(listen="0.0.0.0:0")
    assert code != 0 and "loopback" in said


def test_an_unknown_setting_is_refused_and_named(tmp_path):
    code, said = harness.Server(tmp_path, ["--data-dri=x"]).refusal()
    assert code != 0 and "data-dri" in said


def test_a_server_without_insecure_dev_does_not_start(tmp_path):
    server = harness.Server(tmp_path)
    command = [a for a in server.command() if a != "--insecure-dev" and "test-clock" not in a]
    server.command = lambda **_: command
    code, said = server.refusal()
    assert code != 0 and "insecure-dev" in said


@pytest.mark.parametrize("level", ["info", "error"])
def test_it_says_loudly_that_it_is_insecure_however_little_is_logged(tmp_path, level):
    server = harness.Server(tmp_path, [f"--log-level={level}"]).start()
    server.stop()
    assert '"event":"insecure_dev"' in server.log()


def test_health_and_probes_answer(denmark):
    assert fetch(denmark.metrics_address, "/livez")[0] == 200
    assert fetch(denmark.metrics_address, "/readyz")[0] == 200
    channel = grpc.insecure_channel(denmark.address)
    for service in ("", "trialgate.v1.TrialRequestService", "trialgate.v1.AuditService"):
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        name = service.encode()
        answer = check((b"\x0a" + bytes([len(name)]) + name) if name else b"", timeout=10)
        assert answer == b"\x08\x01", service  # SERVING


def reflected(server):
    """What reflection says the server has; empty where it is not served."""
    channel = grpc.insecure_channel(server.address)
    reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    try:
        return next(iter(reflect(iter([b"\x3a\x01*"]), timeout=10)))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED
        return b""


def test_reflection_answers_only_where_it_is_asked_for(server, tmp_path):
    assert reflected(server) == b""
    other = harness.Server(tmp_path / "other", ["--reflection"]).start()
    assert b"trialgate.v1.ReferralService" in reflected(other)
    other.stop()


def test_channelz_is_not_served(server):
    call = grpc.insecure_channel(server.address).unary_unary("/grpc.channelz.v1.Channelz/GetServers")
    with pytest.raises(grpc.RpcError) as error:
        call(b"", timeout=10)
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_metrics_count_calls_requests_and_slots(denmark):
    denmark.client(NATIONAL).directory.ListSites(directory_pb.ListSitesRequest())
    _, text = fetch(denmark.metrics_address, "/metrics")
    labels = 'grpc_code="OK",grpc_method="ListSites",grpc_service="trialgate.v1.DirectoryService",grpc_type="unary"'
    lines = dict(
        (frozenset(part.split("{")[0:1] + sorted(part.split("{")[1].rstrip("}").split(","))), value)
        for part, _, value in (line.rpartition(" ") for line in text.splitlines() if "{" in line and line[0] != "#")
        if part.startswith("grpc_server_handled_total")
    )
    assert float(lines[frozenset(["grpc_server_handled_total"] + sorted(labels.split(",")))]) == 1
    for name in (
        "grpc_server_started_total",
        "grpc_server_handling_seconds_bucket",
        "trialgate_requests{",
        "trialgate_open_referrals",
        "trialgate_free_slots{",
        "trialgate_match_seconds_count",
        "trialgate_commit_seconds_count",
    ):
        assert name in text, name


def test_it_drains_and_ends_cleanly_when_asked(tmp_path):
    server = harness.Server(tmp_path).start()
    harness.apply_pack(server)
    assert server.stop() == 0
    server.start()
    assert server.client(NATIONAL).directory.ListSites(directory_pb.ListSitesRequest()).sites
    server.stop()
