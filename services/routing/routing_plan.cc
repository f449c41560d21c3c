#include "services/routing/routing_plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/routing/contact_choice.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using directory::DirectorySnapshot;

// An absent test holds; a given one where `value` is listed.
template <typename List, typename Value>
bool Allows(const List& listed, const Value& value) {
  return listed.empty() || std::find(listed.begin(), listed.end(), value) != listed.end();
}

template <typename List>
bool Contains(const List& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// A desk with why it was chosen.
struct Leg {
  const v1::Desk* desk = nullptr;
  std::string rule;
  std::string description;
  std::vector<std::string> informed;
};

// What is planned for one desk, while sites are added.
struct Draft {
  const v1::Desk* desk = nullptr;
  std::vector<std::pair<std::string, std::string>> rules;
  std::vector<std::string> sites;
  std::set<std::string> informed;
};

class Planner {
 public:
  Planner(const v1::TrialRequest& request, const v1::Organization& requester,
          const DirectorySnapshot& directory, absl::CivilDay sending_day)
      : request_(request),
        requester_(requester),
        directory_(directory),
        sending_day_(sending_day),
        first_patient_in_(ParseDate(request.first_patient_in_earliest()).value_or(sending_day)) {}

  absl::Status AddSite(const v1::EligibleSite& eligible) {
    const directory::SiteEntry* entry = directory_.FindSite(eligible.site());
    if (entry == nullptr) return UnknownSite(eligible.site());
    const v1::Desk* regional = RegionalDesk(entry->site, eligible.region());
    std::optional<Leg> leg = FirstRule(&eligible, &entry->site, regional);
    if (!leg.has_value()) {
      ABSL_ASSIGN_OR_RETURN(leg, SecretariatLeg(kNoDeskRule, "no rule leads to a desk"));
    }
    if (regional != nullptr) leg->informed.push_back(regional->name());
    Add(*std::move(leg), eligible.site());
    return absl::OkStatus();
  }

  // For requests that match no site by their nature.
  absl::Status AddWithoutSites() {
    std::optional<Leg> leg = FirstRule(nullptr, nullptr, nullptr);
    if (!leg.has_value()) {
      ABSL_ASSIGN_OR_RETURN(leg, SecretariatLeg(kNoDeskRule, "no rule leads to a desk"));
    }
    Add(*std::move(leg), "");
    return absl::OkStatus();
  }

  absl::Status AddSecretariat() {
    ABSL_ASSIGN_OR_RETURN(
        Leg leg, SecretariatLeg(kNoEligibleSiteRule,
                                "no site is eligible: the secretariat looks at the near misses"));
    Add(std::move(leg), "");
    return absl::OkStatus();
  }

  const std::map<std::string, Draft>& drafts() const { return drafts_; }

 private:
  static absl::Status UnknownSite(const std::string& site) {
    return Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
                 absl::StrCat("eligible site ", site, " is not in the directory"));
  }

  // The first rule that applies and leads to a desk. Without a site, rules that test one or name
  // its regional desk do not apply.
  std::optional<Leg> FirstRule(const v1::EligibleSite* eligible, const v1::Site* site,
                               const v1::Desk* regional) const {
    for (const v1::RoutingRule& rule : directory_.settings().routing_rules()) {
      if (!RequestMatches(rule) || !SiteMatches(rule, eligible, site)) continue;
      const v1::Desk* desk = rule.answers_case() == v1::RoutingRule::kDesk
                                 ? directory_.DeskOn(rule.desk(), sending_day_)
                                 : regional;
      if (desk == nullptr) continue;
      Leg leg{desk, rule.id(), rule.description(), {}};
      for (const std::string& name : rule.informed()) {
        const v1::Desk* informed = directory_.DeskOn(name, sending_day_);
        if (informed != nullptr) leg.informed.push_back(informed->name());
      }
      return leg;
    }
    return std::nullopt;
  }

  bool RequestMatches(const v1::RoutingRule& rule) const {
    return Allows(rule.kinds(), request_.kind()) && Allows(rule.intents(), request_.intent()) &&
           Allows(rule.requester_types(), requester_.type()) &&
           Allows(rule.requester_sizes(), requester_.size()) &&
           Allows(rule.phases(), request_.phase());
  }

  bool SiteMatches(const v1::RoutingRule& rule, const v1::EligibleSite* eligible,
                   const v1::Site* site) const {
    if (site == nullptr) return rule.specialities().empty() && rule.regions().empty();
    return SpecialitiesMeet(rule, *site) && RegionMatches(rule, eligible->region());
  }

  bool SpecialitiesMeet(const v1::RoutingRule& rule, const v1::Site& site) const {
    if (rule.specialities().empty()) return true;
    return std::any_of(request_.specialities().begin(), request_.specialities().end(),
                       [&](const std::string& wanted) {
                         return Contains(rule.specialities(), wanted) &&
                                Contains(site.specialities(), wanted);
                       });
  }

  // A region that a rule names stands for its successor once it ended, as a region wanted does.
  bool RegionMatches(const v1::RoutingRule& rule, const std::string& region) const {
    if (rule.regions().empty()) return true;
    return std::any_of(rule.regions().begin(), rule.regions().end(), [&](const std::string& named) {
      return directory_.RegionOn(named, first_patient_in_) == region;
    });
  }

  // See the header; nullptr where the region has no desk.
  const v1::Desk* RegionalDesk(const v1::Site& site, const std::string& region) const {
    const v1::Desk* then = directory_.RegionalDeskOn(region, first_patient_in_);
    if (then != nullptr) {
      const v1::Desk* now = directory_.DeskOn(then->name(), sending_day_);
      if (now != nullptr) return now;
    }
    const std::optional<std::string> today = directory_.RegionOn(site.region(), sending_day_);
    if (today.has_value()) return directory_.RegionalDeskOn(*today, sending_day_);
    return then == nullptr ? nullptr : PredecessorOf(*then);
  }

  // The first desk by name that answers on the sending day and that `desk` takes over from: for a
  // site whose region has yet to begin.
  const v1::Desk* PredecessorOf(const v1::Desk& desk) const {
    for (const auto& [name, candidate] : directory_.desks()) {
      if (candidate->successor() == desk.name() &&
          directory_.DeskOn(name, sending_day_) == candidate.get()) {
        return candidate.get();
      }
    }
    return nullptr;
  }

  absl::StatusOr<Leg> SecretariatLeg(absl::string_view rule, absl::string_view why) const {
    const v1::Desk* desk = directory_.DeskOn(directory_.settings().secretariat(), sending_day_);
    if (desk == nullptr) {
      const std::string& named = directory_.settings().secretariat();
      return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_DANGLING_REFERENCE,
                   absl::StrCat("the secretariat must answer, and neither ",
                                named.empty() ? "a desk of the pack" : named,
                                " nor a successor is valid on ", FormatDate(sending_day_),
                                ": the operator must apply a pack whose secretariat is"))
          .WithMetadata("desk", named);
    }
    return Leg{desk, std::string(rule), std::string(why), {}};
  }

  void Add(Leg leg, const std::string& site) {
    Draft& draft = drafts_[leg.desk->name()];
    draft.desk = leg.desk;
    std::pair<std::string, std::string> rule(std::move(leg.rule), std::move(leg.description));
    if (std::find(draft.rules.begin(), draft.rules.end(), rule) == draft.rules.end()) {
      draft.rules.push_back(std::move(rule));
    }
    if (!site.empty()) draft.sites.push_back(site);
    draft.informed.insert(leg.informed.begin(), leg.informed.end());
    draft.informed.erase(leg.desk->name());
  }

  const v1::TrialRequest& request_;
  const v1::Organization& requester_;
  const DirectorySnapshot& directory_;
  const absl::CivilDay sending_day_;
  const absl::CivilDay first_patient_in_;
  std::map<std::string, Draft> drafts_;
};

