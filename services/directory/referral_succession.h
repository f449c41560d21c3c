// What a change of the directory asks of the referrals that it matters to. Referrals lie above the
// directory, which knows nothing of how they are stored: services/routing implements it.
#ifndef TRIALGATE_SERVICES_DIRECTORY_REFERRAL_SUCCESSION_H_
#define TRIALGATE_SERVICES_DIRECTORY_REFERRAL_SUCCESSION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/succession.pb.h"

namespace trialgate {
namespace store {
class Store;
class UnitOfWork;
}  // namespace store

namespace directory {

// Thread-safe.
class ReferralSuccession {
 public:
  virtual ~ReferralSuccession() = default;

  // Moves in `work` the open referrals of desks for which another is in charge today
  // (succession.h), `directory` being as it is after what `work` writes: at most so many that one
  // commit holds them; the rest moves soon after by itself. `operation` is unique to the call, and
  // the same in each attempt.
  virtual absl::StatusOr<v1::SuccessionSummary> MoveAll(store::UnitOfWork* work,
                                                        const DirectorySnapshot& directory,
                                                        const std::string& operation,
                                                        absl::Time now) = 0;

  // What lies at `desk` until `successor` takes over: waiting_referrals, and of them those of
  // blinded requests that the successor sees blinded on `day`.
  virtual absl::StatusOr<v1::SuccessionSummary> CountWaiting(store::UnitOfWork* work,
                                                             const std::string& desk,
                                                             const std::string& successor,
                                                             absl::CivilDay day) const = 0;

  // Every open referral as of a commit.
  virtual absl::StatusOr<std::vector<v1::Referral>> ReadOpen(const store::Store& store,
                                                             std::int64_t as_of) const = 0;
};

}  // namespace directory
}  // namespace trialgate

#endif  // TRIALGATE_SERVICES_DIRECTORY_REFERRAL_SUCCESSION_H_
