// Tokens that have been verified, so that the next call with one need not do it again.
#ifndef TRIALGATE_COMMON_IDENTITY_TOKEN_CACHE_H_
#define TRIALGATE_COMMON_IDENTITY_TOKEN_CACHE_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "common/base/mutex.h"
#include "common/identity/claims.h"

namespace trialgate::identity {

// Holds no token, only digests. Thread-safe.
class TokenCache {
 public:
  struct Entry {
    Claims claims;
    // The key that verified the token.
    std::string kid;
    std::string key_fingerprint;
  };

  // Remembers `capacity` (at least 1); then the one that was not used for longest goes.
  explicit TokenCache(std::size_t capacity) : capacity_(capacity) {}
  TokenCache(const TokenCache&) = delete;
  TokenCache& operator=(const TokenCache&) = delete;

  // What is remembered of the token with this SHA-256.
  std::optional<Entry> Find(const std::string& digest);
  // Replaces what is remembered.
  void Put(const std::string& digest, Entry entry);
  void Remove(const std::string& digest);

  std::size_t size() const;

 private:
  struct Item {
    std::string digest;
    Entry entry;
  };
  using Items = std::list<Item>;

  const std::size_t capacity_;
  mutable Mutex mu_;
  Items items_ ABSL_GUARDED_BY(mu_);  // the one used last is first
  std::unordered_map<std::string, Items::iterator> index_ ABSL_GUARDED_BY(mu_);
};

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_TOKEN_CACHE_H_
