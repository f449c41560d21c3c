// Which commits are about what those who watch wait for.
#ifndef TRIALGATE_SERVICES_SERVER_WATCH_TOPICS_H_
#define TRIALGATE_SERVICES_SERVER_WATCH_TOPICS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "trialgate/storage/v1/commit.pb.h"

namespace trialgate::server {

// The topics (services/access/watch_topics.h) of a commit. A referral is about the desk that has it
// and the one that had it before. Errors are those of Store::Get.
absl::StatusOr<std::vector<std::string>> WatchTopics(const storage::v1::CommitRecord& commit,
                                                     const store::Store& store);

}  // namespace trialgate::server

#endif  // TRIALGATE_SERVICES_SERVER_WATCH_TOPICS_H_
