"""The work on a referral through the real server: questions, waits, lines, and answers to own questions."""

import threading

import pytest
from tests.e2e import harness
from tests.e2e.harness import NATIONAL, REQUESTER, Failure, coordinator, request_id, trial
from trialgate.v1 import (
    referral_pb2,
    referral_service_pb2 as pb,
    trial_request_pb2,
    trial_request_service_pb2 as request_pb,
    types_pb2,
)

TENTATIVE = referral_pb2.OFFER_FIRMNESS_TENTATIVE
QUESTIONS = [
    {"id": "nurse", "text": "Is there a study nurse?", "type": "QUESTION_TYPE_YES_NO"},
    {"id": "start-up", "text": "How long is start-up?", "type": "QUESTION_TYPE_NUMBER",
     "directoryField": "DIRECTORY_FIELD_START_UP_MEDIAN_DAYS"},
    {"id": "contract", "text": "Who signs?", "scope": "QUESTION_SCOPE_DESK"},
]


class Case:
    """A request with referrals, and the people around it."""

    def __init__(self, server, **changes):
        self.server = server
        self.request = server.client(REQUESTER).requests.SubmitTrialRequest(
            request_pb.SubmitTrialRequestRequest(trial_request=trial(**changes), request_id=request_id())
        ).trial_request
        listed = server.client(NATIONAL).referral.ListReferrals(
            pb.ListReferralsRequest(parent=self.request.name)).referrals
        self.referral = max(listed, key=lambda r: len(r.sites))
        self.others = [r for r in listed if r.name != self.referral.name]

    def desk(self, server=None):
        return (server or self.server).client(coordinator(self.referral.desk)).referral

    def do(self, principal, method, **fields):
        fields = {"name": self.referral.name, "request_id": request_id(), **fields}
        stub = self.server.client(principal).referral
        return getattr(stub, method)(getattr(pb, method + "Request")(**fields))

    def at_desk(self, method, **fields):
        return self.do(coordinator(self.referral.desk), method, **fields)

    def seen_by(self, principal):
        return self.server.client(principal).referral.GetReferral(
            pb.GetReferralRequest(name=self.referral.name))

    def save(self, site, mask=(), **fields):
        message = pb.UpdateReferralSiteRequest(request_id=request_id())
        message.referral_site.name = f"{self.referral.name}/{site}"
        for name, value in fields.items():
            if isinstance(value, str):
                setattr(message.referral_site, name, value)
            elif isinstance(value, list):
                getattr(message.referral_site, name).extend(value)
            else:
                getattr(message.referral_site, name).CopyFrom(value)
        message.update_mask.paths.extend(mask)
        return self.desk().UpdateReferralSite(message)

    def lines(self):
        return self.desk().ListReferralSites(
            pb.ListReferralSitesRequest(parent=self.referral.name, page_size=1000)).referral_sites

    def answer(self):
        return self.server.client(REQUESTER).requests.GetCollatedAnswer(
            request_pb.GetCollatedAnswerRequest(name=self.request.name))

    def decline_others(self):
        for referral in self.others:
            self.do(coordinator(referral.desk), "DeclineReferral", name=referral.name,
                    decline=referral_pb2.Refusal(reason=referral_pb2.REFUSAL_REASON_NO_STAFF))


def offer(**more):
    return referral_pb2.Offer(
        patients_claimed=8, earliest_start="2027-09-01", firmness=TENTATIVE, **more)


def refusal():
    return referral_pb2.Refusal(reason=referral_pb2.REFUSAL_REASON_COMPETING_STUDY)


def move_clock(server, clock):
    assert server.stop() == 0
    server.clock = clock
    server.start()


@pytest.fixture
def own_server(tmp_path):
    server = harness.Server(tmp_path).start()
    harness.apply_pack(server)
    yield server
    server.stop()


