"""People's data: erased for good in every copy, kept out of what is stored, refused where it must not come in."""

import json
import shutil
import urllib.request

import pytest
from tests.e2e import harness
from tests.e2e.harness import AUDITOR, NATIONAL, REQUESTER, Failure, coordinator, request_id, trial
from trialgate.v1 import (
    audit_service_pb2 as audit_pb,
    directory_service_pb2 as directory_pb,
    feasibility_service_pb2 as feasibility_pb,
    people_service_pb2 as people_pb,
    referral_pb2,
    referral_service_pb2 as referral_pb,
    trial_request_service_pb2 as request_pb,
)

CONTACT = "desks/central-denmark/contacts/lead"
# No other text of pack or test holds these.
CONTACT_MARKS = ("Qinzomora Contactsen", "qinzo.mora@central.example", "+45 70998811")
ASKER_MARKS = ("Yvvetta Askersen", "yvvetta@sponsor.example", "+45 70998822")
INVESTIGATOR = "Dr. Wexolind Prinzipal"
CPR = "120190-1234"


def folders_hold(folders, marks):
    """Which marks stand in a file of the folders, byte by byte, and where."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                found += [(mark, str(path)) for mark in marks if mark.encode() in content]
    return found


def everything_told(server):
    """Every byte of every answer that lists or exports something, logs and metrics."""
    national, auditor = server.client(NATIONAL), server.client(AUDITOR)
    told = [server.log().encode()]
    told.append(urllib.request.urlopen(f"http://{server.metrics_address}/metrics").read())
    for desk in national.directory.ListDesks(directory_pb.ListDesksRequest(page_size=1000)).desks:
        told.append(
            national.directory.ListContacts(
                directory_pb.ListContactsRequest(parent=desk.name)
            ).SerializeToString()
        )
    requests = national.requests.ListTrialRequests(request_pb.ListTrialRequestsRequest())
    told.append(requests.SerializeToString())
    for request in requests.trial_requests:
        told.append(
            national.feasibility.GetFeasibilityReport(
                feasibility_pb.GetFeasibilityReportRequest(name=request.name)
            ).SerializeToString()
        )
        told.append(
            national.referral.ListReferrals(
                referral_pb.ListReferralsRequest(parent=request.name)
            ).SerializeToString()
        )
    events = auditor.audit.ListAuditEvents(audit_pb.ListAuditEventsRequest(page_size=1000))
    told.append(events.SerializeToString())
    return b"\n".join(told)


def is_valid(server):
    answer = server.client(AUDITOR).audit.VerifyAuditTrail(audit_pb.VerifyAuditTrailRequest())
    return answer.intact


def pack_with_marked_contact():
    files = harness.pack_files()
    for file in files:
        if file.path == "contacts.json":
            text = file.content.decode()
            at = text.index(f'"name": "{CONTACT}"')
            name_at = text.index('"displayName"', at)
            end = text.index('"deputies"', name_at)
            marked = (
                f'"displayName": "{CONTACT_MARKS[0]}", "email": "{CONTACT_MARKS[1]}",'
                f' "phone": "{CONTACT_MARKS[2]}", '
            )
            file.content = (text[:name_at] + marked + text[end:]).encode()
    return files


@pytest.fixture
def peopled(server):
    """A server with a marked contact, requester's contact, and principal investigator."""
    server.client(NATIONAL).directory.ApplyPack(
        directory_pb.ApplyPackRequest(
            files=pack_with_marked_contact(), allow_sample=True, request_id=request_id()
        )
    )
    contact = dict(zip(("displayName", "email", "phone"), ASKER_MARKS))
    call = request_pb.SubmitTrialRequestRequest(
        trial_request=trial(contact=contact), request_id=request_id()
    )
    server.submit_call = call
    server.request = server.client(REQUESTER).requests.SubmitTrialRequest(call).trial_request
    referrals = server.client(NATIONAL).referral.ListReferrals(
        referral_pb.ListReferralsRequest(parent=server.request.name)
    ).referrals
    referral = next(r for r in referrals if r.sites)
    server.referral = referral
    offer = referral_pb2.Offer(
        site=referral.sites[0],
        patients_claimed=5,
        earliest_start="2027-10-01",
        principal_investigator=INVESTIGATOR,
        firmness=referral_pb2.OFFER_FIRMNESS_TENTATIVE,
    )
    refusals = [
        referral_pb2.Refusal(site=site, reason=referral_pb2.REFUSAL_REASON_NO_STAFF)
        for site in referral.sites[1:]
    ]
    server.answer_call = referral_pb.AnswerReferralRequest(
        name=referral.name, offers=[offer], refusals=refusals, request_id=request_id()
    )
    server.answered = server.client(coordinator(referral.desk)).referral.AnswerReferral(
        server.answer_call
    )
    server.offer_person = (
        f"{referral.name}/offers/{referral.sites[0].removeprefix('sites/')}"
    )
    return server


