#include "services/routing/referral_answer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "services/directory/validity.h"
#include "services/feasibility/field_rules.h"
#include "services/feasibility/trial_request_validation.h"
#include "services/routing/question_answers.h"
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
    CheckOfferFields(rules_, field, offer, today_, OfferStage::kAnswer);
  }

  void CheckOfferedSite(const std::string& field, const v1::Offer& offer) {
    const std::string& site = offer.site();
    const bool added = asked_.count(site) == 0;
    rules_.Required(field + ".site", !site.empty());
    if (!site.empty()) {
      Say(field + ".site", site);
      if (added) {
        CheckAddedSite(rules_, field + ".site", site, referral_.desk(), directory_, today_);
      }
      CheckValidAtStart(field, offer, added);
    }
    rules_.Text(field + ".comment", offer.comment(), kSiteCommentBytes,
                added ? Presence::kRequired : Presence::kOptional);
  }

  // A slot of a site that has ended by then holds nothing. Of an added site that has ended today it
  // was told.
  void CheckValidAtStart(const std::string& field, const v1::Offer& offer, bool added) {
    const directory::SiteEntry* const entry = directory_.FindSite(offer.site());
    const auto start = ParseDate(offer.earliest_start());
    if (entry == nullptr || !start.ok() || *start < today_) return;
    const auto is_valid = [entry](absl::CivilDay day) {
      return directory::ValidityOn(entry->site.valid_from(), entry->site.valid_to(), day) ==
             directory::Validity::kValid;
    };
    if (is_valid(*start) || (added && !is_valid(today_))) return;
    rules_.faults().Add(field + ".earliest_start", v1::ERROR_REASON_DANGLING_REFERENCE,
                        absl::StrCat(Quoted(offer.site()), " is not valid on that day"));
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
    faults->Add("outcome", v1::ERROR_REASON_CONTRADICTION,
                absl::StrCat("is no word on a request of this kind; it is one of: ",
                             absl::StrJoin(words, ", ", [](std::string* text, auto word) {
                               text->append(v1::ReferralOutcome_Name(word));
                             })));
  }
  if (!answer.offers().empty()) {
    faults->Add("offers", v1::ERROR_REASON_CONTRADICTION, "must be absent: no site is asked for");
  }
  if (!answer.refusals().empty()) {
    faults->Add("refusals", v1::ERROR_REASON_CONTRADICTION, "must be absent: no site is asked for");
  }
}

// On what conditions, and until when, data access is granted.
void CheckGrant(const v1::AnswerReferralRequest& answer, absl::CivilDay today,
                const FieldRules& rules) {
  rules.Text("outcome_conditions", answer.outcome_conditions(), kConditionsBytes,
             Presence::kOptional);
  const std::optional<absl::CivilDay> last =
      rules.Date("outcome_valid_to", answer.outcome_valid_to(), Presence::kOptional);
  if (last.has_value() && *last < today) {
    rules.faults().Add("outcome_valid_to", v1::ERROR_REASON_OUT_OF_RANGE,
                       absl::StrCat("must not be before today, ", FormatDate(today)));
  }
  if (answer.outcome() == v1::REFERRAL_OUTCOME_GRANTED) return;
  if (!answer.outcome_conditions().empty()) {
    rules.faults().Add("outcome_conditions", v1::ERROR_REASON_CONTRADICTION,
                       "must be absent: no data access is granted");
  }
  if (!answer.outcome_valid_to().empty()) {
    rules.faults().Add("outcome_valid_to", v1::ERROR_REASON_CONTRADICTION,
                       "must be absent: no data access is granted");
  }
}

// Of which sites the answer may speak.
std::set<std::string> SitesOf(const v1::AnswerReferralRequest& answer,
                              const v1::Referral& referral) {
  std::set<std::string> sites(referral.sites().begin(), referral.sites().end());
  for (const v1::Offer& offer : answer.offers()) sites.insert(offer.site());
  return sites;
}

}  // namespace

void CheckReason(const FieldRules& rules, const std::string& field, const v1::Refusal& refusal) {
  rules.Enum(field + ".reason", refusal.reason(), *v1::RefusalReason_descriptor(),
             Presence::kRequired);
  const bool other = refusal.reason() == v1::REFUSAL_REASON_OTHER;
  rules.Text(field + ".comment", refusal.comment(), kSiteCommentBytes,
             other ? Presence::kRequired : Presence::kOptional);
}

void CheckOfferFields(const FieldRules& rules, const std::string& field, const v1::Offer& offer,
                      absl::CivilDay today, OfferStage stage) {
  const bool draft = stage == OfferStage::kDraft;
  const Presence presence = draft ? Presence::kOptional : Presence::kRequired;
  rules.Range(field + ".patients_claimed", offer.patients_claimed(), 0, kMaxPatients);
  const std::optional<absl::CivilDay> start =
      rules.Date(field + ".earliest_start", offer.earliest_start(), presence);
  const absl::CivilDay last = AddMonths(today, 12 * feasibility::kMaxYearsAhead);
  if (start.has_value() && ((*start < today && !draft) || *start > last)) {
    rules.faults().Add(
        field + ".earliest_start", v1::ERROR_REASON_OUT_OF_RANGE,
        absl::StrCat("must be from today, ", FormatDate(today), ", to ", FormatDate(last)));
  }
  rules.Text(field + ".principal_investigator", offer.principal_investigator(), kNameBytes,
             Presence::kOptional);
  rules.Text(field + ".conditions", offer.conditions(), kConditionsBytes, Presence::kOptional);
  rules.Enum(field + ".firmness", offer.firmness(), *v1::OfferFirmness_descriptor(), presence);
  if (offer.status() != v1::OFFER_STATUS_UNSPECIFIED) {
    rules.faults().Add(field + ".status", v1::ERROR_REASON_CONTRADICTION,
                       "is set by the server: leave it out");
  }
}

void CheckAddedSite(const FieldRules& rules, const std::string& field, const std::string& site,
                    const std::string& desk, const DirectorySnapshot& directory,
                    absl::CivilDay today) {
  const directory::SiteEntry* entry = directory.FindSite(site);
  const v1::Desk* by = directory.FindDesk(desk);
  if (entry == nullptr || by == nullptr || !MayOffer(*by, entry->site, directory, today)) {
    rules.faults().Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                       absl::StrCat(Quoted(site), " is not a site that the desk may offer"));
    return;
  }
  if (directory::ValidityOn(entry->site.valid_from(), entry->site.valid_to(), today) !=
      directory::Validity::kValid) {
    rules.faults().Add(field, v1::ERROR_REASON_DANGLING_REFERENCE,
                       absl::StrCat(Quoted(site), " is not valid on ", FormatDate(today)));
  }
}

bool AsksForSites(v1::TrialKind kind) { return WordsOn(kind).empty(); }

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
  CheckGrant(answer, today, rules);
  faults.AddAll("", CheckQuestionAnswers("question_answers", answer.question_answers(), request,
                                         SitesOf(answer, referral)));
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
