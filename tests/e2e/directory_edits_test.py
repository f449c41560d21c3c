"""The directory as people keep it: every verb done well, and refused for each reason it can be refused for."""

import copy
import dataclasses
import itertools
from typing import Callable

import pytest
from google.protobuf import field_mask_pb2
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, coordinator, request_id, trial
from trialgate.v1 import (
    audit_service_pb2 as audit_pb,
    directory_pb2,
    directory_service_pb2 as pb,
    organization_pb2,
    referral_service_pb2 as referral_pb,
    trial_request_service_pb2 as request_pb,
    types_pb2,
)

DESK, REGION = "desks/north-denmark", "regions/north-denmark"
AT_DESK, ELSEWHERE = coordinator(DESK), coordinator("desks/central-denmark")
TODAY = "2026-11-23"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    running = harness.Server(tmp_path_factory.mktemp("edits"), harness.UNLIMITED).start()
    harness.apply_pack(running)
    yield World(running)
    running.stop()


class World:
    """A server, and records made for one test each."""

    def __init__(self, server):
        self.server = server
        self.numbers = itertools.count(1)

    def call(self, method, request, principal=NATIONAL):
        return getattr(self.server.client(principal).directory, method)(request)

    def id(self, prefix):
        return f"{prefix}-{next(self.numbers)}"

    def organization(self, principal=NATIONAL):
        return self.call("CreateOrganization", new_organization(self), principal)

    def site(self):
        return self.call("CreateSite", new_site(self))

    def contact(self):
        return self.call("CreateContact", new_contact(self))

    def desk(self):
        return self.call("CreateDesk", new_desk(self))

    def region(self):
        return self.call("CreateRegion", new_region(self))

    def capacity(self, slots=2, **months):
        site = self.site()
        self.call("SetCapacityMonths", pb.SetCapacityMonthsRequest(
            name=site.name + "/capacity", slots=slots, request_id=request_id()))
        return self.call("GetSiteCapacity", pb.GetSiteCapacityRequest(name=site.name + "/capacity"))

    def events(self):
        return self.server.client(AUDITOR).audit.ListAuditEvents(
            audit_pb.ListAuditEventsRequest(page_size=1000)).audit_events


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def new_organization(world):
    return pb.CreateOrganizationRequest(
        organization_id=world.id("firm"), request_id=request_id(),
        organization={"display_name": "A firm", "type": "ORGANIZATION_TYPE_COMPANY"})


def new_site(world):
    return pb.CreateSiteRequest(
        site_id=world.id("made"), request_id=request_id(),
        site={"display_name": "A unit", "type": "SITE_TYPE_TRIAL_UNIT", "region": REGION,
              "kinds": ["TRIAL_KIND_MEDICINAL_PRODUCT"], "phases": [{"phase": "PHASE_PHASE2"}]})


def new_contact(world, parent=DESK):
    return pb.CreateContactRequest(
        parent=parent, contact_id=world.id("function"), request_id=request_id(),
        contact={"display_name": "Hanne Holm", "email": "hanne@north.example"})


def new_desk(world):
    return pb.CreateDeskRequest(
        desk_id=world.id("cluster"), request_id=request_id(), lead_id="lead",
        desk={"display_name": "A cluster", "kind": "DESK_KIND_CLUSTER", "time_zone": "Europe/Copenhagen",
              "calendar": "calendars/denmark"},
        lead={"display_name": "Lone Lund", "email": "lone@cluster.example"})


def new_region(world):
    return pb.CreateRegionRequest(region_id=world.id("land"), request_id=request_id(),
                                  region={"display_name": "A land", "country": "DK"})


@dataclasses.dataclass
class Verb:
    """How one method is called well, and which calls it refuses."""

    method: str
    # A request that is in order, for a record made for it.
    good: Callable
    # Who may, who may not, and who may not for its desk.
    may: tuple
    may_not: tuple
    # Spoils a request, and the fields then told with the reason of each.
    spoil: Callable
    faults: dict
    # Sets a field so that it is another request.
    alter: Callable
    # Where the etag stands; "": the verb creates.
    etag: str = ""
    # Makes the request one for which the record is in no state; the reason then given.
    wrong_state: Callable = None
    wrong_reason: str = "WRONG_STATE"


