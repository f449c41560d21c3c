#include "services/feasibility/index/site_block.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "common/base/civil_date.h"
#include "services/directory/month.h"
#include "services/feasibility/score.h"

namespace trialgate::feasibility {
namespace {

using directory::SiteEntry;

constexpr absl::CivilDay kEpoch(1970, 1, 1);

bool IsSample(const v1::Source& source) { return source.kind() == v1::SOURCE_KIND_SAMPLE; }

std::optional<std::int32_t> DayNumber(const std::string& text) {
  const auto day = ParseDate(text);
  if (!day.ok()) return std::nullopt;
  return static_cast<std::int32_t>(*day - kEpoch);
}

// Of four digits, '-', two digits.
std::optional<std::int32_t> MonthOf(const std::string& text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  int digits[7] = {};
  for (const std::size_t i : {0, 1, 2, 3, 5, 6}) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
    digits[i] = text[i] - '0';
  }
  const int month = digits[5] * 10 + digits[6];
  if (month < 1 || month > 12) return std::nullopt;
  return MonthNumber(digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3], month);
}

std::uint8_t Clipped(std::int64_t free) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(free, 0, FreeSlots::kMany));
}

struct MonthUse {
  int site;
  std::int32_t month;
  std::int64_t slots;
};

// What the site uses, a month perhaps more than once.
void AddUses(int site, const v1::SiteCapacity& capacity, std::vector<MonthUse>* uses) {
  for (const v1::MonthUse& use : capacity.months()) {
    if (const auto month = MonthOf(use.month()); month.has_value()) {
      uses->push_back({site, *month, use.occupied_declared()});
    }
  }
  for (const v1::CapacityHold& hold : capacity.holds()) {
    const auto first = directory::ParseMonth(hold.first_month());
    if (!first.ok()) continue;
    for (int i = 0; i < hold.months(); ++i) {
      uses->push_back({site, MonthNumber(first->year(), first->month()) + i, 1});
    }
  }
}

// The months of the uses, ascending, each once.
std::vector<std::int32_t> MonthsOf(const std::vector<MonthUse>& uses) {
  std::set<std::int32_t> months;
  auto last = months.end();
  for (const MonthUse& use : uses) {
    // Months mostly come in the order of the record before.
    if (last != months.end() && *last == use.month) continue;
    last = months.insert(last == months.end() ? last : std::next(last), use.month);
  }
  return {months.begin(), months.end()};
}

// Fills the columns of a block, group by group.
class Builder {
 public:
  Builder(std::shared_ptr<const directory::SiteList::Chunk> sites, Vocabulary* vocabulary)
      : vocabulary_(vocabulary), block_(std::make_shared<SiteBlock>()) {
    block_->size = static_cast<int>(sites->size());
    block_->all = Bits::First(block_->size);
    block_->sites = std::move(sites);
  }

  std::shared_ptr<const SiteBlock> Build();

 private:
  const v1::Site& Site(int site) const {
    return (*block_->sites)[static_cast<std::size_t>(site)]->site;
  }
  const v1::SiteCapacity& Capacity(int site) const {
    return (*block_->sites)[static_cast<std::size_t>(site)]->capacity;
  }

  void AddProfiles();
  void AddTrials();
  void AddValidity();
  void AddStartUp();
  void AddCapacity();
  void AddHistories();
  void AddHistory(int place);
  void AddSamples();

  Vocabulary* const vocabulary_;
  const std::shared_ptr<SiteBlock> block_;
};

void Builder::AddProfiles() {
  SiteBlock& block = *block_;
  for (int i = 0; i < block.size; ++i) {
    const v1::Site& site = Site(i);
    for (const int kind : site.kinds()) block.kinds.Add(kind, i);
    for (const int group : site.age_groups()) block.age_groups.Add(group, i);
    for (const std::string& id : site.specialities()) {
      block.specialities.Add(vocabulary_->specialities.Add(id), i);
    }
    for (const std::string& id : site.capabilities()) {
      block.capabilities.Add(vocabulary_->capabilities.Add(id), i);
    }
    block.region.push_back(vocabulary_->regions.Add(site.region()));
    block.regions.Add(block.region.back(), i);
    for (const v1::PhaseExperience& run : site.phases()) block.phases.Add(run.phase(), i);
    block.reviewed.push_back(DayNumber(site.review().date()).value_or(SiteBlock::kNeverReviewed));
  }
  for (ValueSets* sets : {&block.kinds, &block.age_groups, &block.specialities, &block.capabilities,
                          &block.regions, &block.phases}) {
    sets->Seal();
  }
}

