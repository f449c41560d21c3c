// What happens around every handler: limit, pool, deadline, principal, permission, message, status,
// metrics, log. No gRPC: raw_service.h brings the calls.
#ifndef TRIALGATE_COMMON_RPC_CALL_RUNNER_H_
#define TRIALGATE_COMMON_RPC_CALL_RUNNER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/call_gate.h"
#include "common/rpc/handler.h"
#include "common/rpc/stream_runner.h"
#include "common/rpc/worker_pool.h"
#include "google/protobuf/message.h"

namespace trialgate {
namespace obs {
class MethodMetrics;
}  // namespace obs

namespace rpc {

// A call as it came in.
struct IncomingCall {
  using Answer = absl::StatusOr<std::unique_ptr<google::protobuf::Message>>;

  std::string request;  // the message's bytes, where `receive` is null
  // Asks for the message's bytes, which `then` is given from any thread; none: the client went
  // away, or took too long. Called at most once, after the caller was admitted: nobody else makes
  // the server keep a message.
  using Received = std::function<void(std::optional<std::string> request)>;
  std::function<void(Received then)> receive;
  PeerCredentials credentials;
  absl::Time deadline = absl::InfiniteFuture();
  // Whether the client went away; called before `finish`, from any thread.
  std::function<bool()> cancelled;
  // Takes the answer, whose error is fit for clients; called once, from any thread.
  std::function<void(Answer)> finish;
  // Of methods that stream, as StreamCall (stream_runner.h) has them; others need none.
  std::function<void(const google::protobuf::Message& message, std::function<void(bool ok)> done)>
      write = {};
  std::function<void(std::function<void()> then)> when_cancelled = {};
  std::function<void()> abort = {};
};

struct CallRunnerOptions {
  // At least 1.
  int max_in_flight = 1000;
  int threads = 64;
  // Of the request messages of all calls under way together; one call may be larger alone.
  std::size_t max_bytes = std::size_t{256} << 20;
  // A deadline beyond this, or none, counts as one in this time.
  absl::Duration max_duration = absl::Minutes(5);
  // Not owned; outlive the runner. The authenticator is required; the others may be null.
  const Authenticator* authenticator = nullptr;
  RateGate* rate_gate = nullptr;
  const MessageGuard* message_guard = nullptr;
  ReadRecorder* read_recorder = nullptr;
  StreamLimits streams;
};

// Thread-safe.
class CallRunner {
 public:
  explicit CallRunner(const CallRunnerOptions& options);
  CallRunner(const CallRunner&) = delete;
  CallRunner& operator=(const CallRunner&) = delete;

  // Answers `call` by `method`, soon, on a thread of the pool or on this one; of a method that
  // streams, opens the stream, which is no call under way from then on. `service` is the
  // method's full service name; `metrics` may be null; these three outlive the call.
  void Run(const std::string& service, const Service::Method& method, obs::MethodMetrics* metrics,
           IncomingCall call);

  int in_flight() const;

  // Ends all streams, as StreamRunner::CloseAll.
  void CloseStreams() { streams_.CloseAll(); }

  // Blocks until no call is under way, nor waits for its message, and no stream is open. Calls must
  // not come in any more.
  void WaitUntilIdle();

 private:
  struct Running;
  // Which refusals of a kind are logged: the first few of each second.
  struct RefusalLines {
    int per_second;
    absl::Time second = absl::InfinitePast();
    int lines = 0;     // of this second
    int unlogged = 0;  // since the last line
  };

  bool TryEnter(std::size_t bytes);
  void Leave(std::size_t bytes);
  void Begin(const std::shared_ptr<Running>& running);
  void Receive(const std::shared_ptr<Running>& running, std::optional<std::string> request);
  void Work(const std::shared_ptr<Running>& running);
  void OpenStream(const std::shared_ptr<Running>& running);
  void Finish(Running& running, IncomingCall::Answer answer, bool entered);
  std::optional<int> NextLine(const absl::Status& told);

  const CallRunnerOptions options_;
  mutable Mutex mu_;
  CondVar changed_;
  int in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  int receiving_ ABSL_GUARDED_BY(mu_) = 0;      // admitted, and still without message
  std::size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;  // of the requests of these
  RefusalLines excess_lines_ ABSL_GUARDED_BY(mu_) = {1};
  RefusalLines denial_lines_ ABSL_GUARDED_BY(mu_) = {10};
  StreamRunner streams_;
  WorkerPool pool_;  // last: its threads use the rest
};

}  // namespace rpc
}  // namespace trialgate

#endif  // TRIALGATE_COMMON_RPC_CALL_RUNNER_H_
