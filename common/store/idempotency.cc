#include "common/store/idempotency.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "common/base/errors.h"
#include "common/base/sha256.h"
#include "google/protobuf/descriptor.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

constexpr std::size_t kMaxRequestIdBytes = 128;

const Table<storage::v1::IdempotencyRecord>& Calls() {
  static const auto* const kTable =
      new Table<storage::v1::IdempotencyRecord>(TableId::TABLE_ID_IDEMPOTENCY);
  return *kTable;
}

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

// What a request expects to find is no part of what it asks for.
void ClearEtags(google::protobuf::Message* message) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> given;
  reflection->ListFields(*message, &given);
  for (const FieldDescriptor* field : given) {
    if (field->is_repeated()) continue;
    if (field->name() == "etag") {
      reflection->ClearField(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      ClearEtags(reflection->MutableMessage(message, field));
    }
  }
}

std::string HashWithoutEtags(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> compared(request.New());
  compared->CopyFrom(request);
  ClearEtags(compared.get());
  return Sha256(internal::SerializePayload(*compared));
}

}  // namespace

FieldFaults CheckRequestId(absl::string_view request_id) {
  FieldFaults faults;
  if (request_id.empty()) {
    faults.Add("request_id", v1::ERROR_REASON_REQUIRED, "must be given");
  } else if (request_id.size() > kMaxRequestIdBytes || !IsPrintable(request_id)) {
    faults.Add("request_id", v1::ERROR_REASON_INVALID_FORMAT,
               "must be 1 to 128 printable ASCII characters");
  }
  return faults;
}

absl::Status RequestIdReused() {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REQUEST_ID_REUSED,
               "the request id was used before, with another request; take a new one")
      .WithFieldViolation("request_id", v1::ERROR_REASON_REQUEST_ID_REUSED,
                          "was used with another request");
}

absl::StatusOr<IdempotentCall> MakeIdempotentCall(const v1::Principal& principal,
                                                  absl::string_view method,
                                                  absl::string_view request_id,
                                                  const google::protobuf::Message& request,
                                                  absl::Time now) {
  ABSL_RETURN_IF_ERROR(CheckRequestId(request_id).ToStatus());
  Sha256Hasher hasher;
  hasher.AddUint64(static_cast<std::uint64_t>(principal.role()));
  hasher.AddWithLength(principal.subject());
  hasher.AddWithLength(principal.organization());
  hasher.AddWithLength(method);
  hasher.AddWithLength(request_id);
  // An answer kept for one desk is not another's to see, whoever sits there.
  const std::set<std::string> desks(principal.desks().begin(), principal.desks().end());
  for (const std::string& desk : desks) hasher.AddWithLength(desk);
  return IdempotentCall{absl::BytesToHexString(hasher.Finish()), HashWithoutEtags(request), now};
}

namespace internal {

absl::StatusOr<std::optional<KeptAnswer>> FindAnswer(const IdempotentCall& call, UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto row, work->Get(Calls(), call.key));
  if (!row.has_value()) return std::nullopt;
  const absl::Time answered = absl::FromUnixSeconds(row->value.time().seconds()) +
                              absl::Nanoseconds(row->value.time().nanos());
  if (call.time - answered > kAnswerLife) return std::nullopt;
  if (row->value.request_sha256() != call.request_sha256) {
    return RequestIdReused();
  }
  return KeptAnswer{row->value.response(), row->version};
}

absl::Status KeepAnswer(const IdempotentCall& call, const google::protobuf::MessageLite& response,
                        UnitOfWork* work) {
  storage::v1::IdempotencyRecord record;
  record.set_request_sha256(call.request_sha256);
  record.set_response(SerializePayload(response));
  const std::int64_t nanos = absl::ToUnixNanos(call.time);
  record.mutable_time()->set_seconds(nanos / 1'000'000'000);
  record.mutable_time()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
  return work->Put(Calls(), call.key, record);
}

}  // namespace internal

}  // namespace trialgate::store
