"""Organizations and desks that work side by side, each in a thread, and look into each other's pockets."""

import itertools
import random
import uuid

from tests.access import poke
from tests.e2e import harness
from trialgate.v1 import referral_pb2, trial_request_pb2

DESKS = {"blind": "desks/central-denmark", "cda": "desks/southern-denmark", "flaps": "desks/north-denmark"}
REGIONS = [desk.replace("desks/", "regions/") for desk in DESKS.values()]
MAX_SUBMITS = 300
MAX_STEPS = 1_000_000
MAX_LOOT = 400


class Loot:
    """What everybody has, for everybody to try."""

    def __init__(self):
        self.lists = {"names": [], "tokens": [], "request_ids": [], "etags": []}

    def add(self, kind, *values):
        kept = self.lists[kind]
        kept.extend(v for v in values if v)
        del kept[:max(0, len(kept) - MAX_LOOT)]


class Actor:
    """Acts under one principal; `step` does one thing."""

    def __init__(self, run, principal, seed, own_text):
        self.run, self.principal, self.own_text = run, principal, own_text
        self.rng = random.Random(seed)
        self.used_ids = set()

    def call(self, short, **fields):
        method = self.run.methods_by_short[short]
        return self.send(method, method.request(**fields))

    def send(self, method, message):
        outcome = self.run.wire.call(method, message, self.principal)
        key = (method.name, getattr(message, "request_id", ""))
        if outcome.reason == "REQUEST_ID_REUSED" and key not in self.used_ids:
            self.run.receivers.problem(
                f"{self.principal} learns from {method.path} that somebody has used its request id")
        self.used_ids.add(key)
        return outcome

    def request_id(self):
        new = self.own_text + uuid.uuid4().hex if self.rng.random() < 0.5 else uuid.uuid4().hex
        self.run.loot.add("request_ids", new)
        return new

    def poke(self):
        """Any method, with whatever was found at the others'."""
        method = self.rng.choice(self.run.methods)
        self.send(method, poke.fill(method.request(), self.rng, self.run.loot.lists, self.own_text))

    def watched(self):
        """(method, fields) of a stream that the actor may find something in."""
        return "WatchDirectory", {}

    def listen(self, until):
        """Beside what it does: streams that stay open for a while, one after the other."""
        rng = random.Random(self.rng.random())
        for _ in itertools.repeat(None, MAX_STEPS):
            if self.run.is_over(until):
                return
            short, fields = self.watched()
            if rng.random() < 0.3 and self.run.loot.lists["names"]:
                short, fields = "WatchTrialRequest", {"name": rng.choice(self.run.loot.lists["names"])}
            method = self.run.methods_by_short[short]
            outcome = self.run.wire.call(method, method.request(**fields), self.principal,
                                         linger=rng.choice((0.2, 2)))
            if not outcome.ok and self.run.stop.wait(0.1):
                return
            for body in outcome.bodies[-1:]:
                self.run.loot.add("tokens", method.response.FromString(body).resume_token)

    def loop(self, until):
        for _ in itertools.repeat(None, MAX_STEPS):
            if self.run.is_over(until):
                return
            self.step()

    def step(self):
        self.poke()


