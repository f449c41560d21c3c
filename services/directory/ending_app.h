// Ends desks and regions, and moves what was open there.
#ifndef TRIALGATE_SERVICES_DIRECTORY_ENDING_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_ENDING_APP_H_

#include <memory>
#include <set>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/store/store.h"
#include "common/store/unit_of_work.h"
#include "services/directory/directory_projection.h"
#include "services/directory/referral_succession.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/succession.pb.h"

namespace trialgate::directory {

// Methods of trialgate.v1.DirectoryService with the errors documented there, but for authentication
// and the role, which the caller has checked. A change is seen by the directory's cache before its
// method returns, unless the cache lags by seconds. Thread-safe.
class EndingApp {
 public:
  // Nothing is owned; all outlive this. `cache` follows `store`.
  EndingApp(store::Store* store, const DirectoryCache* cache, ReferralSuccession* succession,
            const Clock* clock, IdGenerator* ids)
      : store_(store), cache_(cache), succession_(succession), clock_(clock), ids_(ids) {}

  absl::StatusOr<v1::EndDeskResponse> EndDesk(const v1::Principal& principal,
                                              const v1::EndDeskRequest& call);
  absl::StatusOr<v1::EndRegionResponse> EndRegion(const v1::Principal& principal,
                                                  const v1::EndRegionRequest& call);

 private:
  // A call: what each of its attempts has in common.
  struct Turn {
    absl::Time now;
    absl::CivilDay today;
    std::string operation;
    FieldFaults faults;
    std::shared_ptr<const DirectorySnapshot> directory;  // before
  };

  Turn StartTurn(const std::string& request_id, bool validate_only) const;
  template <typename Response, typename Call>
  absl::StatusOr<Response> Run(
      const v1::Principal& principal, const char* method, const Call& call, const Turn& turn,
      absl::FunctionRef<absl::StatusOr<Response>(store::UnitOfWork&)> work);
  absl::StatusOr<v1::EndDeskResponse> EndDeskIn(const v1::Principal& principal,
                                                const v1::EndDeskRequest& call, Turn turn,
                                                store::UnitOfWork* work);
  absl::StatusOr<v1::EndRegionResponse> EndRegionIn(const v1::Principal& principal,
                                                    const v1::EndRegionRequest& call, Turn turn,
                                                    store::UnitOfWork* work);
  // Moves what is due and counts what will be of `desks`, whose end is the day before `day`.
  absl::StatusOr<v1::SuccessionSummary> Succeed(const std::set<std::string>& desks,
                                                const DirectorySnapshot& after, absl::CivilDay day,
                                                const Turn& turn, store::UnitOfWork* work);

  store::Store* const store_;
  const DirectoryCache* const cache_;
  ReferralSuccession* const succession_;
  const Clock* const clock_;
  IdGenerator* const ids_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_ENDING_APP_H_