def put(path, value):
    def set_it(request):
        *parents, last = path.split(".")
        message = request
        for parent in parents:
            message = getattr(message, parent)
        if isinstance(value, list):
            del getattr(message, last)[:]
            getattr(message, last).extend(value)
        elif isinstance(value, dict):
            getattr(message, last).CopyFrom(type(getattr(message, last))(**value))
        elif isinstance(value, field_mask_pb2.FieldMask):
            getattr(message, last).CopyFrom(value)
        else:
            setattr(message, last, value)
    return set_it


def both(*changes):
    def set_all(request):
        for change in changes:
            change(request)
    return set_all


def once_before(method):
    """The wrong state that the verb itself leaves: it was called before."""
    def call_before(world, request):
        first = copy.deepcopy(request)
        first.request_id = request_id()
        world.call(method, first)
    return call_before


EVERYBODY_ELSE = (REQUESTER, AUDITOR)

VERBS = [
    Verb("CreateOrganization", new_organization, (NATIONAL,), (AT_DESK, AUDITOR, REQUESTER),
         both(put("organization_id", "X"), put("organization.type", 0), put("organization.display_name", "")),
         {"organization_id": "INVALID_FORMAT", "organization.type": "REQUIRED",
          "organization.display_name": "REQUIRED"},
         put("organization.display_name", "Another")),
    Verb("UpdateOrganization",
         lambda w: pb.UpdateOrganizationRequest(
             organization={"name": w.organization().name, "display_name": "Renamed", "country": "DK"},
             request_id=request_id()),
         (NATIONAL,), (AT_DESK, AUDITOR),
         both(put("update_mask", mask("country", "shoe_size")), put("organization.country", "Denmark")),
         {"organization.country": "INVALID_FORMAT", "update_mask.paths[1]": "UNKNOWN_FIELD"},
         put("organization.display_name", "Another"), "organization.etag"),
    Verb("ApproveOrganization",
         lambda w: pb.ApproveOrganizationRequest(name=proposed(w), request_id=request_id()),
         (NATIONAL,), (AT_DESK, *EVERYBODY_ELSE),
         put("request_id", "æ"), {"request_id": "INVALID_FORMAT"}, put("etag", "7"), "etag",
         once_before("ApproveOrganization")),
    Verb("SuspendOrganization",
         lambda w: pb.SuspendOrganizationRequest(name=w.organization().name, reason="a fraud",
                                                 request_id=request_id()),
         (NATIONAL,), (AT_DESK, *EVERYBODY_ELSE),
         both(put("reason", ""), put("request_id", "")),
         {"reason": "REQUIRED", "request_id": "REQUIRED"}, put("reason", "another"), "etag",
         once_before("SuspendOrganization")),
    Verb("CreateRegion", new_region, (NATIONAL,), (AT_DESK, *EVERYBODY_ELSE),
         both(put("region.country", "Denmark"), put("region.valid_to", "2030-01-01"),
              put("region_id", "No")),
         {"region.country": "INVALID_FORMAT", "region.valid_to": "FIELD_NOT_EDITABLE",
          "region_id": "INVALID_FORMAT"}, put("region.display_name", "Another")),
    Verb("UpdateRegion",
         lambda w: pb.UpdateRegionRequest(
             region={"name": w.region().name, "local_name": "Et land"}, request_id=request_id()),
         (NATIONAL,), (AT_DESK, *EVERYBODY_ELSE),
         both(put("region.valid_from", "2026-02-30"), put("region.successor", REGION)),
         {"region.valid_from": "INVALID_FORMAT", "region.successor": "FIELD_NOT_EDITABLE"},
         put("region.local_name", "Another"), "region.etag"),
    Verb("CreateDesk", new_desk, (NATIONAL,), (AT_DESK, *EVERYBODY_ELSE),
         both(put("desk.calendar", "calendars/none"), put("desk.kind", 6), put("lead.email", "nowhere"),
              put("lead_id", "")),
         {"desk.calendar": "DANGLING_REFERENCE", "desk.kind": "DUPLICATE", "lead.email": "INVALID_FORMAT",
          "lead_id": "INVALID_FORMAT"}, put("desk.display_name", "Another")),
    Verb("UpdateDesk",
         lambda w: pb.UpdateDeskRequest(
             desk={"name": w.desk().name, "description": "We help."}, request_id=request_id()),
         (NATIONAL,), (AT_DESK, *EVERYBODY_ELSE),
         both(put("update_mask", mask("lead", "valid_to")), put("desk.lead", DESK + "/contacts/lead")),
         {"desk.lead": "CONTRADICTION", "update_mask.paths[1]": "FIELD_NOT_EDITABLE"},
         put("desk.description", "Another"), "desk.etag"),
    Verb("CreateContact", new_contact, (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("contact.email", "nowhere"), put("contact.specialities", ["alchemy"]),
              put("contact.deputies", [DESK + "/contacts/none"])),
         {"contact.email": "INVALID_FORMAT", "contact.specialities[0]": "UNKNOWN_VALUE",
          "contact.deputies[0]": "DANGLING_REFERENCE"}, put("contact.specialities", ["urologi"])),
    Verb("UpdateContact",
         lambda w: pb.UpdateContactRequest(
             contact={"name": w.contact().name, "phone": "+45 1", "specialities": ["urologi"]},
             request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("contact.email", "nowhere"), put("contact.valid_to", "2027-01-01")),
         {"contact.email": "INVALID_FORMAT", "contact.valid_to": "FIELD_NOT_EDITABLE"},
         put("contact.specialities", ["neurologi"]), "contact.etag"),
    Verb("EndContact",
         lambda w: pb.EndContactRequest(name=w.contact().name, reason="moved on", last_day="2026-12-01",
                                        request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("reason", ""), put("last_day", "2026-11-22")),
         {"reason": "REQUIRED", "last_day": "OUT_OF_RANGE"}, put("reason", "another"), "etag",
         lambda w, r: put("name", w.desk().lead)(r), "LEAD_NEEDED"),
    Verb("AddContactAbsence",
         lambda w: pb.AddContactAbsenceRequest(
             name=w.contact().name, absence={"first_day": TODAY, "last_day": "2026-11-30"},
             request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("absence.first_day", ""), put("absence.last_day", "2025-01-01")),
         {"absence.first_day": "REQUIRED", "absence.last_day": "OUT_OF_RANGE"},
         put("absence.last_day", "2026-12-24"), "etag", once_before("AddContactAbsence")),
    Verb("RemoveContactAbsence",
         lambda w: pb.RemoveContactAbsenceRequest(
             name=away(w), absence={"first_day": "2026-12-01", "last_day": "2026-12-02"},
             request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("absence.first_day", "2026-12-03"), put("request_id", "")),
         {"absence.last_day": "DATES_REVERSED", "request_id": "REQUIRED"},
         put("absence.last_day", "2026-12-24"), "etag", once_before("RemoveContactAbsence")),
    Verb("CreateSite", new_site, (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("site.specialities", ["alchemy"]), put("site.valid_to", "2030-01-01"),
              put("site.review", {"date": TODAY}), put("site.type", 0)),
         {"site.specialities[0]": "UNKNOWN_VALUE", "site.valid_to": "FIELD_NOT_EDITABLE",
          "site.review": "FIELD_NOT_EDITABLE", "site.type": "REQUIRED"},
         put("site.display_name", "Another")),
    Verb("UpdateSite",
         lambda w: pb.UpdateSiteRequest(site={"name": w.site().name, "city": "Aalborg"},
                                        request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("update_mask", mask("languages", "review", "start_up.median_days")),
              put("site.languages", ["dansk"])),
         {"site.languages[0]": "INVALID_FORMAT", "update_mask.paths[1]": "FIELD_NOT_EDITABLE",
          "update_mask.paths[2]": "UNKNOWN_FIELD"}, put("site.city", "Another"), "site.etag"),
    Verb("MarkSiteReviewed",
         lambda w: pb.MarkSiteReviewedRequest(name=w.site().name, request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         put("request_id", "æ"), {"request_id": "INVALID_FORMAT"}, put("etag", "7"), "etag"),
    Verb("EndSite",
         lambda w: pb.EndSiteRequest(name=w.site().name, last_day="2026-12-31", reason="closed",
                                     request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("reason", ""), put("last_day", "2026-11-22"), put("request_id", "")),
         {"reason": "REQUIRED", "last_day": "OUT_OF_RANGE", "request_id": "REQUIRED"},
         put("reason", "another"), "etag"),
    Verb("UpdateSiteCapacity",
         lambda w: pb.UpdateSiteCapacityRequest(capacity={"name": w.capacity().name, "slots": 3},
                                                request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("capacity.slots", -1), put("force", True)),
         {"capacity.slots": "OUT_OF_RANGE", "reason": "REQUIRED"}, put("capacity.slots", 4), "capacity.etag",
         lambda w, r: r.capacity.months.add(month="2027-01", occupied_declared=9), "CAPACITY_IN_USE"),
    Verb("SetCapacityMonths",
         lambda w: pb.SetCapacityMonthsRequest(
             name=w.capacity().name, months=[{"month": "2027-01", "occupied_declared": 1}],
             request_id=request_id()),
         (NATIONAL, AT_DESK), (ELSEWHERE, *EVERYBODY_ELSE),
         both(put("slots", -1), put("force", True), lambda r: r.months.add(month="2027-13")),
         {"slots": "OUT_OF_RANGE", "reason": "REQUIRED", "months[1].month": "INVALID_FORMAT"},
         put("slots", 5), "etag",
         lambda w, r: r.months.add(month="2027-02", occupied_declared=3), "CAPACITY_IN_USE"),
]


def proposed(world):
    name = "organizations/" + world.id("proposed")
    world.call("CreateOrganization", pb.CreateOrganizationRequest(
        organization_id=name.split("/")[1], request_id=request_id(),
        organization={"display_name": "New here", "type": "ORGANIZATION_TYPE_CRO"}), f"requester:{name}:rolf")
    return name


def away(world):
    contact = world.contact()
    world.call("AddContactAbsence", pb.AddContactAbsenceRequest(
        name=contact.name, absence={"first_day": "2026-12-01", "last_day": "2026-12-02"},
        request_id=request_id()))
    return contact.name


def refused(world, verb, request, principal=NATIONAL):
    head = len(world.events())
    with pytest.raises(Failure) as failure:
        world.call(verb.method, request, principal)
    # Whatever is refused leaves nothing behind.
    assert [e.action for e in world.events()[head:] if e.action != "ReadConfidential"] == []
    return failure.value


each = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.method)


