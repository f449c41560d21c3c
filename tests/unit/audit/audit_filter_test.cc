// Filters, directions and exports: what can be asked of a trail of several kinds of event.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/store/chain.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/audit_app.h"
#include "services/audit/checkpoint_app.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/memory_store.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::audit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AuditFilterTest : public testing::Test {
 protected:
  // Three changes and a batch of two reads, a minute apart.
  AuditFilterTest() : store_(store::MemoryStoreWith(&clock_)), app_(store_.get()) {
    Change("alice", v1::ROLE_REQUESTER, "SubmitTrialRequest",
           {"10/trialRequests/a", "13/trialRequests/a/referrals/r", "a2/organizations/x\1y"});
    Change("bob", v1::ROLE_COORDINATOR, "AnswerReferral", {"13/trialRequests/a/referrals/r"});
    Change("carol", v1::ROLE_NATIONAL, "ApplyPack", {"06/sites/a", "06/sites/ab"});
    v1::AuditEvent reads;
    reads.mutable_principal()->set_role(v1::ROLE_PROGRAM);
    reads.set_action("ReadConfidential");
    AddRead("alice", v1::ROLE_REQUESTER, "GetTrialRequest", "trialRequests/a", &reads);
    AddRead("bob", v1::ROLE_COORDINATOR, "GetReferral", "trialRequests/a/referrals/r", &reads);
    Commit(reads, {});
  }

  static void SetScope(v1::Principal* principal) {
    if (principal->role() == v1::ROLE_REQUESTER) principal->set_organization("organizations/x");
    if (principal->role() == v1::ROLE_COORDINATOR) principal->add_desks("desks/north");
  }

  void Change(const std::string& subject, v1::Role role, const std::string& action,
              const std::vector<std::string>& keys) {
    v1::AuditEvent event;
    event.mutable_principal()->set_subject(subject);
    event.mutable_principal()->set_role(role);
    SetScope(event.mutable_principal());
    event.set_action(action);
    Commit(event, keys);
  }

  static void AddRead(const std::string& subject, v1::Role role, const std::string& method,
                      const std::string& name, v1::AuditEvent* event) {
    v1::AuditRead* const read = event->add_reads();
    read->mutable_principal()->set_subject(subject);
    read->mutable_principal()->set_role(role);
    SetScope(read->mutable_principal());
    read->set_method(method);
    read->add_names(name);
  }

  void Commit(const v1::AuditEvent& event, const std::vector<std::string>& keys) {
    std::vector<store::Write> writes;
    for (const std::string& key : keys) writes.push_back({key, "value"});
    EXPECT_OK(store_->Commit({ids_.NewId(), {}, writes, event.SerializeAsString()}));
    clock_.Advance(absl::Minutes(1));
  }

  std::vector<std::int64_t> Found(const v1::ListAuditEventsRequest& request) {
    std::vector<std::int64_t> numbers;
    const auto list = app_.List(request);
    EXPECT_OK(list);
    for (const v1::AuditEvent& event : list->audit_events()) numbers.push_back(event.number());
    return numbers;
  }

  static v1::ListAuditEventsRequest Resource(const std::string& name, bool children) {
    v1::ListAuditEventsRequest request;
    request.set_resource(name);
    request.set_include_children(children);
    return request;
  }

  FakeClock clock_;
  FakeIds ids_{"commit"};
  std::unique_ptr<store::Store> store_;
  AuditApp app_;
};

TEST_F(AuditFilterTest, AResourceIsFoundInChangesAndReads) {
  EXPECT_THAT(Found(Resource("trialRequests/a", false)), ElementsAre(1, 4));
  EXPECT_THAT(Found(Resource("trialRequests/a/referrals/r", false)), ElementsAre(1, 2, 4));
  EXPECT_THAT(Found(Resource("sites/a", true)), ElementsAre(3)) << "sites/ab is not below it";
}

TEST_F(AuditFilterTest, ChildrenAreThoseBelowIt) {
  EXPECT_THAT(Found(Resource("trialRequests/a", true)), ElementsAre(1, 2, 4));
  EXPECT_THAT(Found(Resource("trialRequests", true)), ElementsAre(1, 2, 4));
  EXPECT_THAT(Found(Resource("trialRequests", false)), IsEmpty());
  EXPECT_THAT(Found(Resource("organizations", true)), IsEmpty()) << "an index is no resource";
}

