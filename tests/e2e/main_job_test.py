"""The main job through the real server: a request goes in, a routed and answered referral comes out."""

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, coordinator, request_id, trial
from trialgate.v1 import (
    audit_service_pb2 as audit_pb,
    directory_pb2,
    directory_service_pb2 as directory_pb,
    feasibility_pb2,
    feasibility_service_pb2 as feasibility_pb,
    referral_pb2,
    referral_service_pb2 as referral_pb,
    trial_request_pb2,
    trial_request_service_pb2 as request_pb,
)


def submit(server, principal=REQUESTER, **changes):
    return server.client(principal).requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(trial_request=trial(**changes), request_id=request_id())
    )


def referrals_of(server, name):
    return (
        server.client(NATIONAL)
        .referral.ListReferrals(referral_pb.ListReferralsRequest(parent=name))
        .referrals
    )


def offer(site, firm=True, start="2027-09-01", patients=10, **more):
    return referral_pb2.Offer(
        site=site,
        patients_claimed=patients,
        earliest_start=start,
        firmness=referral_pb2.OFFER_FIRMNESS_FIRM if firm else referral_pb2.OFFER_FIRMNESS_TENTATIVE,
        **more,
    )


def answer(server, referral, offers, refusals=(), **more):
    return server.client(coordinator(referral.desk)).referral.AnswerReferral(
        referral_pb.AnswerReferralRequest(
            name=referral.name,
            offers=offers,
            refusals=refusals,
            **{"request_id": request_id(), **more},
        )
    )


def decline(server, referral):
    return server.client(coordinator(referral.desk)).referral.DeclineReferral(
        referral_pb.DeclineReferralRequest(
            name=referral.name,
            decline=referral_pb2.Refusal(reason=referral_pb2.REFUSAL_REASON_NO_STAFF),
            request_id=request_id(),
        )
    )


def held(server, site):
    capacity = server.client(NATIONAL).directory.GetSiteCapacity(
        directory_pb.GetSiteCapacityRequest(name=site + "/capacity")
    )
    return sum(m.held for m in capacity.months), sum(m.occupied_confirmed for m in capacity.months)


