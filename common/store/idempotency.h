// Calls that may be retried: the first answer to a request id is kept for seven days, in the same
// commit as what the call changed.
//
//   ABSL_ASSIGN_OR_RETURN(IdempotentCall call, MakeIdempotentCall(principal, "SetThing",
//                                                                 request.request_id(), request,
//                                                                 clock.Now()));
//   ABSL_ASSIGN_OR_RETURN(Answer<v1::Thing> answer,
//                         RunIdempotent<v1::Thing>(&store, call, ids.NewId(), {},
//                                                  [&](UnitOfWork& work) { return Set(work); }));
//   answer.response.set_etag(absl::StrCat(answer.commit));
#ifndef TRIALGATE_COMMON_STORE_IDEMPOTENCY_H_
#define TRIALGATE_COMMON_STORE_IDEMPOTENCY_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/message.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::store {

// How long a first answer is kept.
inline constexpr absl::Duration kAnswerLife = absl::Hours(7 * 24);

// A call that names a request id.
struct IdempotentCall {
  std::string key;             // of its record: stands for principal, method and request id
  std::string request_sha256;  // of the request without its etags
  absl::Time time;
};

// The faults of a request id: none if it is 1 to 128 printable ASCII bytes. For callers that tell
// them together with the faults of the rest of the request.
FieldFaults CheckRequestId(absl::string_view request_id);

// INVALID_ARGUMENT (REQUEST_ID_REUSED): for what a caller compares beyond the hash of the request.
absl::Status RequestIdReused();

// The call of `principal` on `method`, at `now`. All of the principal counts: role, subject,
// organization, and the desks in any order. So an answer is repeated only to who was let in for it.
// Etags of the request do not count: a retry that read the record again, after the call that it
// repeats, is the same request.
// INVALID_ARGUMENT (INVALID_FIELDS) where CheckRequestId finds a fault.
absl::StatusOr<IdempotentCall> MakeIdempotentCall(const v1::Principal& principal,
                                                  absl::string_view method,
                                                  absl::string_view request_id,
                                                  const google::protobuf::Message& request,
                                                  absl::Time now);

template <typename Response>
struct Answer {
  Response response;
  // The commit that holds what the call did, also when this is a repeated answer.
  CommitNumber commit = 0;
  bool repeated = false;
};

// Runs `work` as RunUnitOfWork does, and keeps its response in the same commit; `work` sets the
// event. Where the call was answered within kAnswerLife before, nothing is run and that answer
// returned. What is not known before the commit (its number, etags) belongs into neither: set it
// afterwards from `commit`. INVALID_ARGUMENT (REQUEST_ID_REUSED): it was another request; other
// errors are those of RunUnitOfWork.
template <typename Response>
absl::StatusOr<Answer<Response>> RunIdempotent(
    Store* store, const IdempotentCall& call, absl::string_view commit_id,
    const UnitOfWorkOptions& options,
    absl::FunctionRef<absl::StatusOr<Response>(UnitOfWork&)> work);

// Implementation from here on.

namespace internal {

struct KeptAnswer {
  std::string response;
  CommitNumber commit = 0;
};

// The answer that is kept for the call, if any. INVALID_ARGUMENT (REQUEST_ID_REUSED).
absl::StatusOr<std::optional<KeptAnswer>> FindAnswer(const IdempotentCall& call, UnitOfWork* work);

absl::Status KeepAnswer(const IdempotentCall& call, const google::protobuf::MessageLite& response,
                        UnitOfWork* work);

}  // namespace internal

template <typename Response>
absl::StatusOr<Answer<Response>> RunIdempotent(
    Store* store, const IdempotentCall& call, absl::string_view commit_id,
    const UnitOfWorkOptions& options,
    absl::FunctionRef<absl::StatusOr<Response>(UnitOfWork&)> work) {
  Answer<Response> answer;
  const auto run = [&](UnitOfWork& unit) -> absl::Status {
    answer = Answer<Response>();
    ABSL_ASSIGN_OR_RETURN(const auto kept, internal::FindAnswer(call, &unit));
    if (kept.has_value()) {
      answer.repeated = true;
      answer.commit = kept->commit;
      return internal::ParsePayload(kept->response, &answer.response);
    }
    ABSL_ASSIGN_OR_RETURN(answer.response, work(unit));
    return internal::KeepAnswer(call, answer.response, &unit);
  };
  ABSL_ASSIGN_OR_RETURN(const CommitNumber commit, RunUnitOfWork(store, commit_id, options, run));
  if (!answer.repeated) answer.commit = commit;
  return answer;
}

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_IDEMPOTENCY_H_