TEST_F(AuditFilterTest, WhoDidItIsFoundInChangesAndReads) {
  v1::ListAuditEventsRequest request;
  request.set_subject("bob");
  EXPECT_THAT(Found(request), ElementsAre(2, 4));
  request.Clear();
  request.set_role(v1::ROLE_REQUESTER);
  EXPECT_THAT(Found(request), ElementsAre(1, 4));
  request.Clear();
  request.set_organization("organizations/x");
  EXPECT_THAT(Found(request), ElementsAre(1, 4));
  request.Clear();
  request.set_desk("desks/north");
  EXPECT_THAT(Found(request), ElementsAre(2, 4));
  request.set_subject("alice");
  EXPECT_THAT(Found(request), IsEmpty()) << "all must hold of the same principal";
}

TEST_F(AuditFilterTest, AnActionIsTheEventsOrTheMethodOfARead) {
  v1::ListAuditEventsRequest request;
  request.set_action("ApplyPack");
  EXPECT_THAT(Found(request), ElementsAre(3));
  request.set_action("GetReferral");
  EXPECT_THAT(Found(request), ElementsAre(4));
  request.set_action("ReadConfidential");
  EXPECT_THAT(Found(request), ElementsAre(4));
}

TEST_F(AuditFilterTest, OfTheReadsThoseAskedForAreShownAndTheOthersCounted) {
  v1::ListAuditEventsRequest request;
  request.set_subject("bob");
  ASSERT_OK_AND_ASSIGN(const auto list, app_.List(request));
  ASSERT_THAT(list.audit_events(), SizeIs(2));
  ASSERT_THAT(list.audit_events(1).reads(), SizeIs(1));
  EXPECT_EQ(list.audit_events(1).reads(0).method(), "GetReferral");
  EXPECT_EQ(list.audit_events(1).further_reads(), 1);
  ASSERT_OK_AND_ASSIGN(const auto all, app_.List({}));
  EXPECT_THAT(all.audit_events(3).reads(), SizeIs(2));
  EXPECT_EQ(all.audit_events(3).further_reads(), 0);
}

TEST_F(AuditFilterTest, ATimeHasAStartThatIsInAndAnEndThatIsNot) {
  ASSERT_OK_AND_ASSIGN(const auto all, app_.List({}));
  v1::ListAuditEventsRequest request;
  *request.mutable_start_time() = all.audit_events(1).time();
  EXPECT_THAT(Found(request), ElementsAre(2, 3, 4));
  *request.mutable_end_time() = all.audit_events(2).time();
  EXPECT_THAT(Found(request), ElementsAre(2));
  *request.mutable_end_time() = request.start_time();
  EXPECT_THAT(Found(request), IsEmpty());
}

TEST_F(AuditFilterTest, TheNewestMayComeFirstPageByPage) {
  v1::ListAuditEventsRequest request;
  request.set_newest_first(true);
  EXPECT_THAT(Found(request), ElementsAre(4, 3, 2, 1));
  request.set_page_size(3);
  ASSERT_OK_AND_ASSIGN(const auto page, app_.List(request));
  EXPECT_THAT(page.audit_events(), SizeIs(3));
  Change("dan", v1::ROLE_NATIONAL, "ApplyPack", {});
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto rest, app_.List(request));
  ASSERT_THAT(rest.audit_events(), SizeIs(1));
  EXPECT_EQ(rest.audit_events(0).number(), 1);
  EXPECT_EQ(rest.next_page_token(), "");
}

TEST_F(AuditFilterTest, BothDirectionsSeeTheSameAcrossManyBatches) {
  for (int i = 0; i < 1234; ++i) Change("dan", v1::ROLE_NATIONAL, absl::StrCat("A", i % 3), {});
  v1::ListAuditEventsRequest request;
  request.set_action("A1");
  request.set_page_size(1000);
  const auto forward = Found(request);
  request.set_newest_first(true);
  auto backward = Found(request);
  std::reverse(backward.begin(), backward.end());
  EXPECT_THAT(forward, SizeIs(411));
  EXPECT_EQ(forward, backward);
}

