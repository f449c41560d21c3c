#include "services/audit/audit_app.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/page_token.h"
#include "common/store/memory_store.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/audit_service.h"
#include "services/audit/event_writer.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using absl_testing::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Gives one record of the feed changed by a test, as a folder that was tampered with would.
class TamperedStore final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  absl::StatusOr<std::vector<storage::v1::CommitRecord>> ReadFeed(store::CommitNumber from,
                                                                  int limit) const override {
    auto records = StoreDecorator::ReadFeed(from, limit);
    if (!records.ok()) return records;
    for (auto& record : *records) {
      if (record.number() == tampered_) record.set_event(event_);
    }
    return records;
  }

  void Tamper(store::CommitNumber number, std::string event) {
    tampered_ = number;
    event_ = std::move(event);
  }

 private:
  store::CommitNumber tampered_ = 0;
  std::string event_;
};

class AuditAppTest : public testing::Test {
 protected:
  AuditAppTest() {
    store::StoreOptions options;
    options.clock = &clock_;
    memory_ = store::NewMemoryStore(options);
    store_ = std::make_unique<TamperedStore>(memory_.get());
    app_ = std::make_unique<AuditApp>(store_.get());
    principal_.set_role(v1::ROLE_NATIONAL);
    principal_.set_subject("carol");
  }

  // One commit that writes the sites.
  void Write(const std::vector<std::string>& sites) {
    static const auto* const kSites = new store::Table<v1::Site>(store::TableId::TABLE_ID_SITE);
    const auto commit = store::RunUnitOfWork(
        memory_.get(), absl::StrCat("commit-", ++commits_), {},
        [&](store::UnitOfWork& work) -> absl::Status {
          for (const std::string& name : sites) {
            v1::Site site;
            site.set_name(name);
            site.set_display_name(absl::StrCat("version ", commits_));
            ABSL_RETURN_IF_ERROR(work.Put(*kSites, name, site));
          }
          work.SetEvent(MakeEvent(principal_, "ApplyPack", "", work.Changes()));
          return absl::OkStatus();
        });
    ASSERT_OK(commit);
    clock_.Advance(absl::Seconds(1));
  }

  static std::vector<std::int64_t> Numbers(const v1::ListAuditEventsResponse& response) {
    std::vector<std::int64_t> numbers;
    for (const v1::AuditEvent& event : response.audit_events()) numbers.push_back(event.number());
    return numbers;
  }

  FakeClock clock_;
  std::unique_ptr<store::Store> memory_;
  std::unique_ptr<TamperedStore> store_;
  std::unique_ptr<AuditApp> app_;
  v1::Principal principal_;
  int commits_ = 0;
};

TEST_F(AuditAppTest, AnEventTellsWhatTheCommitDid) {
  Write({"sites/a", "sites/b"});
  ASSERT_OK_AND_ASSIGN(const auto response, app_->List({}));
  ASSERT_EQ(response.audit_events_size(), 1);
  const v1::AuditEvent& event = response.audit_events(0);
  EXPECT_EQ(event.name(), "auditEvents/1");
  EXPECT_EQ(event.number(), 1);
  EXPECT_EQ(event.principal().subject(), "carol");
  EXPECT_EQ(event.action(), "ApplyPack");
  EXPECT_EQ(event.changes_size(), 2);
  EXPECT_EQ(event.time().seconds(), absl::ToUnixSeconds(absl::FromCivil(
                                        absl::CivilHour(2026, 3, 5, 9), absl::UTCTimeZone())));
  EXPECT_EQ(event.previous_hash(), std::string(64, '0'));
  EXPECT_EQ(event.hash().size(), 64u);
  EXPECT_EQ(event.writes_sha256().size(), 64u);
}

TEST_F(AuditAppTest, EachEventCarriesTheHashOfTheOneBefore) {
  Write({"sites/a"});
  Write({"sites/a"});
  ASSERT_OK_AND_ASSIGN(const auto response, app_->List({}));
  ASSERT_EQ(response.audit_events_size(), 2);
  EXPECT_EQ(response.audit_events(1).previous_hash(), response.audit_events(0).hash());
  EXPECT_EQ(response.audit_events(1).changes(0).before_sha256(),
            response.audit_events(0).changes(0).after_sha256());
}

TEST_F(AuditAppTest, PagesGoOnWhereTheLastEndedAndLeaveOutWhatCameLater) {
  for (int i = 0; i < 5; ++i) Write({"sites/a"});
  v1::ListAuditEventsRequest request;
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(auto page, app_->List(request));
  EXPECT_THAT(Numbers(page), ElementsAre(1, 2));
  Write({"sites/a"});
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, app_->List(request));
  EXPECT_THAT(Numbers(page), ElementsAre(3, 4));
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, app_->List(request));
  EXPECT_THAT(Numbers(page), ElementsAre(5));
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(AuditAppTest, OnlyEventsOfTheResourceAskedForAreListed) {
  Write({"sites/a"});
  Write({"sites/b"});
  Write({"sites/a", "sites/b"});
  Write({"sites/aa"});
  v1::ListAuditEventsRequest request;
  request.set_resource("sites/a");
  ASSERT_OK_AND_ASSIGN(const auto response, app_->List(request));
  EXPECT_THAT(Numbers(response), ElementsAre(1, 3));
  request.set_resource("ites/a");
  ASSERT_OK_AND_ASSIGN(const auto none, app_->List(request));
  EXPECT_THAT(Numbers(none), ElementsAre());
}

