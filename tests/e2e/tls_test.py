"""Mutual TLS: who gets in, who does not, and how fast that changes."""

import datetime
import re
import subprocess
import time
import urllib.request

import grpc
import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Client, Failure
from tests.e2e.pki import Pki
from tests.e2e.tls_calls import list_regions, refusal, until
from tests.e2e.watching import Watch
from trialgate.v1 import audit_service_pb2 as audit_pb
from trialgate.v1 import directory_service_pb2 as directory_pb


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def served(pki, tmp_path_factory):
    running = harness.Server(tmp_path_factory.mktemp("tls"), tls=pki).start()
    yield running
    running.stop()


@pytest.fixture
def own(tmp_path):
    """A server with certificates of its own, for tests that change them."""
    running = harness.Server(tmp_path / "server", tls=Pki(tmp_path / "pki")).start()
    yield running
    running.stop()


def connect(server, files):
    return Client(server.address, None, server.tls.credentials(files))


def test_the_certificate_says_who_calls(served):
    assert list_regions(served.client(NATIONAL)) is not None
    assert served.client(AUDITOR).audit.VerifyAuditTrail(audit_pb.VerifyAuditTrailRequest()).intact
    verify = served.client(REQUESTER).audit.VerifyAuditTrail
    assert refusal(lambda: verify(audit_pb.VerifyAuditTrailRequest())) == "ROLE_NOT_PERMITTED"


def test_who_a_client_says_it_is_counts_for_nothing(served, pki):
    client = Client(served.address, AUDITOR, pki.credentials(pki.client(REQUESTER)))
    verify = client.audit.VerifyAuditTrail
    assert refusal(lambda: verify(audit_pb.VerifyAuditTrailRequest())) == "ROLE_NOT_PERMITTED"


def test_a_token_is_not_ignored_where_none_are_taken(served, pki):
    call = grpc.secure_channel(served.address, pki.credentials(pki.client(NATIONAL))).unary_unary(
        "/trialgate.v1.DirectoryService/ListRegions"
    )
    with pytest.raises(grpc.RpcError) as error:
        call(b"", metadata=(("authorization", "Bearer x"),), timeout=30)
    assert Failure(error.value).reason == "INVALID_TOKEN"


def test_a_client_without_a_certificate_is_turned_away(served):
    assert refusal(lambda: list_regions(connect(served, None))) == "UNAVAILABLE"


def test_a_client_of_another_authority_is_turned_away(served, tmp_path):
    stranger = Pki(tmp_path)
    assert refusal(lambda: list_regions(connect(served, stranger.client(NATIONAL)))) == "UNAVAILABLE"


def test_a_client_with_an_expired_certificate_is_turned_away(served, pki):
    dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
    old = pki.odd_client("old", ["urn:trialgate:national::nora"], dates=dates)
    assert refusal(lambda: list_regions(connect(served, old))) == "UNAVAILABLE"


def test_a_servers_certificate_is_none_for_a_client(served, pki):
    server = pki.folder / "server.key", pki.folder / "server.crt"
    assert refusal(lambda: list_regions(connect(served, server))) == "UNAVAILABLE"


@pytest.mark.parametrize(
    "name,uris",
    [
        ("nobody", []),
        ("other", ["https://trialgate.example/national::nora"]),
        ("two", ["urn:trialgate:national::nora", "urn:trialgate:auditor::axel"]),
        ("program", ["urn:trialgate:program::trialgate"]),
        ("malformed", ["urn:trialgate:national:nora"]),
    ],
)
def test_a_certificate_that_names_not_exactly_one_principal_has_no_role(served, pki, name, uris):
    client = connect(served, pki.odd_client(name, uris))
    assert refusal(lambda: list_regions(client)) == "NO_ROLE"


def test_a_client_without_tls_is_turned_away(served):
    assert refusal(lambda: list_regions(Client(served.address, NATIONAL))) == "UNAVAILABLE"


def test_a_client_can_be_sure_which_server_answers(served, tmp_path):
    stranger = Pki(tmp_path)
    key, certificate = served.tls.client(NATIONAL)
    credentials = grpc.ssl_channel_credentials(
        stranger.ca.read_bytes(), key.read_bytes(), certificate.read_bytes()
    )
    assert refusal(lambda: list_regions(Client(served.address, None, credentials))) == "UNAVAILABLE"


