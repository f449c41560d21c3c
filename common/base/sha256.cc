#include "common/base/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "absl/strings/escaping.h"

namespace trialgate {
namespace {

// OpenSSL fails here only without memory or without its own algorithm: nothing to handle.
void Check(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new()) {
  Check(context_ != nullptr && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
}

Sha256Hasher::~Sha256Hasher() { EVP_MD_CTX_free(context_); }

void Sha256Hasher::Add(absl::string_view data) {
  Check(EVP_DigestUpdate(context_, data.data(), data.size()) == 1);
}

void Sha256Hasher::AddUint64(std::uint64_t value) {
  char bytes[8];
  for (int i = 7; i >= 0; --i) {
    bytes[i] = static_cast<char>(value & 0xff);
    value >>= 8;
  }
  Add(absl::string_view(bytes, sizeof(bytes)));
}

void Sha256Hasher::AddWithLength(absl::string_view data) {
  AddUint64(data.size());
  Add(data);
}

std::string Sha256Hasher::Finish() {
  std::string digest(kSha256Bytes, '\0');
  unsigned int size = 0;
  Check(EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(digest.data()), &size) == 1 &&
        size == kSha256Bytes);
  return digest;
}

std::string Sha256(absl::string_view data) {
  Sha256Hasher hasher;
  hasher.Add(data);
  return hasher.Finish();
}

std::string Sha256Hex(absl::string_view data) { return absl::BytesToHexString(Sha256(data)); }

}  // namespace trialgate
