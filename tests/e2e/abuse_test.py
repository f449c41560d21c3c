"""Callers that ask too much are held back, each alone, and told when to come back."""

import urllib.request

import pytest
from trialgate.v1 import directory_service_pb2

from tests.e2e import harness

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
