// A store that passes everything on to another one: the base of test stores that change one thing.
#ifndef TRIALGATE_TESTS_SUPPORT_STORE_DECORATOR_H_
#define TRIALGATE_TESTS_SUPPORT_STORE_DECORATOR_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/store/store.h"

namespace trialgate::store {

class StoreDecorator : public Store {
 public:
  // `store` is not owned and outlives this.
  explicit StoreDecorator(Store* store) : store_(store) {}

  CommitNumber Head() const override { return store_->Head(); }
  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    return store_->Get(keys, as_of);
  }
  absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const override {
    return store_->Scan(range, as_of);
  }
  absl::StatusOr<CommitOutcome> Commit(CommitRequest request) override {
    return store_->Commit(std::move(request));
  }
  absl::StatusOr<std::optional<CommitNumber>> LookupCommit(absl::string_view id) const override {
    return store_->LookupCommit(id);
  }
  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                  int limit) const override {
    return store_->ReadFeed(from, limit);
  }
  CommitNumber WaitForCommit(CommitNumber number, absl::Duration timeout,
                             std::stop_token stop) const override {
    return store_->WaitForCommit(number, timeout, std::move(stop));
  }
  absl::Status Health() const override { return store_->Health(); }
  StoreStats Stats() const override { return store_->Stats(); }
  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    return store_->GetWritten(keys, number);
  }
  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    return store_->VisitVersions(visit);
  }
  absl::StatusOr<storage::v1::Head> HeadAnchor() const override { return store_->HeadAnchor(); }
  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    return store_->CopyTo(folder);
  }

 protected:
  Store* store() const { return store_; }

 private:
  Store* const store_;
};

}  // namespace trialgate::store

#endif  // TRIALGATE_TESTS_SUPPORT_STORE_DECORATOR_H_
