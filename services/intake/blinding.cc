#include "services/intake/blinding.h"

#include <vector>

namespace trialgate::intake {

bool IsBlinded(const v1::TrialRequest& request) {
  return request.confidentiality() == v1::CONFIDENTIALITY_BLINDED ||
         request.confidentiality() == v1::CONFIDENTIALITY_CDA_REQUIRED;
}

const std::string& TitleForDesks(const v1::TrialRequest& request) {
  return IsBlinded(request) ? request.blinded_title() : request.title();
}

v1::TrialRequest AsSeenByDesk(v1::TrialRequest request, const std::set<std::string>& own_sites) {
  if (!IsBlinded(request)) return request;
  request.clear_requester();
  request.clear_sponsor();
  request.clear_title();
  request.clear_synopsis();
  request.clear_eligibility_criteria();
  request.clear_external_ids();
  request.clear_documents();
  request.clear_contact();
  request.clear_withdraw_reason();
  request.clear_selections();
  std::vector<std::string> contacted;
  for (const std::string& site : request.sites_already_contacted()) {
    if (own_sites.count(site) > 0) contacted.push_back(site);
  }
  request.mutable_sites_already_contacted()->Assign(contacted.begin(), contacted.end());
  return request;
}

}  // namespace trialgate::intake
