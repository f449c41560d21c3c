#include "services/operations/operator_app.h"

#include <filesystem>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/obs/log.h"
#include "common/store/chain.h"
#include "common/store/memory_store.h"
#include "common/store/rocksdb_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/operations/backup_name.h"
#include "services/operations/operator_service.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::operations {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::SizeIs;

// Takes no commits where it is told so, and waits with a copy where it is told so.
class FailingStore final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  absl::StatusOr<store::CommitOutcome> Commit(store::CommitRequest request) override {
    if (fail_) return absl::UnavailableError("no disk");
    return StoreDecorator::Commit(std::move(request));
  }
  absl::StatusOr<storage::v1::Head> CopyTo(const std::string& folder) const override {
    if (copying_ != nullptr) {
      copying_->count_down();
      go_on_->wait();
    }
    return StoreDecorator::CopyTo(folder);
  }

  bool fail_ = false;
  std::latch* copying_ = nullptr;
  std::latch* go_on_ = nullptr;
};

class OperatorAppTest : public testing::Test {
 protected:
  OperatorAppTest() {
    store::RocksDbStoreOptions options;
    options.folder = dir_.Sub("store");
    inner_ = store::OpenRocksDbStore(options).value();
    store_ = std::make_unique<FailingStore>(inner_.get());
    controls_.version = "1.2.3";
    controls_.store_kind = "rocksdb";
    controls_.backup_dir = dir_.Sub("backups");
    controls_.checks = [] {
      return std::vector<obs::ReadinessCheck>{{"store", true, ""}, {"serving", false, "why"}};
    };
    controls_.follower_lag = [] { return 7; };
    controls_.trial_requests = [] { return 5; };
    controls_.open_referrals = [] { return 3; };
    controls_.is_draining = [this] { return draining_; };
    controls_.drain = [this] { return std::exchange(draining_, true); };
    operator_.set_role(v1::ROLE_OPERATOR);
    operator_.set_subject("olga");
    obs::SetLogSink([](absl::string_view) {});
  }
  ~OperatorAppTest() override {
    obs::SetLogLevel(obs::Level::kInfo);
    obs::SetLogSink(nullptr);
  }

  OperatorApp App() { return {store_.get(), &clock_, &ids_, controls_}; }

  // The events of the trail.
  std::vector<v1::AuditEvent> Events() {
    std::vector<v1::AuditEvent> events;
    const auto feed = inner_->ReadFeed(1, 100);
    for (const auto& record : feed.value()) {
      events.emplace_back().ParseFromString(record.event());
    }
    return events;
  }

  const TempDir dir_;
  FakeClock clock_;
  FakeIds ids_{"operation"};
  std::unique_ptr<store::Store> inner_;
  std::unique_ptr<FailingStore> store_;
  ServerControls controls_;
  bool draining_ = false;
  v1::Principal operator_;
};

TEST_F(OperatorAppTest, TheStatusSaysHowTheServerIs) {
  OperatorApp app = App();
  clock_.Advance(absl::Minutes(3));
  ASSERT_OK(inner_->Commit({"id", {}, {{"k", "v"}}, "event"}));
  ASSERT_OK_AND_ASSIGN(const v1::ServerStatus status, app.Status());
  EXPECT_EQ(status.version(), "1.2.3");
  EXPECT_EQ(status.store(), "rocksdb");
  EXPECT_EQ(status.uptime().seconds(), 180);
  EXPECT_EQ(status.head_commit(), 1);
  EXPECT_EQ(status.head_hash(), absl::BytesToHexString(inner_->HeadAnchor()->hash()));
  EXPECT_EQ(status.follower_lag(), 7);
  EXPECT_EQ(status.log_level(), v1::LOG_LEVEL_INFO);
  EXPECT_FALSE(status.draining());
  ASSERT_THAT(status.checks(), SizeIs(2));
  EXPECT_EQ(status.checks(1).name(), "serving");
  EXPECT_FALSE(status.checks(1).ok());
  EXPECT_EQ(status.checks(1).detail(), "why");
  EXPECT_EQ(status.trial_requests(), 5);
  EXPECT_EQ(status.open_referrals(), 3);
}

