"""What requesters do with trial requests."""

from tests.e2e.harness import NATIONAL, REQUESTER, trial
from tests.verbs.table_referrals import WRONG_STATE
from tests.verbs.verb import Verb


def submit(country):
    return REQUESTER, country.request("SubmitTrialRequest", trial_request=trial())


def spoil_submit(request):
    request.trial_request.title = ""
    request.trial_request.recruitment_months = 61
    return {"trial_request.title", "trial_request.recruitment_months"}


def withdraw(country):
    return REQUESTER, country.request("WithdrawTrialRequest", name=country.submit().name, reason="no funds")


def withdrawn_before(country, request):
    country.withdraw(request.name)
    return WRONG_STATE


def spoil_withdraw(request):
    request.reason = "x" * 3000
    request.request_id = "\n"
    return {"reason", "request_id"}


def add_referral(country):
    request = country.submit()
    site = country.referrals(request.name)[0].sites[0]
    return NATIONAL, country.request("AddReferral", name=request.name, desk="desks/secretariat",
                                     sites=[site], reason="one more should be asked")


def spoil_add_referral(request):
    request.desk = "desks/nowhere"
    request.reason = ""
    request.sites.append("sites/nowhere")
    return {"desk", "reason", "sites[1]"}


def confirm(country):
    name, referral = country.answered()
    selection = {"site": referral.sites[0], "referral": referral.name, "reason": 1}
    return REQUESTER, country.request("ConfirmTrialRequest", name=name, selections=[selection])


def spoil_confirm(request):
    request.selections[0].reason = 99
    request.selections[0].comment = "x" * 3000
    return {"selections[0].reason", "selections[0].comment"}


VERBS = {
    "SubmitTrialRequest": Verb(
        submit, ("auditor", "operator"), spoil_submit, etag="",
        always="it makes a request: there is no state before",
        alter=lambda request: setattr(request.trial_request, "title", "Another study")),
    "AddReferral": Verb(
        add_referral, ("requester", "coordinator", "auditor", "operator"), spoil_add_referral, withdrawn_before,
        alter=lambda request: setattr(request, "reason", "on second thoughts")),
    "WithdrawTrialRequest": Verb(
        withdraw, ("auditor", "operator"), spoil_withdraw, withdrawn_before,
        alter=lambda request: setattr(request, "reason", "on second thoughts")),
    "ConfirmTrialRequest": Verb(
        confirm, ("coordinator", "auditor", "operator"), spoil_confirm, withdrawn_before,
        alter=lambda request: setattr(request.selections[0], "reason", 2)),
}
