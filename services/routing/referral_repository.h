// Referrals as they are stored, under their resource names, and how they are found.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_REPOSITORY_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_REPOSITORY_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "services/routing/timestamps.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Without etag: that is the number of the commit that wrote a referral; without principal
// investigators, for whom references stand (person_reference_repository.h). Found by request and by
// desk, in the order of their answer_due_time; by desk also in the order in which they were sent;
// by contact.
const store::Table<v1::Referral>& Referrals();

// Which referrals are listed; those due first come first, then by name.
struct ReferralQuery {
  // Exactly one of the two is given.
  std::string request;  // `trialRequests/{id}`
  std::string desk;     // `desks/{id}`
  // Absent: all for a request; those that are open for a desk.
  std::set<v1::ReferralState> states;
};

// One page of at most `page.limit` referrals as of a commit, with `page.after` as in a page before;
// a page may be shorter, even empty, and not the last where few referrals are in the states asked.
// Errors are those of Store::Scan.
absl::StatusOr<store::RowPage<v1::Referral>> ListReferrals(const store::Store& store,
                                                           const ReferralQuery& query,
                                                           const store::PageOptions& page,
                                                           store::CommitNumber as_of);

// A referral of some desk, on the way through those sent to several, newest first.
struct SentReferral {
  // Sorts newest first; made of the instant of sending and the request's name.
  std::string position;
  std::string request;  // `trialRequests/{id}`
};

std::string SentPosition(const v1::Referral& referral);

// The requests with a referral at any of `desks`, newest first, each once where its referrals were
// sent together: at most `limit` after `after` (a position; empty: from the first).
absl::StatusOr<std::vector<SentReferral>> ListRequestsAtDesks(const store::Store& store,
                                                              const std::vector<std::string>& desks,
                                                              absl::string_view after, int limit,
                                                              store::CommitNumber as_of);

// The names of the referrals that name a contact as who is asked: at most `limit`, those first by
// name.
absl::StatusOr<std::vector<std::string>> ReferralsOfContact(const store::Store& store,
                                                            absl::string_view contact, int limit,
                                                            store::CommitNumber as_of);

// Every referral that is open as of a commit.
absl::StatusOr<std::vector<v1::Referral>> OpenReferralsAsOf(const store::Store& store,
                                                            store::CommitNumber as_of);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_REPOSITORY_H_
