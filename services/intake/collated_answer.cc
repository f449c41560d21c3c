#include "services/intake/collated_answer.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "services/feasibility/forecast.h"
#include "services/feasibility/match_query.h"
#include "services/feasibility/sample_use.h"

namespace trialgate::intake {
namespace {

using directory::DirectorySnapshot;

std::string DisplayName(const DirectorySnapshot& directory, const std::string& site) {
  const directory::SiteEntry* entry = directory.FindSite(site);
  return entry == nullptr ? site : entry->site.display_name();
}

template <typename List>
auto FindSite(const List& list, const std::string& site) {
  return std::find_if(list.begin(), list.end(),
                      [&site](const auto& one) { return one.site() == site; });
}

v1::CollatedSite SiteLine(const v1::Referral& referral, const std::string& site,
                          const DirectorySnapshot& directory, double ratio) {
  v1::CollatedSite line;
  line.set_site(site);
  line.set_display_name(DisplayName(directory, site));
  line.set_referral(referral.name());
  line.set_outcome(v1::SITE_OUTCOME_NO_ANSWER);
  if (referral.state() == v1::REFERRAL_STATE_DECLINED) {
    line.set_outcome(v1::SITE_OUTCOME_DECLINED);
    *line.mutable_refusal() = referral.decline();
  } else if (referral.state() == v1::REFERRAL_STATE_ANSWERED) {
    const auto offer = FindSite(referral.offers(), site);
    const auto refusal = FindSite(referral.refusals(), site);
    if (offer != referral.offers().end()) {
      line.set_outcome(v1::SITE_OUTCOME_OFFERED);
      *line.mutable_offer() = *offer;
      const directory::SiteEntry* entry = directory.FindSite(site);
      if (entry != nullptr) {
        line.set_claim_worth(feasibility::ClaimWorth(static_cast<double>(offer->patients_claimed()),
                                                     entry->site, ratio));
      }
    } else if (refusal != referral.refusals().end()) {
      line.set_outcome(v1::SITE_OUTCOME_REFUSED);
      *line.mutable_refusal() = *refusal;
    }
  }
  return line;
}

// Every (referral, site) once: the sites asked in the order of the report, then those added.
std::vector<std::pair<const v1::Referral*, std::string>> LinesInOrder(
    const v1::FeasibilityReport& report, const std::vector<v1::Referral>& referrals) {
  std::map<std::string, std::vector<const v1::Referral*>> asked;
  for (const v1::Referral& referral : referrals) {
    for (const std::string& site : referral.sites()) asked[site].push_back(&referral);
  }
  std::vector<std::pair<const v1::Referral*, std::string>> lines;
  std::set<std::pair<std::string, std::string>> seen;
  const auto add = [&](const v1::Referral* referral, const std::string& site) {
    if (seen.emplace(referral->name(), site).second) lines.emplace_back(referral, site);
  };
  for (const v1::EligibleSite& eligible : report.eligible()) {
    for (const v1::Referral* referral : asked[eligible.site()]) add(referral, eligible.site());
  }
  for (const v1::Referral& referral : referrals) {
    for (const std::string& site : referral.sites()) add(&referral, site);
    for (const v1::Offer& offer : referral.offers()) add(&referral, offer.site());
  }
  return lines;
}

v1::CollatedDesk DeskLine(const v1::Referral& referral, const DirectorySnapshot& directory) {
  v1::CollatedDesk line;
  line.set_referral(referral.name());
  line.set_desk(referral.desk());
  const v1::Desk* desk = directory.FindDesk(referral.desk());
  line.set_display_name(desk == nullptr ? referral.desk() : desk->display_name());
  line.set_state(referral.state());
  if (referral.has_decline()) *line.mutable_decline() = referral.decline();
  line.set_outcome(referral.outcome());
  line.set_comment(referral.comment());
  return line;
}

bool IsUnanswered(v1::ReferralState state) {
  return state != v1::REFERRAL_STATE_ANSWERED && state != v1::REFERRAL_STATE_DECLINED &&
         state != v1::REFERRAL_STATE_WITHDRAWN;
}

bool RestsOnSample(const v1::TrialRequest& request, const std::vector<std::string>& sites,
                   const DirectorySnapshot& directory, absl::CivilDay today) {
  const feasibility::MatchQuery query = feasibility::PrepareQuery(request, directory, today);
  feasibility::SampleUse use;
  for (const std::string& site : sites) {
    const directory::SiteEntry* entry = directory.FindSite(site);
    if (entry != nullptr) use.Add(query, feasibility::ViewSite(query, *entry));
  }
  return use.any();
}

}  // namespace

v1::CollatedAnswer CollateAnswer(const v1::TrialRequest& request,
                                 const v1::FeasibilityReport& report,
                                 std::vector<v1::Referral> referrals,
                                 const DirectorySnapshot& directory, absl::CivilDay today) {
  std::sort(referrals.begin(), referrals.end(), [](const v1::Referral& a, const v1::Referral& b) {
    return std::pair(absl::string_view(a.desk()), absl::string_view(a.name())) <
           std::pair(absl::string_view(b.desk()), absl::string_view(b.name()));
  });
  v1::CollatedAnswer answer;
  const double ratio = feasibility::ActualToClaimed(directory);
  std::vector<std::string> offered;
  for (const auto& [referral, site] : LinesInOrder(report, referrals)) {
    v1::CollatedSite line = SiteLine(*referral, site, directory, ratio);
    if (line.outcome() == v1::SITE_OUTCOME_OFFERED) offered.push_back(site);
    *answer.add_sites() = std::move(line);
  }
  for (const v1::Referral& referral : referrals) {
    *answer.add_desks() = DeskLine(referral, directory);
    if (IsUnanswered(referral.state())) answer.set_provisional(true);
  }
  answer.set_rests_on_sample(RestsOnSample(request, offered, directory, today));
  *answer.mutable_forecast() =
      feasibility::ForecastOverSites(request, std::move(offered), directory, today);
  return answer;
}

void OrderLines(const v1::FeasibilityReport& report, v1::CollatedAnswer* answer) {
  std::map<std::string, int> rank;
  for (const v1::EligibleSite& site : report.eligible()) {
    rank.emplace(site.site(), static_cast<int>(rank.size()));
  }
  const auto rank_of = [&](const v1::CollatedSite& line) {
    const auto found = rank.find(line.site());
    return found == rank.end() ? static_cast<int>(rank.size()) : found->second;
  };
  std::stable_sort(answer->mutable_sites()->begin(), answer->mutable_sites()->end(),
                   [&](const auto& a, const auto& b) { return rank_of(a) < rank_of(b); });
}

std::vector<OfferedSite> OffersOf(const v1::CollatedAnswer& answer) {
  std::vector<OfferedSite> offers;
  for (const v1::CollatedSite& line : answer.sites()) {
    if (line.outcome() == v1::SITE_OUTCOME_OFFERED)
      offers.push_back({line.site(), line.referral()});
  }
  return offers;
}

}  // namespace trialgate::intake
