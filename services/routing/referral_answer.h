// What a desk may say to a referral: every fault of an answer at once.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_ANSWER_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_ANSWER_H_

#include <string>

#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/field_rules.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// Whether the desk may offer `site` although it was not asked about it: a site that stands, on
// `today`, in a region for which the desk answers; a desk of no region (national) may offer any
// that has a speciality for which it answers, or any at all where it names none.
bool MayOffer(const v1::Desk& desk, const v1::Site& site,
              const directory::DirectorySnapshot& directory, absl::CivilDay today);

// Adds the faults of an offer at `field`, but for its site and comment. A draft may lack what an
// answer needs; its start may have passed.
enum class OfferStage { kDraft, kAnswer };
void CheckOfferFields(const feasibility::FieldRules& rules, const std::string& field,
                      const v1::Offer& offer, absl::CivilDay today, OfferStage stage);

// Adds the faults of a site at `field` that was not asked about and that `desk` offers:
// UNKNOWN_VALUE unless MayOffer, DANGLING_REFERENCE where it is not valid on `today`.
void CheckAddedSite(const feasibility::FieldRules& rules, const std::string& field,
                    const std::string& site, const std::string& desk,
                    const directory::DirectorySnapshot& directory, absl::CivilDay today);

// Adds the faults of a reason at `field`, but for its site.
void CheckReason(const feasibility::FieldRules& rules, const std::string& field,
                 const v1::Refusal& refusal);

// Whether sites are asked for in a request of this kind: not for data access and ideas, of which
// the desk gives its word alone.
bool AsksForSites(v1::TrialKind kind);

// The faults of `answer` to `referral`, which belongs to `request`. Every site asked about needs
// exactly one offer or coded reason. A site that was not asked about may be offered with a comment
// that says why, if MayOffer and it is valid on `today`. Starts are not before `today`, and at most
// feasibility::kMaxYearsAhead years later. Of data access and ideas no site is offered; the desk's
// word is required. Answers to the requester's own questions are tested as they are given; which
// are missing says FindMissingAnswers (question_answers.h). use_lines is not looked at.
FieldFaults CheckAnswer(const v1::AnswerReferralRequest& answer, const v1::Referral& referral,
                        const v1::TrialRequest& request,
                        const directory::DirectorySnapshot& directory, absl::CivilDay today);

// The faults of a reason to decline as a whole.
FieldFaults CheckDecline(const v1::DeclineReferralRequest& decline);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_ANSWER_H_
