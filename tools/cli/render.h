// Screens: a message of the API in, what a person reads out. Pure functions; no line is wider than
// the screen, whatever the message holds.
#ifndef TRIALGATE_TOOLS_CLI_RENDER_H_
#define TRIALGATE_TOOLS_CLI_RENDER_H_

#include <map>
#include <string>
#include <vector>

#include "tools/cli/page.h"
#include "trialgate/v1/access_service.pb.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/feasibility_service.pb.h"
#include "trialgate/v1/operator_service.pb.h"
#include "trialgate/v1/people_service.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {

// Names in words of resources ("sites/a"), as far as they are known.
using DisplayNames = std::map<std::string, std::string>;

// --- Trial requests (render_request.cc) ---

// A request with all that it says, and where it stands. `referrals` are those of its referrals that
// the reader may see; without them only their ids are told.
std::string RenderRequest(const v1::TrialRequest& request,
                          const v1::ListReferralsResponse& referrals, const Screen& screen);
std::string RenderRequest(const v1::TrialRequest& request, const Screen& screen);
// Only where it stands and what was selected: after a decision about it.
std::string RenderDecision(const v1::TrialRequest& request, const Screen& screen);
std::string RenderRequestList(const v1::ListTrialRequestsResponse& list, const Screen& screen);
// A draft derived from a study record: its values, where each is from, and which are missing.
std::string RenderImport(const v1::ImportStudyRecordResponse& imported, const Screen& screen);
// The flag of `request import` that fills `field` of TrialRequest; empty if there is none.
std::string FlagOfField(const std::string& field);

// --- Reports and answers (render_report.cc, render_answer.cc) ---

// Which sites could run a trial, and why; by region. `patients_wanted` 0: no number was asked for.
std::string RenderReport(const v1::FeasibilityReport& report, long long patients_wanted,
                         const Screen& screen);
// `request` is the one that is answered, for what it wanted and what was selected; maybe empty.
std::string RenderAnswer(const v1::CollatedAnswer& answer, const v1::TrialRequest& request,
                         const Screen& screen);
std::string RenderAnswer(const v1::CollatedAnswer& answer, const Screen& screen);

// --- Referrals (render_referral.cc) ---

std::string RenderReferral(const v1::Referral& referral, const Screen& screen);
// With the lines of its work, as the desk sees them, and the sites' names.
std::string RenderReferral(const v1::Referral& referral, const v1::ListReferralSitesResponse& lines,
                           const DisplayNames& names, const Screen& screen);
// A line of a referral's work by itself (render_referral_work.cc).
std::string RenderReferralSite(const v1::ReferralSite& line, const Screen& screen);
// What was asked and said, for whom it waited, and where it went (render_referral_work.cc).
void AddThread(const v1::Referral& referral, const Screen& screen, Page* page);
void AddMoves(const v1::Referral& referral, const Screen& screen, Page* page);
void AddLines(const v1::ListReferralSitesResponse& lines, const DisplayNames& names, Page* page);
// A site's id, and in a line of its own its name where that is known.
std::string Named(const std::string& site, const DisplayNames& names);
// "yes", "12 (from the directory)": an answer to a requester's own question.
std::string AnswerWords(const v1::QuestionAnswer& answer);

// --- Lists of referrals (render_referral_list.cc) ---

// What is urgent about requests, by their names.
using Urgencies = std::map<std::string, v1::Urgency>;

std::string RenderInbox(const v1::ListReferralsResponse& list, const Urgencies& urgencies,
                        const Screen& screen);
std::string RenderInbox(const v1::ListReferralsResponse& list, const Screen& screen);
// Where the referrals of one request stand.
void AddReferralTable(const v1::ListReferralsResponse& list, const Screen& screen, Page* page);
// Whether the desk still has to answer.
bool IsOpen(const v1::Referral& referral);
// What is due next, or nullptr; lives as long as `referral`.
const google::protobuf::Timestamp* NextDue(const v1::Referral& referral);
Tone ReferralTone(const v1::Referral& referral);
// "the requester's reply", or the authority; empty where it does not wait.
std::string WaitsFor(const v1::Referral& referral);
// "acknowledge in 4 h", "answer overdue 2 d", "waits for the requester's reply"; empty when it is
// over.
std::string NextStep(const v1::Referral& referral, const Screen& screen);

