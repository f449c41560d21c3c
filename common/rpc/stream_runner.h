// What happens around every stream once its caller is admitted: places, waking, writing, recording,
// and its end. No gRPC: raw_service.h brings the calls.
//
// A stream takes no thread while it waits. When its source wakes it, one of a few threads asks for
// one message and writes it; the next is asked for when the client has taken that. Nothing is
// queued. One thread looks at all streams once a second while there are any: for those whose client
// does not take its message, that have lived long enough, or whose caller must prove itself again.
#ifndef TRIALGATE_COMMON_RPC_STREAM_RUNNER_H_
#define TRIALGATE_COMMON_RPC_STREAM_RUNNER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/call_gate.h"
#include "common/rpc/handler.h"
#include "common/rpc/stream_source.h"
#include "common/rpc/worker_pool.h"

namespace trialgate {
namespace obs {
class MethodMetrics;
}  // namespace obs

namespace rpc {

// Limits of streams; all at least 1.
struct StreamLimits {
  // Open at once: in all, of one caller, and of the callers of one organization as many times that.
  // One more is RESOURCE_EXHAUSTED with RetryInfo: OVERLOADED; TOO_MANY_STREAMS, its own fault.
  int max_streams = 2000;
  int max_per_caller = 16;
  int organization_factor = 4;
  // Threads that make messages.
  int threads = 4;
  // Then it ends with UNAVAILABLE (STREAM_ENDED).
  absl::Duration max_age = absl::Hours(1);
  // A client that does not take a message for so long is told ABORTED (SLOW_WATCHER) after it, and
  // cut off when it does not take that for as long again.
  absl::Duration max_write = absl::Seconds(30);
  // Between proofs of who calls, by the credentials that the call came with.
  absl::Duration proof_interval = absl::Minutes(1);
  // A token is renewed when it is so old, and anything was committed since.
  absl::Duration token_interval = absl::Minutes(5);
};

struct StreamRunnerOptions {
  StreamLimits limits;
  // Not owned; outlive the runner. The authenticator is required; the others may be null.
  const Authenticator* authenticator = nullptr;
  const MessageGuard* message_guard = nullptr;
  ReadRecorder* read_recorder = nullptr;
  // Null: the machine's clock.
  std::function<absl::Time()> now;
  // Between looks at all streams; infinite: nobody looks but who calls Look.
  absl::Duration look_interval = absl::Seconds(1);
};

// A stream as its transport has it. Functions are called from any thread.
struct StreamCall {
  CallContext context;
  PeerCredentials credentials;
  // Whether its messages are reads of confidential content.
  bool confidential = false;
  // Sends a message; `done` is told once, later, whether the client can have more. One at a time;
  // not called after `finish`.
  std::function<void(const google::protobuf::Message& message, std::function<void(bool ok)> done)>
      write;
  // Has `then` called when the client goes away, at once if it has. Called once, before `finish`.
  std::function<void(std::function<void()> then)> when_cancelled;
  // Ends it with an error; called once, also while a message is under way. Never calls back.
  std::function<void(const absl::Status& status)> finish;
  // Ends it whatever is under way. Called after `finish`, at any time.
  std::function<void()> abort;
  // May be null; outlives the stream.
  const obs::MethodMetrics* metrics = nullptr;
};

// Thread-safe.
class StreamRunner {
 public:
  using OpenSource =
      absl::FunctionRef<absl::StatusOr<std::unique_ptr<StreamSource>>(StreamWaker waker)>;

  explicit StreamRunner(const StreamRunnerOptions& options);
  // Closes all, and waits until none is left.
  ~StreamRunner();
  StreamRunner(const StreamRunner&) = delete;
  StreamRunner& operator=(const StreamRunner&) = delete;

  // Opens a stream whose source `open` makes; it may call that on this thread. An error means that
  // there is none, and that `call.finish` is still to be called by who called this: that of `open`;
  // RESOURCE_EXHAUSTED (TOO_MANY_STREAMS, OVERLOADED); UNAVAILABLE (STREAM_ENDED) after CloseAll.
  absl::Status Open(StreamCall call, OpenSource open);

  // Ends all streams with UNAVAILABLE (STREAM_ENDED), and opens no more. Those whose client takes
  // nothing are cut off a second later.
  void CloseAll();

  // Looks at all streams, as the thread does.
  void Look();

  // Blocks until no stream is open and no source is left.
  void WaitUntilNone();

  int open() const;

 private:
  class Stream;
  // By whom a stream counts.
  struct Place {
    std::string caller;
    std::string organization;
  };

  absl::Status TakePlace(const Place& place);
  void LeavePlace(const Place& place);
  // Has `abort` called when the client had time enough to take what was sent.
  void AbortLater(std::function<void()> abort);
  void Forget(const std::shared_ptr<Stream>& stream);
  void Run();
  absl::Time Now() const;

  const StreamRunnerOptions options_;
  mutable Mutex mu_;
  CondVar changed_;
  std::set<std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mu_);
  // Ended streams that are cut off later, if they are still there then.
  std::multimap<absl::Time, std::function<void()>> aborts_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int> by_caller_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int> by_organization_ ABSL_GUARDED_BY(mu_);
  int places_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  WorkerPool pool_;
  std::thread looker_;  // last: it uses the rest
};

}  // namespace rpc
}  // namespace trialgate

#endif  // TRIALGATE_COMMON_RPC_STREAM_RUNNER_H_
