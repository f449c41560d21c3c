#include "services/intake/blinding.h"

#include <algorithm>

#include "services/access/view.h"

namespace trialgate::intake {
namespace {

// Leaves the names that are in `own`.
void Keep(const std::set<std::string>& own,
          google::protobuf::RepeatedPtrField<std::string>* names) {
  const auto foreign = [&](const std::string& name) { return own.count(name) == 0; };
  names->erase(std::remove_if(names->begin(), names->end(), foreign), names->end());
}

}  // namespace

bool IsBlinded(const v1::TrialRequest& request) {
  return request.confidentiality() == v1::CONFIDENTIALITY_BLINDED ||
         request.confidentiality() == v1::CONFIDENTIALITY_CDA_REQUIRED;
}

const std::string& TitleForDesks(const v1::TrialRequest& request) {
  return IsBlinded(request) ? request.blinded_title() : request.title();
}

const std::string& SponsorOf(const v1::TrialRequest& request) {
  return request.sponsor().empty() ? request.requester() : request.sponsor();
}

const std::string& AskerOf(const v1::TrialRequest& request) {
  return request.requester().empty() ? request.submitting_desk() : request.requester();
}

bool IsAt(const v1::Principal& principal, const std::string& desk) {
  const auto& desks = principal.desks();
  return principal.role() == v1::ROLE_COORDINATOR &&
         std::find(desks.begin(), desks.end(), desk) != desks.end();
}

bool IsSubmittedBy(const v1::Principal& principal, const v1::TrialRequest& request) {
  return request.has_submitter() && IsAt(principal, request.submitting_desk());
}

v1::TrialRequest AsSeenByDesk(v1::TrialRequest request, const DeskViewer& viewer) {
  access::ClearHidden({v1::ROLE_COORDINATOR, viewer.blinded, /*may_change=*/false}, &request);
  request.clear_submitter();
  Keep(viewer.referrals, request.mutable_referrals());
  auto* const selections = request.mutable_selections();
  const auto foreign = [&](const v1::OfferSelection& selection) {
    return viewer.referrals.count(selection.referral()) == 0;
  };
  selections->erase(std::remove_if(selections->begin(), selections->end(), foreign),
                    selections->end());
  if (viewer.blinded) Keep(viewer.contacted_sites, request.mutable_sites_already_contacted());
  return request;
}

}  // namespace trialgate::intake
