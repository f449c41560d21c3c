// Many at once: no slot is sold twice, no answer is lost.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_repository.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::testing::AnyOf;

class BusyTest : public SmallCountry {};

TEST_F(BusyTest, TwoDesksThatAnswerAtOnceBothCountAndTheRequestIsAnswered) {
  for (int round = 0; round < 20; ++round) {
    const v1::TrialRequest request = Submit();
    const v1::DeclineReferralRequest a = DeclineCall(At("desks/a", request));
    const v1::DeclineReferralRequest b = DeclineCall(At("desks/b", request));
    std::thread other([&] { EXPECT_OK(referrals_->Decline(Coordinator("desks/a"), a)); });
    EXPECT_OK(referrals_->Decline(Coordinator("desks/b"), b));
    other.join();
    const v1::TrialRequest answered = Stored(request.name());
    ASSERT_EQ(answered.state(), v1::TRIAL_REQUEST_STATE_ANSWERED) << "round " << round;
    EXPECT_EQ(answered.answer_version(), 1);
  }
}

TEST_F(BusyTest, AnswersFromManyThreadsNeverOversellASite) {
  constexpr int kThreads = 64;
  constexpr int kSlots = 10;
  SetSlots("sites/b1", kSlots);
  std::vector<v1::AnswerReferralRequest> calls;
  for (int i = 0; i < kThreads; ++i) {
    calls.push_back(AnswerCall(At("desks/b", Submit()), {Offer("sites/b1")}, {}));
  }
  std::atomic<int> held = 0;
  std::atomic<int> full = 0;
  std::vector<std::thread> threads;
  for (const v1::AnswerReferralRequest& call : calls) {
    threads.emplace_back([&, call] {
      const auto answered = referrals_->Answer(Coordinator("desks/b"), call);
      if (answered.ok()) {
        ++held;
      } else {
        EXPECT_THAT(ReasonOf(answered.status()),
                    AnyOf(v1::ERROR_REASON_NO_FREE_SLOT, v1::ERROR_REASON_CONFLICT));
        if (ReasonOf(answered.status()) == v1::ERROR_REASON_NO_FREE_SLOT) ++full;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held, kSlots);
  EXPECT_GT(full, 0);
  EXPECT_EQ(Held("sites/b1", "2026-06"), kSlots);
  EXPECT_EQ(Held("sites/b1", "2027-05"), kSlots);
}

TEST_F(BusyTest, ASubmitDoesNotFailWhileTheDirectoryChanges) {
  std::atomic<bool> stop = false;
  std::thread changes([&] {
    for (int slots = 3; !stop; slots = slots == 3 ? 4 : 3) SetSlots("sites/a1", slots);
  });
  for (int i = 0; i < 50; ++i) EXPECT_OK(requests_->Submit(Requester(), SubmitCall(Trial())));
  stop = true;
  changes.join();
}

TEST_F(BusyTest, TheSameCallFromManyThreadsIsDoneOnce) {
  const v1::SubmitTrialRequestRequest call = SubmitCall(Trial(), "the-call");
  constexpr int kThreads = 8;
  std::vector<std::string> names(kThreads);
  std::vector<std::thread> threads;
  for (std::string& name : names) {
    threads.emplace_back([&] {
      const auto response = requests_->Submit(Requester(), call);
      EXPECT_OK(response);
      if (response.ok()) name = response->trial_request().name();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(names, testing::Each(names[0]));
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_TRIAL_REQUEST), 1);
}

}  // namespace
}  // namespace trialgate
