"""Referrals go to other contacts and desks: handed over, sent to a further desk, moved when a region merges."""

import pytest
from tests.e2e import harness
from tests.e2e.harness import NATIONAL, REQUESTER, Failure, coordinator, request_id, trial
from trialgate.v1 import (
    audit_service_pb2,
    directory_service_pb2,
    people_service_pb2,
    referral_pb2,
    referral_service_pb2,
    succession_pb2,
    trial_request_pb2,
    trial_request_service_pb2,
)

CLINIC, SECRETARIAT, EAST = "desks/idea-clinic", "desks/secretariat", "desks/east-denmark"
NEXT_CLINIC = "desks/north-denmark"
MERGING = ("desks/capital", "desks/zealand")


@pytest.fixture
def server(tmp_path):
    running = harness.Server(tmp_path / "server", harness.UNLIMITED).start()
    harness.apply_pack(running)
    yield running
    running.stop()


def submit(server, principal=REQUESTER, **changes):
    return server.client(principal).requests.SubmitTrialRequest(
        trial_request_service_pb2.SubmitTrialRequestRequest(
            trial_request=trial(**changes), request_id=request_id())).trial_request


def referrals_of(server, request):
    return server.client(NATIONAL).referral.ListReferrals(
        referral_service_pb2.ListReferralsRequest(parent=request)).referrals


def inbox(server, desk):
    listed = server.client(coordinator(desk)).referral.ListReferrals(
        referral_service_pb2.ListReferralsRequest(parent="trialRequests/-", desk=desk, page_size=1000))
    return [referral.name for referral in listed.referrals]


def get(server, principal, name):
    return server.client(principal).referral.GetReferral(
        referral_service_pb2.GetReferralRequest(name=name))


def hand_over(server, principal, name, **fields):
    fields = {"reason": "they know the department", "request_id": request_id(), **fields}
    return server.client(principal).referral.HandOverReferral(
        referral_service_pb2.HandOverReferralRequest(name=name, **fields))


def reason_of(call):
    with pytest.raises(Failure) as failure:
        call()
    return failure.value.reason


def test_a_referral_handed_over_is_the_other_desks_alone(server):
    referral = referrals_of(server, submit(server).name)[0]
    mine, theirs = coordinator(referral.desk), coordinator(SECRETARIAT)
    moved = hand_over(server, mine, referral.name, desk=SECRETARIAT)
    assert (moved.desk, moved.state) == (SECRETARIAT, referral.state)
    assert moved.answer_due_time == referral.answer_due_time
    assert reason_of(lambda: get(server, mine, referral.name)) == "NOT_FOUND"
    assert referral.name not in inbox(server, referral.desk)
    assert referral.name in inbox(server, SECRETARIAT)
    seen = get(server, theirs, referral.name)
    assert [(m.from_desk, m.to_desk, m.reason) for m in seen.moves] == [
        (referral.desk, SECRETARIAT, "they know the department")]
    told = get(server, REQUESTER, referral.name).moves[0]
    assert (told.to_desk, told.reason, told.to_contact) == (SECRETARIAT, "", "")
    # It can be handed back.
    assert hand_over(server, theirs, referral.name, desk=referral.desk).desk == referral.desk


def test_a_desk_is_never_handed_a_second_one(server):
    first, second, *_ = referrals_of(server, submit(server).name)
    assert reason_of(lambda: hand_over(server, coordinator(first.desk), first.name, desk=second.desk)) == (
        "DESK_HAS_REFERRAL")
    assert get(server, NATIONAL, first.name).desk == first.desk


def test_a_further_desk_is_asked_with_a_reason(server):
    request = submit(server)
    site = referrals_of(server, request.name)[0].sites[0]
    nora = server.client(NATIONAL).requests
    call = trial_request_service_pb2.AddReferralRequest(
        name=request.name, desk=SECRETARIAT, sites=[site], reason="they know a unit", request_id=request_id())
    added = nora.AddReferral(call)
    assert added.referral.added and added.referral.name in inbox(server, SECRETARIAT)
    assert nora.AddReferral(call) == added
    assert get(server, REQUESTER, added.referral.name).add_reason == ""
    again = trial_request_service_pb2.AddReferralRequest(
        name=request.name, desk=SECRETARIAT, sites=[site], reason="once more", request_id=request_id())
    with pytest.raises(Failure) as failure:
        nora.AddReferral(again)
    assert (failure.value.code.name, failure.value.reason) == ("FAILED_PRECONDITION", "DESK_HAS_REFERRAL")


