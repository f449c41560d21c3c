// The lines of referrals' work as they are stored: a record for each site, so that two of one
// referral are saved at once without conflict.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_REPOSITORY_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_REPOSITORY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Under their resource names, without etag and prefilled answers, and with references in place of
// principal investigators; found by referral.
const store::Table<v1::ReferralSite>& ReferralLines();

// Every line of `referral` as of a commit, saved or not: the sites asked about in its order, then
// those added, by name. Each has its etag. Errors are those of Store::Scan.
absl::StatusOr<std::vector<v1::ReferralSite>> ReadLines(const store::Store& store,
                                                        const v1::Referral& referral,
                                                        store::CommitNumber as_of);

// The same, guarded: the commit of `work` is refused where one that was found changes until then.
absl::StatusOr<std::vector<v1::ReferralSite>> GetLines(store::UnitOfWork* work,
                                                       const v1::Referral& referral);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_REPOSITORY_H_
