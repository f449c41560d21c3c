#include "tests/support/unkind_backend.h"

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tests/support/store_decorator.h"

namespace trialgate::store {
namespace {

class UnkindBackend final : public Backend {
 public:
  UnkindBackend(std::unique_ptr<Backend> kind, const Unkindness& unkindness)
      : kind_(std::move(kind)), unkindness_(unkindness), random_(unkindness.seed) {}

  absl::Status Apply(absl::Span<const SequencedCommit> batch) override {
    int lot = std::uniform_int_distribution<int>(0, 99)(random_);
    if (lot < unkindness_.fail_not_applied) return absl::UnavailableError("not applied");
    lot -= unkindness_.fail_not_applied;
    if (lot >= unkindness_.fail_applied && lot < unkindness_.fail_applied + unkindness_.delay) {
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(unkindness_.delay_by));
    }
    const absl::Status applied = kind_->Apply(batch);
    return lot < unkindness_.fail_applied ? absl::UnavailableError("answer lost") : applied;
  }

  absl::StatusOr<storage::v1::Head> LoadHead() override { return kind_->LoadHead(); }
  absl::StatusOr<std::vector<CommitNumber>> Versions(
      absl::Span<const absl::string_view> keys) const override {
    return kind_->Versions(keys);
  }
  absl::StatusOr<std::optional<CommitNumber>> FindCommit(absl::string_view id) const override {
    return kind_->FindCommit(id);
  }
  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    return kind_->Get(keys, as_of);
  }
  absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const override {
    return kind_->Scan(range, as_of);
  }
  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                  CommitNumber head,
                                                                  int limit) const override {
    return kind_->ReadFeed(from, head, limit);
  }
  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    return kind_->GetWritten(keys, number);
  }
  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    return kind_->VisitVersions(visit);
  }
  absl::StatusOr<storage::v1::Head> HeadAnchor() const override { return kind_->HeadAnchor(); }
  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    return kind_->CopyTo(folder);
  }

 private:
  const std::unique_ptr<Backend> kind_;
  const Unkindness unkindness_;
  std::mt19937_64 random_;  // only the sequencer's thread
};

class RefusingStore final : public StoreDecorator {
 public:
  RefusingStore(Store* store, int refuse_every)
      : StoreDecorator(store), refuse_every_(refuse_every) {}

  absl::StatusOr<CommitOutcome> Commit(CommitRequest request) override {
    if (refuse_every_ > 0 && !request.preconditions.empty() && ++commits_ % refuse_every_ == 0) {
      CommitOutcome outcome;
      outcome.kind = CommitOutcome::Kind::kRefused;
      return outcome;
    }
    return StoreDecorator::Commit(std::move(request));
  }

 private:
  const int refuse_every_;
  std::atomic<int> commits_ = 0;
};

}  // namespace

std::unique_ptr<Backend> NewUnkindBackend(std::unique_ptr<Backend> kind,
                                          const Unkindness& unkindness) {
  return std::make_unique<UnkindBackend>(std::move(kind), unkindness);
}

std::unique_ptr<Store> NewRefusingStore(Store* store, int refuse_every) {
  return std::make_unique<RefusingStore>(store, refuse_every);
}

}  // namespace trialgate::store
