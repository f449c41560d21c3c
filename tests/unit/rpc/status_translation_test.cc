#include "common/rpc/status_translation.h"

#include <grpcpp/support/status.h>

#include <string>

#include "common/base/errors.h"
#include "common/rpc/client_status.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using testing::HasSubstr;
using testing::Not;

class EveryCodeTest : public testing::TestWithParam<int> {
 protected:
  absl::StatusCode code() const { return static_cast<absl::StatusCode>(GetParam()); }
};

TEST_P(EveryCodeTest, WithAReasonOfOursItTravelsThereAndBackUnchanged) {
  const absl::Status sent =
      Error(code(), v1::ERROR_REASON_WRONG_STATE, "in words").WithMetadata("state", "CLOSED");
  const grpc::Status wire = ToGrpcStatus(ForClient(sent));
  EXPECT_EQ(static_cast<int>(wire.error_code()), GetParam());
  EXPECT_EQ(wire.error_message(), "in words");
  EXPECT_EQ(FromGrpcStatus(wire), sent);
}

TEST_P(EveryCodeTest, WithoutOneItsTextDoesNotReachTheClient) {
  const absl::Status told = ForClient(absl::Status(code(), "the inside"));
  EXPECT_THAT(told.message(), Not(HasSubstr("inside")));
  switch (code()) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnimplemented:
      EXPECT_EQ(told.code(), code());
      break;
    case absl::StatusCode::kDeadlineExceeded:
      EXPECT_EQ(told.code(), code());
      EXPECT_THAT(told, HasReason(v1::ERROR_REASON_DEADLINE_EXCEEDED));
      break;
    default:
      EXPECT_EQ(told.code(), absl::StatusCode::kInternal);
      EXPECT_THAT(told, HasReason(v1::ERROR_REASON_INTERNAL));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryCodeTest, testing::Range(1, 17));

TEST(StatusTranslationTest, OkStaysOk) {
  EXPECT_OK(ForClient(absl::OkStatus()));
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_OK(FromGrpcStatus(grpc::Status::OK));
}

TEST(StatusTranslationTest, EveryDetailTravels) {
  const absl::Status sent =
      Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS, "bad")
          .WithFieldViolation("title", v1::ERROR_REASON_REQUIRED, "must be given")
          .WithRetryAfter(absl::Milliseconds(1500))
          .WithPrecondition("STATE", "trialRequests/1", "is closed")
          .WithResource("trialgate.v1.Site", "sites/x");
  const absl::Status received = FromGrpcStatus(ToGrpcStatus(sent));
  EXPECT_EQ(received, sent);
  EXPECT_EQ(RetryAfterOf(received), absl::Milliseconds(1500));
  ASSERT_EQ(FieldViolationsOf(received).size(), 1u);
  EXPECT_EQ(FieldViolationsOf(received)[0].reason, v1::ERROR_REASON_REQUIRED);
}

TEST(StatusTranslationTest, TheSameStatusGivesTheSameBytes) {
  const auto make = [] {
    return absl::Status(Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT, "again")
                            .WithRetryAfter(absl::Seconds(1))
                            .WithResource("trialgate.v1.Site", "sites/x"));
  };
  EXPECT_EQ(ToGrpcStatus(make()).error_details(), ToGrpcStatus(make()).error_details());
}

absl::Status ManyFaults(int count) {
  FieldFaults faults;
  for (int i = 0; i < count; ++i) {
    faults.Add("trial_request.specialities[" + std::to_string(i) + "]",
               v1::ERROR_REASON_UNKNOWN_VALUE, std::string(100, 'x'));
  }
  return faults.ToStatus();
}

TEST(StatusTranslationTest, TooManyFaultsAreCutToWhatClientsTakeAndCounted) {
  const grpc::Status wire = ToGrpcStatus(ManyFaults(90));
  EXPECT_LE(wire.error_details().size(), kDefaultDetailsBytes);
  const absl::Status received = FromGrpcStatus(wire);
  EXPECT_THAT(received, HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(MetadataOf(received)["faults_total"], "90");
  const auto faults = FieldViolationsOf(received);
  EXPECT_GT(faults.size(), 10u);
  EXPECT_LT(faults.size(), 90u);
  EXPECT_EQ(faults[0].field, "trial_request.specialities[0]");
}

TEST(StatusTranslationTest, AClientThatTakesMoreGetsAllFaultsAndNoCount) {
  const absl::Status received = FromGrpcStatus(ToGrpcStatus(ManyFaults(90), 40'000));
  EXPECT_EQ(FieldViolationsOf(received).size(), 90u);
  EXPECT_EQ(MetadataOf(received).count("faults_total"), 0u);
}

TEST(StatusTranslationTest, FaultsThatWereLeftOutBeforeStayCounted) {
  const absl::Status received = FromGrpcStatus(ToGrpcStatus(ManyFaults(250)));
  EXPECT_EQ(MetadataOf(received)["faults_total"], "250");
}

TEST(StatusTranslationTest, ALongMessageIsCutAtTheEndOfACharacter) {
  std::string text(kMaxMessageBytes - 1, 'a');
  text += "ø and more";
  const grpc::Status wire =
      ToGrpcStatus(Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_TOO_LONG, text));
  EXPECT_EQ(wire.error_message(), std::string(kMaxMessageBytes - 1, 'a') + "...");
}

TEST(StatusTranslationTest, AMessageThatIsNotUtf8DoesNotSpoilTheDetails) {
  absl::Status status = absl::NotFoundError("caf\xE9");
  const absl::Status ours =
      Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "no such site");
  status.SetPayload(kErrorInfoType, *ours.GetPayload(kErrorInfoType));
  const absl::Status received = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(received.message(), "caf\uFFFD");
  EXPECT_THAT(received, HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST(StatusTranslationTest, AStatusWithoutDetailsOfOursComesBackAsItIs) {
  const grpc::Status foreign(grpc::StatusCode::UNAVAILABLE, "connection refused");
  EXPECT_EQ(FromGrpcStatus(foreign), absl::UnavailableError("connection refused"));
  const grpc::Status damaged(grpc::StatusCode::INTERNAL, "x", "\xff\xff");
  EXPECT_EQ(FromGrpcStatus(damaged), absl::InternalError("x"));
}

}  // namespace
}  // namespace trialgate::rpc
