#include "services/audit/trail_witness_app.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/store/chain.h"
#include "common/store/chain_walker.h"
#include "common/store/checkpoint.h"
#include "services/audit/event_writer.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using store::CommitNumber;

constexpr absl::string_view kFormat = "trialgate-audit-witness 1";
constexpr std::size_t kMaxFileBytes = 256;
constexpr mode_t kOwnerOnly = 0600;
// Records read at once.
constexpr int kPage = 256;

absl::Status Unusable(const std::string& path, absl::string_view why) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("cannot use the witness of the audit trail, ", path,
                            " (--audit-witness): ", why))
      .WithMetadata("file", path);
}

absl::Status WriteSynced(const std::string& path, absl::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) return Unusable(path, std::strerror(errno));
  const bool good =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  return good ? absl::OkStatus() : Unusable(path, std::strerror(error));
}

// Makes a rename within it durable.
absl::Status SyncFolderOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const int fd = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Unusable(path, std::strerror(errno));
  const bool good = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  return good ? absl::OkStatus() : Unusable(path, std::strerror(error));
}

// What is wrong with the commits after `known`; empty: nothing.
absl::StatusOr<std::string> FaultAfter(const store::Store& store, const WitnessedCommit& known) {
  store::ChainWalker walker(known.number + 1, known.hash);
  const CommitNumber head = store.Head();
  while (walker.next() <= head) {
    const auto page = store.ReadFeed(walker.next(), kPage);
    if (absl::IsDataLoss(page.status())) return std::string(page.status().message());
    ABSL_RETURN_IF_ERROR(page.status());
    if (page->empty()) return absl::StrCat("it lacks commit ", walker.next());
    for (const storage::v1::CommitRecord& record : *page) {
      if (const auto fault = walker.Add(record); fault.has_value()) {
        return absl::StrCat("commit ", fault->number, ": ", fault->description);
      }
    }
  }
  return std::string();
}

// In what the trail is not the one that was signed; empty: it is.
absl::StatusOr<std::string> Contradiction(const store::Store& store, const WitnessedCommit& known) {
  if (store.Head() < known.number) {
    return absl::StrCat("it ends with commit ", store.Head(), ", before commit ", known.number,
                        ", which was signed");
  }
  const auto records = store.ReadFeed(known.number, 1);
  if (!absl::IsDataLoss(records.status())) ABSL_RETURN_IF_ERROR(records.status());
  if (!records.ok() || records->empty() || records->front().number() != known.number ||
      store::CommitHash(records->front()) != known.hash || records->front().hash() != known.hash) {
    return absl::StrCat("its commit ", known.number, " is not the one that was signed");
  }
  return FaultAfter(store, known);
}

absl::Status Accept(store::Store* store, IdGenerator* ids, const TrailWitness& witness,
                    const WitnessedCommit& known, const std::string& wrong) {
  v1::Principal program;
  program.set_role(v1::ROLE_PROGRAM);
  const std::string reason =
      absl::StrCat("an operator put this trail back: ", wrong, "; signed last was commit ",
                   known.number, " with hash ", absl::BytesToHexString(known.hash));
  store::CommitRequest request;
  request.id = ids->NewId();
  request.event = MakeEvent(program, kAcceptRestoredAction, reason, {});
  ABSL_ASSIGN_OR_RETURN(const store::CommitOutcome outcome, store->Commit(std::move(request)));
  if (outcome.kind != store::CommitOutcome::Kind::kCommitted) {
    return absl::UnavailableError(outcome.cause.ToString());
  }
  const CommitNumber head = store->Head();
  ABSL_ASSIGN_OR_RETURN(const std::string hash, HashOfCommit(*store, head));
  obs::LogLine(obs::Level::kWarning, "audit_trail_accepted")
      .With("commit", head)
      .With("difference", obs::Public(wrong));
  return witness.Write({head, hash});
}

absl::Status Refuse(const store::Store& store, const TrailWitness& witness,
                    const WitnessedCommit& known, const std::string& wrong) {
  obs::LogLine(obs::Level::kError, "audit_trail_changed")
      .With("difference", obs::Public(wrong))
      .With("head_commit", store.Head())
      .With("signed_commit", known.number);
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
               absl::StrCat("the audit trail is not the one that this server signed: ", wrong, " (",
                            witness.path(),
                            "). If no backup was restored, keep the data folder "
                            "as it is and find out who changed it. If that was done on purpose, "
                            "start once with --audit-accept-restored=",
                            store.Head(), "; an event will say so"))
      .WithMetadata("file", witness.path());
}

// Of a server that was without a witness so far.
absl::Status Begin(const store::Store& store, const TrailWitness& witness) {
  ABSL_ASSIGN_OR_RETURN(const auto last, store::LastCheckpoint(store, store.Head()));
  if (!last.has_value()) return absl::OkStatus();
  obs::LogLine(obs::Level::kWarning, "audit_witness_missing")
      .With("file", obs::Public(witness.path()))
      .With("warning",
            "there are checkpoints but no note of the last one: whether the trail was put back or "
            "written anew before this start is not known");
  return witness.Write({last->value.number(), last->value.hash()});
}

}  // namespace

absl::StatusOr<std::optional<WitnessedCommit>> TrailWitness::Read() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error) && !error) return std::optional<WitnessedCommit>();
  std::ifstream file(path_, std::ios::binary);
  std::string text(kMaxFileBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  absl::string_view rest = text;
  std::vector<std::string> words;
  if (absl::ConsumePrefix(&rest, absl::StrCat(kFormat, " ")) && absl::ConsumeSuffix(&rest, "\n")) {
    words = absl::StrSplit(rest, ' ');
  }
  WitnessedCommit commit;
  if (words.size() == 2 && absl::SimpleAtoi(words[0], &commit.number) && commit.number > 0 &&
      words[1].size() == 2 * kSha256Bytes) {
    commit.hash = absl::HexStringToBytes(words[1]);
    if (absl::BytesToHexString(commit.hash) == words[1]) {
      return std::optional<WitnessedCommit>(std::move(commit));
    }
  }
  return Unusable(path_, "it cannot be read, or is no such file");
}

absl::Status TrailWitness::Write(const WitnessedCommit& commit) const {
  const std::string unfinished = absl::StrCat(path_, ".part");
  ABSL_RETURN_IF_ERROR(WriteSynced(
      unfinished,
      absl::StrCat(kFormat, " ", commit.number, " ", absl::BytesToHexString(commit.hash), "\n")));
  if (std::rename(unfinished.c_str(), path_.c_str()) != 0) {
    return Unusable(path_, std::strerror(errno));
  }
  return SyncFolderOf(path_);
}

absl::StatusOr<std::string> HashOfCommit(const store::Store& store, CommitNumber number) {
  ABSL_ASSIGN_OR_RETURN(const auto records, store.ReadFeed(number, 1));
  if (records.empty() || records.front().number() != number) {
    return Error(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
                 absl::StrCat("the feed lacks commit ", number));
  }
  return records.front().hash();
}

absl::Status CheckWitnessedTrail(store::Store* store, IdGenerator* ids, const TrailWitness& witness,
                                 CommitNumber accepted) {
  ABSL_ASSIGN_OR_RETURN(const auto known, witness.Read());
  if (!known.has_value()) return Begin(*store, witness);
  ABSL_ASSIGN_OR_RETURN(const std::string wrong, Contradiction(*store, *known));
  if (wrong.empty()) return absl::OkStatus();
  if (accepted > 0 && accepted == store->Head()) return Accept(store, ids, witness, *known, wrong);
  return Refuse(*store, witness, *known, wrong);
}

}  // namespace trialgate::audit
