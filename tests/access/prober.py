"""Makes calls at random and holds each answer against the table and the model.

    prober = Prober(world, rng)
    prober.step()    # one call, or one walk over a list; AssertionError says what was wrong
"""

import collections
import string

from tests.access import calls, lists
from tests.access.model import Principal
from tests.access.table import RULES
from tests.access.world import ALPHA, BETA, CRO, IDLE, REGIONAL, as_json
from trialgate.v1 import types_pb2

LETTERS = {"r": "requester", "c": "coordinator", "n": "national", "a": "auditor", "o": "operator"}
MALFORMED_PRINCIPALS = (
    None, "", "requester", "requester::rita", "coordinator::carl", "national:organizations/x:nora",
    "program::p", "root::r", "requester:organizations/a:rita:more", "requester:ORGANIZATIONS/a:rita",
    "coordinator:desks/a,:carl", "coordinator:desks/a,desks/a:carl", "national::no ra", "national::",
    ["national::nora", "national::nora"], ["requester:organizations/a:x", "national::nora"],
    "coordinator:desks/" + "x" * 70 + ":c", "national::" + "n" * 129, "NATIONAL::nora")
NEVER = ("INTERNAL", "UNKNOWN", "DATA_LOSS", "UNIMPLEMENTED", "UNAVAILABLE")
# Answers that a shared machine or the server's own limits may give; such a call proves nothing.
UNDECIDED = ("RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED")


def roles_of(rule):
    return {LETTERS[letter] for letter in rule.roles}


def random_principal(rng):
    kind = rng.choice(("requester",) * 4 + ("coordinator",) * 5 + ("national", "auditor", "operator"))
    subject = rng.choice(("sam", "rita", "carl"))
    if kind == "requester":
        organization = rng.choice((ALPHA, BETA, CRO, IDLE, "organizations/nobody-knows"))
        return Principal(kind, organization, subject=subject)
    if kind == "coordinator":
        pool = REGIONAL + ("desks/idea-clinic", "desks/secretariat", "desks/nowhere", "desks/oncology")
        return Principal(kind, desks=tuple(rng.sample(pool, rng.choice((1, 1, 1, 2, 3)))), subject=subject)
    return Principal(kind, subject=subject)


def twin(rng, name):
    """A name of the same form and length that nothing has."""
    parts = name.split("/")
    for i in range(1, len(parts), 2):
        if not parts[i].isdigit():
            alphabet = string.ascii_lowercase
            parts[i] = "".join(c if c == "-" else rng.choice(alphabet) for c in parts[i])
    return "/".join(parts)


def renamed(received, twin_name, name):
    """What was received of a twin, with the names of the other."""
    for a, b in zip(twin_name.split("/"), name.split("/")):
        if a != b:
            received = received.replace(a.encode(), b.encode())
    return received


