// The one translation between our statuses and gRPC's, both ways.
//
// A status of ours (common/base/errors.h) travels as google.rpc.Status in the trailer
// grpc-status-details-bin: code, message, and its payloads as details.
#ifndef TRIALGATE_COMMON_RPC_STATUS_TRANSLATION_H_
#define TRIALGATE_COMMON_RPC_STATUS_TRANSLATION_H_

#include <cstddef>

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace trialgate::rpc {

// Bytes of details that every client takes: gRPC's clients refuse trailers of more than 8 KiB in
// all, in which details may stand as base64.
inline constexpr std::size_t kDefaultDetailsBytes = 4608;

// Metadata with which a client that takes longer trailers says how many bytes of details it wants.
inline constexpr char kDetailsBytesHeader[] = "trialgate-details-bytes";

// No client gets more.
inline constexpr std::size_t kMaxDetailsBytes = std::size_t{64} << 10;

// Bytes of an error's message at most; what is beyond is cut off at a character's end.
inline constexpr std::size_t kMaxMessageBytes = 1024;

// The answer for `status`, which went through ForClient (client_status.h). Where the details have
// more than `max_details_bytes` bytes, the last field violations are left out, and the metadata
// "faults_total" of ErrorInfo says how many there are in all; then the largest other details but
// ErrorInfo.
grpc::Status ToGrpcStatus(const absl::Status& status,
                          std::size_t max_details_bytes = kDefaultDetailsBytes);

// For clients: the status with the details as payloads, so that ReasonOf and the like work on it.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_STATUS_TRANSLATION_H_
