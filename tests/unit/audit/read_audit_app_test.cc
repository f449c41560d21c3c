#include "services/audit/read_audit_app.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/audit_app.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/memory_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::audit {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::ElementsAre;

// Takes commits or not, as a test wants.
class FailingStore final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  enum class Mode { kTakes, kRefuses, kAppliesUnknown };

  absl::StatusOr<store::CommitOutcome> Commit(store::CommitRequest request) override {
    ++commits;
    if (mode == Mode::kRefuses) return absl::UnavailableError("the disk is full");
    auto outcome = StoreDecorator::Commit(std::move(request));
    if (mode == Mode::kAppliesUnknown) {
      outcome->kind = store::CommitOutcome::Kind::kUnknown;
      outcome->cause = absl::UnavailableError("nobody knows");
    }
    return outcome;
  }
  absl::Status Health() const override { return health; }

  Mode mode = Mode::kTakes;
  absl::Status health;
  int commits = 0;
};

class ReadAuditAppTest : public testing::Test {
 protected:
  ReadAuditAppTest() : memory_(store::MemoryStoreWith(&clock_)), store_(memory_.get()) {
    NewApp({});
    call_.principal.set_role(v1::ROLE_COORDINATOR);
    call_.principal.set_subject("bob");
    call_.method = "GetTrialRequest";
  }

  void NewApp(const ReadAuditOptions& options) {
    app_ = std::make_unique<ReadAuditApp>(&store_, &clock_, &ids_, options);
  }

  absl::Status Read(const std::string& name) {
    v1::TrialRequest request;
    request.set_name(name);
    return Answer(request);
  }

  // Has a call answered, if that is admitted.
  absl::Status Answer(const google::protobuf::Message& response) {
    ABSL_RETURN_IF_ERROR(app_->Admit());
    app_->Record(call_, response);
    return absl::OkStatus();
  }

  // Every read that is stored, in order, as "method name,name".
  std::vector<std::string> Stored() {
    std::vector<std::string> reads;
    const auto events = AuditApp(memory_.get()).List({});
    EXPECT_OK(events);
    for (const v1::AuditEvent& event : events->audit_events()) {
      for (const v1::AuditRead& read : event.reads()) {
        reads.push_back(absl::StrCat(read.method(), " ", absl::StrJoin(read.names(), ",")));
      }
    }
    return reads;
  }

  static auto Unavailable() {
    return AllOf(StatusIs(absl::StatusCode::kUnavailable),
                 HasReason(v1::ERROR_REASON_AUDIT_UNAVAILABLE));
  }

  FakeClock clock_;
  FakeIds ids_{"commit"};
  std::unique_ptr<store::Store> memory_;
  FailingStore store_;
  std::unique_ptr<ReadAuditApp> app_;
  rpc::CallContext call_;
};

TEST_F(ReadAuditAppTest, AReadTellsWhoReadWhatAndWhen) {
  ASSERT_OK(Read("trialRequests/a"));
  clock_.Advance(absl::Milliseconds(200));
  ASSERT_OK(app_->FlushNow());
  ASSERT_OK_AND_ASSIGN(const auto list, AuditApp(memory_.get()).List({}));
  ASSERT_EQ(list.audit_events_size(), 1);
  const v1::AuditEvent& event = list.audit_events(0);
  EXPECT_EQ(event.action(), "ReadConfidential");
  EXPECT_EQ(event.principal().role(), v1::ROLE_PROGRAM);
  ASSERT_EQ(event.reads_size(), 1);
  const v1::AuditRead& read = event.reads(0);
  EXPECT_EQ(read.principal().subject(), "bob");
  EXPECT_EQ(read.method(), "GetTrialRequest");
  EXPECT_THAT(read.names(), ElementsAre("trialRequests/a"));
  EXPECT_EQ(event.time().nanos() - read.time().nanos(), 200'000'000);
}

TEST_F(ReadAuditAppTest, ManyReadsAreStoredByOneCommitInTheirOrder) {
  for (const char* name : {"a", "b", "c"}) ASSERT_OK(Read(absl::StrCat("trialRequests/", name)));
  EXPECT_EQ(app_->waiting(), 3u);
  EXPECT_EQ(memory_->Head(), 0);
  ASSERT_OK(app_->FlushNow());
  EXPECT_EQ(memory_->Head(), 1);
  EXPECT_EQ(app_->waiting(), 0u);
  EXPECT_THAT(Stored(),
              ElementsAre("GetTrialRequest trialRequests/a", "GetTrialRequest trialRequests/b",
                          "GetTrialRequest trialRequests/c"));
  ASSERT_OK(app_->FlushNow());
  EXPECT_EQ(memory_->Head(), 1) << "nothing waited";
}