@each
def test_whoever_may_does_it_and_one_event_tells_of_it(world, verb):
    for principal in verb.may:
        before = world.events()
        request = verb.good(world)
        world.call(verb.method, request, principal)
        event = [e for e in world.events()[len(before):] if e.action == verb.method][-1]
        assert event.changes and event.principal.subject in principal
        assert event.reason == getattr(request, "reason", "")


@each
def test_whoever_may_not_is_refused_before_anything_is_looked_at(world, verb):
    for principal in verb.may_not:
        request = verb.good(world)
        verb.spoil(request)
        failure = refused(world, verb, request, principal)
        assert (failure.code.name, failure.reason) == ("PERMISSION_DENIED", "ROLE_NOT_PERMITTED"), principal


@each
def test_every_bad_field_is_told_at_once(world, verb):
    request = verb.good(world)
    verb.spoil(request)
    failure = refused(world, verb, request)
    assert (failure.code.name, failure.reason) == ("INVALID_ARGUMENT", "INVALID_FIELDS")
    told = {field: words[0].split(":")[0] for field, words in failure.fields.items()}
    assert told == verb.faults


@each
def test_a_retry_gets_the_first_answer_and_another_body_none(world, verb):
    request = verb.good(world)
    first = world.call(verb.method, request)
    assert world.call(verb.method, request) == first
    verb.alter(request)
    failure = refused(world, verb, request)
    assert (failure.code.name, failure.reason) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")


