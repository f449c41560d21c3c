// Watching the directory.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_WATCH_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_WATCH_APP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/stream_source.h"
#include "common/store/store.h"
#include "common/store/watch_hub.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_projection.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/directory_service.pb.h"

namespace trialgate::directory {

// Thread-safe.
class DirectoryWatchApp {
 public:
  // Nothing is owned; all outlive this and what it opens. `cache` follows `store` before `hub`.
  DirectoryWatchApp(const store::Store* store, store::WatchHub* hub, const DirectoryCache* cache,
                    const DirectoryApp* directory)
      : store_(store), hub_(hub), cache_(cache), directory_(directory) {}

  // WatchDirectory, with the errors documented there.
  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch(const v1::Principal& principal,
                                                           const v1::WatchDirectoryRequest& request,
                                                           rpc::StreamWaker waker) const;

 private:
  const store::Store* const store_;
  store::WatchHub* const hub_;
  const DirectoryCache* const cache_;
  const DirectoryApp* const directory_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_WATCH_APP_H_
