// What an operator may do to the server: look, set the log's level, drain, back up.
#ifndef TRIALGATE_SERVICES_OPERATIONS_OPERATOR_APP_H_
#define TRIALGATE_SERVICES_OPERATIONS_OPERATOR_APP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/mutex.h"
#include "common/obs/http_server.h"
#include "common/store/store.h"
#include "common/store/unit_of_work.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/operator_service.pb.h"

namespace trialgate::operations {

// What the server shows its operators, and lets them do. Functions are thread-safe.
struct ServerControls {
  std::string version;
  // "rocksdb" or "memory".
  std::string store_kind;
  // Where backups lie; empty: there are none.
  std::string backup_dir;
  std::function<std::vector<obs::ReadinessCheck>()> checks;
  // Commits that what is derived has not seen.
  std::function<std::int64_t()> follower_lag;
  std::function<std::int64_t()> trial_requests;
  std::function<std::int64_t()> open_referrals;
  std::function<bool()> is_draining;
  // Drains from now on; whether it did already.
  std::function<bool()> drain;
};

// Each change is one event of the audit trail, without reading or writing anything else. Where the
// store takes no commits the change happens all the same and answers recorded = false: a server
// whose store fails must be drained, looked into and rescued. Thread-safe.
class OperatorApp {
 public:
  // Nothing is owned; all outlive this. It began to serve now.
  OperatorApp(store::Store* store, const Clock* clock, IdGenerator* ids, ServerControls controls);

  // Errors of the store.
  absl::StatusOr<v1::ServerStatus> Status() const;

  // These check their request: INVALID_ARGUMENT (INVALID_FIELDS).
  absl::StatusOr<v1::SetLogLevelResponse> SetLogLevel(const v1::Principal& principal,
                                                      const v1::SetLogLevelRequest& request);
  absl::StatusOr<v1::DrainResponse> Drain(const v1::Principal& principal,
                                          const v1::DrainRequest& request);
  // Besides, as the proto says, and errors of Store::CopyTo.
  absl::StatusOr<v1::BackupResponse> Backup(const v1::Principal& principal,
                                            const v1::BackupRequest& request);

 private:
  bool Record(const v1::Principal& principal, absl::string_view action, absl::string_view reason,
              const std::vector<store::Change>& changes);

  store::Store* const store_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  const ServerControls controls_;
  const absl::Time start_;
  Mutex mu_;
  bool backing_up_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace trialgate::operations

#endif  // TRIALGATE_SERVICES_OPERATIONS_OPERATOR_APP_H_
