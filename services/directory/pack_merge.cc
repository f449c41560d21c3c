#include "services/directory/pack_merge.h"

#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/directory/pack.h"
#include "services/directory/pack_of.h"

namespace trialgate::directory {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// `name` and `etag` say which record and version it is.
bool IsContent(const FieldDescriptor& field) {
  return field.name() != "name" && field.name() != "etag";
}

bool SameField(const Message& a, const Message& b, const FieldDescriptor& field) {
  MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {&field}, {&field});
}

void AddWhereKnown(const Descriptor& type, const FieldNames& names, FieldNames* to) {
  for (const std::string& name : names) {
    if (type.FindFieldByName(name) != nullptr) to->insert(name);
  }
}

// Adds what belongs to the names.
void AddTogether(const Descriptor& type, FieldNames* names) {
  if (names->count("valid_to") + names->count("successor") > 0) {
    AddWhereKnown(type, {"valid_to", "successor"}, names);
  }
  if (&type == v1::Contact::descriptor() && names->count("display_name") > 0) {
    AddWhereKnown(type, PersonFieldNames(), names);
  }
  if (&type == v1::SiteCapacity::descriptor() && !names->empty()) {
    AddWhereKnown(type, {"slots", "months", "source"}, names);
  }
}

// The name of element `index` of a list of records; empty: such have none.
std::string NameOf(const Message& pack, const FieldDescriptor& list, int index) {
  if (list.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return "";
  const FieldDescriptor* const name = list.message_type()->FindFieldByName("name");
  if (name == nullptr) return "";
  const Message& record = pack.GetReflection()->GetRepeatedMessage(pack, &list, index);
  return record.GetReflection()->GetString(record, name);
}

// The directory as a pack whose places are names.
JoinedPack ByName(const DirectorySnapshot& directory) {
  JoinedPack joined;
  joined.pack = PackOf(directory);
  const Place settings{"", "settings"};
  std::vector<const FieldDescriptor*> fields;
  joined.pack.GetReflection()->ListFields(joined.pack, &fields);
  for (const FieldDescriptor* field : fields) {
    std::vector<Place>& places = joined.places[field->name()];
    if (!field->is_repeated()) {
      places.push_back(settings.Field(field->name()));
      continue;
    }
    for (int i = 0; i < joined.pack.GetReflection()->FieldSize(joined.pack, field); ++i) {
      const std::string name = NameOf(joined.pack, *field, i);
      places.push_back(name.empty() ? settings.Element(field->name(), i) : Place{"", name});
    }
  }
  return joined;
}

Faults FaultsOf(const DirectorySnapshot& directory) {
  Faults faults;
  CheckPack(ByName(directory), /*allow_sample=*/true, &faults);
  return faults;
}

}  // namespace

const FieldNames& PersonFieldNames() {
  static const auto& names = *new FieldNames{"display_name", "email", "phone"};
  return names;
}

FieldNames EditedFields(const Message& before, const Message& after) {
  const Descriptor& type = *before.GetDescriptor();
  FieldNames names;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsContent(field) && !SameField(before, after, field)) names.insert(field.name());
  }
  AddTogether(type, &names);
  return names;
}

void KeepFields(const Message& stored, const FieldNames& names, Message* record) {
  std::vector<const FieldDescriptor*> fields;
  for (const std::string& name : names) {
    const FieldDescriptor* const field = record->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr && IsContent(*field)) fields.push_back(field);
  }
  const std::unique_ptr<Message> kept(stored.New());
  kept->CopyFrom(stored);
  record->GetReflection()->SwapFields(record, kept.get(), fields);
}

void KeepContact(const v1::Contact& stored, const FieldNames& edited, bool erased,
                 v1::Contact* contact) {
  FieldNames names = edited;
  bool set_by_verb = false;
  for (const std::string& name : PersonFieldNames()) set_by_verb |= edited.count(name) > 0;
  const bool nobody = contact->display_name().empty();
  if (erased || (set_by_verb && nobody)) {
    names.insert(PersonFieldNames().begin(), PersonFieldNames().end());
  }
  KeepFields(stored, names, contact);
}

void CheckMerged(const DirectorySnapshot& before, const DirectorySnapshot& after, Faults* faults) {
  const auto key = [](const Fault& fault) {
    return std::make_tuple(fault.place.at, static_cast<int>(fault.reason), fault.description);
  };
  std::multiset<std::tuple<std::string, int, std::string>> known;
  const Faults faults_before = FaultsOf(before);
  for (const Fault& fault : faults_before.kept()) known.insert(key(fault));
  const Faults faults_after = FaultsOf(after);
  for (const Fault& fault : faults_after.kept()) {
    const auto found = known.find(key(fault));
    if (found != known.end()) {
      known.erase(found);
    } else {
      faults->Add(fault.place, fault.reason, fault.description + ", with what people set");
    }
  }
}

}  // namespace trialgate::directory
