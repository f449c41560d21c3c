// The sites of a directory as columns, block by block: what FastMatch (fast_match.h) reads.
//
//   auto index = SiteIndex::Of(*directory, nullptr);
//   auto later = SiteIndex::Of(*changed_directory, index.get());  // builds what changed
#ifndef TRIALGATE_SERVICES_FEASIBILITY_INDEX_SITE_INDEX_H_
#define TRIALGATE_SERVICES_FEASIBILITY_INDEX_SITE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/index/site_block.h"

namespace trialgate::feasibility {

// Immutable, hence safe to read from any thread.
class SiteIndex {
 public:
  // Where a site stands.
  struct Place {
    std::size_t block;
    int site;
  };

  // The index of the directory's sites. Blocks of chunks that `earlier` (null: none) has, too, are
  // shared with it: a change of one site builds one block, whatever the number of sites.
  static std::shared_ptr<const SiteIndex> Of(const directory::DirectorySnapshot& directory,
                                             const SiteIndex* earlier);

  const std::vector<std::shared_ptr<const SiteBlock>>& blocks() const { return blocks_; }
  const Vocabulary& vocabulary() const { return *vocabulary_; }
  std::size_t size() const { return size_; }

  // The least and the most start-up days declared; 0 and 0 where none are.
  int least_start_up_days() const { return least_start_up_days_; }
  int most_start_up_days() const { return most_start_up_days_; }

  std::optional<Place> Find(absl::string_view site) const;

  // Of the columns, without the records that they are of.
  std::size_t MemoryBytes() const;

 private:
  std::vector<std::shared_ptr<const SiteBlock>> blocks_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  std::size_t size_ = 0;
  int least_start_up_days_ = 0;
  int most_start_up_days_ = 0;
};

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_SERVICES_FEASIBILITY_INDEX_SITE_INDEX_H_
