// Trial requests, what was submitted, and the answers to them, as they are stored.
#ifndef TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_REPOSITORY_H_
#define TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_REPOSITORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/table.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::intake {

// Requests as they are now, under their names, without etag: that is the number of the commit that
// wrote a request; for their contacts references stand (person_reference_repository.h), also in the
// revisions, as for principal investigators in the answers. Found by requester, by state, and where
// they are ideas of persons by the desk that submitted them, newest first.
const store::Table<v1::TrialRequest>& TrialRequests();

// Requests as they were asked, a record per revision, under RevisionName.
const store::Table<v1::TrialRequest>& TrialRequestRevisions();
std::string RevisionName(absl::string_view request, int revision);

// Every version of the collated answers, under their names.
const store::Table<v1::CollatedAnswer>& CollatedAnswers();
std::string AnswerName(absl::string_view request, int version);

// Which requests are listed.
struct TrialRequestQuery {
  // Only those of this organization; absent: of all.
  std::string requester;
  // Only those in this state; absent: in any.
  v1::TrialRequestState state = v1::TRIAL_REQUEST_STATE_UNSPECIFIED;
};

// One page, newest first, of at most `page.limit` requests as of a commit; `page.after` is `next`
// of the page before. A page may be shorter, even empty, and not the last. Errors are those of
// Store::Scan.
absl::StatusOr<store::RowPage<v1::TrialRequest>> ListTrialRequests(const store::Store& store,
                                                                   const TrialRequestQuery& query,
                                                                   const store::PageOptions& page,
                                                                   store::CommitNumber as_of);

// An idea on the way through those that desks submitted for persons, newest first.
struct SubmittedIdea {
  // Sorts newest first, as the positions of routing::ListRequestsAtDesks do: an idea that was
  // routed when it was submitted has the same there.
  std::string position;
  std::string request;  // `trialRequests/{id}`
};

std::string IdeaPosition(const v1::TrialRequest& request);

// The ideas that any of `desks` submitted, newest first: at most `limit` after `after` (a position;
// empty: from the first).
absl::StatusOr<std::vector<SubmittedIdea>> ListSubmittedIdeas(const store::Store& store,
                                                              const std::vector<std::string>& desks,
                                                              absl::string_view after, int limit,
                                                              store::CommitNumber as_of);

}  // namespace trialgate::intake

#endif  // TRIALGATE_SERVICES_INTAKE_TRIAL_REQUEST_REPOSITORY_H_