def idea(**changes):
    fields = {"kind": "TRIAL_KIND_IDEA", "intent": "INTENT_CONDUCT", "title": "A softer splint",
              "firstPatientInEarliest": "2027-01-04", "recruitmentMonths": 6,
              "submitter": {"displayName": "Ida Idemager", "email": "ida@example.dk",
                            "affiliation": "IDEA_AFFILIATION_PATIENT"}, **changes}
    return harness.json_format.ParseDict(fields, trial_request_pb2.TrialRequest())


def test_a_persons_idea_is_the_clinics_and_the_person_nobody_elses(server):
    clinic = server.client(coordinator(CLINIC))
    submitted = clinic.requests.SubmitTrialRequest(trial_request_service_pb2.SubmitTrialRequestRequest(
        trial_request=idea(), request_id=request_id())).trial_request
    assert (submitted.submitting_desk, submitted.requester) == (CLINIC, "")
    read = trial_request_service_pb2.GetTrialRequestRequest(name=submitted.name)
    assert clinic.requests.GetTrialRequest(read).submitter.display_name == "Ida Idemager"
    # The clinic has the referral of it, too; another desk takes it, and does not learn whose idea it is.
    referral = referrals_of(server, submitted.name)[0]
    hand_over(server, coordinator(referral.desk), referral.name, desk=SECRETARIAT)
    other = server.client(coordinator(SECRETARIAT))
    seen = other.requests.GetTrialRequest(read)
    assert seen.title == "A softer splint" and not seen.HasField("submitter")
    other.referral.AnswerReferral(referral_service_pb2.AnswerReferralRequest(
        name=referral.name, outcome=referral_pb2.REFERRAL_OUTCOME_PASSED_ON, request_id=request_id()))
    ask = trial_request_service_pb2.GetCollatedAnswerRequest(name=submitted.name)
    answer = clinic.requests.GetCollatedAnswer(ask)
    assert answer.desks[0].outcome == referral_pb2.REFERRAL_OUTCOME_PASSED_ON
    assert reason_of(lambda: other.requests.GetCollatedAnswer(ask)) == "NOT_FOUND"
    person = f"{submitted.name}/submitter"
    people = server.client(NATIONAL).people
    held = people.ExportPerson(people_service_pb2.ExportPersonRequest(name=person))
    assert held.email == "ida@example.dk"
    people.ErasePerson(people_service_pb2.ErasePersonRequest(
        name=person, reason="asked to", request_id=request_id()))
    assert clinic.requests.GetTrialRequest(read).submitter.display_name == "(erased)"
    withdrawn = clinic.requests.WithdrawTrialRequest(trial_request_service_pb2.WithdrawTrialRequestRequest(
        name=submitted.name, reason="the person asked", request_id=request_id()))
    assert withdrawn.state == trial_request_pb2.TRIAL_REQUEST_STATE_WITHDRAWN


def test_a_hold_leads_to_the_desk_that_has_the_referral_now(server):
    referral = max(referrals_of(server, submit(server).name), key=lambda r: len(r.sites))
    site, *others = referral.sites
    hand_over(server, coordinator(referral.desk), referral.name, desk=SECRETARIAT)
    server.client(coordinator(SECRETARIAT)).referral.AnswerReferral(
        referral_service_pb2.AnswerReferralRequest(
            name=referral.name, request_id=request_id(),
            offers=[referral_pb2.Offer(site=site, patients_claimed=3, earliest_start="2027-09-01",
                                       firmness=referral_pb2.OFFER_FIRMNESS_FIRM)],
            refusals=[referral_pb2.Refusal(site=other, reason=referral_pb2.REFUSAL_REASON_NO_STAFF)
                      for other in others]))
    ledger = server.client(NATIONAL).directory.GetSiteCapacity(
        directory_service_pb2.GetSiteCapacityRequest(name=f"{site}/capacity"))
    holds = [hold.referral for hold in ledger.holds if hold.referral.startswith(referral.name.rsplit("/", 1)[0])]
    assert [get(server, NATIONAL, name).desk for name in holds] == [SECRETARIAT]


def submit_idea(server, **changes):
    return server.client(coordinator(CLINIC)).requests.SubmitTrialRequest(
        trial_request_service_pb2.SubmitTrialRequestRequest(
            trial_request=idea(**changes), request_id=request_id())).trial_request


def ask_at_secretariat(server, submitted):
    """The referral of an idea, at another desk than the clinic, which asks about it."""
    referral = referrals_of(server, submitted.name)[0]
    hand_over(server, coordinator(referral.desk), referral.name, desk=SECRETARIAT)
    return server.client(coordinator(SECRETARIAT)).referral.AskRequester(
        referral_service_pb2.AskRequesterRequest(
            name=referral.name, questions=["How soft?"], request_id=request_id()))