TEST_F(OperatorAppTest, TheLogLevelIsSetAndIsOneEvent) {
  OperatorApp app = App();
  v1::SetLogLevelRequest request;
  request.set_log_level(v1::LOG_LEVEL_DEBUG);
  request.set_reason("looking for a fault");
  ASSERT_OK_AND_ASSIGN(const auto response, app.SetLogLevel(operator_, request));
  EXPECT_EQ(response.previous_level(), v1::LOG_LEVEL_INFO);
  EXPECT_TRUE(response.recorded());
  EXPECT_EQ(obs::LogLevel(), obs::Level::kDebug);
  ASSERT_THAT(Events(), SizeIs(1));
  EXPECT_EQ(Events()[0].action(), "SetLogLevel");
  EXPECT_EQ(Events()[0].reason(), "looking for a fault");
  EXPECT_EQ(Events()[0].principal().subject(), "olga");
}

TEST_F(OperatorAppTest, DrainingTwiceDrainsOnceAndIsTwoEvents) {
  OperatorApp app = App();
  v1::DrainRequest request;
  request.set_reason("new version");
  ASSERT_OK_AND_ASSIGN(const auto first, app.Drain(operator_, request));
  EXPECT_FALSE(first.already_draining());
  EXPECT_TRUE(draining_);
  ASSERT_OK_AND_ASSIGN(const auto second, app.Drain(operator_, request));
  EXPECT_TRUE(second.already_draining());
  EXPECT_THAT(Events(), SizeIs(2));
}