TEST_F(ReadAuditAppTest, EveryElementOfTheLargestPageIsNamedAndFound) {
  constexpr int kLargestPage = 1000;
  v1::ListTrialRequestsResponse list;
  for (int i = 0; i < kLargestPage; ++i) {
    list.add_trial_requests()->set_name(absl::StrCat("trialRequests/", i));
  }
  call_.method = "ListTrialRequests";
  ASSERT_OK(Answer(list));
  ASSERT_OK(app_->FlushNow());
  ASSERT_OK_AND_ASSIGN(const auto events, AuditApp(memory_.get()).List({}));
  ASSERT_EQ(events.audit_events_size(), 1) << "one answer needs one commit";
  EXPECT_EQ(events.audit_events(0).reads_size(), 10);
  for (const v1::AuditRead& read : events.audit_events(0).reads()) {
    EXPECT_EQ(read.names_size(), static_cast<int>(kMaxNamesPerRead));
    EXPECT_EQ(read.further_names(), 0);
  }
  for (const char* name : {"trialRequests/0", "trialRequests/100", "trialRequests/999"}) {
    v1::ListAuditEventsRequest request;
    request.set_resource(name);
    ASSERT_OK_AND_ASSIGN(const auto found, AuditApp(memory_.get()).List(request));
    EXPECT_EQ(found.audit_events_size(), 1) << name;
  }
}

TEST_F(ReadAuditAppTest, WhatNoPageHoldsIsCounted) {
  v1::ListTrialRequestsResponse list;
  for (std::size_t i = 0; i < kMaxNamesPerAnswer + 7; ++i) {
    list.add_trial_requests()->set_name(absl::StrCat("trialRequests/", i));
  }
  ASSERT_OK(Answer(list));
  ASSERT_OK(app_->FlushNow());
  ASSERT_OK_AND_ASSIGN(const auto events, AuditApp(memory_.get()).List({}));
  ASSERT_EQ(events.audit_events(0).reads_size(), 20);
  EXPECT_EQ(events.audit_events(0).reads(19).further_names(), 7);
}

TEST_F(ReadAuditAppTest, ACallThatWasAdmittedIsRecordedWhateverFailsMeanwhile) {
  ASSERT_OK(Read("trialRequests/a"));
  ASSERT_OK(app_->Admit());
  store_.mode = FailingStore::Mode::kRefuses;
  EXPECT_FALSE(app_->FlushNow().ok());
  v1::TrialRequest changed;
  changed.set_name("trialRequests/b");
  app_->Record(call_, changed);
  store_.mode = FailingStore::Mode::kTakes;
  ASSERT_OK(app_->FlushNow());
  EXPECT_THAT(Stored(),
              ElementsAre("GetTrialRequest trialRequests/a", "GetTrialRequest trialRequests/b"));
}

TEST_F(ReadAuditAppTest, AnEmptyListIsAReadToo) {
  call_.method = "ListTrialRequests";
  ASSERT_OK(Answer(v1::ListTrialRequestsResponse()));
  ASSERT_OK(app_->FlushNow());
  EXPECT_THAT(Stored(), ElementsAre("ListTrialRequests "));
}

TEST_F(ReadAuditAppTest, MoreThanAnEventHoldsBecomesFurtherEvents) {
  for (int i = 0; i < kMaxReadsPerEvent + 1; ++i) ASSERT_OK(Read("trialRequests/a"));
  ASSERT_OK(app_->FlushNow());
  EXPECT_EQ(memory_->Head(), 2);
  EXPECT_EQ(app_->waiting(), 0u);
}

