// DirectoryEditApp: contacts, their absences and their ends.
#include "services/directory/contact_edit_app.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "services/directory/contact_duty.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/edit_rights.h"
#include "services/directory/field_checks.h"
#include "services/directory/record_checker.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ContactRow = store::Row<v1::Contact>;

constexpr char kType[] = "Contact";
constexpr char kWhat[] = "its contacts";
constexpr int kMaxAbsences = 100;

std::string DeskOf(const std::string& contact) {
  return contact.substr(0, contact.find("/contacts/"));
}

// A contact that is stored, with its person's fields as they are.
struct Stored {
  ContactRow row;
  v1::Contact contact;
  store::CommitNumber version = 0;
};

// FAILED_PRECONDITION (WRONG_STATE): the desk has ended, and its contacts with it.
absl::Status CheckDeskGoesOn(const std::string& name, absl::string_view event, Edit* edit) {
  const v1::Desk* const desk = edit->directory->FindDesk(name);
  if (desk == nullptr) return absl::OkStatus();
  return CheckNotOver(name, desk->valid_to(), edit->today, event);
}

// NOT_FOUND; PERMISSION_DENIED unless it is the caller's desk's; FAILED_PRECONDITION where that has
// ended.
absl::StatusOr<Stored> FindContact(const std::string& name, const EditTools& tools,
                                   absl::string_view event, Edit* edit) {
  ABSL_ASSIGN_OR_RETURN(ContactRow row, edit->Find(Contacts(), kType, name));
  ABSL_RETURN_IF_ERROR(MayEditDesk(edit->principal, DeskOf(name), kWhat));
  ABSL_RETURN_IF_ERROR(CheckDeskGoesOn(DeskOf(name), event, edit));
  ABSL_ASSIGN_OR_RETURN(const auto person, edit->work.Get(Persons(), name));
  Stored stored{row, row.value, row.version};
  if (person.has_value()) {
    stored.version = std::max(stored.version, person->version);
    ABSL_ASSIGN_OR_RETURN(const auto fields, OpenPerson(*tools.keys, name, person->value));
    // Of who was erased there is nothing to go on from.
    if (fields.has_value()) AddPerson(fields, &stored.contact);
  }
  return stored;
}

// Puts what `stored` became, and returns it with a reference to its person.
absl::StatusOr<v1::Contact> SaveContact(const Stored& stored, v1::Contact contact, Edit* edit) {
  for (const std::string& deputy : contact.deputies()) {
    ABSL_RETURN_IF_ERROR(edit->Refer(Contacts(), deputy));
  }
  if (PersonOf(contact).SerializeAsString() == PersonOf(stored.contact).SerializeAsString()) {
    ABSL_RETURN_IF_ERROR(edit->Save(Contacts(), stored.row, WithoutPerson(contact)));
  } else {
    // Who changes a person's fields only has edited the contact all the same.
    ABSL_RETURN_IF_ERROR(
        NoteFields(contact.name(), EditedFields(stored.contact, contact), &edit->work));
    ABSL_RETURN_IF_ERROR(edit->work.Put(Contacts(), contact.name(), WithoutPerson(contact)));
    // Persons' fields are put anew only where they change: each putting makes a key.
    ABSL_RETURN_IF_ERROR(
        edit->persons.Put(contact.name(), PersonOf(contact), edit->now, &edit->work).status());
  }
  edit->kept_version = stored.version;
  TakePersons(&contact);
  return contact;
}

bool SameDays(const v1::Absence& a, const v1::Absence& b) {
  return a.first_day() == b.first_day() && a.last_day() == b.last_day();
}

void CheckAbsence(const v1::Absence& absence, Faults* faults) {
  const Place place{"", "absence"};
  FieldChecks checks(faults);
  checks.Required(absence.first_day(), place.Field("first_day"));
  checks.Required(absence.last_day(), place.Field("last_day"));
  checks.Span(absence.first_day(), "first_day", absence.last_day(), "last_day", place);
}

// By day; of more than kMaxAbsences those longest past are dropped.
void AddAbsence(const v1::Absence& absence, const std::string& today, v1::Contact* contact) {
  *contact->add_absences() = absence;
  auto& absences = *contact->mutable_absences();
  std::stable_sort(absences.begin(), absences.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.last_day(), a.first_day()) <
           std::make_pair(b.last_day(), b.first_day());
  });
  while (absences.size() > kMaxAbsences && absences.begin()->last_day() < today) {
    absences.erase(absences.begin());
  }
  std::stable_sort(absences.begin(), absences.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.first_day(), a.last_day()) <
           std::make_pair(b.first_day(), b.last_day());
  });
}