def erase(server, name, **changes):
    fields = {"name": name, "reason": "asked to", "request_id": request_id()}
    fields.update(changes)
    return server.client(NATIONAL).people.ErasePerson(people_pb.ErasePersonRequest(**fields))


ALL_MARKS = (*CONTACT_MARKS, *ASKER_MARKS, INVESTIGATOR)


def test_persons_are_shown_and_stand_nowhere_on_disk(peopled):
    told = everything_told(peopled)
    for mark in ALL_MARKS:
        assert mark.encode() in told, mark
    assert INVESTIGATOR == peopled.answered.offers[0].principal_investigator
    peopled.stop()
    # The search finds what is there: the title is stored as it is.
    assert folders_hold([peopled.folder], [trial().title])
    assert not folders_hold([peopled.folder], ALL_MARKS)


def test_who_is_erased_is_gone_everywhere_and_in_a_backup_made_before(peopled, tmp_path):
    backup = tmp_path / "backup"
    peopled.stop()
    shutil.copytree(peopled.folder / "data", backup / "data")
    peopled.start()
    for name in (CONTACT, peopled.request.name, peopled.offer_person):
        erase(peopled, name)
    told = everything_told(peopled)
    assert not [mark for mark in ALL_MARKS if mark.encode() in told]
    assert b"(erased)" in told
    assert is_valid(peopled)
    # A retry of what first told of them tells nothing any more.
    again = peopled.client(REQUESTER).requests.SubmitTrialRequest(peopled.submit_call)
    assert again.trial_request.contact.display_name == "(erased)"
    assert again.trial_request.contact.email == ""
    answer = peopled.client(coordinator(peopled.referral.desk)).referral.AnswerReferral(
        peopled.answer_call
    )
    assert answer.offers[0].principal_investigator == "(erased)"
    peopled.stop()
    assert folders_hold([backup], [trial().title])
    assert not folders_hold([peopled.folder, backup], ALL_MARKS)
    # The backup, opened with the keys as they are now.
    restored = harness.Server(backup, [f"--keys-dir={peopled.folder / 'data-keys'}"]).start()
    try:
        told = everything_told(restored)
        assert not [mark for mark in ALL_MARKS if mark.encode() in told]
        assert is_valid(restored)
    finally:
        restored.stop()
    assert not folders_hold([peopled.folder, backup], ALL_MARKS)


def test_an_older_copy_of_the_keys_brings_nobody_back(peopled, tmp_path):
    keys = peopled.folder / "data-keys"
    shutil.copytree(keys, tmp_path / "keys")
    erase(peopled, CONTACT)
    peopled.stop()
    shutil.rmtree(keys)
    shutil.copytree(tmp_path / "keys", keys)
    peopled.start()
    contacts = peopled.client(NATIONAL).directory.ListContacts(
        directory_pb.ListContactsRequest(parent=CONTACT.split("/contacts/")[0])
    ).contacts
    assert "(erased)" in [contact.display_name for contact in contacts]
    assert "erasures_finished" in peopled.log()
    peopled.stop()
    before = {path.name for path in (tmp_path / "keys").iterdir() if path.suffix == ".key"}
    assert len(before - {path.name for path in keys.iterdir()}) == 1


def test_without_its_keys_a_server_refuses_to_start_until_they_are_given_up(peopled):
    peopled.stop()
    shutil.rmtree(peopled.folder / "data-keys")
    code, words = peopled.refusal()
    assert code == 2
    assert "KEYS_UNAVAILABLE" in words and "--give-up-lost-keys" in words
    peopled.arguments.append("--give-up-lost-keys")
    peopled.start()
    assert b"(erased)" in everything_told(peopled)


