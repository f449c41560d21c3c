// Reads a request message from its bytes and says what is wrong with them.
#ifndef TRIALGATE_COMMON_RPC_REQUEST_READER_H_
#define TRIALGATE_COMMON_RPC_REQUEST_READER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace trialgate::rpc {

// The message of the type of `prototype` that `bytes` encode, without the fields that the type does
// not know. INVALID_ARGUMENT (INVALID_FIELDS, each field with INVALID_UTF8) names every text that
// is not UTF-8; INVALID_ARGUMENT (INVALID_FORMAT) for bytes that are no such message.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> ReadRequest(
    const google::protobuf::Message& prototype, absl::string_view bytes);

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_REQUEST_READER_H_
