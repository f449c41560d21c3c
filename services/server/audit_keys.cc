#include "services/server/audit_keys.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxKeyFileBytes = 64 << 10;

absl::Status Unusable(const std::string& setting, const std::string& file, absl::string_view why) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("cannot use the key file ", file, " (", setting, "): ", why))
      .WithMetadata("file", file);
}

absl::StatusOr<Secret> ReadKeyFile(const std::string& setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Unusable(setting, path, std::error_code(errno, std::generic_category()).message());
  }
  std::string text(kMaxKeyFileBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  const Secret secret(absl::string_view(text).substr(0, size));
  OPENSSL_cleanse(text.data(), text.size());
  if (file.bad() || size == 0) return Unusable(setting, path, "nothing can be read");
  if (!file.eof()) return Unusable(setting, path, "it is too large for a key");
  return secret;
}

}  // namespace

absl::StatusOr<AuditKeys> ReadAuditKeys(const std::string& key_file,
                                        const std::string& public_keys_file) {
  AuditKeys keys;
  if (!key_file.empty()) {
    std::error_code error;
    const fs::perms mode = fs::status(key_file, error).permissions();
    if (!error && (mode & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none) {
      return Unusable("--audit-key", key_file, "others than its owner may use it: chmod 600");
    }
    ABSL_ASSIGN_OR_RETURN(const Secret pem, ReadKeyFile("--audit-key", key_file));
    const auto key = Ed25519PrivateKey::ParsePem(pem.Reveal());
    if (!key.ok()) return Unusable("--audit-key", key_file, key.status().message());
    keys.signing = *key;
    keys.known.push_back(key->public_key());
  }
  if (!public_keys_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(const Secret pem, ReadKeyFile("--audit-public-keys", public_keys_file));
    const auto known = Ed25519PublicKey::ParsePem(pem.Reveal());
    if (!known.ok()) {
      return Unusable("--audit-public-keys", public_keys_file, known.status().message());
    }
    keys.known.insert(keys.known.end(), known->begin(), known->end());
  }
  return keys;
}

}  // namespace trialgate::server
