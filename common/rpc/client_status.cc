#include "common/rpc/client_status.h"

#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {

absl::Status ForClient(const absl::Status& status) {
  if (status.ok() || ReasonOf(status) != v1::ERROR_REASON_UNSPECIFIED) return status;
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return absl::CancelledError("the call was cancelled");
    case absl::StatusCode::kUnimplemented:
      return absl::UnimplementedError("this server does not have the method");
    case absl::StatusCode::kDeadlineExceeded:
      return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
                   "the deadline passed before the answer; retry with a longer one");
    default:
      return Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
                   "the server failed; its log says why");
  }
}

}  // namespace trialgate::rpc
