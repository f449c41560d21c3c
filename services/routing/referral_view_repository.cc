#include "services/routing/referral_view_repository.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/access/view.h"
#include "services/directory/directory_repository.h"
#include "services/routing/resource_names.h"

namespace trialgate::routing {
namespace {

constexpr char kReferrals[] = "referrals";

absl::Status NotFound(const std::string& name) {
  return NotFoundError("trialgate.v1.Referral", name);
}

// `in_stead`: the principal is a coordinator of the desk that submitted the idea.
v1::Referral ViewOf(const v1::Principal& principal, bool in_stead, store::Row<v1::Referral> row) {
  row.value.set_etag(absl::StrCat(row.version));
  if (in_stead && !WorksAt(principal, row.value.desk())) {
    return ReferralAsSeenByAsker(std::move(row.value));
  }
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

v1::Referral ReferralAsSeenByAsker(v1::Referral referral) {
  v1::Principal asker;
  asker.set_role(v1::ROLE_REQUESTER);
  return ReferralAsSeenBy(asker, std::move(referral));
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
  bool in_stead = false;
  if (principal.role() == v1::ROLE_COORDINATOR &&
      (!row.has_value() || !WorksAt(principal, row->value.desk()))) {
    ABSL_ASSIGN_OR_RETURN(in_stead,
                          requests_->IsSubmittedBy(*store_, principal, RequestOf(name), as_of));
    if (!in_stead) return NotFound(name);
  }
  if (!row.has_value()) return NotFound(name);
  if (!through_request && !in_stead && !WorksAt(principal, row->value.desk())) {
    return NotFound(name);
  }
  return ViewOf(principal, in_stead, *std::move(row));
}

absl::StatusOr<ReferralViewPage> ReferralViews::ListSeenOfRequest(const v1::Principal& principal,
                                                                  const ReferralQuery& query,
                                                                  const std::string& only_desk,
                                                                  const store::PageOptions& page,
                                                                  store::CommitNumber as_of) const {
  ABSL_ASSIGN_OR_RETURN(const bool in_stead,
                        requests_->IsSubmittedBy(*store_, principal, query.request, as_of));
  std::vector<v1::Referral> own;
  store::PageOptions part;
  do {
    ABSL_ASSIGN_OR_RETURN(auto rows, ListReferrals(*store_, query, part, as_of));
    for (auto& row : rows.rows) {
      const std::string& desk = row.value.desk();
      if (!in_stead && !WorksAt(principal, desk)) continue;
      if (!only_desk.empty() && desk != only_desk) continue;
      own.push_back(ViewOf(principal, in_stead, std::move(row)));
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
  ABSL_ASSIGN_OR_RETURN(const auto desk, ReadRow(*store_, directory::Desks(), query.desk, as_of));
  if (!desk.has_value() || !WorksAt(principal, query.desk)) {
    return NotFoundError("trialgate.v1.Desk", query.desk);
  }
  return absl::OkStatus();
}

absl::StatusOr<ReferralVersions> ReferralViews::Versions(const v1::Principal& principal,
                                                         const ReferralQuery& query,
                                                         const std::string& only_desk,
                                                         store::CommitNumber as_of) const {
  ABSL_RETURN_IF_ERROR(CheckMayList(principal, query, as_of));
  bool own_only = principal.role() == v1::ROLE_COORDINATOR;
  if (own_only && !query.request.empty()) {
    ABSL_ASSIGN_OR_RETURN(const bool in_stead,
                          requests_->IsSubmittedBy(*store_, principal, query.request, as_of));
    own_only = !in_stead;
  }
  ReferralVersions found;
  store::PageOptions page;
  page.limit = 1000;
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows, ListReferrals(*store_, query, page, as_of));
    for (const auto& row : rows.rows) {
      const std::string& desk = row.value.desk();
      if (own_only && !WorksAt(principal, desk)) continue;
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
    return ListSeenOfRequest(principal, query, only_desk, page, as_of);
  }
  ABSL_ASSIGN_OR_RETURN(auto rows, ListReferrals(*store_, query, page, as_of));
  ReferralViewPage found;
  for (auto& row : rows.rows) {
    if (!only_desk.empty() && row.value.desk() != only_desk) continue;
    found.views.push_back(ViewOf(principal, /*in_stead=*/false, std::move(row)));
  }
  found.next = std::move(rows.next);
  return found;
}

}  // namespace trialgate::routing
