"""Bad input: every fault is named, nothing is stored."""

import json

import grpc
import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, request_id, trial
from trialgate.v1 import (
    audit_service_pb2 as audit_pb,
    directory_service_pb2 as directory_pb,
    pack_pb2,
    trial_request_service_pb2 as request_pb,
)


def submit(server, **changes):
    return server.client(REQUESTER).requests.SubmitTrialRequest(
        request_pb.SubmitTrialRequestRequest(trial_request=trial(**changes), request_id=request_id())
    )


def events(server):
    """How many changes there were; reads are recorded when they come to it."""
    listed = server.client(AUDITOR).audit.ListAuditEvents(
        audit_pb.ListAuditEventsRequest(page_size=1000)
    )
    return sum(event.action != "ReadConfidential" for event in listed.audit_events)


FAULTS = [
    ({"specialities": ["alchemy"]}, "trial_request.specialities[0]", "UNKNOWN_VALUE"),
    ({"requiredCapabilities": ["time-machine"]}, "trial_request.required_capabilities[0]", "UNKNOWN_VALUE"),
    ({"regionsWanted": ["regions/atlantis"]}, "trial_request.regions_wanted[0]", "UNKNOWN_VALUE"),
    ({"phase": 99}, "trial_request.phase", "UNKNOWN_VALUE"),
    ({"patientsWanted": -1}, "trial_request.patients_wanted", "OUT_OF_RANGE"),
    ({"patientsWanted": 2**62}, "trial_request.patients_wanted", "OUT_OF_RANGE"),
    ({"sitesWanted": -5}, "trial_request.sites_wanted", "OUT_OF_RANGE"),
    ({"recruitmentMonths": 500}, "trial_request.recruitment_months", "OUT_OF_RANGE"),
    ({"firstPatientInEarliest": "2027-02-30"}, "trial_request.first_patient_in_earliest", "INVALID_FORMAT"),
    ({"firstPatientInLatest": "2027-01-01"}, "trial_request.first_patient_in_latest", "DATES_REVERSED"),
    ({"title": "x" * (2 << 20)}, "trial_request.title", "TOO_LONG"),
    ({"title": ""}, "trial_request.title", "REQUIRED"),
    ({"conditions": []}, "trial_request.conditions", "REQUIRED"),
]


@pytest.mark.parametrize("changes,field,reason", FAULTS, ids=[f"{f[1]}-{f[2]}" for f in FAULTS])
def test_a_fault_is_named_by_field_and_reason_and_nothing_is_stored(
    shared_denmark, changes, field, reason
):
    before = events(shared_denmark)
    with pytest.raises(Failure) as failure:
        submit(shared_denmark, **changes)
    assert failure.value.code.name == "INVALID_ARGUMENT"
    assert failure.value.reason == "INVALID_FIELDS"
    assert any(d.startswith(reason + ":") for d in failure.value.fields[field]), failure.value.fields
    assert events(shared_denmark) == before


def test_all_faults_of_a_message_are_reported_at_once(shared_denmark):
    with pytest.raises(Failure) as failure:
        submit(
            shared_denmark,
            title="",
            recruitmentMonths=500,
            specialities=["alchemy"],
            firstPatientInEarliest="2027-02-30",
        )
    assert {
        "trial_request.title",
        "trial_request.recruitment_months",
        "trial_request.specialities[0]",
        "trial_request.first_patient_in_earliest",
    } <= set(failure.value.fields)


def test_text_that_is_not_utf8_is_refused_with_a_clear_error(shared_denmark):
    # A client that does not check: field 6 (title) of field 1, bytes that are no UTF-8.
    title = b"\x32\x02\xc3\x28"
    body = b"\x0a" + bytes([len(title)]) + title + b"\x12\x01x"
    call = grpc.insecure_channel(shared_denmark.address).unary_unary(
        "/trialgate.v1.TrialRequestService/SubmitTrialRequest"
    )
    with pytest.raises(grpc.RpcError) as error:
        call(body, metadata=(("trialgate-principal", REQUESTER),), timeout=30)
    failure = Failure(error.value)
    assert failure.code.name == "INVALID_ARGUMENT"
    assert failure.fields["trial_request.title"][0].startswith("INVALID_UTF8:")


def test_a_malformed_message_is_invalid_and_not_an_internal_error(shared_denmark):
    call = grpc.insecure_channel(shared_denmark.address).unary_unary(
        "/trialgate.v1.TrialRequestService/SubmitTrialRequest"
    )
    with pytest.raises(grpc.RpcError) as error:
        call(b"\x0a\xff", metadata=(("trialgate-principal", REQUESTER),), timeout=30)
    assert error.value.code().name == "INVALID_ARGUMENT"


def study(**modules):
    record = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT99999998", "briefTitle": "A study"},
            "statusModule": {"startDateStruct": {"date": "2027-05-01"}},
            "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE2"],
                             "enrollmentInfo": {"count": 40}},
            "conditionsModule": {"conditions": ["Asthma"]},
            "armsInterventionsModule": {"interventions": [{"type": "DRUG", "name": "X"}]},
            "eligibilityModule": {"sex": "ALL", "minimumAge": "18 Years"},
        }
    }
    record["protocolSection"].update(modules)
    return json.dumps(record).encode()


