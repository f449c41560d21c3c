"""What features that are right alone do together: CDAs and hand-overs, ends and offers, odd names."""

import pytest
from tests.e2e import harness
from tests.e2e.harness import NATIONAL, Failure, coordinator
from tests.verbs.verb import Country

SPONSOR = "organizations/nordic-demo-pharma"


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    running = harness.Server(tmp_path_factory.mktemp("together"), harness.UNLIMITED).start()
    harness.apply_pack(running)
    yield Country(running)
    running.stop()


def blinded_referral(country):
    name = country.submit(confidentiality="CONFIDENTIALITY_BLINDED", blindedTitle="A study after surgery",
                          blindedSynopsis="In short").name
    return country.referrals(name)[0]


def faults_of(country, principal, method, **fields):
    with pytest.raises(Failure) as failure:
        country.do(principal, method, **fields)
    return failure.value


LINES = [
    ("offer.conditions", {"offer": {"conditions": "Nordic Demo Pharma pays"}}),
    ("offer.comment", {"offer": {"comment": "Nordic Demo Pharma asked us"}}),
    ("refusal.comment", {"refusal": {"reason": 4, "comment": "Nordic Demo Pharma is too slow"}}),
    ("internal_note", {"internal_note": "It is Nordic Demo Pharma"}),
    ("asked_whom", {"asked_whom": "who knows Nordic Demo Pharma"}),
]


@pytest.mark.parametrize("revoked", [False, True], ids=["with a CDA", "after its CDA"])
def test_no_line_of_work_tells_the_next_desk_who_asks(country, revoked):
    referral = blinded_referral(country)
    carl = coordinator(referral.desk)
    cda = country.do(NATIONAL, "CreateCda", cda={"sponsor": SPONSOR, "desk": referral.desk, "reference": "D-1",
                                                 "effective_date": "2026-01-01"})
    if revoked:
        country.do(NATIONAL, "RevokeCda", name=cda.name, reason="it ended")
    for field, text in LINES:
        line = {"name": f"{referral.name}/{referral.sites[0]}", **text}
        failure = faults_of(country, carl, "UpdateReferralSite", referral_site=line)
        assert failure.reason == "INVALID_FIELDS"
        (told,) = failure.fields[f"referral_site.{field}"]
        assert told.startswith("REVEALS_IDENTITY:")


def test_a_site_is_not_offered_for_after_its_last_day(country):
    referral = blinded_referral(country)
    site = referral.sites[0]
    country.do(NATIONAL, "EndSite", name=site, last_day="2027-06-30", reason="the ward closes")
    answer = country.answer_of(referral)
    failure = faults_of(country, coordinator(referral.desk), "AnswerReferral", **answer)
    assert failure.fields["offers[0].earliest_start"][0].startswith("DANGLING_REFERENCE:")
    answer["offers"][0]["earliest_start"] = "2027-06-30"
    country.do(coordinator(referral.desk), "AnswerReferral", **answer)


@pytest.mark.parametrize("method", ["EndDesk", "EndRegion"])
@pytest.mark.parametrize("name", ["", "\0", "x" * 2000], ids=["none", "zero", "long"])
def test_a_name_that_nothing_can_have_is_not_found(country, method, name):
    failure = faults_of(country, NATIONAL, method, name=name, last_day="2026-12-31", reason="merged")
    assert (failure.code.name, failure.reason) == ("NOT_FOUND", "NOT_FOUND")


def test_a_later_page_shows_nothing_that_was_handed_over_since_the_first(country):
    referrals = [blinded_referral(country) for _ in range(3)]
    desk = referrals[0].desk
    carl = coordinator(desk)
    fields = {"parent": "trialRequests/-", "desk": desk, "page_size": 1}
    inbox = country.do(carl, "ListReferrals", **fields)
    requests = country.do(carl, "ListTrialRequests", page_size=1)
    gone = {one.name for one in country.do(carl, "ListReferrals", **{**fields, "page_size": 1000}).referrals
            if one.name != inbox.referrals[0].name}
    for name in gone:
        country.do(carl, "HandOverReferral", name=name, desk="desks/secretariat", reason="they know the ward")
    kept = {one.name for one in country.do(carl, "ListTrialRequests", page_size=1000).trial_requests}
    assert not kept & {"/".join(name.split("/")[:2]) for name in gone}
    while inbox.next_page_token:
        inbox = country.do(carl, "ListReferrals", **fields, page_token=inbox.next_page_token)
        assert not inbox.referrals
    while requests.next_page_token:
        requests = country.do(carl, "ListTrialRequests", page_size=1, page_token=requests.next_page_token)
        assert {one.name for one in requests.trial_requests} <= kept
