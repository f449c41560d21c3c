"""Callers that ask too much are held back, each alone, and told when to come back."""

import time
import urllib.request

import pytest
from trialgate.v1 import audit_service_pb2, directory_service_pb2, operator_service_pb2

from tests.e2e import harness
from tests.e2e.pki import Pki
from tests.e2e.tokens import verify_trail

SLOW = ["--rate-read=1/m:3", "--rate-organization-factor=2", "--rate-failed-logins=1/m:2"]
REQUESTER = "requester:organizations/nordic-demo-pharma:{}"


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory):
    """A server that is never meant to be asked much."""
    running = harness.Server(tmp_path_factory.mktemp("slow"), SLOW).start()
    harness.apply_pack(running)
    yield running
    running.stop()


def read(client):
    """One call of the class READ, or its failure."""
    try:
        client.directory.GetRegion(directory_service_pb2.GetRegionRequest(name="regions/none"))
    except harness.Failure as failure:
        return failure
    raise AssertionError("there is no such region")


def reads(client, number):
    return [read(client).reason for _ in range(number)]


def test_who_asks_too_much_is_told_when_to_come_back_and_others_are_answered(slow_server):
    eager, calm = (slow_server.client(f"national::{name}") for name in ("eager", "calm"))
    assert reads(eager, 3) == ["NOT_FOUND"] * 3
    refused = read(eager)
    assert (refused.code.name, refused.reason) == ("RESOURCE_EXHAUSTED", "RATE_LIMITED")
    assert refused.metadata["class"] == "read"
    assert 50 < refused.retry_after <= 60
    assert reads(calm, 1) == ["NOT_FOUND"]
    # Another class of calls is another bucket.
    eager.directory.ListRegions(directory_service_pb2.ListRegionsRequest())


def test_the_subjects_of_an_organization_share_what_it_may(slow_server):
    first, second, third = (slow_server.client(REQUESTER.format(name)) for name in "abc")
    assert reads(first, 3) + reads(second, 3) == ["NOT_FOUND"] * 6
    assert reads(third, 1) == ["RATE_LIMITED"]
    assert reads(slow_server.client("requester:organizations/other:a"), 1) == ["NOT_FOUND"]


def test_refusals_are_counted_by_class(slow_server):
    client = slow_server.client("national::counted")
    assert reads(client, 4)[-1] == "RATE_LIMITED"
    with urllib.request.urlopen(f"http://{slow_server.metrics_address}/metrics") as response:
        text = response.read().decode()
    counted = [line for line in text.splitlines()
               if line.startswith('trialgate_rate_limited_total{class="read"}')]
    assert counted and float(counted[0].split()[-1]) >= 1
    assert "national" not in text and "counted" not in text


def test_an_address_whose_logins_fail_is_refused_unheard(tmp_path):
    server = harness.Server(tmp_path, SLOW).start()
    try:
        nobody = server.client("nobody")
        assert reads(nobody, 3) == ["NO_PRINCIPAL", "NO_PRINCIPAL", "RATE_LIMITED"]
        assert read(nobody).metadata["class"] == "login"
    finally:
        server.stop()


def test_what_one_may_not_do_counts_like_what_one_may(tmp_path):
    server = harness.Server(tmp_path, ["--rate-bulk=1/m:3"]).start()
    try:
        client = server.client(REQUESTER.format("curious"))
        reasons = []
        for _ in range(5):
            with pytest.raises(harness.Failure) as refused:
                client.audit.VerifyAuditTrail(audit_service_pb2.VerifyAuditTrailRequest())
            reasons.append(refused.value.reason)
        assert reasons == ["ROLE_NOT_PERMITTED"] * 3 + ["RATE_LIMITED"] * 2
    finally:
        server.stop()


def test_strangers_do_not_lock_operators_out(tmp_path):
    server = harness.Server(tmp_path, SLOW).start()
    try:
        assert reads(server.client("nobody"), 3)[-1] == "RATE_LIMITED"
        operator = server.operator_client(harness.OPERATOR).operator
        assert operator.GetServerStatus(operator_service_pb2.GetServerStatusRequest()).version
    finally:
        server.stop()


def test_failed_logins_with_a_certificate_count_against_that_certificate(tmp_path):
    pki = Pki(tmp_path / "pki")
    server = harness.Server(tmp_path / "server", SLOW, tls=pki).start()
    try:
        eager, calm = (pki.credentials(pki.client(f"national::{name}")) for name in ("eager", "calm"))
        bad_token = [("authorization", "Bearer x")]
        said = [verify_trail(server.address, eager, bad_token) for _ in range(3)]
        assert said == ["INVALID_TOKEN", "INVALID_TOKEN", "RATE_LIMITED"]
        assert verify_trail(server.address, calm) == "ROLE_NOT_PERMITTED"
        # One that names nobody is a proxy's, and all call through it.
        proxy = pki.credentials(pki.odd_client("proxy"))
        said = [verify_trail(server.address, proxy, bad_token) for _ in range(3)]
        assert said == ["INVALID_TOKEN"] * 3
    finally:
        server.stop()


def test_a_revoked_certificate_is_held_back_on_every_connection(tmp_path):
    pki = Pki(tmp_path / "pki")
    server = harness.Server(tmp_path / "server", SLOW, tls=pki).start()
    try:
        certificate = pki.credentials(pki.client("national::revoked"))
        assert verify_trail(server.address, certificate) == "ROLE_NOT_PERMITTED"
        pki.revoke("national::revoked")
        deadline = time.monotonic() + 20
        while (said := verify_trail(server.address, certificate)) == "ROLE_NOT_PERMITTED":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        again = [verify_trail(server.address, certificate) for _ in range(2)]
        assert [said, *again] == ["INVALID_CERTIFICATE", "INVALID_CERTIFICATE", "RATE_LIMITED"]
    finally:
        server.stop()
