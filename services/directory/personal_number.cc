#include "services/directory/personal_number.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/field_class.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::size_t kMinPatternBytes = 8;
constexpr std::size_t kMaxPatternBytes = 32;
constexpr int kMaxCenturies = 32;
// Every pattern has a date.
constexpr std::size_t kMinDigits = 6;
// Between the parts of a number.
constexpr std::size_t kMaxSeparators = 3;

// What a character is to a number.
enum class Kind { kDigit, kSeparator, kPlus, kOther };

struct Character {
  Kind kind = Kind::kOther;
  int digit = 0;
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
};

bool IsSeparator(UChar32 c) {
  return c == U'.' || c == U'/' || c == U'_' || c == U':' || u_isUWhiteSpace(c) != 0 ||
         u_hasBinaryProperty(c, UCHAR_DASH) != 0;
}

// The character at `text[at]`, which is UTF-8, and its bytes; a byte that is part of none alone.
char32_t Decode(absl::string_view text, std::size_t at, std::size_t* bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  *bytes = 1;
  if (length == 1 || at + length > text.size()) return first < 0x80 ? first : U'\uFFFD';
  char32_t value = first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return U'\uFFFD';
    value = (value << 6) | (byte(at + i) & 0x3F);
  }
  *bytes = length;
  return value;
}

std::vector<Character> Read(absl::string_view text) {
  std::vector<Character> characters;
  characters.reserve(text.size());
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < text.size(); at += bytes) {
    const auto c = static_cast<UChar32>(Decode(text, at, &bytes));
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0) continue;
    Character character{Kind::kOther, 0, at, at + bytes};
    if (const int digit = u_charDigitValue(c); digit >= 0) {
      character.kind = Kind::kDigit;
      character.digit = digit;
    } else if (IsSeparator(c)) {
      character.kind = Kind::kSeparator;
    } else if (c == U'+' || c == 0xFF0B) {
      character.kind = Kind::kPlus;
    }
    characters.push_back(character);
  }
  return characters;
}

// What the digits of a candidate say.
struct Candidate {
  int day = 0;
  int month = 0;
  int year = 0;
  int century_digit = -1;
};

bool Exists(int year, int month, int day) {
  const absl::CivilDay date(year, month, day);
  return date.month() == month && date.day() == day;
}

bool HasDate(const v1::PersonalNumberRule& rule, const Candidate& candidate) {
  const bool whole_year = absl::StrContains(rule.pattern(), "YYYY");
  if (whole_year) return Exists(candidate.year, candidate.month, candidate.day);
  if (rule.centuries().empty()) {
    return Exists(1900 + candidate.year, candidate.month, candidate.day) ||
           Exists(2000 + candidate.year, candidate.month, candidate.day);
  }
  const char digit = static_cast<char>('0' + candidate.century_digit);
  return std::any_of(rule.centuries().begin(), rule.centuries().end(),
                     [&](const v1::PersonalNumberCentury& c) {
                       return absl::StrContains(c.digits(), digit) &&
                              c.first_year() <= candidate.year && candidate.year <= c.last_year() &&
                              Exists(c.century() + candidate.year, candidate.month, candidate.day);
                     });
}

// The separators that stand at `text[at]`.
std::size_t SeparatorsAt(const std::vector<Character>& text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && text[at + count].kind == Kind::kSeparator) ++count;
  return count;
}

// What of a candidate's separators was seen. Either all parts of the date are apart or none is: the
// year of "2012-001234-12" is not the day and month of anybody. A date whose parts are apart has
// one separator after it: "12.01.90-1234", and not "12.01.90 - 1234 patients".
struct Separators {
  int date_ends = 0;       // ends of the date's parts that were passed, but for the last one's
  int date_separated = 0;  // those with separators
  bool fits = true;

  void Pass(bool within_date, std::size_t count) {
    if (count > kMaxSeparators) fits = false;
    if (within_date) {
      ++date_ends;
      if (count > 0) ++date_separated;
      if (date_separated != 0 && date_separated != date_ends) fits = false;
    } else if (date_separated > 0 && count != 1) {
      fits = false;
    }
  }
};

