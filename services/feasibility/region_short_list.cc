#include "services/feasibility/region_short_list.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace trialgate::feasibility {
namespace {

bool ComesFirst(const ShortListedRegion& a, const ShortListedRegion& b) {
  if (a.rank != b.rank) return a.rank > b.rank;
  if (a.sites != b.sites) return a.sites > b.sites;
  return a.region < b.region;
}

template <typename Sites>
std::map<std::string, ShortListedRegion> ByRegion(
    const Sites& sites, absl::FunctionRef<std::int64_t(const std::string& site)> trials) {
  std::map<std::string, ShortListedRegion> by_region;
  for (const auto& site : sites) {
    ShortListedRegion& region = by_region[site.region()];
    region.region = site.region();
    ++region.sites;
    region.trials += trials(site.site());
  }
  return by_region;
}

}  // namespace

std::vector<ShortListedRegion> ShortListRegions(
    const v1::FeasibilityReport& report, const directory::DirectorySnapshot& directory,
    absl::CivilDay day, absl::FunctionRef<std::int64_t(const std::string& site)> trials, int most) {
  std::map<std::string, ShortListedRegion> by_region = report.eligible().empty()
                                                           ? ByRegion(report.near_misses(), trials)
                                                           : ByRegion(report.eligible(), trials);
  std::map<std::string, int> sites;
  for (const auto& entry : directory.sites()) {
    const std::optional<std::string> name = directory.RegionOn(entry->site.region(), day);
    if (!name.has_value()) continue;
    const auto region = by_region.find(*name);
    if (region == by_region.end()) continue;
    ++sites[*name];
    region->second.all_trials += trials(entry->site.name());
  }
  double their_trials = 1;
  double all_trials = kAssumedTrials;
  for (const auto& [name, region] : by_region) {
    their_trials += static_cast<double>(region.trials);
    all_trials += static_cast<double>(region.all_trials);
  }
  std::vector<ShortListedRegion> listed;
  for (auto& [name, region] : by_region) {
    const double of_sites = static_cast<double>(region.sites) / std::max(1, sites[name]);
    const double share = (of_sites + their_trials / all_trials) / 2;
    const auto all = static_cast<double>(region.all_trials);
    region.focus =
        (static_cast<double>(region.trials) + kAssumedTrials * share) / (all + kAssumedTrials);
    region.rank = region.focus * std::pow(all + 1, kSizeExponent);
    listed.push_back(std::move(region));
  }
  std::sort(listed.begin(), listed.end(), ComesFirst);
  if (static_cast<int>(listed.size()) > most) listed.resize(std::max(0, most));
  return listed;
}

}  // namespace trialgate::feasibility
