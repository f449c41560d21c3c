// Country, policy, vocabularies and rules of a pack.
#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/directory/pack_checker.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

// Whether a rule applies to every site of every request.
bool HasNoTests(const v1::RoutingRule& rule) {
  return rule.kinds().empty() && rule.intents().empty() && rule.requester_types().empty() &&
         rule.requester_sizes().empty() && rule.phases().empty() && rule.specialities().empty() &&
         rule.regions().empty();
}

}  // namespace

void PackChecker::CheckCountry() {
  if (!joined_.complete && pack_.country().empty()) return;
  checks_.Country(pack_.country(), PlaceOfSingle("country"));
  checks_.RequiredText(pack_.display_name(), kMaxNameBytes, PlaceOfSingle("display_name"));
  checks_.TimeZone(pack_.time_zone(), PlaceOfSingle("time_zone"));
}

void PackChecker::CheckPolicy() {
  const Place place = PlaceOfSingle("policy");
  if (!pack_.has_policy()) return Missing(place, "must be given");
  const v1::Policy& policy = pack_.policy();
  checks_.Range(policy.version(), 1, 1'000'000, place.Field("version"));
  CheckWeights(policy.weights(), place.Field("weights"));
  CheckPriors(policy, place);
  checks_.Range(policy.acknowledge_days(), 1, 30, place.Field("acknowledge_days"));
  checks_.Range(policy.answer_days_normal(), 1, 60, place.Field("answer_days_normal"));
  checks_.Range(policy.answer_days_expedited(), 1, 60, place.Field("answer_days_expedited"));
  checks_.Range(policy.answer_days_rare_disease(), 1, 60, place.Field("answer_days_rare_disease"));
  checks_.Range(policy.silence_days(), 1, 365, place.Field("silence_days"));
  checks_.Range(policy.reply_days(), 1, 365, place.Field("reply_days"));
  checks_.Range(policy.default_start_up_days(), 0, 3650, place.Field("default_start_up_days"));
}

void PackChecker::CheckWeights(const v1::ScoreWeights& weights, const Place& place) {
  const std::pair<const char*, double> parts[] = {
      {"speciality", weights.speciality()},   {"experience", weights.experience()},
      {"patients", weights.patients()},       {"headroom", weights.headroom()},
      {"start_up", weights.start_up()},       {"track_record", weights.track_record()},
      {"preferences", weights.preferences()}, {"freshness", weights.freshness()}};
  double sum = 0;
  for (const auto& [name, weight] : parts) {
    checks_.FiniteRange(weight, 0, 100, place.Field(name));
    sum += weight;
  }
  if (!(std::abs(sum - 100) <= 1e-9)) {
    checks_.faults().Add(place, v1::ERROR_REASON_OUT_OF_RANGE, "must be 100 together");
  }
}

void PackChecker::CheckPriors(const v1::Policy& policy, const Place& place) {
  constexpr double kLeast = 1e-6;
  constexpr double kMost = 1e6;
  std::set<std::string> seen;
  for (int i = 0; i < policy.priors_size(); ++i) {
    const v1::RatePrior& prior = policy.priors(i);
    const Place at = place.Element("priors", i);
    checks_.FiniteRange(prior.alpha(), kLeast, kMost, at.Field("alpha"));
    checks_.FiniteRange(prior.beta(), kLeast, kMost, at.Field("beta"));
    if (!seen.insert(prior.speciality()).second) {
      internal::AddDuplicate(at.Field("speciality"), &checks_.faults());
    }
    if (!prior.speciality().empty() && joined_.complete &&
        specialities_.count(prior.speciality()) == 0) {
      checks_.faults().Add(at.Field("speciality"), v1::ERROR_REASON_UNKNOWN_VALUE,
                           "is no speciality of the pack");
    }
  }
  if (seen.count("") == 0) {
    checks_.faults().Add(place.Field("priors"), v1::ERROR_REASON_REQUIRED,
                         "one prior must be without speciality: the default");
  }
}

void PackChecker::CheckTerms(const google::protobuf::RepeatedPtrField<v1::Term>& terms,
                             absl::string_view field) {
  std::set<std::string> seen;
  for (int i = 0; i < terms.size(); ++i) {
    const Place& place = PlaceOf(field, i);
    checks_.TermId(terms[i].id(), place.Field("id"));
    Unique(terms[i].id(), &seen, place.Field("id"));
    checks_.RequiredText(terms[i].display_name(), kMaxNameBytes, place.Field("display_name"));
    checks_.Text(terms[i].local_name(), kMaxNameBytes, place.Field("local_name"));
    for (int c = 0; c < terms[i].codes_size(); ++c) {
      checks_.Code(terms[i].codes(c), place.Element("codes", c));
    }
  }
}

