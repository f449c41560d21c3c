#include "common/store/memory_backend.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/store/chain.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

struct Version {
  CommitNumber number;
  std::optional<std::string> value;
};

// All versions of one key, ascending.
using History = std::vector<Version>;

const Version* AsOf(const History& history, CommitNumber as_of) {
  const auto after =
      std::upper_bound(history.begin(), history.end(), as_of,
                       [](CommitNumber number, const Version& v) { return number < v.number; });
  return after == history.begin() ? nullptr : &*std::prev(after);
}

class MemoryBackend final : public Backend {
 public:
  absl::Status Apply(absl::Span<const SequencedCommit> batch) override {
    MutexLock lock(&mu_);
    for (const SequencedCommit& commit : batch) {
      const CommitNumber number = commit.record.number();
      for (const Write& write : commit.writes) {
        data_[write.key].push_back({number, write.value});
      }
      ids_.emplace(commit.record.id(), number);
      feed_.push_back(commit.record);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<storage::v1::Head> LoadHead() override { return HeadAnchor(); }

  absl::StatusOr<std::vector<CommitNumber>> Versions(
      absl::Span<const absl::string_view> keys) const override {
    std::vector<CommitNumber> versions;
    MutexLock lock(&mu_);
    for (const absl::string_view key : keys) {
      const auto it = data_.find(key);
      const bool present = it != data_.end() && it->second.back().value.has_value();
      versions.push_back(present ? it->second.back().number : 0);
    }
    return versions;
  }

  absl::StatusOr<std::optional<CommitNumber>> FindCommit(absl::string_view id) const override {
    MutexLock lock(&mu_);
    const auto it = ids_.find(std::string(id));
    return it == ids_.end() ? std::nullopt : std::optional<CommitNumber>(it->second);
  }

  absl::StatusOr<std::vector<std::optional<Entry>>> Get(absl::Span<const std::string> keys,
                                                        CommitNumber as_of) const override {
    std::vector<std::optional<Entry>> entries;
    MutexLock lock(&mu_);
    for (const std::string& key : keys) {
      const auto it = data_.find(key);
      const Version* const version = it == data_.end() ? nullptr : AsOf(it->second, as_of);
      entries.emplace_back();
      if (version == nullptr || !version->value.has_value()) continue;
      entries.back() = Entry{key, *version->value, version->number};
    }
    return entries;
  }

  absl::StatusOr<ScanPage> Scan(const ScanRange& range, CommitNumber as_of) const override {
    ScanPage page;
    std::size_t bytes = 0;
    MutexLock lock(&mu_);
    auto it = range.start_after < range.start || range.start_after.empty()
                  ? data_.lower_bound(range.start)
                  : data_.upper_bound(range.start_after);
    for (; it != data_.end() && (range.end.empty() || it->first < range.end); ++it) {
      const Version* const version = AsOf(it->second, as_of);
      if (version == nullptr || !version->value.has_value()) continue;
      if (page.entries.size() == static_cast<std::size_t>(range.limit) || bytes >= kMaxPageBytes) {
        page.more = true;
        break;
      }
      bytes += it->first.size() + version->value->size();
      page.entries.push_back({it->first, *version->value, version->number});
    }
    return page;
  }

  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(CommitNumber from,
                                                                  CommitNumber head,
                                                                  int limit) const override {
    MutexLock lock(&mu_);
    const CommitNumber last = std::min(head, from + limit - 1);
    std::vector<storage::v1::CommitRecord> records;
    std::size_t bytes = 0;
    for (CommitNumber number = from; number <= last && bytes < kMaxPageBytes; ++number) {
      records.push_back(feed_[static_cast<std::size_t>(number - 1)]);
      bytes += records.back().ByteSizeLong();
    }
    return records;
  }

  absl::StatusOr<std::vector<std::optional<Write>>> GetWritten(absl::Span<const std::string> keys,
                                                               CommitNumber number) const override {
    std::vector<std::optional<Write>> writes;
    MutexLock lock(&mu_);
    for (const std::string& key : keys) {
      const auto it = data_.find(key);
      const Version* const version = it == data_.end() ? nullptr : AsOf(it->second, number);
      writes.emplace_back();
      if (version != nullptr && version->number == number) {
        writes.back() = Write{key, version->value};
      }
    }
    return writes;
  }

  absl::Status VisitVersions(
      absl::FunctionRef<void(absl::string_view key, CommitNumber version)> visit) const override {
    MutexLock lock(&mu_);
    for (const auto& [key, history] : data_) {
      for (const Version& version : history) visit(key, version.number);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<storage::v1::Head> HeadAnchor() const override {
    MutexLock lock(&mu_);
    storage::v1::Head head;
    head.set_number(static_cast<CommitNumber>(feed_.size()));
    head.set_hash(feed_.empty() ? GenesisHash() : feed_.back().hash());
    return head;
  }

  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
                 "a store in memory has no copies on disk");
  }

 private:
  mutable Mutex mu_;
  std::map<std::string, History, std::less<>> data_ ABSL_GUARDED_BY(mu_);
  std::vector<storage::v1::CommitRecord> feed_ ABSL_GUARDED_BY(mu_);
  std::unordered_map<std::string, CommitNumber> ids_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::unique_ptr<Backend> NewMemoryBackend() { return std::make_unique<MemoryBackend>(); }

}  // namespace trialgate::store
