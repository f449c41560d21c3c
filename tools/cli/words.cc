#include "tools/cli/words.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/types.pb.h"

namespace trialgate::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::Timestamp;

// The part that all names of an enumeration begin with: "TRIAL_KIND_".
std::string PrefixOf(const EnumDescriptor& type) {
  const std::string zero = type.FindValueByNumber(0)->name();
  return zero.substr(0, zero.size() - std::string("UNSPECIFIED").size());
}

std::string WithoutPrefix(const EnumDescriptor& type, const std::string& name) {
  return name.substr(PrefixOf(type).size());
}

std::string PhaseWord(v1::Phase phase) {
  switch (phase) {
    case v1::PHASE_NOT_APPLICABLE:
      return "phases do not apply";
    case v1::PHASE_EARLY_PHASE1:
      return "early phase 1";
    case v1::PHASE_PHASE1:
      return "phase 1";
    case v1::PHASE_PHASE1_PHASE2:
      return "phase 1/2";
    case v1::PHASE_PHASE2:
      return "phase 2";
    case v1::PHASE_PHASE2_PHASE3:
      return "phase 2/3";
    case v1::PHASE_PHASE3:
      return "phase 3";
    case v1::PHASE_PHASE4:
      return "phase 4";
    default:
      return "";
  }
}

absl::Time ToTime(const Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

bool IsMidnight(const Timestamp& time, const absl::TimeZone& zone) {
  const absl::CivilSecond local = absl::ToCivilSecond(ToTime(time), zone);
  return local == absl::CivilSecond(absl::CivilDay(local));
}

// Values that nobody gives: the server sets them.
bool IsSetByServer(const EnumDescriptor& type, int number) {
  return &type == v1::ReferralOutcome_descriptor() && number == v1::REFERRAL_OUTCOME_PENDING;
}

}  // namespace

std::string EnumWord(const EnumDescriptor& type, int number) {
  if (number == 0) return "";
  if (&type == v1::Phase_descriptor()) {
    const std::string phase = PhaseWord(static_cast<v1::Phase>(number));
    if (!phase.empty()) return phase;
  }
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  return absl::StrReplaceAll(absl::AsciiStrToLower(WithoutPrefix(type, value->name())),
                             {{"_", " "}});
}

std::string EnumChoice(const EnumDescriptor& type, int number) {
  if (number == 0) return "";
  const auto* value = type.FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : WithoutPrefix(type, value->name());
}

std::vector<std::string> ChoiceList(const EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (number != 0 && !IsSetByServer(type, number))
      words.push_back(WithoutPrefix(type, type.value(i)->name()));
  }
  return words;
}

std::string Choices(const EnumDescriptor& type) { return Joined(ChoiceList(type)); }

absl::StatusOr<int> ParseEnum(const EnumDescriptor& type, absl::string_view word) {
  const std::string name =
      absl::StrReplaceAll(absl::AsciiStrToUpper(absl::StripAsciiWhitespace(word)),
                          {{"-", "_"}, {" ", "_"}, {"/", "_"}});
  for (const std::string& candidate : {name, PrefixOf(type) + name}) {
    const auto* value = type.FindValueByName(candidate);
    if (value == nullptr || value->number() == 0) continue;
    if (!IsSetByServer(type, value->number())) return value->number();
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", word, "\" is none of: ", Choices(type)));
}

std::string Span(absl::Duration span) {
  const std::int64_t minutes = absl::ToInt64Minutes(absl::AbsDuration(span));
  const std::int64_t days = minutes / (24 * 60);
  const std::int64_t hours = minutes / 60 % 24;
  if (days > 0 && hours > 0) return absl::StrCat(days, " d ", hours, " h");
  if (days > 0) return absl::StrCat(days, " d");
  if (hours > 0 && minutes % 60 > 0) return absl::StrCat(hours, " h ", minutes % 60, " min");
  if (hours > 0) return absl::StrCat(hours, " h");
  return minutes > 0 ? absl::StrCat(minutes, " min") : "less than a minute";
}

