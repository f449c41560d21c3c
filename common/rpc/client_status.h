// What of a status a client may see.
#ifndef TRIALGATE_COMMON_RPC_CLIENT_STATUS_H_
#define TRIALGATE_COMMON_RPC_CLIENT_STATUS_H_

#include "absl/status/status.h"

namespace trialgate::rpc {

// What a client is told of `status`:
//   with a reason of ours        as it is;
//   CANCELLED, UNIMPLEMENTED     the code, with a text of its own;
//   DEADLINE_EXCEEDED            with reason DEADLINE_EXCEEDED;
//   all else                     INTERNAL with reason INTERNAL: its text is for the log only.
absl::Status ForClient(const absl::Status& status);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_CLIENT_STATUS_H_
