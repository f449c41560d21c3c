"""What there is on a server, and what of it each principal may see: an independent account of it.

The model holds the records as national coordinators read them, who see all. The predicates (`sees_…`)
and views (`…_as_seen_by`) are written from the domain's rules; none of it is read from the proto's options.
"""

import dataclasses
import math

from trialgate.v1 import feasibility_pb2, referral_pb2, trial_request_pb2

# In the time zone of the country, whose clock the tests start here (harness.NOW).
TODAY = "2026-11-23"

BLINDED_FIELDS = (
    "requester", "sponsor", "title", "synopsis", "eligibility_criteria", "external_ids", "documents",
    "contact", "withdraw_reason")
OPEN_STATES = (
    referral_pb2.REFERRAL_STATE_SENT, referral_pb2.REFERRAL_STATE_ACKNOWLEDGED,
    referral_pb2.REFERRAL_STATE_WAITING)
MAX_NANO_SCORE_DIFFERENCE = 2e-9


@dataclasses.dataclass(frozen=True)
class Principal:
    role: str
    organization: str = ""
    desks: tuple = ()
    subject: str = "sam"

    @property
    def text(self):
        return f"{self.role}:{self.organization or ','.join(self.desks)}:{self.subject}"

    @property
    def scope(self):
        return (self.role, self.organization, self.desks)


def request_of(name):
    return "/".join(name.split("/")[:2])


def is_blinded(request):
    return request.confidentiality in (
        trial_request_pb2.CONFIDENTIALITY_BLINDED, trial_request_pb2.CONFIDENTIALITY_CDA_REQUIRED)


def instant(timestamp):
    return timestamp.seconds, timestamp.nanos


