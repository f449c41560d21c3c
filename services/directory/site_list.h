// The sites of a directory by resource name, in chunks that versions share: a change of one site
// copies one chunk, whatever the number of sites.
//
//   for (const auto& entry : directory.sites()) Use(entry->site, entry->capacity);
#ifndef TRIALGATE_SERVICES_DIRECTORY_SITE_LIST_H_
#define TRIALGATE_SERVICES_DIRECTORY_SITE_LIST_H_

#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "trialgate/v1/directory.pb.h"

namespace trialgate::directory {

// A site with its capacity ledger. `capacity` of a site without one has its name and no slots.
struct SiteEntry {
  v1::Site site;
  v1::SiteCapacity capacity;
};

// Immutable once it is part of a snapshot: then safe to read from any thread. A copy shares every
// chunk, and copies what it changes.
class SiteList {
 public:
  using Entry = std::shared_ptr<const SiteEntry>;
  // Consecutive sites, one at least and kMaxChunk at most.
  using Chunk = std::vector<Entry>;

  static constexpr std::size_t kMaxChunk = 1024;

  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = const Entry*;
    using reference = const Entry&;

    const_iterator() = default;
    reference operator*() const { return (*list_->chunks_[chunk_])[place_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++();
    const_iterator operator++(int);
    bool operator==(const const_iterator& other) const {
      return chunk_ == other.chunk_ && place_ == other.place_;
    }
    bool operator!=(const const_iterator& other) const { return !(*this == other); }

   private:
    friend class SiteList;
    const_iterator(const SiteList* list, std::size_t chunk) : list_(list), chunk_(chunk) {}

    const SiteList* list_ = nullptr;
    std::size_t chunk_ = 0;
    std::size_t place_ = 0;
  };
  using iterator = const_iterator;
  using value_type = Entry;

  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, chunks_.size()}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Entry& front() const { return chunks_.front()->front(); }
  // Requires index < size(). Takes the logarithm of the number of chunks.
  const Entry& operator[](std::size_t index) const;

  // Of one version to the next the same pointer stands for the same sites.
  const std::vector<std::shared_ptr<const Chunk>>& chunks() const { return chunks_; }

  // nullptr where there is no such site.
  const SiteEntry* Find(absl::string_view name) const;

  // Inserts or replaces the site of that name.
  void Put(Entry entry);
  // Whether there was such a site.
  bool Erase(absl::string_view name);

 private:
  // The chunk where `name` is or would be; there is one.
  std::size_t ChunkOf(absl::string_view name) const;
  // The chunk for changing: a copy where another version shares it.
  Chunk* Own(std::size_t chunk);
  void Split(std::size_t chunk);
  void CountFrom(std::size_t chunk);

  std::vector<std::shared_ptr<const Chunk>> chunks_;
  std::vector<std::size_t> starts_;  // of each chunk, the sites before it
  std::size_t size_ = 0;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_SITE_LIST_H_
