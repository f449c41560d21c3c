// A verifier of tokens with keys that a test changes, and tokens for it.
#ifndef TRIALGATE_TESTS_UNIT_IDENTITY_TOKEN_VERIFIER_FIXTURE_H_
#define TRIALGATE_TESTS_UNIT_IDENTITY_TOKEN_VERIFIER_FIXTURE_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "common/base/mutex.h"
#include "common/identity/jwk_set.h"
#include "common/identity/token.h"
#include "common/identity/token_verifier.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {

// Keys that a test changes.
class FakeKeySource final : public KeySource {
 public:
  void Set(const nlohmann::json& keys) {
    MutexLock lock(&mu_);
    keys_ = JwkSet::Parse(nlohmann::json{{"keys", keys}}.dump()).value();
  }
  void Fail(absl::Status failure) {
    MutexLock lock(&mu_);
    failure_ = std::move(failure);
  }

  absl::StatusOr<std::shared_ptr<const Jwk>> FindKey(absl::string_view kid) override {
    MutexLock lock(&mu_);
    ++calls_;
    if (!failure_.ok()) return failure_;
    return keys_.Find(kid);
  }
  int calls() const {
    MutexLock lock(&mu_);
    return calls_;
  }

 private:
  mutable Mutex mu_;
  JwkSet keys_ ABSL_GUARDED_BY(mu_);
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  int calls_ ABSL_GUARDED_BY(mu_) = 0;
};

// Drawn once for all tests: RSA takes its time.
struct Keys {
  SigningKey rsa = SigningKey::Rsa();
  SigningKey pss = SigningKey::Rsa();
  SigningKey ec = SigningKey::P256();
  SigningKey okp = SigningKey::Ed25519();

  nlohmann::json PublicKeys() const {
    nlohmann::json pss_key = pss.PublicJwk("ps");
    pss_key["alg"] = "PS256";
    return {rsa.PublicJwk("rs"), pss_key, ec.PublicJwk("es"), okp.PublicJwk("ed")};
  }
};
inline const Keys& AllKeys() {
  static const auto* const kKeys = new Keys;
  return *kKeys;
}

class TokenVerifierTest : public testing::Test {
 protected:
  TokenVerifierTest() { source_.Set(keys_.PublicKeys()); }

  static TokenConfig Config() {
    TokenConfig config;
    config.issuer = "https://id.example";
    config.audience = "https://trialgate.example";
    config.cache_size = 4;
    return config;
  }

  nlohmann::json Payload() const {
    return {{"iss", "https://id.example"},
            {"aud", {"https://trialgate.example"}},
            {"exp", absl::ToUnixSeconds(clock_.Now()) + 300},
            {"iat", absl::ToUnixSeconds(clock_.Now())},
            {"sub", "rita"},
            {"trialgate_role", "requester"},
            {"trialgate_organization", "organizations/acme"}};
  }

  // Signed with ES256 unless told otherwise.
  std::string Token(const nlohmann::json& payload) const {
    return SignedToken(keys_.ec, Algorithm::kEs256, R"({"alg":"ES256","kid":"es"})",
                       payload.dump());
  }
  std::string Token() const { return Token(Payload()); }

  const Keys& keys_ = AllKeys();
  FakeClock clock_;
  FakeKeySource source_;
  TokenVerifier verifier_{Config(), &source_, &clock_};
};

inline auto IsInvalid(absl::string_view why = "") {
  return testing::AllOf(absl_testing::StatusIs(absl::StatusCode::kUnauthenticated,
                                               testing::HasSubstr(std::string(why))),
                        HasReason(v1::ERROR_REASON_INVALID_TOKEN));
}

}  // namespace trialgate::identity

#endif  // TRIALGATE_TESTS_UNIT_IDENTITY_TOKEN_VERIFIER_FIXTURE_H_
