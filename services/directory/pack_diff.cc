#include "services/directory/pack_diff.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/directory/pack_of.h"
#include "trialgate/v1/field_class.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::RepeatedPtrField;
using google::protobuf::util::MessageDifferencer;

constexpr char kPersonal[] = "(personal)";

// Cut off at a character's end.
std::string Shortened(std::string text) {
  if (text.size() <= kMaxShownBytes) return text;
  std::size_t end = kMaxShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "…");
}

std::string Element(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const Message& part = index < 0 ? reflection.GetMessage(message, &field)
                                    : reflection.GetRepeatedMessage(message, &field, index);
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.SetUseUtf8StringEscaping(true);
    std::string text;
    printer.PrintToString(part, &text);
    return text;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return index < 0 ? reflection.GetString(message, &field)
                     : reflection.GetRepeatedString(message, &field, index);
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, index, &text);
  return text;
}

bool IsPersonal(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::field_class) == v1::FIELD_CLASS_PERSON;
}

class FieldDiffer {
 public:
  std::vector<v1::FieldDifference> Take() { return std::move(found_); }

  void Compare(const Message& before, const Message& after, const std::string& path) {
    for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *before.GetDescriptor()->field(i);
      const std::string at = absl::StrCat(path, field.name());
      const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (!field.is_repeated()) {
        CompareSingle(before, after, field, at);
      } else if (is_message) {
        CompareMessages(before, after, field, at);
      } else {
        Note(at, field, Joined(before, field), Joined(after, field));
      }
    }
  }

 private:
  void Note(const std::string& at, const FieldDescriptor& field, std::string before,
            std::string after) {
    if (before == after) return;
    const auto shown = [&](std::string text) {
      return IsPersonal(field) && !text.empty() ? std::string(kPersonal)
                                                : Shortened(std::move(text));
    };
    v1::FieldDifference& difference = found_.emplace_back();
    difference.set_field(at);
    difference.set_before(shown(std::move(before)));
    difference.set_after(shown(std::move(after)));
  }

  static std::string Joined(const Message& message, const FieldDescriptor& field) {
    std::vector<std::string> parts;
    const int size = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < size; ++i) parts.push_back(Element(message, field, i));
    return absl::StrJoin(parts, ", ");
  }

  void CompareSingle(const Message& before, const Message& after, const FieldDescriptor& field,
                     const std::string& at) {
    const bool was = before.GetReflection()->HasField(before, &field);
    const bool is = after.GetReflection()->HasField(after, &field);
    if (was && is && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Compare(before.GetReflection()->GetMessage(before, &field),
              after.GetReflection()->GetMessage(after, &field), at + ".");
      return;
    }
    Note(at, field, was ? Element(before, field, -1) : "", is ? Element(after, field, -1) : "");
  }

  void CompareMessages(const Message& before, const Message& after, const FieldDescriptor& field,
                       const std::string& at) {
    const int was = before.GetReflection()->FieldSize(before, &field);
    const int is = after.GetReflection()->FieldSize(after, &field);
    for (int i = 0; i < std::max(was, is); ++i) {
      const std::string element = absl::StrCat(at, "[", i, "]");
      if (i < was && i < is) {
        Compare(before.GetReflection()->GetRepeatedMessage(before, &field, i),
                after.GetReflection()->GetRepeatedMessage(after, &field, i), element + ".");
      } else {
        Note(element, field, i < was ? Element(before, field, i) : "",
             i < is ? Element(after, field, i) : "");
      }
    }
  }

  std::vector<v1::FieldDifference> found_;
};

// Whether `after` sets the last valid day, or sets it earlier.
template <typename Record>
bool Ends(const Record& before, const Record& after) {
  if constexpr (requires { before.valid_to(); }) {
    return !after.valid_to().empty() &&
           (before.valid_to().empty() || after.valid_to() < before.valid_to());
  }
  return false;
}

// Whether a person whom the pack names is not there, since the fields were erased.
template <typename Record>
bool IsErased(const Record&, const Record&) {
  return false;
}
bool IsErased(const v1::Contact& applied, const v1::Contact& pack) {
  return !HasPerson(applied) && HasPerson(pack);
}

// Returns how many are too many.
int AddFirst(const std::vector<v1::FieldDifference>& fields,
             RepeatedPtrField<v1::FieldDifference>* list) {
  const int shown = std::min(static_cast<int>(fields.size()), kMaxFieldDifferences);
  list->Add(fields.begin(), fields.begin() + shown);
  return static_cast<int>(fields.size()) - shown;
}

