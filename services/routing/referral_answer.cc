#include "services/routing/referral_answer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "services/directory/validity.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/trial_request_validation.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using directory::DirectorySnapshot;
using feasibility::Element;
using feasibility::FieldRules;
using feasibility::Presence;
using feasibility::Quoted;

constexpr int kMaxSites = 1000;
constexpr std::int64_t kMaxPatients = 1'000'000;
constexpr std::size_t kNameBytes = 256;
constexpr std::size_t kConditionsBytes = 4096;
constexpr std::size_t kSiteCommentBytes = 2048;
constexpr std::size_t kAnswerCommentBytes = 4096;

template <typename List>
bool Contains(const List& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void CheckReason(const FieldRules& rules, const std::string& field, const v1::Refusal& refusal) {
  rules.Enum(field + ".reason", refusal.reason(), *v1::RefusalReason_descriptor(),
             Presence::kRequired);
  const bool other = refusal.reason() == v1::REFUSAL_REASON_OTHER;
  rules.Text(field + ".comment", refusal.comment(), kSiteCommentBytes,
             other ? Presence::kRequired : Presence::kOptional);
}

class AnswerChecker {
 public:
  AnswerChecker(const v1::AnswerReferralRequest& answer, const v1::Referral& referral,
                const DirectorySnapshot& directory, absl::CivilDay today, FieldFaults* faults)
      : answer_(answer),
        referral_(referral),
        directory_(directory),
        today_(today),
        rules_(faults),
        asked_(referral.sites().begin(), referral.sites().end()) {}

  void CheckSites() {
    const int offers = rules_.Count("offers", answer_.offers_size(), kMaxSites);
    for (int i = 0; i < offers; ++i) CheckOffer(Element("offers", i), answer_.offers(i));
    const int refusals = rules_.Count("refusals", answer_.refusals_size(), kMaxSites);
    for (int i = 0; i < refusals; ++i) CheckRefusal(Element("refusals", i), answer_.refusals(i));
    for (const std::string& site : referral_.sites()) {
      if (said_.count(site) > 0) continue;
      rules_.faults().Add(
          "offers", v1::ERROR_REASON_REQUIRED,
          absl::StrCat(site, " was asked about: offer it, or refuse it with a reason"));
    }
  }

 private:
  // One word on each site.
  void Say(const std::string& field, const std::string& site) {
    if (!said_.insert(site).second) rules_.Duplicate(field, site);
  }

  void CheckOffer(const std::string& field, const v1::Offer& offer) {
    CheckOfferedSite(field, offer);
    rules_.Range(field + ".patients_claimed", offer.patients_claimed(), 0, kMaxPatients);
    const std::optional<absl::CivilDay> start =
        rules_.Date(field + ".earliest_start", offer.earliest_start(), Presence::kRequired);
    const absl::CivilDay last = AddMonths(today_, 12 * feasibility::kMaxYearsAhead);
    if (start.has_value() && (*start < today_ || *start > last)) {
      rules_.faults().Add(
          field + ".earliest_start", v1::ERROR_REASON_OUT_OF_RANGE,
          absl::StrCat("must be from today, ", FormatDate(today_), ", to ", FormatDate(last)));
    }
    rules_.Text(field + ".principal_investigator", offer.principal_investigator(), kNameBytes,
                Presence::kOptional);
    rules_.Text(field + ".conditions", offer.conditions(), kConditionsBytes, Presence::kOptional);
    rules_.Enum(field + ".firmness", offer.firmness(), *v1::OfferFirmness_descriptor(),
                Presence::kRequired);
    if (offer.status() != v1::OFFER_STATUS_UNSPECIFIED) {
      rules_.faults().Add(field + ".status", v1::ERROR_REASON_CONTRADICTION,
                          "is set by the server: leave it out");
    }
  }

  void CheckOfferedSite(const std::string& field, const v1::Offer& offer) {
    const std::string& site = offer.site();
    const bool added = asked_.count(site) == 0;
    rules_.Required(field + ".site", !site.empty());
    if (!site.empty()) {
      Say(field + ".site", site);
      if (added) CheckAddedSite(field + ".site", site);
    }
    rules_.Text(field + ".comment", offer.comment(), kSiteCommentBytes,
                added ? Presence::kRequired : Presence::kOptional);
  }

  void CheckAddedSite(const std::string& field, const std::string& name) {
    const directory::SiteEntry* entry = directory_.FindSite(name);
    const v1::Desk* desk = directory_.FindDesk(referral_.desk());
    if (entry == nullptr || desk == nullptr || !MayOffer(*desk, entry->site, directory_, today_)) {
      rules_.faults().Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                          absl::StrCat(Quoted(name), " is not a site that the desk may offer"));
      return;
    }
    if (directory::ValidityOn(entry->site.valid_from(), entry->site.valid_to(), today_) !=
        directory::Validity::kValid) {
      rules_.faults().Add(field, v1::ERROR_REASON_DANGLING_REFERENCE,
                          absl::StrCat(Quoted(name), " is not valid on ", FormatDate(today_)));
    }
  }

  void CheckRefusal(const std::string& field, const v1::Refusal& refusal) {
    rules_.Required(field + ".site", !refusal.site().empty());
    if (!refusal.site().empty()) {
      Say(field + ".site", refusal.site());
      if (asked_.count(refusal.site()) == 0) {
        rules_.faults().Add(
            field + ".site", v1::ERROR_REASON_UNKNOWN_VALUE,
            absl::StrCat(Quoted(refusal.site()), " is not among the sites asked about"));
      }
    }
    CheckReason(rules_, field, refusal);
  }

  const v1::AnswerReferralRequest& answer_;
  const v1::Referral& referral_;
  const DirectorySnapshot& directory_;
  const absl::CivilDay today_;
  const FieldRules rules_;
  const std::set<std::string> asked_;
  std::set<std::string> said_;
};