class Model:
    def __init__(self):
        self.requests = {}
        self.referrals = {}
        self.reports = {}
        self.answers = {}
        self.cdas = {}
        self.organizations = {}
        self.sites = {}
        self.desks = {}
        self.regions = {}

    # --- who sees that a resource is there ---

    def exists(self, principal, name):
        return name.removesuffix("/capacity") in {**self.sites, **self.desks, **self.regions}

    def own_referrals(self, principal, request):
        return [r for r in self.referrals.values()
                if request_of(r.name) == request and r.desk in principal.desks]

    def submitted(self, principal, request):
        """Whether it is the idea of a person, and a desk of the coordinator submitted it."""
        return request.HasField("submitter") and request.submitting_desk in principal.desks

    def sees_request(self, principal, name):
        request = self.requests.get(request_of(name))
        if request is None or principal.role == "national":
            return request is not None
        if principal.role == "requester":
            return request.requester == principal.organization
        return self.submitted(principal, request) or bool(self.own_referrals(principal, request.name))

    def replays(self, principal, name):
        """Auditors may of every request; they learn whether the bytes are the same, and no content."""
        return request_of(name) in self.requests

    def decides(self, principal, name):
        """Who submitted it, or stands in the place of a person who had the idea; national."""
        request = self.requests.get(request_of(name))
        if principal.role == "coordinator":
            return request is not None and self.submitted(principal, request)
        return self.sees_request(principal, name)

    def sees_referral(self, principal, name):
        referral = self.referrals.get(name)
        if referral is None:
            return False
        if principal.role == "requester":
            return self.sees_request(principal, name)
        return (principal.role == "national" or referral.desk in principal.desks
                or self.stands_in(principal, name))

    def stands_in(self, principal, name):
        """Whether the coordinator's desk submitted the person's idea to which the referral belongs."""
        request = self.requests.get(request_of(name))
        return principal.role == "coordinator" and request is not None and self.submitted(principal, request)

    def works_on(self, principal, name):
        referral = self.referrals.get(name)
        return referral is not None and (
            principal.role == "national"
            or principal.role == "coordinator" and referral.desk in principal.desks)

    def works_on_line(self, principal, name):
        referral, _, site = name.rpartition("/sites/")
        return self.works_on(principal, referral) and "sites/" + site in self.referrals[referral].sites

    def replies_to(self, principal, name):
        if principal.role == "coordinator":
            return name in self.referrals and self.stands_in(principal, name)
        return self.sees_referral(principal, name)

    def sees_cda(self, principal, name):
        cda = self.cdas.get(name)
        if cda is None or principal.role == "national":
            return cda is not None
        if principal.role == "requester":
            return cda.sponsor == principal.organization
        return cda.desk in principal.desks

    def sees_organization(self, principal, name):
        mine = principal.role == "national" or principal.organization == name
        return mine and name in self.organizations

    def sets_capacity(self, principal, name):
        return self.answers_for(principal, self.sites[name.removesuffix("/capacity")].region)

    def answers_for(self, principal, region):
        return principal.role == "national" or any(
            region in self.desks[d].regions for d in principal.desks if d in self.desks)

    # --- what of a resource ---

    def is_shown_blinded(self, principal, request):
        """Whether a coordinator sees the blinded texts only."""
        if not is_blinded(request):
            return False
        desks = {r.desk for r in self.own_referrals(principal, request.name)}
        sponsor = request.sponsor or request.requester
        return not any(
            cda.sponsor == sponsor and cda.desk in desks and not cda.HasField("revoke_time")
            and cda.effective_date <= TODAY and (not cda.expiry_date or TODAY <= cda.expiry_date)
            for cda in self.cdas.values())

    def own_contacted(self, principal, request):
        regions = {region for r in self.own_referrals(principal, request.name)
                   for region in self.desks[r.desk].regions}
        return [s for s in request.sites_already_contacted if self.sites[s].region in regions]

    def request_as_seen_by(self, principal, name):
        seen = type(self.requests[name]).FromString(self.requests[name].SerializeToString())
        if principal.role != "coordinator" or self.submitted(principal, seen):
            return seen
        seen.ClearField("submitter")
        own = {r.name for r in self.own_referrals(principal, name)}
        seen.etag = ""
        seen.ClearField("update_time")
        for field, is_own in (("referrals", lambda r: r in own),
                              ("selections", lambda s: s.referral in own)):
            kept = [one for one in getattr(seen, field) if is_own(one)]
            seen.ClearField(field)
            getattr(seen, field).extend(kept)
        if self.is_shown_blinded(principal, self.requests[name]):
            contacted = self.own_contacted(principal, self.requests[name])
            for field in BLINDED_FIELDS + ("sites_already_contacted",):
                seen.ClearField(field)
            seen.sites_already_contacted.extend(contacted)
            for selection in seen.selections:
                selection.comment = ""
        return seen

    def referral_as_seen_by(self, principal, name, handed_over=False):
        """handed_over: as the desk that had it is told of where it went."""
        seen = referral_pb2.Referral.FromString(self.referrals[name].SerializeToString())
        in_stead = self.stands_in(principal, name) and not self.works_on(principal, name) and not handed_over
        if principal.role == "requester" or in_stead:
            seen.etag = ""
            # Why it moved, and from whom to whom, is between desks.
            seen.add_reason = ""
            for move in seen.moves:
                move.from_contact = move.to_contact = move.reason = ""
            # The order of scores would tell how many slots are free.
            seen.sites[:] = sorted(seen.sites)
            seen.rules[:] = sorted(seen.rules)
        if not self.works_on(principal, name):
            seen.etag = ""
        return seen

    def report_as_seen_by(self, principal, name):
        report = self.reports[request_of(name)]
        seen = feasibility_pb2.FeasibilityReport.FromString(report.SerializeToString())
        if principal.role == "requester":
            hide_capacity(seen)
        elif principal.role == "coordinator" and not self.submitted(
                principal, self.requests[request_of(name)]):
            request = self.requests[request_of(name)]
            desks = {r.desk for r in self.own_referrals(principal, request.name)}
            keep(seen.referrals, lambda planned: planned.desk in desks)
            if self.is_shown_blinded(principal, request):
                regions = {region for desk in desks for region in self.desks[desk].regions}
                keep_own_sites(seen, (s for s in self.sites if self.sites[s].region in regions))
        return seen

    def answer_as_seen_by(self, principal, name):
        answer = self.answers[request_of(name)]
        seen = trial_request_pb2.CollatedAnswer.FromString(answer.SerializeToString())
        if principal.role == "requester":
            report = self.report_as_seen_by(principal, name)
            rank = {site.site: i for i, site in enumerate(report.eligible)}
            lines = sorted(seen.sites, key=lambda line: rank.get(line.site, len(rank)))
            del seen.sites[:]
            seen.sites.extend(lines)
        return seen

    def cda_as_seen_by(self, principal, name):
        seen = type(self.cdas[name]).FromString(self.cdas[name].SerializeToString())
        if principal.role != "national":
            seen.etag = ""
        return seen

    # --- lists, in their order ---

    def list_requests(self, principal, state):
        """(names, how many there are to walk over): what a listing must give, page after page."""
        if principal.role == "coordinator":
            # A request of which a desk was asked later has a place for each time, and is seen at the newest.
            sent, places = {}, set()
            for referral in self.referrals.values():
                if referral.desk in principal.desks:
                    request = request_of(referral.name)
                    places.add((instant(referral.sent_time), request))
                    sent[request] = max(sent.get(request, referral.sent_time), referral.sent_time,
                                        key=instant)
            for name, request in self.requests.items():
                if self.submitted(principal, request):
                    places.add((instant(request.create_time), name))
                    sent[name] = max(sent.get(name, request.create_time), request.create_time, key=instant)
            order = sorted(sent, key=lambda n: (tuple(-x for x in instant(sent[n])), n))
            rows = len(places)
        else:
            mine = [n for n in self.requests if self.sees_request(principal, n)]
            order = sorted(
                mine, key=lambda n: (tuple(-x for x in instant(self.requests[n].create_time)), n))
            rows = len(order)
        return [n for n in order if not state or self.requests[n].state == state], rows

    def list_referrals(self, principal, parent, desk, states):
        """Of a request that the principal sees, or of a desk where it works."""
        of_desk = parent == "trialRequests/-"
        states = states or (OPEN_STATES if of_desk else ())
        found = [
            r for r in self.referrals.values()
            if (not desk or r.desk == desk) and (of_desk or request_of(r.name) == parent)
            and (principal.role != "coordinator" or r.desk in principal.desks
                 or not of_desk and self.stands_in(principal, r.name))]
        found.sort(key=lambda r: (instant(r.answer_due_time), r.name))
        return [r.name for r in found if not states or r.state in states], len(found)

    def list_cdas(self, principal):
        return sorted(n for n in self.cdas if self.sees_cda(principal, n))


