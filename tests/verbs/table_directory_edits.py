"""What those do who keep single records of the directory: each on a record made for it."""

import itertools

from tests.e2e.harness import NATIONAL, request_id
from tests.verbs.verb import Verb

NUMBERS = itertools.count()
# The desk whose sites and contacts are made, and its region.
DESK, REGION = "desks/north-denmark", "regions/north-denmark"
TODAY, LATER = "2026-11-23", "2026-12-01"
NOT_NATIONAL = ("requester", "coordinator", "auditor", "operator")
ALWAYS = "what is written of a record may be mended, whatever became of it"


def new_id(prefix):
    return f"{prefix}-{next(NUMBERS)}"


# --- what is made ---


def new_organization():
    return {"organization_id": new_id("firm"), "organization": {
        "display_name": "A firm", "type": "ORGANIZATION_TYPE_COMPANY"}}


def new_site():
    return {"site_id": new_id("made"), "site": {
        "display_name": "A unit", "type": "SITE_TYPE_TRIAL_UNIT", "region": REGION,
        "kinds": ["TRIAL_KIND_MEDICINAL_PRODUCT"], "phases": [{"phase": "PHASE_PHASE2"}]}}


def new_contact():
    return {"parent": DESK, "contact_id": new_id("function"), "contact": {
        "display_name": "Hanne Holm", "email": "hanne@north.example"}}


def new_desk():
    return {"desk_id": new_id("cluster"), "lead_id": "lead",
            "desk": {"display_name": "A cluster", "kind": "DESK_KIND_CLUSTER",
                     "time_zone": "Europe/Copenhagen", "calendar": "calendars/denmark"},
            "lead": {"display_name": "Lone Lund", "email": "lone@cluster.example"}}


def new_region():
    return {"region_id": new_id("land"), "region": {"display_name": "A land", "country": "DK"}}


NEW = {"CreateOrganization": new_organization, "CreateSite": new_site, "CreateContact": new_contact,
       "CreateDesk": new_desk, "CreateRegion": new_region}


def create(country, short):
    return country.do(NATIONAL, short, **NEW[short]())


def name_of_proposed(country):
    fields = new_organization()
    name = "organizations/" + fields["organization_id"]
    return country.do(f"requester:{name}:rolf", "CreateOrganization", **fields).name


def name_of_absent(country):
    name = create(country, "CreateContact").name
    country.do(NATIONAL, "AddContactAbsence", name=name, absence={"first_day": LATER, "last_day": LATER})
    return name


def name_of_capacity(country):
    name = create(country, "CreateSite").name + "/capacity"
    country.do(NATIONAL, "SetCapacityMonths", name=name, slots=2)
    return name


# --- how verbs are called, and what goes wrong ---


def creates(short):
    return lambda country: (NATIONAL, country.request(short, **NEW[short]()))


def updates(short, field, creator, **changes):
    return lambda country: (NATIONAL, country.request(
        short, **{field: {"name": create(country, creator).name, **changes}}))


def calls(short, name, **fields):
    return lambda country: (NATIONAL, country.request(short, name=name(country), **fields))


def made(creator):
    return lambda country: create(country, creator).name


def spoils(*faults, **fields):
    """Puts these in place of what is there; then just `faults` are told. A dot is written as two underscores."""
    def spoil(request):
        for path, value in fields.items():
            *parents, last = path.split("__")
            message = request
            for parent in parents:
                message = getattr(message, parent)
            field = message.DESCRIPTOR.fields_by_name[last]
            if field.label == field.LABEL_REPEATED and field.message_type:
                for element in value:
                    getattr(message, last).add(**element)
            elif field.label == field.LABEL_REPEATED:
                getattr(message, last).extend(value)
            elif isinstance(value, dict):
                getattr(message, last).MergeFrom(type(getattr(message, last))(**value))
            else:
                setattr(message, last, value)
        return set(faults)
    return spoil


def exists(short):
    def create_before(country, request):
        country.call(NATIONAL, short, copied(request))
        return "ALREADY_EXISTS", "ALREADY_EXISTS"
    return create_before


def done_before(short):
    def call_before(country, request):
        country.call(NATIONAL, short, copied(request))
        return "FAILED_PRECONDITION", "WRONG_STATE"
    return call_before


def copied(request):
    copy = type(request).FromString(request.SerializeToString())
    copy.request_id = request_id()
    return copy


def leads(country, request):
    request.name = create(country, "CreateDesk").lead
    return "FAILED_PRECONDITION", "LEAD_NEEDED"


def overbooks(months):
    def ask_for_more(country, request):
        months(request).add(month="2027-02", occupied_declared=9)
        return "FAILED_PRECONDITION", "CAPACITY_IN_USE"
    return ask_for_more


def alters(path, value):
    return lambda request: spoils(**{path: value})(request)


