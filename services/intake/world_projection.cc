#include "services/intake/world_projection.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"

namespace trialgate::intake {
namespace {

using store::CommitNumber;

constexpr int kScanPage = 1000;
constexpr absl::Duration kMaxWait = absl::Seconds(2);

// The resources of `table` among the keys that a commit wrote.
std::vector<std::string> WrittenTo(const store::TableBase& table,
                                   const storage::v1::CommitRecord& commit) {
  const std::string prefix = table.Key("");
  std::vector<std::string> names;
  for (const std::string& key : commit.keys()) {
    if (absl::StartsWith(key, prefix)) names.push_back(key.substr(prefix.size()));
  }
  return names;
}

absl::Status CountReferrals(const store::Store& store, const std::vector<std::string>& names,
                            CommitNumber as_of, int by, routing::OpenReferrals* counts) {
  ABSL_ASSIGN_OR_RETURN(const auto rows, ReadRows(store, routing::Referrals(), names, as_of));
  for (const auto& row : rows) {
    if (row.has_value() && routing::IsOpen(row->value.state())) counts->Add(row->value, by);
  }
  return absl::OkStatus();
}

absl::Status CountRequests(const store::Store& store, const std::vector<std::string>& names,
                           CommitNumber as_of, int by,
                           std::map<v1::TrialRequestState, std::int64_t>* counts) {
  ABSL_ASSIGN_OR_RETURN(const auto rows, ReadRows(store, TrialRequests(), names, as_of));
  for (const auto& row : rows) {
    if (row.has_value()) (*counts)[row->value.state()] += by;
  }
  return absl::OkStatus();
}

}  // namespace

WorldCache::WorldCache(const directory::DirectoryCache* directory,
                       const feasibility::SiteIndexCache* sites)
    : directory_(directory), sites_(sites) {
  auto empty = std::make_shared<WorldView>();
  empty->directory = std::make_shared<const directory::DirectorySnapshot>();
  empty->sites = feasibility::SiteIndex::Of(*empty->directory, nullptr);
  view_ = std::move(empty);
}

std::shared_ptr<const WorldView> WorldCache::View() const {
  MutexLock lock(&mu_);
  return view_;
}

std::shared_ptr<const WorldView> WorldCache::CaughtUpView() const {
  const CommitNumber seen = directory_->seen();
  MutexLock lock(&mu_);
  while (view_->commit < seen) {
    if (changed_.WaitFor(&mu_, kMaxWait)) break;
  }
  return view_;
}

absl::Status WorldCache::Load(const store::Store& store, CommitNumber as_of) {
  auto view = std::make_shared<WorldView>();
  ABSL_ASSIGN_OR_RETURN(const auto open, routing::OpenReferralsAsOf(store, as_of));
  for (const v1::Referral& referral : open) view->open_referrals.Add(referral, 1);
  store::PageOptions page;
  page.limit = kScanPage;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows, ScanRows(store, TrialRequests(), page, as_of));
    for (const auto& row : rows.rows) ++view->requests_by_state[row.value.state()];
    page.after = rows.next;
  } while (!page.after.empty());
  Publish(std::move(view), as_of);
  return absl::OkStatus();
}

absl::Status WorldCache::Apply(const storage::v1::CommitRecord& commit, const store::Store& store) {
  auto view = std::make_shared<WorldView>(*View());
  const CommitNumber number = commit.number();
  const std::vector<std::string> referrals = WrittenTo(routing::Referrals(), commit);
  if (!referrals.empty()) {
    auto* open = &view->open_referrals;
    ABSL_RETURN_IF_ERROR(CountReferrals(store, referrals, number - 1, -1, open));
    ABSL_RETURN_IF_ERROR(CountReferrals(store, referrals, number, 1, open));
  }
  const std::vector<std::string> requests = WrittenTo(TrialRequests(), commit);
  if (!requests.empty()) {
    auto* counts = &view->requests_by_state;
    ABSL_RETURN_IF_ERROR(CountRequests(store, requests, number - 1, -1, counts));
    ABSL_RETURN_IF_ERROR(CountRequests(store, requests, number, 1, counts));
  }
  Publish(std::move(view), number);
  return absl::OkStatus();
}

// Directory and index have seen the same commit: their projections stand before this one.
void WorldCache::Publish(std::shared_ptr<WorldView> view, CommitNumber commit) {
  view->commit = commit;
  feasibility::IndexedDirectory newest = sites_->Newest();
  view->directory = std::move(newest.directory);
  view->sites = std::move(newest.index);
  std::shared_ptr<const WorldView> published = std::move(view);
  MutexLock lock(&mu_);
  view_.swap(published);
  changed_.NotifyAll();
}

}  // namespace trialgate::intake
