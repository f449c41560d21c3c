// What follows for a trial request from the end of its referrals: the national answer.
#ifndef TRIALGATE_SERVICES_INTAKE_ANSWER_COLLATION_APP_H_
#define TRIALGATE_SERVICES_INTAKE_ANSWER_COLLATION_APP_H_

#include <string>

#include "common/keys/key_store.h"
#include "services/directory/directory_projection.h"
#include "services/routing/request_progress.h"

namespace trialgate::intake {

// Collates the answer in the commit that ends a request's last referral, and its next version in
// that of each one that ends later; tells the requester. Referrals of the request are read guarded,
// so that of two that end at once one sees the other. Thread-safe.
class AnswerCollation final : public routing::RequestProgress {
 public:
  // Neither is owned; both outlive this.
  AnswerCollation(const directory::DirectoryCache* directory, const keys::KeyStore* keys)
      : directory_(directory), keys_(keys) {}

  absl::Status CheckMaySee(const store::Store& store, const v1::Principal& principal,
                           const std::string& name, std::int64_t as_of) const override;
  absl::StatusOr<bool> IsSubmittedBy(const store::Store& store, const v1::Principal& principal,
                                     const std::string& name, std::int64_t as_of) const override;
  bool IsSubmittedBy(const v1::Principal& principal,
                     const v1::TrialRequest& request) const override;
  absl::StatusOr<int> MoveSubmittedIdeas(store::UnitOfWork* work, const std::string& desk,
                                         const std::string& successor, int limit,
                                         absl::Time now) const override;
  absl::StatusOr<bool> HasSubmittedIdeas(const store::Store& store, const std::string& desk,
                                         std::int64_t as_of) const override;
  absl::Status CheckMayReply(const v1::Principal& principal) const override;
  absl::StatusOr<v1::TrialRequest> Get(store::UnitOfWork* work,
                                       const std::string& name) const override;
  absl::StatusOr<FieldFaults> FindRevealing(const store::UnitOfWork& work, const v1::Principal& by,
                                            const v1::TrialRequest& request,
                                            const std::string& desk, absl::string_view field,
                                            absl::string_view text,
                                            absl::CivilDay today) const override;
  absl::Status OnReferralEnded(store::UnitOfWork* work, const v1::Referral& ended,
                               const std::string& operation, absl::Time now) override;

 private:
  const directory::DirectoryCache* const directory_;
  const keys::KeyStore* const keys_;
};

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_ANSWER_COLLATION_APP_H_