// --- Directory (render_directory.cc, render_directory_list.cc) ---

std::string RenderRegion(const v1::Region& region, const Screen& screen);
std::string RenderRegionList(const v1::ListRegionsResponse& list, const Screen& screen);
std::string RenderDesk(const v1::Desk& desk, const v1::ListContactsResponse& contacts,
                       const Screen& screen);
std::string RenderDeskList(const v1::ListDesksResponse& list, const Screen& screen);
std::string RenderContact(const v1::Contact& contact, const Screen& screen);
// What an absence means: who stands in, what is to be handed over.
std::string RenderAbsence(const v1::AddContactAbsenceResponse& added, const Screen& screen);
// What is to be looked over again, the stalest first.
std::string RenderReviews(const v1::ListReviewRemindersResponse& list, const Screen& screen);
std::string RenderSite(const v1::Site& site, const Screen& screen);
std::string RenderSiteList(const v1::ListSitesResponse& list, const Screen& screen);
std::string RenderOrganization(const v1::Organization& organization, const Screen& screen);
std::string RenderOrganizationList(const v1::ListOrganizationsResponse& list, const Screen& screen);
std::string RenderPackResult(const v1::ApplyPackResponse& result, bool validate_only,
                             const Screen& screen);

// "from 2027-01-01", "2021-01-01 to 2025-12-31"; empty where nothing bounds it.
std::string Validity(const std::string& from, const std::string& to);
// "ICD10 C67, ICD10 N40": systems with their codes.
std::string CodeWords(const google::protobuf::RepeatedPtrField<v1::Code>& codes);
Tone OrganizationTone(v1::OrganizationState state);

// What a pack would change, and for which open referrals (render_pack.cc).
std::string RenderPackDiff(const v1::DiffPackResponse& diff, const Screen& screen);

// Where a value is from: "declared, oncology desk, as of 2026-11-01".
std::string SourceWords(const v1::Source& source);

// --- Capacity (render_capacity.cc) ---

// Which months are drawn.
struct CapacityWindow {
  // "YYYY-MM"; empty: this month.
  std::string from = {};
  int months = 12;
};

// A bar for each month: slots occupied, held and free, over-booked months beyond the mark of the
// slots; then the holds.
std::string RenderCapacity(const v1::SiteCapacity& capacity, const CapacityWindow& window,
                           const Screen& screen);
std::string RenderCapacity(const v1::SiteCapacity& capacity, const Screen& screen);

// --- People (render_person.cc) ---

std::string RenderPerson(const v1::ExportPersonResponse& person, const Screen& screen);
std::string RenderErasure(const v1::ErasePersonResponse& erased, const Screen& screen);

// --- Audit (render_audit.cc) ---

std::string RenderAuditList(const v1::ListAuditEventsResponse& list, const Screen& screen);
std::string RenderCheckpoints(const v1::ListAuditCheckpointsResponse& list, const Screen& screen);
std::string RenderVerification(const v1::VerifyAuditTrailResponse& result, const Screen& screen);

// --- The server itself (render_server.cc) ---

std::string RenderServerStatus(const v1::ServerStatus& status, const Screen& screen);
std::string RenderBackup(const v1::BackupResponse& backup, const Screen& screen);

// --- Access (render_access.cc) ---

std::string RenderPrincipal(const v1::Principal& principal, const Screen& screen);
// CDAs (render_cda.cc).
std::string RenderCda(const v1::Cda& cda, const Screen& screen);
std::string RenderCdaList(const v1::ListCdasResponse& list, const Screen& screen);

std::string RenderAccess(const v1::CheckAccessResponse& access, const Screen& screen);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_RENDER_H_
