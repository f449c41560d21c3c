#include "services/directory/field_checks.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/civil_date.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::size_t kMaxIdBytes = 63;
constexpr std::size_t kMaxTextBytes = 4096;

bool IsUpperCode(absl::string_view text) {
  return text.size() == 2 && absl::ascii_isupper(text[0]) && absl::ascii_isupper(text[1]);
}

// Calls `visit` for every message field below `message` that is present, and for `message` itself.
void VisitMessages(const Message& message, const Place& place,
                   const std::function<void(const Message&, const Place&)>& visit) {
  visit(message, place);
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      VisitMessages(reflection.GetMessage(message, field), place.Field(field->name()), visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      VisitMessages(reflection.GetRepeatedMessage(message, field, i),
                    place.Element(field->name(), i), visit);
    }
  }
}

void CheckText(absl::string_view text, const Place& place, Faults* faults) {
  if (text.size() > kMaxTextBytes) {
    faults->Add(place, v1::ERROR_REASON_TOO_LONG,
                absl::StrCat("must have at most ", kMaxTextBytes, " bytes"));
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n' && c != '\t';
  });
  if (control) {
    faults->Add(place, v1::ERROR_REASON_INVALID_FORMAT, "must not have control characters");
  }
}

void CheckEnum(int value, const FieldDescriptor& field, const Place& place, Faults* faults) {
  if (field.enum_type()->FindValueByNumber(value) != nullptr) return;
  faults->Add(place, v1::ERROR_REASON_UNKNOWN_VALUE,
              absl::StrCat("must be a value of ", field.enum_type()->name()));
}

void CheckOwnEnums(const Message& message, const Place& place, Faults* faults) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
    if (!field->is_repeated()) {
      CheckEnum(reflection.GetEnumValue(message, field), *field, place.Field(field->name()),
                faults);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      CheckEnum(reflection.GetRepeatedEnumValue(message, field, i), *field,
                place.Element(field->name(), i), faults);
    }
  }
}

void CheckOwnTexts(const Message& message, const Place& place, Faults* faults) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (!field->is_repeated()) {
      CheckText(reflection.GetString(message, field), place.Field(field->name()), faults);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      CheckText(reflection.GetRepeatedString(message, field, i), place.Element(field->name(), i),
                faults);
    }
  }
}

}  // namespace

bool IsId(absl::string_view text, std::size_t min) {
  if (text.size() < min || text.size() > kMaxIdBytes || text.empty()) return false;
  const auto allowed = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  };
  return absl::ascii_islower(text[0]) && std::all_of(text.begin(), text.end(), allowed);
}

bool IsName(absl::string_view name, absl::string_view collection, std::size_t min) {
  return absl::ConsumePrefix(&name, collection) && absl::ConsumePrefix(&name, "/") &&
         IsId(name, min);
}

bool IsTimeZone(absl::string_view name) {
  const auto allowed = [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '+' || c == '-' || c == '/';
  };
  absl::TimeZone zone;
  return !name.empty() && absl::ascii_isalpha(name[0]) &&
         std::all_of(name.begin(), name.end(), allowed) &&
         absl::LoadTimeZone(std::string(name), &zone);
}