@pytest.mark.parametrize("version,taken", [("tls1", False), ("tls1_1", False), ("tls1_2", True), ("tls1_3", True)])
def test_tls_before_1_2_is_turned_away(served, pki, version, taken):
    key, certificate = pki.client(NATIONAL)
    done = subprocess.run(
        ["openssl", "s_client", "-connect", served.address, f"-{version}", "-alpn", "h2",
         "-cipher", "DEFAULT@SECLEVEL=0", "-CAfile", pki.ca, "-cert", certificate, "-key", key],
        input=b"", capture_output=True, timeout=30, check=False,
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert (re.search(r"Cipher is (?!\(NONE\))", said) is not None) == taken, said
    # It was the server that broke off: the client did say hello.
    assert taken or re.search(r"read 0 bytes and written [1-9]", said), said


def test_one_revoked_while_connected_is_refused_soon_and_others_are_not(own):
    nora, axel = own.client(NATIONAL), own.client("national::axel")
    assert refusal(lambda: list_regions(nora)) == "" and refusal(lambda: list_regions(axel)) == ""
    own.tls.revoke(NATIONAL)
    until(lambda: refusal(lambda: list_regions(nora)) == "INVALID_CERTIFICATE", "refused")
    assert refusal(lambda: list_regions(axel)) == ""
    again = connect(own, own.tls.client(NATIONAL))
    assert refusal(lambda: list_regions(again)) == "INVALID_CERTIFICATE"
    own.tls.run("renew", "c0")
    assert refusal(lambda: list_regions(connect(own, own.tls.client(NATIONAL)))) == ""


def test_a_stream_ends_soon_after_its_callers_certificate_is_revoked(tmp_path):
    own = harness.Server(tmp_path / "server", ["--stream-proof-seconds=1"], tls=Pki(tmp_path / "pki")).start()
    watches = [Watch(own.client(principal), "WatchDirectory", directory_pb.WatchDirectoryRequest())
               for principal in (NATIONAL, "national::axel")]
    for watch in watches:
        watch.state()
    own.tls.revoke(NATIONAL)
    failure = watches[0].end()
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAUTHENTICATED, "INVALID_CERTIFICATE")
    assert watches[1].failure is None
    own.stop()
    assert watches[1].end().reason == "STREAM_ENDED"


def test_one_that_expires_while_connected_is_refused(own):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    dates = ["-startdate", "20200101000000Z", "-enddate", soon.strftime("%Y%m%d%H%M%SZ")]
    client = connect(own, own.tls.odd_client("brief", ["urn:trialgate:national::nora"], dates=dates))
    assert refusal(lambda: list_regions(client)) == ""
    until(lambda: refusal(lambda: list_regions(client)) == "INVALID_CERTIFICATE", "refused")


def test_a_revocation_list_that_is_gone_or_bad_keeps_the_last_good_one(own):
    nora = own.client(NATIONAL)
    assert refusal(lambda: list_regions(nora)) == ""
    good = own.tls.crl.read_bytes()
    own.tls.crl.write_text("nonsense")
    until(lambda: "tls_reload_failed" in own.log(), "logged")
    assert metric(own, "trialgate_tls_reload_failures_total") >= 1
    assert refusal(lambda: list_regions(nora)) == ""
    own.tls.crl.write_bytes(good)
    own.tls.revoke(NATIONAL)
    until(lambda: refusal(lambda: list_regions(nora)) == "INVALID_CERTIFICATE", "refused")


def test_a_revocation_list_out_of_date_lets_nobody_in_and_is_told(own):
    nora = own.client(NATIONAL)
    assert refusal(lambda: list_regions(nora)) == ""
    subprocess.run(
        ["openssl", "ca", "-config", "authority/openssl.cnf", "-gencrl", "-crlsec", "1", "-out", "ca.crl"],
        cwd=own.tls.folder, check=True, capture_output=True,
    )
    until(lambda: refusal(lambda: list_regions(nora)) == "INVALID_CERTIFICATE", "refused")
    until(lambda: "tls_crl_out_of_date" in own.log(), "told")
    own.tls.run("crl")
    until(lambda: refusal(lambda: list_regions(nora)) == "", "let in again")


def test_the_metrics_say_when_the_certificate_expires(served):
    expires = metric(served, "trialgate_tls_certificate_expiry_timestamp_seconds")
    assert 364 * 86400 < expires - time.time() < 366 * 86400


def metric(server, name):
    with urllib.request.urlopen(f"http://{server.metrics_address}/metrics", timeout=10) as response:
        text = response.read().decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_without_all_of_its_files_the_server_does_not_start(pki, tmp_path, missing):
    server = harness.Server(tmp_path, tls=pki)
    flags = pki.server_flags(crl=False)
    gone = flags.pop(missing)
    server.tls = type("Some", (), {"server_flags": lambda self: flags})()
    code, said = server.refusal()
    assert code != 0 and gone.split("=")[0] in said and not (tmp_path / "data").exists()


def test_a_key_of_another_certificate_is_refused_before_data_is_touched(tmp_path):
    pki = Pki(tmp_path / "pki")
    pki.key = pki.client(NATIONAL)[0]
    server = harness.Server(tmp_path, tls=pki)
    code, said = server.refusal()
    assert code != 0 and "--tls-key" in said and not (tmp_path / "data").exists()


def test_metrics_are_told_to_other_machines_only_where_that_is_asked_for(pki, tmp_path):
    server = harness.Server(tmp_path, tls=pki)
    code, said = server.refusal(metrics="0.0.0.0:0")
    assert code != 0 and "--metrics-public" in said and not (tmp_path / "data").exists()


def test_the_load_generator_goes_over_mutual_tls(own):
    own.tls.run("client", "national::load", "load-national")
    own.tls.run("client", "auditor::load", "load-auditor")
    harness.apply_pack(own)
    load = harness.BUILD / "tools" / "load" / "trialgate-load"
    common = ["--server", own.address, "--ledger", own.folder / "ledger", "--pki", own.tls.folder]
    for words in (["run", "--requests", "20", "--in-flight", "4"], ["verify", "--expect", "20"]):
        done = subprocess.run([load, *words, *common], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
