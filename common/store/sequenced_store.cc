#include "common/store/sequenced_store.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/store/head_signal.h"
#include "common/store/sequencer.h"

namespace trialgate::store {
namespace {

// The checks here guard against mistakes of the program, not of its clients: no reasons needed.

absl::Status CheckKey(absl::string_view key) {
  if (key.empty() || key.size() > kMaxKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a key has 1 to ", kMaxKeyBytes, " bytes, not ", key.size()));
  }
  if (key.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError("a key contains no NUL");
  }
  return absl::OkStatus();
}

absl::Status CheckLimit(int limit) {
  if (limit >= 1 && limit <= kMaxPage) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a limit is 1 to ", kMaxPage, ", not ", limit));
}

absl::Status CheckWrites(const std::vector<Write>& writes) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const std::size_t value = writes[i].value.has_value() ? writes[i].value->size() : 0;
    ABSL_RETURN_IF_ERROR(CheckKey(writes[i].key));
    if (i > 0 && writes[i - 1].key == writes[i].key) {
      return absl::InvalidArgumentError("a key is written once in a commit");
    }
    if (value > kMaxValueBytes) return absl::InvalidArgumentError("a value is too large");
    bytes += writes[i].key.size() + value;
  }
  if (bytes > kMaxCommitBytes) return absl::InvalidArgumentError("a commit is too large");
  return absl::OkStatus();
}

// Checks a request and sorts its writes.
absl::Status Prepare(CommitRequest* request) {
  if (request->id.empty() || request->id.size() > kMaxCommitIdBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a commit id has 1 to ", kMaxCommitIdBytes, " bytes"));
  }
  if (request->writes.size() > kMaxWritesPerCommit ||
      request->preconditions.size() > kMaxPreconditionsPerCommit) {
    return absl::InvalidArgumentError("a commit has too many writes or preconditions");
  }
  if (request->event.size() > kMaxValueBytes) {
    return absl::InvalidArgumentError("an event is too large");
  }
  for (const Precondition& precondition : request->preconditions) {
    ABSL_RETURN_IF_ERROR(CheckKey(precondition.key));
  }
  std::sort(request->writes.begin(), request->writes.end(),
            [](const Write& a, const Write& b) { return a.key < b.key; });
  return CheckWrites(request->writes);
}

class SequencedStore final : public Store {
 public:
  SequencedStore(std::unique_ptr<Backend> backend, const StoreOptions& options)
      : backend_(std::move(backend)), sequencer_(backend_.get(), &head_, options) {}

  absl::Status Start() { return sequencer_.Start(); }

  CommitNumber Head() const override { return head_.Get(); }

  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    ABSL_RETURN_IF_ERROR(CheckAsOf(as_of));
    for (const std::string& key : keys) ABSL_RETURN_IF_ERROR(CheckKey(key));
    return backend_->Get(keys, as_of);
  }

  absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const override {
    ABSL_RETURN_IF_ERROR(CheckAsOf(as_of));
    ABSL_RETURN_IF_ERROR(CheckLimit(range.limit));
    return backend_->Scan(range, as_of);
  }

  absl::StatusOr<CommitOutcome> Commit(CommitRequest request) override {
    ABSL_RETURN_IF_ERROR(Prepare(&request));
    return sequencer_.Commit(std::move(request));
  }

  absl::StatusOr<std::optional<CommitNumber>> LookupCommit(absl::string_view id) const override {
    ABSL_ASSIGN_OR_RETURN(const std::optional<CommitNumber> number, backend_->FindCommit(id));
    // What was not found may yet come to light when a failed store is opened again.
    if (!number.has_value()) ABSL_RETURN_IF_ERROR(sequencer_.Health());
    return number;
  }

  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                  int limit) const override {
    ABSL_RETURN_IF_ERROR(CheckLimit(limit));
    if (from < 1) return absl::OutOfRangeError("the feed starts at commit 1");
    const CommitNumber head = Head();
    if (from > head) return std::vector<storage::v1::CommitRecord>();
    return backend_->ReadFeed(from, head, limit);
  }

  CommitNumber WaitForCommit(CommitNumber number, absl::Duration timeout,
                             std::stop_token stop) const override {
    return head_.Wait(number, timeout, std::move(stop));
  }

  absl::Status Health() const override { return sequencer_.Health(); }

  StoreStats Stats() const override { return sequencer_.Stats(); }

  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    ABSL_RETURN_IF_ERROR(CheckAsOf(number));
    for (const std::string& key : keys) ABSL_RETURN_IF_ERROR(CheckKey(key));
    return backend_->GetWritten(keys, number);
  }

  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    return backend_->VisitVersions(visit);
  }

  absl::StatusOr<storage::v1::Head> HeadAnchor() const override { return backend_->HeadAnchor(); }

  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    return backend_->CopyTo(folder);
  }

 private:
  absl::Status CheckAsOf(CommitNumber as_of) const {
    const CommitNumber head = Head();
    if (as_of >= 0 && as_of <= head) return absl::OkStatus();
    return absl::OutOfRangeError(
        absl::StrCat("there is no commit ", as_of, "; the last one is ", head));
  }

  const std::unique_ptr<Backend> backend_;
  HeadSignal head_;
  Sequencer sequencer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> NewSequencedStore(std::unique_ptr<Backend> backend,
                                                         const StoreOptions& options) {
  auto store = std::make_unique<SequencedStore>(std::move(backend), options);
  ABSL_RETURN_IF_ERROR(store->Start());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace trialgate::store
