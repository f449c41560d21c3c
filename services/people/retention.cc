#include "services/people/retention.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace trialgate::people {

v1::RetentionSubject SubjectOf(absl::string_view name) {
  if (absl::StartsWith(name, "desks/")) return v1::RETENTION_SUBJECT_CONTACT;
  if (!absl::StartsWith(name, "trialRequests/")) return v1::RETENTION_SUBJECT_UNSPECIFIED;
  if (absl::EndsWith(name, "/submitter")) return v1::RETENTION_SUBJECT_IDEA_SUBMITTER;
  return absl::StrContains(name, "/offers/") ? v1::RETENTION_SUBJECT_PRINCIPAL_INVESTIGATOR
                                             : v1::RETENTION_SUBJECT_REQUESTER_CONTACT;
}

absl::CivilDay KeptUntil(absl::CivilDay ended, int months) {
  const absl::CivilMonth month = absl::CivilMonth(ended) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return absl::CivilDay(month) + (std::min(ended.day(), last.day()) - 1);
}

const v1::RetentionRule* DueBy(const google::protobuf::RepeatedPtrField<v1::RetentionRule>& rules,
                               v1::RetentionSubject subject, std::optional<absl::CivilDay> ended,
                               absl::CivilDay today) {
  if (!ended.has_value() || subject == v1::RETENTION_SUBJECT_UNSPECIFIED) return nullptr;
  for (const v1::RetentionRule& rule : rules) {
    if (rule.subject() == subject && KeptUntil(*ended, rule.months()) <= today) return &rule;
  }
  return nullptr;
}

}  // namespace trialgate::people
