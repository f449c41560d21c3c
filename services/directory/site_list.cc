#include "services/directory/site_list.h"

#include <algorithm>
#include <utility>

namespace trialgate::directory {
namespace {

using Chunk = SiteList::Chunk;

// The first entry whose name is not less than `name`.
Chunk::const_iterator LowerBound(const Chunk& chunk, absl::string_view name) {
  return std::lower_bound(chunk.begin(), chunk.end(), name,
                          [](const SiteList::Entry& entry, absl::string_view wanted) {
                            return entry->site.name() < wanted;
                          });
}

}  // namespace

SiteList::const_iterator& SiteList::const_iterator::operator++() {
  if (++place_ == list_->chunks_[chunk_]->size()) {
    ++chunk_;
    place_ = 0;
  }
  return *this;
}

SiteList::const_iterator SiteList::const_iterator::operator++(int) {
  const const_iterator before = *this;
  ++*this;
  return before;
}

const SiteList::Entry& SiteList::operator[](std::size_t index) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), index);
  const auto chunk = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return (*chunks_[chunk])[index - starts_[chunk]];
}

std::size_t SiteList::ChunkOf(absl::string_view name) const {
  const auto after =
      std::upper_bound(chunks_.begin(), chunks_.end(), name,
                       [](absl::string_view wanted, const std::shared_ptr<const Chunk>& chunk) {
                         return wanted < chunk->front()->site.name();
                       });
  return after == chunks_.begin() ? 0 : static_cast<std::size_t>(after - chunks_.begin()) - 1;
}

const SiteEntry* SiteList::Find(absl::string_view name) const {
  if (chunks_.empty()) return nullptr;
  const Chunk& chunk = *chunks_[ChunkOf(name)];
  const auto at = LowerBound(chunk, name);
  return at != chunk.end() && (*at)->site.name() == name ? at->get() : nullptr;
}

SiteList::Chunk* SiteList::Own(std::size_t chunk) {
  // A single owner is this list: nobody else can come to share the chunk meanwhile.
  if (chunks_[chunk].use_count() > 1) {
    auto copy = std::make_shared<Chunk>();
    copy->reserve(kMaxChunk);
    *copy = *chunks_[chunk];
    chunks_[chunk] = std::move(copy);
  }
  return const_cast<Chunk*>(
      chunks_[chunk].get());  // every chunk is made as a Chunk that may change
}

void SiteList::CountFrom(std::size_t chunk) {
  starts_.resize(chunks_.size());
  for (std::size_t i = chunk; i < chunks_.size(); ++i) {
    starts_[i] = i == 0 ? 0 : starts_[i - 1] + chunks_[i - 1]->size();
  }
  size_ = chunks_.empty() ? 0 : starts_.back() + chunks_.back()->size();
}

void SiteList::Split(std::size_t chunk) {
  Chunk* const whole = Own(chunk);
  const auto middle = whole->begin() + static_cast<std::ptrdiff_t>(whole->size() / 2);
  auto second = std::make_shared<Chunk>(middle, whole->end());
  whole->erase(middle, whole->end());
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(chunk) + 1, std::move(second));
}

void SiteList::Put(Entry entry) {
  const absl::string_view name = entry->site.name();
  std::size_t chunk = chunks_.empty() ? 0 : ChunkOf(name);
  const bool at_the_end = chunks_.empty() || name > chunks_.back()->back()->site.name();
  // Sites that come by name fill every chunk.
  if (at_the_end && (chunks_.empty() || chunks_.back()->size() == kMaxChunk)) {
    chunks_.push_back(std::make_shared<Chunk>(1, std::move(entry)));
    return CountFrom(chunks_.size() - 1);
  }
  const Chunk& there = *chunks_[chunk];
  const auto found = LowerBound(there, name);
  auto at = found - there.begin();
  if (found != there.end() && (*found)->site.name() == name) {
    (*Own(chunk))[static_cast<std::size_t>(at)] = std::move(entry);
    return;
  }
  const std::size_t first = chunk;
  if (chunks_[chunk]->size() == kMaxChunk) {
    Split(chunk);
    const auto half = static_cast<std::ptrdiff_t>(chunks_[chunk]->size());
    if (at > half) {
      at -= half;
      ++chunk;
    }
  }
  Chunk* const owned = Own(chunk);
  owned->insert(owned->begin() + at, std::move(entry));
  CountFrom(first);
}

bool SiteList::Erase(absl::string_view name) {
  if (Find(name) == nullptr) return false;
  const std::size_t chunk = ChunkOf(name);
  Chunk* const owned = Own(chunk);
  owned->erase(LowerBound(*owned, name));
  if (owned->empty()) chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(chunk));
  CountFrom(chunk);
  return true;
}

}  // namespace trialgate::directory
