#include "services/server/watch_topics.h"

#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "services/access/cda_repository.h"
#include "services/access/watch_topics.h"
#include "services/directory/directory_changes_repository.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/resource_names.h"

namespace trialgate::server {
namespace {

// The resource keys among the commit's that are of `table`.
std::vector<std::string> KeysOf(const store::TableBase& table,
                                const storage::v1::CommitRecord& commit) {
  const std::string prefix = table.Key("");
  std::vector<std::string> found;
  for (const std::string& key : commit.keys()) {
    if (absl::StartsWith(key, prefix)) found.push_back(key.substr(prefix.size()));
  }
  return found;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> WatchTopics(const storage::v1::CommitRecord& commit,
                                                     const store::Store& store) {
  std::set<std::string> topics;
  for (std::string& name : KeysOf(intake::TrialRequests(), commit)) topics.insert(std::move(name));
  const std::vector<std::string> referrals = KeysOf(routing::Referrals(), commit);
  for (const std::string& name : referrals) topics.insert(routing::RequestOf(name));
  if (!referrals.empty()) {
    for (const store::CommitNumber as_of : {commit.number() - 1, commit.number()}) {
      ABSL_ASSIGN_OR_RETURN(const auto rows,
                            ReadRows(store, routing::Referrals(), referrals, as_of));
      for (const auto& row : rows) {
        if (row.has_value()) topics.insert(row->value.desk());
      }
    }
  }
  if (!KeysOf(access::Cdas(), commit).empty()) topics.insert(access::kCdaTopic);
  const std::vector<std::string> keys(commit.keys().begin(), commit.keys().end());
  for (const std::string& name : directory::DirectoryNames(keys)) {
    topics.insert(absl::EndsWith(name, "/capacity") ? access::kCapacityTopic
                                                    : access::kDirectoryTopic);
  }
  return std::vector<std::string>(std::make_move_iterator(topics.begin()),
                                  std::make_move_iterator(topics.end()));
}

}  // namespace trialgate::server