@each
def test_only_checking_changes_nothing(world, verb):
    request = verb.good(world)
    request.request_id, request.validate_only = "", True
    head = len(world.events())
    world.call(verb.method, request)
    assert [e.action for e in world.events()[head:] if e.action != "ReadConfidential"] == []
    if set(verb.faults) != {"request_id"}:
        verb.spoil(request)
        assert refused(world, verb, request).code.name == "INVALID_ARGUMENT"


@pytest.mark.parametrize("verb", [v for v in VERBS if v.etag], ids=lambda verb: verb.method)
def test_a_stale_etag_changes_nothing(world, verb):
    request = verb.good(world)
    put(verb.etag, "1")(request)
    failure = refused(world, verb, request)
    assert (failure.code.name, failure.reason) == ("ABORTED", "ETAG_MISMATCH")
    put(verb.etag, failure.metadata["etag"])(request)
    world.call(verb.method, request)


@pytest.mark.parametrize("verb", [v for v in VERBS if v.wrong_state], ids=lambda verb: verb.method)
def test_in_the_wrong_state_it_is_refused(world, verb):
    request = verb.good(world)
    verb.wrong_state(world, request)
    failure = refused(world, verb, request)
    assert (failure.code.name, failure.reason) == ("FAILED_PRECONDITION", verb.wrong_reason)


