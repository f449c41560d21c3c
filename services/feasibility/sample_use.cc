#include "services/feasibility/sample_use.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace trialgate::feasibility {
namespace {

bool IsSample(const v1::Source& source) { return source.kind() == v1::SOURCE_KIND_SAMPLE; }

bool HasSamplePhase(const MatchQuery& query, const v1::Site& site) {
  return std::any_of(site.phases().begin(), site.phases().end(), [&](const auto& run) {
    return IsSample(run.source()) &&
           std::find(query.phases.begin(), query.phases.end(), run.phase()) != query.phases.end();
  });
}

bool HasSampleHistory(const v1::Site& site) {
  return std::any_of(site.history().begin(), site.history().end(),
                     [](const auto& row) { return IsSample(row.source()); });
}

constexpr const char* kNames[] = {"Profiles", "Trials by phase", "Start-up days",
                                  "Recruitment histories", "Slots and their use"};

}  // namespace

bool SampleUse::Add(const MatchQuery& query, const SiteView& view) {
  const v1::Site& site = *view.site;
  const std::array<bool, kKinds> sample = {
      IsSample(site.source()), HasSamplePhase(query, site), IsSample(site.start_up().source()),
      HasSampleHistory(site), IsSample(view.capacity->source())};
  bool any = false;
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (!sample[i]) continue;
    ++sites_[i];
    any = true;
  }
  ++added_;
  any_ = any_ || any;
  return any;
}

void SampleUse::AddCounted(int sites, const std::array<int, kKinds>& invented) {
  added_ += sites;
  for (std::size_t i = 0; i < kKinds; ++i) {
    sites_[i] += invented[i];
    any_ = any_ || invented[i] > 0;
  }
}

std::vector<std::string> SampleUse::Caveats() const {
  std::vector<std::string> caveats;
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (sites_[i] == 0) continue;
    caveats.push_back(absl::StrCat(kNames[i], " of ", sites_[i], " of the ", added_,
                                   " sites reported are invented (SAMPLE): do not rely on what "
                                   "rests on them."));
  }
  return caveats;
}

}  // namespace trialgate::feasibility
