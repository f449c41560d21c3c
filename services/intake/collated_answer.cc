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

const std::vector<v1::ReferralSite>& LinesOf(const v1::Referral& referral, const WorkLines& lines) {
  static const auto* const kNone = new std::vector<v1::ReferralSite>();
  const auto found = lines.find(referral.name());
  return found == lines.end() ? *kNone : found->second;
}

// What a desk noted of a site before it answered: the offer or the reason, and nothing else of the
// line.
void AddProvisional(const std::string& site, const std::vector<v1::ReferralSite>& lines,
                    v1::CollatedSite* collated) {
  const auto line = FindSite(lines, site);
  if (line == lines.end() || !(line->has_offer() || line->has_refusal())) return;
  collated->set_provisional(true);
  if (line->has_offer()) {
    collated->set_outcome(v1::SITE_OUTCOME_OFFERED);
    *collated->mutable_offer() = line->offer();
    if (!line->asked_about() && line->offer().comment().empty()) {
      collated->mutable_offer()->set_comment(line->added_reason());
    }
  } else {
    collated->set_outcome(v1::SITE_OUTCOME_REFUSED);
    *collated->mutable_refusal() = line->refusal();
  }
}

v1::CollatedSite SiteLine(const v1::Referral& referral, const std::string& site,
                          const std::vector<v1::ReferralSite>& lines,
                          const DirectorySnapshot& directory, double ratio) {
  v1::CollatedSite line;
  line.set_site(site);
  line.set_display_name(DisplayName(directory, site));
  line.set_referral(referral.name());
  line.set_outcome(v1::SITE_OUTCOME_NO_ANSWER);
  if (referral.state() == v1::REFERRAL_STATE_DECLINED) {
    line.set_outcome(v1::SITE_OUTCOME_DECLINED);
    *line.mutable_refusal() = referral.decline();
  } else if (IsUnanswered(referral.state())) {
    AddProvisional(site, lines, &line);
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
    const v1::FeasibilityReport& report, const std::vector<v1::Referral>& referrals,
    const WorkLines& work) {
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
    if (!IsUnanswered(referral.state())) continue;
    for (const v1::ReferralSite& line : LinesOf(referral, work)) {
      if (line.has_offer()) add(&referral, line.site());
    }
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
  line.set_outcome_conditions(referral.outcome_conditions());
  line.set_outcome_valid_to(referral.outcome_valid_to());
  line.set_waiting_for(referral.waiting_for());
  line.set_waiting_authority(referral.waiting_authority());
  if (referral.has_waiting_since_time()) {
    *line.mutable_waiting_since_time() = referral.waiting_since_time();
  }
  return line;
}

// The answers of a referral: its own, or those noted so far.
std::vector<v1::QuestionAnswer> AnswersOf(const v1::Referral& referral, const WorkLines& lines) {
  if (!IsUnanswered(referral.state())) {
    return {referral.question_answers().begin(), referral.question_answers().end()};
  }
  std::vector<v1::QuestionAnswer> answers;
  for (const v1::ReferralSite& line : LinesOf(referral, lines)) {
    answers.insert(answers.end(), line.question_answers().begin(), line.question_answers().end());
  }
  return answers;
}

// Each question of the request with the answers, in the order of `sites`; of desks in theirs.
void AddQuestions(const v1::TrialRequest& request, const std::vector<v1::Referral>& referrals,
                  const WorkLines& lines, const DirectorySnapshot& directory,
                  v1::CollatedAnswer* answer) {
  // By question, then by the place of the site; those of desks, which have none, come in order.
  std::map<std::string, std::multimap<std::size_t, v1::CollatedQuestionAnswer>> found;
  std::map<std::pair<std::string, std::string>, std::size_t> place;
  for (const v1::CollatedSite& line : answer->sites()) {
    place.emplace(std::pair(line.referral(), line.site()), place.size() + 1);
  }
  for (const v1::Referral& referral : referrals) {
    for (const v1::QuestionAnswer& said : AnswersOf(referral, lines)) {
      v1::CollatedQuestionAnswer line;
      line.set_referral(referral.name());
      line.set_desk(referral.desk());
      const v1::Desk* const desk = directory.FindDesk(referral.desk());
      const std::string desk_name = desk == nullptr ? referral.desk() : desk->display_name();
      line.set_display_name(said.site().empty() ? desk_name : DisplayName(directory, said.site()));
      *line.mutable_answer() = said;
      line.set_provisional(IsUnanswered(referral.state()));
      const auto at = place.find({referral.name(), said.site()});
      const std::size_t rank = at == place.end() ? place.size() + 1 : at->second;
      found[said.question()].emplace(said.site().empty() ? 0 : rank, std::move(line));
    }
  }
  for (const v1::Question& question : request.questions()) {
    v1::CollatedQuestion* const collated = answer->add_questions();
    *collated->mutable_question() = question;
    for (auto& [rank, line] : found[question.id()]) *collated->add_answers() = std::move(line);
  }
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

bool IsUnanswered(v1::ReferralState state) {
  return state != v1::REFERRAL_STATE_ANSWERED && state != v1::REFERRAL_STATE_DECLINED &&
         state != v1::REFERRAL_STATE_WITHDRAWN;
}

v1::CollatedAnswer CollateAnswer(const v1::TrialRequest& request,
                                 const v1::FeasibilityReport& report,
                                 std::vector<v1::Referral> referrals, const WorkLines& lines,
                                 const DirectorySnapshot& directory, absl::CivilDay today) {
  std::sort(referrals.begin(), referrals.end(), [](const v1::Referral& a, const v1::Referral& b) {
    return std::pair(absl::string_view(a.desk()), absl::string_view(a.name())) <
           std::pair(absl::string_view(b.desk()), absl::string_view(b.name()));
  });
  v1::CollatedAnswer answer;
  const double ratio = feasibility::ActualToClaimed(directory);
  std::vector<std::string> offered;
  for (const auto& [referral, site] : LinesInOrder(report, referrals, lines)) {
    v1::CollatedSite line = SiteLine(*referral, site, LinesOf(*referral, lines), directory, ratio);
    if (line.outcome() == v1::SITE_OUTCOME_OFFERED && !line.provisional()) offered.push_back(site);
    *answer.add_sites() = std::move(line);
  }
  for (const v1::Referral& referral : referrals) {
    *answer.add_desks() = DeskLine(referral, directory);
    if (IsUnanswered(referral.state())) answer.set_provisional(true);
  }
  AddQuestions(request, referrals, lines, directory, &answer);
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
    if (line.outcome() == v1::SITE_OUTCOME_OFFERED && !line.provisional()) {
      offers.push_back({line.site(), line.referral()});
    }
  }
  return offers;
}

}  // namespace trialgate::intake