IMPORTS = [
    (b"{not json", "MALFORMED_JSON"),
    (study()[:200], "MALFORMED_JSON"),
    (b"", "MALFORMED_JSON"),
    (b"[]", ""),
    (study(conditionsModule={}), "REQUIRED"),
    (study(designModule={"studyType": "INTERVENTIONAL", "phases": ["PHASE9"]}), "UNKNOWN_VALUE"),
    (study(designModule={"studyType": "INTERVENTIONAL", "phases": ["PHASE2"],
                         "enrollmentInfo": {"count": -4}}), "OUT_OF_RANGE"),
    (study(designModule={"studyType": "INTERVENTIONAL", "phases": ["PHASE2"],
                         "enrollmentInfo": {"count": 10**15}}), "OUT_OF_RANGE"),
    (study(statusModule={"startDateStruct": {"date": "2027-02-30"}}), "INVALID_FORMAT"),
]


@pytest.mark.parametrize("record,reason", IMPORTS)
def test_a_bad_study_record_is_refused_with_its_fault(shared_denmark, record, reason):
    with pytest.raises(Failure) as failure:
        shared_denmark.client(REQUESTER).requests.ImportStudyRecord(
            request_pb.ImportStudyRecordRequest(study_record=record)
        )
    assert failure.value.code.name == "INVALID_ARGUMENT"
    said = failure.value.reason + str(failure.value.fields)
    assert reason in said, failure.value


def test_a_good_study_record_says_what_came_from_where_and_what_is_missing(shared_denmark):
    imported = shared_denmark.client(REQUESTER).requests.ImportStudyRecord(
        request_pb.ImportStudyRecordRequest(study_record=study())
    )
    assert imported.draft.specialities == ["im-lungesygdomme"]
    assert imported.draft.phase == 5
    assert {"requester"} <= set(imported.missing)
    assert any(d.field == "specialities" for d in imported.derivations)


def mutated(edit):
    files = harness.pack_files()
    for file in files:
        content = json.loads(file.content)
        if edit(file.path, content):
            file.content = json.dumps(content).encode()
    return files


def cycle(path, content):
    for region in content.get("regions", []):
        if region["name"] == "regions/east-denmark":
            region["validTo"], region["successor"] = "2030-12-31", "regions/capital"
            return True
    return False


def rule_without_desk(path, content):
    if "routingRules" not in content:
        return False
    content["routingRules"].insert(0, {"id": "nowhere", "description": "x", "desk": "desks/nowhere"})
    return True


def duplicate(path, content):
    if len(content.get("desks", [])) < 2:
        return False
    content["desks"].append(content["desks"][0])
    return True


PACKS = [(cycle, "SUCCESSOR_CYCLE"), (rule_without_desk, "DANGLING_REFERENCE"), (duplicate, "DUPLICATE")]


@pytest.mark.parametrize("edit,reason", PACKS, ids=[p[1] for p in PACKS])
def test_a_faulty_pack_is_refused_with_file_and_place_and_nothing_is_stored(server, edit, reason):
    with pytest.raises(Failure) as failure:
        server.client(NATIONAL).directory.ApplyPack(
            directory_pb.ApplyPackRequest(
                files=mutated(edit), allow_sample=True, request_id=request_id()
            )
        )
    assert failure.value.code.name == "INVALID_ARGUMENT"
    places = [f for f, said in failure.value.fields.items() if any(d.startswith(reason) for d in said)]
    assert places and all(".json" in place for place in places), failure.value.fields
    assert events(server) == 0


def test_invented_values_are_refused_unless_they_are_asked_for(server):
    with pytest.raises(Failure) as failure:
        server.client(NATIONAL).directory.ApplyPack(
            directory_pb.ApplyPackRequest(files=harness.pack_files(), request_id=request_id())
        )
    assert "SAMPLE_NOT_ALLOWED" in failure.value.reason + str(failure.value.fields)
    assert events(server) == 0
    harness.apply_pack(server, sample=False)


def test_a_pack_file_that_is_not_json_is_named(server):
    with pytest.raises(Failure) as failure:
        server.client(NATIONAL).directory.ApplyPack(
            directory_pb.ApplyPackRequest(
                files=[pack_pb2.PackFile(path="broken.json", content=b'{"country": "DK"')],
                request_id=request_id(),
            )
        )
    assert any("broken.json" in field for field in failure.value.fields), failure.value.fields


def test_a_submit_before_any_pack_says_that_one_is_needed(server):
    with pytest.raises(Failure) as failure:
        submit(server)
    assert failure.value.code.name == "FAILED_PRECONDITION"
    assert failure.value.reason == "NO_PACK"


def test_a_page_of_a_million_is_refused(shared_denmark):
    with pytest.raises(Failure) as failure:
        shared_denmark.client(NATIONAL).directory.ListSites(
            directory_pb.ListSitesRequest(page_size=1000000)
        )
    assert failure.value.code.name == "INVALID_ARGUMENT" and "page_size" in failure.value.fields


def test_a_foreign_page_token_is_refused(shared_denmark):
    with pytest.raises(Failure) as failure:
        shared_denmark.client(NATIONAL).directory.ListSites(
            directory_pb.ListSitesRequest(page_token="bm9uc2Vuc2U")
        )
    assert failure.value.code.name == "INVALID_ARGUMENT"
    assert "INVALID_PAGE_TOKEN" in failure.value.reason + str(failure.value.fields)


def test_fields_that_the_server_sets_cannot_be_sent(shared_denmark):
    with pytest.raises(Failure) as failure:
        submit(shared_denmark, state="TRIAL_REQUEST_STATE_CONFIRMED", revision=7)
    assert {"trial_request.state", "trial_request.revision"} <= set(failure.value.fields)
