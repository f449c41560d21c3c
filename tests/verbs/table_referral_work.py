"""What desks and requesters say to each other on the way to an answer, and the lines of the work."""

from tests.e2e.harness import REQUESTER, coordinator
from tests.verbs.table_referrals import WRONG_STATE, end, request_of
from tests.verbs.verb import Verb

NOT_A_DESK = ("requester", "auditor", "operator")
# A coordinator replies for who came to its idea clinic; any other finds nothing.
NOT_A_REQUESTER = ("auditor", "operator")


def ask(country):
    referral, carl = country.referral()
    return carl, country.request("AskRequester", name=referral.name, questions=["How many visits?"])


def spoil_ask(request):
    request.questions.extend(["", "x" * 5000])
    return {"questions[1]", "questions[2]"}


def ask_twice(country, request):
    referral = country.do("national::nora", "GetReferral", name=request.name)
    country.do(coordinator(referral.desk), "AskRequester", name=request.name, questions=["And blood?"])
    return WRONG_STATE


def reply(country):
    carl, question = ask(country)
    asked = country.do(carl, "AskRequester", name=question.name, questions=list(question.questions))
    return REQUESTER, country.request(
        "ReplyToReferral", name=question.name,
        replies=[{"question": asked.thread[-1].id, "text": "Two a month"}])


def spoil_reply(request):
    request.replies[0].text = ""
    request.replies.add(question="99", text="x" * 5000)
    return {"replies[0].text", "replies[1].question", "replies[1].text"}


def wait_instead(country, request):
    """The desk has the reply, and waits for an authority by now."""
    country.do(REQUESTER, "ReplyToReferral", name=request.name, replies=list(request.replies))
    desk = country.do("national::nora", "GetReferral", name=request.name).desk
    country.do(coordinator(desk), "WaitForAuthority", name=request.name, authority="VMK", reason="approval")
    return WRONG_STATE


def wait(country):
    referral, carl = country.referral()
    return carl, country.request(
        "WaitForAuthority", name=referral.name, authority="VMK", reason="its meeting is in May")


def spoil_wait(request):
    request.authority, request.reason = "x" * 300, ""
    return {"authority", "reason"}


def word(country):
    carl, waits = wait(country)
    country.do(carl, "WaitForAuthority", name=waits.name, authority=waits.authority, reason=waits.reason)
    return carl, country.request("RecordAuthorityWord", name=waits.name, word="approved")


def spoil_word(request):
    request.word = "x" * 5000
    return {"word"}


def ask_instead(country, request):
    """The authority has spoken, and the desk waits for the requester by now."""
    desk = country.do("national::nora", "GetReferral", name=request.name).desk
    country.do(coordinator(desk), "RecordAuthorityWord", name=request.name, word="yes")
    country.do(coordinator(desk), "AskRequester", name=request.name, questions=["And blood?"])
    return WRONG_STATE


def line(country):
    referral, carl = country.referral()
    return carl, country.request("UpdateReferralSite", referral_site={
        "name": f"{referral.name}/{referral.sites[0]}", "asked_whom": "the lead nurse"})


def spoil_line(request):
    request.referral_site.asked_date, request.referral_site.replied_date = "2099-01-01", "soon"
    request.referral_site.internal_note = "x" * 5000
    request.referral_site.offer.patients_claimed = -1
    return {"referral_site.asked_date", "referral_site.replied_date", "referral_site.internal_note",
            "referral_site.offer.patients_claimed"}


def end_of_line(country, request):
    country.withdraw(request_of(request.referral_site.name))
    return WRONG_STATE


VERBS = {
    "AskRequester": Verb(
        ask, NOT_A_DESK, spoil_ask, ask_twice, alter=lambda request: request.questions.append("Why?")),
    "ReplyToReferral": Verb(
        reply, NOT_A_REQUESTER, spoil_reply, wait_instead,
        alter=lambda request: setattr(request.replies[0], "text", "Three")),
    "WaitForAuthority": Verb(
        wait, NOT_A_DESK, spoil_wait, end, alter=lambda request: setattr(request, "reason", "of other kinds of patients")),
    "RecordAuthorityWord": Verb(
        word, NOT_A_DESK, spoil_word, ask_instead, alter=lambda request: setattr(request, "word", "no")),
    "UpdateReferralSite": Verb(
        line, NOT_A_DESK, spoil_line, end_of_line, etag="referral_site.etag",
        alter=lambda request: setattr(request.referral_site, "asked_whom", "on second thoughts")),
}
