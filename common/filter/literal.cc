#include "common/filter/literal.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/civil_date.h"
#include "common/base/folded_text.h"
#include "google/protobuf/descriptor.h"

namespace trialgate::filter {
namespace {

// "SITE_TYPE_" of an enum whose first value is SITE_TYPE_UNSPECIFIED.
absl::string_view PrefixOf(const google::protobuf::EnumDescriptor& type) {
  return absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED");
}

absl::StatusOr<Value> ParseEnum(const google::protobuf::EnumDescriptor& type,
                                absl::string_view text) {
  const absl::string_view prefix = PrefixOf(type);
  std::vector<absl::string_view> names;
  for (int i = 1; i < type.value_count(); ++i) {
    names.push_back(absl::StripPrefix(type.value(i)->name(), prefix));
    if (names.back() == text) return Value(std::int64_t{type.value(i)->number()});
  }
  return absl::InvalidArgumentError(absl::StrCat("must be one of ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<Value> ParseNumber(absl::string_view text) {
  std::int64_t number = 0;
  const bool digits = !text.empty() && (absl::ascii_isdigit(text[0]) || text[0] == '-') &&
                      absl::SimpleAtoi(text, &number);
  // SimpleAtoi lets spaces stand behind a number.
  if (!digits || !absl::ascii_isdigit(text.back())) {
    return absl::InvalidArgumentError("must be a whole number");
  }
  return Value(number);
}

absl::StatusOr<Value> ParseBool(absl::string_view text) {
  if (text == "true") return Value(std::int64_t{1});
  if (text == "false") return Value(std::int64_t{0});
  return absl::InvalidArgumentError("must be true or false");
}

absl::StatusOr<Value> ParseDay(absl::string_view text) {
  if (!ParseDate(text).ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "must be a date that exists, YYYY-MM-DD, in the years ", kFirstYear, " to ", kLastYear));
  }
  return Value(std::string(text));
}

absl::StatusOr<Value> ParseInstant(absl::string_view text) {
  absl::Time time;
  std::string why;
  // Only such as begin with a date: ParseTime also reads "infinite-future".
  const bool dated = ParseDate(text.substr(0, 10)).ok();
  if (!dated || text.back() == ' ' || !absl::ParseTime(absl::RFC3339_full, text, &time, &why)) {
    return absl::InvalidArgumentError(
        "must be an instant as in RFC 3339, such as 2026-11-24T09:00:00Z");
  }
  return Value(absl::ToUnixNanos(time));
}

}  // namespace

absl::StatusOr<Value> ParseLiteral(const Field& field, absl::string_view text) {
  switch (field.kind) {
    case Kind::kText:
    case Kind::kName:
      return Value(std::string(text));
    case Kind::kEnum:
      return ParseEnum(*field.enum_type, text);
    case Kind::kNumber:
      return ParseNumber(text);
    case Kind::kBool:
      return ParseBool(text);
    case Kind::kDate:
    case Kind::kDays:
      return ParseDay(text);
    case Kind::kTime:
      return ParseInstant(text);
  }
  return absl::InvalidArgumentError("has no value");
}

std::string FoldedWords(absl::string_view text) { return absl::StrJoin(LookalikeWords(text), " "); }

}  // namespace trialgate::filter
