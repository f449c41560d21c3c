"""What those do who keep the directory."""

import itertools
import json

from tests.e2e.harness import NATIONAL, pack_files
from tests.verbs.verb import Verb

NUMBERS = itertools.count()


def capacity(country):
    sites = country.do(NATIONAL, "ListSites", page_size=1000).sites
    site = sites[next(NUMBERS) % len(sites)].name
    return NATIONAL, country.request("UpdateSiteCapacity", capacity={
        "name": site + "/capacity", "slots": 30 + next(NUMBERS),
        "months": [{"month": "2027-03", "occupied_declared": 2}]})


def spoil_capacity(request):
    request.capacity.slots = -1
    request.capacity.months[0].month = "March"
    return {"capacity.slots", "capacity.months[0].month"}


def hold_slots(country, request):
    """A firm offer holds a slot of the site; then fewer are asked for."""
    referral, carl = country.referral()
    answer = country.answer_of(referral)
    answer["offers"][0]["firmness"] = 1
    site = referral.sites[0]
    country.do(NATIONAL, "UpdateSiteCapacity", capacity={"name": site + "/capacity", "slots": 40})
    country.do(carl, "AnswerReferral", **answer)
    request.capacity.name, request.capacity.slots = site + "/capacity", 0
    del request.capacity.months[:]
    return "FAILED_PRECONDITION", "CAPACITY_IN_USE"


def organization(country):
    return NATIONAL, country.request(
        "CreateOrganization", organization_id=f"verb-{next(NUMBERS)}",
        organization={"display_name": "Verb Research", "type": 2})


def spoil_organization(request):
    request.organization.display_name = ""
    request.organization.type = 99
    return {"organization.display_name", "organization.type"}


def organization_exists(country, request):
    country.do(NATIONAL, "CreateOrganization", organization_id=request.organization_id,
               organization=request.organization)
    return "ALREADY_EXISTS", "ALREADY_EXISTS"


def rename_region(request):
    """The pack with one change more."""
    regions = next(file for file in request.files if file.path == "regions.json")
    old = b'"displayName": "Capital Region'
    assert regions.content.count(old) == 1
    regions.content = regions.content.replace(old, old + f" {next(NUMBERS)}".encode())


def pack(country):
    request = country.request("ApplyPack", files=pack_files(sample=False))
    rename_region(request)
    return NATIONAL, request


def spoil_pack(request):
    request.files[0].content = b"{"
    request.files[1].content = b"]"
    return {file.path for file in request.files[:2]}


def end_desk(country):
    """A cluster of its own, of which nobody asks anything."""
    files = {file.path: json.loads(file.content) for file in pack_files(sample=False)}
    desk = next(d for d in files["desks.json"]["desks"] if d["kind"] == "DESK_KIND_CLUSTER")
    lead = next(c for c in files["contacts.json"]["contacts"] if c["name"] == desk["lead"])
    name = f"desks/cluster-{next(NUMBERS)}"
    files["desks.json"]["desks"].append({**desk, "name": name, "lead": f"{name}/contacts/lead"})
    files["contacts.json"]["contacts"].append({**lead, "name": f"{name}/contacts/lead", "deputies": []})
    country.do(NATIONAL, "ApplyPack", files=[
        {"path": path, "content": json.dumps(content).encode()} for path, content in files.items()])

    return NATIONAL, country.request("EndDesk", name=name, last_day="2027-06-30", reason="nobody is left")


def spoil_end(request):
    request.last_day = "2020-01-01"
    request.successor = request.name.split("/")[0] + "/nowhere"
    request.reason = ""
    return {"last_day", "successor", "reason"}


def ended_before(country, request):
    """Ended yesterday."""
    country.do(NATIONAL, "EndDesk", name=request.name, last_day="2026-11-22", reason="nobody is left")
    return "FAILED_PRECONDITION", "WRONG_STATE"


def end_region(country):
    """When the pack says that it ends."""
    return NATIONAL, country.request("EndRegion", name="regions/zealand", last_day="2026-12-31",
                                     reason="it merges")


def still_needed(country, request):
    """Without a successor its sites would stand nowhere."""
    request.name, request.successor = "regions/skane", ""
    return "FAILED_PRECONDITION", "STILL_NEEDED"


VERBS = {
    "EndDesk": Verb(
        end_desk, ("requester", "coordinator", "auditor", "operator"), spoil_end, ended_before,
        alter=lambda request: setattr(request, "reason", "on second thoughts")),
    "EndRegion": Verb(
        end_region, ("requester", "coordinator", "auditor", "operator"), spoil_end, still_needed,
        alter=lambda request: setattr(request, "reason", "on second thoughts")),
    "UpdateSiteCapacity": Verb(
        capacity, ("requester", "auditor", "operator"), spoil_capacity, hold_slots, etag="capacity.etag",
        alter=lambda request: setattr(request.capacity, "slots", 3)),
    "CreateOrganization": Verb(
        organization, ("coordinator", "auditor", "operator"), spoil_organization, organization_exists,
        etag="", alter=lambda request: setattr(request.organization, "display_name", "Another")),
    "ApplyPack": Verb(
        pack, ("requester", "coordinator", "auditor", "operator"), spoil_pack, etag="",
        always="a pack is applied to whatever there is",
        alter=rename_region),
}