bool IsDatePart(char part) { return part == 'D' || part == 'M' || part == 'Y'; }

void Take(char part, int digit, Candidate* candidate) {
  switch (part) {
    case 'D':
      candidate->day = candidate->day * 10 + digit;
      break;
    case 'M':
      candidate->month = candidate->month * 10 + digit;
      break;
    case 'Y':
      candidate->year = candidate->year * 10 + digit;
      break;
    case 'C':
      candidate->century_digit = digit;
      break;
    default:
      break;
  }
}

// Where a number that begins at `text[at]` ends; nullopt: none does.
std::optional<std::size_t> MatchAt(const v1::PersonalNumberRule& rule,
                                   const std::vector<Character>& text, std::size_t at) {
  Candidate candidate;
  Separators separators;
  char last = '\0';
  bool dash = false;
  for (const char part : rule.pattern()) {
    if (part == '-') {
      dash = true;
      continue;
    }
    const bool within_date = IsDatePart(last) && IsDatePart(part);
    const bool ends_date = last != '\0' && IsDatePart(last) != IsDatePart(part);
    if (dash || ends_date || (within_date && last != part)) {
      const std::size_t count = SeparatorsAt(text, at);
      separators.Pass(within_date, count);
      at += count;
    }
    if (!separators.fits || at == text.size() || text[at].kind != Kind::kDigit) {
      return std::nullopt;
    }
    Take(part, text[at++].digit, &candidate);
    last = part;
    dash = false;
  }
  if (at < text.size() && text[at].kind == Kind::kDigit) return std::nullopt;
  return HasDate(rule, candidate) ? std::make_optional(at) : std::nullopt;
}

bool MayBegin(const std::vector<Character>& text, std::size_t at) {
  if (text[at].kind != Kind::kDigit) return false;
  return at == 0 || (text[at - 1].kind != Kind::kDigit && text[at - 1].kind != Kind::kPlus);
}

// Whether a number might stand there, without a close look.
bool MayHoldNumber(absl::string_view text) {
  const auto counted = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isdigit(byte) || byte >= 0x80;
  };
  return std::count_if(text.begin(), text.end(), counted) >=
         static_cast<std::ptrdiff_t>(kMinDigits);
}

// Calls `visit` for each text below `message` that people write.
class TextVisitor {
 public:
  using Visit = std::function<void(const std::string& path, const std::string& text)>;

  explicit TextVisitor(const Visit& visit) : visit_(visit) {}

  void VisitMessage(const Message& message, const std::string& prefix) const {
    const Reflection& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string path = prefix + field->name();
      if (!field->is_repeated()) {
        VisitValue(message, *field, -1, path);
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        VisitValue(message, *field, i, absl::StrCat(path, "[", i, "]"));
      }
    }
  }

 private:
  // People write codes and addresses of documents as they like.
  static bool IsWrittenCode(const FieldDescriptor& field) {
    return field.name() == "code" || field.name() == "uri";
  }

  static bool IsWritten(const FieldDescriptor& field) {
    const v1::FieldClass of = field.options().GetExtension(v1::field_class);
    return field.type() == FieldDescriptor::TYPE_STRING && of != v1::FIELD_CLASS_CONTROL &&
           of != v1::FIELD_CLASS_ETAG &&
           (!field.options().GetExtension(v1::coded) || IsWrittenCode(field));
  }

  // `index` is -1 for a field that is not repeated.
  void VisitValue(const Message& message, const FieldDescriptor& field, int index,
                  const std::string& path) const {
    const Reflection& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      VisitMessage(index < 0 ? reflection.GetMessage(message, &field)
                             : reflection.GetRepeatedMessage(message, &field, index),
                   path + ".");
    } else if (IsWritten(field)) {
      std::string scratch;
      visit_(path, index < 0
                       ? reflection.GetStringReference(message, &field, &scratch)
                       : reflection.GetRepeatedStringReference(message, &field, index, &scratch));
    }
  }

  const Visit& visit_;
};

}  // namespace

