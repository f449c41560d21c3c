#include "common/rpc/stream_runner.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/rpc/stream_fakes.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::IsOk;
using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(StreamRunnerTest, TheFirstMessageComesByItselfAndTheOthersWhenTheSourceWakesTheStream) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  EXPECT_THAT(client_.WaitForMessages(1), ElementsAre("1"));
  // Asked once more, and then not again until it is woken.
  script_.WaitUntilAsked(2);
  script_.Tell("2");
  EXPECT_THAT(client_.WaitForMessages(2), ElementsAre("1", "2"));
  script_.WaitUntilAsked(4);
  EXPECT_THAT(reads_.tokens(), ElementsAre("1", "2"));
  EXPECT_EQ(runner().open(), 1);
}

TEST_F(StreamRunnerTest, AStreamThatIsWokenWhileItIsOpenedIsAskedOnceItIsOpen) {
  StreamCall call;
  call.credentials.named_principals = {"nora"};
  call.write = [&](const google::protobuf::Message& message, std::function<void(bool)> done) {
    client_.Write(message, std::move(done));
  };
  call.when_cancelled = [&](std::function<void()> then) { client_.WhenCancelled(std::move(then)); };
  call.finish = [&](const absl::Status& status) { client_.Finish(status); };
  ASSERT_THAT(runner().Open(std::move(call),
                            [&](const StreamWaker& waker) {
                              std::atomic<bool> looked = false;
                              std::thread other([&] {
                                waker();
                                runner().Look();
                                looked = true;
                              });
                              other.join();
                              EXPECT_TRUE(looked);
                              script_.AddMessage("1");
                              return std::make_unique<ScriptedSource>(&script_);
                            }),
              IsOk());
  EXPECT_THAT(client_.WaitForMessages(1), ElementsAre("1"));
}

TEST_F(StreamRunnerTest, NothingIsMadeForAClientThatHasNotTakenItsMessage) {
  client_.Stick(true);
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  for (int i = 0; i < 100; ++i) script_.waker();
  Pass(absl::Minutes(0));
  EXPECT_EQ(script_.asked, 1);
  script_.AddMessage("2");
  client_.Stick(false);
  client_.Take(true);
  EXPECT_THAT(client_.WaitForMessages(2), ElementsAre("1", "2"));
}

TEST_F(StreamRunnerTest, WhoTakesNothingIsToldSoWithItsTokenAndIsCutOffLater) {
  client_.Stick(true);
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  Pass(absl::Seconds(29));
  EXPECT_FALSE(client_.has_ended());
  Pass(absl::Seconds(1));
  const absl::Status ended = client_.WaitForEnd();
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonOf(ended), v1::ERROR_REASON_SLOW_WATCHER);
  EXPECT_EQ(MetadataOf(ended).at("resume_token"), "1");
  EXPECT_EQ(runner().open(), 0);
  Pass(absl::Seconds(29));
  EXPECT_FALSE(client_.aborted());
  Pass(absl::Seconds(1));
  EXPECT_TRUE(client_.aborted());
  runner().WaitUntilNone();
  EXPECT_TRUE(script_.gone);
}

TEST_F(StreamRunnerTest, AStreamEndsWithItsTokenWhenItLivedLongEnough) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  Pass(absl::Hours(1));
  const absl::Status ended = client_.WaitForEnd();
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(ended), v1::ERROR_REASON_STREAM_ENDED);
  EXPECT_EQ(MetadataOf(ended).at("resume_token"), "1");
}

