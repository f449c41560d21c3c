#include "services/feasibility/index/index_query.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/civil_date.h"
#include "services/feasibility/index/block_numbers.h"
#include "services/feasibility/lever_changes.h"

namespace trialgate::feasibility {
namespace {

constexpr absl::CivilDay kEpoch(1970, 1, 1);
// Beyond this range of start-up days there are no tables by days.
constexpr int kMostDaysApart = 1 << 14;

std::vector<std::int32_t> TermsOf(const Terms& terms, const std::vector<std::string>& texts) {
  std::vector<std::int32_t> found;
  found.reserve(texts.size());
  for (const std::string& text : texts) found.push_back(terms.Find(text));
  return found;
}

// Fills a query.
class Preparer {
 public:
  Preparer(MatchQuery query, const directory::DirectorySnapshot& directory,
           const v1::TrialRequest& request, const SiteIndex& index)
      : directory_(directory), request_(request), index_(index) {
    made_.query = std::move(query);
    regions_change_ = RegionsEverChange();
  }

  std::optional<IndexQuery> Prepare();

 private:
  std::int32_t RegionNumber(const std::string& name);
  Timing TimingFrom(absl::CivilDay earliest, std::optional<absl::CivilDay> latest);
  void PlaceRegions(Timing* timing);
  bool RegionsEverChange() const;
  void FillMonths(absl::CivilDay end, Timing* timing) const;
  void FillOpenMonths(absl::CivilDay window_end, Timing* timing) const;
  void PrepareTerms();
  void PrepareContacted();

