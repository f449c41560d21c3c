// Token buckets under many keys, bounded in number.
//
//   TokenBuckets buckets({Rate{10, absl::Seconds(1), 30}}, 100'000);
//   const absl::Duration wait = buckets.Take(subject, 0, clock.Now());
//   if (wait > absl::ZeroDuration()) return TryAgainAfter(wait);
#ifndef TRIALGATE_COMMON_RPC_TOKEN_BUCKETS_H_
#define TRIALGATE_COMMON_RPC_TOKEN_BUCKETS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/mutex.h"
#include "common/rpc/rate.h"

namespace trialgate::rpc {

// Thread-safe; calls under different keys seldom wait for each other.
//
// Buckets are full at first. A key that is not known costs memory only once something is taken; at
// the bound, a key whose buckets are all full again is forgotten for it, one that was not used for
// long before others: forgetting it changes nothing. Where none is found, the new key shares
// buckets with others in its place. So nobody gets a full bucket sooner than by waiting.
//
// A clock that steps back never makes anybody wait longer than an empty bucket needs.
class TokenBuckets {
 public:
  // Buckets that one key has at most.
  static constexpr std::size_t kMaxBucketsPerKey = 6;

  // Each key has a bucket of each of `limits`, 1 to kMaxBucketsPerKey; one without limit always has
  // a token. `max_keys`, at least 1, is kept to roughly where it is large.
  TokenBuckets(absl::Span<const RateLimit> limits, std::size_t max_keys);

  // Takes a token of bucket `index`, and returns zero; where there is none, takes nothing, and
  // returns after which time there will be one.
  absl::Duration Take(absl::string_view key, std::size_t index, absl::Time now);

  // Puts back what Take took.
  void GiveBack(absl::string_view key, std::size_t index);

  // What Take would return, without taking.
  absl::Duration Wait(absl::string_view key, std::size_t index, absl::Time now) const;

  // Keys that are known now.
  std::size_t size() const;

 private:
  // When each bucket will be full, in nanoseconds of the Unix epoch; past: it is.
  using FullAt = std::array<std::int64_t, kMaxBucketsPerKey>;
  struct Entry {
    std::string key;
    FullAt full_at = {};
  };
  struct Shard {
    mutable Mutex mu;
    // The one used last at the front.
    std::list<Entry> entries ABSL_GUARDED_BY(mu);
    absl::flat_hash_map<absl::string_view, std::list<Entry>::iterator> by_key ABSL_GUARDED_BY(mu);
    // What keys share for which there is no room.
    FullAt shared ABSL_GUARDED_BY(mu) = {};
  };
  struct Limit {
    std::int64_t interval = 0;  // nanoseconds for one token; 0: without limit
    std::int64_t capacity = 0;  // nanoseconds from empty to full
  };

  Shard& ShardOf(absl::string_view key) const;
  FullAt& Find(Shard& shard, absl::string_view key, std::int64_t now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);
  bool MakeRoom(Shard& shard, std::int64_t now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);

  std::vector<Limit> limits_;
  std::size_t max_keys_per_shard_ = 1;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_TOKEN_BUCKETS_H_