def test_a_request_is_matched_routed_answered_collated_and_confirmed_and_survives_a_kill(denmark):
    submitted = submit(denmark)
    request, report = submitted.trial_request, submitted.report
    assert request.state == trial_request_pb2.TRIAL_REQUEST_STATE_ROUTED
    assert report.eligible and report.regions and report.rests_on_sample and report.caveats
    assert [c.criterion for c in report.failed] == list(range(1, 11))
    assert report.inputs.today == "2026-11-23"
    scores = [site.score for site in report.eligible]
    assert scores == sorted(scores, reverse=True)

    referrals = referrals_of(denmark, request.name)
    assert sorted(r.name for r in referrals) == sorted(request.referrals)
    asked = [site for r in referrals for site in r.sites]
    assert sorted(asked) == sorted(site.site for site in report.eligible)
    assert len(referrals) >= 2, "several regions have urology"
    for referral in referrals:
        # Sent Monday: acknowledged by Tuesday's end, answered by the end of the next Monday.
        assert referral.acknowledge_due_time.ToJsonString() == "2026-11-24T23:00:00Z"
        assert referral.answer_due_time.ToJsonString() == "2026-11-30T23:00:00Z"

    first = max(referrals, key=lambda r: len(r.sites))
    rest = [r for r in referrals if r.name != first.name]
    inbox = denmark.client(coordinator(first.desk)).referral.ListReferrals(
        referral_pb.ListReferralsRequest(parent="trialRequests/-", desk=first.desk)
    )
    assert [r.name for r in inbox.referrals] == [first.name]
    acknowledged = denmark.client(coordinator(first.desk)).referral.AcknowledgeReferral(
        referral_pb.AcknowledgeReferralRequest(name=first.name, request_id=request_id())
    )
    assert acknowledged.state == referral_pb2.REFERRAL_STATE_ACKNOWLEDGED

    offered, refused = list(first.sites[:1]), list(first.sites[1:])
    answered = answer(
        denmark,
        first,
        [offer(site) for site in offered],
        [
            referral_pb2.Refusal(site=s, reason=referral_pb2.REFUSAL_REASON_COMPETING_STUDY)
            for s in refused
        ],
    )
    assert answered.state == referral_pb2.REFERRAL_STATE_ANSWERED
    assert held(denmark, offered[0]) == (12, 0)
    for referral in rest:
        decline(denmark, referral)

    requester = denmark.client(REQUESTER)
    now = requester.requests.GetTrialRequest(request_pb.GetTrialRequestRequest(name=request.name))
    assert now.state == trial_request_pb2.TRIAL_REQUEST_STATE_ANSWERED and now.answer_version == 1
    collated = requester.requests.GetCollatedAnswer(
        request_pb.GetCollatedAnswerRequest(name=request.name)
    )
    outcomes = {line.site: line.outcome for line in collated.sites}
    assert set(outcomes) == set(asked)
    assert outcomes[offered[0]] == trial_request_pb2.SITE_OUTCOME_OFFERED
    assert all(outcomes[s] == trial_request_pb2.SITE_OUTCOME_REFUSED for s in refused)
    assert all(
        outcomes[s] == trial_request_pb2.SITE_OUTCOME_DECLINED for r in rest for s in r.sites
    )
    assert not collated.provisional and collated.forecast.mean > 0
    line = next(line for line in collated.sites if line.site == offered[0])
    assert 0 < line.claim_worth

    confirmed = requester.requests.ConfirmTrialRequest(
        request_pb.ConfirmTrialRequestRequest(
            name=request.name,
            selections=[
                trial_request_pb2.OfferSelection(site=offered[0], referral=first.name, selected=True)
            ],
            request_id=request_id(),
        )
    )
    assert confirmed.state == trial_request_pb2.TRIAL_REQUEST_STATE_CONFIRMED
    assert held(denmark, offered[0]) == (0, 12)

    before = denmark.client(AUDITOR).audit.VerifyAuditTrail(audit_pb.VerifyAuditTrailRequest())
    denmark.kill()
    denmark.start()
    requester = denmark.client(REQUESTER)
    assert (
        requester.requests.GetTrialRequest(request_pb.GetTrialRequestRequest(name=request.name))
        == confirmed
    )
    assert (
        requester.requests.GetCollatedAnswer(request_pb.GetCollatedAnswerRequest(name=request.name))
        == collated
    )
    assert held(denmark, offered[0]) == (0, 12)
    trail = denmark.client(AUDITOR).audit.VerifyAuditTrail(audit_pb.VerifyAuditTrailRequest())
    assert trail.intact and trail.events >= before.events
    events = denmark.client(AUDITOR).audit.ListAuditEvents(audit_pb.ListAuditEventsRequest())
    assert events.audit_events[before.events - 1].hash == before.head_hash
    actions = [e.action for e in events.audit_events if e.action != "ReadConfidential"]
    assert actions[0] == "ApplyPack" and actions[-1] == "ConfirmTrialRequest"
    assert events.audit_events[1].previous_hash == events.audit_events[0].hash


def test_each_desk_has_the_clock_of_its_own_calendar(tmp_path):
    # Sent on Wednesday 30 December 2026; in Denmark five days are 4 to 8 January, in Sweden the 6th
    # is a holiday.
    server = harness.Server(tmp_path, clock="2026-12-30T09:00:00+01:00").start()
    try:
        harness.apply_pack(server)
        referrals = referrals_of(server, submit(server).trial_request.name)
        due = {r.desk: r.answer_due_time.ToJsonString() for r in referrals}
    finally:
        server.stop()
    assert due["desks/north-denmark"] == "2027-01-08T23:00:00Z"
    assert due["desks/skane"] == "2027-01-11T23:00:00Z"


def test_the_stored_report_is_the_one_that_was_answered(denmark):
    submitted = submit(denmark)
    wanted = feasibility_pb.GetFeasibilityReportRequest(name=submitted.trial_request.name)
    stored = denmark.client(REQUESTER).feasibility.GetFeasibilityReport(wanted)
    assert stored == submitted.report
    assert stored.name == f"{submitted.trial_request.name}/reports/1"
    # Requesters are not told how many slots are free; national coordinators are.
    whole = denmark.client(NATIONAL).feasibility.GetFeasibilityReport(wanted)
    assert not any(site.parts.headroom for site in stored.eligible)
    assert any(site.parts.headroom for site in whole.eligible)
    assert {s.site for s in stored.eligible} == {s.site for s in whole.eligible}


def test_an_assessment_finds_what_a_submit_would_and_stores_nothing(denmark):
    client = denmark.client(REQUESTER)
    assessed = client.feasibility.AssessTrialRequest(
        feasibility_pb.AssessTrialRequestRequest(trial_request=trial())
    ).report
    assert not client.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest()).trial_requests
    submitted = submit(denmark).report
    assert [s.site for s in assessed.eligible] == [s.site for s in submitted.eligible]


