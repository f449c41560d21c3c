// Values in words for people, and back: enumerations, times, numbers, resource names.
#ifndef TRIALGATE_TOOLS_CLI_WORDS_H_
#define TRIALGATE_TOOLS_CLI_WORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/timestamp.pb.h"
#include "tools/cli/page.h"
#include "tools/cli/tone.h"

namespace trialgate::cli {

// "medicinal product" for TRIAL_KIND_MEDICINAL_PRODUCT, "phase 1/2" for PHASE_PHASE1_PHASE2; empty
// for the value 0; the number where the enumeration does not know it (a newer server).
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number);

template <typename E>
std::string Word(E value) {
  return EnumWord(*google::protobuf::GetEnumDescriptor<E>(), static_cast<int>(value));
}

// Words of all elements of a repeated enumeration, separated by ", ".
template <typename E>
std::string WordsOf(const google::protobuf::RepeatedField<int>& values) {
  std::string words;
  for (const int value : values) {
    absl::StrAppend(&words, words.empty() ? "" : ", ", Word(static_cast<E>(value)));
  }
  return words;
}

// The value that `word` names: in any case, with "-", "_" or " " between words, with or without the
// enumeration's prefix. INVALID_ARGUMENT listing the choices for any other.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view word);

template <typename E>
absl::StatusOr<E> ParseWord(absl::string_view word) {
  absl::StatusOr<int> number = ParseEnum(*google::protobuf::GetEnumDescriptor<E>(), word);
  if (!number.ok()) return number.status();
  return static_cast<E>(*number);
}

// "FIRM" for OFFER_FIRMNESS_FIRM, as ParseEnum takes it; empty for the value 0, the number where
// the enumeration does not know it.
std::string EnumChoice(const google::protobuf::EnumDescriptor& type, int number);

// The choices of an enumeration as ParseEnum takes them, separated by ", "; without those that
// only the server sets.
std::string Choices(const google::protobuf::EnumDescriptor& type);

// The same, each by itself.
std::vector<std::string> ChoiceList(const google::protobuf::EnumDescriptor& type);

// "3 d 4 h", "4 h 12 min", "12 min", "less than a minute"; of the absolute value.
std::string Span(absl::Duration span);

// "2026-11-27 14:05 CET" in the reader's zone; empty where absent.
std::string TimeWord(const google::protobuf::Timestamp* time, const Screen& screen);

// TimeWord and how long ago: "2026-11-27 14:05 CET (2 h 5 min ago)".
std::string PastWord(const google::protobuf::Timestamp* time, const Screen& screen);

// A time by which something is due: "2026-11-27 14:05 CET (due in 3 d 4 h)" or "(overdue by 2 h)".
// A midnight stands for the day that it ends: "end of 2026-11-27 (due in …)".
std::string DueWord(const google::protobuf::Timestamp* time, const Screen& screen);

// Only "in 3 d 4 h", or "overdue 2 h" in one unit; for tables.
std::string DueShort(const google::protobuf::Timestamp* time, const Screen& screen);

// kBad where it is over, kSoon within a day of it, else kPlain.
Tone DueTone(const google::protobuf::Timestamp* time, const Screen& screen);

// With one decimal: "12.4"; never "-0.0".
std::string Decimal(double value);

// 0.618 as "62%"; what is neither 0 nor 1 never looks like it: "< 1%", "> 99%".
std::string Percent(double share);

// "1 site", "3 sites".
std::string Count(long long number, absl::string_view singular, absl::string_view plural = "");

// Elements separated by ", ".
template <typename Strings>
std::string Joined(const Strings& strings) {
  std::string joined;
  for (const auto& text : strings) absl::StrAppend(&joined, joined.empty() ? "" : ", ", text);
  return joined;
}

// The id at the end of a resource name: "acme" for "organizations/acme".
std::string Id(absl::string_view name);

// Ids of names, separated by ", ".
template <typename Names>
std::string Ids(const Names& names) {
  std::string joined;
  for (const auto& name : names) absl::StrAppend(&joined, joined.empty() ? "" : ", ", Id(name));
  return joined;
}

// "REQUEST/REFERRAL" for "trialRequests/REQUEST/referrals/REFERRAL": short enough for a table, and
// taken wherever a referral is named. Any other name as it is.
std::string ReferralId(absl::string_view name);

// The name of a resource that a person may give by its id alone: ("organizations", "acme") and
// ("organizations", "organizations/acme") are "organizations/acme". Empty stays empty.
std::string FullName(absl::string_view collection, absl::string_view given);

// The name of a contact: given in full, as "DESK/CONTACT", or as "CONTACT" of `desk`, which may be
// given by its id. Empty stays empty.
std::string FullContactName(absl::string_view given, absl::string_view desk = "");

// The name of a referral: given in full, or as "REQUEST/REFERRAL".
std::string FullReferralName(absl::string_view given);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_WORDS_H_
