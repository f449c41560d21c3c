#include "tools/cli/errors.h"

#include <set>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ErrorsTest, EveryReasonHasAHint) {
  const auto* reasons = v1::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::ErrorReason>(reasons->value(i)->number());
    if (reason == v1::ERROR_REASON_UNSPECIFIED) continue;
    EXPECT_GE(HintOf(reason).size(), 10u) << reasons->value(i)->name();
  }
}

TEST(ErrorsTest, ExitCodesTellTheKind) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::UnimplementedError("")), 1);
  EXPECT_EQ(ExitCodeOf(absl::DataLossError("")), 1);
  EXPECT_EQ(ExitCodeOf(UsageError("")), 2);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::OutOfRangeError("")), 3);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), 4);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), 5);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("")), 6);
  EXPECT_EQ(ExitCodeOf(absl::AlreadyExistsError("")), 6);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("")), 7);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 7);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 8);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("")), 8);
  EXPECT_EQ(ExitCodeOf(absl::ResourceExhaustedError("")), 8);
}

TEST(ErrorsTest, HelpNamesEveryExitCode) {
  for (int code = 0; code <= kTrailNotIntact; ++code) {
    EXPECT_THAT(ExitCodeHelp(), HasSubstr("\n  " + std::to_string(code) + "  "));
  }
}

TEST(ErrorsTest, EveryFaultHasALineOfItsOwn) {
  FieldFaults faults;
  faults.Add("trial_request.title", v1::ERROR_REASON_REQUIRED, "must be given");
  faults.Add("trial_request.recruitment_months", v1::ERROR_REASON_OUT_OF_RANGE, "must be 1 to 60");
  EXPECT_EQ(RenderError(faults.ToStatus()),
            "trialgate: invalid: 2 faults in what was sent:\n"
            "  trial_request.title: must be given\n"
            "  trial_request.recruitment_months: must be 1 to 60\n"
            "  next: mend what is named above and send it again; nothing was stored\n");
}

TEST(ErrorsTest, FaultsOfOneKindGetThatKindsHint) {
  FieldFaults faults;
  faults.Add("sample.json: sites[0]", v1::ERROR_REASON_SAMPLE_NOT_ALLOWED, "is invented");
  EXPECT_THAT(RenderError(faults.ToStatus()), HasSubstr("--sample"));
}

TEST(ErrorsTest, FaultsThatWereNotToldAreCounted) {
  FieldFaults faults;
  for (int i = 0; i < 250; ++i) faults.Add("f", v1::ERROR_REASON_REQUIRED, "must be given");
  EXPECT_THAT(RenderError(faults.ToStatus()),
              HasSubstr("250 faults, the first 100 in what was sent:\n"));
}

TEST(ErrorsTest, MetadataIsShown) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_FREE_SLOT, "no free slot")
          .WithMetadata("sites/x", "2027-03, 2027-04");
  EXPECT_THAT(RenderError(status), HasSubstr("\n  sites/x: 2027-03, 2027-04\n"));
  EXPECT_THAT(RenderError(status), HasSubstr("tentative"));
}

TEST(ErrorsTest, MetadataThatTheMessageSaysIsNotRepeated) {
  const absl::Status status = Error(absl::StatusCode::kFailedPrecondition,
                                    v1::ERROR_REASON_CAPACITY_IN_USE, "in use in 2027-03, 2027-04")
                                  .WithMetadata("months", "2027-03,2027-04")
                                  .WithMetadata("site", "sites/x");
  EXPECT_THAT(RenderError(status), Not(HasSubstr("months:")));
  EXPECT_THAT(RenderError(status), HasSubstr("site: sites/x"));
}

TEST(ErrorsTest, AServersWordsCannotSteerTheTerminal) {
  const absl::Status status =
      Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "no \x1B[2J site\n!")
          .WithMetadata("a\x1B", "b\x07");
  EXPECT_THAT(RenderError(status), Not(HasSubstr("\x1B")));
  EXPECT_THAT(RenderError(status), Not(HasSubstr("\x07")));
}

TEST(ErrorsTest, OnlyWhatMaySucceedLaterIsWorthRetrying) {
  EXPECT_TRUE(IsWorthRetrying(absl::UnavailableError("")));
  EXPECT_TRUE(IsWorthRetrying(absl::DeadlineExceededError("")));
  EXPECT_TRUE(IsWorthRetrying(
      Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT, "others changed it")));
  EXPECT_FALSE(IsWorthRetrying(
      Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH, "not current")));
  EXPECT_FALSE(IsWorthRetrying(absl::InvalidArgumentError("")));
}

TEST(ErrorsTest, ARetryIsToldWhenItIsWelcome) {
  const absl::Status status =
      Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED, "too many calls")
          .WithRetryAfter(absl::Milliseconds(250));
  EXPECT_THAT(RenderError(status), HasSubstr("retry after: 250ms"));
}

TEST(RenderErrorTest, AStateIsToldInWords) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
            "a referral that is ANSWERED does not permit SAVE_LINE")
          .WithMetadata("state", "ANSWERED")
          .WithMetadata("event", "SAVE_LINE");
  const std::string text = RenderError(status);
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "trialgate: refused: a referral that is answered does not permit \"save line\"");
  EXPECT_EQ(text.find("event:"), std::string::npos);
}

TEST(RenderErrorTest, OfWhoIsAwayItIsToldUntilWhenAndWhomElseToHandTo) {
  const auto away = [](absl::string_view deputies) {
    return RenderError(Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
                             "desks/a/contacts/x is away until 2026-12-24")
                           .WithMetadata("name", "desks/a/contacts/x")
                           .WithMetadata("state", "AWAY")
                           .WithMetadata("event", "HAND_OVER")
                           .WithMetadata("until", "2026-12-24")
                           .WithMetadata("deputies", deputies));
  };
  EXPECT_THAT(away("desks/a/contacts/y,desks/a/contacts/z"),
              HasSubstr("  next: away until 2026-12-24: hand it to desks/a/contacts/y or "
                        "desks/a/contacts/z\n"));
  EXPECT_THAT(away(""), HasSubstr("  next: away until 2026-12-24: hand it to another contact, or "
                                  "to the desk alone: who is on duty is chosen then\n"));
}

TEST(RenderErrorTest, AVerbThatBeginsAStateIsNotTakenForIt) {
  EXPECT_NE(RenderError(Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
                              "one that is WITHDRAWN does not permit WITHDRAW")
                            .WithMetadata("state", "WITHDRAWN")
                            .WithMetadata("event", "WITHDRAW"))
                .find("one that is withdrawn does not permit \"withdraw\""),
            std::string::npos);
}

TEST(RenderErrorTest, FullMonthsAreToldOnceAndAsSpans) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_FREE_SLOT,
            "no free slot at sites/a: 2026-11 2026-12 2027-01 2027-03; sites/b: 2027-05")
          .WithMetadata("months", "2026-11 2026-12")
          .WithPrecondition("NO_FREE_SLOT", "sites/a", "full in 2026-11, 2026-12, 2027-01, 2027-03")
          .WithPrecondition("NO_FREE_SLOT", "sites/b", "full in 2027-05");
  const std::string text = RenderError(status);
  EXPECT_EQ(text.substr(0, text.find("  next")),
            "trialgate: refused: no free slot\n"
            "  sites/a: full in 2026-11 to 2027-01, 2027-03\n"
            "  sites/b: full in 2027-05\n");
}

}  // namespace
}  // namespace trialgate::cli