void PackChecker::CheckConditionRules() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.condition_rules_size(); ++i) {
    const Place& place = PlaceOf("condition_rules", i);
    Unique(pack_.condition_rules(i).id(), &seen, place.Field("id"));
    CheckConditionRule(pack_.condition_rules(i), place);
  }
}

void PackChecker::CheckConditionRule(const v1::ConditionRule& rule, const Place& place) {
  checks_.TermId(rule.id(), place.Field("id"));
  checks_.Required(rule.speciality(), place.Field("speciality"));
  if (!rule.speciality().empty() && joined_.complete &&
      specialities_.count(rule.speciality()) == 0) {
    checks_.faults().Add(place.Field("speciality"), v1::ERROR_REASON_UNKNOWN_VALUE,
                         "is no speciality of the pack");
  }
  if (rule.mesh_terms().empty() && rule.mesh_ancestors().empty() && rule.words().empty()) {
    checks_.faults().Add(place, v1::ERROR_REASON_REQUIRED,
                         "needs mesh_terms, mesh_ancestors or words: it would never apply");
  }
  for (int i = 0; i < rule.words_size(); ++i) {
    const std::string& word = rule.words(i);
    const bool capital =
        std::any_of(word.begin(), word.end(), [](char c) { return absl::ascii_isupper(c); });
    const bool star_within = word.find('*') < word.size() - 1;
    if (word.empty() || capital || star_within) {
      checks_.faults().Add(place.Element("words", i), v1::ERROR_REASON_INVALID_FORMAT,
                           "must be lower case and not empty, with \"*\" at its end only");
    }
  }
  checks_.Range(rule.rank(), 1, 100, place.Field("rank"));
  checks_.Enums(rule.only_age_groups(), "only_age_groups", place);
  checks_.Text(rule.reason(), kMaxNameBytes, place.Field("reason"));
}

void PackChecker::CheckRoutingRules() {
  std::set<std::string> seen;
  const int count = pack_.routing_rules_size();
  for (int i = 0; i < count; ++i) {
    const Place& place = PlaceOf("routing_rules", i);
    Unique(pack_.routing_rules(i).id(), &seen, place.Field("id"));
    CheckRoutingRule(pack_.routing_rules(i), i == count - 1, place);
  }
  if (count == 0) {
    Missing({"", "routing_rules"},
            "must end with a rule that applies to every site and names its "
            "regional desk");
  }
}

void PackChecker::CheckRoutingRule(const v1::RoutingRule& rule, bool last, const Place& place) {
  checks_.TermId(rule.id(), place.Field("id"));
  checks_.Text(rule.description(), 1024, place.Field("description"));
  checks_.Enums(rule.kinds(), "kinds", place);
  checks_.Enums(rule.intents(), "intents", place);
  checks_.Enums(rule.requester_types(), "requester_types", place);
  checks_.Enums(rule.requester_sizes(), "requester_sizes", place);
  checks_.Enums(rule.phases(), "phases", place);
  Vocabulary(specialities_, rule.specialities(), "specialities", "speciality", place);
  ReferAll(regions_, rule.regions(), "regions", "region", place);
  ReferAll(desks_, rule.informed(), "informed", "desk", place);
  const bool regional =
      rule.answers_case() == v1::RoutingRule::kRegionalDesk && rule.regional_desk();
  if (!regional && rule.desk().empty()) {
    checks_.faults().Add(place.Field("desk"), v1::ERROR_REASON_REQUIRED,
                         "names no desk that answers; give desk, or regional_desk as true");
  }
  Refers(desks_, rule.desk(), "desk", place.Field("desk"));
  if (last && !(regional && HasNoTests(rule))) {
    Missing(place, "the last rule must apply to every site and name its regional desk");
  }
  if (!last && HasNoTests(rule)) {
    checks_.faults().Add(place, v1::ERROR_REASON_CONTRADICTION,
                         "applies to every site: no rule after it would ever be reached");
  }
}

}  // namespace trialgate::directory
