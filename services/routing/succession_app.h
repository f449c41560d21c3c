// Moves the open referrals of desks that ended, and the ideas of persons that they submitted, to
// the desks that take over.
#ifndef TRIALGATE_SERVICES_ROUTING_SUCCESSION_APP_H_
#define TRIALGATE_SERVICES_ROUTING_SUCCESSION_APP_H_

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/mutex.h"
#include "common/store/store.h"
#include "common/store/unit_of_work.h"
#include "services/directory/directory_projection.h"
#include "services/directory/referral_succession.h"
#include "services/routing/request_progress.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// A referral keeps all it has; its list of moves says SUCCEEDED. Two referrals of one request that
// a merger brings to one desk stay two. CDAs do not move. Thread-safe.
class Succession final : public directory::ReferralSuccession {
 public:
  // Referrals that one commit moves at most.
  static constexpr int kMaxMoves = 1000;

  // `requests` is not owned and outlives this.
  explicit Succession(const RequestProgress* requests, int max_moves = kMaxMoves)
      : requests_(requests), max_moves_(max_moves) {}

  absl::StatusOr<v1::SuccessionSummary> MoveAll(store::UnitOfWork* work,
                                                const directory::DirectorySnapshot& directory,
                                                const std::string& operation,
                                                absl::Time now) override;
  absl::StatusOr<v1::SuccessionSummary> CountWaiting(store::UnitOfWork* work,
                                                     const std::string& desk,
                                                     const std::string& successor,
                                                     absl::CivilDay day) const override;
  absl::StatusOr<std::vector<v1::Referral>> ReadOpen(const store::Store& store,
                                                     std::int64_t as_of) const override;
  // Whether `desk` stands in the place of any person whose idea it submitted.
  absl::StatusOr<bool> HasSubmittedIdeas(const store::UnitOfWork& work,
                                         const std::string& desk) const;

 private:
  absl::StatusOr<bool> NeedsCda(store::UnitOfWork* work, const v1::TrialRequest& request,
                                const std::string& desk, absl::CivilDay day) const;

  const RequestProgress* const requests_;
  const int max_moves_;
};

// Moves what is due by the calendar: a desk whose last valid day is over has ended, and nobody
// calls. Thread-safe.
class SuccessionJob {
 public:
  // Nothing is owned; all outlive this.
  SuccessionJob(store::Store* store, const directory::DirectoryCache* directory,
                Succession* succession, const Clock* clock, IdGenerator* ids)
      : store_(store), directory_(directory), succession_(succession), clock_(clock), ids_(ids) {}
  // Stops.
  ~SuccessionJob();
  SuccessionJob(const SuccessionJob&) = delete;
  SuccessionJob& operator=(const SuccessionJob&) = delete;

  // Moves all that is due now, in commits of the program's; whatever was moved before is found at
  // its new desk, and stays. Returns how many it moved. Errors are those of the store and of
  // RunUnitOfWork.
  absl::StatusOr<int> RunOnce();

  // Runs once, before this returns; from then on in a thread of its own: when a day begins in the
  // country's time zone, and now and then, should the clock be set. What happens is logged. Call
  // once.
  void Start();
  // Ends that. May be called again.
  void Stop();

 private:
  // nullopt: nothing is due. Otherwise the referrals moved by one commit, perhaps none but ideas.
  absl::StatusOr<std::optional<int>> MoveSome();
  absl::Duration RunAndLog();
  void Loop();

  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  Succession* const succession_;
  const Clock* const clock_;
  IdGenerator* const ids_;

  Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::jthread thread_;
};

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_SUCCESSION_APP_H_