@pytest.mark.parametrize("verb", [v for v in VERBS if v.method.startswith("Create")], ids=lambda v: v.method)
def test_what_exists_is_not_created_again(world, verb):
    request = verb.good(world)
    world.call(verb.method, request)
    request.request_id = request_id()
    failure = refused(world, verb, request)
    assert (failure.code.name, failure.reason) == ("ALREADY_EXISTS", "ALREADY_EXISTS")


@pytest.mark.parametrize("verb", [v for v in VERBS if v.etag], ids=lambda verb: verb.method)
def test_what_does_not_exist_is_not_found(world, verb):
    request = verb.good(world)
    holder = request if "name" in request.DESCRIPTOR.fields_by_name else getattr(
        request, verb.etag.split(".")[0])
    kind = holder.name.split("/")[0]
    tail = {"desks": "/contacts/x"} if "Contact" in verb.method else {}
    holder.name = f"{kind}/nowhere" + tail.get(kind, "/capacity" if "Capacity" in verb.method else "")
    assert refused(world, verb, request).code.name == "NOT_FOUND"


# --- what each verb is for ---


def submit(world, organization):
    return world.server.client(f"requester:{organization}:rolf").requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(trial_request=trial(requester=organization),
                                             request_id=request_id()))


def test_a_proposed_organization_submits_once_it_is_approved_and_until_it_is_suspended(world):
    name = proposed(world)
    with pytest.raises(Failure) as failure:
        submit(world, name)
    assert (failure.value.code.name, failure.value.reason, failure.value.metadata["state"]) == (
        "FAILED_PRECONDITION", "ORGANIZATION_NOT_APPROVED", "PROPOSED")
    approved = world.call("ApproveOrganization", pb.ApproveOrganizationRequest(
        name=name, request_id=request_id()))
    assert approved.state == organization_pb2.ORGANIZATION_STATE_APPROVED
    submitted = submit(world, name).trial_request
    world.call("SuspendOrganization", pb.SuspendOrganizationRequest(
        name=name, reason="a fraud", request_id=request_id()))
    with pytest.raises(Failure) as failure:
        submit(world, name)
    assert failure.value.metadata["state"] == "SUSPENDED"
    # What was submitted before goes on.
    requester = world.server.client(f"requester:{name}:rolf")
    assert requester.requests.GetTrialRequest(
        request_pb.GetTrialRequestRequest(name=submitted.name)).name == submitted.name


def test_a_requester_changes_its_own_organization_but_not_what_it_is(world):
    name = proposed(world)
    world.call("ApproveOrganization", pb.ApproveOrganizationRequest(name=name, request_id=request_id()))
    own, other = f"requester:{name}:rolf", REQUESTER
    read = world.call("GetOrganization", pb.GetOrganizationRequest(name=name), own)
    read.display_name = "A better name"
    changed = world.call("UpdateOrganization", pb.UpdateOrganizationRequest(
        organization=read, request_id=request_id()), own)
    assert changed.display_name == "A better name" and changed.etag != read.etag
    with pytest.raises(Failure) as failure:
        world.call("UpdateOrganization", pb.UpdateOrganizationRequest(
            organization={"name": name, "type": "ORGANIZATION_TYPE_COMPANY"}, request_id=request_id()), own)
    assert failure.value.metadata["fields"] == "type"
    with pytest.raises(Failure) as failure:
        world.call("UpdateOrganization", pb.UpdateOrganizationRequest(
            organization={"name": name, "display_name": "Mine"}, request_id=request_id()), other)
    assert failure.value.code.name == "NOT_FOUND"


def test_a_profile_that_is_edited_says_so_and_a_review_names_the_desk_only(world):
    site = world.site()
    changed = world.call("UpdateSite", pb.UpdateSiteRequest(
        site={"name": site.name, "start_up": {"median_days": 40}, "source": {"origin": "a call"}},
        request_id=request_id()), AT_DESK)
    assert changed.start_up.source.kind == types_pb2.SOURCE_KIND_DECLARED
    assert changed.start_up.source.as_of == TODAY and changed.source.origin == "a call"
    changed = world.call("UpdateSite", pb.UpdateSiteRequest(
        site={"name": site.name, "city": "Thisted"}, request_id=request_id()), AT_DESK)
    assert changed.source == types_pb2.Source(kind="SOURCE_KIND_DECLARED", as_of=TODAY)
    reviewed = world.call("MarkSiteReviewed", pb.MarkSiteReviewedRequest(
        name=site.name, request_id=request_id()), AT_DESK)
    assert reviewed.review == directory_pb2.SiteReview(reviewer=DESK, date=TODAY)
    assert world.call("GetSite", pb.GetSiteRequest(name=site.name)) == reviewed