def test_an_export_holds_what_is_held_and_counts_as_a_read(peopled):
    people = peopled.client(NATIONAL).people
    held = people.ExportPerson(people_pb.ExportPersonRequest(name=CONTACT))
    assert (held.display_name, held.email, held.phone) == CONTACT_MARKS
    asker = people.ExportPerson(people_pb.ExportPersonRequest(name=peopled.request.name))
    assert (asker.display_name, asker.email, asker.phone) == ASKER_MARKS
    offered = people.ExportPerson(people_pb.ExportPersonRequest(name=peopled.offer_person))
    assert offered.display_name == INVESTIGATOR
    with pytest.raises(Failure) as denied:
        peopled.client(REQUESTER).people.ExportPerson(people_pb.ExportPersonRequest(name=CONTACT))
    assert denied.value.reason == "ROLE_NOT_PERMITTED"


def test_a_retry_with_another_person_is_another_request(peopled):
    peopled.submit_call.trial_request.contact.phone = "+45 1"
    with pytest.raises(Failure) as reused:
        peopled.client(REQUESTER).requests.SubmitTrialRequest(peopled.submit_call)
    assert reused.value.reason == "REQUEST_ID_REUSED"
    peopled.answer_call.offers[0].principal_investigator = "Dr. Other"
    with pytest.raises(Failure) as reused:
        peopled.client(coordinator(peopled.referral.desk)).referral.AnswerReferral(
            peopled.answer_call
        )
    assert reused.value.reason == "REQUEST_ID_REUSED"


def test_a_reference_that_a_client_makes_up_shows_nobody(peopled):
    forged = f"\x02person:{CONTACT}"
    with pytest.raises(Failure) as refused:
        peopled.client(REQUESTER).requests.SubmitTrialRequest(
            request_pb.SubmitTrialRequestRequest(
                trial_request=trial(contact={"displayName": forged, "email": "a@b.example"}),
                validate_only=True,
            )
        )
    assert refused.value.fields.keys() == {"trial_request.contact.display_name"}


TEXTS = [
    ("trial_request.title", {"title": f"A study of {CPR}"}),
    ("trial_request.synopsis", {"synopsis": "Patient 120190 1234 was seen."}),
    ("trial_request.questions[0].text", {"questions": [{"id": "q", "text": "Of 1201901234?"}]}),
    ("trial_request.contact.display_name", {"contact": {"displayName": CPR, "email": "a@b.example"}}),
]


@pytest.mark.parametrize("field,changes", TEXTS, ids=[field for field, _ in TEXTS])
def test_a_number_of_a_person_is_refused_and_not_repeated(shared_denmark, field, changes):
    for call in ("submit", "assess"):
        with pytest.raises(Failure) as failure:
            if call == "submit":
                shared_denmark.client(REQUESTER).requests.SubmitTrialRequest(
                    request_pb.SubmitTrialRequestRequest(
                        trial_request=trial(**changes), request_id=request_id()
                    )
                )
            else:
                shared_denmark.client(REQUESTER).feasibility.AssessTrialRequest(
                    feasibility_pb.AssessTrialRequestRequest(trial_request=trial(**changes))
                )
        assert failure.value.code.name == "INVALID_ARGUMENT"
        assert failure.value.fields.keys() == {field}
        assert failure.value.fields[field][0].startswith("PERSONAL_NUMBER: ")
        assert "1234" not in str(failure.value)
    assert "1234" not in shared_denmark.log().replace("12345", "")


def test_numbers_of_persons_are_refused_in_reasons_drafts_and_packs(shared_denmark):
    with pytest.raises(Failure) as reason:
        shared_denmark.client(REQUESTER).requests.WithdrawTrialRequest(
            request_pb.WithdrawTrialRequestRequest(
                name="trialRequests/none", reason=f"of {CPR}", request_id=request_id()
            )
        )
    assert reason.value.fields.keys() == {"reason"}
    record = json.loads((harness.ROOT / "deploy" / "samples" / "NCT99999999.json").read_text())
    record["protocolSection"]["identificationModule"]["briefTitle"] = f"A study of {CPR}"
    with pytest.raises(Failure) as draft:
        shared_denmark.client(REQUESTER).requests.ImportStudyRecord(
            request_pb.ImportStudyRecordRequest(study_record=json.dumps(record).encode())
        )
    assert draft.value.fields.keys() == {"draft.title"}
    files = harness.pack_files()
    for file in files:
        file.content = file.content.replace(b"Lead coordinator, Capital Region", b"120190-1234")
    with pytest.raises(Failure) as pack:
        shared_denmark.client(NATIONAL).directory.ApplyPack(
            directory_pb.ApplyPackRequest(files=files, allow_sample=True, validate_only=True)
        )
    assert all("PERSONAL_NUMBER" in d for ds in pack.value.fields.values() for d in ds)
    assert "1234" not in str(pack.value)