class Rival(Actor):
    """A requester: it submits, reads, decides, and tries the names, ids and tokens of the others."""

    def __init__(self, run, organization, marks, seed, sponsors=("",), kinds=("OPEN", "BLINDED")):
        super().__init__(run, f"requester:{organization}:r{marks['open'].text}", seed, marks["open"].text)
        self.organization, self.marks, self.sponsors, self.kinds = organization, marks, sponsors, kinds
        self.requests, self.texts = [], {}

    def watched(self):
        if not self.requests:
            return super().watched()
        name = random.choice(self.requests)
        return random.choice((("WatchTrialRequest", {"name": name}), ("WatchReferrals", {"parent": name})))

    def draft(self):
        kind = self.rng.choice(self.kinds)
        mark = self.marks["open" if kind == "OPEN" else "blind"].text
        shown = self.marks["shown"].text
        same = self.rng.random() < 0.2
        return harness.trial(
            requester=self.organization, sponsor=self.rng.choice(self.sponsors),
            title="A study of the same title" if same else f"A study {mark}",
            synopsis=f"Synopsis {mark}", eligibilityCriteria=f"Adults {mark}",
            externalIds=[{"system": "protocol", "code": "SAME-1" if same else mark, "display": mark}],
            conditions=[{"text": f"Erectile dysfunction {shown}"}],
            questions=[{"id": f"q-{shown}", "text": f"What of {shown}?"}],
            documents=[{"displayName": f"{mark}.pdf", "mediaType": f"application/x-{mark}",
                        "sizeBytes": "5", "sha256": "ab" * 32, "uri": f"https://{mark}.example/{mark}"}],
            contact={"displayName": f"Ann {mark}", "email": f"{mark}@example.org", "phone": mark},
            regionsWanted=REGIONS, sitesAlreadyContacted=self.rng.sample(self.run.sites, 2),
            confidentiality="CONFIDENTIALITY_" + kind, blindedTitle=f"A blinded study {shown}",
            blindedSynopsis=f"Blinded {shown}")

    def submit(self):
        draft, request_id = self.draft(), self.request_id()
        done = self.call("SubmitTrialRequest", trial_request=draft, request_id=request_id)
        if done.code == "RESOURCE_EXHAUSTED":
            return
        if not done.ok:
            self.run.receivers.problem(f"{self.principal} cannot submit: {done}")
            return
        request = done.parsed().trial_request
        self.requests.append(request.name)
        is_open = request.confidentiality == trial_request_pb2.CONFIDENTIALITY_OPEN
        self.texts[request.name] = self.marks["open" if is_open else "blind"].text
        self.run.loot.add("names", request.name, self.organization, *request.referrals)
        self.run.loot.add("etags", request.etag)
        if self.rng.random() < 0.3:  # a retry
            self.call("SubmitTrialRequest", trial_request=draft, request_id=request_id)

    def read(self):
        name = self.rng.choice(self.requests)
        self.call("GetTrialRequest", name=name)
        self.call("GetFeasibilityReport", name=name)
        self.call("GetCollatedAnswer", name=name)
        referrals = self.call("ListReferrals", parent=name)
        for referral in referrals.parsed().referrals if referrals.ok else ():
            if referral.waiting_for == referral_pb2.WAITING_FOR_REQUESTER:
                self.reply(referral)

    def reply(self, referral):
        replied = {entry.question for entry in referral.thread}
        replies = [{"question": entry.id, "text": f"Two, {self.marks['shown'].text}"}
                   for entry in referral.thread
                   if entry.kind == referral_pb2.THREAD_ENTRY_KIND_QUESTION and entry.id not in replied]
        self.call("ReplyToReferral", name=referral.name, replies=replies, request_id=self.request_id())

    def listing(self):
        fields = {"page_size": self.rng.choice((1, 5, 50)), "state": self.rng.choice((0, 0, 1, 2, 3, 5))}
        page = self.call("ListTrialRequests", **fields)
        if page.ok:
            token = page.parsed().next_page_token
            self.run.loot.add("tokens", token)
            self.call("ListTrialRequests", page_token=token, **fields)
        self.call("ListCdas")

    def decide(self):
        name = self.rng.choice(self.requests)
        mark = self.texts[name]
        if self.rng.random() < 0.3:
            self.call("WithdrawTrialRequest", name=name, reason=f"No funds {mark}",
                      request_id=self.request_id())
            return
        answer = self.call("GetCollatedAnswer", name=name)
        if not answer.ok:
            return
        offered = [s for s in answer.parsed().sites
                   if s.outcome == trial_request_pb2.SITE_OUTCOME_OFFERED]
        self.call("ConfirmTrialRequest", name=name, request_id=self.request_id(), selections=[
            {"site": s.site, "referral": s.referral, "reason": 8, "comment": f"Else {mark}"}
            for s in offered])

    def bad(self):
        """What provokes texts of errors; most of it from the others' things."""
        loot, draft = self.run.loot.lists, self.draft()
        draft.requester = self.rng.choice(loot["names"] or [""])
        draft.sites_already_contacted.append(self.rng.choice(loot["names"] or [""]))
        draft.first_patient_in_earliest, draft.recruitment_months = "never", 99
        self.call(self.rng.choice(("SubmitTrialRequest", "AssessTrialRequest")), trial_request=draft)
        self.call("ImportStudyRecord", study_record=f'{{"a": "{self.own_text}"'.encode())

    def step(self):
        draw = self.rng.random()
        if len(self.requests) < 5 or (draw < 0.08 and len(self.requests) < MAX_SUBMITS):
            self.submit()
        elif draw < 0.3:
            self.read()
        elif draw < 0.45:
            self.listing()
        elif draw < 0.52:
            self.decide()
        elif draw < 0.6:
            self.call("AssessTrialRequest", trial_request=self.draft())
        elif draw < 0.68:
            self.bad()
        else:
            self.poke()


