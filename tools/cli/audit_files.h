// Files of the audit commands: exports, keys, backups.
#ifndef TRIALGATE_TOOLS_CLI_AUDIT_FILES_H_
#define TRIALGATE_TOOLS_CLI_AUDIT_FILES_H_

#include <cstdio>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/chain.h"
#include "trialgate/v1/audit_service.pb.h"

namespace trialgate::cli {

// What an auditor knows: the public keys in the PEM files, and heads given as "NUMBER:HASH". A
// fault of usage names the file or the text.
absl::StatusOr<store::ChainKnowledge> ReadKnowledge(const std::vector<std::string>& key_files,
                                                    const std::vector<std::string>& kept_heads);

// A file that is there as a whole or not at all. Only its owner may read it. Not thread-safe.
class AtomicFile {
 public:
  // Begins to write what is to become `path`, beside it; "-" writes to `out`, as it comes. A fault
  // of usage if that is not possible.
  static absl::StatusOr<AtomicFile> Create(const std::string& path, std::ostream& out);
  // Removes what was not finished.
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;

  absl::Status Write(absl::string_view text);
  // Makes it durable under its name, in place of what was there.
  absl::Status Finish();

 private:
  AtomicFile(std::string path, std::ostream* out) : path_(std::move(path)), out_(out) {}

  std::string path_;
  std::string unfinished_;
  std::ostream* out_;  // null: to the file
  std::FILE* file_ = nullptr;
};

// Makes a key for checkpoints: the private one as `path`, which only its owner may read, the public
// one as `path`.pub. A fault of usage if one of them exists. Returns the key's id in hexadecimal.
absl::StatusOr<std::string> MakeAuditKey(const std::string& path);

// Verifies the store in a folder that no server holds.
absl::StatusOr<v1::VerifyAuditTrailResponse> VerifyBackup(const std::string& folder,
                                                          const store::ChainKnowledge& knowledge);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_AUDIT_FILES_H_