// Names a new lead of the desk where `name` leads it. FAILED_PRECONDITION (LEAD_NEEDED).
absl::Status ReplaceLead(const std::string& name, const std::string& new_lead, Edit* edit) {
  ABSL_ASSIGN_OR_RETURN(const auto row, edit->Find(Desks(), "Desk", DeskOf(name)));
  const Place place{"", "new_lead"};
  if (row.value.lead() != name) {
    if (!new_lead.empty()) {
      edit->faults.Add(place, v1::ERROR_REASON_CONTRADICTION,
                       absl::StrCat("must be absent: ", name, " does not lead the desk"));
    }
    return edit->Checked();
  }
  if (new_lead.empty()) {
    ABSL_RETURN_IF_ERROR(edit->Checked());
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_LEAD_NEEDED,
                 absl::StrCat(name, " leads ", row.key, ": name who leads it from now on"))
        .WithMetadata("desk", row.key);
  }
  v1::Desk desk = row.value;
  desk.set_lead(new_lead);
  if (new_lead == name) {
    edit->faults.Add(place, v1::ERROR_REASON_CONTRADICTION, "must be another contact");
  }
  Faults faults;
  CheckRecord(*edit->directory, desk, {"", "desk"}, &faults);
  for (const Fault& fault : faults.kept()) {
    if (fault.place.at == "desk.lead") edit->faults.Add(place, fault.reason, fault.description);
  }
  CheckLead(*edit->directory, desk, place, edit);
  ABSL_RETURN_IF_ERROR(edit->Checked());
  // Guarded: it does not leave at the same moment.
  ABSL_RETURN_IF_ERROR(edit->Find(Contacts(), kType, new_lead).status());
  return edit->Save(Desks(), row, desk);
}

}  // namespace

void CheckLead(const DirectorySnapshot& directory, const v1::Desk& desk, const Place& place,
               Edit* edit) {
  const v1::Contact* const lead = directory.FindContact(desk.lead());
  if (lead == nullptr) return;  // told already
  if (!HasPerson(*lead)) {
    edit->faults.Add(place, v1::ERROR_REASON_DANGLING_REFERENCE,
                     "nobody stands behind it any more");
  } else if (HasLeft(*lead, edit->today)) {
    edit->faults.Add(place, v1::ERROR_REASON_DANGLING_REFERENCE,
                     absl::StrCat("left the desk on ", lead->valid_to()));
  }
}

void CheckNewContact(const DirectorySnapshot& directory, const v1::Contact& contact,
                     absl::string_view field, Edit* edit) {
  const Place place{"", std::string(field)};
  CheckRecord(directory, contact, place, &edit->faults);
  edit->RequireAbsent(contact.valid_to().empty(), place.Field("valid_to").at, "EndContact");
}

absl::StatusOr<v1::Contact> InsertContact(const v1::Contact& contact, Edit* edit) {
  for (const std::string& deputy : contact.deputies()) {
    ABSL_RETURN_IF_ERROR(edit->Refer(Contacts(), deputy));
  }
  v1::Contact bare = WithoutPerson(contact);
  bare.clear_etag();
  ABSL_RETURN_IF_ERROR(edit->Insert(Contacts(), kType, bare));
  ABSL_RETURN_IF_ERROR(
      NoteFields(contact.name(), EditedFields(v1::Contact(), contact), &edit->work));
  ABSL_RETURN_IF_ERROR(
      edit->persons.Put(contact.name(), PersonOf(contact), edit->now, &edit->work).status());
  v1::Contact shown = contact;
  shown.clear_etag();
  TakePersons(&shown);
  return shown;
}

absl::StatusOr<v1::Contact> DirectoryEditApp::CreateContact(
    const v1::Principal& principal, const v1::CreateContactRequest& request) {
  const auto create = [&](Edit* edit) -> absl::StatusOr<v1::Contact> {
    ABSL_RETURN_IF_ERROR(edit->Find(Desks(), "Desk", request.parent()).status());
    ABSL_RETURN_IF_ERROR(MayEditDesk(principal, request.parent(), kWhat));
    ABSL_RETURN_IF_ERROR(CheckDeskGoesOn(request.parent(), "create contact", edit));
    v1::Contact contact = request.contact();
    contact.set_name(edit->NewName(request.parent() + "/contacts", request.contact_id(),
                                   "contact_id", contact.name(), "contact.name"));
    CheckNewContact(*edit->directory, contact, "contact", edit);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    return InsertContact(contact, edit);
  };
  return RunEdit<v1::Contact>(tools_, principal, "CreateContact", request, create);
}

absl::StatusOr<v1::Contact> DirectoryEditApp::UpdateContact(
    const v1::Principal& principal, const v1::UpdateContactRequest& request) {
  const auto update = [&](Edit* edit) -> absl::StatusOr<v1::Contact> {
    const v1::Contact& wanted = request.contact();
    ABSL_ASSIGN_OR_RETURN(const Stored stored, FindContact(wanted.name(), tools_, "update", edit));
    ABSL_RETURN_IF_ERROR(
        CheckNotOver(wanted.name(), stored.contact.valid_to(), edit->today, "update"));
    v1::Contact contact = stored.contact;
    const EditableFields fields{
        {"display_name", "email", "phone", "specialities", "deputies", "absences"},
        {{"valid_to", "is changed by EndContact"}}};
    ABSL_RETURN_IF_ERROR(
        MergeEdit(request.update_mask(), wanted, fields, "contact", &contact, &edit->faults)
            .status());
    CheckRecord(*edit->directory, contact, {"", "contact"}, &edit->faults);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(wanted.etag(), stored.version));
    return SaveContact(stored, std::move(contact), edit);
  };
  return RunEdit<v1::Contact>(tools_, principal, "UpdateContact", request, update);
}