class Desk(Actor):
    """A coordinator: it works off its inbox, with a mark for each organization it answers."""

    def __init__(self, run, desk, seed):
        super().__init__(run, f"coordinator:{desk}:carl", seed, run.marks[f"{desk} itself"].text)
        self.desk = desk
        # In what it notes for itself.
        self.note = run.marks[f"{desk} note"].text

    def watched(self):
        return "WatchReferrals", {"parent": "trialRequests/-", "desk": self.desk}

    def step(self):
        if self.rng.random() < 0.4:
            self.poke()
            return
        inbox = self.call("ListReferrals", parent="trialRequests/-", desk=self.desk,
                          page_size=self.rng.choice((1, 20)))
        self.call("ListTrialRequests", page_size=self.rng.choice((1, 20)))
        self.call("ListCdas")
        for referral in (inbox.parsed().referrals if inbox.ok else ())[:3]:
            self.run.loot.add("names", referral.name)
            request = referral.name.rsplit("/referrals/", 1)[0]
            self.call("GetFeasibilityReport", name=request)
            self.call("ListReferrals", parent=request, page_size=1)
            asked = self.call("GetTrialRequest", name=request)
            questions = [q.id for q in asked.parsed().questions] if asked.ok else []
            self.ask(referral)
            self.answer(referral, questions)

    def ask(self, referral):
        """Some of the work before the answer: the requester may read what is asked, nobody the notes."""
        again = {"name": referral.name, "request_id": self.request_id()}
        if self.rng.random() < 0.3:
            self.call("AskRequester", questions=[f"How many visits, asks {self.own_text}?"], **again)
        self.call("ListReferralSites", parent=referral.name)

    def answer_by_lines(self, referral, answers):
        mark = self.own_text
        for i, site in enumerate(referral.sites):
            line = {"name": f"{referral.name}/{site}", "asked_whom": f"Nurse {self.note}",
                    "internal_note": f"Note {self.note}"}
            if i == 0:
                line |= {"offer": {"patients_claimed": 3, "earliest_start": "2027-09-01", "firmness": 2,
                                   "principal_investigator": f"Dr {mark}"}, "question_answers": answers}
            else:
                line |= {"refusal": {"reason": referral_pb2.REFUSAL_REASON_NO_STAFF}}
            self.call("UpdateReferralSite", referral_site=line, request_id=self.request_id())
        self.call("AnswerReferral", name=referral.name, use_lines=True, comment=f"Yes {mark}",
                  request_id=self.request_id())

    def answer(self, referral, questions):
        mark, draw = self.own_text, self.rng.random()
        answers = [{"question": q, "site": s, "text": mark} for q in questions for s in referral.sites[:1]]
        again = {"name": referral.name, "request_id": self.request_id()}
        if draw < 0.2:
            self.call("AcknowledgeReferral", **again)
        elif draw < 0.4:
            self.call("DeclineReferral", decline={"reason": 11, "comment": f"No {mark}"}, **again)
        elif draw < 0.6:
            self.answer_by_lines(referral, answers)
        elif draw < 0.9:
            offers = [{"site": s, "patients_claimed": 3, "earliest_start": "2027-09-01", "firmness": 2,
                       "principal_investigator": f"Dr {mark}", "conditions": mark, "comment": mark}
                      for s in referral.sites[:1]]
            refusals = [{"site": s, "reason": referral_pb2.REFUSAL_REASON_OTHER, "comment": mark}
                        for s in referral.sites[1:]]
            self.call("AnswerReferral", offers=offers, refusals=refusals, question_answers=answers,
                      comment=f"Yes {mark}", **again)
