// What matching reads of up to 1,024 sites, as columns.
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_SITE_BLOCK_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_SITE_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "services/directory/site_list.h"
#include "services/feasibility/index/bit_columns.h"
#include "services/feasibility/index/bits.h"

namespace trialgate::feasibility {

// Numbers for texts that many sites share, in order of first use. They grow with the vocabularies
// of the packs applied and the regions, not with the sites.
class Terms {
 public:
  static constexpr std::int32_t kUnknown = -1;

  std::int32_t Add(absl::string_view text);
  // kUnknown where no site has it.
  std::int32_t Find(absl::string_view text) const;
  std::size_t size() const { return texts_.size(); }
  const std::string& text(std::int32_t term) const {
    return texts_[static_cast<std::size_t>(term)];
  }
  std::size_t MemoryBytes() const;

 private:
  absl::flat_hash_map<std::string, std::int32_t> numbers_;
  std::vector<std::string> texts_;
};

// The texts of an index by what they are.
struct Vocabulary {
  Terms regions;
  Terms specialities;
  Terms capabilities;
};

// Months are counted from year 0.
constexpr std::int32_t MonthNumber(std::int64_t year, int month) {
  return static_cast<std::int32_t>(year * 12 + month - 1);
}

// Slots free in each month in which some site of the block uses any. 0 stands for less, too.
struct FreeSlots {
  // For more than this the record is asked.
  static constexpr std::uint8_t kMany = std::numeric_limits<std::uint8_t>::max();

  ValueSets months;                              // the sites with a slot free, by MonthNumber
  std::vector<std::vector<std::uint8_t>> count;  // by month as in `months`, then site
  Bits any_slot;                                 // in months that are not among those
};

// Recruitment histories: the rows of a site are those from first_row[site] to before
// first_row[site + 1], by ascending months, which is the order in which they are summed.
struct Histories {
  std::vector<std::uint32_t> first_row;
  std::vector<std::int32_t> speciality;
  std::vector<std::int64_t> actual;
  std::vector<double> site_months;
  ValueSets specialities;  // the sites with a row of it, by term
  // Over all rows of a site.
  std::vector<double> actual_sum;
  std::vector<double> site_months_sum;
  std::vector<double> track_record;  // as the score's part
};

// Immutable once built. Holds no text: names are those of the records.
struct SiteBlock {
  static constexpr std::int32_t kNeverReviewed = std::numeric_limits<std::int32_t>::min();

  std::shared_ptr<const directory::SiteList::Chunk> sites;
  int size = 0;
  Bits all;

  ValueSets kinds;
  ValueSets phases;
  ValueSets specialities;
  ValueSets age_groups;
  ValueSets capabilities;
  ValueSets regions;
  std::vector<std::int32_t> region;  // term

  Bits has_valid_from;
  SlicedNumbers valid_from;  // days from 1970 on
  Bits has_valid_to;
  SlicedNumbers valid_to;
  std::vector<int> odd_validity;  // sites with a date that is none: the record is asked

  // Median days; of a site that declares none 0, and not in `declares_start_up`.
  Bits declares_start_up;
  std::vector<std::int32_t> start_up_days;
  int least_start_up_days = 0;  // 0 at most
  int most_start_up_days = 0;   // 0 at least
  SlicedNumbers start_up;

  std::vector<std::int32_t> slots;
  FreeSlots free;
  // Trials in five years by phase as in `phases`, then site; up to 5, beyond which they score
  // alike.
  std::vector<std::vector<std::uint8_t>> trials;
  Histories histories;
  std::vector<std::int32_t> reviewed;  // days from 1970 on, or kNeverReviewed

  // Invented values (source SAMPLE) by what they are of, in the order of SampleUse.
  Bits sample_profile;
  ValueSets sample_phases;
  Bits sample_start_up;
  Bits sample_history;
  Bits sample_capacity;

  // Of columns and sets, without the records.
  std::size_t MemoryBytes() const;
};

// The columns of the chunk; texts that are new are added to `vocabulary`.
std::shared_ptr<const SiteBlock> BuildBlock(std::shared_ptr<const directory::SiteList::Chunk> sites,
                                            Vocabulary* vocabulary);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_SITE_BLOCK_H_
