#include "services/intake/trial_request_view_repository.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "services/access/cda_repository.h"
#include "services/intake/blinding.h"
#include "services/intake/trial_request_repository.h"
#include "services/routing/referral_answer.h"
#include "services/routing/referral_repository.h"

namespace trialgate::intake {
bool IsOwnSite(const std::set<std::string>& desks, const std::string& site,
               const directory::DirectorySnapshot& directory, absl::CivilDay today) {
  const directory::SiteEntry* const entry = directory.FindSite(site);
  if (entry == nullptr) return false;
  return std::any_of(desks.begin(), desks.end(), [&](const std::string& name) {
    const v1::Desk* const desk = directory.FindDesk(name);
    return desk != nullptr && !desk->regions().empty() &&
           routing::MayOffer(*desk, entry->site, directory, today);
  });
}

namespace {

// Where a coordinator's listing has the request: at the newest of its positions.
std::string FirstPositionOf(const VisibleRequest& visible) {
  std::string first = visible.submitted_here ? IdeaPosition(visible.row.value) : "";
  for (const v1::Referral& referral : visible.own_referrals) {
    const std::string position = routing::SentPosition(referral);
    if (first.empty() || position < first) first = position;
  }
  return first;
}

}  // namespace

absl::StatusOr<TrialRequestView> TrialRequestViews::DeskView(VisibleRequest visible) const {
  v1::TrialRequest& request = visible.row.value;
  const auto directory = world_->View()->directory;
  const absl::CivilDay today = TodayIn(*clock_, directory->time_zone());
  TrialRequestView view;
  DeskViewer viewer;
  std::set<std::string> desks;
  for (const v1::Referral& referral : visible.own_referrals) {
    viewer.referrals.insert(referral.name());
    desks.insert(referral.desk());
  }
  for (const std::string& site : request.sites_already_contacted()) {
    if (IsOwnSite(desks, site, *directory, today)) viewer.contacted_sites.insert(site);
  }
  if (IsBlinded(request)) {
    for (const std::string& desk : desks) {
      // As of now, whenever the listing began: what was revoked meanwhile shows nothing more.
      ABSL_ASSIGN_OR_RETURN(const auto cda, access::FindCdaInForce(*store_, SponsorOf(request),
                                                                   desk, today, store_->Head()));
      if (!cda.has_value()) continue;
      storage::v1::Unblinding& shown = view.unblindings.emplace_back();
      shown.set_trial_request(request.name());
      shown.set_desk(desk);
      shown.set_cda(*cda);
    }
  }
  viewer.blinded = IsBlinded(request) && view.unblindings.empty();
  view.blinded = viewer.blinded;
  view.desks = std::move(desks);
  view.request = AsSeenByDesk(std::move(request), viewer);
  return view;
}

absl::StatusOr<TrialRequestView> TrialRequestViews::ViewOf(const v1::Principal& principal,
                                                           VisibleRequest visible) const {
  if (principal.role() == v1::ROLE_COORDINATOR && !visible.submitted_here) {
    return DeskView(std::move(visible));
  }
  TrialRequestView view;
  view.submitted_here = visible.submitted_here;
  view.request = std::move(visible.row.value);
  view.request.set_etag(absl::StrCat(visible.row.version));
  return view;
}

absl::StatusOr<TrialRequestView> TrialRequestViews::Get(const v1::Principal& principal,
                                                        const std::string& name,
                                                        store::CommitNumber as_of) const {
  ABSL_ASSIGN_OR_RETURN(VisibleRequest visible,
                        FindVisibleRequest(*store_, principal, name, as_of));
  return ViewOf(principal, std::move(visible));
}

absl::StatusOr<TrialRequestViewPage> TrialRequestViews::ListAtDesks(
    const v1::Principal& principal, v1::TrialRequestState state, const store::PageOptions& page,
    store::CommitNumber as_of) const {
  const std::vector<std::string> desks(principal.desks().begin(), principal.desks().end());
  ABSL_ASSIGN_OR_RETURN(
      const auto sent, routing::ListRequestsAtDesks(*store_, desks, page.after, page.limit, as_of));
  ABSL_ASSIGN_OR_RETURN(const auto ideas,
                        ListSubmittedIdeas(*store_, desks, page.after, page.limit, as_of));
  std::map<std::string, std::string> merged;  // requests by position
  for (const auto& referral : sent) merged.emplace(referral.position, referral.request);
  for (const auto& idea : ideas) merged.emplace(idea.position, idea.request);
  TrialRequestViewPage found;
  int seen = 0;
  for (const auto& [position, request] : merged) {
    if (seen++ == page.limit) break;
    if (seen == page.limit) found.next = position;
    ABSL_ASSIGN_OR_RETURN(VisibleRequest visible,
                          FindVisibleRequest(*store_, principal, request, as_of));
    // Once, where its desks were asked first last: desks may be asked one after the other.
    if (FirstPositionOf(visible) != position) continue;
    ABSL_ASSIGN_OR_RETURN(TrialRequestView view, ViewOf(principal, std::move(visible)));
    const bool wanted =
        state == v1::TRIAL_REQUEST_STATE_UNSPECIFIED || view.request.state() == state;
    if (wanted) found.views.push_back(std::move(view));
  }
  return found;
}

absl::StatusOr<TrialRequestViewPage> TrialRequestViews::List(const v1::Principal& principal,
                                                             v1::TrialRequestState state,
                                                             const store::PageOptions& page,
                                                             store::CommitNumber as_of) const {
  if (principal.role() == v1::ROLE_COORDINATOR) return ListAtDesks(principal, state, page, as_of);
  TrialRequestViewPage found;
  TrialRequestQuery query;
  query.state = state;
  if (principal.role() != v1::ROLE_NATIONAL) {
    query.requester = principal.organization();
    // Who has no organization has no requests; an absent one would be any.
    if (query.requester.empty()) return found;
  }
  ABSL_ASSIGN_OR_RETURN(auto rows, ListTrialRequests(*store_, query, page, as_of));
  for (auto& row : rows.rows) {
    ABSL_ASSIGN_OR_RETURN(TrialRequestView view, ViewOf(principal, {std::move(row), {}}));
    found.views.push_back(std::move(view));
  }
  found.next = std::move(rows.next);
  return found;
}

}  // namespace trialgate::intake
