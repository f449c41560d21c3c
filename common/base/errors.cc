#include "common/base/errors.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

constexpr absl::string_view kReasonPrefix = "ERROR_REASON_";
constexpr absl::string_view kReasonEnd = ": ";

template <typename Detail>
Detail ReadDetail(const absl::Status& status, absl::string_view type) {
  Detail detail;
  const auto payload = status.GetPayload(type);
  if (payload.has_value()) detail.ParseFromString(std::string(*payload));
  return detail;
}

template <typename Detail>
void WriteDetail(absl::Status* status, absl::string_view type, const Detail& detail) {
  status->SetPayload(type, absl::Cord(detail.SerializeAsString()));
}

v1::ErrorReason ParseReason(absl::string_view name) {
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  v1::ErrorReason_Parse(absl::StrCat(kReasonPrefix, name), &reason);
  return reason;
}

}  // namespace

std::string ReasonName(v1::ErrorReason reason) {
  const std::string& name = v1::ErrorReason_Name(reason);
  return name.substr(kReasonPrefix.size());
}

Error::Error(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message)
    : status_(code, CleanUtf8(message)) {
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonName(reason));
  info.set_domain(std::string(kErrorDomain));
  WriteDetail(&status_, kErrorInfoType, info);
}

Error& Error::WithMetadata(absl::string_view key, absl::string_view value) {
  auto info = ReadDetail<google::rpc::ErrorInfo>(status_, kErrorInfoType);
  (*info.mutable_metadata())[CleanUtf8(key)] = CleanUtf8(value);
  WriteDetail(&status_, kErrorInfoType, info);
  return *this;
}

Error& Error::WithFieldViolation(absl::string_view field, v1::ErrorReason field_reason,
                                 absl::string_view description) {
  auto detail = ReadDetail<google::rpc::BadRequest>(status_, kBadRequestType);
  auto* violation = detail.add_field_violations();
  violation->set_field(CleanUtf8(field));
  violation->set_description(
      absl::StrCat(ReasonName(field_reason), kReasonEnd, CleanUtf8(description)));
  WriteDetail(&status_, kBadRequestType, detail);
  return *this;
}

Error& Error::WithRetryAfter(absl::Duration delay) {
  google::rpc::RetryInfo info;
  const std::int64_t nanos = absl::ToInt64Nanoseconds(delay);
  info.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
  info.mutable_retry_delay()->set_nanos(static_cast<int>(nanos % 1'000'000'000));
  WriteDetail(&status_, kRetryInfoType, info);
  return *this;
}

Error& Error::WithPrecondition(absl::string_view type, absl::string_view subject,
                               absl::string_view description) {
  auto detail = ReadDetail<google::rpc::PreconditionFailure>(status_, kPreconditionFailureType);
  auto* violation = detail.add_violations();
  violation->set_type(CleanUtf8(type));
  violation->set_subject(CleanUtf8(subject));
  violation->set_description(CleanUtf8(description));
  WriteDetail(&status_, kPreconditionFailureType, detail);
  return *this;
}

Error& Error::WithResource(absl::string_view type, absl::string_view name) {
  google::rpc::ResourceInfo info;
  info.set_resource_type(CleanUtf8(type));
  info.set_resource_name(CleanUtf8(name));
  WriteDetail(&status_, kResourceInfoType, info);
  return *this;
}

void FieldFaults::Add(absl::string_view field, v1::ErrorReason reason,
                      absl::string_view description) {
  ++count_;
  if (told_.size() < kMaxTold) {
    told_.push_back({CleanUtf8(field), CleanUtf8(description), reason});
  }
}

void FieldFaults::AddAll(absl::string_view prefix, const FieldFaults& other) {
  for (const FieldViolation& fault : other.told_) {
    Add(absl::StrCat(prefix, fault.field), fault.reason, fault.description);
  }
  count_ += other.count_ - other.told_.size();
}

absl::Status FieldFaults::ToStatus() const {
  if (empty()) return absl::OkStatus();
  const FieldViolation& first = told_.front();
  std::string message = absl::StrCat(first.field, " ", first.description);
  if (count_ > 1) {
    absl::StrAppend(&message, " (and ", count_ - 1, count_ == 2 ? " more fault" : " more faults");
    if (count_ > told_.size()) absl::StrAppend(&message, ", the first ", kMaxTold, " of all told");
    absl::StrAppend(&message, ")");
  }
  Error error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS, message);
  if (count_ > told_.size()) error.WithMetadata("faults_total", absl::StrCat(count_));
  google::rpc::BadRequest detail;
  for (const FieldViolation& fault : told_) {
    auto* violation = detail.add_field_violations();
    violation->set_field(fault.field);
    violation->set_description(
        absl::StrCat(ReasonName(fault.reason), kReasonEnd, fault.description));
  }
  absl::Status status = error;
  WriteDetail(&status, kBadRequestType, detail);
  return status;
}

v1::ErrorReason ReasonOf(const absl::Status& status) {
  const auto info = ReadDetail<google::rpc::ErrorInfo>(status, kErrorInfoType);
  if (absl::string_view(info.domain()) != kErrorDomain) return v1::ERROR_REASON_UNSPECIFIED;
  return ParseReason(info.reason());
}

std::map<std::string, std::string> MetadataOf(const absl::Status& status) {
  const auto info = ReadDetail<google::rpc::ErrorInfo>(status, kErrorInfoType);
  return {info.metadata().begin(), info.metadata().end()};
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto detail = ReadDetail<google::rpc::BadRequest>(status, kBadRequestType);
  for (const auto& violation : detail.field_violations()) {
    const std::string& text = violation.description();
    const std::size_t end = text.find(std::string(kReasonEnd));
    const v1::ErrorReason reason =
        end == std::string::npos ? v1::ERROR_REASON_UNSPECIFIED : ParseReason(text.substr(0, end));
    const bool tagged = reason != v1::ERROR_REASON_UNSPECIFIED;
    violations.push_back(
        {violation.field(), tagged ? text.substr(end + kReasonEnd.size()) : text, reason});
  }
  return violations;
}

absl::Duration RetryAfterOf(const absl::Status& status) {
  const auto info = ReadDetail<google::rpc::RetryInfo>(status, kRetryInfoType);
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

}  // namespace trialgate
