#include "services/intake/confirmation.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/feasibility/field_rules.h"
#include "services/intake/collated_answer.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using feasibility::FieldRules;
using feasibility::Presence;

constexpr std::size_t kTextBytes = 2048;
// More than any answer has: each desk offers a thousand at most.
constexpr int kMaxSelections = 100'000;

void CheckReason(const FieldRules& rules, const std::string& field,
                 const v1::OfferSelection& selection) {
  if (selection.selected()) {
    if (selection.reason() != v1::NOT_SELECTED_REASON_UNSPECIFIED) {
      rules.faults().Add(field + ".reason", v1::ERROR_REASON_CONTRADICTION,
                         "must be absent of an offer that is selected");
    }
  } else {
    rules.Enum(field + ".reason", selection.reason(), *v1::NotSelectedReason_descriptor(),
               Presence::kRequired);
  }
  const bool other = selection.reason() == v1::NOT_SELECTED_REASON_OTHER;
  rules.Text(field + ".comment", selection.comment(), kTextBytes,
             other ? Presence::kRequired : Presence::kOptional);
}

}  // namespace

FieldFaults CheckSelections(const v1::ConfirmTrialRequestRequest& confirm,
                            const v1::CollatedAnswer& answer) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  const std::vector<OfferedSite> offers = OffersOf(answer);
  const std::set<OfferedSite> offered(offers.begin(), offers.end());
  std::set<OfferedSite> said;
  std::set<std::string> selected;
  const int count = rules.Count("selections", confirm.selections_size(), kMaxSelections);
  for (int i = 0; i < count; ++i) {
    const v1::OfferSelection& selection = confirm.selections(i);
    const std::string field = feasibility::Element("selections", i);
    const OfferedSite offer = {selection.site(), selection.referral()};
    rules.Required(field + ".site", !selection.site().empty());
    rules.Required(field + ".referral", !selection.referral().empty());
    if (selection.site().empty() || selection.referral().empty()) {
      // What is missing was told.
    } else if (offered.count(offer) == 0) {
      faults.Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                 "names no offer of the newest collated answer: site and referral together");
    } else if (!said.insert(offer).second) {
      rules.Duplicate(field, offer.site);
    } else if (selection.selected() && !selected.insert(offer.site).second) {
      faults.Add(field + ".selected", v1::ERROR_REASON_CONTRADICTION,
                 absl::StrCat(offer.site, " is selected already, as another desk offers it"));
    }
    CheckReason(rules, field, selection);
  }
  for (const OfferedSite& offer : offers) {
    if (said.count(offer) > 0) continue;
    faults.Add("selections", v1::ERROR_REASON_REQUIRED,
               absl::StrCat("must say whether the offer of ", offer.site, " by ", offer.referral,
                            " is selected"));
  }
  return faults;
}

FieldFaults CheckWithdrawal(const v1::WithdrawTrialRequestRequest& withdraw) {
  FieldFaults faults;
  FieldRules(&faults).Text("reason", withdraw.reason(), kTextBytes, Presence::kRequired);
  return faults;
}

}  // namespace trialgate::intake