// The words that a desk may give on a request of this kind; none where sites are asked for.
std::set<v1::ReferralOutcome> WordsOn(v1::TrialKind kind) {
  switch (kind) {
    case v1::TRIAL_KIND_DATA_ACCESS:
      return {v1::REFERRAL_OUTCOME_GRANTED, v1::REFERRAL_OUTCOME_REFUSED};
    case v1::TRIAL_KIND_IDEA:
      return {v1::REFERRAL_OUTCOME_TAKEN_UP, v1::REFERRAL_OUTCOME_PASSED_ON,
              v1::REFERRAL_OUTCOME_DECLINED};
    default:
      return {};
  }
}

void CheckWord(const v1::AnswerReferralRequest& answer, const std::set<v1::ReferralOutcome>& words,
               FieldFaults* faults) {
  if (answer.outcome() == v1::REFERRAL_OUTCOME_UNSPECIFIED) {
    faults->Add("outcome", v1::ERROR_REASON_REQUIRED, "must be given: no site is asked for");
  } else if (words.count(answer.outcome()) == 0) {
    faults->Add("outcome", v1::ERROR_REASON_CONTRADICTION, "is no word on a request of this kind");
  }
  if (!answer.offers().empty()) {
    faults->Add("offers", v1::ERROR_REASON_CONTRADICTION, "must be absent: no site is asked for");
  }
  if (!answer.refusals().empty()) {
    faults->Add("refusals", v1::ERROR_REASON_CONTRADICTION, "must be absent: no site is asked for");
  }
}

}  // namespace

bool MayOffer(const v1::Desk& desk, const v1::Site& site, const DirectorySnapshot& directory,
              absl::CivilDay today) {
  if (!desk.regions().empty()) {
    const std::optional<std::string> region = directory.RegionOn(site.region(), today);
    return Contains(desk.regions(), site.region()) ||
           (region.has_value() && Contains(desk.regions(), *region));
  }
  return desk.specialities().empty() ||
         std::any_of(
             desk.specialities().begin(), desk.specialities().end(),
             [&site](const std::string& own) { return Contains(site.specialities(), own); });
}

FieldFaults CheckAnswer(const v1::AnswerReferralRequest& answer, const v1::Referral& referral,
                        const v1::TrialRequest& request, const DirectorySnapshot& directory,
                        absl::CivilDay today) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  const std::set<v1::ReferralOutcome> words = WordsOn(request.kind());
  if (words.empty()) {
    AnswerChecker(answer, referral, directory, today, &faults).CheckSites();
    if (answer.outcome() != v1::REFERRAL_OUTCOME_UNSPECIFIED) {
      faults.Add("outcome", v1::ERROR_REASON_CONTRADICTION, "must be absent: sites are asked for");
    }
  } else {
    CheckWord(answer, words, &faults);
  }
  rules.Text("comment", answer.comment(), kAnswerCommentBytes, Presence::kOptional);
  return faults;
}

FieldFaults CheckDecline(const v1::DeclineReferralRequest& decline) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  if (!decline.decline().site().empty()) {
    faults.Add("decline.site", v1::ERROR_REASON_CONTRADICTION,
               "must be absent: the referral is declined as a whole");
  }
  CheckReason(rules, "decline", decline.decline());
  return faults;
}

}  // namespace trialgate::routing
