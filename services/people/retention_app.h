// Erases what the pack's rules do not let be kept any longer.
#ifndef TRIALGATE_SERVICES_PEOPLE_RETENTION_APP_H_
#define TRIALGATE_SERVICES_PEOPLE_RETENTION_APP_H_

#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
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
  // Keys of replaced fields that were destroyed.
  int keys_destroyed = 0;
  // Whether the run stopped at its limit: there may be more to erase.
  bool more = false;
};

// Thread-safe.
class RetentionJob {
 public:
  // Erasures of one run at most.
  static constexpr int kMaxErasures = 1000;

  // How long keys of replaced fields are kept where nothing else is said: as long as the backups of
  // keys (deploy/runbooks/people.md).
  static constexpr absl::Duration kKeepReplaced = absl::Hours(30 * 24);

  // Nothing is owned; all outlive this.
  RetentionJob(store::Store* store, const directory::DirectoryCache* directory,
               keys::KeyStore* keys, const Clock* clock, IdGenerator* ids,
               absl::Duration keep_replaced = kKeepReplaced)
      : store_(store),
        directory_(directory),
        keys_(keys),
        clock_(clock),
        ids_(ids),
        keep_replaced_(keep_replaced) {}
  // Stops.
  ~RetentionJob();
  RetentionJob(const RetentionJob&) = delete;
  RetentionJob& operator=(const RetentionJob&) = delete;

  // Erases the persons who are due today, in the country's time zone, each in a commit of its own
  // whose event says by which rule, and destroys the keys of fields that were replaced long ago; at
  // most `limit` of each. After an error at one person the rest are done all the same; the first
  // error is returned at the end. Errors are those of the store, of RunUnitOfWork, and of keys.
  absl::StatusOr<RetentionRun> RunOnce(int limit = kMaxErasures);

  // From now on runs in a thread of its own: at once, then once a day; after an error, or where
  // there is more to do, sooner. What happens is logged. Call once.
  void Start();
  // Ends that. May be called again.
  void Stop();

 private:
  absl::StatusOr<bool> EraseIfDue(const std::string& name, const v1::Pack& settings,
                                  absl::CivilDay today, absl::TimeZone zone);
  absl::Status EraseDue(int limit, RetentionRun* result);
  absl::Duration RunAndLog();
  void Loop();

  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  const absl::Duration keep_replaced_;

  Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::jthread thread_;
};

}  // namespace trialgate::people

#endif  // TRIALGATE_SERVICES_PEOPLE_RETENTION_APP_H_
