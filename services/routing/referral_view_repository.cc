#include "services/routing/referral_view_repository.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/access/view.h"
#include "services/routing/resource_names.h"

namespace trialgate::routing {
namespace {

constexpr char kReferrals[] = "referrals";

absl::Status NotFound(const std::string& name) {
  return NotFoundError("trialgate.v1.Referral", name);
}

v1::Referral ViewOf(const v1::Principal& principal, store::Row<v1::Referral> row) {
  row.value.set_etag(absl::StrCat(row.version));
  return ReferralAsSeenBy(principal, std::move(row.value));
}

}  // namespace

bool WorksAt(const v1::Principal& principal, const std::string& desk) {
  if (principal.role() == v1::ROLE_NATIONAL) return true;
  const auto& desks = principal.desks();
  return principal.role() == v1::ROLE_COORDINATOR &&
         std::find(desks.begin(), desks.end(), desk) != desks.end();
}

v1::Referral ReferralAsSeenBy(const v1::Principal& principal, v1::Referral referral) {
  // The title is one that the desk may see: blinded where the request is.
  access::ClearHidden({principal.role(), /*blinded=*/false, WorksAt(principal, referral.desk())},
                      &referral);
  if (principal.role() == v1::ROLE_REQUESTER) {
    // Scores count free slots: their order is not for requesters.
    std::sort(referral.mutable_sites()->begin(), referral.mutable_sites()->end());
    std::sort(referral.mutable_rules()->begin(), referral.mutable_rules()->end());
  }
  return referral;
}

absl::StatusOr<v1::Referral> ReferralViews::Get(const v1::Principal& principal,
                                                const std::string& name,
                                                store::CommitNumber as_of) const {
  if (!IsNameBelowRequest(name, kReferrals)) return NotFound(name);
  const bool through_request = principal.role() == v1::ROLE_REQUESTER;
  if (through_request) {
    const absl::Status may_see = requests_->CheckMaySee(*store_, principal, RequestOf(name), as_of);
    if (absl::IsNotFound(may_see)) return NotFound(name);
    ABSL_RETURN_IF_ERROR(may_see);
  }
  ABSL_ASSIGN_OR_RETURN(auto row, ReadRow(*store_, Referrals(), name, as_of));
  if (!row.has_value()) return NotFound(name);
  if (!through_request && !WorksAt(principal, row->value.desk())) return NotFound(name);
  return ViewOf(principal, *std::move(row));
}

absl::StatusOr<ReferralViewPage> ReferralViews::ListOwnOfRequest(const v1::Principal& principal,
                                                                 const ReferralQuery& query,
                                                                 const std::string& only_desk,
                                                                 const store::PageOptions& page,
                                                                 store::CommitNumber as_of) const {
  std::vector<v1::Referral> own;
  store::PageOptions part;
  do {
    ABSL_ASSIGN_OR_RETURN(auto rows, ListReferrals(*store_, query, part, as_of));
    for (auto& row : rows.rows) {
      const std::string& desk = row.value.desk();
      if (!WorksAt(principal, desk) || (!only_desk.empty() && desk != only_desk)) continue;
      own.push_back(ViewOf(principal, std::move(row)));
    }
    part.after = rows.next;
  } while (!part.after.empty());
  auto at = own.begin();
  if (!page.after.empty()) {
    at = std::find_if(at, own.end(), [&](const auto& view) { return view.name() == page.after; });
    if (at != own.end()) ++at;
  }
  ReferralViewPage found;
  for (; at != own.end() && static_cast<int>(found.views.size()) < page.limit; ++at) {
    found.views.push_back(std::move(*at));
  }
  if (at != own.end()) found.next = found.views.back().name();
  return found;
}

absl::Status ReferralViews::CheckMayList(const v1::Principal& principal, const ReferralQuery& query,
                                         store::CommitNumber as_of) const {
  if (!query.request.empty()) {
    return requests_->CheckMaySee(*store_, principal, query.request, as_of);
  }
  if (!WorksAt(principal, query.desk)) return NotFoundError("trialgate.v1.Desk", query.desk);
  return absl::OkStatus();
}

absl::StatusOr<ReferralVersions> ReferralViews::Versions(const v1::Principal& principal,
                                                         const ReferralQuery& query,
                                                         const std::string& only_desk,
                                                         store::CommitNumber as_of) const {
  ABSL_RETURN_IF_ERROR(CheckMayList(principal, query, as_of));
  ReferralVersions found;
  store::PageOptions page;
  page.limit = 1000;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows, ListReferrals(*store_, query, page, as_of));
    for (const auto& row : rows.rows) {
      const std::string& desk = row.value.desk();
      if (principal.role() == v1::ROLE_COORDINATOR && !WorksAt(principal, desk)) continue;
      if (only_desk.empty() || desk == only_desk) found.emplace_back(row.key, row.version);
    }
    page.after = rows.next;
  } while (!page.after.empty());
  return found;
}

absl::StatusOr<ReferralViewPage> ReferralViews::List(const v1::Principal& principal,
                                                     const ReferralQuery& query,
                                                     const std::string& only_desk,
                                                     const store::PageOptions& page,
                                                     store::CommitNumber as_of) const {
  ABSL_RETURN_IF_ERROR(CheckMayList(principal, query, as_of));
  if (principal.role() == v1::ROLE_COORDINATOR && !query.request.empty()) {
    return ListOwnOfRequest(principal, query, only_desk, page, as_of);
  }
  ABSL_ASSIGN_OR_RETURN(auto rows, ListReferrals(*store_, query, page, as_of));
  ReferralViewPage found;
  for (auto& row : rows.rows) {
    if (!only_desk.empty() && row.value.desk() != only_desk) continue;
    found.views.push_back(ViewOf(principal, std::move(row)));
  }
  found.next = std::move(rows.next);
  return found;
}

}  // namespace trialgate::routing
