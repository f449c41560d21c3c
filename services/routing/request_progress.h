// What a referral's use cases ask of the request to which it belongs. Requests lie above referrals,
// and these know nothing of how they are stored: services/intake implements it.
#ifndef TRIALGATE_SERVICES_ROUTING_REQUEST_PROGRESS_H_
#define TRIALGATE_SERVICES_ROUTING_REQUEST_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate {
namespace store {
class Store;
class UnitOfWork;
}  // namespace store

namespace routing {

// Thread-safe.
class RequestProgress {
 public:
  virtual ~RequestProgress() = default;

  // OK if the principal sees the request as of a commit; NOT_FOUND otherwise, after the same reads
  // of the store whether it exists or not. Errors besides are those of Store::Get.
  virtual absl::Status CheckMaySee(const store::Store& store, const v1::Principal& principal,
                                   const std::string& name, std::int64_t as_of) const = 0;

  // Whether the request is a person's idea that a desk of the principal, a coordinator, submitted,
  // as of a commit: it stands in the requester's place. False of a request that does not exist,
  // after the same reads of the store.
  virtual absl::StatusOr<bool> IsSubmittedBy(const store::Store& store,
                                             const v1::Principal& principal,
                                             const std::string& name, std::int64_t as_of) const = 0;
  // The same of a request that was read.
  virtual bool IsSubmittedBy(const v1::Principal& principal,
                             const v1::TrialRequest& request) const = 0;

  // Puts at `successor` in `work` the ideas of persons that `desk` submitted, which ended: at most
  // `limit`. Returns how many.
  virtual absl::StatusOr<int> MoveSubmittedIdeas(store::UnitOfWork* work, const std::string& desk,
                                                 const std::string& successor, int limit,
                                                 absl::Time now) const = 0;

  // Whether `desk` submitted any idea of a person, as of a commit.
  virtual absl::StatusOr<bool> HasSubmittedIdeas(const store::Store& store, const std::string& desk,
                                                 std::int64_t as_of) const = 0;

  // FAILED_PRECONDITION (ORGANIZATION_NOT_APPROVED): the principal acts for an organization that is
  // suspended.
  virtual absl::Status CheckMayReply(const v1::Principal& principal) const = 0;

  // The request, guarded: the commit of `work` is refused if it changes until then.
  virtual absl::StatusOr<v1::TrialRequest> Get(store::UnitOfWork* work,
                                               const std::string& name) const = 0;

  // The faults of `text`, given in `field` by a principal who works at `desk` or asks, that desks
  // will read whatever CDAs they have: REVEALS_IDENTITY where the request is blinded and the text
  // tells who asks. Of a desk that may not know that, no text is refused: the refusal would tell
  // it.
  virtual absl::StatusOr<FieldFaults> FindRevealing(const store::UnitOfWork& work,
                                                    const v1::Principal& by,
                                                    const v1::TrialRequest& request,
                                                    const std::string& desk,
                                                    absl::string_view field, absl::string_view text,
                                                    absl::CivilDay today) const = 0;

  // Does in `work` what follows from the end of `ended` (answered or declined, and put into
  // `work`): where it was the last, the request is answered; where the request was answered before,
  // its answer has a next version. `operation` is unique to the call, and the same in each attempt.
  virtual absl::Status OnReferralEnded(store::UnitOfWork* work, const v1::Referral& ended,
                                       const std::string& operation, absl::Time now) = 0;
};

}  // namespace routing
}  // namespace trialgate

#endif  // TRIALGATE_SERVICES_ROUTING_REQUEST_PROGRESS_H_