class RecordDiffer {
 public:
  // What the pack names, then what it does not. `pack` and `applied` have the same records.
  template <typename Record>
  void Compare(v1::RecordKind kind, const RepeatedPtrField<Record>& before,
               const RepeatedPtrField<Record>& applied, const RepeatedPtrField<Record>& pack) {
    std::map<std::string, const Record*> were, are, wanted;
    for (const Record& record : before) were.emplace(record.name(), &record);
    for (const Record& record : applied) are.emplace(record.name(), &record);
    for (const Record& record : pack) wanted.emplace(record.name(), &record);
    for (const auto& [name, record] : wanted) {
      const auto was = were.find(name);
      CompareOne(kind, name, was == were.end() ? nullptr : was->second, *are.at(name), *record);
    }
    for (const auto& [name, record] : were) {
      if (wanted.count(name) == 0) Add(kind, name, v1::RECORD_CHANGE_KEPT);
    }
  }

  // `before` is nullptr where there is none; `pack` has the record as `applied`, but for what
  // people set.
  template <typename Record>
  void CompareOne(v1::RecordKind kind, const std::string& name, const Record* before,
                  const Record& applied, const Record& pack) {
    if (before == nullptr) {
      Add(kind, name, v1::RECORD_CHANGE_CREATED);
      return;
    }
    const std::vector<v1::FieldDifference> fields = FieldsThatDiffer(*before, applied);
    const std::vector<v1::FieldDifference> kept = FieldsThatDiffer(applied, pack);
    if (fields.empty() && kept.empty()) {
      ++counts_[{kind, v1::RECORD_CHANGE_UNCHANGED}];
      return;
    }
    const v1::RecordChange change = fields.empty()           ? v1::RECORD_CHANGE_KEPT
                                    : Ends(*before, applied) ? v1::RECORD_CHANGE_ENDED
                                                             : v1::RECORD_CHANGE_CHANGED;
    v1::RecordDifference* const listed = Add(kind, name, change);
    if (listed == nullptr) return;
    listed->set_fields_left_out(AddFirst(fields, listed->mutable_fields()));
    listed->set_kept_fields_left_out(AddFirst(kept, listed->mutable_kept_fields()));
    listed->set_person_erased(IsErased(applied, pack));
  }

  // nullptr: it is only counted.
  v1::RecordDifference* Add(v1::RecordKind kind, const std::string& name, v1::RecordChange change) {
    ++counts_[{kind, change}];
    if (response_.differences_size() >= kMaxDifferences) {
      response_.set_differences_left_out(response_.differences_left_out() + 1);
      return nullptr;
    }
    v1::RecordDifference* const difference = response_.add_differences();
    difference->set_kind(kind);
    difference->set_name(name);
    difference->set_change(change);
    return difference;
  }

  v1::DiffPackResponse Take() {
    for (const auto& [key, count] : counts_) {
      v1::RecordCount* const listed = response_.add_counts();
      listed->set_kind(key.first);
      listed->set_change(key.second);
      listed->set_count(count);
    }
    return std::move(response_);
  }

 private:
  v1::DiffPackResponse response_;
  std::map<std::pair<v1::RecordKind, v1::RecordChange>, int> counts_;
};

v1::Pack SettingsOf(v1::Pack pack) {
  pack.clear_calendars();
  pack.clear_regions();
  pack.clear_desks();
  pack.clear_contacts();
  pack.clear_sites();
  pack.clear_capacities();
  pack.clear_organizations();
  pack.clear_site_values();
  return pack;
}

}  // namespace

std::vector<v1::FieldDifference> FieldsThatDiffer(const Message& before, const Message& after) {
  if (MessageDifferencer::Equals(before, after)) return {};
  FieldDiffer differ;
  differ.Compare(before, after, "");
  return differ.Take();
}

v1::DiffPackResponse DiffRecords(const DirectorySnapshot& directory, const v1::Pack& applied,
                                 const v1::Pack& pack) {
  const v1::Pack before = PackOf(directory);
  RecordDiffer differ;
  const v1::Pack settings = SettingsOf(before);
  const v1::Pack new_settings = SettingsOf(pack);
  differ.CompareOne(v1::RECORD_KIND_SETTINGS, "settings",
                    directory.has_pack() ? &settings : nullptr, new_settings, new_settings);
  differ.Compare(v1::RECORD_KIND_CALENDAR, before.calendars(), applied.calendars(),
                 pack.calendars());
  differ.Compare(v1::RECORD_KIND_REGION, before.regions(), applied.regions(), pack.regions());
  differ.Compare(v1::RECORD_KIND_DESK, before.desks(), applied.desks(), pack.desks());
  differ.Compare(v1::RECORD_KIND_CONTACT, before.contacts(), applied.contacts(), pack.contacts());
  differ.Compare(v1::RECORD_KIND_SITE, before.sites(), applied.sites(), pack.sites());
  differ.Compare(v1::RECORD_KIND_CAPACITY, before.capacities(), applied.capacities(),
                 pack.capacities());
  differ.Compare(v1::RECORD_KIND_ORGANIZATION, before.organizations(), applied.organizations(),
                 pack.organizations());
  return differ.Take();
}

}  // namespace trialgate::directory
