"""A coordinator's whole day at the desk of the Capital Region: twelve referrals and what comes with them."""

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, coordinator
from tests.verbs.verb import Country

DESK = "desks/capital"
CARL = coordinator(DESK)
LEAD, MEDICINE, SURGERY = (f"{DESK}/contacts/{who}" for who in ("lead", "medicine", "surgery"))
CLINIC, OFFICE = coordinator("desks/idea-clinic"), coordinator("desks/data-access")
MORNING = "2026-11-23T08:30:00+01:00"
# The day after the referrals of that morning were due: their five working days end with 30 November.
TOO_LATE = "2026-12-01T08:30:00+01:00"
# Before the region merges with Zealand, whose desk would be asked, too.
START = "2026-12-15"
HERE = {"regionsWanted": ["regions/capital"], "firstPatientInEarliest": START}


class Day(Country):
    """The country, seen from the desk."""

    def inbox(self, desk=DESK):
        return list(self.do(coordinator(desk), "ListReferrals", parent="trialRequests/-", desk=desk).referrals)

    def read(self, referral):
        return self.do(NATIONAL, "GetReferral", name=referral.name)

    def work(self, method, referral, principal=CARL, **fields):
        return self.do(principal, method, name=referral.name, **fields)

    def free(self, site):
        capacity = self.do(CARL, "GetSiteCapacity", name=site + "/capacity")
        return {month.month: month.free for month in capacity.months}

    def answer(self, referral, firm=(), tentative=(), **more):
        """Offers some sites and refuses the rest."""
        offers = [{"site": site, "patients_claimed": 6, "earliest_start": START,
                   "firmness": 1 if site in firm else 2} for site in (*firm, *tentative)]
        refusals = [{"site": site, "reason": 4} for site in referral.sites if site not in (*firm, *tentative)]
        return self.work("AnswerReferral", referral, offers=offers, refusals=refusals, **more)


@pytest.fixture
def server(tmp_path):
    running = harness.Server(tmp_path, clock=MORNING).start()
    harness.apply_pack(running)
    yield running
    running.stop()


def twelve_referrals_come_in(day):
    for number in range(12):
        day.submit(title=f"Study {number} of the bladder", **HERE,
                   questions=[{"id": "nurse", "text": "Is there a study nurse?", "type": "QUESTION_TYPE_YES_NO",
                               "scope": "QUESTION_SCOPE_DESK"}] if number == 3 else [])
    inbox = day.inbox()
    assert len(inbox) == 12
    due = [referral.answer_due_time.ToJsonString() for referral in inbox]
    assert due == sorted(due) and due[0] == "2026-11-30T23:00:00Z"
    for referral in inbox:
        assert referral.contact == SURGERY
        day.work("AcknowledgeReferral", referral)
    return day.inbox()


def two_questions_are_asked_and_one_is_replied_to(day, replied, unreplied):
    for referral in (replied, unreplied):
        asked = day.work("AskRequester", referral, questions=["How many visits are there?"])
        assert asked.state == 3 and asked.waiting_for == 1
    question = day.read(replied).thread[0]
    assert question.text == "How many visits are there?"
    there = day.work("ReplyToReferral", replied, REQUESTER,
                     replies=[{"question": question.id, "text": "Six visits."}])
    assert there.state == 2
    with pytest.raises(Failure) as again:
        day.work("ReplyToReferral", replied, REQUESTER, replies=[{"question": question.id, "text": "Seven."}])
    assert again.value.reason == "WRONG_STATE"
    assert [entry.text for entry in day.read(replied).thread] == [question.text, "Six visits."]


def the_surgical_contact_falls_ill(day, inbox):
    away = day.do(CARL, "AddContactAbsence", name=SURGERY,
                  absence={"first_day": "2026-11-23", "last_day": "2026-11-27"})
    assert away.open_referrals == 12 and away.stands_in == LEAD
    name = day.submit(title="One that comes meanwhile", **HERE).name
    (meanwhile,) = day.referrals(name)
    assert meanwhile.contact == LEAD
    handed = day.work("HandOverReferral", inbox[2], contact=MEDICINE, reason="the colleague is ill")
    assert handed.contact == MEDICINE and handed.moves[0].from_contact == SURGERY
    day.work("DeclineReferral", meanwhile, decline={"reason": 10})