def reply(server, principal, asked, text, **fields):
    return server.client(principal).referral.ReplyToReferral(referral_service_pb2.ReplyToReferralRequest(
        name=asked.name, replies=[referral_service_pb2.ReferralReply(question=asked.thread[0].id, text=text)],
        **{"request_id": request_id(), **fields}))


def test_no_line_of_the_work_names_the_person_whose_idea_it_is(server):
    referral = referrals_of(server, submit_idea(server).name)[0]
    sites = server.client(NATIONAL).directory.ListSites(directory_service_pb2.ListSitesRequest()).sites
    texts = {"added_reason": "Ida Idemager works there", "asked_whom": "idemager",
             "internal_note": "Call Ida Idemager first"}

    def save(principal, **fields):
        message = referral_service_pb2.UpdateReferralSiteRequest(request_id=request_id())
        message.referral_site.name = f"{referral.name}/{sites[0].name}"
        for name, text in {"added_reason": "they know splints", **fields}.items():
            setattr(message.referral_site, name, text)
        message.referral_site.offer.comment = fields.get("internal_note", "")
        return server.client(principal).referral.UpdateReferralSite(message)

    for principal in (coordinator(referral.desk), NATIONAL):
        with pytest.raises(Failure) as failure:
            save(principal, **texts)
        for field in [*texts, "offer.comment"]:
            assert failure.value.fields[f"referral_site.{field}"][0].startswith("REVEALS_IDENTITY"), field
    # An idea asks for no site; but of such words nothing else is told.
    with pytest.raises(Failure) as failure:
        save(coordinator(referral.desk), asked_whom="the lead nurse")
    assert set(failure.value.fields) == {"referral_site.name"}


def test_the_clinic_answers_what_another_desk_asks_about_a_persons_idea(server):
    submitted = submit_idea(server)
    asked = ask_at_secretariat(server, submitted)
    clinic = coordinator(CLINIC)
    seen = get(server, clinic, asked.name)
    assert (seen.thread[0].text, seen.etag, seen.moves[0].reason) == ("How soft?", "", "")
    listed = server.client(clinic).referral.ListReferrals(
        referral_service_pb2.ListReferralsRequest(parent=submitted.name)).referrals
    assert [r.name for r in listed] == [asked.name]
    # It reads and replies; the work is the other desk's.
    acknowledge = referral_service_pb2.AcknowledgeReferralRequest(name=asked.name, request_id=request_id())
    assert reason_of(lambda: server.client(clinic).referral.AcknowledgeReferral(acknowledge)) == "NOT_FOUND"
    lines = referral_service_pb2.ListReferralSitesRequest(parent=asked.name)
    assert reason_of(lambda: server.client(clinic).referral.ListReferralSites(lines)) == "NOT_FOUND"
    # Neither who was asked about it replies, nor who was not.
    assert reason_of(lambda: reply(server, coordinator(SECRETARIAT), asked, "very")) == "NOT_FOUND"
    other = next(r.desk for r in referrals_of(server, submit(server).name))
    assert reason_of(lambda: reply(server, coordinator(other), asked, "very")) == "NOT_FOUND"
    assert reason_of(lambda: reply(server, clinic, asked, "very", etag="1")) == "ETAG_MISMATCH"
    # What the other desk reads does not tell whose idea it is.
    for text in ("Ask Ida Idemager", "IDEMAGER knows", "see Idemager's drawing"):
        assert reason_of(lambda: reply(server, clinic, asked, text)) == "INVALID_FIELDS", text
    same = request_id()
    answered = reply(server, clinic, asked, "very soft", request_id=same)
    assert answered.state == referral_pb2.REFERRAL_STATE_ACKNOWLEDGED and answered.etag == ""
    assert reply(server, clinic, asked, "very soft", request_id=same) == answered
    assert get(server, coordinator(SECRETARIAT), asked.name).thread[1].text == "very soft"
    assert reason_of(lambda: reply(server, clinic, asked, "once more")) == "WRONG_STATE"


def test_blinded_texts_of_an_idea_do_not_name_the_person(server):
    for changes in ({"blindedTitle": "A splint by Ida Idemager"}, {"blindedSynopsis": "idemager's splint"}):
        assert reason_of(lambda: submit_idea(server, **changes)) == "INVALID_FIELDS"


