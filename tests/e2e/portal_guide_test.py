"""The guide for portal teams: its code runs as it stands against a real server, and prints what it says."""

import os
import re

import pytest
from tests.e2e import harness
from tests.e2e.guide_runner import Block, Reader, blocks
from tests.e2e.harness import REQUESTER
from tests.e2e.main_job_test import answer, decline, offer, referrals_of
from tests.e2e.pki import Pki
from trialgate.v1 import errors_pb2, trial_request_service_pb2 as request_pb

GUIDE = harness.ROOT / "proto" / "docs" / "portal-guide.md"
TEXT = GUIDE.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guide")
    running = harness.Server(folder / "server", tls=Pki(folder / "pki")).start()
    harness.apply_pack(running)
    yield running
    running.stop()


@pytest.fixture
def reader(server, tmp_path):
    key, certificate = server.tls.client(REQUESTER)
    environment = {
        "PATH": os.environ["PATH"],
        "TRIALGATE": str(harness.ROOT),
        "TRIALGATE_ADDRESS": server.address,
        "TRIALGATE_CA": str(server.tls.ca),
        "TRIALGATE_CERTIFICATE": str(certificate),
        "TRIALGATE_KEY": str(key),
    }
    typing = Reader(tmp_path, environment)
    yield typing
    typing.close()


def desks_answer(server):
    """The server is restarted; then all desks answer the newest request, the first with firm offers."""
    server.stop()
    server.start(listen=server.address)
    newest = server.client(REQUESTER).requests.ListTrialRequests(
        request_pb.ListTrialRequestsRequest(page_size=1)).trial_requests[0]
    first, *rest = referrals_of(server, newest.name)
    for referral in rest:
        decline(server, referral)
    answer(server, first, [offer(site, start=newest.first_patient_in_earliest) for site in first.sites])


STEPS = {"desks_answer": desks_answer}


def differences(guide, reader, server):
    """Runs the whole guide; where what was printed is not what it says."""
    found, printed, after = [], None, None
    for block in [*blocks(guide), Block("end", "", 0)]:
        if block.kind == "text":
            if block.text != printed:
                found.append(f"line {block.line}: the guide says\n{block.text}it printed\n{printed}")
            printed = None
            continue
        if printed:
            found.append(f"line {after}: printed, and not in the guide:\n{printed}")
        printed, after = None, block.line
        if block.kind == "sh":
            reader.shell(block)
        elif block.kind == "python":
            printed = reader.python(block)
        elif block.kind == "test":
            STEPS[block.text](server)
    return found


def test_the_code_of_the_guide_runs_and_prints_what_it_says(server, reader):
    assert len(blocks(TEXT)) > 15
    assert differences(TEXT, reader, server) == []


def test_the_guide_holds_of_a_server_that_believes_everybody_too(tmp_path):
    text = TEXT.replace("channel = connect(", "channel = connect_insecurely(")
    text = text.replace("metadata = None", "metadata = DEV")
    assert text.count("connect_insecurely(") == 2 and text.count("metadata = DEV") == 1
    server = harness.Server(tmp_path / "server", clock=None).start()
    try:
        harness.apply_pack(server)
        reader = Reader(tmp_path, {"PATH": os.environ["PATH"], "TRIALGATE": str(harness.ROOT),
                                   "TRIALGATE_ADDRESS": server.address})
        assert differences(text, reader, server) == []
        reader.close()
    finally:
        server.stop()


def test_a_guide_that_is_wrong_is_found(server, reader):
    wrong = "```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n\n```python\nprint('more')\n```\n"
    said = differences(wrong, reader, server)
    assert [line.split(":")[0] for line in said] == ["line 5", "line 9"]
    with pytest.raises(AssertionError, match="(?s)line 2:.*NameError"):
        differences("a\n```python\nnowhere\n```\n", reader, server)


def test_the_reasons_that_the_guide_explains_exist():
    table = TEXT[TEXT.index("## What to do about which reason"):]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = re.findall(r"`([A-Z_0-9]+)`", " ".join(cells))
    assert len(named) > 15 and len(named) == len(set(named))
    known = {name.removeprefix("ERROR_REASON_") for name in errors_pb2.ErrorReason.keys()}
    assert set(named) <= known
