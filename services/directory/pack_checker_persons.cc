// What a pack says of people's data.
#include <set>
#include <string>

#include "services/directory/pack_checker.h"
#include "services/directory/personal_number.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr int kMaxPersonalNumberRules = 16;
constexpr std::size_t kMaxNameBytes = 256;

}  // namespace

bool PackChecker::CheckNoPersonalNumbers() {
  const std::size_t before = checks_.faults().count();
  VisitElements([this](const google::protobuf::Message& element, const Place& place) {
    ForEachPersonalNumber(element, pack_.personal_numbers(),
                          [&](const std::string& path, const v1::PersonalNumberRule& rule) {
                            checks_.faults().Add(place.Field(path),
                                                 v1::ERROR_REASON_PERSONAL_NUMBER,
                                                 PersonalNumberDescription(rule));
                          });
  });
  return checks_.faults().count() == before;
}

void PackChecker::CheckPersonalNumberRules() {
  std::set<std::string> seen;
  checks_.Count(pack_.personal_numbers_size(), kMaxPersonalNumberRules, {"", "personal_numbers"});
  for (int i = 0; i < pack_.personal_numbers_size(); ++i) {
    const v1::PersonalNumberRule& rule = pack_.personal_numbers(i);
    const Place& place = PlaceOf("personal_numbers", i);
    checks_.TermId(rule.id(), place.Field("id"));
    Unique(rule.id(), &seen, place.Field("id"));
    checks_.RequiredText(rule.display_name(), kMaxNameBytes, place.Field("display_name"));
    const std::string pattern = PatternFault(rule);
    if (!pattern.empty()) {
      checks_.faults().Add(place.Field("pattern"), v1::ERROR_REASON_INVALID_FORMAT, pattern);
    }
    const std::string centuries = CenturiesFault(rule);
    if (!centuries.empty()) {
      checks_.faults().Add(place.Field("centuries"), v1::ERROR_REASON_INVALID_FORMAT, centuries);
    }
  }
}

void PackChecker::CheckRetentionRules() {
  std::set<std::string> seen;
  std::set<int> subjects;
  for (int i = 0; i < pack_.retention_rules_size(); ++i) {
    const v1::RetentionRule& rule = pack_.retention_rules(i);
    const Place& place = PlaceOf("retention_rules", i);
    checks_.TermId(rule.id(), place.Field("id"));
    Unique(rule.id(), &seen, place.Field("id"));
    checks_.RequiredText(rule.description(), 1024, place.Field("description"));
    checks_.Range(rule.months(), 1, 600, place.Field("months"));
    if (rule.subject() == v1::RETENTION_SUBJECT_UNSPECIFIED) {
      internal::AddUnspecified(place.Field("subject"), &checks_.faults());
    } else if (!subjects.insert(rule.subject()).second) {
      internal::AddDuplicate(place.Field("subject"), &checks_.faults());
    }
  }
}

}  // namespace trialgate::directory
