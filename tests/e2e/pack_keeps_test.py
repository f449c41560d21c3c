"""A pack that is applied anew undoes nothing that people did by verbs, and says so before."""

import json

import pytest
from google.protobuf import json_format
from tests.e2e import harness
from tests.e2e.cli_test import Shell
from tests.e2e.harness import NATIONAL, Failure, pack_files
from tests.verbs.verb import Country
from trialgate.v1 import pack_diff_pb2, pack_pb2

REGION, SITE = "regions/bornholm", "sites/bornholm-lungs"
ENDS, STAYS = "desks/register-centre", "desks/device-centre"
LEAVES, AWAY, ERASED = (f"{STAYS}/contacts/{name}" for name in ("surgery", "lungs", "trials"))
LATEST = "2027-06-30"


def files_with(version):
    """The Danish pack with records of its own, each of which another version of it changes."""
    files = {file.path: json.loads(file.content) for file in pack_files()}
    like = {name: next(r for r in files[path][name] if wanted(r)) for name, path, wanted in (
        ("desks", "desks.json", lambda r: r["kind"] == "DESK_KIND_CLUSTER"),
        ("sites", "sites-skane.json", lambda r: True))}
    next(d for d in files["desks.json"]["desks"] if d["name"] == "desks/skane")["regions"].append(REGION)
    said = f"as version {version} says"

    def desk(name):
        return {**like["desks"], "name": name, "displayName": f"Centre {said}",
                "lead": f"{name}/contacts/lead", "successor": "", "validTo": ""}

    def contact(name, **fields):
        return {"name": name, "displayName": f"Contact {version}", "email": f"c{version}@centre.example",
                "phone": f"+45 70 00 00 0{version}", **fields}

    files["extra.json"] = {
        "regions": [{"name": REGION, "displayName": f"Bornholm {said}", "country": "SE"}],
        "desks": [desk(ENDS), desk(STAYS)],
        "contacts": [contact(f"{ENDS}/contacts/lead"), contact(f"{STAYS}/contacts/lead"), contact(LEAVES),
                     contact(AWAY, absences=[{"firstDay": f"2027-0{version}-01",
                                              "lastDay": f"2027-0{version}-07"}]),
                     contact(ERASED, specialities=[["urologi"], ["akutmedicin"]][version - 1])],
        "sites": [{**like["sites"], "name": SITE, "region": REGION, "department": f"Lungs {said}",
                   "city": f"City {version}"}],
    }
    return [pack_pb2.PackFile(path=path, content=json.dumps(content).encode())
            for path, content in files.items()]


@pytest.fixture
def country(server):
    country = Country(server)
    country.do(NATIONAL, "ApplyPack", files=files_with(1), allow_sample=True)
    return country


def edit(country):
    """What people do."""
    reason = {"reason": "it closes"}
    country.do(NATIONAL, "EndRegion", name=REGION, last_day=LATEST, successor="regions/skane",
               **reason)
    country.do(NATIONAL, "EndDesk", name=ENDS, last_day=LATEST, **reason)
    country.do(NATIONAL, "EndSite", name=SITE, last_day=LATEST, **reason)
    country.do(NATIONAL, "EndContact", name=LEAVES, last_day=LATEST, **reason)
    country.do(NATIONAL, "UpdateSite", site={"name": SITE, "city": "Rønne"})
    country.do(NATIONAL, "AddContactAbsence", name=AWAY,
               absence={"first_day": "2026-12-01", "last_day": "2026-12-10"})
    country.do(NATIONAL, "UpdateContact", contact={"name": AWAY, "phone": "+45 99 99 99 99"})
    country.do(NATIONAL, "ErasePerson", name=ERASED, **reason)


def contact(country, name):
    listed = country.do(NATIONAL, "ListContacts", parent=name.split("/contacts/")[0]).contacts
    return next(c for c in listed if c.name == name)


def check_kept(country, version):
    """What people did is there, and so is the rest of the pack of that version."""
    region = country.do(NATIONAL, "GetRegion", name=REGION)
    assert (region.valid_to, region.display_name) == (LATEST, f"Bornholm as version {version} says")
    desk = country.do(NATIONAL, "GetDesk", name=ENDS)
    assert (desk.valid_to, desk.display_name) == (LATEST, f"Centre as version {version} says")
    site = country.do(NATIONAL, "GetSite", name=SITE)
    assert (site.valid_to, site.city) == (LATEST, "Rønne")
    assert site.department == f"Lungs as version {version} says"
    leaves = contact(country, LEAVES)
    assert (leaves.valid_to, leaves.display_name) == (LATEST, f"Contact {version}")
    away = contact(country, AWAY)
    assert (away.phone, away.email) == ("+45 99 99 99 99", f"c{version}@centre.example")
    assert [a.first_day for a in away.absences] == ["2026-12-01", "2027-01-01"]
    erased = contact(country, ERASED)
    assert (erased.display_name, erased.email, erased.phone) == ("(erased)", "", "")
    assert list(erased.specialities) == [["urologi"], ["akutmedicin"]][version - 1]