def test_a_request_that_no_site_can_take_goes_to_the_secretariat_with_near_misses(denmark):
    # No site can start within a day of today: each that meets all else is a near miss.
    submitted = submit(denmark, firstPatientInEarliest="2026-11-24", firstPatientInLatest="2026-11-24")
    report = submitted.report
    assert not report.eligible
    late = [m for m in report.near_misses if m.criterion == feasibility_pb2.CRITERION_START_UP]
    assert late and all(m.days_late > 0 for m in late)
    assert report.failed[feasibility_pb2.CRITERION_START_UP - 1].sites >= len(late)
    (referral,) = referrals_of(denmark, submitted.trial_request.name)
    desks = denmark.client(NATIONAL).directory.ListDesks(directory_pb.ListDesksRequest(page_size=1000))
    secretariat = [
        desk.name for desk in desks.desks if desk.kind == directory_pb2.DESK_KIND_SECRETARIAT
    ]
    assert [referral.desk] == secretariat and not referral.sites


def test_validate_only_matches_and_stores_nothing(denmark):
    client = denmark.client(REQUESTER)
    response = client.requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(
            trial_request=trial(), request_id=request_id(), validate_only=True
        )
    )
    assert response.report.eligible and not response.trial_request.name
    assert not client.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest()).trial_requests


def test_a_retry_with_the_same_request_id_returns_the_first_answer(denmark):
    client = denmark.client(REQUESTER)
    message = request_pb.SubmitTrialRequestRequest(trial_request=trial(), request_id="once")
    first = client.requests.SubmitTrialRequest(message)
    assert client.requests.SubmitTrialRequest(message) == first
    denmark.kill()
    denmark.start()
    client = denmark.client(REQUESTER)
    assert client.requests.SubmitTrialRequest(message) == first
    assert len(client.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest()).trial_requests) == 1


def test_the_same_request_id_with_another_body_is_refused(denmark):
    client = denmark.client(REQUESTER)
    client.requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(trial_request=trial(), request_id="once"))
    with pytest.raises(Failure) as failure:
        client.requests.SubmitTrialRequest(
            request_pb.SubmitTrialRequestRequest(trial_request=trial(title="Another"), request_id="once"))
    assert failure.value.code.name == "INVALID_ARGUMENT"
    assert failure.value.reason == "REQUEST_ID_REUSED"


def test_answering_twice_is_refused_and_changes_nothing(denmark):
    submitted = submit(denmark)
    referral = referrals_of(denmark, submitted.trial_request.name)[0]
    answered = answer(denmark, referral, [offer(s) for s in referral.sites])
    with pytest.raises(Failure) as failure:
        answer(denmark, referral, [offer(s, firm=False) for s in referral.sites])
    assert failure.value.code.name == "FAILED_PRECONDITION"
    assert failure.value.reason == "WRONG_STATE"
    now = denmark.client(NATIONAL).referral.GetReferral(
        referral_pb.GetReferralRequest(name=referral.name))
    assert now == answered


def test_an_offer_of_a_full_site_names_site_and_months_and_stores_nothing(denmark):
    submitted = submit(denmark)
    referral = referrals_of(denmark, submitted.trial_request.name)[0]
    site = referral.sites[0]
    national = denmark.client(NATIONAL)
    capacity = national.directory.GetSiteCapacity(
        directory_pb.GetSiteCapacityRequest(name=site + "/capacity"))
    del capacity.months[:]
    for month in ("2027-11", "2027-12"):
        capacity.months.add(month=month, occupied_declared=capacity.slots)
    national.directory.UpdateSiteCapacity(
        directory_pb.UpdateSiteCapacityRequest(capacity=capacity, request_id=request_id()))
    with pytest.raises(Failure) as failure:
        answer(denmark, referral, [offer(s) for s in referral.sites])
    assert failure.value.code.name == "FAILED_PRECONDITION"
    assert failure.value.reason == "NO_FREE_SLOT"
    said = str(failure.value.metadata) + failure.value.message
    assert site in said and "2027-11" in said and "2027-12" in said
    assert all(held(denmark, s) == (0, 0) for s in referral.sites)


