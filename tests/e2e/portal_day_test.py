"""A portal's day, against the real server: a study record is imported, tried, submitted and watched through
restarts; the desks answer meanwhile; nothing is amended; the requester confirms."""

import itertools

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, coordinator, request_id
from tests.e2e.main_job_test import answer, decline, held, offer, referrals_of
from tests.e2e.watching import Watch
from tests.support.prometheus import eventually
from trialgate.v1 import (
    audit_pb2,
    audit_service_pb2 as audit_pb,
    directory_service_pb2 as directory_pb,
    feasibility_service_pb2 as feasibility_pb,
    referral_pb2,
    referral_service_pb2 as referral_pb,
    trial_request_pb2 as trial_pb,
    trial_request_service_pb2 as request_pb,
    types_pb2,
)

STUDY = harness.ROOT / "deploy" / "samples" / "NCT99999999.json"
START = "2027-09-01"
ACKNOWLEDGED = referral_pb2.REFERRAL_STATE_ACKNOWLEDGED
ANSWERED = referral_pb2.REFERRAL_STATE_ANSWERED
DECLINED = referral_pb2.REFERRAL_STATE_DECLINED


def imported_draft(portal):
    """What the record tells, and what a person adds."""
    response = portal.requests.ImportStudyRecord(
        request_pb.ImportStudyRecordRequest(study_record=STUDY.read_bytes()))
    assert {"requester", "contact", "intent"} <= set(response.missing)
    draft = response.draft
    draft.requester = "organizations/nordic-demo-pharma"
    draft.intent = types_pb2.INTENT_SPONSOR
    draft.first_patient_in_earliest = START
    draft.recruitment_months = 12
    draft.patients_wanted, draft.sites_wanted = 40, 2
    draft.contact.display_name = "Clinical operations"
    draft.contact.email = "trials@nordic-demo-pharma.example"
    return draft