TEST_F(AuditAppTest, AResourceIsFoundInACommitWhoseEventDoesNotListIt) {
  std::vector<std::string> sites;
  for (int i = 0; i < kMaxListedChanges + 1; ++i)
    sites.push_back(absl::StrCat("sites/s", 10'000 + i));
  Write(sites);
  v1::ListAuditEventsRequest request;
  request.set_resource(sites.back());
  ASSERT_OK_AND_ASSIGN(const auto response, app_->List(request));
  EXPECT_THAT(Numbers(response), ElementsAre(1));
  EXPECT_EQ(response.audit_events(0).further_changes(), 1);
}

TEST_F(AuditAppTest, FaultsOfAListingAreNamed) {
  v1::ListAuditEventsRequest request;
  request.set_page_size(1001);
  request.set_resource(std::string(513, 'x'));
  EXPECT_EQ(FieldViolationsOf(app_->List(request).status()).size(), 2u);
  v1::ListAuditEventsRequest token;
  token.set_page_token("nonsense");
  EXPECT_THAT(app_->List(token), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

TEST_F(AuditAppTest, ATokenThatPointsBeyondTheTrailIsRefused) {
  for (int i = 0; i < 3; ++i) Write({"sites/a"});
  const PagePosition forged[] = {
      {"1", 4}, {"1", -1}, {"4", 3}, {"-1", 3}, {"9223372036854775807", 3}, {"one", 3}};
  for (const PagePosition& position : forged) {
    v1::ListAuditEventsRequest request;
    request.set_page_token(EncodePageToken("ListAuditEvents\n", position));
    EXPECT_THAT(app_->List(request), AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                                           HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN)))
        << position.after << " as of " << position.as_of;
  }
  v1::ListAuditEventsRequest request;
  request.set_page_token(EncodePageToken("ListAuditEvents\n", {"1", 3}));
  ASSERT_OK_AND_ASSIGN(const auto rest, app_->List(request));
  EXPECT_THAT(Numbers(rest), ElementsAre(2, 3));
}

TEST_F(AuditAppTest, ATrailThatNobodyTouchedIsIntact) {
  ASSERT_OK_AND_ASSIGN(const auto empty, app_->Verify({}));
  EXPECT_TRUE(empty.intact());
  EXPECT_EQ(empty.events(), 0);
  for (int i = 0; i < 4; ++i) Write({"sites/a"});
  ASSERT_OK_AND_ASSIGN(const auto all, app_->Verify({}));
  EXPECT_TRUE(all.intact());
  EXPECT_EQ(all.events(), 4);
  ASSERT_OK_AND_ASSIGN(const auto events, app_->List({}));
  EXPECT_EQ(all.head_hash(), events.audit_events(3).hash());
  v1::VerifyAuditTrailRequest part;
  part.set_first_number(2);
  part.set_last_number(3);
  ASSERT_OK_AND_ASSIGN(const auto two, app_->Verify(part));
  EXPECT_TRUE(two.intact());
  EXPECT_EQ(two.events(), 2);
  EXPECT_EQ(two.head_hash(), events.audit_events(2).hash());
}

TEST_F(AuditAppTest, AnEditedEventIsFound) {
  for (int i = 0; i < 4; ++i) Write({"sites/a"});
  v1::Principal someone = principal_;
  someone.set_subject("mallory");
  store_->Tamper(3, MakeEvent(someone, "ApplyPack", "", {}));
  ASSERT_OK_AND_ASSIGN(const auto response, app_->Verify({}));
  EXPECT_FALSE(response.intact());
  EXPECT_EQ(response.first_fault(), 3);
  EXPECT_EQ(response.events(), 2);
  EXPECT_NE(response.description(), "");
}

TEST_F(AuditAppTest, ARangeOutsideOfTheTrailIsRefused) {
  Write({"sites/a"});
  v1::VerifyAuditTrailRequest request;
  request.set_first_number(-1);
  request.set_last_number(2);
  EXPECT_EQ(FieldViolationsOf(app_->Verify(request).status()).size(), 2u);
  Write({"sites/a"});
  request.set_first_number(2);
  request.set_last_number(1);
  EXPECT_THAT(app_->Verify(request), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
}

TEST_F(AuditAppTest, OnlyAuditorsMayAsk) {
  const auto service = NewAuditService(app_.get());
  for (const v1::Role role :
       {v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR, v1::ROLE_NATIONAL, v1::ROLE_OPERATOR}) {
    v1::Principal principal;
    principal.set_role(role);
    EXPECT_THAT(service->Call<v1::ListAuditEventsResponse>("ListAuditEvents", principal,
                                                           v1::ListAuditEventsRequest()),
                HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
    EXPECT_THAT(service->Call<v1::VerifyAuditTrailResponse>("VerifyAuditTrail", principal,
                                                            v1::VerifyAuditTrailRequest()),
                HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
  }
  v1::Principal auditor;
  auditor.set_role(v1::ROLE_AUDITOR);
  EXPECT_OK(service->Call<v1::ListAuditEventsResponse>("ListAuditEvents", auditor,
                                                       v1::ListAuditEventsRequest()));
  EXPECT_OK(service->Call<v1::VerifyAuditTrailResponse>("VerifyAuditTrail", auditor,
                                                        v1::VerifyAuditTrailRequest()));
}

}  // namespace
}  // namespace trialgate::audit
