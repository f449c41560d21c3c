"""CDAs at the command line: what a desk sees before, with and after one, and what the trail keeps."""

import re

import pytest
from tests.e2e import harness
from tests.e2e.cli_test import Shell
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, coordinator
from trialgate.v1 import trial_request_service_pb2 as requests_pb

TITLE = "A register study of erectile dysfunction after surgery"


@pytest.fixture
def shell(denmark, tmp_path):
    return Shell(denmark.address, tmp_path)


def submit(server, **changes):
    return server.client(REQUESTER).requests.SubmitTrialRequest(requests_pb.SubmitTrialRequestRequest(
        trial_request=harness.trial(confidentiality="CONFIDENTIALITY_BLINDED", **changes),
        request_id=harness.request_id()))


def test_a_desk_sees_a_blinded_request_as_it_is_while_a_cda_is_in_force(denmark, shell):
    submitted = submit(denmark, blindedTitle="A register study in urology")
    desk = submitted.report.referrals[0].desk
    show = (coordinator(desk), "request", "show", submitted.trial_request.name)
    assert TITLE not in shell.ok(*show)

    created = shell.ok(NATIONAL, "cda", "create", "--sponsor", "nordic-demo-pharma", "--desk", desk,
                       "--from", "2026-11-01", "--reference", "CDA 17/2026")
    cda = re.search(r"cdas/\w+", created)[0]
    assert TITLE in " ".join(shell.ok(*show).split())
    for principal in (NATIONAL, REQUESTER, coordinator(desk)):
        assert "CDA 17/2026" in shell.ok(principal, "cda", "list")
    assert "CDA 17/2026" in shell.ok(REQUESTER, "cda", "show", cda)
    assert shell.run(coordinator("desks/none"), "cda", "show", cda).returncode != 0
    assert shell.run(REQUESTER, "cda", "revoke", cda, "--reason", "no").returncode != 0

    assert "revoked" in shell.ok(NATIONAL, "cda", "revoke", cda, "--reason", "ended by the sponsor")
    assert TITLE not in shell.ok(*show)
    events = shell.ok(AUDITOR, "audit", "list", "--action", "UnblindTrialRequest")
    assert events.count("UnblindTrialRequest") == 1


def test_a_blinded_text_that_tells_who_asks_is_refused(denmark):
    with pytest.raises(harness.Failure) as refused:
        submit(denmark, blindedTitle="A study of NORDIC-demo pharma",
               externalIds=[{"system": "protocol", "code": "ZX-4711"}],
               blindedSynopsis="as told in zx 4711")
    assert {field: told[0].split(":")[0] for field, told in refused.value.fields.items()} == {
        "trial_request.blinded_title": "REVEALS_IDENTITY",
        "trial_request.blinded_synopsis": "REVEALS_IDENTITY"}
