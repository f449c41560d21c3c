// Where the messages of a stream come from.
#ifndef TRIALGATE_COMMON_RPC_STREAM_SOURCE_H_
#define TRIALGATE_COMMON_RPC_STREAM_SOURCE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace trialgate::rpc {

// One message of a stream.
struct StreamMessage {
  std::unique_ptr<google::protobuf::Message> message;
  // Where the client goes on after it; the message holds it, too.
  std::string resume_token;
  // Whether it holds nothing else: then it is no read of anything.
  bool only_token = false;
};

// What one stream tells. Called from one thread at a time. It keeps no messages: what a client was
// too slow for is read again from where it is kept, so that a stream costs little while it waits.
class StreamSource {
 public:
  // Destroyed once the stream has ended, from any thread; wakes nobody from then on.
  virtual ~StreamSource() = default;

  // What is to be told now; none: nothing, until the waker is called. May block to read. The first
  // call always has a message. With `renew_token` there is a message also where only the token has
  // become a newer one. An error ends the stream.
  virtual absl::StatusOr<std::optional<StreamMessage>> Next(bool renew_token) = 0;
};

// Has Next called again, soon. May be called from any thread and at any time, also when the stream
// has ended; quick.
using StreamWaker = std::function<void()>;

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_STREAM_SOURCE_H_
