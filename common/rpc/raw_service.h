// A Service as gRPC's server takes it: methods of the callback API that receive bytes, once their
// caller is admitted.
#ifndef TRIALGATE_COMMON_RPC_RAW_SERVICE_H_
#define TRIALGATE_COMMON_RPC_RAW_SERVICE_H_

#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <list>
#include <memory>
#include <string>

#include "common/obs/rpc_metrics.h"
#include "common/rpc/call_runner.h"
#include "common/rpc/handler.h"
#include "common/rpc/open_calls.h"

namespace trialgate::rpc {

// "Service" alone would be gRPC's here, hence rpc::Service.
//
// Receives bytes, because generated code answers UNIMPLEMENTED without a word to a message that
// does not parse, such as one whose text is not UTF-8.
class RawService final : public grpc::Service {
 public:
  // `runner`, `calls` and `metrics` (may be null) are not owned and outlive the server. `calls`
  // counts each call from its message until its answer was sent.
  RawService(std::unique_ptr<rpc::Service> service, CallRunner* runner, OpenCalls* calls,
             obs::MetricsRegistry* metrics);

  const rpc::Service& service() const { return *service_; }

 private:
  struct Entry {
    std::string path;  // "/trialgate.v1.AuditService/ListAuditEvents"
    const rpc::Service::Method* method;
    std::unique_ptr<obs::MethodMetrics> metrics;
  };

  void Register(const rpc::Service::Method& method, obs::MetricsRegistry* metrics);
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Handle(
      const Entry& entry, grpc::CallbackServerContext* context);

  const std::unique_ptr<rpc::Service> service_;
  CallRunner* const runner_;
  OpenCalls* const calls_;
  std::list<Entry> entries_;  // gRPC points into them
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_COMMON_RPC_RAW_SERVICE_H_
