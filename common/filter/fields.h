// The fields by which records can be listed: what a filter and an order_by may name, and what each
// reads of a record.
//
//   const FieldTable<v1::Site>& SiteFields() {
//     static const auto* const kFields = [] {
//       auto* const fields = new FieldTable<v1::Site>(
//           [](const v1::Site& site) { return absl::string_view(site.name()); });
//       fields->Add("city", Kind::kText, [](const v1::Site& s, Values* v) { v->Add(s.city()); });
//       return fields;
//     }();
//     return *kFields;
//   }
//
// A field that is not in the table is not there for a caller: neither filter nor order tells
// anything of it. What a role may not see is left out of the table that the role gets.
#ifndef TRIALGATE_COMMON_FILTER_FIELDS_H_
#define TRIALGATE_COMMON_FILTER_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace google::protobuf {
class EnumDescriptor;
class Timestamp;
}  // namespace google::protobuf

namespace trialgate::filter {

// What a field holds, hence which operators and values it takes.
enum class Kind {
  kText,    // = and != byte by byte, ":" by words that look alike; ordered
  kName,    // an id or resource name: = and !=; ordered
  kEnum,    // = and !=, by the proto's names without prefix; ordered by number
  kNumber,  // whole: =, !=, <, >; ordered
  kBool,    // = and !=; ordered, false first
  kDate,    // YYYY-MM-DD: =, !=, <, >; ordered
  kTime,    // an instant, RFC 3339: =, !=, <, >; ordered
  kDays,    // spans of dates, first and last inclusive: ":" a date within one; not ordered
};

// Text of kText, kName, kDate and kDays; number of the others (kTime: nanoseconds since 1970).
using Value = std::variant<std::int64_t, std::string>;

// A field as it is declared.
struct Field {
  std::string path;
  Kind kind;
  // Takes only ":", and no order.
  bool repeated = false;
  // Of kEnum.
  const google::protobuf::EnumDescriptor* enum_type = nullptr;
};

// What a field reads of one record: nothing where it is absent there, one value, or several of a
// repeated field. Not thread-safe.
class Values {
 public:
  // Of an empty text nothing: it is absent.
  void Add(absl::string_view text);
  void AddNumber(std::int64_t number) { values_.emplace_back(number); }
  // Of 0, UNSPECIFIED, nothing.
  void AddEnum(int value);
  void AddTime(const google::protobuf::Timestamp& time);
  // A span; an absent end is open.
  void AddDays(absl::string_view first, absl::string_view last);
  template <typename Texts>
  void AddTexts(const Texts& texts) {
    for (const std::string& text : texts) Add(text);
  }
  template <typename Enums>
  void AddEnums(const Enums& values) {
    for (const int value : values) AddEnum(value);
  }

  const std::vector<Value>& all() const { return values_; }

 private:
  std::vector<Value> values_;
};

// The listed fields of `Record`. Immutable once it is made, hence thread-safe.
template <typename Record>
class FieldTable {
 public:
  using Read = std::function<void(const Record&, Values*)>;
  using ReadName = std::function<absl::string_view(const Record&)>;

  // `name` is what tells records apart; it orders those that are equal otherwise.
  explicit FieldTable(ReadName name) : name_(std::move(name)) {}

  void Add(absl::string_view path, Kind kind, Read read) {
    Declare({std::string(path), kind}, std::move(read));
  }
  // A list.
  void AddRepeated(absl::string_view path, Kind kind, Read read) {
    Declare({std::string(path), kind, /*repeated=*/true}, std::move(read));
  }
  // `type` outlives the table; descriptors do.
  void AddEnum(absl::string_view path, const google::protobuf::EnumDescriptor* type, Read read) {
    Declare({std::string(path), Kind::kEnum, /*repeated=*/false, type}, std::move(read));
  }
  void AddRepeatedEnum(absl::string_view path, const google::protobuf::EnumDescriptor* type,
                       Read read) {
    Declare({std::string(path), Kind::kEnum, /*repeated=*/true, type}, std::move(read));
  }

  const std::vector<Field>& fields() const { return fields_; }
  absl::string_view NameOf(const Record& record) const { return name_(record); }
  Values ValuesOf(std::size_t field, const Record& record) const {
    Values values;
    readers_[field](record, &values);
    return values;
  }

 private:
  void Declare(Field field, Read read) {
    fields_.push_back(std::move(field));
    readers_.push_back(std::move(read));
  }

  ReadName name_;
  std::vector<Field> fields_;
  std::vector<Read> readers_;
};

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_FIELDS_H_
