#include "services/directory/person_reference_repository.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "google/protobuf/descriptor.h"
#include "services/directory/directory_repository.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/field_class.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using storage::v1::PersonFields;

// Begins a reference, before the name. No client can send it: CheckPersonTexts.
constexpr absl::string_view kReference = "\x02person:";

std::string ReferenceTo(const std::string& name) { return absl::StrCat(kReference, name); }

std::optional<std::string> ReferredBy(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kReference)) return std::nullopt;
  return std::string(text);
}

bool IsPersonText(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING &&
         field.options().GetExtension(v1::field_class) == v1::FIELD_CLASS_PERSON;
}

bool HasControl(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Whether there can be a field of class PERSON below a message of `type`. Most answers have none,
// and are not walked.
bool MayHavePersons(const Descriptor* type, std::set<const Descriptor*>* visited) {
  if (!visited->insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (IsPersonText(field)) return true;
    if (field.message_type() != nullptr && MayHavePersons(field.message_type(), visited)) {
      return true;
    }
  }
  return false;
}

bool MayHavePersons(const Descriptor* type) {
  // Types are few and live as long as the process.
  thread_local std::unordered_map<const Descriptor*, bool> known;
  const auto found = known.find(type);
  if (found != known.end()) return found->second;
  std::set<const Descriptor*> visited;
  return known[type] = MayHavePersons(type, &visited);
}

// Calls `visit` for `message` and every message below it in which there can be persons, with its
// path.
void VisitMessages(Message* message, const std::string& path,
                   const std::function<void(Message*, const std::string&)>& visit) {
  if (!MayHavePersons(message->GetDescriptor())) return;
  visit(message, path);
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string at = absl::StrCat(path, field->name());
    if (!field->is_repeated()) {
      VisitMessages(reflection.MutableMessage(message, field), at + ".", visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      VisitMessages(reflection.MutableRepeatedMessage(message, field, i),
                    absl::StrCat(at, "[", i, "]."), visit);
    }
  }
}

// What is shown of the persons referred to.
class ShownPersons {
 public:
  ShownPersons(const store::Store& store, const keys::KeyStore& keys)
      : store_(store), keys_(keys) {}

  // Reads those of `names` in one read of the store.
  absl::Status Read(const std::set<std::string>& names) {
    const std::vector<std::string> list(names.begin(), names.end());
    ABSL_ASSIGN_OR_RETURN(const auto rows, store::ReadRows(store_, Persons(), list, store_.Head()));
    for (std::size_t i = 0; i < list.size(); ++i) {
      std::optional<PersonFields> fields;
      if (rows[i].has_value()) {
        ABSL_ASSIGN_OR_RETURN(fields, OpenPerson(keys_, list[i], rows[i]->value));
      }
      if (!fields.has_value()) {
        fields.emplace();
        fields->set_display_name(kErasedName);
      }
      shown_.emplace(list[i], *std::move(fields));
    }
    return absl::OkStatus();
  }

  const PersonFields& Shown(const std::string& name) const { return shown_.at(name); }

 private:
  const store::Store& store_;
  const keys::KeyStore& keys_;
  PersonsByName shown_;
};

// The text of a message in which a reference may stand; nullptr: none may.
const std::string* ReferringText(const Message& message) {
  if (message.GetDescriptor() == v1::RequesterContact::descriptor()) {
    return &static_cast<const v1::RequesterContact&>(message).display_name();
  }
  if (message.GetDescriptor() == v1::Offer::descriptor()) {
    return &static_cast<const v1::Offer&>(message).principal_investigator();
  }
  if (message.GetDescriptor() == v1::Contact::descriptor()) {
    return &static_cast<const v1::Contact&>(message).display_name();
  }
  if (message.GetDescriptor() == v1::IdeaSubmitter::descriptor()) {
    return &static_cast<const v1::IdeaSubmitter&>(message).display_name();
  }
  return nullptr;
}

void TakeInvestigator(const std::string& name, v1::Offer* offer, PersonsByName* persons) {
  if (offer->principal_investigator().empty() ||
      ReferredBy(offer->principal_investigator()).has_value()) {
    return;
  }
  (*persons)[name].set_display_name(offer->principal_investigator());
  offer->set_principal_investigator(ReferenceTo(name));
}

template <typename Person>
void FillContact(const PersonFields& fields, Person* contact) {
  contact->set_display_name(fields.display_name());
  contact->set_email(fields.email());
  contact->set_phone(fields.phone());
}

void Fill(const PersonFields& fields, Message* message) {
  if (message->GetDescriptor() == v1::Offer::descriptor()) {
    static_cast<v1::Offer*>(message)->set_principal_investigator(fields.display_name());
    return;
  }
  if (message->GetDescriptor() == v1::Contact::descriptor()) {
    FillContact(fields, static_cast<v1::Contact*>(message));
  } else if (message->GetDescriptor() == v1::IdeaSubmitter::descriptor()) {
    FillContact(fields, static_cast<v1::IdeaSubmitter*>(message));
  } else {
    FillContact(fields, static_cast<v1::RequesterContact*>(message));
  }
}

// The fields of who can be reached, whose place a reference to `name` takes; none: nobody is given.
template <typename Person>
void TakeContact(const std::string& name, Person* contact, PersonsByName* persons) {
  PersonFields fields;
  fields.set_display_name(contact->display_name());
  fields.set_email(contact->email());
  fields.set_phone(contact->phone());
  contact->clear_display_name();
  contact->clear_email();
  contact->clear_phone();
  if (fields.ByteSizeLong() == 0) return;
  contact->set_display_name(ReferenceTo(name));
  persons->emplace(name, std::move(fields));
}

}  // namespace

