// TLS files of a server in a folder of its own, and what issues them.
#ifndef TRIALGATE_TESTS_SUPPORT_TLS_FOLDER_H_
#define TRIALGATE_TESTS_SUPPORT_TLS_FOLDER_H_

#include <fstream>
#include <string>

#include "absl/time/time.h"
#include "common/rpc/tls_material.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_authority.h"

namespace trialgate {

inline void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A server's certificate for localhost and the authority's own; no revocation lists.
struct TlsFolder {
  explicit TlsFolder(absl::Time now) : authority("authority", now) {
    files.certificate = folder.Sub("server.crt");
    files.key = folder.Sub("server.key");
    files.client_ca = folder.Sub("ca.crt");
    WriteFile(files.client_ca, authority.certificate_pem());
    WriteServer(NewServer());
  }

  TestCertificate NewServer(absl::Duration valid_for = absl::Hours(24 * 30)) const {
    return authority.Issue(
        {.host_names = {"localhost"}, .usage = "serverAuth", .valid_for = valid_for});
  }
  void WriteServer(const TestCertificate& server) const {
    WriteFile(files.key, server.key_pem);
    WriteFile(files.certificate, server.certificate_pem);
  }
  void WriteCrl(const std::string& list) {
    files.crl = folder.Sub("ca.crl");
    WriteFile(files.crl, list);
  }

  TempDir folder;
  TestAuthority authority;
  rpc::TlsFiles files;
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_SUPPORT_TLS_FOLDER_H_