void Builder::AddTrials() {
  SiteBlock& block = *block_;
  block.trials.assign(block.phases.values().size(),
                      std::vector<std::uint8_t>(static_cast<std::size_t>(block.size)));
  for (int i = 0; i < block.size; ++i) {
    for (const v1::PhaseExperience& run : Site(i).phases()) {
      const auto& values = block.phases.values();
      const auto row = std::lower_bound(values.begin(), values.end(), run.phase());
      std::uint8_t& trials =
          block.trials[static_cast<std::size_t>(row - values.begin())][static_cast<std::size_t>(i)];
      const int counted = std::clamp(run.trials_five_years(), 0, kTrialsForFullExperience);
      trials = std::max(trials, static_cast<std::uint8_t>(counted));
    }
  }
}

void Builder::AddValidity() {
  SiteBlock& block = *block_;
  std::vector<std::int32_t> from;
  std::vector<std::int32_t> to;
  for (int i = 0; i < block.size; ++i) {
    const v1::Site& site = Site(i);
    const auto first = DayNumber(site.valid_from());
    const auto last = DayNumber(site.valid_to());
    if ((!first.has_value() && !site.valid_from().empty()) ||
        (!last.has_value() && !site.valid_to().empty())) {
      block.odd_validity.push_back(i);
    }
    from.push_back(first.value_or(0));
    to.push_back(last.value_or(0));
    if (first.has_value()) block.has_valid_from.Set(i);
    if (last.has_value()) block.has_valid_to.Set(i);
  }
  if (block.has_valid_from.Any()) block.valid_from = SlicedNumbers(from);
  if (block.has_valid_to.Any()) block.valid_to = SlicedNumbers(to);
}

void Builder::AddStartUp() {
  SiteBlock& block = *block_;
  for (int i = 0; i < block.size; ++i) {
    const v1::Site& site = Site(i);
    if (site.has_start_up()) block.declares_start_up.Set(i);
    block.start_up_days.push_back(site.has_start_up() ? site.start_up().median_days() : 0);
  }
  for (const std::int32_t days : block.start_up_days) {
    block.least_start_up_days = std::min(block.least_start_up_days, days);
    block.most_start_up_days = std::max(block.most_start_up_days, days);
  }
  block.start_up = SlicedNumbers(block.start_up_days);
}

void Builder::AddCapacity() {
  SiteBlock& block = *block_;
  const auto size = static_cast<std::size_t>(block.size);
  std::vector<MonthUse> uses;
  for (int i = 0; i < block.size; ++i) {
    block.slots.push_back(Capacity(i).slots());
    if (block.slots.back() >= 1) block.free.any_slot.Set(i);
    AddUses(i, Capacity(i), &uses);
  }
  const std::vector<std::int32_t> months = MonthsOf(uses);
  std::vector<std::int64_t> used(months.size() * size);
  std::size_t month = 0;
  for (const MonthUse& use : uses) {
    // A record's months mostly follow each other.
    if (++month >= months.size() || months[month] != use.month) {
      month = static_cast<std::size_t>(std::lower_bound(months.begin(), months.end(), use.month) -
                                       months.begin());
    }
    used[month * size + static_cast<std::size_t>(use.site)] += use.slots;
  }
  for (month = 0; month < months.size(); ++month) {
    std::vector<std::uint8_t> column(size);
    Bits any;
    for (std::size_t i = 0; i < size; ++i) {
      const std::int64_t free = std::int64_t{block.slots[i]} - used[month * size + i];
      column[i] = Clipped(free);
      if (free >= 1) any.Set(static_cast<int>(i));
    }
    block.free.months.AddSet(months[month], any);
    block.free.count.push_back(std::move(column));
  }
  block.free.months.Seal();
}