def one_goes_to_another_desk(day, referral):
    day.work("HandOverReferral", referral, desk="desks/zealand", reason="the patients live there")
    with pytest.raises(Failure) as gone:
        day.do(CARL, "GetReferral", name=referral.name)
    assert gone.value.code.name == "NOT_FOUND"
    assert referral.name not in {one.name for one in day.inbox()}
    (there,) = day.inbox("desks/zealand")
    assert there.name == referral.name and there.answer_due_time == referral.answer_due_time
    day.work("DeclineReferral", there, coordinator("desks/zealand"), decline={"reason": 1})


def a_referral_is_worked_line_by_line(day, referral):
    first, *rest = referral.sites
    line = {"name": f"{referral.name}/{first}", "asked_whom": "the head of urology", "asked_date": "2026-11-23",
            "internal_note": "They want more nurses."}
    saved = day.do(CARL, "UpdateReferralSite", referral_site=line)
    assert saved.asked_about and saved.etag != "0"
    with pytest.raises(Failure) as incomplete:
        day.work("AnswerReferral", referral, use_lines=True)
    assert incomplete.value.reason == "INVALID_FIELDS"
    offer = {"patients_claimed": 5, "earliest_start": START, "firmness": 2}
    day.do(CARL, "UpdateReferralSite", referral_site={
        "name": line["name"], "offer": offer, "replied_date": "2026-11-23"})
    for site in rest:
        day.do(CARL, "UpdateReferralSite", referral_site={
            "name": f"{referral.name}/{site}", "refusal": {"reason": 4}})
    lines = day.do(CARL, "ListReferralSites", parent=referral.name).referral_sites
    assert [one.site for one in lines] == list(referral.sites)
    assert lines[0].internal_note == "They want more nurses." and lines[0].asked_whom
    answered = day.work("AnswerReferral", referral, use_lines=True,
                        question_answers=[{"question": "nurse", "yes": True}])
    assert [offer.site for offer in answered.offers] == [first]
    answer = day.do(REQUESTER, "GetCollatedAnswer", name="/".join(referral.name.split("/")[:2]))
    assert answer.questions[0].answers[0].answer.yes
    assert b"They want more nurses." not in answer.SerializeToString()


def a_site_fills_up(day, one, other):
    """Its last slot goes to one referral; the next one learns of it, and offers the site tentatively."""
    site = one.sites[0]
    slots = day.do(CARL, "UpdateSiteCapacity", capacity={"name": site + "/capacity", "slots": 2})
    months = [f"{2026 + month // 12}-{month % 12 + 1:02}" for month in range(11, 24)]
    use = [{"month": month, "occupied_declared": 1} for month in months]
    day.do(CARL, "SetCapacityMonths", name=site + "/capacity", months=use, etag=slots.etag)
    assert set(day.free(site).values()) == {1}
    day.answer(one, firm=[site])
    assert set(day.free(site).values()) == {0}
    with pytest.raises(Failure) as full:
        day.answer(other, firm=[site])
    assert full.value.reason == "NO_FREE_SLOT" and months[0] in full.value.metadata["months"]
    assert day.read(other).state == 2, "nothing was changed"
    day.answer(other, tentative=[site])
    with pytest.raises(Failure) as held:
        day.do(CARL, "SetCapacityMonths", name=site + "/capacity",
               months=[{"month": months[0], "occupied_declared": 2}])
    assert held.value.reason == "CAPACITY_IN_USE"
    forced = day.do(CARL, "SetCapacityMonths", name=site + "/capacity", force=True, reason="a trial overran",
                    months=[{"month": months[0], "occupied_declared": 2}])
    assert list(forced.overbooked_months) == [months[0]]


