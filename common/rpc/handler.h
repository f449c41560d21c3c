// Services as tables of handlers: the one way in which methods are written, unary ones and those
// that stream to the client.
//
//   std::unique_ptr<rpc::Service> NewAuditService(AuditApp* app) {
//     auto service = std::make_unique<rpc::Service>("trialgate.v1.AuditService");
//     service->Handle<v1::ListAuditEventsRequest, v1::ListAuditEventsResponse>(
//         "ListAuditEvents", [app](const rpc::CallContext& call, const auto& request)
//                                -> absl::StatusOr<v1::ListAuditEventsResponse> {
//           return app->List(request);
//         });
//     return service;
//   }
//
// Around every handler the server (server.h) does the same: it limits the calls in flight,
// demands a principal (authenticator.h) that the proto permits the method (access.h), then receives
// and reads the message (bad UTF-8 and malformed bytes are INVALID_ARGUMENT, fields it does not
// know are dropped), runs the handler on a bounded pool of threads unless the deadline is over,
// translates its status, counts, times and logs the call. Handlers may block; they run
// concurrently.
//
// Of a method that streams, HandleStream, the handler returns a source of messages
// (stream_source.h); the same is done around each of them, and stream_runner.h says when it is
// asked.
//
// No gRPC here, so that services compile fast and are tested without it: Service::Call.
#ifndef TRIALGATE_COMMON_RPC_HANDLER_H_
#define TRIALGATE_COMMON_RPC_HANDLER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/stream_source.h"
#include "google/protobuf/message.h"
#include "trialgate/v1/access.pb.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::rpc {

// What a handler is told of the call beside the message.
struct CallContext {
  // Who calls; always valid.
  v1::Principal principal;
  // When the client stops waiting; absl::InfiniteFuture() where it did not say.
  absl::Time deadline = absl::InfiniteFuture();
  // The method's short name, such as "SubmitTrialRequest": also the action of its audit event.
  std::string method;
};

// Not thread-safe while handlers are added; immutable, hence thread-safe, from then on.
class Service {
 public:
  // One method: either answers, or opens a stream.
  struct Method {
    std::string name;
    // What the proto declares of who may call it.
    v1::MethodAccess access;
    // The request's type: its default instance.
    const google::protobuf::Message* request_prototype;
    std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
        const CallContext&, const google::protobuf::Message&)>
        handle;
    // Null: it is unary.
    std::function<absl::StatusOr<std::unique_ptr<StreamSource>>(
        const CallContext&, const google::protobuf::Message&, StreamWaker)>
        open;
  };

  // `full_name` as in the proto: "trialgate.v1.AuditService". Ends the process for a service that
  // is not linked in: a fault of the program.
  explicit Service(absl::string_view full_name);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Has `handler` answer the method, given by its short name. `handler` takes (const CallContext&,
  // const Request&) and returns absl::StatusOr<Response>. What it captures outlives the server.
  // Ends the process where the proto has no such method, or one with other messages, or where it
  // has a handler already. Methods without a handler answer UNIMPLEMENTED.
  template <typename Request, typename Response, typename Handler>
  void Handle(absl::string_view method, Handler handler) {
    auto handle = [handler = std::move(handler)](const CallContext& call,
                                                 const google::protobuf::Message& request)
        -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
      absl::StatusOr<Response> response = handler(call, static_cast<const Request&>(request));
      if (!response.ok()) return std::move(response).status();
      return std::make_unique<Response>(*std::move(response));
    };
    Add(method, Request::default_instance(), Response::default_instance(), std::move(handle),
        nullptr);
  }

  // Has `handler` open the streams of a method that streams to the client. It takes (const
  // CallContext&, const Request&, StreamWaker) and returns
  // absl::StatusOr<std::unique_ptr<StreamSource>>; the messages are of type Response. Else as
  // Handle.
  template <typename Request, typename Response, typename Handler>
  void HandleStream(absl::string_view method, Handler handler) {
    auto open = [handler = std::move(handler)](const CallContext& call,
                                               const google::protobuf::Message& request,
                                               StreamWaker waker) {
      return handler(call, static_cast<const Request&>(request), std::move(waker));
    };
    Add(method, Request::default_instance(), Response::default_instance(), nullptr,
        std::move(open));
  }

  const std::string& full_name() const { return full_name_; }
  // Those with a handler, by name.
  const std::map<std::string, Method>& methods() const { return methods_; }
  // Every method that the proto declares.
  std::vector<std::string> DeclaredMethods() const;

  // Calls a handler directly, as the server does after it has read message and principal: for
  // tests. PERMISSION_DENIED as for the server; UNIMPLEMENTED without a handler that answers.
  // `Response` must be the method's.
  template <typename Response>
  absl::StatusOr<Response> Call(absl::string_view method, const v1::Principal& principal,
                                const google::protobuf::Message& request) const {
    auto response = CallUntyped(method, principal, request);
    if (!response.ok()) return std::move(response).status();
    return std::move(static_cast<Response&>(**response));
  }

 private:
  using Function = decltype(Method::handle);
  using OpenFunction = decltype(Method::open);

  void Add(absl::string_view method, const google::protobuf::Message& request,
           const google::protobuf::Message& response, Function handle, OpenFunction open);
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> CallUntyped(
      absl::string_view method, const v1::Principal& principal,
      const google::protobuf::Message& request) const;

  const std::string full_name_;
  const google::protobuf::ServiceDescriptor* const descriptor_;
  std::map<std::string, Method> methods_;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_HANDLER_H_
