#include "common/base/ed25519.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"

namespace trialgate {
namespace {

constexpr std::size_t kMaxKeys = 100;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// OpenSSL fails here only without memory or without its own algorithm: nothing to handle.
void Check(bool ok) {
  if (!ok) std::abort();
}

std::shared_ptr<EVP_PKEY> Owned(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

Bio ReadFrom(absl::string_view pem) {
  // Without a place to read from OpenSSL makes no BIO.
  const char* const text = pem.empty() ? "" : pem.data();
  Bio bio(BIO_new_mem_buf(text, static_cast<int>(pem.size())), BIO_free);
  Check(bio != nullptr);
  return bio;
}

// What was written to a BIO in memory; valid as long as that is.
absl::string_view Written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// A key without password: OpenSSL would ask for one on the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

bool IsEd25519(const EVP_PKEY* key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519; }

std::string IdOf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  Check(size > 0);
  std::string id =
      Sha256(absl::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return id;
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct Block {
  std::string name;
  std::string der;
};

// The next block of a PEM text; none at its end. INVALID_ARGUMENT: it is damaged.
absl::StatusOr<std::optional<Block>> ReadBlock(BIO* bio) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(bio, &name, &header, &data, &size) != 1) {
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE) {
      return std::optional<Block>();
    }
    return absl::InvalidArgumentError("a key is damaged");
  }
  Block block{name,
              std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return std::optional<Block>(std::move(block));
}

}  // namespace

Ed25519PublicKey::Ed25519PublicKey(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)), id_(IdOf(key_.get())) {}

absl::StatusOr<std::vector<Ed25519PublicKey>> Ed25519PublicKey::ParsePem(absl::string_view pem) {
  std::vector<Ed25519PublicKey> keys;
  const Bio bio = ReadFrom(pem);
  while (true) {
    ABSL_ASSIGN_OR_RETURN(const std::optional<Block> block, ReadBlock(bio.get()));
    if (!block.has_value()) break;
    const auto* at = Bytes(block->der);
    auto key = Owned(d2i_PUBKEY(nullptr, &at, static_cast<long>(block->der.size())));
    ERR_clear_error();
    if (block->name != PEM_STRING_PUBLIC || key == nullptr || !IsEd25519(key.get())) {
      return absl::InvalidArgumentError("it holds something else than Ed25519 public keys");
    }
    if (keys.size() == kMaxKeys) return absl::InvalidArgumentError("there are too many keys");
    keys.push_back(Ed25519PublicKey(std::move(key)));
  }
  if (keys.empty()) return absl::InvalidArgumentError("there is no public key in PEM form");
  return keys;
}

std::string Ed25519PublicKey::ToPem() const {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  Check(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  return std::string(Written(bio.get()));
}

bool Ed25519PublicKey::Verifies(absl::string_view message, absl::string_view signature) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Check(context != nullptr &&
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  const bool good = EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                                     Bytes(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

Ed25519PrivateKey::Ed25519PrivateKey(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)), public_key_(key_) {}

Ed25519PrivateKey Ed25519PrivateKey::Generate() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  Check(key != nullptr);
  return Ed25519PrivateKey(Owned(key));
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::ParsePem(absl::string_view pem) {
  const Bio bio = ReadFrom(pem);
  auto key = Owned(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr || !IsEd25519(key.get())) {
    return absl::InvalidArgumentError("it is no unencrypted Ed25519 private key in PEM form");
  }
  return Ed25519PrivateKey(std::move(key));
}

Secret Ed25519PrivateKey::ToPem() const {
  // Its memory is overwritten when it goes.
  const Bio bio(BIO_new(BIO_s_secmem()), BIO_free);
  Check(bio != nullptr && PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                                   nullptr, nullptr) == 1);
  return Secret(Written(bio.get()));
}

std::string Ed25519PrivateKey::Sign(absl::string_view message) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kEd25519SignatureBytes, '\0');
  std::size_t size = signature.size();
  Check(context != nullptr &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       Bytes(message), message.size()) == 1 &&
        size == kEd25519SignatureBytes);
  return signature;
}

}  // namespace trialgate