def test_a_tentative_offer_holds_nothing_until_it_is_confirmed(denmark):
    submitted = submit(denmark)
    referrals = referrals_of(denmark, submitted.trial_request.name)
    for referral in referrals[1:]:
        decline(denmark, referral)
    sites = list(referrals[0].sites)
    answer(denmark, referrals[0], [offer(s, firm=False) for s in sites])
    assert all(held(denmark, s) == (0, 0) for s in sites)
    denmark.client(REQUESTER).requests.ConfirmTrialRequest(
        request_pb.ConfirmTrialRequestRequest(
            name=submitted.trial_request.name,
            selections=[
                trial_request_pb2.OfferSelection(
                    site=s, referral=referrals[0].name, selected=s == sites[0],
                    reason=0 if s == sites[0] else trial_request_pb2.NOT_SELECTED_REASON_ENOUGH_SITES)
                for s in sites
            ],
            request_id=request_id(),
        )
    )
    assert held(denmark, sites[0]) == (0, 12)
    assert all(held(denmark, s) == (0, 0) for s in sites[1:])


def test_withdrawing_releases_holds_and_ends_open_referrals(denmark):
    submitted = submit(denmark)
    referrals = referrals_of(denmark, submitted.trial_request.name)
    answer(denmark, referrals[0], [offer(s) for s in referrals[0].sites])
    withdrawn = denmark.client(REQUESTER).requests.WithdrawTrialRequest(
        request_pb.WithdrawTrialRequestRequest(
            name=submitted.trial_request.name, reason="The programme was stopped",
            request_id=request_id()))
    assert withdrawn.state == trial_request_pb2.TRIAL_REQUEST_STATE_WITHDRAWN
    assert all(held(denmark, s) == (0, 0) for s in referrals[0].sites)
    states = {r.name: r.state for r in referrals_of(denmark, submitted.trial_request.name)}
    assert all(
        state == referral_pb2.REFERRAL_STATE_WITHDRAWN
        for name, state in states.items() if name != referrals[0].name)
    with pytest.raises(Failure) as failure:
        decline(denmark, referrals[-1])
    assert failure.value.reason == "WRONG_STATE"


def test_a_stale_etag_is_aborted(denmark):
    submitted = submit(denmark)
    referral = referrals_of(denmark, submitted.trial_request.name)[0]
    desk = denmark.client(coordinator(referral.desk))
    desk.referral.AcknowledgeReferral(
        referral_pb.AcknowledgeReferralRequest(
            name=referral.name, etag=referral.etag, request_id=request_id()))
    with pytest.raises(Failure) as failure:
        answer(denmark, referral, [offer(s) for s in referral.sites], etag=referral.etag)
    assert failure.value.code.name == "ABORTED"
    assert failure.value.reason == "ETAG_MISMATCH"


def test_what_belongs_to_others_answers_as_what_does_not_exist(denmark):
    submitted = submit(denmark)
    other = denmark.client("requester:organizations/somebody-else:sam")
    messages = []
    for name in (submitted.trial_request.name, "trialRequests/00000000000000000000000000"):
        with pytest.raises(Failure) as failure:
            other.requests.GetTrialRequest(request_pb.GetTrialRequestRequest(name=name))
        assert failure.value.code.name == "NOT_FOUND"
        messages.append(failure.value.message.replace(name, "NAME"))
    assert messages[0] == messages[1]
    assert not other.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest()).trial_requests


def test_a_list_is_the_same_in_pages_as_in_one(denmark):
    names = [submit(denmark, title=f"Study {i}").trial_request.name for i in range(5)]
    client = denmark.client(REQUESTER)
    paged, token = [], ""
    while True:
        page = client.requests.ListTrialRequests(
            request_pb.ListTrialRequestsRequest(page_size=2, page_token=token))
        assert len(page.trial_requests) <= 2
        paged += [r.name for r in page.trial_requests]
        token = page.next_page_token
        if not token:
            break
    assert sorted(paged) == sorted(names) and len(set(paged)) == 5


def test_a_call_without_a_principal_is_unauthenticated(denmark):
    with pytest.raises(Failure) as failure:
        denmark.client("").directory.ListSites(directory_pb.ListSitesRequest())
    assert failure.value.code.name == "UNAUTHENTICATED"
    assert failure.value.reason == "NO_PRINCIPAL"


def test_a_pack_applied_twice_changes_nothing_the_second_time(denmark):
    again = harness.apply_pack(denmark)
    assert again.changed == 0 and again.commit == 0 and again.unchanged > 100
