#include "common/rpc/call_runner.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/identity/principal.h"
#include "common/obs/log.h"
#include "common/obs/rpc_metrics.h"
#include "common/rpc/access.h"
#include "common/rpc/certificate_identity.h"
#include "common/rpc/client_status.h"
#include "common/rpc/request_reader.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using google::protobuf::Message;
using Answer = IncomingCall::Answer;

// A client that is turned away comes back after this.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(500);

// Enough to follow one caller through the log, too little to read who it is.
constexpr std::size_t kSubjectDigits = 12;

// What failed logins count against: the client's certificate, else where it calls from.
std::string LoginPeer(const PeerCredentials& credentials) {
  if (credentials.certificate_pem.empty()) return credentials.network;
  return "certificate " + Sha256(credentials.certificate_pem);
}

// A certificate that names nobody is a proxy's: all who call through it would pay for one of them,
// whom the proxy knows to hold back.
bool CountsAsFailedLogin(const PeerCredentials& credentials) {
  return credentials.certificate_pem.empty() || NamesPrincipal(credentials.certificate_pem);
}

absl::Status Overloaded() {
  return Error(
             absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
             "too many calls, or too many bytes of requests, are under way; retry after the delay")
      .WithRetryAfter(kRetryAfter);
}

absl::Status DeadlinePassed() {
  return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
               "the deadline passed before the call was begun; retry with a longer one");
}

obs::Level LevelOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnknown:
      return obs::Level::kError;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return obs::Level::kWarning;
    default:
      return obs::Level::kInfo;
  }
}

StreamRunnerOptions StreamOptions(const CallRunnerOptions& options) {
  StreamRunnerOptions streams;
  streams.limits = options.streams;
  streams.authenticator = options.authenticator;
  streams.message_guard = options.message_guard;
  streams.read_recorder = options.read_recorder;
  return streams;
}

}  // namespace

struct CallRunner::Running {
  const std::string& service;
  const Service::Method& method;
  obs::MethodMetrics* metrics;
  IncomingCall call;
  CallContext context;
  absl::Time start;
  std::size_t request_bytes = call.request.size();

  absl::Status CheckTime() const;
  absl::Status Authenticate(const CallRunnerOptions& options);
  absl::Status Admit(const CallRunnerOptions& options);
  absl::StatusOr<std::unique_ptr<Message>> Read(const CallRunnerOptions& options);
  Answer Handle(const CallRunnerOptions& options);
  ReadRecorder* Recorder(const CallRunnerOptions& options) const {
    return method.access.confidential() ? options.read_recorder : nullptr;
  }
  void Log(const absl::Status& seen, const absl::Status& told, int unlogged) const;
};

absl::Status CallRunner::Running::Authenticate(const CallRunnerOptions& options) {
  RateGate* const gate = options.rate_gate;
  const std::string peer = gate == nullptr ? "" : LoginPeer(call.credentials);
  if (gate != nullptr) ABSL_RETURN_IF_ERROR(gate->AdmitPeer(peer));
  auto principal = options.authenticator->Authenticate(call.credentials);
  if (gate != nullptr && absl::IsUnauthenticated(principal.status()) &&
      CountsAsFailedLogin(call.credentials)) {
    gate->NoteFailedLogin(peer);
  }
  ABSL_ASSIGN_OR_RETURN(context.principal, std::move(principal));
  return absl::OkStatus();
}

absl::Status CallRunner::Running::CheckTime() const {
  if (call.cancelled && call.cancelled()) return absl::CancelledError();
  return absl::Now() >= call.deadline ? DeadlinePassed() : absl::OkStatus();
}

// What is settled before the message is received. What one may not call counts, too.
absl::Status CallRunner::Running::Admit(const CallRunnerOptions& options) {
  context.method = method.name;
  context.deadline = call.deadline;
  ABSL_RETURN_IF_ERROR(CheckTime());
  ABSL_RETURN_IF_ERROR(Authenticate(options));
  if (options.rate_gate != nullptr) {
    ABSL_RETURN_IF_ERROR(options.rate_gate->Admit(context, method.access));
  }
  return Authorize(context.principal, method.access.permission());
}