def hide_capacity(report):
    """Requesters learn of capacity only whether it is met."""
    for site in report.eligible:
        site.parts.headroom = 0
        parts = site.parts
        site.score = round(math.fsum((
            parts.speciality, parts.experience, parts.patients, parts.start_up, parts.track_record,
            parts.preferences, parts.freshness)), 9)
    sites = sorted(report.eligible, key=lambda s: (-s.score, s.site))
    del report.eligible[:]
    report.eligible.extend(sites)
    rank = {site.site: i for i, site in enumerate(sites)}
    for planned in report.referrals:
        planned.sites[:] = sorted(planned.sites, key=lambda s: rank.get(s, len(rank)))
        rules = sorted(zip(planned.rules, planned.rule_descriptions))
        planned.rules[:] = [rule for rule, _ in rules]
        planned.rule_descriptions[:] = [words for _, words in rules]
    for miss in report.near_misses:
        if miss.criterion == feasibility_pb2.CRITERION_CAPACITY:
            del miss.missing[:]


def keep(messages, wanted):
    kept = [type(m).FromString(m.SerializeToString()) for m in messages if wanted(m)]
    del messages[:]
    messages.extend(kept)


def keep_own_sites(report, own):
    """A desk that sees a request blinded learns of its own sites, and of those it is asked about."""
    own = set(own) | {site for planned in report.referrals for site in planned.sites}
    keep(report.eligible, lambda site: site.site in own)
    keep(report.near_misses, lambda miss: miss.site in own)
    regions = {site.region for site in report.eligible}
    keep(report.regions, lambda summary: summary.region in regions)
    del report.levers[:]
    report.ClearField("forecast")
    contacted = feasibility_pb2.CRITERION_NOT_CONTACTED
    for count in report.failed:
        if count.criterion == contacted:
            count.sites = sum(m.criterion == contacted for m in report.near_misses)
        own = [m for m in report.near_misses if m.criterion == count.criterion]
        count.near_misses = len(own)
        count.near_miss_patients = sum(round(m.expected_patients * 1e9) for m in own) / 1e9
    report.eligible_count, report.near_miss_count = len(report.eligible), len(report.near_misses)


def same_report(seen, expected):
    """Equal, but for what adding up in another order makes of a score."""
    if len(seen.eligible) != len(expected.eligible):
        return False
    for a, b in zip(seen.eligible, expected.eligible):
        if abs(a.score - b.score) > MAX_NANO_SCORE_DIFFERENCE:
            return False
    copy = feasibility_pb2.FeasibilityReport.FromString(seen.SerializeToString())
    for a, b in zip(copy.eligible, expected.eligible):
        a.score = b.score
    return copy == expected