TEST_F(OperatorAppTest, AServerWhoseStoreFailsIsDrainedAndRescuedAllTheSame) {
  ASSERT_OK(inner_->Commit({"id", {}, {{"k", "v"}}, "event"}));
  OperatorApp app = App();
  store_->fail_ = true;
  v1::DrainRequest drain;
  drain.set_reason("the disk is full");
  ASSERT_OK_AND_ASSIGN(const auto drained, app.Drain(operator_, drain));
  EXPECT_FALSE(drained.recorded());
  EXPECT_TRUE(draining_);
  v1::BackupRequest backup;
  backup.set_name("rescue");
  ASSERT_OK_AND_ASSIGN(const auto copied, app.Backup(operator_, backup));
  EXPECT_FALSE(copied.recorded());
  EXPECT_EQ(copied.head_commit(), 1);
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(OperatorAppTest, ABackupIsAWholeStoreAndItsEventSaysWhichCommitItIs) {
  ASSERT_OK(inner_->Commit({"id", {}, {{"k", "v"}}, "event"}));
  OperatorApp app = App();
  v1::BackupRequest request;
  request.set_name("2026-11-24");
  request.set_reason("nightly");
  ASSERT_OK_AND_ASSIGN(const auto response, app.Backup(operator_, request));
  EXPECT_EQ(response.folder(), dir_.Sub("backups") + "/2026-11-24");
  EXPECT_EQ(response.head_commit(), 1);
  const v1::AuditEvent event = Events().back();
  EXPECT_EQ(event.action(), "Backup");
  ASSERT_THAT(event.changes(), SizeIs(1));
  EXPECT_EQ(event.changes(0).name(), "backups/2026-11-24");
  EXPECT_EQ(event.changes(0).after_sha256(), response.head_hash());
  store::RocksDbStoreOptions options;
  options.folder = response.folder();
  ASSERT_OK_AND_ASSIGN(const auto copy, store::OpenRocksDbStore(options));
  ASSERT_OK_AND_ASSIGN(const auto report, store::VerifyChain(*copy, 1, 0));
  EXPECT_FALSE(report.fault.has_value());
  EXPECT_EQ(absl::BytesToHexString(report.head_hash), response.head_hash());
  // And nothing is written over it.
  EXPECT_THAT(app.Backup(operator_, request), HasReason(v1::ERROR_REASON_ALREADY_EXISTS));
}

TEST_F(OperatorAppTest, ABackupLiesNowhereElse) {
  OperatorApp app = App();
  for (const std::string name :
       {"..", ".", "a/b", "../a", "/tmp/a", "A", "a.unfinished", "-a", "a b", "a\n"}) {
    v1::BackupRequest request;
    request.set_name(name);
    const auto refused = app.Backup(operator_, request);
    ASSERT_EQ(FieldViolationsOf(refused.status()).size(), 1u) << name;
    EXPECT_EQ(FieldViolationsOf(refused.status())[0].reason, v1::ERROR_REASON_INVALID_FORMAT);
  }
  EXPECT_FALSE(IsBackupName(std::string(64, 'a')));
  EXPECT_TRUE(IsBackupName(std::string(63, 'a')));
  EXPECT_FALSE(std::filesystem::exists(dir_.Sub("backups")));
}

TEST_F(OperatorAppTest, WithoutAFolderForThemThereAreNoBackups) {
  controls_.backup_dir = "";
  OperatorApp app = App();
  v1::BackupRequest request;
  request.set_name("a");
  EXPECT_THAT(app.Backup(operator_, request), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition),
                                                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
}

TEST_F(OperatorAppTest, OneBackupIsMadeAtATime) {
  std::latch copying(1);
  std::latch go_on(1);
  store_->copying_ = &copying;
  store_->go_on_ = &go_on;
  OperatorApp app = App();
  v1::BackupRequest request;
  request.set_name("a");
  std::thread first([&] { EXPECT_OK(app.Backup(operator_, request)); });
  copying.wait();
  request.set_name("b");
  const auto refused = app.Backup(operator_, request);
  EXPECT_THAT(refused, HasReason(v1::ERROR_REASON_OVERLOADED));
  EXPECT_GT(RetryAfterOf(refused.status()), absl::ZeroDuration());
  go_on.count_down();
  first.join();
  store_->copying_ = nullptr;
  EXPECT_OK(app.Backup(operator_, request));
}

TEST_F(OperatorAppTest, WhatIsWrongIsSaidAndNothingHappens) {
  OperatorApp app = App();
  const auto fields = [](const absl::Status& status) {
    std::vector<std::string> names;
    for (const auto& fault : FieldViolationsOf(status)) names.push_back(fault.field);
    return names;
  };
  EXPECT_THAT(fields(app.Drain(operator_, {}).status()), ElementsAre("reason"));
  v1::SetLogLevelRequest level;
  level.set_reason(std::string(2049, 'x'));
  EXPECT_THAT(fields(app.SetLogLevel(operator_, level).status()),
              ElementsAre("log_level", "reason"));
  level.set_log_level(static_cast<v1::LogLevel>(99));
  level.clear_reason();
  EXPECT_THAT(fields(app.SetLogLevel(operator_, level).status()), ElementsAre("log_level"));
  EXPECT_THAT(fields(app.Backup(operator_, {}).status()), ElementsAre("name"));
  EXPECT_FALSE(draining_);
  EXPECT_THAT(Events(), SizeIs(0));
}

TEST_F(OperatorAppTest, EveryMethodIsTheOperatorsAlone) {
  OperatorApp app = App();
  const auto service = NewOperatorService(&app);
  EXPECT_EQ(service->methods().size(), service->DeclaredMethods().size());
  for (int role = v1::Role_MIN; role <= v1::Role_MAX; ++role) {
    v1::Principal principal = operator_;
    principal.set_role(static_cast<v1::Role>(role));
    const auto status =
        service->Call<v1::ServerStatus>("GetServerStatus", principal, v1::GetServerStatusRequest());
    EXPECT_EQ(status.ok(), role == v1::ROLE_OPERATOR) << role;
  }
}

}  // namespace
}  // namespace trialgate::operations