absl::StatusOr<v1::EndContactResponse> DirectoryEditApp::EndContact(
    const v1::Principal& principal, const v1::EndContactRequest& request) {
  const auto end = [&](Edit* edit) -> absl::StatusOr<v1::EndContactResponse> {
    ABSL_ASSIGN_OR_RETURN(const Stored stored, FindContact(request.name(), tools_, "end", edit));
    edit->TakeReason(request.reason(), /*required=*/true);
    const std::string last_day =
        request.last_day().empty() ? FormatDate(edit->today) : request.last_day();
    edit->RequireTodayOrLater(last_day, "last_day");
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), stored.version));
    if (HasLeft(stored.contact, edit->today)) {
      ABSL_RETURN_IF_ERROR(edit->Checked());
      return WrongRecordState(request.name(), "ENDED", "end",
                              absl::StrCat(request.name(), " left the desk on ",
                                           stored.contact.valid_to(), " already"));
    }
    ABSL_RETURN_IF_ERROR(ReplaceLead(request.name(), request.new_lead(), edit));
    v1::EndContactResponse response;
    v1::Contact contact = stored.contact;
    contact.set_valid_to(last_day);
    ABSL_RETURN_IF_ERROR(NoteFields(request.name(), {"valid_to"}, &edit->work));
    ABSL_ASSIGN_OR_RETURN(*response.mutable_contact(),
                          SaveContact(stored, std::move(contact), edit));
    response.set_open_referrals(open_referrals_(request.name()));
    return response;
  };
  return RunEdit<v1::EndContactResponse>(tools_, principal, "EndContact", request, end);
}

absl::StatusOr<v1::AddContactAbsenceResponse> DirectoryEditApp::AddContactAbsence(
    const v1::Principal& principal, const v1::AddContactAbsenceRequest& request) {
  const auto add = [&](Edit* edit) -> absl::StatusOr<v1::AddContactAbsenceResponse> {
    const v1::Absence& absence = request.absence();
    ABSL_ASSIGN_OR_RETURN(const Stored stored,
                          FindContact(request.name(), tools_, "add absence", edit));
    CheckAbsence(absence, &edit->faults);
    edit->CheckTodayOrLater(absence.last_day(), "absence.last_day");
    const std::string today = FormatDate(edit->today);
    v1::Contact contact = stored.contact;
    AddAbsence(absence, today, &contact);
    FieldChecks(&edit->faults).Count(contact.absences_size(), kMaxAbsences, {"", "absence"});
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), stored.version));
    const auto& known = stored.contact.absences();
    if (std::any_of(known.begin(), known.end(),
                    [&](const v1::Absence& one) { return SameDays(one, absence); })) {
      return WrongRecordState(request.name(), "AWAY", "add absence",
                              "the contact has just this absence already");
    }
    if (HasLeft(stored.contact, edit->today)) {
      return WrongRecordState(
          request.name(), "ENDED", "add absence",
          absl::StrCat(request.name(), " left the desk on ", stored.contact.valid_to()));
    }
    v1::AddContactAbsenceResponse response;
    ABSL_ASSIGN_OR_RETURN(const absl::CivilDay first, ParseDate(absence.first_day()));
    const v1::Contact* stand_in = StandIn(contact, *edit->directory, std::max(first, edit->today));
    if (stand_in != nullptr) response.set_stands_in(stand_in->name());
    response.set_open_referrals(open_referrals_(request.name()));
    ABSL_ASSIGN_OR_RETURN(*response.mutable_contact(),
                          SaveContact(stored, std::move(contact), edit));
    return response;
  };
  return RunEdit<v1::AddContactAbsenceResponse>(tools_, principal, "AddContactAbsence", request,
                                                add);
}

absl::StatusOr<v1::Contact> DirectoryEditApp::RemoveContactAbsence(
    const v1::Principal& principal, const v1::RemoveContactAbsenceRequest& request) {
  const auto remove = [&](Edit* edit) -> absl::StatusOr<v1::Contact> {
    ABSL_ASSIGN_OR_RETURN(const Stored stored,
                          FindContact(request.name(), tools_, "remove absence", edit));
    CheckAbsence(request.absence(), &edit->faults);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), stored.version));
    ABSL_RETURN_IF_ERROR(
        CheckNotOver(request.name(), stored.contact.valid_to(), edit->today, "remove absence"));
    v1::Contact contact = stored.contact;
    auto& absences = *contact.mutable_absences();
    const auto kept = std::remove_if(absences.begin(), absences.end(), [&](const v1::Absence& one) {
      return SameDays(one, request.absence());
    });
    if (kept == absences.end()) {
      return WrongRecordState(request.name(), "PRESENT", "remove absence",
                              "the contact has no absence of just these days");
    }
    absences.erase(kept, absences.end());
    return SaveContact(stored, std::move(contact), edit);
  };
  return RunEdit<v1::Contact>(tools_, principal, "RemoveContactAbsence", request, remove);
}

}  // namespace trialgate::directory