// What a handler is given.
absl::StatusOr<std::unique_ptr<Message>> CallRunner::Running::Read(
    const CallRunnerOptions& options) {
  ABSL_RETURN_IF_ERROR(CheckTime());
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<Message> request,
                        ReadRequest(*method.request_prototype, call.request));
  std::string().swap(call.request);
  if (options.message_guard != nullptr) {
    ABSL_RETURN_IF_ERROR(options.message_guard->Check(*request));
  }
  ReadRecorder* const recorder = Recorder(options);
  if (recorder != nullptr) ABSL_RETURN_IF_ERROR(recorder->Admit());
  return request;
}

Answer CallRunner::Running::Handle(const CallRunnerOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const std::unique_ptr<Message> request, Read(options));
  ReadRecorder* const recorder = Recorder(options);
  // Nothing of ours throws; what a library throws must not end the server.
  try {
    Answer answer = method.handle(context, *request);
    if (answer.ok() && options.message_guard != nullptr) {
      ABSL_RETURN_IF_ERROR(options.message_guard->Complete(answer->get()));
    }
    if (answer.ok() && recorder != nullptr) recorder->Record(context, **answer);
    return answer;
  } catch (const std::exception& e) {
    return absl::InternalError(absl::StrCat("exception: ", e.what()));
  }
}

void CallRunner::Running::Log(const absl::Status& seen, const absl::Status& told,
                              int unlogged) const {
  const double millis = absl::ToDoubleMilliseconds(absl::Now() - start);
  // Streams end all the time.
  const bool ended = ReasonOf(told) == v1::ERROR_REASON_STREAM_ENDED;
  obs::LogLine line(ended ? obs::Level::kInfo : LevelOf(told.code()), "call");
  line.With("service", obs::Public(service)).With("method", obs::Public(method.name));
  line.With("code", obs::Public(obs::CodeName(told.code()))).With("duration_ms", millis);
  if (!told.ok()) line.With("reason", obs::Public(ReasonName(ReasonOf(told))));
  if (context.principal.role() != v1::ROLE_UNSPECIFIED) {
    line.With("role", obs::Public(identity::RoleName(context.principal.role())));
    line.With("subject",
              obs::Public(Sha256Hex(context.principal.subject()).substr(0, kSubjectDigits)));
  }
  if (unlogged > 0) line.With("unlogged_refusals", unlogged);
  // The text of an error may quote the message; that of a failure of ours is needed to mend it.
  if (ReasonOf(seen) == v1::ERROR_REASON_UNSPECIFIED &&
      LevelOf(told.code()) == obs::Level::kError) {
    line.With("cause", obs::Public(seen.ToString(absl::StatusToStringMode::kWithNoExtraData)));
  }
}

CallRunner::CallRunner(const CallRunnerOptions& options)
    : options_(options),
      streams_(StreamOptions(options)),
      pool_(options.threads, static_cast<std::size_t>(options.max_in_flight)) {}

bool CallRunner::TryEnter(std::size_t bytes) {
  MutexLock lock(&mu_);
  if (in_flight_ >= options_.max_in_flight) return false;
  if (in_flight_ > 0 && bytes_ + bytes > options_.max_bytes) return false;
  ++in_flight_;
  bytes_ += bytes;
  return true;
}

void CallRunner::Run(const std::string& service, const Service::Method& method,
                     obs::MethodMetrics* metrics, IncomingCall call) {
  call.deadline = std::min(call.deadline, absl::Now() + options_.max_duration);
  // Shared, because a std::function can be copied.
  auto running = std::make_shared<Running>(
      Running{service, method, metrics, std::move(call), {}, absl::Now()});
  if (metrics != nullptr) metrics->Started();
  if (!TryEnter(running->request_bytes)) return Finish(*running, Overloaded(), false);
  if (!pool_.TryRun([this, running] { Begin(running); })) Finish(*running, Overloaded(), true);
}

