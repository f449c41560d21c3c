#include "services/audit/checkpoint_app.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/store/chain.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/audit_app.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/memory_store.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using absl_testing::IsOkAndHolds;
using testing::ElementsAre;
using testing::SizeIs;

class CheckpointAppTest : public testing::Test {
 protected:
  CheckpointAppTest() : store_(store::MemoryStoreWith(&clock_)) { NewApp(); }

  void NewApp() {
    CheckpointOptions options;
    options.commits = 10;
    options.interval = absl::Minutes(10);
    app_ = std::make_unique<CheckpointApp>(store_.get(), &clock_, &ids_, key_, options);
  }

  void Commit(int count = 1) {
    for (int i = 0; i < count; ++i) {
      ASSERT_OK(store_->Commit({absl::StrCat("id", ++commits_), {}, {}, ""}));
    }
  }

  // The last commit that each checkpoint covers.
  std::vector<std::int64_t> Covered() {
    std::vector<std::int64_t> numbers;
    const auto list = AuditApp(store_.get()).ListCheckpoints({});
    EXPECT_OK(list);
    for (const auto& checkpoint : list->audit_checkpoints()) numbers.push_back(checkpoint.number());
    return numbers;
  }

  const Ed25519PrivateKey key_ = Ed25519PrivateKey::Generate();
  FakeClock clock_;
  FakeIds ids_{"sign"};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<CheckpointApp> app_;
  int commits_ = 0;
};

TEST_F(CheckpointAppTest, WithoutAnyCommitThereIsNothingToSign) {
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(app_->Sign(/*anyhow=*/true), IsOkAndHolds(false));
}

TEST_F(CheckpointAppTest, ItSignsAfterSoManyCommits) {
  Commit(9);
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  Commit();
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  Commit(9);
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  Commit();
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
  EXPECT_THAT(Covered(), ElementsAre(10, 21));
}

TEST_F(CheckpointAppTest, ItSignsAfterSoMuchTimeIfThereWasACommit) {
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  Commit();
  clock_.Advance(absl::Minutes(9));
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
  clock_.Advance(absl::Hours(10));
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false)) << "only the checkpoint itself was committed";
  Commit();
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
  EXPECT_THAT(Covered(), ElementsAre(1, 3));
}

TEST_F(CheckpointAppTest, AClockThatWasSetBackDelaysNothing) {
  Commit();
  EXPECT_THAT(app_->Sign(/*anyhow=*/true), IsOkAndHolds(true));
  Commit();
  clock_.Advance(-absl::Hours(24));
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
}

TEST_F(CheckpointAppTest, WhenItEndsItSignsWhatIsLeft) {
  app_->Start();
  Commit(2);
  app_->Stop();
  EXPECT_THAT(Covered(), ElementsAre(2));
  app_->Stop();
  EXPECT_THAT(Covered(), ElementsAre(2));
}

TEST_F(CheckpointAppTest, WhatIsDueAtTheStartIsSignedAtOnce) {
  Commit(10);
  app_->Start();
  EXPECT_EQ(store_->WaitForCommit(11, absl::Seconds(20), std::stop_token()), 11);
  EXPECT_THAT(Covered(), ElementsAre(10));
}

TEST_F(CheckpointAppTest, AfterARestartItGoesOnWhereItWas) {
  Commit(10);
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
  NewApp();
  EXPECT_THAT(app_->Sign(/*anyhow=*/true), IsOkAndHolds(false));
  Commit();
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(false));
  clock_.Advance(absl::Minutes(10));
  EXPECT_THAT(app_->Sign(), IsOkAndHolds(true));
  EXPECT_THAT(Covered(), ElementsAre(10, 12));
}

TEST_F(CheckpointAppTest, TheTrailHoldsAndIsSignedAndTheEventSaysSo) {
  Commit(10);
  ASSERT_OK(app_->Sign());
  const AuditApp audit(store_.get(), {{key_.public_key()}, {}});
  ASSERT_OK_AND_ASSIGN(const auto result, audit.Verify({}));
  EXPECT_TRUE(result.intact()) << result.description();
  EXPECT_EQ(result.checkpoints(), 1);
  EXPECT_EQ(result.signed_through(), 10);
  EXPECT_TRUE(result.signatures_tested());
  v1::ListAuditEventsRequest request;
  request.set_action("SignCheckpoint");
  ASSERT_OK_AND_ASSIGN(const auto events, audit.List(request));
  ASSERT_THAT(events.audit_events(), SizeIs(1));
  EXPECT_EQ(events.audit_events(0).principal().role(), v1::ROLE_PROGRAM);
  EXPECT_EQ(events.audit_events(0).changes(0).name(), "auditCheckpoints/0000000000000000010");
}

TEST_F(CheckpointAppTest, CheckpointsAreListedPageByPage) {
  for (int i = 0; i < 3; ++i) {
    Commit();
    ASSERT_OK(app_->Sign(/*anyhow=*/true));
  }
  const AuditApp audit(store_.get());
  v1::ListAuditCheckpointsRequest request;
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(const auto first, audit.ListCheckpoints(request));
  ASSERT_THAT(first.audit_checkpoints(), SizeIs(2));
  EXPECT_EQ(first.audit_checkpoints(0).stored_by(), 2);
  EXPECT_EQ(first.audit_checkpoints(0).signature().size(), 128u);
  request.set_page_token(first.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto second, audit.ListCheckpoints(request));
  ASSERT_THAT(second.audit_checkpoints(), SizeIs(1));
  EXPECT_EQ(second.audit_checkpoints(0).number(), 5);
  EXPECT_EQ(second.next_page_token(), "");
  request.set_page_size(-1);
  EXPECT_THAT(audit.ListCheckpoints(request), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
}

}  // namespace
}  // namespace trialgate::audit