std::string TimeWord(const Timestamp* time, const Screen& screen) {
  if (time == nullptr) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", ToTime(*time), screen.zone);
}

std::string PastWord(const Timestamp* time, const Screen& screen) {
  if (time == nullptr) return "";
  return absl::StrCat(TimeWord(time, screen), " (", Span(screen.now - ToTime(*time)), " ago)");
}

std::string DueWord(const Timestamp* time, const Screen& screen) {
  if (time == nullptr) return "";
  const std::string when =
      IsMidnight(*time, screen.zone)
          ? absl::FormatTime("end of %Y-%m-%d", ToTime(*time) - absl::Minutes(1), screen.zone)
          : TimeWord(time, screen);
  const absl::Duration left = ToTime(*time) - screen.now;
  if (left > absl::ZeroDuration()) return absl::StrCat(when, " (due in ", Span(left), ")");
  return absl::StrCat(when, " (overdue by ", Span(left), ")");
}

std::string DueShort(const Timestamp* time, const Screen& screen) {
  if (time == nullptr) return "";
  const absl::Duration left = ToTime(*time) - screen.now;
  if (left > absl::ZeroDuration()) return absl::StrCat("in ", Span(left));
  // In one unit: on a narrow screen the name of what is overdue stands beside it.
  const absl::Duration over = -left;
  if (over >= absl::Hours(24)) return absl::StrCat("overdue ", over / absl::Hours(24), " d");
  if (over >= absl::Hours(1)) return absl::StrCat("overdue ", over / absl::Hours(1), " h");
  return absl::StrCat("overdue ", over / absl::Minutes(1), " min");
}

Tone DueTone(const Timestamp* time, const Screen& screen) {
  if (time == nullptr) return Tone::kPlain;
  const absl::Duration left = ToTime(*time) - screen.now;
  if (left <= absl::ZeroDuration()) return Tone::kBad;
  return left <= absl::Hours(24) ? Tone::kSoon : Tone::kPlain;
}

std::string Decimal(double value) {
  const std::string text = absl::StrFormat("%.1f", value);
  return text == "-0.0" ? "0.0" : text;
}

std::string Percent(double share) {
  if (share > 0 && share < 0.01) return "< 1%";
  if (share < 1 && share > 0.99) return "> 99%";
  return absl::StrFormat("%.0f%%", share * 100);
}

std::string Count(long long number, absl::string_view singular, absl::string_view plural) {
  if (number == 1) return absl::StrCat("1 ", singular);
  return plural.empty() ? absl::StrCat(number, " ", singular, "s")
                        : absl::StrCat(number, " ", plural);
}

std::string Id(absl::string_view name) {
  const std::size_t slash = name.rfind('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

std::string ReferralId(absl::string_view name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 4 || parts[0] != "trialRequests" || parts[2] != "referrals") {
    return std::string(name);
  }
  return absl::StrCat(parts[1], "/", parts[3]);
}

std::string FullName(absl::string_view collection, absl::string_view given) {
  if (given.empty() || absl::StrContains(given, "/")) return std::string(given);
  return absl::StrCat(collection, "/", given);
}

std::string FullContactName(absl::string_view given, absl::string_view desk) {
  if (given.empty() || absl::StrContains(given, "/contacts/")) return std::string(given);
  const std::vector<std::string> parts = absl::StrSplit(given, '/');
  if (parts.size() == 2) return absl::StrCat("desks/", parts[0], "/contacts/", parts[1]);
  if (desk.empty() || parts.size() != 1) return std::string(given);
  return absl::StrCat(FullName("desks", desk), "/contacts/", given);
}

std::string FullReferralName(absl::string_view given) {
  const std::vector<std::string> parts = absl::StrSplit(given, '/');
  if (parts.size() != 2 || parts[0] == "trialRequests") return std::string(given);
  return absl::StrCat("trialRequests/", parts[0], "/referrals/", parts[1]);
}

}  // namespace trialgate::cli