def test_a_star_replaces_all_that_may_be_changed_and_only_that(world):
    site = world.site()
    world.call("UpdateSite", pb.UpdateSiteRequest(
        site={"name": site.name, "city": "Thisted", "hospital": "A hospital"}, request_id=request_id()))
    replaced = world.call("UpdateSite", pb.UpdateSiteRequest(
        site={"name": site.name, "display_name": site.display_name, "type": site.type,
              "region": site.region, "kinds": site.kinds, "city": "Skagen"},
        update_mask=mask("*"), request_id=request_id()), AT_DESK)
    assert (replaced.city, replaced.hospital, replaced.region) == ("Skagen", "", REGION)


def test_a_coordinator_moves_no_site_to_another_region(world):
    with pytest.raises(Failure) as failure:
        world.call("UpdateSite", pb.UpdateSiteRequest(
            site={"name": world.site().name, "region": "regions/central-denmark"},
            request_id=request_id()), AT_DESK)
    assert failure.value.metadata["fields"] == "region"


def test_coordinators_write_their_regions_texts_and_nothing_else_of_it(world):
    region = world.call("GetRegion", pb.GetRegionRequest(name=REGION))
    del region.texts[:]
    region.texts.add(topic="trends", text="More trials at home.")
    changed = world.call("UpdateRegion", pb.UpdateRegionRequest(
        region=region, update_mask=mask("texts"), request_id=request_id()), AT_DESK)
    text, = changed.texts
    assert (text.review_date, text.source.as_of) == (TODAY, TODAY)
    with pytest.raises(Failure) as failure:
        world.call("UpdateRegion", pb.UpdateRegionRequest(
            region={"name": REGION, "display_name": "The North"}, request_id=request_id()), AT_DESK)
    assert failure.value.reason == "ROLE_NOT_PERMITTED"


def test_no_site_stands_where_no_desk_answers(world):
    request = new_site(world)
    request.site.region = world.region().name
    with pytest.raises(Failure) as failure:
        world.call("CreateSite", request)
    assert set(failure.value.fields) == {"site.region"}
    desk = new_desk(world)
    desk.desk.kind = directory_pb2.DESK_KIND_REGION
    desk.desk.regions.append(request.site.region)
    name = world.call("CreateDesk", desk).name
    world.call("CreateSite", request, coordinator(name))
    # And none is left without one.
    with pytest.raises(Failure) as failure:
        world.call("UpdateDesk", pb.UpdateDeskRequest(
            desk={"name": name, "regions": [REGION]}, request_id=request_id()))
    assert "answers for" in str(failure.value)


def ask(world):
    """A request whose referral lies with somebody at DESK."""
    return world.server.client(REQUESTER).requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(
            trial_request=trial(regionsWanted=[REGION], specialities=[], conditions=[{"text": "Surgery"}]),
            request_id=request_id()))


def test_an_absence_says_who_stands_in_and_what_lies_there(denmark):
    world = World(denmark)
    report = ask(world).report
    contact = next(p.contact for p in report.referrals if p.desk == DESK)
    contacts = world.call("ListContacts", pb.ListContactsRequest(parent=DESK)).contacts
    deputies = {c.name: list(c.deputies) for c in contacts}
    answer = world.call("AddContactAbsence", pb.AddContactAbsenceRequest(
        name=contact, absence={"first_day": TODAY, "last_day": "2026-12-24"}, request_id=request_id()), AT_DESK)
    assert answer.open_referrals == 1
    assert answer.stands_in == deputies[contact][0]
    assert answer.contact.display_name == next(c.display_name for c in contacts if c.name == contact)
    # The open referral stays, the next one goes to another.
    referrals = denmark.client(AT_DESK).referral.ListReferrals(
        referral_pb.ListReferralsRequest(parent="trialRequests/-", desk=DESK)).referrals
    assert [r.contact for r in referrals] == [contact]
    assert contact not in [p.contact for p in ask(world).report.referrals]