class Follower:
    """The portal's view of one request: it watches, and goes on with its token after every end."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.request, self.referrals, self.told, self.streams = None, {}, [], 0
        self.watch, self.token = None, ""

    def begin(self):
        """Opens a stream where the last one left off."""
        self.watch = Watch(self.server.client(REQUESTER), "WatchTrialRequest",
                           request_pb.WatchTrialRequestRequest(name=self.name, resume_token=self.token))
        self.streams += 1

    def take(self):
        """Takes one message; the names of the referrals that it told."""
        message = self.watch.next()
        self.token = self.watch.token
        if message.HasField("trial_request"):
            self.request = message.trial_request
            self.told.append(message.trial_request.etag)
        for referral in message.referrals:
            self.referrals[referral.name] = referral
            self.told.append((referral.name, referral.state, tuple(o.status for o in referral.offers)))
        assert not message.removed_referrals
        return {referral.name for referral in message.referrals}

    def until(self, condition):
        while not condition():
            self.take()

    def states(self):
        return {name: referral.state for name, referral in self.referrals.items()}


def start_again(server):
    """Starts the server where it was; returns once gRPC has noticed that the old connection is gone."""
    server.start(listen=server.address)

    def reached():
        try:
            return server.client(NATIONAL).directory.ListRegions(directory_pb.ListRegionsRequest())
        except Failure as failure:
            assert failure.code.name == "UNAVAILABLE"
            return None

    assert eventually(reached)


def restart(server):
    """Ends the server as an operator does, and starts it again."""
    assert server.stop() == 0
    start_again(server)


def crash(server):
    server.kill()
    start_again(server)


def events_of(server, name, **query):
    """All events of the request and of what is below it, oldest first; a page may be short, or empty."""
    auditor, token = server.client(AUDITOR).audit, ""
    while True:
        page = auditor.ListAuditEvents(audit_pb.ListAuditEventsRequest(
            resource=name, include_children=True, page_size=5, page_token=token, **query))
        yield from page.audit_events
        token = page.next_page_token
        if not token:
            return


def changes_of(server, name):
    """(action, role, subject) of all changes of the request and of what is below it."""
    return [(e.action, audit_pb2.Role.Name(e.principal.role), e.principal.subject)
            for e in events_of(server, name) if e.action != "ReadConfidential"]


def readers_of(server, method, name):
    """Who read by `method`; reads are recorded a moment after they are answered."""
    return {read.principal.subject for event in events_of(server, name, action=method)
            for read in event.reads}


def test_a_portals_day(denmark):
    portal = denmark.client(REQUESTER)

    # Morning: import, what if, submit.
    draft = imported_draft(portal)
    assessed = portal.feasibility.AssessTrialRequest(
        feasibility_pb.AssessTrialRequestRequest(trial_request=draft)).report
    assert assessed.eligible
    assert not portal.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest()).trial_requests
    submit = request_pb.SubmitTrialRequestRequest(trial_request=draft, request_id="the-decision-of-today")
    submitted = portal.requests.SubmitTrialRequest(submit)
    name = submitted.trial_request.name
    assert [s.site for s in submitted.report.eligible] == [s.site for s in assessed.eligible]
    first, second, *others = sorted(
        referrals_of(denmark, name), key=lambda r: (-len(r.sites), r.name))
    assert first.sites and others, "several desks are asked"

    # The portal watches.
    follower = Follower(denmark, name)
    follower.begin()
    follower.take()
    assert follower.request.state == trial_pb.TRIAL_REQUEST_STATE_ROUTED
    assert set(follower.referrals) == {r.name for r in [first, second, *others]}
    denmark.client(coordinator(first.desk)).referral.AcknowledgeReferral(
        referral_pb.AcknowledgeReferralRequest(name=first.name, request_id=request_id()))
    follower.until(lambda: follower.states()[first.name] == ACKNOWLEDGED)

    # The server is restarted; two desks answer before the portal is back.
    restart(denmark)
    assert follower.watch.end().code.name == "UNAVAILABLE"
    answer(denmark, first, [offer(site, start=START) for site in first.sites])
    decline(denmark, second)
    follower.begin()
    assert follower.take() == {first.name, second.name}, "what changed, and nothing else"
    assert follower.states()[first.name] == ANSWERED and follower.states()[second.name] == DECLINED

    # It crashes; the other desks answer while the portal watches again.
    crash(denmark)
    assert follower.watch.end().code.name == "UNAVAILABLE"
    follower.begin()
    for referral in others:
        decline(denmark, referral)
    follower.until(lambda: follower.request.state == trial_pb.TRIAL_REQUEST_STATE_ANSWERED)
    follower.until(lambda: all(follower.states()[r.name] == DECLINED for r in others))
    assert follower.request.answer_version == 1 and follower.streams == 3

    # Nothing is amended: the form is sent once more, and stays the one request that it was.
    portal = denmark.client(REQUESTER)
    assert portal.requests.SubmitTrialRequest(submit) == submitted
    current = portal.requests.GetTrialRequest(request_pb.GetTrialRequestRequest(name=name))
    assert current.revision == 1 and current == follower.request
    mine = portal.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest()).trial_requests
    assert [r.name for r in mine] == [name]

    # The answer, and the requester's word: the best offer is taken.
    collated = portal.requests.GetCollatedAnswer(request_pb.GetCollatedAnswerRequest(name=name))
    offers = [line for line in collated.sites if line.outcome == trial_pb.SITE_OUTCOME_OFFERED]
    assert {line.site for line in offers} == set(first.sites) and not collated.provisional
    assert {desk.referral for desk in collated.desks} == set(follower.referrals)
    chosen = max(offers, key=lambda line: line.claim_worth)
    selections = [
        trial_pb.OfferSelection(
            site=line.site, referral=line.referral, selected=line is chosen,
            reason=0 if line is chosen else trial_pb.NOT_SELECTED_REASON_ENOUGH_SITES)
        for line in offers
    ]
    confirm = request_pb.ConfirmTrialRequestRequest(
        name=name, selections=selections, etag=submitted.trial_request.etag, request_id=request_id())
    with pytest.raises(Failure) as stale:
        portal.requests.ConfirmTrialRequest(confirm)
    assert stale.value.reason == "ETAG_MISMATCH"
    confirm.etag = current.etag
    confirm.request_id = request_id()
    confirmed = portal.requests.ConfirmTrialRequest(confirm)
    follower.until(lambda: follower.request.state == trial_pb.TRIAL_REQUEST_STATE_CONFIRMED)
    assert follower.request == confirmed
    follower.until(lambda: all(o.status != referral_pb2.OFFER_STATUS_HELD
                               for o in follower.referrals[first.name].offers))
    follower.watch.cancel()

    # What came of it: slots, and nothing told twice in all three streams.
    assert held(denmark, chosen.site) == (0, 12)
    assert all(held(denmark, line.site) == (0, 0) for line in offers if line is not chosen)
    assert all(one != other for one, other in itertools.combinations(follower.told, 2))

    # The trail tells the day, whole.
    rita = ("ROLE_REQUESTER", "rita")
    carl = ("ROLE_COORDINATOR", "carl")
    told = changes_of(denmark, name)
    assert told[:4] == [("SubmitTrialRequest", *rita), ("AcknowledgeReferral", *carl),
                        ("AnswerReferral", *carl), ("DeclineReferral", *carl)]
    assert told[4:] == [("DeclineReferral", *carl)] * len(others) + [("ConfirmTrialRequest", *rita)]
    for method in ("GetCollatedAnswer", "WatchTrialRequest"):
        assert eventually(lambda method=method: readers_of(denmark, method, name) == {"rita"})
    trail = denmark.client(AUDITOR).audit.VerifyAuditTrail(audit_pb.VerifyAuditTrailRequest())
    assert trail.intact and trail.events == trail.last_number
    assert denmark.client(NATIONAL).requests.GetTrialRequest(
        request_pb.GetTrialRequestRequest(name=name)).state == trial_pb.TRIAL_REQUEST_STATE_CONFIRMED
