#include "services/feasibility/index/site_index.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"

namespace trialgate::feasibility {
namespace {

using directory::SiteList;

absl::string_view NameOf(const SiteBlock& block, std::size_t site) {
  return (*block.sites)[site]->site.name();
}

}  // namespace

std::shared_ptr<const SiteIndex> SiteIndex::Of(const directory::DirectorySnapshot& directory,
                                               const SiteIndex* earlier) {
  absl::flat_hash_map<const SiteList::Chunk*, std::shared_ptr<const SiteBlock>> known;
  auto vocabulary = std::make_shared<Vocabulary>();
  if (earlier != nullptr) {
    *vocabulary = *earlier->vocabulary_;
    for (const auto& block : earlier->blocks_) known.emplace(block->sites.get(), block);
  }
  auto index = std::make_shared<SiteIndex>();
  index->blocks_.reserve(directory.sites().chunks().size());
  for (const auto& chunk : directory.sites().chunks()) {
    const auto found = known.find(chunk.get());
    index->blocks_.push_back(found != known.end() ? found->second
                                                  : BuildBlock(chunk, vocabulary.get()));
    const SiteBlock& block = *index->blocks_.back();
    index->size_ += static_cast<std::size_t>(block.size);
    index->least_start_up_days_ = std::min(index->least_start_up_days_, block.least_start_up_days);
    index->most_start_up_days_ = std::max(index->most_start_up_days_, block.most_start_up_days);
  }
  index->vocabulary_ = std::move(vocabulary);
  return index;
}

std::optional<SiteIndex::Place> SiteIndex::Find(absl::string_view site) const {
  const auto after = std::upper_bound(
      blocks_.begin(), blocks_.end(), site,
      [](absl::string_view name, const auto& block) { return name < NameOf(*block, 0); });
  if (after == blocks_.begin()) return std::nullopt;
  const auto block = static_cast<std::size_t>(after - blocks_.begin()) - 1;
  const SiteList::Chunk& sites = *blocks_[block]->sites;
  const auto at = std::lower_bound(sites.begin(), sites.end(), site,
                                   [](const SiteList::Entry& entry, absl::string_view name) {
                                     return entry->site.name() < name;
                                   });
  if (at == sites.end() || (*at)->site.name() != site) return std::nullopt;
  return Place{block, static_cast<int>(at - sites.begin())};
}

std::size_t SiteIndex::MemoryBytes() const {
  std::size_t bytes = sizeof(SiteIndex) + vocabulary_->regions.MemoryBytes() +
                      vocabulary_->specialities.MemoryBytes() +
                      vocabulary_->capabilities.MemoryBytes();
  for (const auto& block : blocks_) bytes += sizeof(block) + block->MemoryBytes();
  return bytes;
}

}  // namespace trialgate::feasibility
