// Which of the referrals that somebody watches have changed from one commit to another.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_CHANGES_REPOSITORY_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_CHANGES_REPOSITORY_H_

#include <deque>
#include <string>

#include "absl/status/status.h"
#include "common/store/store.h"
#include "google/protobuf/repeated_field.h"
#include "services/routing/referral_view_repository.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Compares the list as of two commits: nothing is kept in between, and one that changed often is
// told once, as it is now. Not thread-safe. Errors besides those named are the store's.
class ReferralChanges {
 public:
  // As ReferralViews::List; `views` is not owned and outlives this.
  ReferralChanges(const ReferralViews* views, v1::Principal principal, ReferralQuery query,
                  std::string only_desk)
      : views_(views),
        principal_(std::move(principal)),
        query_(std::move(query)),
        only_desk_(std::move(only_desk)) {}

  // Looks for what has changed in commits after `since` (0: everything is new) up to `as_of`. Call
  // when all that was found before is taken. NOT_FOUND: the principal does not see the list; where
  // it saw the list as of `since`, all on it is told to be gone first, and then it is the next
  // Look's error.
  absl::Status Look(store::CommitNumber since, store::CommitNumber as_of);

  // The next Look's error, where that is known.
  const absl::Status& lost() const { return lost_; }

  // Whether all was taken.
  bool empty() const { return names_.empty(); }

  // Takes up to 100, and about 1 MiB, of what was found: views as of the commit looked at, and
  // names of those that the principal does not see any more.
  absl::Status Take(google::protobuf::RepeatedPtrField<v1::Referral>* changed,
                    google::protobuf::RepeatedPtrField<std::string>* removed);

 private:
  const ReferralViews* const views_;
  const v1::Principal principal_;
  const ReferralQuery query_;
  const std::string only_desk_;
  store::CommitNumber as_of_ = 0;
  std::deque<std::string> names_;
  absl::Status lost_;
};

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_CHANGES_REPOSITORY_H_
