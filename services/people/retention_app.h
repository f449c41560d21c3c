// Erases what the pack's rules do not let be kept any longer.
#ifndef TRIALGATE_SERVICES_PEOPLE_RETENTION_APP_H_
#define TRIALGATE_SERVICES_PEOPLE_RETENTION_APP_H_

#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/mutex.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "common/store/unit_of_work.h"
#include "services/directory/directory_projection.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::people {

struct RetentionRun {
  // Persons erased.
  int erased = 0;
  // Whether the run stopped at its limit: there may be more to erase.
  bool more = false;
};

// Thread-safe.
class RetentionJob {
 public:
  // Erasures of one run at most.
  static constexpr int kMaxErasures = 1000;

  // Nothing is owned; all outlive this.
  RetentionJob(store::Store* store, const directory::DirectoryCache* directory,
               keys::KeyStore* keys, const Clock* clock, IdGenerator* ids)
      : store_(store), directory_(directory), keys_(keys), clock_(clock), ids_(ids) {}
  // Stops.
  ~RetentionJob();
  RetentionJob(const RetentionJob&) = delete;
  RetentionJob& operator=(const RetentionJob&) = delete;

  // Erases the persons who are due today, in the country's time zone, each in a commit of its own
  // whose event says by which rule; at most `limit`. An error ends the run; what was erased is.
  // Errors are those of the store, of RunUnitOfWork, and of keys.
  absl::StatusOr<RetentionRun> RunOnce(int limit = kMaxErasures);

  // From now on runs in a thread of its own: at once, then once a day; after an error, or where
  // there is more to do, sooner. What happens is logged. Call once.
  void Start();
  // Ends that. May be called again.
  void Stop();

 private:
  absl::StatusOr<bool> EraseIfDue(const std::string& name, const v1::Pack& settings,
                                  absl::CivilDay today, absl::TimeZone zone);
  absl::Duration RunAndLog();
  void Loop();

  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;

  Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::jthread thread_;
};

}  // namespace trialgate::people

#endif  // TRIALGATE_SERVICES_PEOPLE_RETENTION_APP_H_