def diff(country, files):
    return country.do(NATIONAL, "DiffPack", files=files, allow_sample=True)


def kept(response):
    return {d.name: sorted({f.field.split("[")[0].split(".")[0] for f in d.kept_fields})
            for d in response.differences if d.kept_fields}


KEPT = {
    REGION: ["successor", "valid_to"],
    ENDS: ["valid_to"],
    SITE: ["city", "source", "valid_to"],
    LEAVES: ["valid_to"],
    AWAY: ["absences", "phone"],
    ERASED: ["display_name", "email", "phone"],
}


def test_what_people_did_stays_and_the_rest_of_the_pack_comes(country):
    edit(country)
    newer = files_with(2)
    response = diff(country, newer)
    assert kept(response) == KEPT
    assert [d.name for d in response.differences if d.person_erased] == [ERASED]
    by_name = {d.name: d for d in response.differences}
    assert by_name[AWAY].change == pack_diff_pb2.RECORD_CHANGE_CHANGED
    assert [f.field for f in by_name[AWAY].fields] == ["display_name", "email"]
    assert "+45" not in json_format.MessageToJson(response)
    first = country.do(NATIONAL, "ApplyPack", files=newer, allow_sample=True)
    assert first.changed == len(by_name)
    assert any("but for what was edited since" in line for line in first.summary)
    check_kept(country, 2)
    # Again it changes nothing, before a restart and after it.
    assert country.do(NATIONAL, "ApplyPack", files=newer, allow_sample=True).changed == 0
    country.server.kill()
    country = Country(country.server.start())
    assert country.do(NATIONAL, "ApplyPack", files=newer, allow_sample=True).commit == 0
    again = diff(country, newer)
    assert kept(again) == KEPT
    assert {d.change for d in again.differences} == {pack_diff_pb2.RECORD_CHANGE_KEPT}
    check_kept(country, 2)
    # An older pack is no way back either.
    country.do(NATIONAL, "ApplyPack", files=files_with(1), allow_sample=True)
    check_kept(country, 1)


def test_what_is_exported_with_edits_changes_nothing_and_takes_nothing_over(country):
    edit(country)
    exported = country.do(NATIONAL, "ExportPack", include_sample=True).files
    assert not diff(country, exported).differences
    assert country.do(NATIONAL, "ApplyPack", files=exported, allow_sample=True).changed == 0
    country.do(NATIONAL, "ApplyPack", files=files_with(2), allow_sample=True)
    check_kept(country, 2)


def test_an_erased_person_is_followed_by_whom_a_verb_names(country):
    edit(country)
    country.do(NATIONAL, "UpdateContact", contact={
        "name": ERASED, "display_name": "A new one", "email": "new@centre.example"})
    country.do(NATIONAL, "ApplyPack", files=files_with(2), allow_sample=True)
    now = contact(country, ERASED)
    assert (now.display_name, now.email, now.phone) == ("A new one", "new@centre.example", "")


def test_a_pack_that_contradicts_an_edit_is_refused_with_the_records_name(country):
    edit(country)
    files = files_with(2)
    for file in files:
        if file.path == "extra.json":
            file.content = file.content.replace(
                f'"name": "{SITE}"'.encode(), f'"name": "{SITE}", "validFrom": "2027-07-01"'.encode())
    for short, fields in (("DiffPack", {}), ("ApplyPack", {})):
        with pytest.raises(Failure) as failure:
            country.do(NATIONAL, short, files=files, allow_sample=True, **fields)
        assert failure.value.reason == "INVALID_FIELDS"
        assert list(failure.value.fields) == [SITE + ".valid_to"]


def test_the_command_line_shows_what_would_stay(country, tmp_path):
    edit(country)
    folder = tmp_path / "newer"
    for file in files_with(2):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    shell = Shell(country.server.address, tmp_path)
    said = shell.ok(NATIONAL, "pack", "diff", str(folder), "--sample")
    assert "stays as people set it" in said and "was erased and is not restored" in said
    told = shell.json(NATIONAL, "pack", "diff", str(folder), "--sample")
    names = {d["name"] for d in told["differences"] if d.get("keptFields")}
    assert names == set(KEPT)
    assert "but for what was edited since" in shell.ok(NATIONAL, "pack", "apply", str(folder), "--sample")
    check_kept(country, 2)
    assert shell.json(NATIONAL, "pack", "apply", str(folder), "--sample").get("changed", 0) == 0
    said = shell.ok(NATIONAL, "pack", "diff", str(folder), "--sample")
    assert AWAY in said and "stays as people set it" in said
