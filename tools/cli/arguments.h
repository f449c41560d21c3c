// What people write on the command line about offers, refusals and selections, and who they are.
// Every fault of a line is told at once; fields of faults are the flags, numbered where repeated.
#ifndef TRIALGATE_TOOLS_CLI_ARGUMENTS_H_
#define TRIALGATE_TOOLS_CLI_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/errors.h"

namespace trialgate::v1 {
class CollatedAnswer;
class ConfirmTrialRequestRequest;
class Offer;
class OfferSelection;
class Refusal;
class SiteCapacity;
}  // namespace trialgate::v1

namespace trialgate::cli {

// "SITE,patients=12,start=2027-03-01,firm" with, in any order after the site: patients=N and
// start=DATE and firm or tentative (all three required), pi=TEXT, conditions=TEXT, comment=TEXT.
// A text runs on over commas until the next of these words. Faults are added under `flag`.
v1::Offer ParseOffer(absl::string_view text, absl::string_view flag, FieldFaults* faults);

// "SITE=REASON" or "SITE=REASON:comment"; OTHER requires the comment.
v1::Refusal ParseRefusal(absl::string_view text, absl::string_view flag, FieldFaults* faults);

// "REASON" or "REASON:comment": why a desk declines as a whole.
v1::Refusal ParseDecline(absl::string_view text, absl::string_view flag, FieldFaults* faults);

// The selections of `request confirm`.
struct SelectionFlags {
  // Sites that take part.
  std::vector<std::string> select = {};
  // "SITE=REASON[:comment]" of those that do not.
  std::vector<std::string> reject = {};
  // All that are not rejected take part.
  bool select_all = false;
  // "REASON[:comment]" of all that are not named.
  std::string reject_rest = {};
};

// Adds to `request` one selection for each offer of `answer`, as the flags say. Faults: a site that
// is not offered, one that is named twice, an offer about which nothing is said, a malformed
// reason.
void ParseSelections(const SelectionFlags& flags, const v1::CollatedAnswer& answer,
                     v1::ConfirmTrialRequestRequest* request, FieldFaults* faults);

// Lays "2027-03=2" (month and slots in declared use) over the months of `capacity`.
void ParseMonthUse(absl::string_view text, absl::string_view flag, v1::SiteCapacity* capacity,
                   FieldFaults* faults);

// The principal as the server reads it, ids completed to names: "requester:acme:alice" becomes
// "requester:organizations/acme:alice", "coordinator:north,south:bob" names two desks. Faults: not
// role:scope:subject, an unknown role, a scope where there is none or none where one is needed.
std::string ParsePrincipal(absl::string_view text, FieldFaults* faults);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_ARGUMENTS_H_