def test_a_question_is_asked_and_replied_to_and_the_clock_goes_on(own_server):
    case = Case(own_server)
    # Sent on a Monday, due by the end of the next.
    assert case.referral.answer_due_time.ToJsonString() == "2026-11-30T23:00:00Z"
    waiting = case.at_desk("AskRequester", questions=["How many visits?", "Which scanner?"])
    assert waiting.state == referral_pb2.REFERRAL_STATE_WAITING
    assert waiting.waiting_for == referral_pb2.WAITING_FOR_REQUESTER
    assert waiting.HasField("acknowledge_time"), "asking acknowledges"
    # Asked on the sending day, which does not count anyway.
    assert waiting.answer_due_time == case.referral.answer_due_time

    seen = case.seen_by(REQUESTER)
    assert [entry.text for entry in seen.thread] == ["How many visits?", "Which scanner?"]
    assert seen.thread[0].desk == case.referral.desk and not seen.etag
    assert seen.waiting_since_time == waiting.waiting_since_time

    # Thursday: Tuesday, Wednesday and Thursday were days of waiting.
    move_clock(own_server, "2026-11-26T09:00:00+01:00")
    replies = [{"question": entry.id, "text": f"Reply to {entry.id}"} for entry in seen.thread]
    resumed = case.do(REQUESTER, "ReplyToReferral", replies=replies)
    assert resumed.state == referral_pb2.REFERRAL_STATE_ACKNOWLEDGED
    assert not resumed.waiting_for and not resumed.etag
    assert resumed.answer_due_time.ToJsonString() == "2026-12-03T23:00:00Z"
    desk_sees = case.seen_by(coordinator(case.referral.desk))
    assert [entry.question for entry in desk_sees.thread] == ["", "", "1", "2"]
    assert desk_sees.thread[3].text == "Reply to 2" and not desk_sees.thread[3].desk
    # The request's due instant stays as first set.
    request = own_server.client(REQUESTER).requests.GetTrialRequest(
        request_pb.GetTrialRequestRequest(name=case.request.name))
    assert request.answer_due_time.ToJsonString() == "2026-11-30T23:00:00Z"
    # And what is due first stands at the head: the others of the request.
    listed = own_server.client(NATIONAL).referral.ListReferrals(
        pb.ListReferralsRequest(parent=case.request.name)).referrals
    assert listed[-1].name == case.referral.name


def test_waiting_moves_no_deadline(own_server):
    case = Case(own_server, responseDeadline="2026-11-27")
    case.at_desk("AskRequester", questions=["How many visits?"])
    move_clock(own_server, "2026-11-26T09:00:00+01:00")
    resumed = case.do(REQUESTER, "ReplyToReferral", replies=[{"question": "1", "text": "Two"}])
    assert resumed.answer_due_time.ToJsonString() == "2026-11-27T23:00:00Z"


def test_an_answer_from_waiting_is_late_by_the_days_that_counted(own_server):
    case = Case(own_server)
    case.at_desk("WaitForAuthority", authority="VMK", reason="approval")
    # Long after it was due as first set; it has waited all the time.
    move_clock(own_server, "2026-12-09T09:00:00+01:00")
    declined = case.at_desk("DeclineReferral", decline=refusal())
    assert not declined.late and not declined.waiting_for
    assert declined.waiting_spans[0].HasField("end_time")
    other = case.others[0]
    late = case.do(coordinator(other.desk), "DeclineReferral", name=other.name, decline=refusal())
    assert late.late


def test_a_reply_while_an_authority_is_waited_for_is_refused_in_words_that_say_so(denmark):
    case = Case(denmark)
    case.at_desk("WaitForAuthority", authority="VMK / ethics committee", reason="it meets in May")
    seen = case.seen_by(REQUESTER)
    assert seen.waiting_authority == "VMK / ethics committee"
    assert seen.thread[0].text == "it meets in May"
    with pytest.raises(Failure) as failure:
        case.do(REQUESTER, "ReplyToReferral", replies=[{"question": "1", "text": "Two"}])
    assert failure.value.reason == "WRONG_STATE" and "authority" in failure.value.message
    assert failure.value.metadata["waiting_for"] == "AUTHORITY"
    resumed = case.at_desk("RecordAuthorityWord", word="approved")
    assert resumed.state == referral_pb2.REFERRAL_STATE_ACKNOWLEDGED
    assert resumed.thread[-1].authority == "VMK / ethics committee"


