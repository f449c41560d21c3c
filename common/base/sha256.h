// SHA-256 digests.
#ifndef TRIALGATE_COMMON_BASE_SHA256_H_
#define TRIALGATE_COMMON_BASE_SHA256_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// OpenSSL's digest context.
struct evp_md_ctx_st;

namespace trialgate {

inline constexpr std::size_t kSha256Bytes = 32;

// The digest of `data`: 32 raw bytes.
std::string Sha256(absl::string_view data);

// The digest of `data` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(absl::string_view data);

// The digest of what is added piece by piece. Not thread-safe.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;

  // Adds the bytes of `data` and nothing else: two calls are one call with both joined.
  void Add(absl::string_view data);
  // Adds the eight bytes of `value`, most significant first.
  void AddUint64(std::uint64_t value);
  // Adds the length of `data` as AddUint64 does, then `data`: where one field ends and the next
  // begins is part of the digest.
  void AddWithLength(absl::string_view data);

  // The 32 raw bytes. Call once, last.
  std::string Finish();

 private:
  evp_md_ctx_st* const context_;
};

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_SHA256_H_