def a_late_answer_is_told_as_late(day, referral):
    name = "/".join(referral.name.split("/")[:2])
    answered = day.answer(referral, tentative=referral.sites[:1])
    assert answered.state == 4 and answered.late
    request = day.do(REQUESTER, "GetTrialRequest", name=name)
    assert request.state == 2 and request.answer_version == 1


def an_idea_comes_from_a_patient(day):
    idea = harness.trial(kind="TRIAL_KIND_IDEA", specialities=[], title="A warmer catheter",
                         submitter={"displayName": "Ib Idé", "email": "ib@idea.example",
                                    "affiliation": "IDEA_AFFILIATION_PATIENT"})
    idea.ClearField("requester")
    idea.ClearField("contact")
    submitted = day.do(CLINIC, "SubmitTrialRequest", trial_request=idea).trial_request
    assert submitted.submitter.display_name == "Ib Idé"
    (referral,) = day.inbox("desks/idea-clinic")
    day.work("AnswerReferral", referral, CLINIC, outcome=3, comment="a student takes it")
    answer = day.do(CLINIC, "GetCollatedAnswer", name=submitted.name)
    assert answer.desks[0].outcome == 3
    with pytest.raises(Failure) as unseen:
        day.do(CARL, "GetTrialRequest", name=submitted.name)
    assert unseen.value.code.name == "NOT_FOUND"


def data_access_waits_for_an_authority_and_is_granted(day):
    name = day.submit(kind="TRIAL_KIND_DATA_ACCESS", specialities=[], title="Registry data on catheters").name
    (referral,) = day.inbox("desks/data-access")
    day.work("WaitForAuthority", referral, OFFICE, authority="Danish Health Data Authority",
             reason="the research partnership needs its approval")
    seen = day.do(REQUESTER, "ListReferrals", parent=name).referrals[0]
    assert seen.outcome == 6 and seen.waiting_authority == "Danish Health Data Authority"
    day.work("RecordAuthorityWord", referral, OFFICE, word="approved for two years")
    day.work("AnswerReferral", referral, OFFICE, outcome=1, outcome_conditions="pseudonymous data only",
             outcome_valid_to="2028-11-23")
    desk = day.do(REQUESTER, "GetCollatedAnswer", name=name).desks[0]
    assert (desk.outcome, desk.outcome_conditions) == (1, "pseudonymous data only")


def test_a_coordinators_whole_day(server):
    day = Day(server)
    inbox = twelve_referrals_come_in(day)
    with_questions = next(one for one in inbox if "Study 3 " in one.title)
    inbox.remove(with_questions)
    two_questions_are_asked_and_one_is_replied_to(day, inbox[0], inbox[1])
    the_surgical_contact_falls_ill(day, inbox)
    one_goes_to_another_desk(day, inbox[3])
    a_referral_is_worked_line_by_line(day, with_questions)
    a_site_fills_up(day, inbox[4], inbox[5])
    an_idea_comes_from_a_patient(day)
    data_access_waits_for_an_authority_and_is_granted(day)
    for referral in inbox[6:10]:
        day.answer(referral, tentative=referral.sites[:1])
    assert {one.name for one in day.inbox()} == {inbox[i].name for i in (0, 1, 2, 10)}

    server.stop()
    server.clock = TOO_LATE
    day = Day(server.start())
    a_late_answer_is_told_as_late(day, inbox[2])
    day.answer(inbox[0], tentative=inbox[0].sites[:1])
    day.work("DeclineReferral", inbox[1], decline={"reason": 4})
    day.work("DeclineReferral", inbox[10], decline={"reason": 4})
    assert not day.inbox()
    told = {"SubmitTrialRequest": 15, "AcknowledgeReferral": 12, "AskRequester": 2, "ReplyToReferral": 1,
            "HandOverReferral": 2, "AddContactAbsence": 1, "SetCapacityMonths": 2, "WaitForAuthority": 1}
    assert {action: day.events(action) for action in told} == told
    assert day.do(AUDITOR, "VerifyAuditTrail").intact
