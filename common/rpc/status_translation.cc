#include "common/rpc/status_translation.h"

#include <grpcpp/support/status.h>

#include <algorithm>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace trialgate::rpc {
namespace {

bool IsType(const google::protobuf::Any& detail, absl::string_view type) {
  return absl::string_view(detail.type_url()) == type;
}

google::protobuf::Any* FindDetail(google::rpc::Status* status, absl::string_view type) {
  for (auto& detail : *status->mutable_details()) {
    if (IsType(detail, type)) return &detail;
  }
  return nullptr;
}

void NoteTotal(google::rpc::Status* status, int total) {
  google::protobuf::Any* const any = FindDetail(status, kErrorInfoType);
  google::rpc::ErrorInfo info;
  if (any == nullptr || !info.ParseFromString(any->value())) return;
  // Where faults were left out before, that number holds.
  if (!info.metadata().contains("faults_total")) {
    (*info.mutable_metadata())["faults_total"] = absl::StrCat(total);
  }
  any->set_value(info.SerializeAsString());
}

// Leaves out the last field violations until the details fit, or none is left.
void ShortenBadRequest(google::rpc::Status* status, std::size_t limit) {
  google::protobuf::Any* const any = FindDetail(status, kBadRequestType);
  google::rpc::BadRequest faults;
  if (any == nullptr || !faults.ParseFromString(any->value())) return;
  NoteTotal(status, faults.field_violations_size());
  while (status->ByteSizeLong() > limit && !faults.field_violations().empty()) {
    faults.mutable_field_violations()->RemoveLast();
    any->set_value(faults.SerializeAsString());
  }
}

void DropLargest(google::rpc::Status* status) {
  auto* const details = status->mutable_details();
  const auto largest =
      std::max_element(details->begin(), details->end(), [](const auto& left, const auto& right) {
        const auto weight = [](const auto& d) {
          return IsType(d, kErrorInfoType) ? std::size_t{0} : d.ByteSizeLong();
        };
        return weight(left) < weight(right);
      });
  if (largest != details->end()) details->erase(largest);
}

std::string Shorten(absl::string_view message) {
  std::string shortened = ShortenUtf8(message, kMaxMessageBytes);
  if (message.size() > kMaxMessageBytes) shortened += "...";
  return shortened;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, std::size_t max_details_bytes) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(Shorten(status.message()));
  status.ForEachPayload([&wire](absl::string_view type, const absl::Cord& payload) {
    google::protobuf::Any* const detail = wire.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(payload));
  });
  // Payloads come in no order of their own.
  std::sort(wire.mutable_details()->begin(), wire.mutable_details()->end(),
            [](const auto& a, const auto& b) { return a.type_url() < b.type_url(); });
  const std::size_t limit = std::min(max_details_bytes, kMaxDetailsBytes);
  if (wire.ByteSizeLong() > limit) ShortenBadRequest(&wire, limit);
  while (wire.ByteSizeLong() > limit && wire.details_size() > 0) DropLargest(&wire);
  // absl's codes are gRPC's.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), wire.message(),
                      wire.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : wire.details()) {
    result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace trialgate::rpc
