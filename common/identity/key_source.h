// Where the keys come from that tokens are verified with: a file, or an identity provider.
#ifndef TRIALGATE_COMMON_IDENTITY_KEY_SOURCE_H_
#define TRIALGATE_COMMON_IDENTITY_KEY_SOURCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/identity/http_fetcher.h"
#include "common/identity/jwk.h"

namespace trialgate::identity {

// Thread-safe.
class KeySource {
 public:
  virtual ~KeySource() = default;

  // The key with this id as of now; null: there is none.
  // UNAVAILABLE (IDENTITY_PROVIDER_UNAVAILABLE, with RetryInfo): nobody can say.
  virtual absl::StatusOr<std::shared_ptr<const Jwk>> FindKey(absl::string_view kid) = 0;
};

// The keys of a JWKS file, which is looked at again at most once a second, and read again when it
// has changed. A changed file that cannot be read, or is no JWKS, is told in the log, and the keys
// stay as they were. FindKey never fails; it waits for the disk only. `clock` outlives the source.
// FAILED_PRECONDITION (CONFIGURATION): now, at the start, the file cannot be read, is no JWKS, or
// holds no key that tokens may be verified with.
absl::StatusOr<std::unique_ptr<KeySource>> NewFileKeySource(std::string path, const Clock* clock);

// An attempt to fetch keys is made no sooner than this after the last one began, whatever tokens
// are sent.
inline constexpr absl::Duration kFetchCooldown = absl::Seconds(30);
// For how long fetched keys count as fresh, where the provider does not say (max-age), and between
// what its word is taken.
inline constexpr absl::Duration kDefaultKeyAge = absl::Hours(1);
inline constexpr absl::Duration kMinKeyAge = absl::Minutes(5);
inline constexpr absl::Duration kMaxKeyAge = absl::Hours(24);
// For how long keys that are no longer fresh stay in use while no fresh ones can be had.
inline constexpr absl::Duration kMaxStaleAge = absl::Hours(24);
// Calls that wait for a fetch at one time; others are told to come back.
inline constexpr int kMaxFetchWaiters = 4;

// The keys of the JWKS at `url`, fetched by a thread of the source's own: at once, again when they
// are no longer fresh, and when an unknown id is asked for. FindKey waits only where it has no
// answer: for a fetch that is under way or may be begun (kFetchCooldown); it fails while there are
// no keys, or only keys past kMaxStaleAge. `fetcher` and `clock` outlive the source.
// FAILED_PRECONDITION (CONFIGURATION): CheckFetchUrl.
absl::StatusOr<std::unique_ptr<KeySource>> NewUrlKeySource(std::string url, HttpFetcher* fetcher,
                                                           const Clock* clock);

// As NewUrlKeySource, with the address taken, each time, from the OpenID Connect discovery document
// of `issuer`, which must name exactly this issuer, and an address that CheckFetchUrl permits.
absl::StatusOr<std::unique_ptr<KeySource>> NewDiscoveredKeySource(std::string issuer,
                                                                  HttpFetcher* fetcher,
                                                                  const Clock* clock);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_KEY_SOURCE_H_