void Builder::AddHistory(int place) {
  const v1::Site& site = Site(place);
  Histories& histories = block_->histories;
  histories.first_row.push_back(static_cast<std::uint32_t>(histories.speciality.size()));
  std::vector<const v1::RecruitmentHistory*> rows;
  for (const v1::RecruitmentHistory& row : site.history()) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(),
            [](const auto* a, const auto* b) { return a->site_months() < b->site_months(); });
  std::int64_t actual = 0;
  std::int64_t claimed = 0;
  double months = 0;
  for (const v1::RecruitmentHistory* row : rows) {
    histories.speciality.push_back(vocabulary_->specialities.Add(row->speciality()));
    histories.specialities.Add(histories.speciality.back(), place);
    histories.actual.push_back(row->actual());
    histories.site_months.push_back(row->site_months());
    actual += row->actual();
    claimed += row->claimed();
    months += row->site_months();
  }
  histories.actual_sum.push_back(static_cast<double>(actual));
  histories.site_months_sum.push_back(months);
  histories.track_record.push_back(TrackRecordOf(actual, claimed));
}

void Builder::AddHistories() {
  for (int i = 0; i < block_->size; ++i) AddHistory(i);
  Histories& histories = block_->histories;
  histories.first_row.push_back(static_cast<std::uint32_t>(histories.speciality.size()));
  histories.specialities.Seal();
  histories.speciality.shrink_to_fit();
  histories.actual.shrink_to_fit();
  histories.site_months.shrink_to_fit();
}

void Builder::AddSamples() {
  SiteBlock& block = *block_;
  for (int i = 0; i < block.size; ++i) {
    const v1::Site& site = Site(i);
    if (IsSample(site.source())) block.sample_profile.Set(i);
    if (IsSample(site.start_up().source())) block.sample_start_up.Set(i);
    if (IsSample(Capacity(i).source())) block.sample_capacity.Set(i);
    for (const v1::PhaseExperience& run : site.phases()) {
      if (IsSample(run.source())) block.sample_phases.Add(run.phase(), i);
    }
    for (const v1::RecruitmentHistory& row : site.history()) {
      if (IsSample(row.source())) block.sample_history.Set(i);
    }
  }
  block.sample_phases.Seal();
}

std::shared_ptr<const SiteBlock> Builder::Build() {
  AddProfiles();
  AddTrials();
  AddValidity();
  AddStartUp();
  AddCapacity();
  AddHistories();
  AddSamples();
  return block_;
}

template <typename Value>
std::size_t BytesOf(const std::vector<Value>& values) {
  return values.capacity() * sizeof(Value);
}

}  // namespace

std::int32_t Terms::Add(absl::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const auto term = static_cast<std::int32_t>(texts_.size());
  texts_.emplace_back(text);
  numbers_.emplace(text, term);
  return term;
}

std::int32_t Terms::Find(absl::string_view text) const {
  const auto found = numbers_.find(text);
  return found == numbers_.end() ? kUnknown : found->second;
}

std::size_t Terms::MemoryBytes() const {
  std::size_t bytes = BytesOf(texts_) + numbers_.capacity() * (sizeof(std::string) + 8);
  for (const std::string& text : texts_) bytes += 2 * text.size();
  return bytes;
}

std::size_t SiteBlock::MemoryBytes() const {
  std::size_t bytes = sizeof(SiteBlock);
  for (const ValueSets* sets : {&kinds, &phases, &specialities, &age_groups, &capabilities,
                                &regions, &free.months, &sample_phases, &histories.specialities}) {
    bytes += sets->MemoryBytes();
  }
  for (const SlicedNumbers* numbers : {&valid_from, &valid_to, &start_up}) {
    bytes += numbers->MemoryBytes();
  }
  for (const auto& column : free.count) bytes += BytesOf(column);
  for (const auto& column : trials) bytes += BytesOf(column);
  bytes += BytesOf(region) + BytesOf(start_up_days) + BytesOf(slots) + BytesOf(reviewed) +
           BytesOf(odd_validity) + BytesOf(free.count) + BytesOf(trials);
  return bytes + BytesOf(histories.first_row) + BytesOf(histories.speciality) +
         BytesOf(histories.actual) + BytesOf(histories.site_months) +
         BytesOf(histories.actual_sum) + BytesOf(histories.site_months_sum) +
         BytesOf(histories.track_record);
}

std::shared_ptr<const SiteBlock> BuildBlock(std::shared_ptr<const directory::SiteList::Chunk> sites,
                                            Vocabulary* vocabulary) {
  return Builder(std::move(sites), vocabulary).Build();
}

}  // namespace trialgate::feasibility
