#include "common/base/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

template <typename Detail>
Detail DetailOf(const absl::Status& status, absl::string_view type) {
  Detail detail;
  const auto payload = status.GetPayload(type);
  EXPECT_TRUE(payload.has_value() && detail.ParseFromString(std::string(*payload)));
  return detail;
}

TEST(ErrorTest, AnErrorCarriesItsReasonUnderOurDomain) {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "no such site")
          .WithMetadata("site", "sites/x");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "no such site"));
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(MetadataOf(status), ElementsAre(Pair("site", "sites/x")));
  const auto info = DetailOf<google::rpc::ErrorInfo>(status, kErrorInfoType);
  EXPECT_EQ(info.domain(), "trialgate");
  EXPECT_EQ(info.reason(), "NOT_FOUND");
}

TEST(ErrorTest, AnErrorConvertsToAStatusOr) {
  const auto fail = []() -> absl::StatusOr<int> {
    return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT, "later");
  };
  EXPECT_THAT(fail(), StatusIs(absl::StatusCode::kAborted));
}

TEST(ErrorTest, EveryDetailIsKept) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE, "wrong state")
          .WithRetryAfter(absl::Milliseconds(1500))
          .WithPrecondition("STATE", "trialRequests/1", "is CLOSED")
          .WithResource("trialgate.v1.TrialRequest", "trialRequests/1")
          .WithFieldViolation("name", v1::ERROR_REASON_INVALID_FORMAT, "is odd");
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(1500));
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status, kPreconditionFailureType);
  EXPECT_EQ(failure.violations(0).subject(), "trialRequests/1");
  const auto resource = DetailOf<google::rpc::ResourceInfo>(status, kResourceInfoType);
  EXPECT_EQ(resource.resource_name(), "trialRequests/1");
  ASSERT_EQ(FieldViolationsOf(status).size(), 1u);
  EXPECT_EQ(FieldViolationsOf(status)[0].description, "is odd");
  EXPECT_EQ(FieldViolationsOf(status)[0].reason, v1::ERROR_REASON_INVALID_FORMAT);
  EXPECT_EQ(
      DetailOf<google::rpc::BadRequest>(status, kBadRequestType).field_violations(0).description(),
      "INVALID_FORMAT: is odd");
}

TEST(ErrorTest, AStatusThatIsNotOursHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::OkStatus()), v1::ERROR_REASON_UNSPECIFIED);
  EXPECT_THAT(FieldViolationsOf(absl::OkStatus()), IsEmpty());
  EXPECT_EQ(RetryAfterOf(absl::OkStatus()), absl::ZeroDuration());
  absl::Status foreign = absl::NotFoundError("x");
  google::rpc::ErrorInfo info;
  info.set_domain("elsewhere");
  info.set_reason("NOT_FOUND");
  foreign.SetPayload(kErrorInfoType, absl::Cord(info.SerializeAsString()));
  EXPECT_EQ(ReasonOf(foreign), v1::ERROR_REASON_UNSPECIFIED);
}

TEST(FieldFaultsTest, WithoutFaultsAllIsWell) {
  const FieldFaults faults;
  EXPECT_TRUE(faults.empty());
  EXPECT_OK(faults.ToStatus());
}

TEST(FieldFaultsTest, EveryFaultIsTold) {
  FieldFaults faults;
  faults.Add("title", v1::ERROR_REASON_REQUIRED, "must be given");
  faults.Add("months", v1::ERROR_REASON_OUT_OF_RANGE, "must be 1 to 60");
  const absl::Status status = faults.ToStatus();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "title must be given (and 1 more fault)"));
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_INVALID_FIELDS);
  const auto told = FieldViolationsOf(status);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1].field, "months");
  EXPECT_EQ(told[1].description, "must be 1 to 60");
  EXPECT_EQ(told[1].reason, v1::ERROR_REASON_OUT_OF_RANGE);
}

TEST(FieldFaultsTest, PastTheHundredthTheyAreOnlyCounted) {
  FieldFaults faults;
  for (int i = 0; i < 250; ++i) {
    faults.Add(absl::StrCat("f[", i, "]"), v1::ERROR_REASON_REQUIRED, "must be given");
  }
  const absl::Status status = faults.ToStatus();
  EXPECT_EQ(FieldViolationsOf(status).size(), 100u);
  EXPECT_THAT(std::string(status.message()), HasSubstr("and 249 more faults, the first 100"));
  EXPECT_EQ(MetadataOf(status)["faults_total"], "250");
}

TEST(FieldFaultsTest, FaultsOfAPartGetItsPath) {
  FieldFaults part;
  part.Add("title", v1::ERROR_REASON_REQUIRED, "must be given");
  FieldFaults whole;
  whole.AddAll("trial_request.", part);
  EXPECT_EQ(whole.told()[0].field, "trial_request.title");
  EXPECT_EQ(whole.count(), 1u);
}

TEST(ErrorTest, BytesThatAreNotUtf8NeverSpoilADetail) {
  const std::string bad = "s\xC3";
  const absl::Status status = Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, bad)
                                  .WithMetadata(bad, bad)
                                  .WithPrecondition(bad, bad, bad)
                                  .WithResource(bad, bad)
                                  .WithFieldViolation(bad, v1::ERROR_REASON_INVALID_FORMAT, bad);
  const std::string clean = "s\uFFFD";
  EXPECT_EQ(status.message(), clean);
  EXPECT_EQ(ReasonOf(status), v1::ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(MetadataOf(status), ElementsAre(Pair(clean, clean)));
  ASSERT_EQ(FieldViolationsOf(status).size(), 1u);
  EXPECT_EQ(FieldViolationsOf(status)[0].field, clean);
  EXPECT_EQ(FieldViolationsOf(status)[0].description, clean);
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status, kResourceInfoType).resource_name(), clean);
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status, kPreconditionFailureType);
  EXPECT_EQ(failure.violations(0).description(), clean);
}

TEST(FieldFaultsTest, BytesThatAreNotUtf8NeverHideTheFaults) {
  FieldFaults faults;
  faults.Add("codes[\xC3]", v1::ERROR_REASON_UNKNOWN_VALUE, "is not \"\xE6\"");
  const auto told = FieldViolationsOf(faults.ToStatus());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].field, "codes[\uFFFD]");
  EXPECT_EQ(told[0].description, "is not \"\uFFFD\"");
}

TEST(ReasonNameTest, TheNameStandsWithoutPrefix) {
  EXPECT_EQ(ReasonName(v1::ERROR_REASON_STORE_LOCKED), "STORE_LOCKED");
}

}  // namespace
}  // namespace trialgate