TEST_F(StreamRunnerTest, ACallerAnOrganizationAndAllHaveSoManyPlaces) {
  std::deque<StreamClient> clients(6);
  std::deque<StreamScript> scripts(6);
  const auto open = [&](int i, const std::string& subject, const std::string& organization) {
    return Open(&clients[i], &scripts[i], subject, organization);
  };
  const std::string acme = "organizations/acme";
  EXPECT_THAT(open(0, "a", acme), IsOk());
  EXPECT_THAT(open(1, "a", acme), IsOk());
  const absl::Status mine = open(2, "a", acme);
  EXPECT_EQ(ReasonOf(mine), v1::ERROR_REASON_TOO_MANY_STREAMS);
  EXPECT_GT(RetryAfterOf(mine), absl::ZeroDuration());
  EXPECT_THAT(open(2, "b", acme), IsOk());
  EXPECT_THAT(open(3, "c", acme), IsOk());
  EXPECT_EQ(ReasonOf(open(4, "d", acme)), v1::ERROR_REASON_TOO_MANY_STREAMS);
  EXPECT_THAT(open(4, "nora", ""), IsOk());
  const absl::Status full = open(5, "nils", "");
  EXPECT_EQ(ReasonOf(full), v1::ERROR_REASON_OVERLOADED);
  EXPECT_GT(RetryAfterOf(full), absl::ZeroDuration());
  clients[0].GoAway();
  EXPECT_THAT(clients[0].WaitForEnd(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner().open(), 4);
  runner().CloseAll();
  runner().WaitUntilNone();
}

TEST_F(StreamRunnerTest, WhatCannotBeOpenedTakesNoPlace) {
  for (int i = 0; i < 10; ++i) {
    StreamCall call;
    call.finish = [](const absl::Status&) { FAIL(); };
    EXPECT_THAT(
        runner().Open(std::move(call),
                      [](const StreamWaker&) -> absl::StatusOr<std::unique_ptr<StreamSource>> {
                        return absl::NotFoundError("no");
                      }),
        StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_EQ(runner().open(), 0);
}

TEST_F(StreamRunnerTest, AllEndAtOnceWithTheirTokensAndNoneIsOpenedAnyMore) {
  std::deque<StreamClient> clients(3);
  std::deque<StreamScript> scripts(3);
  clients[2].Stick(true);
  for (int i = 0; i < 3; ++i) {
    scripts[i].AddMessage(absl::StrCat(i));
    ASSERT_THAT(Open(&clients[i], &scripts[i], absl::StrCat("n", i)), IsOk());
    clients[i].WaitForMessages(1);
  }
  runner().CloseAll();
  for (int i = 0; i < 3; ++i) {
    const absl::Status ended = clients[i].WaitForEnd();
    EXPECT_EQ(ReasonOf(ended), v1::ERROR_REASON_STREAM_ENDED);
    EXPECT_EQ(MetadataOf(ended).at("resume_token"), absl::StrCat(i));
  }
  EXPECT_EQ(ReasonOf(Open(&client_, &script_)), v1::ERROR_REASON_STREAM_ENDED);
  // Whoever takes nothing does not hold up the end.
  Pass(absl::Seconds(1));
  EXPECT_TRUE(clients[2].aborted());
  runner().WaitUntilNone();
}

TEST_F(StreamRunnerTest, ACallerThatIsWhoItWasNoLongerIsToldNothingMore) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  script_.WaitUntilAsked(2);
  Pass(absl::Minutes(1));
  script_.WaitUntilAsked(3);
  EXPECT_EQ(proofs_.asked, 1);
  proofs_.revoked = true;
  script_.AddMessage("2");
  Pass(absl::Minutes(1));
  EXPECT_EQ(ReasonOf(client_.WaitForEnd()), v1::ERROR_REASON_INVALID_CERTIFICATE);
  EXPECT_THAT(client_.WaitForMessages(1), ElementsAre("1"));
}

TEST_F(StreamRunnerTest, ATokenIsRenewedNowAndThenAndThatIsNoRead) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  script_.WaitUntilAsked(2);
  EXPECT_EQ(script_.renewals, 0);
  script_.AddMessage("2", /*only_token=*/true);
  Pass(absl::Minutes(5));
  EXPECT_THAT(client_.WaitForMessages(2), ElementsAre("1", "2"));
  EXPECT_EQ(script_.renewals, 1);
  EXPECT_THAT(reads_.tokens(), ElementsAre("1"));
}

TEST_F(StreamRunnerTest, WhereReadsCannotBeRecordedNothingIsTold) {
  reads_.failing = true;
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  EXPECT_EQ(ReasonOf(client_.WaitForEnd()), v1::ERROR_REASON_AUDIT_UNAVAILABLE);
  EXPECT_THAT(client_.WaitForMessages(0), IsEmpty());
  EXPECT_EQ(script_.asked, 0);
}

TEST_F(StreamRunnerTest, AnErrorOfTheSourceEndsTheStreamAndSoDoesAnException) {
  script_.Add(absl::NotFoundError("gone"));
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  EXPECT_THAT(client_.WaitForEnd(), StatusIs(absl::StatusCode::kNotFound));
  StreamClient other;
  StreamScript throwing;
  throwing.throws = true;
  ASSERT_THAT(Open(&other, &throwing), IsOk());
  EXPECT_THAT(other.WaitForEnd(), StatusIs(absl::StatusCode::kInternal));
  runner().WaitUntilNone();
  // Its source is gone; whoever still holds the waker does no harm.
  EXPECT_TRUE(throwing.gone);
  throwing.waker();
}

TEST_F(StreamRunnerTest, AClientThatGoesAwayWithAMessageUnderWayLeavesNothingBehind) {
  client_.Stick(true);
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  client_.GoAway();
  EXPECT_THAT(client_.WaitForEnd(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner().open(), 0);
  client_.Take(false);
  runner().WaitUntilNone();
  EXPECT_TRUE(script_.gone);
}

}  // namespace
}  // namespace trialgate::rpc
