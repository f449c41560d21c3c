"""A server with requests of several organizations in every state, and the model of what it holds."""

import itertools
import uuid

from google.protobuf import json_format
from tests.access import wire
from tests.access.model import Model, Principal, request_of
from tests.e2e import harness
from trialgate.v1 import referral_pb2, trial_request_pb2

NATIONAL = Principal("national", subject="nora")
ALPHA = "organizations/nordic-demo-pharma"
BETA = "organizations/beta-therapeutics"
CRO = "organizations/gamma-research"
IDLE = "organizations/idle-devices"
# Nobody is turned away for calling much; reflection is a way out that must be looked at too.
SERVER_FLAGS = harness.UNLIMITED + ["--rate-failed-logins=unlimited", "--reflection=true"]
REGIONAL = ("desks/capital", "desks/zealand", "desks/southern-denmark", "desks/central-denmark",
            "desks/north-denmark", "desks/skane")
STATES = ("routed", "acknowledged", "partly", "answered", "confirmed", "withdrawn")


def request_id():
    return uuid.uuid4().hex


class World:
    """Small helpers to act on a server; every one keeps the model as the server is."""

    def __init__(self, server, rng, on_received=None):
        self.server = server
        self.rng = rng
        self.methods = wire.methods()
        self.wire = wire.Wire(server, on_received)
        self.model = Model()
        self.numbers = itertools.count()

    def method(self, short):
        (found,) = [m for n, m in self.methods.items() if n.endswith("." + short)]
        return found

    def call(self, principal, short, **fields):
        method = self.method(short)
        return self.wire.call(method, method.request(**fields), principal.text)

    def must(self, principal, short, **fields):
        outcome = self.call(principal, short, **fields)
        assert outcome.ok, f"{principal.text}: {outcome}"
        return outcome.parsed()

    def pages(self, short, field, **fields):
        token, found = "", []
        while True:
            page = self.must(NATIONAL, short, page_size=1000, page_token=token, **fields)
            found += getattr(page, field)
            token = page.next_page_token
            if not token:
                return found

    # --- the model ---

    def learn_directory(self):
        for short, field in (("ListSites", "sites"), ("ListDesks", "desks"), ("ListRegions", "regions"),
                             ("ListOrganizations", "organizations"), ("ListCdas", "cdas")):
            setattr(self.model, field, {one.name: one for one in self.pages(short, field)})

    def learn_request(self, name):
        """Reads again what there is of a request."""
        model = self.model
        model.requests[name] = self.must(NATIONAL, "GetTrialRequest", name=name)
        for referral in self.pages("ListReferrals", "referrals", parent=name):
            model.referrals[referral.name] = referral
        model.reports[name] = self.must(NATIONAL, "GetFeasibilityReport", name=name)
        if model.requests[name].answer_version:
            model.answers[name] = self.must(NATIONAL, "GetCollatedAnswer", name=name)

    # --- acts ---

    def organization(self, name, kind, **more):
        self.must(NATIONAL, "CreateOrganization", organization_id=name.split("/")[1],
                  organization={"display_name": name.split("/")[1].title(), "type": kind, **more},
                  request_id=request_id())

    def draft(self, requester, confidentiality="OPEN", **changes):
        number = next(self.numbers)
        fields = {
            "requester": requester,
            "title": f"A study numbered {number} after surgery",
            "synopsis": f"The whole synopsis of {number}",
            "eligibilityCriteria": "Adults; consent",
            "externalIds": [{"system": "protocol", "code": f"PRT-{number:05d}"}],
            "confidentiality": "CONFIDENTIALITY_" + confidentiality,
            "questions": [{"id": "staff", "text": "Is there a study nurse?"}],
            "documents": [{"displayName": f"protocol-{number}.pdf", "mediaType": "application/pdf",
                           "sizeBytes": "1024", "sha256": "ab" * 32,
                           "uri": f"https://files.example/{number}"}],
        }
        if confidentiality != "OPEN":
            fields |= {"blindedTitle": f"A study of a device, {number}", "blindedSynopsis": "In short"}
        fields.update(changes)
        return harness.trial(**fields)

    def submit(self, principal, draft):
        done = self.must(principal, "SubmitTrialRequest", trial_request=draft, request_id=request_id())
        self.learn_request(done.trial_request.name)
        return done.trial_request.name

    def at_desk(self, referral, short, **fields):
        desk = Principal("coordinator", desks=(referral.desk,), subject="carl")
        return self.must(desk, short, name=referral.name, request_id=request_id(), **fields)

    def end(self, referral, decline=False):
        """Answers, or declines, for the desk."""
        if decline or not referral.sites:
            decline = {"reason": referral_pb2.REFUSAL_REASON_NO_STAFF, "comment": "no nurse until May"}
            return self.at_desk(referral, "DeclineReferral", decline=decline)
        firm = self.rng.random() < 0.5
        offer = {"site": referral.sites[0], "patients_claimed": 10, "earliest_start": "2027-09-01",
                 "principal_investigator": "Dr. Who", "conditions": "two nurses",
                 "firmness": 1 if firm else 2}
        refusals = [{"site": s, "reason": referral_pb2.REFUSAL_REASON_COMPETING_STUDY}
                    for s in referral.sites[1:]]
        asked = self.model.requests[request_of(referral.name)].questions
        answers = [{"question": q.id, "site": offer["site"], "text": "yes, two"} for q in asked]
        return self.at_desk(referral, "AnswerReferral", offers=[offer], refusals=refusals,
                            question_answers=answers, comment="gladly")

    def selections(self, name):
        answer = self.must(NATIONAL, "GetCollatedAnswer", name=name)
        offered = [s for s in answer.sites if s.outcome == trial_request_pb2.SITE_OUTCOME_OFFERED]
        return [{"site": s.site, "referral": s.referral, "selected": i == 0,
                 "reason": 0 if i == 0 else trial_request_pb2.NOT_SELECTED_REASON_ENOUGH_SITES,
                 "comment": f"because of {name}"} for i, s in enumerate(offered)]

    def bring_to(self, name, state):
        """A routed request to the state wanted, by those who may."""
        owner = Principal("requester", self.model.requests[name].requester)
        referrals = [r for r in self.model.referrals.values() if request_of(r.name) == name]
        if state == "acknowledged":
            self.at_desk(referrals[0], "AcknowledgeReferral")
        elif state == "withdrawn":
            self.must(owner, "WithdrawTrialRequest", name=name, reason="no funds", request_id=request_id())
        elif state != "routed":
            for i, referral in enumerate(referrals[:1] if state == "partly" else referrals):
                self.end(referral, decline=i % 3 == 2)
        if state == "confirmed":
            self.must(owner, "ConfirmTrialRequest", name=name, selections=self.selections(name),
                      request_id=request_id())
        self.learn_request(name)

    def cda(self, sponsor, desk, **dates):
        cda = {"sponsor": sponsor, "desk": desk, "effective_date": "2026-01-01", "reference": "D-1", **dates}
        return self.must(NATIONAL, "CreateCda", cda=cda, request_id=request_id())

    def make_room(self, sites):
        """Slots for all that follows, used more here and less there; the last site is full."""
        months = [f"{2027 + m // 12}-{m % 12 + 1:02}" for m in range(8, 24)]
        for site in sites:
            used = 60 if site == sites[-1] else self.rng.randrange(40)
            self.must(NATIONAL, "UpdateSiteCapacity", request_id=request_id(), capacity={
                "name": site + "/capacity", "slots": 60,
                "months": [{"month": m, "occupied_declared": used} for m in months]})

    def populate(self):
        harness.apply_pack(self.server)
        self.organization(BETA, "ORGANIZATION_TYPE_COMPANY", size="COMPANY_SIZE_LARGE")
        self.organization(CRO, "ORGANIZATION_TYPE_CRO")
        self.organization(IDLE, "ORGANIZATION_TYPE_COMPANY", size="COMPANY_SIZE_MICRO")
        self.cda(ALPHA, "desks/central-denmark")
        self.cda(ALPHA, "desks/north-denmark", expiry_date="2026-10-31")
        self.cda(BETA, "desks/southern-denmark", effective_date="2027-01-01")
        revoked = self.cda(BETA, "desks/central-denmark")
        self.must(NATIONAL, "RevokeCda", name=revoked.name, reason="ended", request_id=request_id())
        self.learn_directory()
        urology = [s.name for s in self.model.sites.values() if "urologi" in s.specialities]
        self.make_room(urology)
        states = itertools.cycle(STATES)
        for organization, sponsor in ((ALPHA, ""), (BETA, ""), (CRO, ALPHA)):
            for confidentiality in ("OPEN", "BLINDED", "CDA_REQUIRED"):
                for _ in range(2):
                    draft = self.draft(organization, confidentiality, sponsor=sponsor,
                                       sitesAlreadyContacted=self.rng.sample(urology, 2))
                    name = self.submit(Principal("requester", organization), draft)
                    self.bring_to(name, next(states))
        idea = self.draft(BETA, kind="TRIAL_KIND_IDEA", specialities=[])
        self.submit(Principal("coordinator", desks=("desks/idea-clinic",)), idea)
        for confidentiality in ("OPEN", "BLINDED"):
            self.submit_persons_idea(confidentiality)
        return self

    def submit_persons_idea(self, confidentiality):
        """The idea of a person, which a desk is asked about that did not submit it."""
        idea = self.draft(BETA, confidentiality, kind="TRIAL_KIND_IDEA", specialities=[])
        for field in ("requester", "sponsor", "contact"):
            idea.ClearField(field)
        idea.submitter.display_name, idea.submitter.email = "Ida Idemager", "ida@example.dk"
        idea.submitter.affiliation = 4
        name = self.submit(Principal("coordinator", desks=("desks/idea-clinic",)), idea)
        self.must(NATIONAL, "HandOverReferral", name=self.model.requests[name].referrals[0],
                  desk="desks/secretariat", reason="the clinic does not answer for itself",
                  request_id=request_id())
        self.learn_request(name)


def as_json(message):
    return json_format.MessageToJson(message, preserving_proto_field_name=True)