std::string OfferPersonName(absl::string_view referral, absl::string_view site) {
  return absl::StrCat(referral, "/offers/", absl::StripPrefix(site, "sites/"));
}

std::string SubmitterPersonName(absl::string_view request) {
  return absl::StrCat(request, "/submitter");
}

PersonsByName TakePersons(v1::TrialRequest* request) {
  PersonsByName persons;
  if (request->has_contact()) TakeContact(request->name(), request->mutable_contact(), &persons);
  if (request->has_submitter()) {
    TakeContact(SubmitterPersonName(request->name()), request->mutable_submitter(), &persons);
  }
  return persons;
}

PersonsByName TakePersons(v1::Referral* referral) {
  PersonsByName persons;
  for (v1::Offer& offer : *referral->mutable_offers()) {
    TakeInvestigator(OfferPersonName(referral->name(), offer.site()), &offer, &persons);
  }
  return persons;
}

PersonsByName TakePersons(v1::Contact* contact) {
  PersonsByName persons;
  PersonFields fields = PersonOf(*contact);
  *contact = WithoutPerson(std::move(*contact));
  if (fields.ByteSizeLong() == 0) return persons;
  contact->set_display_name(ReferenceTo(contact->name()));
  persons.emplace(contact->name(), std::move(fields));
  return persons;
}

PersonsByName TakePersons(v1::ReferralSite* line) {
  PersonsByName persons;
  if (!line->has_offer()) return persons;
  // The same name as that of the answer which the draft becomes.
  const absl::string_view referral =
      absl::StripSuffix(line->name(), absl::StrCat("/", line->site()));
  TakeInvestigator(OfferPersonName(referral, line->site()), line->mutable_offer(), &persons);
  return persons;
}

absl::Status PutPersons(const PersonsByName& persons, absl::Time now, PersonEdits* edits,
                        store::UnitOfWork* work) {
  for (const auto& [name, fields] : persons) {
    ABSL_RETURN_IF_ERROR(edits->Put(name, fields, now, work).status());
  }
  return absl::OkStatus();
}

absl::Status CheckSamePersons(const store::Store& store, const keys::KeyStore& keys,
                              const PersonsByName& persons) {
  for (const auto& [name, fields] : persons) {
    ABSL_ASSIGN_OR_RETURN(const auto row, store::ReadRow(store, Persons(), name, store.Head()));
    if (!row.has_value()) return store::RequestIdReused();
    ABSL_ASSIGN_OR_RETURN(const auto stored, OpenPerson(keys, name, row->value));
    if (!stored.has_value()) continue;
    ABSL_ASSIGN_OR_RETURN(const bool same, IsStored(keys, row->value, fields));
    if (!same) return store::RequestIdReused();
  }
  return absl::OkStatus();
}

void ClearPersons(Message* message) {
  VisitMessages(message, "", [](Message* part, const std::string&) {
    std::vector<const FieldDescriptor*> fields;
    part->GetReflection()->ListFields(*part, &fields);
    for (const FieldDescriptor* field : fields) {
      if (IsPersonText(*field)) part->GetReflection()->ClearField(part, field);
    }
  });
}

void CheckPersonTexts(const Message& message, FieldFaults* faults) {
  if (!MayHavePersons(message.GetDescriptor())) return;
  const auto check = [faults](Message* part, const std::string& path) {
    const Reflection& reflection = *part->GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(*part, &fields);
    for (const FieldDescriptor* field : fields) {
      if (!IsPersonText(*field) || !HasControl(reflection.GetString(*part, field))) continue;
      faults->Add(path + field->name(), v1::ERROR_REASON_INVALID_FORMAT,
                  "must not contain control characters");
    }
  };
  const std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  VisitMessages(copy.get(), "", check);
}

absl::Status FillPersons(const store::Store& store, const keys::KeyStore& keys, Message* message) {
  std::map<Message*, std::string> referring;
  std::set<std::string> names;
  VisitMessages(message, "", [&](Message* part, const std::string&) {
    const std::string* const text = ReferringText(*part);
    if (text == nullptr) return;
    if (const auto name = ReferredBy(*text)) {
      referring.emplace(part, *name);
      names.insert(*name);
    }
  });
  if (names.empty()) return absl::OkStatus();
  ShownPersons persons(store, keys);
  ABSL_RETURN_IF_ERROR(persons.Read(names));
  for (const auto& [part, name] : referring) Fill(persons.Shown(name), part);
  return absl::OkStatus();
}

}  // namespace trialgate::directory
