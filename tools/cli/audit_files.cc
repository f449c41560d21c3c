#include "tools/cli/audit_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/store/rocksdb_store.h"
#include "tools/cli/errors.h"
#include "tools/cli/export_verifier.h"
#include "tools/cli/files.h"

namespace trialgate::cli {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 1 << 20;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kReadable = 0644;

absl::Status SystemError(const std::string& path) {
  return UsageError(absl::StrCat(path, ": ", std::strerror(errno)));
}

// Writes a file that does not exist yet.
absl::Status WriteNew(const std::string& path, absl::string_view content, mode_t mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return SystemError(path);
  const ssize_t written = write(fd, content.data(), content.size());
  const bool good = written == static_cast<ssize_t>(content.size()) && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  errno = error;
  return good ? absl::OkStatus() : SystemError(path);
}

absl::Status AddKeptHead(const std::string& text, store::ChainKnowledge* knowledge) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  std::int64_t number = 0;
  const bool is_head =
      parts.size() == 2 && absl::SimpleAtoi(parts[0], &number) && number > 0 &&
      parts[1].size() == 2 * kSha256Bytes &&
      absl::AsciiStrToLower(parts[1]).find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_head) {
    return UsageError(
        absl::StrCat("--kept ", text, ": it is NUMBER:HASH, as `audit verify` tells"));
  }
  const std::string hash = absl::HexStringToBytes(absl::AsciiStrToLower(parts[1]));
  const auto [known, is_new] = knowledge->kept_heads.emplace(number, hash);
  if (is_new || known->second == hash) return absl::OkStatus();
  return UsageError(absl::StrCat("--kept: event ", number, " cannot have two hashes"));
}

}  // namespace

absl::StatusOr<store::ChainKnowledge> ReadKnowledge(const std::vector<std::string>& key_files,
                                                    const std::vector<std::string>& kept_heads) {
  store::ChainKnowledge knowledge;
  std::ifstream none;
  for (const std::string& file : key_files) {
    ABSL_ASSIGN_OR_RETURN(const std::string pem, ReadFile(file, kMaxKeyFileBytes, none));
    const auto keys = Ed25519PublicKey::ParsePem(pem);
    if (!keys.ok()) return UsageError(absl::StrCat(file, ": ", keys.status().message()));
    knowledge.public_keys.insert(knowledge.public_keys.end(), keys->begin(), keys->end());
  }
  for (const std::string& head : kept_heads) {
    ABSL_RETURN_IF_ERROR(AddKeptHead(head, &knowledge));
  }
  return knowledge;
}

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path, std::ostream& out) {
  if (path == "-") return AtomicFile(path, &out);
  AtomicFile file(path, nullptr);
  const std::string unfinished = absl::StrCat(path, ".", getpid(), ".part");
  const int fd = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return SystemError(unfinished);
  file.unfinished_ = unfinished;
  file.file_ = fdopen(fd, "wb");
  if (file.file_ == nullptr) return SystemError(unfinished);
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      unfinished_(std::exchange(other.unfinished_, "")),
      out_(other.out_),
      file_(std::exchange(other.file_, nullptr)) {}

AtomicFile::~AtomicFile() {
  if (file_ != nullptr) std::fclose(file_);
  if (!unfinished_.empty()) unlink(unfinished_.c_str());
}

absl::Status AtomicFile::Write(absl::string_view text) {
  if (out_ != nullptr) {
    out_->write(text.data(), static_cast<std::streamsize>(text.size()));
    return *out_ ? absl::OkStatus() : absl::UnknownError("standard output cannot be written");
  }
  if (std::fwrite(text.data(), 1, text.size(), file_) == text.size()) return absl::OkStatus();
  return SystemError(path_);
}

absl::Status AtomicFile::Finish() {
  if (out_ != nullptr) return absl::OkStatus();
  std::FILE* const file = std::exchange(file_, nullptr);
  const bool flushed = std::fflush(file) == 0 && fsync(fileno(file)) == 0;
  if (std::fclose(file) != 0 || !flushed) return SystemError(path_);
  if (std::rename(unfinished_.c_str(), path_.c_str()) != 0) return SystemError(path_);
  unfinished_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::string> MakeAuditKey(const std::string& path) {
  const Ed25519PrivateKey key = Ed25519PrivateKey::Generate();
  ABSL_RETURN_IF_ERROR(WriteNew(path, key.ToPem().Reveal(), kOwnerOnly));
  ABSL_RETURN_IF_ERROR(WriteNew(absl::StrCat(path, ".pub"), key.public_key().ToPem(), kReadable));
  return absl::BytesToHexString(key.public_key().id());
}

absl::StatusOr<v1::VerifyAuditTrailResponse> VerifyBackup(const std::string& folder,
                                                          const store::ChainKnowledge& knowledge) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(folder) / "CURRENT", error)) {
    return UsageError(absl::StrCat(folder,
                                   ": it holds no store; --backup names the folder that "
                                   "`server backup` made, or a copy of it"));
  }
  ABSL_ASSIGN_OR_RETURN(const auto store, store::OpenRocksDbStoreReadOnly(folder));
  ABSL_ASSIGN_OR_RETURN(const store::ChainReport report,
                        store::VerifyChain(*store, 1, 0, knowledge));
  v1::VerifyAuditTrailResponse result;
  for (const store::ChainFault& fault : report.faults) {
    v1::AuditFault* const told = result.add_faults();
    told->set_number(fault.number);
    told->set_description(fault.description);
  }
  result.set_events(report.verified);
  result.set_last_number(report.verified);
  result.set_head_hash(absl::BytesToHexString(report.head_hash));
  result.set_checkpoints(report.checkpoints);
  result.set_signed_through(report.signed_through);
  result.set_signatures_tested(!knowledge.public_keys.empty());
  AddUnsignedFault(knowledge, &result);
  result.set_intact(result.faults_size() == 0);
  if (result.faults_size() > 0) {
    result.set_first_fault(result.faults(0).number());
    result.set_description(result.faults(0).description());
  }
  return result;
}

}  // namespace trialgate::cli