TEST_F(ReadAuditAppTest, WhenReadsCannotBeStoredNoneIsAnsweredUntilTheyCan) {
  ASSERT_OK(Read("trialRequests/a"));
  store_.mode = FailingStore::Mode::kRefuses;
  EXPECT_FALSE(app_->FlushNow().ok());
  const absl::Status refused = Read("trialRequests/b");
  EXPECT_THAT(refused, Unavailable());
  EXPECT_GT(RetryAfterOf(refused), absl::ZeroDuration());
  EXPECT_FALSE(app_->FlushNow().ok());
  EXPECT_THAT(Read("trialRequests/b"), Unavailable());

  store_.mode = FailingStore::Mode::kTakes;
  ASSERT_OK(app_->FlushNow());
  ASSERT_OK(Read("trialRequests/c"));
  ASSERT_OK(app_->FlushNow());
  EXPECT_THAT(Stored(),
              ElementsAre("GetTrialRequest trialRequests/a", "GetTrialRequest trialRequests/c"))
      << "what was answered is stored, what was refused is not";
}

TEST_F(ReadAuditAppTest, AnUnknownOutcomeIsSettledWithoutStoringTwice) {
  ASSERT_OK(Read("trialRequests/a"));
  store_.mode = FailingStore::Mode::kAppliesUnknown;
  EXPECT_FALSE(app_->FlushNow().ok());
  EXPECT_THAT(Read("trialRequests/b"), Unavailable());
  store_.mode = FailingStore::Mode::kTakes;
  ASSERT_OK(app_->FlushNow());
  EXPECT_EQ(memory_->Head(), 1);
  EXPECT_THAT(Stored(), ElementsAre("GetTrialRequest trialRequests/a"));
}

TEST_F(ReadAuditAppTest, AStoreThatTakesNoCommitsAnyMoreIsNoticedBeforeABatchFails) {
  store_.health = absl::UnavailableError("a write failed");
  EXPECT_THAT(Read("trialRequests/a"), Unavailable());
  store_.health = absl::OkStatus();
  EXPECT_OK(Read("trialRequests/a"));
}

TEST_F(ReadAuditAppTest, AReadThatWaitsTooLongHoldsBackTheOnesAfterIt) {
  ASSERT_OK(Read("trialRequests/a"));
  clock_.Advance(absl::Milliseconds(1900));
  ASSERT_OK(Read("trialRequests/b"));
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_THAT(Read("trialRequests/c"), Unavailable());
  ASSERT_OK(app_->FlushNow());
  EXPECT_OK(Read("trialRequests/c"));
}

TEST_F(ReadAuditAppTest, NoMoreReadsWaitThanMay) {
  ReadAuditOptions options;
  options.max_reads = 2;
  NewApp(options);
  ASSERT_OK(Read("trialRequests/a"));
  ASSERT_OK(Read("trialRequests/b"));
  EXPECT_THAT(Read("trialRequests/c"), Unavailable());
  ASSERT_OK(app_->FlushNow());
  EXPECT_OK(Read("trialRequests/c"));

  options.max_reads = 1000;
  options.max_bytes = 200;
  NewApp(options);
  ASSERT_OK(Read(std::string(200, 'x')));
  EXPECT_THAT(Read(std::string(200, 'x')), Unavailable());
}

TEST_F(ReadAuditAppTest, WhatWaitsIsStoredWhenItEnds) {
  app_->Start();
  ASSERT_OK(Read("trialRequests/a"));
  app_->Stop();
  EXPECT_THAT(Stored(), ElementsAre("GetTrialRequest trialRequests/a"));
  app_->Stop();
  EXPECT_EQ(memory_->Head(), 1);
}

TEST_F(ReadAuditAppTest, TheThreadStoresWhatWaitsByItself) {
  ReadAuditOptions options;
  options.interval = absl::Milliseconds(1);
  NewApp(options);
  app_->Start();
  ASSERT_OK(Read("trialRequests/a"));
  EXPECT_EQ(memory_->WaitForCommit(1, absl::Seconds(30), {}), 1);
}

TEST_F(ReadAuditAppTest, ReadersAtOnceLoseNothing) {
  ReadAuditOptions options;
  options.interval = absl::Milliseconds(1);
  NewApp(options);
  app_->Start();
  constexpr int kThreads = 4;
  constexpr int kReads = 300;
  std::vector<std::thread> readers;
  for (int i = 0; i < kThreads; ++i) {
    readers.emplace_back([&] {
      for (int k = 0; k < kReads; ++k) EXPECT_OK(Read("trialRequests/a"));
    });
  }
  for (std::thread& reader : readers) reader.join();
  app_->Stop();
  EXPECT_EQ(Stored().size(), static_cast<std::size_t>(kThreads * kReads));
}

}  // namespace
}  // namespace trialgate::audit
