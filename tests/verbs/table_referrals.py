"""What desks do with referrals."""

from tests.e2e.harness import coordinator
from tests.verbs.verb import Verb

WRONG_STATE = ("FAILED_PRECONDITION", "WRONG_STATE")


def request_of(name):
    return "/".join(name.split("/")[:2])


def end(country, request):
    """The request is withdrawn, and its referrals with it."""
    country.withdraw(request_of(request.name))
    return WRONG_STATE


def acknowledge(country):
    referral, carl = country.referral()
    return carl, country.request("AcknowledgeReferral", name=referral.name)


def acknowledged_before(country, request):
    referral = country.do("national::nora", "GetReferral", name=request.name)
    country.do(coordinator(referral.desk), "AcknowledgeReferral", name=request.name)
    return WRONG_STATE


def answer(country):
    referral, carl = country.referral()
    return carl, country.request("AnswerReferral", **country.answer_of(referral))


def spoil_answer(request):
    request.offers[0].patients_claimed = -1
    request.offers[0].earliest_start = "soon"
    request.comment = "x" * 5000
    return {"offers[0].patients_claimed", "offers[0].earliest_start", "comment"}


def decline(country):
    referral, carl = country.referral()
    return carl, country.request("DeclineReferral", name=referral.name, decline={"reason": 4})


def spoil_decline(request):
    request.decline.reason = 99
    request.decline.comment = "x" * 5000
    return {"decline.reason", "decline.comment"}


def hand_over(country):
    referral, carl = country.referral()
    return carl, country.request("HandOverReferral", name=referral.name, desk="desks/secretariat",
                                 reason="they know the department")


def spoil_hand_over(request):
    request.desk = "desks/nowhere"
    request.reason = "x" * 3000
    return {"desk", "reason"}


def spoil_request_id(request):
    request.request_id = "\n"
    return {"request_id"}


VERBS = {
    "AcknowledgeReferral": Verb(
        acknowledge, ("requester", "auditor", "operator"), spoil_request_id, acknowledged_before),
    "AnswerReferral": Verb(
        answer, ("requester", "auditor", "operator"), spoil_answer, end,
        alter=lambda request: setattr(request, "comment", "on second thoughts")),
    "HandOverReferral": Verb(
        hand_over, ("requester", "auditor", "operator"), spoil_hand_over, end,
        alter=lambda request: setattr(request, "reason", "on second thoughts")),
    "DeclineReferral": Verb(
        decline, ("requester", "auditor", "operator"), spoil_decline, end,
        alter=lambda request: setattr(request.decline, "reason", 3)),
}
