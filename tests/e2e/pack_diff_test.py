"""A pack compared with the directory, applied with what it moves, and exported again."""

import json

import pytest
from tests.e2e import harness
from tests.e2e.harness import NATIONAL, REQUESTER, Failure, coordinator, pack_files, request_id, trial
from trialgate.v1 import (
    directory_service_pb2,
    pack_diff_pb2,
    referral_service_pb2,
    trial_request_service_pb2,
)

CAPITAL, EAST = "desks/capital", "desks/east-denmark"


@pytest.fixture
def server(tmp_path):
    running = harness.Server(tmp_path / "server", harness.UNLIMITED).start()
    harness.apply_pack(running)
    yield running
    running.stop()


def directory(server, principal=NATIONAL):
    return server.client(principal).directory


def changed(path, list_name, name, **fields):
    """The Danish pack's files with fields of one record set."""
    files = pack_files()
    for file in files:
        if file.path != path:
            continue
        content = json.loads(file.content)
        record = next(r for r in content[list_name] if r["name"] == name)
        record.update(fields)
        file.content = json.dumps(content).encode()
    return files


def diff(server, files, **fields):
    return directory(server).DiffPack(
        pack_diff_pb2.DiffPackRequest(files=files, allow_sample=True, **fields), timeout=60)


def apply(server, files):
    return directory(server).ApplyPack(directory_service_pb2.ApplyPackRequest(
        files=files, allow_sample=True, request_id=request_id()), timeout=60)


def told(response):
    return [(pack_diff_pb2.RecordChange.Name(d.change).removeprefix("RECORD_CHANGE_"), d.name)
            for d in response.differences]


def submit_to_capital(server):
    request = server.client(REQUESTER).requests.SubmitTrialRequest(
        trial_request_service_pb2.SubmitTrialRequestRequest(
            trial_request=trial(), request_id=request_id())).trial_request
    listed = server.client(NATIONAL).referral.ListReferrals(
        referral_service_pb2.ListReferralsRequest(parent=request.name)).referrals
    return next(r for r in listed if r.desk == CAPITAL)


def inbox(server, desk):
    listed = server.client(coordinator(desk)).referral.ListReferrals(
        referral_service_pb2.ListReferralsRequest(parent="trialRequests/-", desk=desk))
    return [referral.name for referral in listed.referrals]


def test_the_same_pack_differs_in_nothing(server):
    response = diff(server, pack_files())
    assert told(response) == [] and not response.impacts
    assert {count.change for count in response.counts} == {pack_diff_pb2.RECORD_CHANGE_UNCHANGED}
    assert sum(count.count for count in response.counts) > 300


def test_before_the_first_pack_all_is_created(tmp_path):
    running = harness.Server(tmp_path / "empty", harness.UNLIMITED).start()
    response = diff(running, pack_files())
    assert {change for change, _ in told(response)} == {"CREATED"}
    with pytest.raises(Failure) as failure:
        directory(running).ExportPack(pack_diff_pb2.ExportPackRequest())
    assert failure.value.reason == "NO_PACK"
    running.stop()


def test_a_desk_that_would_end_is_told_with_its_open_referrals(server):
    referral = submit_to_capital(server)
    files = changed("desks.json", "desks", CAPITAL, validTo="2026-12-30")
    with pytest.raises(Failure) as failure:
        diff(server, files)
    # A region must have a desk on each of its days: refused as it would be applied.
    assert failure.value.reason == "INVALID_FIELDS"
    files = changed("desks.json", "desks", CAPITAL, displayName="Capital desk")
    response = diff(server, files)
    assert told(response) == [("CHANGED", CAPITAL)]
    assert [(f.field, f.after) for f in response.differences[0].fields] == [("display_name", "Capital desk")]
    site = referral.sites[0]
    sites = next(f for f in pack_files() if f.path == "sites-capital.json")
    assert site in sites.content.decode()
    response = diff(server, changed("sites-capital.json", "sites", site, validTo="2027-06-30"))
    assert told(response) == [("ENDED", site)]
    impact, = response.impacts
    assert (impact.kind, impact.name, impact.last_day) == (
        pack_diff_pb2.REFERRAL_IMPACT_KIND_SITE_ENDS, site, "2027-06-30")
    assert list(impact.referrals) == [referral.name] and response.referral_count == 1


