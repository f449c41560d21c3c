#include "common/identity/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/identity/base64url.h"
#include "common/identity/strict_json.h"

namespace trialgate::identity {
namespace {

using nlohmann::json;

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;
constexpr std::uint64_t kMinRsaExponent = 65537;
constexpr std::uint64_t kMaxRsaExponent = 0xffffffff;
constexpr std::size_t kCoordinateBytes = 32;  // of P-256, and of Ed25519
constexpr std::size_t kEcdsaSignatureBytes = 2 * kCoordinateBytes;
constexpr unsigned char kUncompressedPoint = 4;

struct AlgorithmWord {
  Algorithm algorithm;
  absl::string_view word;
};
constexpr std::array<AlgorithmWord, 4> kAlgorithms = {{{Algorithm::kRs256, "RS256"},
                                                       {Algorithm::kPs256, "PS256"},
                                                       {Algorithm::kEs256, "ES256"},
                                                       {Algorithm::kEdDsa, "EdDSA"}}};

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Leaves this thread's queue of OpenSSL errors as empty as it was: TLS on the same thread would
// take what is left in it for its own.
class ErrorsCleared {
 public:
  ErrorsCleared() = default;
  ~ErrorsCleared() { ERR_clear_error(); }
  ErrorsCleared(const ErrorsCleared&) = delete;
  ErrorsCleared& operator=(const ErrorsCleared&) = delete;
};

Key Own(EVP_PKEY* key) { return key == nullptr ? nullptr : Key(key, EVP_PKEY_free); }

std::optional<std::string> BytesMember(const json& object, absl::string_view name) {
  const std::optional<std::string> text = TextMember(object, name);
  return text.has_value() ? DecodeBase64Url(*text) : std::nullopt;
}

// A key of `type` ("RSA", "EC") from what the builder holds.
Key FromParameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Own(key);
}

Key RsaKey(const json& object) {
  const auto modulus = BytesMember(object, "n"), exponent = BytesMember(object, "e");
  if (!modulus.has_value() || !exponent.has_value()) return nullptr;
  const auto number = [](const std::string& bytes) {
    return Number(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
  };
  const Number n = number(*modulus), e = number(*exponent);
  if (n == nullptr || e == nullptr || !BN_is_odd(n.get()) || BN_num_bits(n.get()) < kMinRsaBits ||
      BN_num_bits(n.get()) > kMaxRsaBits) {
    return nullptr;
  }
  const std::uint64_t value = BN_num_bits(e.get()) <= 32 ? BN_get_word(e.get()) : 0;
  if (value < kMinRsaExponent || value > kMaxRsaExponent || value % 2 == 0) return nullptr;
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return FromParameters("RSA", builder.get());
}

Key EcKey(const json& object) {
  const auto x = BytesMember(object, "x"), y = BytesMember(object, "y");
  if (TextMember(object, "crv") != "P-256" || !x.has_value() || !y.has_value() ||
      x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) {
    return nullptr;
  }
  const std::string point =
      absl::StrCat(std::string(1, static_cast<char>(kUncompressedPoint)), *x, *y);
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  const Key key = FromParameters("EC", builder.get());
  if (key == nullptr) return nullptr;
  // The point must lie on the curve; what was built need not have been looked at.
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return check != nullptr && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

Key Ed25519Key(const json& object) {
  const auto x = BytesMember(object, "x");
  if (TextMember(object, "crv") != "Ed25519" || !x.has_value() || x->size() != kCoordinateBytes) {
    return nullptr;
  }
  return Own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(*x), x->size()));
}

// The one algorithm of a key of type `kty`; none where the key's `alg` is not one for the type.
std::optional<Algorithm> AlgorithmOf(const json& object, absl::string_view kty) {
  std::optional<Algorithm> algorithm;
  if (kty == "RSA") algorithm = Algorithm::kRs256;
  if (kty == "EC") algorithm = Algorithm::kEs256;
  if (kty == "OKP") algorithm = Algorithm::kEdDsa;
  if (!algorithm.has_value() || !object.contains("alg")) return algorithm;
  const std::optional<std::string> said = TextMember(object, "alg");
  if (!said.has_value()) return std::nullopt;
  if (kty == "RSA" && *said == AlgorithmName(Algorithm::kPs256)) return Algorithm::kPs256;
  return *said == AlgorithmName(*algorithm) ? algorithm : std::nullopt;
}

Key KeyOf(const json& object, absl::string_view kty) {
  if (kty == "RSA") return RsaKey(object);
  return kty == "EC" ? EcKey(object) : Ed25519Key(object);
}

bool IsPublic(const json& object) {
  const auto secret = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::none_of(secret.begin(), secret.end(),
                      [&](const char* name) { return object.contains(name); });
}

// Whether the key says that it is for signatures, or nothing.
bool IsForVerifying(const json& object) {
  if (object.contains("use") && TextMember(object, "use") != "sig") return false;
  const auto operations = object.find("key_ops");
  if (operations == object.end()) return true;
  return operations->is_array() &&
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

std::string FingerprintOf(Algorithm algorithm, EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  Sha256Hasher hasher;
  hasher.AddWithLength(AlgorithmName(algorithm));
  if (size > 0) hasher.Add({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return hasher.Finish();
}

// RFC 7518 writes R and S side by side; OpenSSL wants ASN.1. Empty where there is no such form.
std::string DerOfEcdsa(absl::string_view signature) {
  if (signature.size() != kEcdsaSignatureBytes) return "";
  const auto number = [](absl::string_view bytes) {
    return BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr);
  };
  const EcdsaSignature parts(ECDSA_SIG_new());
  // Takes both numbers over; only without memory are they not there.
  if (parts == nullptr || ECDSA_SIG_set0(parts.get(), number(signature.substr(0, kCoordinateBytes)),
                                         number(signature.substr(kCoordinateBytes))) != 1) {
    return "";
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  std::string result;
  if (size > 0) result.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return result;
}

// Prepares `context` for `algorithm`; with PSS, the salt is as long as the digest.
bool StartVerify(Algorithm algorithm, EVP_PKEY* key, EVP_MD_CTX* context) {
  EVP_PKEY_CTX* options = nullptr;  // owned by `context`
  const EVP_MD* digest = algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  if (EVP_DigestVerifyInit(context, &options, digest, nullptr, key) != 1) return false;
  switch (algorithm) {
    case Algorithm::kRs256:
      return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING) == 1;
    case Algorithm::kPs256:
      return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    case Algorithm::kEs256:
    case Algorithm::kEdDsa:
      return true;
  }
  return false;
}

}  // namespace

absl::string_view AlgorithmName(Algorithm algorithm) {
  for (const AlgorithmWord& known : kAlgorithms) {
    if (known.algorithm == algorithm) return known.word;
  }
  return "";
}

std::optional<Algorithm> ParseAlgorithm(absl::string_view name) {
  for (const AlgorithmWord& known : kAlgorithms) {
    if (known.word == name) return known.algorithm;
  }
  return std::nullopt;
}

std::shared_ptr<const Jwk> Jwk::FromJson(const json& json) {
  const ErrorsCleared cleared;
  if (!json.is_object() || !IsPublic(json) || !IsForVerifying(json)) return nullptr;
  std::optional<std::string> kid = TextMember(json, "kid");
  if (!kid.has_value() || kid->empty() || kid->size() > kMaxKeyIdBytes) return nullptr;
  const std::string kty = TextMember(json, "kty").value_or("");
  const std::optional<Algorithm> algorithm = AlgorithmOf(json, kty);
  if (!algorithm.has_value()) return nullptr;
  Key key = KeyOf(json, kty);
  if (key == nullptr) return nullptr;
  return std::shared_ptr<const Jwk>(new Jwk(*std::move(kid), *algorithm, std::move(key)));
}

Jwk::Jwk(std::string kid, Algorithm algorithm, std::shared_ptr<evp_pkey_st> key)
    : kid_(std::move(kid)),
      algorithm_(algorithm),
      key_(std::move(key)),
      fingerprint_(FingerprintOf(algorithm_, key_.get())) {}

bool Jwk::Verify(absl::string_view data, absl::string_view signature) const {
  const ErrorsCleared cleared;
  // OpenSSL takes an RSA signature without its leading zeros; RFC 8017 (8.1.2, 8.2.2) does not.
  const bool rsa = algorithm_ == Algorithm::kRs256 || algorithm_ == Algorithm::kPs256;
  if (rsa && signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))) {
    return false;
  }
  std::string der;
  if (algorithm_ == Algorithm::kEs256) {
    der = DerOfEcdsa(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  return context != nullptr && StartVerify(algorithm_, key_.get(), context.get()) &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(data),
                          data.size()) == 1;
}

}  // namespace trialgate::identity
