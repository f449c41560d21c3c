// Errors as clients see them: an absl::Status with a machine-readable reason and google.rpc
// details.
//
//   return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_SITE_NOT_FOUND, "no such site")
//       .WithMetadata("site", name)
//       .WithResource("trialgate.v1.Site", name);
//
// Details travel as payloads of the status under their type URLs ("type.googleapis.com/" and the
// full name of the message), for common/rpc to copy. Texts are cleaned by CleanUtf8 (utf8.h).
#ifndef TRIALGATE_COMMON_BASE_ERRORS_H_
#define TRIALGATE_COMMON_BASE_ERRORS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace trialgate::v1 {
enum ErrorReason : int;
}  // namespace trialgate::v1

namespace trialgate {

// Domain of every google.rpc.ErrorInfo of ours.
inline constexpr absl::string_view kErrorDomain = "trialgate";

inline constexpr absl::string_view kErrorInfoType = "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr absl::string_view kBadRequestType = "type.googleapis.com/google.rpc.BadRequest";
inline constexpr absl::string_view kRetryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
inline constexpr absl::string_view kPreconditionFailureType =
    "type.googleapis.com/google.rpc.PreconditionFailure";
inline constexpr absl::string_view kResourceInfoType =
    "type.googleapis.com/google.rpc.ResourceInfo";

// Builds an error status. Converts to absl::Status and thereby to any absl::StatusOr.
class Error {
 public:
  // `code` is not OK. `message` is for a person: what is wrong and, where it helps, what to do.
  Error(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message);

  // A fact of the error for programs, in ErrorInfo; the last value of a key holds.
  Error& WithMetadata(absl::string_view key, absl::string_view value);
  // A field of the request that is wrong, in BadRequest; may be called again. The reason of the
  // field stands before its description: "REQUIRED: must be given".
  Error& WithFieldViolation(absl::string_view field, v1::ErrorReason field_reason,
                            absl::string_view description);
  // How long the client should wait before it tries again, in RetryInfo.
  Error& WithRetryAfter(absl::Duration delay);
  // A condition that did not hold, in PreconditionFailure; may be called again.
  Error& WithPrecondition(absl::string_view type, absl::string_view subject,
                          absl::string_view description);
  // The resource that the error is about, in ResourceInfo.
  Error& WithResource(absl::string_view type, absl::string_view name);

  operator absl::Status() const { return status_; }  // NOLINT: implicit so that it is returned

 private:
  absl::Status status_;
};

struct FieldViolation {
  std::string field;
  std::string description;
  v1::ErrorReason reason;
};

// Collects every fault of a message, so that a client learns of all at once.
//
//   FieldFaults faults;
//   if (request.title().empty()) faults.Add("trial_request.title", v1::..., "is required");
//   ABSL_RETURN_IF_ERROR(faults.ToStatus());
//
// Not thread-safe.
class FieldFaults {
 public:
  // Faults told one by one; those beyond are only counted.
  static constexpr std::size_t kMaxTold = 100;

  // `field` is the path from the request: names of the proto fields, "[i]" for elements.
  // `description` goes on after the field's name: "must be at most 60".
  void Add(absl::string_view field, v1::ErrorReason reason, absl::string_view description);

  bool empty() const { return count_ == 0; }
  // All of them, also those beyond kMaxTold.
  std::size_t count() const { return count_; }
  // The first kMaxTold.
  const std::vector<FieldViolation>& told() const { return told_; }
  // Adds the faults of `other`, its fields prefixed with `prefix` ("trial_request.").
  void AddAll(absl::string_view prefix, const FieldFaults& other);

  // OK without faults; else INVALID_ARGUMENT (INVALID_FIELDS) with every fault told as a field
  // violation; the message names the first and says how many more there are.
  absl::Status ToStatus() const;

 private:
  std::size_t count_ = 0;
  std::vector<FieldViolation> told_;
};

// The reason that `status` carries; ERROR_REASON_UNSPECIFIED where it carries none of ours.
v1::ErrorReason ReasonOf(const absl::Status& status);

// The metadata of `status`; empty where it has none.
std::map<std::string, std::string> MetadataOf(const absl::Status& status);

// The field violations of `status`, in order, with reason and description taken apart again.
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);

// The delay that RetryInfo asks for; zero where there is none.
absl::Duration RetryAfterOf(const absl::Status& status);

// "SITE_NOT_FOUND" for ERROR_REASON_SITE_NOT_FOUND: the reason as it stands in ErrorInfo.
std::string ReasonName(v1::ErrorReason reason);

}  // namespace trialgate

#endif  // TRIALGATE_COMMON_BASE_ERRORS_H_