def test_an_idea_of_a_desk_that_ends_is_its_successors(server):
    submitted = submit_idea(server)
    asked = ask_at_secretariat(server, submitted)
    server.client(NATIONAL).directory.EndDesk(succession_pb2.EndDeskRequest(
        name=CLINIC, last_day="2026-11-22", successor=NEXT_CLINIC, reason="merged", request_id=request_id()))
    read = trial_request_service_pb2.GetTrialRequestRequest(name=submitted.name)
    successor = server.client(coordinator(NEXT_CLINIC)).requests.GetTrialRequest(read)
    assert successor.submitting_desk == NEXT_CLINIC
    assert reason_of(lambda: server.client(coordinator(CLINIC)).requests.GetTrialRequest(read)) == "NOT_FOUND"
    assert any(submitted.name in [c.name for c in e.changes] for e in events(server, "EndDesk"))
    assert reply(server, coordinator(NEXT_CLINIC), asked, "soft").state == (
        referral_pb2.REFERRAL_STATE_ACKNOWLEDGED)


def events(server, action):
    listed = server.client(harness.AUDITOR).audit.ListAuditEvents(
        audit_service_pb2.ListAuditEventsRequest(action=action, page_size=1000))
    return [event for event in listed.audit_events if event.action == action]


def test_a_desk_that_ended_hands_on_in_the_same_commit(server):
    request = submit(server)
    referral = next(r for r in referrals_of(server, request.name) if r.desk not in MERGING)
    call = succession_pb2.EndDeskRequest(
        name=referral.desk, last_day="2026-11-22", successor=SECRETARIAT, reason="closed",
        request_id=request_id())
    # Its region would have no desk.
    nora = server.client(NATIONAL).directory
    assert reason_of(lambda: nora.EndDesk(call)) == "STILL_NEEDED"
    assert get(server, coordinator(referral.desk), referral.name).desk == referral.desk
    # A region whose sites go to a neighbour takes its desk's referrals there.
    region = nora.GetDesk(directory_service_pb2.GetDeskRequest(name=referral.desk)).regions[0]
    neighbour = next(d for d in ("north-denmark", "central-denmark") if not region.endswith(d))
    ended = nora.EndRegion(succession_pb2.EndRegionRequest(
        name=region, last_day="2026-11-22", successor=f"regions/{neighbour}", reason="merged",
        request_id=request_id()))
    assert ended.summary.moved_referrals == 1
    assert referral.name in inbox(server, f"desks/{neighbour}")
    assert reason_of(lambda: get(server, coordinator(referral.desk), referral.name)) == "NOT_FOUND"
    changed = {change.name for change in events(server, "EndRegion")[0].changes}
    assert {region, referral.name} <= changed


# New Year's Eve, ten minutes before the merger.
EVE = "2026-12-31T23:50:00+01:00"


def test_the_danish_merger_moves_what_is_open_when_its_day_comes(tmp_path):
    server = harness.Server(tmp_path / "server", harness.UNLIMITED, clock=EVE).start()
    harness.apply_pack(server)
    # For sites of both: an open study that they take.
    open_ones = [r for _ in range(3) for r in referrals_of(server, submit(server).name) if r.desk in MERGING]
    assert {r.desk for r in open_ones} == set(MERGING)
    assert inbox(server, EAST) == []
    # It is down when the day comes, and moves them when it starts.
    server.kill()
    server.clock = "2027-01-01T06:00:00+01:00"
    server.start()
    assert sorted(inbox(server, EAST)) == sorted(r.name for r in open_ones)
    for before in open_ones:
        after = get(server, coordinator(EAST), before.name)
        assert after.answer_due_time == before.answer_due_time
        assert after.sites == before.sites
        assert after.moves[0].kind == 2 and after.moves[0].from_desk == before.desk
        assert reason_of(lambda name=before.name, desk=before.desk: get(server, coordinator(desk), name)) == (
            "NOT_FOUND")
    assert len(events(server, "MoveReferrals")) == 1
    # Once, whatever restarts.
    server.kill()
    server.start()
    assert len(events(server, "MoveReferrals")) == 1
    server.stop()


def test_a_running_server_moves_them_at_midnight(tmp_path):
    server = harness.Server(tmp_path / "server", harness.UNLIMITED, clock="2026-12-31T23:59:55+01:00").start()
    harness.apply_pack(server)
    name = next(r.name for r in referrals_of(server, submit(server).name) if r.desk in MERGING)
    deadline = harness.time.monotonic() + 60
    while name not in inbox(server, EAST):
        assert harness.time.monotonic() < deadline, "midnight has passed"
        harness.time.sleep(0.1)  # waits for the server's thread, which follows its clock
    server.stop()