def test_a_reply_tells_no_desk_of_a_blinded_request_who_asks(denmark):
    case = Case(denmark, confidentiality="CONFIDENTIALITY_BLINDED", blindedTitle="A register study",
                blindedSynopsis="In short")
    case.at_desk("AskRequester", questions=["Who are you?"])
    for text in ("Nordic Demo Pharma A/S", "the nordic-demo-pharma study"):
        with pytest.raises(Failure) as failure:
            case.do(REQUESTER, "ReplyToReferral", replies=[{"question": "1", "text": text}])
        assert failure.value.fields["replies[0].text"][0].startswith("REVEALS_IDENTITY")
    assert case.do(REQUESTER, "ReplyToReferral", replies=[{"question": "1", "text": "not yet"}])


def test_a_question_holds_no_number_of_a_person(denmark):
    case = Case(denmark)
    with pytest.raises(Failure) as failure:
        case.at_desk("AskRequester", questions=["Is it 010190-1234?"])
    assert failure.value.fields["questions[0]"][0].startswith("PERSONAL_NUMBER")


def test_another_organization_sees_no_question_and_cannot_reply(denmark):
    case = Case(denmark)
    case.at_desk("AskRequester", questions=["How many visits?"])
    with pytest.raises(Failure) as failure:
        case.do("requester:organizations/other:olaf", "ReplyToReferral",
                replies=[{"question": "1", "text": "Two"}])
    assert failure.value.reason == "NOT_FOUND"
    with pytest.raises(Failure) as failure:
        case.seen_by(coordinator(case.others[0].desk))
    assert failure.value.reason == "NOT_FOUND"