def test_a_persons_fields_are_told_only_to_differ(server):
    contact = f"{CAPITAL}/contacts/lead"
    response = diff(server, changed("contacts.json", "contacts", contact, email="new.lead@regionh.example"))
    assert told(response) == [("CHANGED", contact)]
    assert [(f.field, f.before, f.after) for f in response.differences[0].fields] == [
        ("email", "(personal)", "(personal)")]
    assert b"new.lead" not in response.SerializeToString()


def merged(last_day):
    """The Danish pack with its merger on the day after `last_day`."""
    files = pack_files()
    for file in files:
        if file.path in ("desks.json", "regions.json"):
            first_day = {"2026-11-22": "2026-11-23"}[last_day].encode()
            file.content = file.content.replace(b'"2026-12-31"', b'"' + last_day.encode() + b'"').replace(
                b'"2027-01-01"', b'"' + first_day + b'"')
    return files


def test_a_pack_whose_end_is_past_moves_what_is_open_in_its_commit(server):
    referral = submit_to_capital(server)
    files = merged("2026-11-22")
    foreseen = {(i.kind, i.name): i for i in diff(server, files).impacts}
    desk = foreseen[pack_diff_pb2.REFERRAL_IMPACT_KIND_DESK_ENDS, CAPITAL]
    assert (desk.successor, list(desk.referrals)) == (EAST, [referral.name])
    applied = apply(server, files)
    assert any("open referrals: " in line and "moved" in line for line in applied.summary)
    assert referral.name in inbox(server, EAST) and inbox(server, CAPITAL) == []
    moved = server.client(coordinator(EAST)).referral.GetReferral(
        referral_service_pb2.GetReferralRequest(name=referral.name))
    assert moved.etag == str(applied.commit)


def test_an_export_applied_to_another_server_gives_the_same_directory(server, tmp_path):
    # With an edit of its own.
    apply(server, changed("desks.json", "desks", CAPITAL, description="Edited here: æøå."))
    exported = directory(server).ExportPack(pack_diff_pb2.ExportPackRequest(include_sample=True), timeout=60)
    assert exported.holds_sample
    assert "Edited here: æøå." in next(f for f in exported.files if f.path == "desks.json").content.decode()
    other = harness.Server(tmp_path / "other", harness.UNLIMITED).start()
    apply(other, exported.files)
    again = directory(other).ExportPack(pack_diff_pb2.ExportPackRequest(include_sample=True), timeout=60)
    assert again.files == exported.files
    assert told(diff(other, exported.files)) == []
    for method, request, field in (
            ("ListSites", directory_service_pb2.ListSitesRequest(page_size=1000), "sites"),
            ("ListDesks", directory_service_pb2.ListDesksRequest(page_size=1000), "desks"),
            ("ListContacts", directory_service_pb2.ListContactsRequest(parent=CAPITAL), "contacts")):
        one, two = (getattr(getattr(directory(s), method)(request), field) for s in (server, other))
        for record in (*one, *two):
            record.etag = ""
        assert list(one) == list(two), method
    other.stop()


def test_an_export_without_invented_values_needs_no_leave_to_be_applied(server, tmp_path):
    exported = directory(server).ExportPack(pack_diff_pb2.ExportPackRequest(), timeout=60)
    assert exported.holds_sample and all("sample" not in file.path for file in exported.files)
    other = harness.Server(tmp_path / "bare", harness.UNLIMITED).start()
    directory(other).ApplyPack(directory_service_pb2.ApplyPackRequest(
        files=exported.files, request_id=request_id()), timeout=60)
    other.stop()


@pytest.mark.parametrize("principal", [REQUESTER, coordinator(CAPITAL), harness.AUDITOR, harness.OPERATOR])
def test_only_national_coordinators_compare_and_export(server, principal):
    for method, request in (("DiffPack", pack_diff_pb2.DiffPackRequest()),
                            ("ExportPack", pack_diff_pb2.ExportPackRequest())):
        with pytest.raises(Failure) as failure:
            getattr(directory(server, principal), method)(request)
        assert failure.value.reason == "ROLE_NOT_PERMITTED"
