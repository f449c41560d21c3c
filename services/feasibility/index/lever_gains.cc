#include "services/feasibility/index/lever_gains.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/civil_date.h"
#include "services/feasibility/lever_changes.h"

namespace trialgate::feasibility {

static_assert(kMonthsLaterTried == 3, "BlockOutcome::later holds as many");

LeverGains::LeverGains(const IndexQuery& query)
    : query_(query),
      capabilities_(query.required.size()),
      age_groups_(query.query.age_groups.size()),
      phases_(query.query.phases.size()),
      regions_(query.regions_on_day.size()),
      late_(static_cast<std::size_t>(query.most_days - query.least_days) + 1) {}

void LeverGains::Add(const Bits& sites, const BlockNumbers& numbers, Gain* gain) {
  gain->gained += sites.Count();
  gain->patients += SumOf(sites, numbers);
}

void LeverGains::AddLackingOne(const std::vector<Bits>& lacking, const Bits& sites,
                               const BlockNumbers& numbers, std::vector<Gain>* gains) {
  OnesAndTwos lacks;
  for (const Bits& bits : lacking) lacks.Add(bits);
  const Bits lacks_one = lacks.ExactlyOne() & sites;
  if (!lacks_one.Any()) return;
  for (std::size_t i = 0; i < lacking.size(); ++i) {
    Add(lacks_one & lacking[i], numbers, &(*gains)[i]);
  }
}

void LeverGains::AddNearMisses(const SiteBlock& block, const BlockOutcome& outcome,
                               const BlockNumbers& numbers) {
  const auto misses = [&](v1::Criterion criterion) {
    return outcome.near_miss & outcome.failed[criterion];
  };
  std::vector<Bits> lacking;
  if (const Bits sites = misses(v1::CRITERION_CAPABILITY); sites.Any()) {
    for (const std::int32_t term : query_.required) {
      lacking.push_back(sites.AndNot(block.capabilities.Of(term)));
    }
    AddLackingOne(lacking, sites, numbers, &capabilities_);
  }
  if (const Bits sites = misses(v1::CRITERION_AGE); sites.Any()) {
    lacking.clear();
    for (const v1::AgeGroup group : query_.query.age_groups) {
      lacking.push_back(sites.AndNot(block.age_groups.Of(group)));
    }
    AddLackingOne(lacking, sites, numbers, &age_groups_);
  }
  const Bits phase = misses(v1::CRITERION_PHASE);
  for (std::size_t i = 0; phase.Any() && i < phases_.size(); ++i) {
    Add(phase & block.phases.Of(query_.query.phases[i]), numbers, &phases_[i]);
  }
  if (const Bits sites = misses(v1::CRITERION_SPECIALITY); sites.Any()) {
    Add(sites & HasAnySpeciality(query_, block), numbers, &any_speciality_);
  }
  misses(v1::CRITERION_REGION).ForEach([&](int site) {
    const auto at = static_cast<std::size_t>(site);
    const std::int32_t region =
        query_.now().region_on_day[static_cast<std::size_t>(block.region[at])];
    Gain& gain = regions_[static_cast<std::size_t>(region)];
    ++gain.gained;
    gain.patients += numbers.nano[at];
  });
  misses(v1::CRITERION_START_UP).ForEach([&](int site) {
    const auto at = static_cast<std::size_t>(site);
    Gain& gain = late_[static_cast<std::size_t>(numbers.day[at])];
    ++gain.gained;
    gain.patients += numbers.nano[at];
  });
}

bool LeverGains::AddLaterStarts(const BlockOutcome& outcome, const BlockNumbers& numbers) {
  for (std::size_t i = 0; i < later_starts_.size(); ++i) {
    const Bits& later = outcome.later[i];
    Gain& gain = later_starts_[i];
    gain.gained += later.AndNot(outcome.eligible).Count();
    gain.lost += outcome.eligible.AndNot(later).Count();
    const Timing& timing = query_.timings[i + 1];
    const auto day = [&](int site) {
      return static_cast<std::size_t>(numbers.day[static_cast<std::size_t>(site)]);
    };
    std::int64_t least = 0;
    std::int64_t patients = 0;
    (later & numbers.own_rate).ForEach([&](int site) {
      const std::int64_t nano = SmallNanoPatients(numbers.mean[static_cast<std::size_t>(site)] *
                                                  timing.open_months[day(site)]);
      least = std::min(least, nano);
      patients += nano;
    });
    later.AndNot(numbers.own_rate).ForEach([&](int site) {
      patients += timing.prior_nano[day(site)];
    });
    if (least < 0 || !timing.prior_countable) return false;
    gain.patients += patients;
  }
  return true;
}

void LeverGains::Take(v1::LeverKind kind, const std::string& value, const Gain& gain,
                      std::vector<NetGain>* gains) const {
  if (gain.gained == 0 && gain.patients <= 0) return;
  NetGain net;
  net.lever.set_kind(kind);
  net.lever.set_value(value);
  net.lever.set_sites_gained(gain.gained);
  net.lever.set_sites_lost(gain.lost);
  net.patients = gain.patients;
  gains->push_back(std::move(net));
}

// A date brings every site that is ready by then.
void LeverGains::TakeLatestDates(std::vector<NetGain>* gains) const {
  Gain sum;
  std::size_t dates = 0;
  for (std::size_t day = 0; day < late_.size() && dates < kLatestDatesTried; ++day) {
    if (late_[day].gained == 0) continue;
    sum.gained += late_[day].gained;
    sum.patients += late_[day].patients;
    const std::int64_t days = query_.least_days + static_cast<std::int64_t>(day);
    Take(v1::LEVER_KIND_LATER_LATEST_FIRST_PATIENT_IN, FormatDate(query_.query.today + days), sum,
         gains);
    ++dates;
  }
}

std::vector<NetGain> LeverGains::Take(NanoPatients eligible) const {
  std::vector<NetGain> gains;
  const MatchQuery& query = query_.query;
  for (std::size_t i = 0; i < capabilities_.size(); ++i) {
    Take(v1::LEVER_KIND_DROP_CAPABILITY, query.required_capabilities[i], capabilities_[i], &gains);
  }
  for (std::size_t i = 0; i < age_groups_.size(); ++i) {
    const std::string name(absl::StripPrefix(v1::AgeGroup_Name(query.age_groups[i]), "AGE_GROUP_"));
    Take(v1::LEVER_KIND_DROP_AGE_GROUP, name, age_groups_[i], &gains);
  }
  if (query.all_specialities && query.specialities.size() >= 2) {
    Take(v1::LEVER_KIND_ANY_SPECIALITY, "", any_speciality_, &gains);
  }
  for (std::size_t i = 0; phases_.size() >= 2 && i < phases_.size(); ++i) {
    const std::string name(absl::StripPrefix(v1::Phase_Name(query.phases[i]), "PHASE_"));
    Take(v1::LEVER_KIND_NARROW_PHASE, name, phases_[i], &gains);
  }
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    Take(v1::LEVER_KIND_ADD_REGION, query_.regions_on_day[i], regions_[i], &gains);
  }
  TakeLatestDates(&gains);
  for (std::size_t i = 0; i < later_starts_.size(); ++i) {
    Gain net = later_starts_[i];
    net.patients -= eligible;
    Take(v1::LEVER_KIND_LATER_START, absl::StrCat(i + 1), net, &gains);
  }
  return gains;
}

}  // namespace trialgate::feasibility