TEST_F(AuditFilterTest, ATokenIsBoundToTheFilter) {
  v1::ListAuditEventsRequest request;
  request.set_page_size(1);
  request.set_action("ApplyPack");
  request.set_newest_first(true);
  ASSERT_OK_AND_ASSIGN(const auto page, app_.List(request));
  ASSERT_NE(page.next_page_token(), "");
  request.set_page_token(page.next_page_token());
  request.set_newest_first(false);
  EXPECT_THAT(app_.List(request), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
  request.set_newest_first(true);
  request.set_subject("alice");
  EXPECT_THAT(app_.List(request), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

TEST_F(AuditFilterTest, APageEndsWhereEventsAreBig) {
  v1::AuditEvent big;
  big.set_reason(std::string(1 << 20, 'x'));
  for (int i = 0; i < 5; ++i) Commit(big, {});
  v1::ListAuditEventsRequest request;
  ASSERT_OK_AND_ASSIGN(const auto page, app_.List(request));
  EXPECT_LT(page.ByteSizeLong(), kMaxPageBytes + (1 << 20) + 1000);
  EXPECT_NE(page.next_page_token(), "");
}

TEST_F(AuditFilterTest, EveryFaultOfAFilterIsTold) {
  v1::ListAuditEventsRequest request;
  request.set_action(std::string(129, 'x'));
  request.set_subject(std::string(129, 'x'));
  request.set_organization(std::string(513, 'x'));
  request.set_desk(std::string(513, 'x'));
  request.set_include_children(true);
  request.set_role(static_cast<v1::Role>(99));
  request.mutable_start_time()->set_nanos(-1);
  request.mutable_end_time()->set_seconds(1LL << 60);
  EXPECT_THAT(FieldViolationsOf(app_.List(request).status()), SizeIs(8));
  request.Clear();
  request.mutable_start_time()->set_seconds(2);
  request.mutable_end_time()->set_seconds(1);
  EXPECT_THAT(FieldViolationsOf(app_.List(request).status()), SizeIs(1));
}

TEST_F(AuditFilterTest, AnExportHasAllThatTheHashIsComputedFrom) {
  FakeIds ids("sign");
  CheckpointApp checkpoints(store_.get(), &clock_, &ids, Ed25519PrivateKey::Generate());
  ASSERT_OK(checkpoints.Sign(/*anyhow=*/true));
  ASSERT_OK_AND_ASSIGN(const auto exported, app_.Export({}));
  ASSERT_OK_AND_ASSIGN(const auto feed, store_->ReadFeed(1, 100));
  ASSERT_THAT(exported.audit_records(), SizeIs(5));
  EXPECT_EQ(exported.trail(), feed[0].hash());
  EXPECT_EQ(exported.last_number(), 5);
  for (int i = 0; i < 5; ++i) {
    const v1::AuditRecord& record = exported.audit_records(i);
    storage::v1::CommitRecord again;
    again.set_number(record.number());
    again.set_id(record.commit_id());
    again.set_time_unix_nanos(record.time_unix_nanos());
    *again.mutable_keys() = record.keys();
    again.set_writes_digest(record.writes_digest());
    again.set_event(record.event());
    again.set_prev_hash(record.previous_hash());
    EXPECT_EQ(record.hash(), store::CommitHash(again));
    EXPECT_EQ(record.hash(), feed[static_cast<std::size_t>(i)].hash());
    EXPECT_EQ(record.checkpoint().empty(), i != 4);
  }
}

TEST_F(AuditFilterTest, AnExportGoesOnPageByPageAndEndsWhereItBegan) {
  v1::ExportAuditEventsRequest request;
  request.set_page_size(3);
  ASSERT_OK_AND_ASSIGN(auto page, app_.Export(request));
  EXPECT_THAT(page.audit_records(), SizeIs(3));
  Change("dan", v1::ROLE_NATIONAL, "ApplyPack", {});
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, app_.Export(request));
  ASSERT_THAT(page.audit_records(), SizeIs(1));
  EXPECT_EQ(page.audit_records(0).number(), 4);
  EXPECT_EQ(page.last_number(), 4);
  EXPECT_EQ(page.next_page_token(), "");

  request.Clear();
  request.set_first_number(2);
  request.set_last_number(3);
  ASSERT_OK_AND_ASSIGN(page, app_.Export(request));
  EXPECT_THAT(page.audit_records(), SizeIs(2));
  request.set_last_number(1);
  EXPECT_THAT(app_.Export(request), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  request.set_last_number(99);
  EXPECT_THAT(app_.Export(request), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  request.Clear();
  request.set_page_token("nonsense");
  EXPECT_THAT(app_.Export(request), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

}  // namespace
}  // namespace trialgate::audit