class Prober:
    def __init__(self, world, rng):
        self.world, self.model, self.rng = world, world.model, rng
        self.count = collections.Counter()
        self.tokens = []
        self.sent = collections.deque(maxlen=100)
        self.answered = set()

    def step(self):
        draw = self.rng.random()
        if draw < 0.06:
            self.malformed_principal()
        elif draw < 0.20:
            self.walk()
        elif draw < 0.26:
            self.foreign_token()
        elif draw < 0.32:
            self.random_call("TrialRequestService.SubmitTrialRequest")
        elif draw < 0.36:
            self.foreign_requester()
        elif draw < 0.40:
            self.replay()
        else:
            self.random_call()

    # --- one call ---

    def call(self, principal, method, message):
        outcome = self.world.wire.call(method, message, getattr(principal, "text", principal))
        self.count["calls"] += 1
        assert outcome.code not in NEVER, self.says(principal, message, outcome, "never answered so")
        return outcome

    def says(self, principal, message, outcome, expected):
        shown = message if isinstance(message, bytes) else as_json(message)
        body = as_json(outcome.parsed())[:4000] if outcome.bodies else ""
        return (f"{getattr(principal, 'text', principal)!r} called {outcome.method.path} with\n"
                f"{shown[:3000]}\nexpected: {expected}\ngot: {outcome}\n{body}")

    def malformed_principal(self):
        method = self.world.methods[self.rng.choice(sorted(self.world.methods))]
        principal = self.rng.choice(MALFORMED_PRINCIPALS)
        outcome = self.call(principal, method, calls.garbage_bytes(self.rng))
        expected = ("UNAUTHENTICATED", "NO_PRINCIPAL")
        assert (outcome.code, outcome.reason) == expected, self.says(principal, b"", outcome, expected)
        self.count["unauthenticated"] += 1

    def random_call(self, name=None):
        principal = random_principal(self.rng)
        name = name or self.rng.choice(sorted(self.world.methods))
        rule, method = RULES[name], self.world.methods[name]
        if principal.role not in roles_of(rule):
            return self.denied(principal, method)
        target = calls.pick_name(self, name, rule, principal)
        message, is_valid = calls.build(self, method, rule, principal, target)
        is_valid = is_valid and name.split(".")[1] not in calls.NOT_ALWAYS_VALID
        return self.probe(principal, name, message, target, is_valid)

    def denied(self, principal, method):
        message = self.rng.choice((calls.garbage_bytes(self.rng), calls.garbage(self, method), b""))
        outcome = self.call(principal, method, message)
        if outcome.code in UNDECIDED:
            return
        expected = ("PERMISSION_DENIED", "ROLE_NOT_PERMITTED")
        assert (outcome.code, outcome.reason) == expected, self.says(principal, message, outcome, expected)
        self.count["denied"] += 1

    def probe(self, principal, name, message, target, is_valid):
        """A call by a role that may make it."""
        rule, method = RULES[name], self.world.methods[name]
        outcome = self.call(principal, method, message)
        if outcome.code in UNDECIDED:
            return
        if rule.names and not self.sees(rule, principal, message, target):
            self.hidden(principal, name, message, target, outcome)
        elif not self.may_change(principal, name, message, target):
            assert outcome.code == "PERMISSION_DENIED", self.says(
                principal, message, outcome, "denied, before any validation")
            self.count["denied"] += 1
        else:
            self.let_through(principal, name, message, target, outcome, is_valid)

    def may_change(self, principal, name, message, target):
        """Of what is no secret: a site by its region, what is a desk's by the desk, an idea by an idea clinic."""
        short = name.split(".")[1]
        if short in ("UpdateSiteCapacity", "SetCapacityMonths", "UpdateSite", "MarkSiteReviewed", "EndSite"):
            return self.model.sets_capacity(principal, target)
        if short in ("UpdateRegion", "CreateSite"):
            return self.model.answers_for(principal, target or message.site.region)
        if short in ("UpdateDesk", "CreateContact"):
            return principal.role == "national" or target in principal.desks
        if short == "CreateOrganization":
            own = principal.organization == f"organizations/{message.organization_id}"
            return principal.role == "national" or own
        if name.endswith(".SubmitTrialRequest") and principal.role == "coordinator":
            idea = message.trial_request.kind == types_pb2.TRIAL_KIND_IDEA
            return idea and "desks/idea-clinic" in principal.desks
        return True

    def sees(self, rule, principal, message, target):
        if target == "trialRequests/-":
            return principal.role == "national" or message.desk in principal.desks
        return getattr(self.model, rule.sees)(principal, target)

    def hidden(self, principal, name, message, target, outcome):
        rule, method = RULES[name], self.world.methods[name]
        says = self.says(principal, message, outcome, "NOT_FOUND, as what does not exist")
        well_formed = target in calls.all_names(self.model) or target in self.model.organizations
        if well_formed and (rule.changes or not calls.is_list(name)):
            assert (outcome.code, outcome.reason) == ("NOT_FOUND", "NOT_FOUND"), says
        assert outcome.code in ("NOT_FOUND", "INVALID_ARGUMENT"), says
        # Nothing tells it from one that is not there.
        field, hidden_name = rule.names, target
        if target == "trialRequests/-":
            field, hidden_name = "desk", message.desk
        if hidden_name in calls.MALFORMED or not hidden_name:
            return
        other = twin(self.rng, hidden_name)
        copy = method.request.FromString(message.SerializeToString())
        calls.set_field(copy, field, other)
        absent = self.call(principal, method, copy)
        if absent.code in UNDECIDED:
            return
        same = renamed(absent.received(), other, hidden_name) == outcome.received()
        assert same and absent.code == outcome.code, (
            says + f"\nbut of {other}: {absent}\n{absent.metadata}\n{outcome.metadata}")
        self.count["hidden"] += 1

    def let_through(self, principal, name, message, target, outcome, is_valid):
        says = self.says(principal, message, outcome, "let through")
        assert outcome.code not in ("PERMISSION_DENIED", "UNAUTHENTICATED"), says
        if outcome.code == "NOT_FOUND":
            no_desk = target == "trialRequests/-" and message.desk not in self.model.desks
            assert no_desk or calls.may_be_absent(self.model, name, target), says
        if is_valid:
            assert outcome.code != "INVALID_ARGUMENT", says
        self.count["through"] += 1
        if not outcome.ok:
            return
        changed = RULES[name].changes and not getattr(message, "validate_only", False)
        if changed:
            self.sent.append((name, message, target))
            self.answered.add((principal.text, name, message.request_id))
            calls.learn(self, name, message, target, outcome.parsed())
        problem = calls.check_content(self, name, principal, message, target, outcome.parsed())
        assert not problem, says + "\n" + problem
        self.count["content"] += 1

    # --- acts of several calls ---

    def walk(self):
        principal = random_principal(self.rng)
        if principal.role in ("requester", "coordinator", "national"):
            lists.walk(self, principal)

    def replay(self):
        """Somebody else sends what was answered before, with the same request id."""
        if not self.sent:
            return
        name, message, target = self.rng.choice(self.sent)
        principal = random_principal(self.rng)
        # Who sent it before gets the first answer again, whatever has changed since.
        answered = (principal.text, name, message.request_id) in self.answered
        if answered or principal.role not in roles_of(RULES[name]):
            return
        self.probe(principal, name, message, target, is_valid=False)
        self.count["replayed"] += 1

    def foreign_token(self):
        """A page token is of no use to anybody else."""
        if not self.tokens:
            return
        owner, method, message = self.rng.choice(self.tokens)
        principal = random_principal(self.rng)
        rule = RULES[method.name]
        if principal.scope == owner.scope or principal.role not in roles_of(rule):
            return
        outcome = self.call(principal, method, message)
        if outcome.code in UNDECIDED:
            return
        expected = ("INVALID_ARGUMENT", "NOT_FOUND")
        assert outcome.code in expected, self.says(principal, message, outcome, f"{expected}: not its token")
        self.count["foreign tokens"] += 1

    def foreign_requester(self):
        """What is said of another organization tells nothing of whether it exists."""
        principal = Principal("requester", self.rng.choice((ALPHA, BETA, CRO)))
        other = self.rng.choice([o for o in self.model.organizations if o != principal.organization])
        absent = twin(self.rng, other)
        method = self.world.method(self.rng.choice(("SubmitTrialRequest", "AssessTrialRequest")))
        draft = self.world.draft(other, self.rng.choice(("OPEN", "BLINDED")))
        if draft.blinded_title:
            draft.blinded_title = self.model.organizations[other].display_name
        calls.add_faults(draft, self.rng)
        first, second = calls.submission(method, draft), calls.submission(method, draft)
        second.trial_request.requester = absent
        outcomes = [self.call(principal, method, message) for message in (first, second)]
        if any(outcome.code in UNDECIDED for outcome in outcomes):
            return
        says = self.says(principal, first, outcomes[0], f"as of one that does not exist: {outcomes[1]}")
        assert outcomes[0].code == "INVALID_ARGUMENT", says
        assert renamed(outcomes[1].received(), absent, other) == outcomes[0].received(), says
        self.count["foreign requesters"] += 1
