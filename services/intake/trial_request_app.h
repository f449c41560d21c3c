// What requesters do with trial requests.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_APP_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_APP_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "services/directory/person_repository.h"
#include "services/feasibility/report_view.h"
#include "services/intake/trial_request_view_repository.h"
#include "services/intake/world_projection.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate {
namespace store {
class UnitOfWork;
}  // namespace store

namespace intake {

// The methods of trialgate.v1.TrialRequestService with the errors documented there, but for
// authentication and the role, which the caller has checked. What is not the principal's to see is
// NOT_FOUND. Thread-safe.
class TrialRequestApp {
 public:
  struct Options {
    // Called after each match with the time that it took; may be empty. Thread-safe.
    std::function<void(absl::Duration)> on_match;
  };

  // Nothing is owned; all outlive the app.
  TrialRequestApp(store::Store* store, const WorldCache* world, keys::KeyStore* keys,
                  const Clock* clock, IdGenerator* ids, Options options);

  // By a requester for its organization, a coordinator of an idea clinic for an idea, a national
  // coordinator for any. The request, its report, its referrals and their notices are one commit,
  // which tests no more than the request id and that the desks exist.
  absl::StatusOr<v1::SubmitTrialRequestResponse> Submit(const v1::Principal& principal,
                                                        const v1::SubmitTrialRequestRequest& call);
  // Reads are of views (trial_request_view_repository.h).
  absl::StatusOr<v1::TrialRequest> Get(const v1::Principal& principal,
                                       const v1::GetTrialRequestRequest& call) const;
  // The same as of a commit, but for CDAs, which count as of now.
  absl::StatusOr<v1::TrialRequest> GetAsOf(const v1::Principal& principal, const std::string& name,
                                           store::CommitNumber as_of) const;
  absl::StatusOr<v1::ListTrialRequestsResponse> List(
      const v1::Principal& principal, const v1::ListTrialRequestsRequest& call) const;
  absl::StatusOr<v1::TrialRequest> Withdraw(const v1::Principal& principal,
                                            const v1::WithdrawTrialRequestRequest& call);
  absl::StatusOr<v1::TrialRequest> Confirm(const v1::Principal& principal,
                                           const v1::ConfirmTrialRequestRequest& call);
  // By a national coordinator, which the caller has checked.
  absl::StatusOr<v1::AddReferralResponse> AddReferral(const v1::Principal& principal,
                                                      const v1::AddReferralRequest& call);
  absl::StatusOr<v1::CollatedAnswer> GetAnswer(const v1::Principal& principal,
                                               const v1::GetCollatedAnswerRequest& call) const;
  absl::StatusOr<v1::ImportStudyRecordResponse> Import(
      const v1::ImportStudyRecordRequest& call) const;

  // What of the reports of a request the principal may see. NOT_FOUND: the request is not its to
  // see.
  absl::StatusOr<feasibility::ReportView> ReportSeenBy(const v1::Principal& principal,
                                                       const std::string& request) const;

 private:
  // Matched and routed, and not yet stored.
  struct Submission {
    v1::TrialRequest request;
    v1::FeasibilityReport report;
    std::vector<v1::Referral> referrals;
  };
  // A call that decides on one request: what it may read and must fill in.
  struct Turn {
    store::UnitOfWork* work;
    absl::Time now;
    std::string operation;
    v1::TrialRequest request;  // as it is; the turn changes it
    FieldFaults faults;        // of the call, told together; the turn adds what it finds
  };
  using Act = absl::FunctionRef<absl::Status(Turn&)>;

  // In submit_trial_request_app.cc. The faults of `asked` are told together with those of the
  // call's other fields.
  absl::StatusOr<Submission> Prepare(const v1::Principal& principal, const v1::TrialRequest& asked,
                                     const FieldFaults& other_faults, absl::Time now,
                                     const std::string& name) const;
  v1::FeasibilityReport MatchTimed(const v1::TrialRequest& request, const WorldView& world,
                                   absl::CivilDay today) const;
  absl::Status Store(const Submission& submission, const std::string& operation, absl::Time now,
                     directory::PersonEdits* persons, store::UnitOfWork* work) const;
  absl::StatusOr<v1::SubmitTrialRequestResponse> ReadSubmission(const std::string& name,
                                                                store::CommitNumber as_of) const;
  absl::StatusOr<v1::SubmitTrialRequestResponse> Validate(const v1::Principal& principal,
                                                          const v1::TrialRequest& asked,
                                                          absl::Time now) const;

  // In decide_trial_request_app.cc. Runs `act` on the request that `call` names, and stores what it
  // leaves. `act` tests the state, then tells the faults of the call with those that the turn has,
  // before it does anything.
  template <typename Call>
  absl::StatusOr<v1::TrialRequest> Change(const v1::Principal& principal, const char* method,
                                          const std::string& reason, const Call& call, Act act);
  absl::Status WithdrawReferrals(Turn& turn) const;
  absl::Status SelectOffers(const v1::ConfirmTrialRequestRequest& call, v1::Role by,
                            Turn& turn) const;

  // In add_referral_app.cc.
  absl::StatusOr<v1::AddReferralResponse> AddTo(const v1::Principal& principal,
                                                const v1::AddReferralRequest& call,
                                                const std::string& referral_name,
                                                const directory::DirectorySnapshot& directory,
                                                Turn& turn) const;

  // What the principal sees of a request, once it is recorded that a CDA shows it. NOT_FOUND.
  absl::StatusOr<TrialRequestView> ReadView(const v1::Principal& principal, const std::string& name,
                                            store::CommitNumber as_of) const;
  // Writes an audit event for those that no read recorded before.
  absl::Status RecordUnblindings(const v1::Principal& principal,
                                 const std::vector<storage::v1::Unblinding>& shown) const;

  store::Store* const store_;
  const WorldCache* const world_;
  keys::KeyStore* const keys_;
  const Clock* const clock_;
  IdGenerator* const ids_;
  const Options options_;
  const TrialRequestViews views_;
};

}  // namespace intake
}  // namespace trialgate

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_APP_H_
