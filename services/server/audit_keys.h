// The keys of the audit trail's checkpoints, from the files that the configuration names.
#ifndef TRIALGATE_SERVICES_SERVER_AUDIT_KEYS_H_
#define TRIALGATE_SERVICES_SERVER_AUDIT_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/ed25519.h"

namespace trialgate::server {

struct AuditKeys {
  // Signs checkpoints; none: nobody does.
  std::optional<Ed25519PrivateKey> signing;
  // Those by which checkpoints are verified: the signing key's own, and those that were replaced.
  std::vector<Ed25519PublicKey> known;
};

// Reads the private key in `key_file` and the public keys in `public_keys_file`; an empty name: no
// such file. FAILED_PRECONDITION (CONFIGURATION): one cannot be read or is no such key, or others
// than its owner may read the private key.
absl::StatusOr<AuditKeys> ReadAuditKeys(const std::string& key_file,
                                        const std::string& public_keys_file);

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_AUDIT_KEYS_H_
