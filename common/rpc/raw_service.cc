#include "common/rpc/raw_service.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/alarm.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/client_status.h"
#include "common/rpc/peer_address.h"
#include "common/rpc/principal.h"
#include "common/rpc/status_translation.h"

namespace trialgate::rpc {
namespace {

using google::protobuf::Message;

constexpr char kAuthorizationHeader[] = "authorization";

std::vector<std::string> MetadataOf(const grpc::CallbackServerContext& context, const char* key) {
  std::vector<std::string> values;
  const auto [begin, end] = context.client_metadata().equal_range(key);
  for (auto at = begin; at != end; ++at) {
    values.emplace_back(at->second.data(), at->second.size());
  }
  return values;
}

// Empty unless there is exactly one.
std::string PropertyOf(const grpc::AuthContext& peer, const char* name) {
  const auto values = peer.FindPropertyValues(name);
  return values.size() == 1 ? std::string(values[0].data(), values[0].size()) : std::string();
}

PeerCredentials CredentialsOf(const grpc::CallbackServerContext& context) {
  PeerCredentials credentials;
  credentials.authorization = MetadataOf(context, kAuthorizationHeader);
  credentials.named_principals = MetadataOf(context, kPrincipalHeader);
  credentials.network = PeerNetwork(context.peer());
  const auto peer = context.auth_context();
  if (peer == nullptr) return credentials;
  credentials.certificate_pem = PropertyOf(*peer, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  credentials.certificate_issuers_pem = PropertyOf(*peer, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME);
  return credentials;
}

std::size_t DetailsBytesOf(const grpc::CallbackServerContext& context) {
  std::size_t bytes = 0;
  const auto texts = MetadataOf(context, kDetailsBytesHeader);
  return texts.size() == 1 && absl::SimpleAtoi(texts[0], &bytes) ? bytes : kDefaultDetailsBytes;
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  // gRPC writes "no deadline" as the far end of its clock.
  const auto deadline = context.deadline();
  return deadline == std::chrono::system_clock::time_point::max() ? absl::InfiniteFuture()
                                                                  : absl::FromChrono(deadline);
}

std::string Flatten(const grpc::ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

grpc::Status WriteResponse(const Message& message, grpc::ByteBuffer* response) {
  bool own_buffer = false;
  return grpc::SerializationTraits<Message>::Serialize(message, response, &own_buffer);
}

// A message that is not there after this time ends its call.
constexpr absl::Duration kMessageTimeout = absl::Seconds(30);

// Cancels a call, as long as it is there. Thread-safe.
class Canceller {
 public:
  explicit Canceller(grpc::CallbackServerContext* context) : context_(context) {}

  void Cancel() {
    MutexLock lock(&mu_);
    if (context_ != nullptr) context_->TryCancel();
  }
  void Disarm() {
    MutexLock lock(&mu_);
    context_ = nullptr;
  }

 private:
  Mutex mu_;
  grpc::CallbackServerContext* context_ ABSL_GUARDED_BY(mu_);
};

// Cancels a call whose message does not come in time.
class MessageTimer {
 public:
  explicit MessageTimer(grpc::CallbackServerContext* context)
      : canceller_(std::make_shared<Canceller>(context)) {}

  void Start() {
    // What the alarm keeps may outlive the timer and the call, but must not hold the alarm.
    alarm_.Set(absl::ToChronoTime(absl::Now() + kMessageTimeout),
               [canceller = canceller_](bool over) {
                 if (over) canceller->Cancel();
               });
  }
  void Stop() {
    canceller_->Disarm();
    alarm_.Cancel();
  }

 private:
  const std::shared_ptr<Canceller> canceller_;
  grpc::Alarm alarm_;
};

// One call or stream. To gRPC every method is a stream both ways: of a unary one it would receive
// the message before we are asked, and keep it for whoever sends one.
class Reactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reactor(grpc::CallbackServerContext* context, OpenCalls* calls)
      : calls_(calls),
        details_bytes_(DetailsBytesOf(*context)),
        timer_(context),
        canceller_(std::make_shared<Canceller>(context)) {}

  void Receive(IncomingCall::Received then) {
    then_ = std::move(then);
    timer_.Start();
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    timer_.Stop();
    if (ok) Begin();
    const IncomingCall::Received then = std::move(then_);
    then(ok ? std::optional<std::string>(Flatten(request_)) : std::nullopt);
  }

  void Answer(IncomingCall::Answer answer) {
    if (!answer.ok()) return Finish(ToGrpcStatus(answer.status(), details_bytes_));
    const grpc::Status written = WriteResponse(**answer, &response_);
    if (!written.ok()) return Finish(written);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

  // Of a stream: one message, and what becomes of it.
  void Write(const Message& message, std::function<void(bool ok)> done) {
    written_ = std::move(done);
    if (WriteResponse(message, &response_).ok()) return StartWrite(&response_);
    const auto failed = std::exchange(written_, nullptr);
    failed(false);
  }

  void OnWriteDone(bool ok) override {
    response_.Clear();
    const auto done = std::exchange(written_, nullptr);
    done(ok);
  }

  void WhenCancelled(std::function<void()> then) {
    {
      MutexLock lock(&mu_);
      if (!cancelled_) {
        when_cancelled_ = std::move(then);
        return;
      }
    }
    then();
  }

  void OnCancel() override {
    std::function<void()> then;
    {
      MutexLock lock(&mu_);
      cancelled_ = true;
      then = std::exchange(when_cancelled_, nullptr);
    }
    if (then) then();
  }

  // Works also when the call is there no more.
  std::function<void()> Abort() {
    return [canceller = canceller_] { canceller->Cancel(); };
  }

  void OnDone() override {
    canceller_->Disarm();
    if (begun_) calls_->End();
    delete this;
  }

 private:
  void Begin() {
    begun_ = true;
    calls_->Begin();
  }

  OpenCalls* const calls_;
  const std::size_t details_bytes_;
  MessageTimer timer_;
  const std::shared_ptr<Canceller> canceller_;
  bool begun_ = false;
  IncomingCall::Received then_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::function<void(bool ok)> written_;
  Mutex mu_;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  std::function<void()> when_cancelled_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

RawService::RawService(std::unique_ptr<rpc::Service> service, CallRunner* runner, OpenCalls* calls,
                       obs::MetricsRegistry* metrics)
    : service_(std::move(service)), runner_(runner), calls_(calls) {
  for (const auto& [name, method] : service_->methods()) Register(method, metrics);
}

void RawService::Register(const rpc::Service::Method& method, obs::MetricsRegistry* metrics) {
  Entry& entry = entries_.emplace_back();
  entry.path = absl::StrCat("/", service_->full_name(), "/", method.name);
  entry.method = &method;
  if (metrics != nullptr) {
    entry.metrics = std::make_unique<obs::MethodMetrics>(
        metrics, service_->full_name(), method.name,
        method.open == nullptr ? obs::MethodMetrics::Kind::kUnary
                               : obs::MethodMetrics::Kind::kServerStream);
  }
  // As generated code does; gRPC has no other way to register a method by its name.
  const int index = static_cast<int>(entries_.size()) - 1;
  AddMethod(new grpc::internal::RpcServiceMethod(
      entry.path.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING, nullptr));
  MarkMethodRawCallback(
      index,
      new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [this, &entry](grpc::CallbackServerContext* context) { return Handle(entry, context); }));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* RawService::Handle(
    const Entry& entry, grpc::CallbackServerContext* context) {
  auto* const reactor = new Reactor(context, calls_);  // gRPC has it until OnDone
  IncomingCall call;
  call.credentials = CredentialsOf(*context);
  call.deadline = DeadlineOf(*context);
  // Neither is called once `finish` was: the context and the reactor are gone then.
  call.cancelled = [context] { return context->IsCancelled(); };
  call.receive = [reactor](IncomingCall::Received then) { reactor->Receive(std::move(then)); };
  call.finish = [reactor](IncomingCall::Answer answer) { reactor->Answer(std::move(answer)); };
  if (entry.method->open != nullptr) {
    call.write = [reactor](const Message& message, std::function<void(bool)> done) {
      reactor->Write(message, std::move(done));
    };
    call.when_cancelled = [reactor](std::function<void()> then) {
      reactor->WhenCancelled(std::move(then));
    };
    call.abort = reactor->Abort();
  }
  runner_->Run(service_->full_name(), *entry.method, entry.metrics.get(), std::move(call));
  return reactor;
}

}  // namespace trialgate::rpc