bool IsEmail(absl::string_view text) {
  const std::size_t at = text.find('@');
  if (text.size() > 254 || at == absl::string_view::npos || at == 0 || at > 64) return false;
  const absl::string_view domain = text.substr(at + 1);
  const auto in_domain = [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-'; };
  const auto in_local = [](char c) {
    return absl::ascii_isgraph(c) && !absl::StrContains("@<>()[],;:\\\"", absl::string_view(&c, 1));
  };
  const bool labels = !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
                      !absl::StrContains(domain, "..") && absl::StrContains(domain, ".");
  return labels && std::all_of(domain.begin(), domain.end(), in_domain) &&
         std::all_of(text.begin(), text.begin() + at, in_local);
}

void FieldChecks::Required(absl::string_view text, const Place& place) {
  if (text.empty()) faults_->Add(place, v1::ERROR_REASON_REQUIRED, "must be given");
}

void FieldChecks::Text(absl::string_view text, std::size_t max, const Place& place) {
  if (text.size() > max) {
    faults_->Add(place, v1::ERROR_REASON_TOO_LONG,
                 absl::StrCat("must have at most ", max, " bytes"));
  }
}

void FieldChecks::RequiredText(absl::string_view text, std::size_t max, const Place& place) {
  Required(text, place);
  Text(text, max, place);
}

void FieldChecks::Name(absl::string_view name, absl::string_view collection, const Place& place) {
  if (name.empty()) return Required(name, place);
  if (!IsName(name, collection)) {
    faults_->Add(place, v1::ERROR_REASON_INVALID_FORMAT,
                 absl::StrCat("must be \"", collection,
                              "/\" and an id of lower-case letters, digits and hyphens that "
                              "begins with a letter"));
  }
}

void FieldChecks::TermId(absl::string_view id, const Place& place) {
  if (id.empty()) return Required(id, place);
  if (!IsId(id)) {
    faults_->Add(place, v1::ERROR_REASON_INVALID_FORMAT,
                 "must be lower-case letters, digits and hyphens, beginning with a letter");
  }
}

void FieldChecks::Country(absl::string_view code, const Place& place) {
  if (code.empty()) return Required(code, place);
  if (!IsUpperCode(code)) {
    faults_->Add(place, v1::ERROR_REASON_INVALID_FORMAT, "must be two capital letters");
  }
}

void FieldChecks::TimeZone(absl::string_view name, const Place& place) {
  if (name.empty()) return Required(name, place);
  if (!IsTimeZone(name)) {
    faults_->Add(place, v1::ERROR_REASON_UNKNOWN_VALUE,
                 "is no time zone known here; use an IANA name such as Europe/Paris");
  }
}

void FieldChecks::Date(absl::string_view date, const Place& place) {
  if (date.empty()) return;
  const auto day = ParseDate(date);
  if (!day.ok()) faults_->Add(place, v1::ERROR_REASON_INVALID_FORMAT, day.status().message());
}

void FieldChecks::Span(absl::string_view from, absl::string_view from_field, absl::string_view to,
                       absl::string_view to_field, const Place& place) {
  Date(from, place.Field(from_field));
  Date(to, place.Field(to_field));
  const auto first = ParseDate(from);
  const auto last = ParseDate(to);
  if (first.ok() && last.ok() && *last < *first) {
    faults_->Add(place.Field(to_field), v1::ERROR_REASON_DATES_REVERSED,
                 absl::StrCat("must not be before ", from_field, " ", from));
  }
}

void FieldChecks::Range(std::int64_t value, std::int64_t min, std::int64_t max,
                        const Place& place) {
  if (value < min || value > max) {
    faults_->Add(place, v1::ERROR_REASON_OUT_OF_RANGE,
                 absl::StrCat("must be ", min, " to ", max, ", not ", value));
  }
}

void FieldChecks::FiniteRange(double value, double min, double max, const Place& place) {
  if (!std::isfinite(value) || value < min || value > max) {
    faults_->Add(place, v1::ERROR_REASON_OUT_OF_RANGE,
                 absl::StrCat("must be a number from ", min, " to ", max));
  }
}

void FieldChecks::Count(int count, int max, const Place& place) {
  if (count > max) {
    faults_->Add(place, v1::ERROR_REASON_TOO_MANY,
                 absl::StrCat("must have at most ", max, " elements"));
  }
}

void FieldChecks::Code(const v1::Code& code, const Place& place) {
  RequiredText(code.system(), 64, place.Field("system"));
  RequiredText(code.code(), 128, place.Field("code"));
  Text(code.display(), 256, place.Field("display"));
}

void FieldChecks::Source(const v1::Source& source, const Place& place) {
  Text(source.origin(), 512, place.Field("origin"));
  Date(source.as_of(), place.Field("as_of"));
}

void FieldChecks::RequiredSource(bool present, const v1::Source& source, const Place& place) {
  if (!present || source.kind() == v1::SOURCE_KIND_UNSPECIFIED) {
    faults_->Add(place.Field("source").Field("kind"), v1::ERROR_REASON_REQUIRED,
                 "must say where the value is from");
  }
}

void FieldChecks::Distinct(const google::protobuf::RepeatedPtrField<std::string>& texts,
                           absl::string_view field, const Place& place) {
  std::set<std::string> seen;
  for (int i = 0; i < texts.size(); ++i) {
    if (!seen.insert(texts[i]).second) internal::AddDuplicate(place.Element(field, i), faults_);
  }
}

void VisitSources(const Message& message, const Place& place,
                  const std::function<void(const v1::Source&, const Place&)>& visit) {
  VisitMessages(message, place, [&](const Message& part, const Place& at) {
    if (part.GetDescriptor() == v1::Source::descriptor()) {
      visit(static_cast<const v1::Source&>(part), at);
    }
  });
}

void CheckTexts(const Message& message, const Place& place, Faults* faults) {
  VisitMessages(message, place, [faults](const Message& part, const Place& at) {
    CheckOwnTexts(part, at, faults);
    CheckOwnEnums(part, at, faults);
  });
}

namespace internal {

void AddUnspecified(const Place& place, Faults* faults) {
  faults->Add(place, v1::ERROR_REASON_REQUIRED, "must not be unspecified");
}

void AddDuplicate(const Place& place, Faults* faults) {
  faults->Add(place, v1::ERROR_REASON_DUPLICATE, "stands here already; remove one");
}

}  // namespace internal

}  // namespace trialgate::directory
