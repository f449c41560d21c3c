#include "common/rpc/token_buckets.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace trialgate::rpc {
namespace {

constexpr std::size_t kShards = 16;
// With fewer keys, one shard: then the bound is exact.
constexpr std::size_t kKeysWorthShards = 1024;
// Keys that are looked at for one to forget.
constexpr int kCandidates = 8;

}  // namespace

// A bucket is one number: the instant at which it will be full. A token taken moves it on by the
// time in which one comes back; it is empty when it lies the whole capacity ahead.
TokenBuckets::TokenBuckets(absl::Span<const RateLimit> limits, std::size_t max_keys) {
  for (const RateLimit& limit : limits) {
    Limit& own = limits_.emplace_back();
    if (!limit.has_value()) continue;
    own.interval = std::max<std::int64_t>(1, absl::ToInt64Nanoseconds(limit->Interval()));
    own.capacity = own.interval * limit->burst;
  }
  const std::size_t shards = max_keys < kKeysWorthShards ? 1 : kShards;
  max_keys_per_shard_ = (max_keys + shards - 1) / shards;
  for (std::size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

TokenBuckets::Shard& TokenBuckets::ShardOf(absl::string_view key) const {
  // Other bits than those by which the shard's map chooses.
  return *shards_[(absl::HashOf(key) >> 32) % shards_.size()];
}

// Forgets a key whose buckets are all full, and says whether there was one.
bool TokenBuckets::MakeRoom(Shard& shard, std::int64_t now) const {
  auto candidate = shard.entries.end();
  for (int i = 0; i < kCandidates && candidate != shard.entries.begin(); ++i) {
    --candidate;
    if (std::all_of(candidate->full_at.begin(), candidate->full_at.end(),
                    [now](std::int64_t full_at) { return full_at <= now; })) {
      shard.by_key.erase(candidate->key);
      shard.entries.erase(candidate);
      return true;
    }
  }
  return false;
}

// The buckets of a key, made if they are new.
TokenBuckets::FullAt& TokenBuckets::Find(Shard& shard, absl::string_view key,
                                         std::int64_t now) const {
  const auto found = shard.by_key.find(key);
  if (found != shard.by_key.end()) {
    shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
    return found->second->full_at;
  }
  if (shard.entries.size() >= max_keys_per_shard_ && !MakeRoom(shard, now)) return shard.shared;
  shard.entries.push_front({std::string(key)});
  shard.by_key.emplace(shard.entries.front().key, shard.entries.begin());
  return shard.entries.front().full_at;
}

absl::Duration TokenBuckets::Take(absl::string_view key, std::size_t index, absl::Time now) {
  const Limit& limit = limits_[index];
  if (limit.interval == 0) return absl::ZeroDuration();
  const std::int64_t at = absl::ToUnixNanos(now);
  Shard& shard = ShardOf(key);
  MutexLock lock(&shard.mu);
  std::int64_t& full_at = Find(shard, key, at)[index];
  full_at = std::clamp(full_at, at, at + limit.capacity);
  const std::int64_t wait = full_at + limit.interval - (at + limit.capacity);
  if (wait > 0) return absl::Nanoseconds(wait);
  full_at += limit.interval;
  return absl::ZeroDuration();
}

void TokenBuckets::GiveBack(absl::string_view key, std::size_t index) {
  Shard& shard = ShardOf(key);
  MutexLock lock(&shard.mu);
  const auto found = shard.by_key.find(key);
  FullAt& buckets = found == shard.by_key.end() ? shard.shared : found->second->full_at;
  buckets[index] -= limits_[index].interval;
}

absl::Duration TokenBuckets::Wait(absl::string_view key, std::size_t index, absl::Time now) const {
  const Limit& limit = limits_[index];
  if (limit.interval == 0) return absl::ZeroDuration();
  const std::int64_t at = absl::ToUnixNanos(now);
  Shard& shard = ShardOf(key);
  MutexLock lock(&shard.mu);
  const auto found = shard.by_key.find(key);
  if (found == shard.by_key.end() &&
      (shard.entries.size() < max_keys_per_shard_ || MakeRoom(shard, at))) {
    return absl::ZeroDuration();
  }
  const FullAt& buckets = found == shard.by_key.end() ? shard.shared : found->second->full_at;
  const std::int64_t full_at = std::clamp(buckets[index], at, at + limit.capacity);
  const std::int64_t wait = full_at + limit.interval - (at + limit.capacity);
  return absl::Nanoseconds(std::max<std::int64_t>(0, wait));
}

std::size_t TokenBuckets::size() const {
  std::size_t keys = 0;
  for (const auto& shard : shards_) {
    MutexLock lock(&shard->mu);
    keys += shard->entries.size();
  }
  return keys;
}

}  // namespace trialgate::rpc
