// A bearer token against the keys of identity_keys.json, whose private halves nobody has kept: what
// is accepted says what one of the tokens that were signed then says (corpus/fuzz_token/good_*), to
// the byte. Everything else that is accepted is a forgery.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/identity/jwk_set.h"
#include "common/identity/key_source.h"
#include "common/identity/token.h"
#include "common/identity/token_verifier.h"
#include "tests/fuzz/promise.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
namespace {

// Targets are run from the repository's root.
constexpr char kFolder[] = "tests/fuzz";

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  TRIALGATE_PROMISE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

class FixedKeys final : public KeySource {
 public:
  FixedKeys() : keys_(JwkSet::Parse(Read(std::string(kFolder) + "/identity_keys.json")).value()) {}
  absl::StatusOr<std::shared_ptr<const Jwk>> FindKey(absl::string_view kid) override {
    return keys_.Find(kid);
  }

 private:
  const JwkSet keys_;
};

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'800'000'000); }
};

TokenConfig Config() {
  TokenConfig config;
  config.issuer = "https://id.example";
  config.audience = "https://trialgate.example";
  config.cache_size = 100;
  return config;
}

std::string SignedPart(absl::string_view token) {
  return std::string(token.substr(0, token.rfind('.')));
}

// What was signed.
std::set<std::string> GoodOnes() {
  std::set<std::string> good;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(kFolder) + "/corpus/fuzz_token")) {
    if (entry.path().filename().string().rfind("good_", 0) == 0) {
      good.insert(SignedPart(Read(entry.path())));
    }
  }
  TRIALGATE_PROMISE(good.size() == 4);
  return good;
}

struct World {
  FixedKeys keys;
  FixedClock clock;
  TokenVerifier verifier{Config(), &keys, &clock};
  std::set<std::string> good = GoodOnes();
};

void TestOne(absl::string_view text) {
  static auto* const kWorld = [] {
    auto* const world = new World();
    for (const char* name : {"good_RS256", "good_PS256", "good_ES256", "good_EdDSA"}) {
      const std::string good = Read(std::string(kFolder) + "/corpus/fuzz_token/" + name);
      TRIALGATE_PROMISE(world->verifier.Verify(good).ok());
    }
    return world;
  }();
  const absl::StatusOr<v1::Principal> principal = kWorld->verifier.Verify(text);
  if (principal.ok()) {
    TRIALGATE_PROMISE(kWorld->good.contains(SignedPart(text)));
  } else {
    TRIALGATE_PROMISE(ReasonOf(principal.status()) == v1::ERROR_REASON_INVALID_TOKEN);
  }
  const absl::StatusOr<Token> token = ParseToken(text);
  if (token.ok()) {
    TRIALGATE_PROMISE(text.size() <= kMaxTokenBytes);
    TRIALGATE_PROMISE(!token->kid.empty() && token->kid.size() <= kMaxKeyIdBytes);
    TRIALGATE_PROMISE(token->signed_part == SignedPart(text));
  }
}

}  // namespace
}  // namespace trialgate::identity

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  trialgate::identity::TestOne({reinterpret_cast<const char*>(data), size});
  return 0;
}