def test_lines_saved_at_once_by_two_coordinators_do_not_conflict(denmark):
    case = Case(denmark)
    sites = case.referral.sites
    assert len(sites) >= 2
    assert [line.etag for line in case.lines()] == ["0"] * len(sites)
    failures = []

    def save(site):
        try:
            for i in range(10):
                case.save(site, asked_whom=f"the nurse of {site}, call {i}")
        except Failure as failure:
            failures.append(failure)

    threads = [threading.Thread(target=save, args=(site,)) for site in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [line.asked_whom for line in case.lines()] == [f"the nurse of {s}, call 9" for s in sites]
    assert len({line.etag for line in case.lines()}) == len(sites)


def test_a_line_saved_on_an_older_version_is_aborted(denmark):
    case = Case(denmark)
    site = case.referral.sites[0]
    first = case.save(site, asked_whom="the nurse")
    case.save(site, internal_note="unwilling", etag=first.etag)
    with pytest.raises(Failure) as failure:
        case.save(site, internal_note="willing", etag=first.etag)
    assert failure.value.reason == "ETAG_MISMATCH"
    kept = case.save(site, mask=["internal_note"])
    assert kept.asked_whom == "the nurse" and not kept.internal_note


def test_the_lines_become_the_answer_and_the_notes_do_not(denmark):
    case = Case(denmark, questions=QUESTIONS)
    note = "the head of department is unwilling"
    first, *rest = case.referral.sites
    case.save(first, asked_whom="the lead nurse", asked_date="2026-11-23", replied_date="2026-11-23",
              internal_note=note, offer=offer(principal_investigator="Dr. Karen Blixen"))
    with pytest.raises(Failure) as failure:
        case.at_desk("AnswerReferral", use_lines=True)
    told = failure.value.fields["use_lines"]
    assert all(any(site in words for words in told) for site in rest), "each that lacks a word"
    assert any("nurse" in words and first in words for words in told)
    assert "question_answers" in failure.value.fields or any("contract" in words for words in told)
    for site in rest:
        case.save(site, refusal=refusal(), internal_note=note)
    answered = referral_pb2.QuestionAnswer(question="nurse", yes=True)
    case.save(first, question_answers=[answered])
    done = case.at_desk("AnswerReferral", use_lines=True, comment="gladly",
                        question_answers=[{"question": "contract", "text": "the region"}])
    assert [o.site for o in done.offers] == [first]
    assert done.offers[0].principal_investigator == "Dr. Karen Blixen"
    assert [r.site for r in done.refusals] == rest
    case.decline_others()
    answer = case.answer()
    assert note.encode() not in answer.SerializeToString()
    assert note.encode() not in case.seen_by(REQUESTER).SerializeToString()
    nurse, start_up, contract = answer.questions
    assert [a.answer.yes for a in nurse.answers] == [True]
    (prefilled,) = [a.answer for a in start_up.answers]
    assert prefilled.prefilled and prefilled.number > 0
    assert prefilled.source.kind == types_pb2.SOURCE_KIND_SAMPLE and prefilled.source.as_of
    assert contract.answers[0].answer.text == "the region" and contract.answers[0].desk == case.referral.desk
    with pytest.raises(Failure) as failure:
        case.save(first, asked_whom="too late")
    assert failure.value.reason == "WRONG_STATE"


def test_a_line_comes_prefilled_and_the_desk_overwrites(denmark):
    case = Case(denmark, questions=QUESTIONS)
    site = case.referral.sites[0]
    (prefilled,) = case.lines()[0].question_answers
    assert prefilled.question == "start-up" and prefilled.prefilled
    saved = case.save(site, question_answers=[referral_pb2.QuestionAnswer(question="start-up", number=33)])
    (own,) = saved.question_answers
    assert own.number == 33 and not own.prefilled and not own.HasField("source")
    cleared = case.save(site, mask=["question_answers"])
    assert cleared.question_answers[0] == prefilled


def test_a_desk_adds_a_site_with_a_reason(denmark):
    case = Case(denmark)
    sites = case.server.client(NATIONAL).directory.ListSites(
        harness.directory_service_pb2.ListSitesRequest(page_size=1000)).sites
    region = "regions/" + case.referral.desk.removeprefix("desks/")
    site = next(s.name for s in sites if s.region == region and s.name not in case.referral.sites)
    with pytest.raises(Failure) as failure:
        case.save(site, offer=offer())
    assert failure.value.fields["referral_site.added_reason"]
    with pytest.raises(Failure) as failure:
        case.desk().GetReferralSite(pb.GetReferralSiteRequest(name=f"{case.referral.name}/{site}"))
    assert failure.value.reason == "NOT_FOUND"
    case.save(site, offer=offer(), added_reason="it has such patients")
    assert [line.asked_about for line in case.lines()] == [True] * len(case.referral.sites) + [False]
    for asked in case.referral.sites:
        case.save(asked, refusal=refusal())
    done = case.at_desk("AnswerReferral", use_lines=True)
    assert [(o.site, o.comment) for o in done.offers] == [(site, "it has such patients")]


def test_a_requester_and_another_desk_read_no_line(denmark):
    case = Case(denmark)
    get = pb.GetReferralSiteRequest(name=f"{case.referral.name}/{case.referral.sites[0]}")
    with pytest.raises(Failure) as failure:
        denmark.client(REQUESTER).referral.GetReferralSite(get)
    assert failure.value.reason == "ROLE_NOT_PERMITTED"
    with pytest.raises(Failure) as failure:
        denmark.client(coordinator(case.others[0].desk)).referral.GetReferralSite(get)
    assert failure.value.reason == "NOT_FOUND"


def test_what_is_not_found_is_named_even_where_its_name_is_long(denmark):
    case = Case(denmark)
    line, referral = f"{case.referral.name}/sites/nowhere", f"{case.request.name}/referrals/{'x' * 60}"
    for call, name in ((lambda: case.desk().GetReferralSite(pb.GetReferralSiteRequest(name=line)), line),
                       (lambda: case.do(NATIONAL, "AcknowledgeReferral", name=referral), referral)):
        with pytest.raises(Failure, match=f'"{name}" does not exist, or is not yours to see'):
            call()


def test_own_questions_need_an_answer_or_the_word_that_it_is_not_known(denmark):
    case = Case(denmark, questions=QUESTIONS)
    first, *rest = case.referral.sites
    fields = {"offers": [offer(site=first)], "refusals": [referral_pb2.Refusal(site=s, reason=4) for s in rest]}
    with pytest.raises(Failure) as failure:
        case.at_desk("AnswerReferral", **fields)
    assert len(failure.value.fields["question_answers"]) == 2, "the directory answers the third"
    answers = [{"question": "nurse", "site": first, "not_known": True},
               {"question": "contract", "not_known": True}]
    done = case.at_desk("AnswerReferral", question_answers=answers, **fields)
    assert [a.question for a in done.question_answers] == ["nurse", "start-up", "contract"]


def test_a_question_asks_for_what_the_directory_holds_in_its_form(denmark):
    bad = [{"id": "a", "text": "?", "directoryField": "DIRECTORY_FIELD_START_UP_MEDIAN_DAYS"},
           {"id": "b", "text": "?", "type": "QUESTION_TYPE_YES_NO",
            "directoryField": "DIRECTORY_FIELD_CAPABILITY", "directoryArgument": "no-such"},
           {"id": "c", "text": "?", "scope": "QUESTION_SCOPE_DESK",
            "directoryField": "DIRECTORY_FIELD_LANGUAGES"},
           {"id": "d", "text": "?", "directoryArgument": "urologi"}]
    with pytest.raises(Failure) as failure:
        Case(denmark, questions=bad)
    at = "trial_request.questions"
    assert set(failure.value.fields) == {
        f"{at}[0].type", f"{at}[1].directory_argument", f"{at}[2].scope", f"{at}[3].directory_argument"}


def data_access(server):
    return Case(server, kind="TRIAL_KIND_DATA_ACCESS", specialities=[])


def test_data_access_is_pending_while_an_authority_decides_and_then_granted_on_conditions(denmark):
    case = data_access(denmark)
    waiting = case.at_desk("WaitForAuthority", authority="Data protection agency", reason="register data")
    assert waiting.outcome == referral_pb2.REFERRAL_OUTCOME_PENDING
    seen = case.seen_by(REQUESTER)
    assert seen.outcome == referral_pb2.REFERRAL_OUTCOME_PENDING
    assert seen.waiting_authority == "Data protection agency" and seen.HasField("waiting_since_time")
    assert not case.at_desk("RecordAuthorityWord", word="it agrees").outcome
    granted = case.at_desk("AnswerReferral", outcome=referral_pb2.REFERRAL_OUTCOME_GRANTED,
                           outcome_conditions="on site only", outcome_valid_to="2028-12-31")
    assert granted.outcome_conditions == "on site only"
    (desk,) = case.answer().desks
    assert (desk.outcome, desk.outcome_conditions, desk.outcome_valid_to) == (
        referral_pb2.REFERRAL_OUTCOME_GRANTED, "on site only", "2028-12-31")


def test_of_data_access_no_site_is_offered_and_pending_is_no_answer(denmark):
    case = data_access(denmark)
    with pytest.raises(Failure) as failure:
        case.at_desk("AnswerReferral", outcome=referral_pb2.REFERRAL_OUTCOME_PENDING, use_lines=True,
                     offers=[offer(site="sites/x")])
    assert {"outcome", "use_lines", "offers"} <= set(failure.value.fields)
    with pytest.raises(Failure) as failure:
        case.at_desk("AnswerReferral", outcome=referral_pb2.REFERRAL_OUTCOME_REFUSED,
                     outcome_conditions="on site only", outcome_valid_to="2020-01-01")
    assert {"outcome_conditions", "outcome_valid_to"} <= set(failure.value.fields)
    with pytest.raises(Failure) as failure:
        case.save("sites/x", asked_whom="nobody")
    assert failure.value.fields["referral_site.name"]


def test_a_withdrawn_request_waits_for_nobody(denmark):
    case = Case(denmark)
    case.at_desk("AskRequester", questions=["How many visits?"])
    denmark.client(REQUESTER).requests.WithdrawTrialRequest(request_pb.WithdrawTrialRequestRequest(
        name=case.request.name, reason="no funds", request_id=request_id()))
    seen = case.seen_by(REQUESTER)
    assert seen.state == referral_pb2.REFERRAL_STATE_WITHDRAWN and not seen.waiting_for
    assert case.server.client(REQUESTER).requests.GetTrialRequest(
        request_pb.GetTrialRequestRequest(name=case.request.name)
    ).state == trial_request_pb2.TRIAL_REQUEST_STATE_WITHDRAWN
