#include "common/keys/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::keys {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
// What derived keys are for; never changed: what is on disk depends on them.
constexpr char kForSealing[] = "trialgate.seal.v1";
constexpr char kForHashing[] = "trialgate.hash.v1";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// OpenSSL fails here only without memory or without its own algorithm: nothing to handle.
void Check(bool ok) {
  if (!ok) std::abort();
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string* text) { return reinterpret_cast<unsigned char*>(text->data()); }

std::string Hmac(absl::string_view key, absl::string_view text) {
  std::string mac(kKeyBytes, '\0');
  unsigned int size = 0;
  Check(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(text), text.size(),
             Bytes(&mac), &size) != nullptr);
  return mac;
}

SecretKey Derive(const SecretKey& key, absl::string_view purpose) {
  std::string bytes = Hmac(key.bytes(), purpose);
  SecretKey derived(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return derived;
}

absl::Status NotAuthentic() {
  return Error(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
               "an encrypted record is damaged, or lies in another's place");
}

}  // namespace

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  Check(RAND_bytes(Bytes(&bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string Seal(const SecretKey& key, absl::string_view context, absl::string_view plain) {
  const SecretKey derived = Derive(key, kForSealing);
  std::string sealed = RandomBytes(kNonceBytes);
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  unsigned char* const text = Bytes(&sealed) + kNonceBytes;
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  Check(
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(derived.bytes()),
                         Bytes(&sealed)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), text, &size, Bytes(plain), static_cast<int>(plain.size())) ==
          1 &&
      EVP_EncryptFinal_ex(cipher.get(), text + plain.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, text + plain.size()) == 1);
  return sealed;
}

absl::StatusOr<std::string> Open(const SecretKey& key, absl::string_view context,
                                 absl::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return NotAuthentic();
  const SecretKey derived = Derive(key, kForSealing);
  const absl::string_view text =
      sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(text.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  Check(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(derived.bytes()),
                           Bytes(sealed)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                          static_cast<int>(context.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), Bytes(&plain), &size, Bytes(text),
                          static_cast<int>(text.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(&tag)) == 1);
  if (EVP_DecryptFinal_ex(cipher.get(), Bytes(&plain) + plain.size(), &size) != 1) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return NotAuthentic();
  }
  return plain;
}

std::string KeyedHash(const SecretKey& key, absl::string_view text) {
  return Hmac(Derive(key, kForHashing).bytes(), text);
}

}  // namespace trialgate::keys