def test_who_left_is_asked_no_more_and_a_lead_leaves_when_another_leads(denmark):
    world = World(denmark)
    desk = world.call("GetDesk", pb.GetDeskRequest(name=DESK))
    others = [c.name for c in world.call("ListContacts", pb.ListContactsRequest(parent=DESK)).contacts
              if c.name != desk.lead]
    ended = world.call("EndContact", pb.EndContactRequest(
        name=desk.lead, new_lead=others[0], reason="retired", request_id=request_id()), AT_DESK)
    assert ended.contact.valid_to == TODAY and ended.contact.email
    assert world.call("GetDesk", pb.GetDeskRequest(name=DESK)).lead == others[0]
    for name in others[1:]:
        world.call("EndContact", pb.EndContactRequest(name=name, reason="moved", request_id=request_id()))
    denmark.stop()
    denmark.clock = "2026-11-24T09:00:00+01:00"
    denmark.start()
    assert {p.contact for p in ask(world).report.referrals if p.desk == DESK} == {others[0]}
    # Ended is ended.
    for method, request in (
            ("EndContact", pb.EndContactRequest(name=desk.lead, reason="again", request_id=request_id())),
            ("AddContactAbsence", pb.AddContactAbsenceRequest(
                name=desk.lead, absence={"first_day": "2026-12-01", "last_day": "2026-12-01"},
                request_id=request_id()))):
        with pytest.raises(Failure) as failure:
            world.call(method, request)
        assert (failure.value.reason, failure.value.metadata["state"]) == ("WRONG_STATE", "ENDED")


def test_persons_fields_are_in_no_event_and_no_log_of_an_edit(world):
    marks = ("Zephyrine Quaxx", "zephyrine@north.example", "+45 70991199")
    contact = world.contact()
    changed = world.call("UpdateContact", pb.UpdateContactRequest(
        contact={"name": contact.name, "display_name": marks[0], "email": marks[1], "phone": marks[2]},
        request_id=request_id()), AT_DESK)
    assert (changed.display_name, changed.email, changed.phone) == marks
    contacts = world.call("ListContacts", pb.ListContactsRequest(parent=DESK, page_size=1000)).contacts
    assert changed in contacts
    told = "".join(str(event) for event in world.events()) + world.server.log()
    assert not [mark for mark in marks if mark in told]


def test_months_are_set_one_by_one_and_overbooked_only_by_force(world):
    capacity = world.capacity(slots=2)

    def set_months(principal=AT_DESK, **more):
        return world.call("SetCapacityMonths", pb.SetCapacityMonthsRequest(
            name=capacity.name, request_id=request_id(), **more), principal)

    set_months(months=[{"month": "2027-01", "occupied_declared": 1}, {"month": "2027-03", "occupied_declared": 2}])
    answer = set_months(months=[{"month": "2027-01", "occupied_declared": 2}])
    assert [(m.month, m.free) for m in answer.months] == [("2027-01", 0), ("2027-03", 0)]
    with pytest.raises(Failure) as failure:
        set_months(slots=1, months=[{"month": "2027-03", "occupied_declared": 3}])
    assert failure.value.metadata["months"] == "2027-01,2027-03"
    forced = set_months(months=[{"month": "2027-03", "occupied_declared": 4}], force=True, reason="two sponsors")
    assert list(forced.overbooked_months) == ["2027-03"] and forced.overbooked_reason == "two sponsors"
    assert [e.reason for e in world.events() if e.action == "SetCapacityMonths"][-1] == "two sponsors"
    read = world.call("GetSiteCapacity", pb.GetSiteCapacityRequest(name=capacity.name), AT_DESK)
    assert read.overbooked_reason == "two sponsors"
    foreign = world.call("GetSiteCapacity", pb.GetSiteCapacityRequest(name=capacity.name), ELSEWHERE)
    assert list(foreign.overbooked_months) == ["2027-03"] and foreign.overbooked_reason == ""
    # Other months are set meanwhile; and once nothing is over, nothing is said.
    assert set_months(months=[{"month": "2027-01", "occupied_declared": 0}]).overbooked_reason == "two sponsors"
    eased = set_months(months=[{"month": "2027-03", "occupied_declared": 1}])
    assert not eased.overbooked_months and eased.overbooked_reason == ""