void CallRunner::Begin(const std::shared_ptr<Running>& running) {
  const absl::Status admitted = running->Admit(options_);
  if (!admitted.ok()) return Finish(*running, admitted, true);
  if (running->call.receive == nullptr) return Work(running);
  // A slow message must not take a place from others.
  {
    MutexLock lock(&mu_);
    ++receiving_;
  }
  Leave(running->request_bytes);
  // What it holds goes with the call, which must not hold itself.
  const auto receive = std::exchange(running->call.receive, nullptr);
  receive([this, running](std::optional<std::string> request) {
    Receive(running, std::move(request));
    MutexLock lock(&mu_);
    --receiving_;
    changed_.NotifyAll();
  });
}

void CallRunner::Receive(const std::shared_ptr<Running>& running,
                         std::optional<std::string> request) {
  if (!request.has_value()) return Finish(*running, absl::CancelledError(), false);
  running->call.request = *std::move(request);
  running->request_bytes = running->call.request.size();
  if (!TryEnter(running->request_bytes)) return Finish(*running, Overloaded(), false);
  if (!pool_.TryRun([this, running] { Work(running); })) {
    Finish(*running, Overloaded(), true);
  }
}

void CallRunner::Work(const std::shared_ptr<Running>& running) {
  if (running->method.open != nullptr) return OpenStream(running);
  Finish(*running, running->Handle(options_), true);
}

void CallRunner::OpenStream(const std::shared_ptr<Running>& running) {
  const auto request = running->Read(options_);
  if (!request.ok()) return Finish(*running, request.status(), true);
  StreamCall call;
  call.context = running->context;
  // It was admitted; what is left of it proves from time to time that it still would be.
  call.credentials = std::move(running->call.credentials);
  call.confidential = running->method.access.confidential();
  call.write = std::move(running->call.write);
  call.when_cancelled = std::move(running->call.when_cancelled);
  call.abort = std::move(running->call.abort);
  call.metrics = running->metrics;
  call.finish = [this, running](const absl::Status& status) { Finish(*running, status, false); };
  const absl::Status opened = streams_.Open(std::move(call), [&](StreamWaker waker) {
    return running->method.open(running->context, **request, std::move(waker));
  });
  if (!opened.ok()) return Finish(*running, opened, true);
  Leave(running->request_bytes);
}

void CallRunner::Leave(std::size_t bytes) {
  MutexLock lock(&mu_);
  --in_flight_;
  bytes_ -= bytes;
  changed_.NotifyAll();
}

void CallRunner::Finish(Running& running, Answer answer, bool entered) {
  const absl::Status seen = answer.status();
  const absl::Status told = ForClient(seen);
  if (running.metrics != nullptr) {
    // A stream that ends in its time is no fault that somebody should be called for.
    const bool in_time = ReasonOf(told) == v1::ERROR_REASON_STREAM_ENDED;
    running.metrics->Handled(in_time ? absl::StatusCode::kOk : told.code(),
                             absl::Now() - running.start);
  }
  const std::optional<int> unlogged = NextLine(told);
  if (unlogged.has_value()) running.Log(seen, told, *unlogged);
  running.call.finish(seen.ok() ? std::move(answer) : Answer(told));
  if (entered) Leave(running.request_bytes);
}

// How many refusals of the kind went unlogged before the one that is logged now; none if it is not:
// a flood must not fill the log.
std::optional<int> CallRunner::NextLine(const absl::Status& told) {
  const bool excess = absl::IsResourceExhausted(told);
  if (!excess && !absl::IsPermissionDenied(told) && !absl::IsUnauthenticated(told)) return 0;
  MutexLock lock(&mu_);
  RefusalLines& lines = excess ? excess_lines_ : denial_lines_;
  const absl::Time now = absl::Now();
  if (now >= lines.second + absl::Seconds(1)) {
    lines.second = now;
    lines.lines = 0;
  }
  if (lines.lines >= lines.per_second) {
    ++lines.unlogged;
    return std::nullopt;
  }
  ++lines.lines;
  return std::exchange(lines.unlogged, 0);
}

int CallRunner::in_flight() const {
  MutexLock lock(&mu_);
  return in_flight_;
}

void CallRunner::WaitUntilIdle() {
  {
    MutexLock lock(&mu_);
    while (in_flight_ > 0 || receiving_ > 0) changed_.Wait(&mu_);
  }
  streams_.CloseAll();
  streams_.WaitUntilNone();
}

}  // namespace trialgate::rpc
