"""CDAs, and what is held of persons."""

from tests.e2e.harness import NATIONAL
from tests.verbs.table_referrals import WRONG_STATE
from tests.verbs.verb import Verb

CDA = {"sponsor": "organizations/nordic-demo-pharma", "desk": "desks/skane", "reference": "D-1",
       "effective_date": "2026-01-01"}


def create(country):
    return NATIONAL, country.request("CreateCda", cda=CDA)


def spoil_create(request):
    request.cda.desk = "desks/nowhere"
    request.cda.effective_date = "today"
    return {"cda.desk", "cda.effective_date"}


def revoke(country):
    cda = country.do(NATIONAL, "CreateCda", cda=CDA)
    return NATIONAL, country.request("RevokeCda", name=cda.name, reason="ended")


def revoked_before(country, request):
    country.do(NATIONAL, "RevokeCda", name=request.name, reason="ended")
    return WRONG_STATE


def spoil_reason(request):
    request.reason = "x" * 3000
    request.request_id = "\n"
    return {"reason", "request_id"}


def erase(country):
    return NATIONAL, country.request("ErasePerson", name=country.submit().name, reason="asked for it")


def erased_before(country, request):
    country.do(NATIONAL, "ErasePerson", name=request.name, reason="asked for it")
    return "NOT_FOUND", "PERSON_ERASED"


VERBS = {
    "CreateCda": Verb(create, ("requester", "coordinator", "auditor", "operator"), spoil_create, etag="",
                      always="a sponsor and a desk may have several",
                      alter=lambda request: setattr(request.cda, "reference", "D-2")),
    "RevokeCda": Verb(revoke, ("requester", "coordinator", "auditor", "operator"), spoil_reason,
                      revoked_before, alter=lambda request: setattr(request, "reason", "on second thoughts")),
    "ErasePerson": Verb(erase, ("requester", "coordinator", "auditor", "operator"), spoil_reason,
                        erased_before, etag="",
                        alter=lambda request: setattr(request, "reason", "on second thoughts")),
}