def test_an_overbooked_month_holds_nothing_further(denmark):
    world = World(denmark)
    made = ask(world)
    referral = next(p for p in made.report.referrals if p.desk == DESK)
    site = referral.sites[0]
    capacity = world.call("GetSiteCapacity", pb.GetSiteCapacityRequest(name=site + "/capacity"))
    world.call("SetCapacityMonths", pb.SetCapacityMonthsRequest(
        name=capacity.name, months=[{"month": "2027-10", "occupied_declared": capacity.slots + 1}],
        force=True, reason="a trial that runs late", request_id=request_id()), AT_DESK)
    name = next(iter(denmark.client(AT_DESK).referral.ListReferrals(
        referral_pb.ListReferralsRequest(parent="trialRequests/-", desk=DESK)).referrals)).name
    with pytest.raises(Failure) as failure:
        denmark.client(AT_DESK).referral.AnswerReferral(referral_pb.AnswerReferralRequest(
            name=name, request_id=request_id(),
            offers=[{"site": site, "patients_claimed": 3, "earliest_start": "2027-09-01",
                     "firmness": "OFFER_FIRMNESS_FIRM"}],
            refusals=[{"site": s, "reason": "REFUSAL_REASON_NO_STAFF"} for s in referral.sites[1:]]))
    assert failure.value.reason == "NO_FREE_SLOT" and "2027-10" in failure.value.metadata["months"]


def test_a_site_ends_with_its_holds_counted_and_kept(denmark):
    world = World(denmark)
    made = ask(world)
    referral = next(p for p in made.report.referrals if p.desk == DESK)
    site, desk = referral.sites[0], denmark.client(AT_DESK)
    name = next(iter(desk.referral.ListReferrals(
        referral_pb.ListReferralsRequest(parent="trialRequests/-", desk=DESK)).referrals)).name
    desk.referral.AnswerReferral(referral_pb.AnswerReferralRequest(
        name=name, request_id=request_id(),
        offers=[{"site": site, "patients_claimed": 3, "earliest_start": "2027-09-01",
                 "firmness": "OFFER_FIRMNESS_FIRM"}],
        refusals=[{"site": s, "reason": "REFUSAL_REASON_NO_STAFF"} for s in referral.sites[1:]]))
    ended = world.call("EndSite", pb.EndSiteRequest(
        name=site, last_day="2027-06-30", reason="the ward closes", request_id=request_id()), AT_DESK)
    assert (ended.site.valid_to, ended.later_holds) == ("2027-06-30", 1)
    capacity = world.call("GetSiteCapacity", pb.GetSiteCapacityRequest(name=site + "/capacity"))
    assert len(capacity.holds) == 1
    assert site not in [e.site for e in ask(world).report.eligible]


def test_what_ended_is_neither_ended_nor_reviewed_again(denmark):
    world = World(denmark)
    site = world.site().name
    world.call("EndSite", pb.EndSiteRequest(
        name=site, last_day=TODAY, reason="closed", request_id=request_id()))
    denmark.stop()
    denmark.clock = "2026-11-24T09:00:00+01:00"
    denmark.start()
    for method, request in (
            ("EndSite", pb.EndSiteRequest(name=site, last_day="2026-12-01", reason="again",
                                          request_id=request_id())),
            ("MarkSiteReviewed", pb.MarkSiteReviewedRequest(name=site, request_id=request_id()))):
        with pytest.raises(Failure) as failure:
            world.call(method, request)
        assert (failure.value.reason, failure.value.metadata["state"]) == ("WRONG_STATE", "ENDED")


def test_a_pack_that_is_applied_again_leaves_what_people_changed(denmark):
    world = World(denmark)
    site = next(s for s in world.call("ListSites", pb.ListSitesRequest(region=REGION)).sites)
    desk = world.call("GetDesk", pb.GetDeskRequest(name=DESK))
    world.call("UpdateSite", pb.UpdateSiteRequest(
        site={"name": site.name, "city": "Elsewhere"}, request_id=request_id()), AT_DESK)
    world.call("UpdateDesk", pb.UpdateDeskRequest(
        desk={"name": DESK, "description": "We help."}, request_id=request_id()), AT_DESK)
    again = harness.apply_pack(denmark)
    assert again.changed == 0
    assert any("1 edited since, left as they are" in line for line in again.summary)
    assert world.call("GetSite", pb.GetSiteRequest(name=site.name)).city == "Elsewhere"
    # A pack that says something new of a record is newer than the edit.
    files = harness.pack_files()
    for file in files:
        file.content = file.content.replace(desk.display_name.encode(), b"A new name")
    world.call("ApplyPack", pb.ApplyPackRequest(files=files, allow_sample=True, request_id=request_id()))
    changed = world.call("GetDesk", pb.GetDeskRequest(name=DESK))
    assert (changed.display_name, changed.description) == ("A new name", desk.description)
    assert world.call("GetSite", pb.GetSiteRequest(name=site.name)).city == "Elsewhere"
