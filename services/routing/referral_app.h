// What desks do with referrals.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_APP_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_APP_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "services/routing/referral_view_repository.h"
#include "services/routing/request_progress.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate {
namespace directory {
class DirectoryCache;
class DirectorySnapshot;
class PersonEdits;
}  // namespace directory
namespace store {
class UnitOfWork;
}  // namespace store

namespace routing {

// The methods of trialgate.v1.ReferralService with the errors documented there, but for
// authentication and the role, which the caller has checked: a requester, a coordinator or a
// national coordinator for reads, one of the latter two for changes. A referral that is not the
// principal's to see is NOT_FOUND. Thread-safe.
class ReferralApp {
 public:
  // Nothing is owned; all outlive the app.
  ReferralApp(store::Store* store, const directory::DirectoryCache* directory,
              RequestProgress* progress, keys::KeyStore* keys, const Clock* clock,
              IdGenerator* ids);

  absl::StatusOr<v1::ListReferralsResponse> List(const v1::Principal& principal,
                                                 const v1::ListReferralsRequest& request) const;
  absl::StatusOr<v1::Referral> Get(const v1::Principal& principal,
                                   const v1::GetReferralRequest& request) const;
  absl::StatusOr<v1::Referral> Acknowledge(const v1::Principal& principal,
                                           const v1::AcknowledgeReferralRequest& request);
  absl::StatusOr<v1::Referral> Answer(const v1::Principal& principal,
                                      const v1::AnswerReferralRequest& request);
  absl::StatusOr<v1::Referral> Decline(const v1::Principal& principal,
                                       const v1::DeclineReferralRequest& request);
  absl::StatusOr<v1::Referral> HandOver(const v1::Principal& principal,
                                        const v1::HandOverReferralRequest& request);

  // In referral_question_app.cc. Reply is a requester's, of its own request, that of the
  // desk that submitted a person's idea, or a national coordinator's.
  absl::StatusOr<v1::Referral> Ask(const v1::Principal& principal,
                                   const v1::AskRequesterRequest& request);
  absl::StatusOr<v1::Referral> Reply(const v1::Principal& principal,
                                     const v1::ReplyToReferralRequest& request);
  absl::StatusOr<v1::Referral> WaitForAuthority(const v1::Principal& principal,
                                                const v1::WaitForAuthorityRequest& request);
  absl::StatusOr<v1::Referral> RecordAuthorityWord(const v1::Principal& principal,
                                                   const v1::RecordAuthorityWordRequest& request);

 private:
  // A call on one referral: what it may read and must fill in.
  struct Turn {
    store::UnitOfWork* work;
    absl::Time now;
    std::string operation;
    v1::Role by;               // as whom the principal acts
    v1::TrialRequest request;  // to which the referral belongs
    v1::Referral referral;     // as it is; the turn changes it
    FieldFaults faults;        // of the call, told together; the turn adds what it finds
    directory::PersonEdits* persons;
  };
  using Act = absl::FunctionRef<absl::Status(Turn&)>;

  // Runs `act` on the referral that `call` names, and stores what it leaves. `act` tests the state,
  // then tells the faults of the call with those that the turn has, before it does anything.
  template <typename Call>
  absl::StatusOr<v1::Referral> Change(const v1::Principal& principal, const char* method,
                                      const std::string& reason, const Call& call, Act act);
  template <typename Call>
  absl::Status StartTurn(const v1::Principal& principal, const Call& call, Turn* turn) const;
  // Of a reply by a coordinator: NOT_FOUND unless its desk submitted the person's idea, even where
  // the desk has the referral.
  absl::Status StartReply(const v1::Principal& principal,
                          const std::optional<store::Row<v1::Referral>>& row,
                          const std::string& name, Turn* turn) const;
  absl::Status End(Turn& turn, v1::ReferralState state);
  absl::StatusOr<v1::AnswerReferralRequest> CheckedAnswer(
      const v1::AnswerReferralRequest& call, const directory::DirectorySnapshot& directory,
      Turn& turn) const;
  // Adds the fault of a text that desks read of the request of this turn.
  absl::Status CheckRevealing(const v1::Principal& principal, absl::string_view field,
                              absl::string_view text, Turn& turn) const;
  absl::Status Wait(v1::WaitingFor waiting_for, const std::string& authority,
                    v1::ReferralState state, Turn& turn) const;
  absl::Status Resume(v1::ReferralState state, Turn& turn) const;
  absl::Status HandOverTo(const v1::Principal& principal, const v1::HandOverReferralRequest& call,
                          const directory::DirectorySnapshot& directory, Turn& turn) const;

  store::Store* const store_;
  const directory::DirectoryCache* const directory_;
  RequestProgress* const progress_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  const ReferralViews views_;
};

}  // namespace routing
}  // namespace trialgate

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_APP_H_
