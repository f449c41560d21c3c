// The PEM files of a connection with TLS, read and tested before anything is sent, so that what is
// wrong with them is told in words.
#ifndef TRIALGATE_TOOLS_CLI_TLS_FILES_H_
#define TRIALGATE_TOOLS_CLI_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trialgate::cli {

// Paths; empty: not given.
struct TlsFiles {
  std::string ca = {};
  std::string certificate = {};
  std::string key = {};
  // The name in the server's certificate where it is not that of the address.
  std::string server_name = {};
};

// What is in the files, as PEM.
struct TlsMaterial {
  // Empty: the authorities that the machine trusts.
  std::string ca_pem = {};
  // Empty, both: the client shows no certificate.
  std::string certificate_pem = {};
  std::string key_pem = {};
  std::string server_name = {};
};

// Reads the files. A fault of usage, which names the file: it cannot be read, or is no PEM; the key
// may be read by others, is encrypted, or is not that of the certificate; the certificate is not
// yet valid, or no longer, at `now`.
absl::StatusOr<TlsMaterial> LoadTlsFiles(const TlsFiles& files, absl::Time now);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_TLS_FILES_H_
