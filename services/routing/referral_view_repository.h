// Referrals as those who ask may see them.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_VIEW_REPOSITORY_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_VIEW_REPOSITORY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "services/routing/referral_repository.h"
#include "services/routing/request_progress.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Whether the principal works at the desk: its coordinators and national ones.
bool WorksAt(const v1::Principal& principal, const std::string& desk);

// A referral with its etag as the principal, who may see it, sees it.
v1::Referral ReferralAsSeenBy(const v1::Principal& principal, v1::Referral referral);

// The same for a coordinator in the place of the person whose idea its desk submitted: as a
// requester sees it.
v1::Referral ReferralAsSeenByAsker(v1::Referral referral);

struct ReferralViewPage {
  // The one due first at the head. A page may be shorter than asked for, even empty, and not the
  // last.
  std::vector<v1::Referral> views;
  // Where the next page begins; empty: this was the last.
  std::string next;
};

// Names of referrals, each with the commit that wrote it; the one due first at the head.
using ReferralVersions = std::vector<std::pair<std::string, store::CommitNumber>>;

// A coordinator sees the referrals of its desks, and those of ideas of persons that one of them
// submitted as a requester does; a requester those of the requests of its
// organization, without etag and what desks keep to themselves, sites by name instead of by score;
// a national coordinator all.
// Thread-safe. Errors besides those named are the store's.
class ReferralViews {
 public:
  // Nothing is owned; all outlive this.
  ReferralViews(const store::Store* store, const RequestProgress* requests)
      : store_(store), requests_(requests) {}

  // NOT_FOUND, after the same reads of the store whether there is no such referral or it may not be
  // seen.
  absl::StatusOr<v1::Referral> Get(const v1::Principal& principal, const std::string& name,
                                   store::CommitNumber as_of) const;

  // Of a request or of a desk; with a request, `only_desk` leaves those of one desk (empty: of
  // all). NOT_FOUND: the principal sees neither.
  absl::StatusOr<ReferralViewPage> List(const v1::Principal& principal, const ReferralQuery& query,
                                        const std::string& only_desk,
                                        const store::PageOptions& page,
                                        store::CommitNumber as_of) const;

  // What all pages of List show. NOT_FOUND as List.
  absl::StatusOr<ReferralVersions> Versions(const v1::Principal& principal,
                                            const ReferralQuery& query,
                                            const std::string& only_desk,
                                            store::CommitNumber as_of) const;

 private:
  // NOT_FOUND: the principal sees neither request nor desk of a query, or there is none.
  absl::Status CheckMayList(const v1::Principal& principal, const ReferralQuery& query,
                            store::CommitNumber as_of) const;
  // Those of a request that the coordinator sees; the token names the last one shown. All are read,
  // few for each desk, so that where a page ends says nothing of how many others there are.
  absl::StatusOr<ReferralViewPage> ListSeenOfRequest(const v1::Principal& principal,
                                                     const ReferralQuery& query,
                                                     const std::string& only_desk,
                                                     const store::PageOptions& page,
                                                     store::CommitNumber as_of) const;

  const store::Store* const store_;
  const RequestProgress* const requests_;
};

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_VIEW_REPOSITORY_H_