v1::PlannedReferral Finish(const Draft& draft, const ContactChoice& choice) {
  v1::PlannedReferral planned;
  planned.set_desk(draft.desk->name());
  planned.set_desk_display_name(draft.desk->display_name());
  for (const auto& [id, description] : draft.rules) {
    planned.add_rules(id);
    planned.add_rule_descriptions(description);
  }
  if (choice.contact != nullptr) {
    planned.set_contact(choice.contact->name());
    planned.set_contact_display_name(choice.contact->display_name());
  }
  planned.set_contact_reason(choice.reason);
  planned.mutable_sites()->Assign(draft.sites.begin(), draft.sites.end());
  planned.mutable_informed_desks()->Assign(draft.informed.begin(), draft.informed.end());
  return planned;
}

bool AsksForSites(v1::TrialKind kind) {
  return kind != v1::TRIAL_KIND_DATA_ACCESS && kind != v1::TRIAL_KIND_IDEA;
}

}  // namespace

absl::StatusOr<std::vector<v1::PlannedReferral>> PlanReferrals(
    const v1::TrialRequest& request, const v1::Organization& requester,
    const google::protobuf::RepeatedPtrField<v1::EligibleSite>& eligible,
    const DirectorySnapshot& directory, const OpenReferrals& open_referrals,
    absl::CivilDay sending_day) {
  Planner planner(request, requester, directory, sending_day);
  if (!AsksForSites(request.kind())) {
    ABSL_RETURN_IF_ERROR(planner.AddWithoutSites());
  } else if (eligible.empty()) {
    ABSL_RETURN_IF_ERROR(planner.AddSecretariat());
  } else {
    for (const v1::EligibleSite& site : eligible) ABSL_RETURN_IF_ERROR(planner.AddSite(site));
  }
  std::vector<v1::PlannedReferral> referrals;
  for (const auto& [name, draft] : planner.drafts()) {
    referrals.push_back(Finish(draft, ChooseContact(*draft.desk, request.specialities(), directory,
                                                    open_referrals, sending_day)));
  }
  return referrals;
}

}  // namespace trialgate::routing