VERBS = {
    "UpdateOrganization": Verb(
        updates("UpdateOrganization", "organization", "CreateOrganization", display_name="Renamed"),
        ("coordinator", "auditor", "operator"),
        spoils("organization.country", "update_mask.paths[1]", organization__country="Denmark",
               update_mask__paths=["country", "shoe_size"]),
        always=ALWAYS, etag="organization.etag", alter=alters("organization__display_name", "Another")),
    "ApproveOrganization": Verb(
        calls("ApproveOrganization", name_of_proposed), NOT_NATIONAL, spoils("request_id", request_id="æ"),
        done_before("ApproveOrganization")),
    "SuspendOrganization": Verb(
        calls("SuspendOrganization", made("CreateOrganization"), reason="a fraud"), NOT_NATIONAL,
        spoils("reason", "request_id", reason="", request_id=""), done_before("SuspendOrganization"),
        alter=alters("reason", "on second thoughts")),
    "CreateRegion": Verb(
        creates("CreateRegion"), NOT_NATIONAL,
        spoils("region_id", "region.country", "region.valid_to", region_id="No", region__country="Denmark",
               region__valid_to="2030-01-01"),
        exists("CreateRegion"), etag="", alter=alters("region__display_name", "Another")),
    "UpdateRegion": Verb(
        updates("UpdateRegion", "region", "CreateRegion", local_name="Et land"), NOT_NATIONAL,
        spoils("region.valid_from", "region.successor", region__valid_from="2026-02-30",
               region__successor=REGION),
        always=ALWAYS, etag="region.etag", alter=alters("region__local_name", "Another")),
    "CreateDesk": Verb(
        creates("CreateDesk"), NOT_NATIONAL,
        spoils("desk.calendar", "desk.kind", "lead.email", "lead_id", desk__calendar="calendars/none",
               desk__kind=6, lead__email="nowhere", lead_id=""),
        exists("CreateDesk"), etag="", alter=alters("desk__display_name", "Another")),
    "UpdateDesk": Verb(
        updates("UpdateDesk", "desk", "CreateDesk", description="We help."), NOT_NATIONAL,
        spoils("desk.lead", "update_mask.paths[1]", desk__lead=DESK + "/contacts/lead",
               update_mask__paths=["lead", "valid_to"]),
        always=ALWAYS, etag="desk.etag", alter=alters("desk__description", "Another")),
    "CreateContact": Verb(
        creates("CreateContact"), NOT_NATIONAL,
        spoils("contact.email", "contact.specialities[0]", "contact.deputies[0]", contact__email="nowhere",
               contact__specialities=["alchemy"], contact__deputies=[DESK + "/contacts/none"]),
        exists("CreateContact"), etag="", alter=alters("contact__specialities", ["urologi"])),
    "UpdateContact": Verb(
        updates("UpdateContact", "contact", "CreateContact", phone="+45 1", specialities=["urologi"]),
        NOT_NATIONAL,
        spoils("contact.email", "contact.valid_to", contact__email="nowhere", contact__valid_to=LATER),
        always=ALWAYS, etag="contact.etag", alter=alters("contact__specialities", ["neurologi"])),
    "EndContact": Verb(
        calls("EndContact", made("CreateContact"), reason="moved on", last_day=LATER), NOT_NATIONAL,
        spoils("reason", "last_day", reason="", last_day="2026-11-22"), leads,
        alter=alters("reason", "on second thoughts")),
    "AddContactAbsence": Verb(
        calls("AddContactAbsence", made("CreateContact"), absence={"first_day": TODAY, "last_day": LATER}),
        NOT_NATIONAL,
        spoils("absence.first_day", "absence.last_day", absence__first_day="",
               absence__last_day="2025-01-01"),
        done_before("AddContactAbsence"), alter=alters("absence__last_day", "2026-12-24")),
    "RemoveContactAbsence": Verb(
        calls("RemoveContactAbsence", name_of_absent, absence={"first_day": LATER, "last_day": LATER}),
        NOT_NATIONAL,
        spoils("absence.last_day", "request_id", absence__first_day="2026-12-03", request_id=""),
        done_before("RemoveContactAbsence"), alter=alters("absence__last_day", "2026-12-24")),
    "CreateSite": Verb(
        creates("CreateSite"), NOT_NATIONAL,
        spoils("site.specialities[0]", "site.valid_to", "site.review", "site.type",
               site__specialities=["alchemy"], site__valid_to="2030-01-01", site__review={"date": TODAY},
               site__type=0),
        exists("CreateSite"), etag="", alter=alters("site__display_name", "Another")),
    "UpdateSite": Verb(
        updates("UpdateSite", "site", "CreateSite", city="Aalborg"), NOT_NATIONAL,
        spoils("site.languages[0]", "update_mask.paths[1]", "update_mask.paths[2]",
               site__languages=["dansk"], update_mask__paths=["languages", "review", "start_up.median_days"]),
        always=ALWAYS, etag="site.etag", alter=alters("site__city", "Another")),
    "MarkSiteReviewed": Verb(
        calls("MarkSiteReviewed", made("CreateSite")), NOT_NATIONAL, spoils("request_id", request_id="æ"),
        always="a site is reviewed until the day after its last, which is not reached here"),
    "EndSite": Verb(
        calls("EndSite", made("CreateSite"), last_day="2026-12-31", reason="closed"), NOT_NATIONAL,
        spoils("reason", "last_day", reason="", last_day="2026-11-22"),
        always="another last day can be set until the last is over, which is not reached here",
        alter=alters("reason", "on second thoughts")),
    "SetCapacityMonths": Verb(
        calls("SetCapacityMonths", name_of_capacity, months=[{"month": "2027-01", "occupied_declared": 1}]),
        NOT_NATIONAL,
        spoils("slots", "reason", "months[1].month", slots=-1, force=True, months=[{"month": "2027-13"}]),
        overbooks(lambda request: request.months), alter=alters("slots", 5)),
}
# Of these a coordinator of DESK does its own, as `VERBS` has them.
BY_COORDINATORS = ("CreateContact", "UpdateContact", "EndContact", "AddContactAbsence", "RemoveContactAbsence",
                   "CreateSite", "UpdateSite", "MarkSiteReviewed", "EndSite", "SetCapacityMonths")
