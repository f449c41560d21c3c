#include "common/rpc/handler.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/access.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// A handler that does not fit its proto is a fault of the program that shows at once.
void Require(bool condition, absl::string_view what) {
  if (condition) return;
  std::fprintf(stderr, "rpc::Service: %s\n", std::string(what).c_str());
  std::abort();
}

const ServiceDescriptor* Find(const std::string& full_name) {
  const ServiceDescriptor* const found =
      DescriptorPool::generated_pool()->FindServiceByName(full_name);
  Require(found != nullptr, absl::StrCat("no service ", full_name));
  return found;
}

}  // namespace

Service::Service(absl::string_view full_name)
    : full_name_(full_name), descriptor_(Find(full_name_)) {}

void Service::Add(absl::string_view method, const Message& request, const Message& response,
                  Function handle, OpenFunction open) {
  const std::string name(method);
  const MethodDescriptor* const declared = descriptor_->FindMethodByName(name);
  Require(declared != nullptr, absl::StrCat(full_name_, " has no method ", name));
  Require(!declared->client_streaming() && declared->server_streaming() == (open != nullptr),
          absl::StrCat(name, " is of another kind"));
  Require(declared->input_type() == request.GetDescriptor() &&
              declared->output_type() == response.GetDescriptor(),
          absl::StrCat(name, " has other messages"));
  const bool added = methods_
                         .emplace(name, Method{name, AccessOf(*declared), &request,
                                               std::move(handle), std::move(open)})
                         .second;
  Require(added, absl::StrCat(name, " has a handler already"));
}

std::vector<std::string> Service::DeclaredMethods() const {
  std::vector<std::string> names;
  for (int i = 0; i < descriptor_->method_count(); ++i) {
    names.push_back(descriptor_->method(i)->name());
  }
  return names;
}

absl::StatusOr<std::unique_ptr<Message>> Service::CallUntyped(absl::string_view method,
                                                              const v1::Principal& principal,
                                                              const Message& request) const {
  const auto found = methods_.find(std::string(method));
  if (found == methods_.end() || found->second.handle == nullptr) {
    return absl::UnimplementedError(absl::StrCat("no handler for ", method));
  }
  ABSL_RETURN_IF_ERROR(Authorize(principal, found->second.access.permission()));
  CallContext call;
  call.principal = principal;
  call.method = found->first;
  return found->second.handle(call, request);
}

}  // namespace trialgate::rpc