std::string PatternFault(const v1::PersonalNumberRule& rule) {
  const std::string& pattern = rule.pattern();
  if (pattern.size() < kMinPatternBytes || pattern.size() > kMaxPatternBytes) {
    return absl::StrCat("must have ", kMinPatternBytes, " to ", kMaxPatternBytes, " bytes");
  }
  const auto count = [&](char c) { return std::count(pattern.begin(), pattern.end(), c); };
  const auto once = [&](absl::string_view part) {
    return count(part[0]) == static_cast<std::ptrdiff_t>(part.size()) &&
           absl::StrContains(pattern, part);
  };
  if (!once("DD") || !once("MM") || !(once("YY") || once("YYYY"))) {
    return "must have DD, MM and YY or YYYY, each once: a number without a day of birth is not "
           "told "
           "from others";
  }
  if (pattern.find_first_not_of("DMYCN-") != std::string::npos) {
    return "must consist of DD, MM, YY, YYYY, C, N and \"-\"";
  }
  if (pattern.front() == '-' || pattern.back() == '-') return "must begin and end with a digit";
  if (count('C') != (rule.centuries().empty() ? 0 : 1)) {
    return "must have a C, once, where centuries are given, and otherwise none";
  }
  if (count('C') == 1 && once("YYYY")) return "must not have a C: YYYY tells the century";
  return "";
}

std::string CenturiesFault(const v1::PersonalNumberRule& rule) {
  if (rule.centuries_size() > kMaxCenturies) {
    return absl::StrCat("must have at most ", kMaxCenturies, " elements");
  }
  for (const v1::PersonalNumberCentury& century : rule.centuries()) {
    if (century.digits().empty() ||
        !std::all_of(century.digits().begin(), century.digits().end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); })) {
      return "must have digits in each element";
    }
    if (century.first_year() < 0 || century.last_year() > 99 ||
        century.first_year() > century.last_year()) {
      return "must have years from 0 to 99, the first before the last";
    }
    if (century.century() < 1800 || century.century() > 2000 || century.century() % 100 != 0) {
      return "must name a century: 1800, 1900 or 2000";
    }
  }
  return "";
}

std::vector<PersonalNumber> FindPersonalNumbers(absl::string_view text,
                                                const PersonalNumberRules& rules) {
  std::vector<PersonalNumber> found;
  if (!MayHoldNumber(text)) return found;
  std::vector<const v1::PersonalNumberRule*> sound;
  for (const v1::PersonalNumberRule& rule : rules) {
    if (PatternFault(rule).empty() && CenturiesFault(rule).empty()) sound.push_back(&rule);
  }
  if (sound.empty()) return found;
  const std::vector<Character> characters = Read(text);
  for (std::size_t at = 0; at < characters.size(); ++at) {
    if (!MayBegin(characters, at)) continue;
    for (const v1::PersonalNumberRule* rule : sound) {
      const std::optional<std::size_t> end = MatchAt(*rule, characters, at);
      if (!end.has_value()) continue;
      found.push_back({rule, characters[at].begin, characters[*end - 1].end});
      at = *end - 1;
      break;
    }
  }
  return found;
}

void ForEachPersonalNumber(
    const Message& message, const PersonalNumberRules& rules,
    const std::function<void(const std::string& path, const v1::PersonalNumberRule& rule)>& found) {
  if (rules.empty()) return;
  const TextVisitor::Visit visit = [&](const std::string& path, const std::string& text) {
    const std::vector<PersonalNumber> numbers = FindPersonalNumbers(text, rules);
    if (!numbers.empty()) found(path, *numbers.front().rule);
  };
  TextVisitor(visit).VisitMessage(message, "");
}

std::string PersonalNumberDescription(const v1::PersonalNumberRule& rule) {
  return absl::StrCat("holds ", rule.display_name(),
                      "; remove it: no data of patients is taken in here");
}

void CheckPersonalNumbers(const Message& message, absl::string_view prefix,
                          const PersonalNumberRules& rules, FieldFaults* faults) {
  ForEachPersonalNumber(message, rules,
                        [&](const std::string& path, const v1::PersonalNumberRule& rule) {
                          faults->Add(absl::StrCat(prefix, path), v1::ERROR_REASON_PERSONAL_NUMBER,
                                      PersonalNumberDescription(rule));
                        });
}

}  // namespace trialgate::directory
