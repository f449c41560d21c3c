// Lines of a referral's work, one for each site: what may be saved, and how they become an answer.
// Pure.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/errors.h"
#include "google/protobuf/field_mask.pb.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::routing {

// Sites that a desk adds to the lines of one referral, at most.
inline constexpr int kMaxAddedSites = 200;

// Whether `name` is `trialRequests/{id}/referrals/{id}/sites/{id}`; the referral's and the site's
// names.
bool IsLineName(absl::string_view name);
std::string ReferralOfLine(absl::string_view name);
std::string SiteOfLine(absl::string_view name);
std::string LineName(absl::string_view referral, absl::string_view site);

// The line of a site as it is before it was ever saved.
v1::ReferralSite NewLine(const v1::Referral& referral, const std::string& site);

// Sets what a call gives of a line: the fields of `mask`; without paths those that are given. What
// the call leaves out of offer, refusal and answers because the line says it, their site, is put
// in. Faults (UNKNOWN_FIELD) in update_mask; `line` is then of no use.
FieldFaults MergeLine(const v1::ReferralSite& given, const google::protobuf::FieldMask& mask,
                      v1::ReferralSite* line);

// The faults of a line as it would be saved, in fields of "referral_site.".
FieldFaults CheckLine(const v1::ReferralSite& line, const v1::Referral& referral,
                      const v1::TrialRequest& request,
                      const directory::DirectorySnapshot& directory, absl::CivilDay today);

// OK while lines may be saved: the referral is open, or LAPSED and the request undecided.
// FAILED_PRECONDITION (WRONG_STATE; metadata state, event, and request_state where it is that).
absl::Status CheckMaySave(const v1::Referral& referral, const v1::TrialRequest& request);

// The answer that `call` gives with the lines in place of offers, refusals and answers of sites.
// Internal notes are no part of it.
v1::AnswerReferralRequest AnswerFromLines(const v1::AnswerReferralRequest& call,
                                          const v1::Referral& referral,
                                          const std::vector<v1::ReferralSite>& lines);

// The faults of a call that takes the lines and gives itself what they hold.
FieldFaults CheckUsesLines(const v1::AnswerReferralRequest& call, v1::TrialKind kind);

// The faults of `answer`, made by AnswerFromLines, told as faults of the call: in use_lines, naming
// the site.
FieldFaults AsFaultsOfLines(const FieldFaults& faults, const v1::AnswerReferralRequest& answer);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_LINE_H_
