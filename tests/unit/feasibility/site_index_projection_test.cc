// The index of sites while the store changes under it.
#include "services/feasibility/site_index_projection.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/keys/key_store.h"
#include "common/store/memory_store.h"
#include "common/store/projection.h"
#include "common/store/unit_of_work.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_repository.h"
#include "services/feasibility/feasibility_app.h"
#include "services/feasibility/report_repository.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/feasibility/fixture.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

using ::absl_testing::StatusIs;

constexpr absl::Duration kLong = absl::Seconds(30);

// A store with the invented country, whose feed is followed once Start is called.
class SiteIndexProjectionTest : public ::testing::Test {
 protected:
  SiteIndexProjectionTest() {
    const auto country = Country().Build(1);
    Write([&](store::UnitOfWork& work) -> absl::Status {
      ABSL_RETURN_IF_ERROR(
          work.Put(directory::PackSettings(), directory::kSettingsKey, country->settings()));
      for (const auto& [name, region] : country->regions()) {
        ABSL_RETURN_IF_ERROR(work.Put(directory::Regions(), name, *region));
      }
      for (const auto& [name, organization] : country->organizations()) {
        ABSL_RETURN_IF_ERROR(work.Put(directory::Organizations(), name, *organization));
      }
      return absl::OkStatus();
    });
  }

  void Start() { ASSERT_OK(follower_.Start()); }

  template <typename Work>
  store::CommitNumber Write(Work work) {
    const auto commit =
        store::RunUnitOfWork(store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& unit) {
          unit.SetEvent("test");
          return work(unit);
        });
    EXPECT_OK(commit);
    return commit.value_or(0);
  }

  store::CommitNumber PutSite(const std::string& id) {
    return Write([&](store::UnitOfWork& work) -> absl::Status {
      const v1::Site site = FittingSite(id);
      ABSL_RETURN_IF_ERROR(work.Put(directory::Sites(), site.name(), site));
      const v1::SiteCapacity capacity = Capacity(id, 2);
      return work.Put(directory::SiteCapacities(), capacity.name(), capacity);
    });
  }

  // A commit that the directory has nothing of.
  store::CommitNumber PutReport() {
    return Write([](store::UnitOfWork& work) {
      v1::FeasibilityReport report;
      report.set_name("trialRequests/mine/reports/1");
      return work.Put(FeasibilityReports(), report.name(), report);
    });
  }

  absl::StatusOr<int> Eligible(store::CommitNumber min_commit, absl::Duration patience = kLong) {
    v1::Principal national;
    national.set_role(v1::ROLE_NATIONAL);
    v1::AssessTrialRequestRequest call;
    *call.mutable_trial_request() = FittingRequest();
    call.set_min_commit(min_commit);
    const auto response = app_.Assess(national, call, absl::Now() + patience);
    if (!response.ok()) return response.status();
    return response->report().eligible_count();
  }

  FakeIds ids_{"commit"};
  FakeIds key_ids_{"key"};
  FakeClock clock_;
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  std::unique_ptr<keys::KeyStore> keys_ = keys::NewMemoryKeyStore(&key_ids_);
  directory::DirectoryCache directory_{keys_.get()};
  SiteIndexCache sites_{&directory_};
  FeasibilityApp app_{store_.get(), &directory_, &sites_, &clock_, nullptr, nullptr};
  store::FeedFollower follower_{store_.get(), {&directory_, &sites_}};
};

TEST_F(SiteIndexProjectionTest, BeforeItFollowsItHasTheIndexOfAnEmptyDirectory) {
  const IndexedDirectory newest = sites_.Newest();
  ASSERT_NE(newest.directory, nullptr);
  ASSERT_NE(newest.index, nullptr);
  EXPECT_EQ(newest.index->size(), 0u);
}

TEST_F(SiteIndexProjectionTest, EachCommitGivesTheIndexOfExactlyItsDirectory) {
  PutSite("a");
  Start();
  EXPECT_TRUE(sites_.Newest().index->Find("sites/a").has_value());
  const IndexedDirectory earlier = sites_.Newest();
  const store::CommitNumber commit = PutSite("b");
  ASSERT_TRUE(sites_.WaitUntilSeen(commit, kLong));
  const IndexedDirectory newest = sites_.Newest();
  EXPECT_EQ(newest.directory, directory_.Snapshot());
  EXPECT_EQ(newest.index->size(), 2u);
  EXPECT_TRUE(newest.index->Find("sites/b").has_value());
  EXPECT_EQ(earlier.index->size(), 1u) << "who reads an earlier version keeps it";
  EXPECT_FALSE(earlier.index->Find("sites/b").has_value());
}

TEST_F(SiteIndexProjectionTest, ACommitThatTheDirectoryHasNothingOfBuildsNothing) {
  PutSite("a");
  Start();
  const IndexedDirectory before = sites_.Newest();
  ASSERT_TRUE(sites_.WaitUntilSeen(PutReport(), kLong));
  EXPECT_EQ(sites_.Newest().index, before.index);
}

TEST_F(SiteIndexProjectionTest, WhoWaitsForACommitIsToldWhenTimeIsOver) {
  Start();
  EXPECT_TRUE(sites_.WaitUntilSeen(store_->Head(), absl::ZeroDuration()));
  EXPECT_FALSE(sites_.WaitUntilSeen(store_->Head() + 1, absl::Milliseconds(1)));
}

TEST_F(SiteIndexProjectionTest, AnAssessmentWaitsForTheCommitThatItAsksFor) {
  const store::CommitNumber commit = PutSite("a");
  std::optional<absl::StatusOr<int>> eligible;
  std::thread caller([&] { eligible = Eligible(commit); });
  Start();
  caller.join();
  ASSERT_OK(*eligible);
  EXPECT_EQ(**eligible, 1);
}

TEST_F(SiteIndexProjectionTest, AnAssessmentSeesEachWriteThatItAsksFor) {
  Start();
  for (int sites = 1; sites <= 50; ++sites) {
    const auto eligible = Eligible(PutSite(absl::StrCat("s", sites)));
    ASSERT_OK(eligible);
    ASSERT_EQ(*eligible, sites);
  }
}

TEST_F(SiteIndexProjectionTest, AnAssessmentWaitsNoLongerThanItsDeadline) {
  const auto eligible = Eligible(PutSite("a"), absl::Milliseconds(1));
  EXPECT_THAT(eligible.status(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(eligible.status()), v1::ERROR_REASON_DEADLINE_EXCEEDED);
}

}  // namespace
}  // namespace trialgate::feasibility
