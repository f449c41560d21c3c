"""What a verb of the API is to the tests of this folder, and the country in which verbs are tried.

    a new method that changes something: say in a table_*.py how it is called, and what goes wrong with it.
"""

import dataclasses
from collections.abc import Callable

import grpc
from google.protobuf.message import Message
from tests.access import wire
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, coordinator, request_id, trial

METHODS = wire.methods()
BY_NAME = {name.split(".")[1]: method for name, method in METHODS.items()}

# One principal of each role that has no part in what is tried.
STRANGERS = {
    "requester": "requester:organizations/nordic-demo-pharma:rita",
    "coordinator": "coordinator:desks/skane:sven",
    "national": NATIONAL,
    "auditor": AUDITOR,
    "operator": harness.OPERATOR,
}


@dataclasses.dataclass(frozen=True)
class Verb:
    """A method that changes something."""

    # A call that must be answered, on something made for it: (principal, request). Without request_id.
    make: Callable
    # Roles that may not.
    denied: tuple
    # Puts faults into several fields of the request; returns the fields of which the error must tell.
    spoil: Callable
    # Brings what the request is about to where the verb is not possible; returns the error's (code, reason).
    # None: a verb that is possible in every state; then `always` says why.
    outdate: Callable = None
    always: str = ""
    # Path of the field of the request that holds the etag; "": what is made has no version yet.
    etag: str = "etag"
    # Changes the request, so that it is another one, which another etag alone does not. None: a verb that is
    # told nothing but a name; the same of another resource is another request.
    alter: Callable = None
    # The action that the audit trail names; "": the method's name.
    action: str = ""
    # Whether the server can be asked to only check.
    checks: bool = True


def set_path(message, path, value):
    *parents, last = path.split(".")
    for parent in parents:
        message = getattr(message, parent)
    setattr(message, last, value)


class Country:
    """A server with the Danish pack, and short ways to bring requests and referrals where they are wanted."""

    def __init__(self, server):
        self.server = server
        self.channel = grpc.insecure_channel(server.address, [("grpc.max_send_message_length", 64 << 20)])

    def request(self, short, **fields) -> Message:
        return BY_NAME[short].request(**fields)

    def call(self, principal, short, request, timeout=60):
        """The answer, or harness.Failure."""
        method = BY_NAME[short]
        call = self.channel.unary_unary(
            method.path, request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString)
        harness.recorded.note_request(request)
        harness.recorded.note_principal(principal)
        try:
            return call(request, metadata=(("trialgate-principal", principal),), timeout=timeout)
        except grpc.RpcError as error:
            raise harness.Failure(error) from None

    def do(self, principal, short, **fields):
        """A change that must be answered."""
        request = self.request(short, **fields)
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            request.request_id = request_id()
        return self.call(principal, short, request)

    def events(self, action):
        """How many events of an action the trail has."""
        listed = self.call(AUDITOR, "ListAuditEvents",
                           self.request("ListAuditEvents", action=action, page_size=1000))
        return sum(event.action == action for event in listed.audit_events)

    # --- requests and referrals ---

    def submit(self, principal=REQUESTER, **changes):
        return self.do(principal, "SubmitTrialRequest", trial_request=trial(**changes)).trial_request

    def referrals(self, name):
        return self.do(NATIONAL, "ListReferrals", parent=name).referrals

    def referral(self, **changes):
        """The first referral of a request of its own, and the principal who works on it."""
        referral = self.referrals(self.submit(**changes).name)[0]
        return referral, coordinator(referral.desk)

    def answer_of(self, referral):
        """An answer that holds nothing: one offer, the rest refused."""
        offers = [{"site": site, "patients_claimed": 8, "earliest_start": "2027-09-01", "firmness": 2}
                  for site in referral.sites[:1]]
        refusals = [{"site": site, "reason": 4} for site in referral.sites[1:]]
        return {"name": referral.name, "offers": offers, "refusals": refusals}

    def decline(self, referral):
        return self.do(coordinator(referral.desk), "DeclineReferral", name=referral.name,
                       decline={"reason": 4})

    def answered(self):
        """A request of which all referrals have ended: the first is answered, the rest are declined."""
        name = self.submit().name
        first, *rest = self.referrals(name)
        self.do(coordinator(first.desk), "AnswerReferral", **self.answer_of(first))
        for referral in rest:
            self.decline(referral)
        return name, first

    def withdraw(self, name):
        return self.do(REQUESTER, "WithdrawTrialRequest", name=name, reason="no funds")
