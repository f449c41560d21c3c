"""Cases that random calls meet seldom: what was once wrong, and stays right."""

import random
import re
import types

import pytest
from tests.access import wire
from tests.access.model import Principal
from tests.access.world import ALPHA, BETA, SERVER_FLAGS, World, request_id
from tests.e2e import harness

DESK = "desks/central-denmark"
CARL = Principal("coordinator", desks=(DESK,), subject="carl")


@pytest.fixture
def world(tmp_path):
    server = harness.Server(tmp_path, SERVER_FLAGS).start()
    harness.apply_pack(server)
    made = World(server, random.Random(1))
    made.organization(BETA, "ORGANIZATION_TYPE_COMPANY", size="COMPANY_SIZE_LARGE")
    made.learn_directory()
    yield made
    server.stop()


def submit_blinded(world, number):
    owner = Principal("requester", ALPHA)
    return [world.submit(owner, world.draft(ALPHA, "BLINDED")) for _ in range(number)]


def test_a_page_token_from_before_a_revocation_shows_no_more_than_one_from_after_it(world):
    submit_blinded(world, 3)
    cda = world.cda(ALPHA, DESK)
    first = world.must(CARL, "ListTrialRequests", page_size=1)
    assert first.trial_requests[0].title
    world.must(Principal("national"), "RevokeCda", name=cda.name, reason="ended", request_id=request_id())
    second = world.must(CARL, "ListTrialRequests", page_size=1, page_token=first.next_page_token)
    assert second.trial_requests and not any(r.title or r.requester for r in second.trial_requests)


def test_the_pages_of_a_requests_referrals_end_where_the_desks_own_end(world):
    (name,) = submit_blinded(world, 1)
    assert len(world.model.referrals) > 2
    for desk in {referral.desk for referral in world.model.referrals.values()}:
        mine = Principal("coordinator", desks=(desk,))
        page = world.must(mine, "ListReferrals", parent=name, page_size=1)
        assert [referral.desk for referral in page.referrals] == [desk]
        assert not page.next_page_token


def test_only_who_may_set_a_capacity_sees_whose_holds_it_has(world):
    (name,) = submit_blinded(world, 1)
    referral = next(r for r in world.model.referrals.values() if r.desk == DESK)
    offer = {"site": referral.sites[0], "patients_claimed": 1, "earliest_start": "2028-01-01", "firmness": 1}
    refusals = [{"site": site, "reason": 4} for site in referral.sites[1:]]
    answers = [{"question": one.id, "site": offer["site"], "not_known": True}
               for one in world.model.requests[name].questions]
    world.at_desk(referral, "AnswerReferral", offers=[offer], refusals=refusals, question_answers=answers)
    capacity = referral.sites[0] + "/capacity"
    assert world.must(CARL, "GetSiteCapacity", name=capacity).holds[0].referral == referral.name
    other = world.must(Principal("coordinator", desks=("desks/skane",)), "GetSiteCapacity", name=capacity)
    assert other.months and not other.holds and not other.etag


def test_how_many_requests_others_have_open_shows_in_no_reason_for_a_contact(world):
    submit_blinded(world, 3)
    done = world.must(Principal("requester", BETA), "SubmitTrialRequest", trial_request=world.draft(BETA),
                      validate_only=True)
    assert done.report.referrals
    for planned in done.report.referrals:
        assert not re.search(r"\d", planned.contact_reason.replace("2026-11-23", "")), planned


def test_faults_beyond_those_told_do_not_tell_whether_an_organization_exists(world):
    draft = world.draft(BETA)
    for _ in range(49):
        draft.documents.add(sha256="no hash", uri="nowhere", size_bytes=-1, media_type="?")
    said = []
    for requester in (BETA, BETA.replace("beta", "nono")):
        draft.requester = requester
        outcome = world.call(Principal("requester", ALPHA), "SubmitTrialRequest", trial_request=draft,
                             request_id=request_id())
        said.append(outcome.received().replace(requester.encode(), b"NAME"))
    assert said[0] == said[1]


def test_the_operators_listener_shows_nothing_of_the_content(world):
    submit_blinded(world, 1)
    server = types.SimpleNamespace(
        address=world.server.operator_address, operator_address=world.server.operator_address)
    listener = wire.Wire(server)
    for method in world.methods.values():
        if method.service not in ("AccessService", "OperatorService"):
            outcome = listener.call(method, method.request(), "national::nora")
            assert (outcome.code, outcome.bodies) == ("UNIMPLEMENTED", []), str(outcome)