  const directory::DirectorySnapshot& directory_;
  const v1::TrialRequest& request_;
  const SiteIndex& index_;
  absl::flat_hash_map<std::string, std::int32_t> region_numbers_;
  bool regions_change_ = false;
  IndexQuery made_;
};

std::int32_t Preparer::RegionNumber(const std::string& name) {
  const auto [at, inserted] =
      region_numbers_.try_emplace(name, static_cast<std::int32_t>(made_.regions_on_day.size()));
  if (inserted) made_.regions_on_day.push_back(name);
  return at->second;
}

bool Preparer::RegionsEverChange() const {
  const auto& regions = directory_.regions();
  return std::any_of(regions.begin(), regions.end(), [](const auto& named) {
    return !named.second->valid_from().empty() || !named.second->valid_to().empty();
  });
}

void Preparer::PlaceRegions(Timing* timing) {
  std::vector<std::string> wanted;
  for (const std::string& region : request_.regions_wanted()) {
    auto on_day = directory_.RegionOn(region, timing->earliest);
    if (on_day.has_value()) wanted.push_back(*std::move(on_day));
  }
  timing->all_valid = true;
  const Terms& regions = index_.vocabulary().regions;
  for (std::size_t term = 0; term < regions.size(); ++term) {
    const auto on_day =
        directory_.RegionOn(regions.text(static_cast<std::int32_t>(term)), timing->earliest);
    timing->region_on_day.push_back(on_day.has_value() ? RegionNumber(*on_day) : Timing::kNoRegion);
    timing->all_valid = timing->all_valid && on_day.has_value();
    timing->wanted.push_back(on_day.has_value() &&
                             std::find(wanted.begin(), wanted.end(), *on_day) != wanted.end());
  }
}

// Those of RecruitmentWindow (window.h).
void Preparer::FillMonths(absl::CivilDay end, Timing* timing) const {
  if (end <= timing->earliest) return;
  const absl::CivilMonth first(timing->earliest);
  const absl::CivilMonth last(end - 1);
  for (absl::CivilMonth month = first; month <= last; ++month) {
    timing->months.push_back(MonthNumber(month.year(), month.month()));
  }
}

void Preparer::FillOpenMonths(absl::CivilDay window_end, Timing* timing) const {
  const std::int64_t end = window_end - made_.query.today;
  const std::int64_t first = timing->earliest - made_.query.today;
  const double prior = made_.query.prior_alpha / made_.query.prior_beta;
  const std::size_t count = static_cast<std::size_t>(made_.most_days - made_.least_days) + 1;
  timing->open_months.reserve(count);
  timing->prior_nano.reserve(count);
  for (int days = made_.least_days; days <= made_.most_days; ++days) {
    timing->open_months.push_back(OpenMonthsOf(end - std::max<std::int64_t>(first, days)));
    timing->prior_nano.push_back(SmallNanoPatients(prior * timing->open_months.back()));
    timing->prior_countable = timing->prior_countable && timing->prior_nano.back() >= 0;
  }
}

Timing Preparer::TimingFrom(absl::CivilDay earliest, std::optional<absl::CivilDay> latest) {
  Timing timing;
  timing.earliest = earliest;
  timing.earliest_day = earliest - kEpoch;
  if (latest.has_value()) timing.most_start_up = *latest - made_.query.today;
  const absl::CivilDay end = AddMonths(earliest, std::max(request_.recruitment_months(), 0));
  FillMonths(end, &timing);
  FillOpenMonths(end, &timing);
  if (made_.timings.empty() || regions_change_) {
    PlaceRegions(&timing);
  } else {
    timing.region_on_day = made_.now().region_on_day;
    timing.wanted = made_.now().wanted;
    timing.all_valid = made_.now().all_valid;
    timing.same_regions = true;
  }
  return timing;
}

void Preparer::PrepareTerms() {
  const Vocabulary& vocabulary = index_.vocabulary();
  const MatchQuery& query = made_.query;
  made_.specialities = TermsOf(vocabulary.specialities, query.specialities);
  made_.required = TermsOf(vocabulary.capabilities, query.required_capabilities);
  made_.preferred = TermsOf(vocabulary.capabilities, query.preferred_capabilities);
  made_.counts_history.assign(vocabulary.specialities.size(), query.specialities.empty() ? 1 : 0);
  for (const std::int32_t term : made_.specialities) {
    if (term != Terms::kUnknown) made_.counts_history[static_cast<std::size_t>(term)] = 1;
  }
  for (const std::string& name : made_.regions_on_day) {
    made_.preferred_region.push_back(
        std::binary_search(query.regions_preferred.begin(), query.regions_preferred.end(), name));
  }
}

void Preparer::PrepareContacted() {
  for (const std::string& name : made_.query.already_contacted) {
    if (const auto place = index_.Find(name); place.has_value()) made_.contacted.push_back(*place);
  }
  std::sort(made_.contacted.begin(), made_.contacted.end(),
            [](const auto& a, const auto& b) { return a.block < b.block; });
}

std::optional<IndexQuery> Preparer::Prepare() {
  const MatchQuery& query = made_.query;
  made_.least_days = std::min(index_.least_start_up_days(), query.default_start_up_days);
  made_.most_days = std::max(index_.most_start_up_days(), query.default_start_up_days);
  if (std::int64_t{made_.most_days} - made_.least_days > kMostDaysApart) return std::nullopt;
  made_.timings.push_back(TimingFrom(query.earliest, query.latest));
  for (int months = 1; months <= kMonthsLaterTried; ++months) {
    const absl::CivilDay earliest = AddMonths(query.earliest, months);
    std::optional<absl::CivilDay> latest = query.latest;
    if (latest.has_value()) latest = std::max(*latest, earliest);
    made_.timings.push_back(TimingFrom(earliest, latest));
  }
  PrepareTerms();
  PrepareContacted();
  return std::move(made_);
}

}  // namespace

std::optional<IndexQuery> PrepareIndexQuery(MatchQuery query,
                                            const directory::DirectorySnapshot& directory,
                                            const v1::TrialRequest& request,
                                            const SiteIndex& index) {
  return Preparer(std::move(query), directory, request, index).Prepare();
}

}  // namespace trialgate::feasibility
