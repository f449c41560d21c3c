// What an identity provider publishes as its keys: read within limits, or refused.
#include <cstddef>
#include <cstdint>

#include "common/identity/jwk_set.h"
#include "tests/fuzz/promise.h"

using trialgate::identity::Jwk;
using trialgate::identity::JwkSet;
using trialgate::identity::kMaxJwkSetBytes;
using trialgate::identity::kMaxJwkSetKeys;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<JwkSet> keys = JwkSet::Parse(text);
  if (!keys.ok()) return 0;
  TRIALGATE_PROMISE(size <= kMaxJwkSetBytes);
  TRIALGATE_PROMISE(keys->size() + keys->skipped() <= kMaxJwkSetKeys);
  // Ids that the inputs to begin with have; a key that is taken can be verified with.
  for (const char* kid : {"RS256", "PS256", "ES256", "EdDSA", "a", "e"}) {
    const std::shared_ptr<const Jwk> key = keys->Find(kid);
    if (key == nullptr) continue;
    TRIALGATE_PROMISE(key->kid() == kid);
    TRIALGATE_PROMISE(!AlgorithmName(key->algorithm()).empty());
    TRIALGATE_PROMISE(!key->Verify("data", text.substr(0, 256)));
    TRIALGATE_PROMISE(!key->Verify("data", ""));
  }
  return 0;
}
