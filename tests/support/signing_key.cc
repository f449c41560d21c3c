#include "tests/support/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace trialgate::identity {
namespace {

void Check(bool ok) {
  if (!ok) std::abort();
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string NumberOf(EVP_PKEY* key, const char* name, int min_bytes) {
  BIGNUM* number = nullptr;
  Check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(std::max(min_bytes, BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(number);
  return bytes;
}

// R and S side by side.
std::string Raw(absl::string_view der) {
  const unsigned char* at = Bytes(der);
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  Check(signature != nullptr);
  std::string raw(64, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + 32, 32);
  ECDSA_SIG_free(signature);
  return raw;
}

}  // namespace

SigningKey::SigningKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) { Check(key != nullptr); }

SigningKey SigningKey::Rsa(unsigned int bits) { return SigningKey(EVP_RSA_gen(bits)); }

SigningKey SigningKey::P256() { return SigningKey(EVP_EC_gen("P-256")); }

SigningKey SigningKey::Ed25519() {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

nlohmann::json SigningKey::PublicJwk(const std::string& kid) const {
  EVP_PKEY* key = key_.get();
  const auto number = [&](const char* name, int min_bytes) {
    return Base64Url(NumberOf(key, name, min_bytes));
  };
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return {{"kty", "RSA"},
              {"kid", kid},
              {"n", number(OSSL_PKEY_PARAM_RSA_N, 1)},
              {"e", number(OSSL_PKEY_PARAM_RSA_E, 1)}};
    case EVP_PKEY_EC:
      return {{"kty", "EC"},
              {"kid", kid},
              {"crv", "P-256"},
              {"x", number(OSSL_PKEY_PARAM_EC_PUB_X, 32)},
              {"y", number(OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
    default: {
      std::string x(32, '\0');
      std::size_t size = x.size();
      Check(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(x.data()), &size) ==
            1);
      return {{"kty", "OKP"}, {"kid", kid}, {"crv", "Ed25519"}, {"x", Base64Url(x)}};
    }
  }
}

std::string SigningKey::PublicPem() const {
  BIO* out = BIO_new(BIO_s_mem());
  Check(PEM_write_bio_PUBKEY(out, key_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

std::string SigningKey::Sign(Algorithm algorithm, absl::string_view data,
                             int pss_salt_bytes) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* digest = algorithm == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  Check(EVP_DigestSignInit(context, &options, digest, nullptr, key_.get()) == 1);
  if (algorithm == Algorithm::kPs256) {
    Check(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
          EVP_PKEY_CTX_set_rsa_pss_saltlen(options, pss_salt_bytes) == 1);
  }
  std::size_t size = 0;
  Check(EVP_DigestSign(context, nullptr, &size, Bytes(data), data.size()) == 1);
  std::string signature(size, '\0');
  Check(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                       Bytes(data), data.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return algorithm == Algorithm::kEs256 ? Raw(signature) : signature;
}

std::string Base64Url(absl::string_view bytes) { return absl::WebSafeBase64Escape(bytes); }

std::string SignedToken(const SigningKey& key, Algorithm algorithm, absl::string_view header,
                        absl::string_view payload) {
  const std::string signed_part = absl::StrCat(Base64Url(header), ".", Base64Url(payload));
  return absl::StrCat(signed_part, ".", Base64Url(key.Sign(algorithm, signed_part)));
}

}  // namespace trialgate::identity
