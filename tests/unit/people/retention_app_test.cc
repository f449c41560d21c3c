#include "services/people/retention_app.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/trial_request_repository.h"
#include "tests/unit/directory/directory_world.h"
#include "tests/unit/people/stubborn_keys.h"

namespace trialgate::people {
namespace {

using directory::National;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The tiny country, whose desks of lagoon and cape end with 2026, with rules of 12 months for
// contacts and of 1 month for requests.
class RetentionAppTest : public directory::DirectoryWorld {
 protected:
  RetentionAppTest() {
    v1::ApplyPackRequest request = TinyPackRequest();
    v1::PackFile* file = request.add_files();
    file->set_path("retention.json");
    file->set_content(R"({"retentionRules": [
      {"id": "desks", "description": "a year", "subject": "RETENTION_SUBJECT_CONTACT", "months": 12},
      {"id": "asked", "description": "a month", "subject": "RETENTION_SUBJECT_REQUESTER_CONTACT",
       "months": 1}]})");
    EXPECT_OK(app_.ApplyPack(National(), request));
  }

  void SetClock(const std::string& instant) {
    absl::Time time;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, instant, &time, nullptr));
    clock_.Set(time);
  }

  // A request that ended (or not) in a state at an instant, and the person who asked.
  void PutRequest(const std::string& name, v1::TrialRequestState state, std::int64_t seconds) {
    directory::PersonEdits edits(keys_.get(), directory::PersonEdits::kWrite);
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          v1::TrialRequest request;
          request.set_name(name);
          request.set_state(state);
          request.mutable_update_time()->set_seconds(seconds);
          storage::v1::PersonFields person;
          person.set_display_name("Rita");
          ABSL_RETURN_IF_ERROR(edits.Put(name, person, clock_.Now(), &work).status());
          work.SetEvent("event");
          return work.Put(intake::TrialRequests(), name, request);
        });
    ASSERT_OK(commit);
  }

  RetentionRun Run(int limit = RetentionJob::kMaxErasures) {
    const auto run = job_.RunOnce(limit);
    EXPECT_OK(run);
    return run.value_or(RetentionRun());
  }

  // Names of the persons who are there still.
  std::vector<std::string> Kept(const std::string& prefix) {
    std::vector<std::string> kept;
    store::PageOptions page;
    page.prefix = prefix;
    const auto rows = store::ScanRows(*store_, directory::Persons(), page, store_->Head());
    EXPECT_OK(rows);
    for (const auto& row : rows->rows) {
      if (!directory::IsErased(row.value)) kept.push_back(row.key);
    }
    return kept;
  }

  v1::AuditEvent LastEvent() {
    const auto commits = store_->ReadFeed(store_->Head(), 1);
    v1::AuditEvent event;
    EXPECT_TRUE(event.ParseFromString(commits->front().event()));
    return event;
  }

  RetentionJob job_{store_.get(), &cache_, keys_.get(), &clock_, &ids_};
};

TEST_F(RetentionAppTest, AContactWhoLeftADeskIsErasedWhenItsTimeIsOver) {
  SetClock("2026-03-05T00:00:00Z");
  v1::EndContactRequest leave;
  leave.set_name("desks/lagoon/contacts/heart");
  leave.set_reason("moved on");
  leave.set_request_id(NextRequestId());
  ASSERT_OK(edits_.EndContact(National(), leave));
  SetClock("2027-03-05T10:59:00Z");
  EXPECT_EQ(Run().erased, 0);
  SetClock("2027-03-05T11:01:00Z");
  EXPECT_EQ(Run().erased, 1);
  EXPECT_THAT(Kept("desks/lagoon/"), ElementsAre("desks/lagoon/contacts/lead"));
}

TEST_F(RetentionAppTest, ContactsOfADeskThatEndedAreErasedWhenTheirTimeIsOver) {
  // In the country it is 13 hours later.
  SetClock("2027-12-31T10:59:00Z");
  const auto all = Kept("desks/");
  EXPECT_EQ(Run().erased, 0);
  EXPECT_EQ(Kept("desks/"), all);
  SetClock("2027-12-31T11:01:00Z");
  EXPECT_GT(Run().erased, 0);
  EXPECT_THAT(Kept("desks/lagoon/"), IsEmpty());
  EXPECT_THAT(Kept("desks/cape/"), IsEmpty());
  EXPECT_THAT(Kept("desks/coast/"), testing::Not(IsEmpty()));
  ASSERT_OK_AND_ASSIGN(const keys::KeyIds ids, keys_->List());
  EXPECT_EQ(ids.present.size(), Kept("").size());
}

TEST_F(RetentionAppTest, EachErasureIsAnEventOfTheProgramThatNamesTheRule) {
  SetClock("2028-01-01T00:00:00Z");
  const store::CommitNumber before = store_->Head();
  const int erased = Run().erased;
  EXPECT_EQ(store_->Head(), before + erased);
  const v1::AuditEvent event = LastEvent();
  EXPECT_EQ(event.principal().role(), v1::ROLE_PROGRAM);
  EXPECT_EQ(event.action(), "ErasePerson");
  EXPECT_EQ(event.reason(), "retention rule desks: a year");
  ASSERT_EQ(event.changes_size(), 1);
  EXPECT_EQ(event.changes(0).after_sha256(), "");
}

TEST_F(RetentionAppTest, RequestersContactsGoAMonthAfterTheRequestEndedAndNotBefore) {
  SetClock("2026-03-01T00:00:00Z");
  const std::int64_t now = absl::ToUnixSeconds(clock_.Now());
  PutRequest("trialRequests/closed", v1::TRIAL_REQUEST_STATE_CLOSED, now);
  PutRequest("trialRequests/confirmed", v1::TRIAL_REQUEST_STATE_CONFIRMED, now);
  PutRequest("trialRequests/withdrawn", v1::TRIAL_REQUEST_STATE_WITHDRAWN, now - 20 * 86'400);
  EXPECT_EQ(Run().erased, 0);
  SetClock("2026-03-15T00:00:00Z");
  EXPECT_EQ(Run().erased, 1);
  EXPECT_THAT(Kept("trialRequests/"),
              UnorderedElementsAre("trialRequests/closed", "trialRequests/confirmed"));
  SetClock("2030-01-01T00:00:00Z");
  Run();
  EXPECT_THAT(Kept("trialRequests/"), ElementsAre("trialRequests/confirmed"));
}

TEST_F(RetentionAppTest, WhoCannotBeErasedKeepsNobodyElseAndIsTold) {
  StubbornKeys stubborn(keys_.get());
  stubborn.refuses = true;
  RetentionJob job(store_.get(), &cache_, &stubborn, &clock_, &ids_);
  SetClock("2028-01-01T00:00:00Z");
  ASSERT_GT(Kept("desks/lagoon/").size() + Kept("desks/cape/").size(), 1u);
  EXPECT_THAT(job.RunOnce(RetentionJob::kMaxErasures).status(),
              HasReason(v1::ERROR_REASON_KEYS_UNAVAILABLE));
  EXPECT_THAT(Kept("desks/lagoon/"), IsEmpty());
  EXPECT_THAT(Kept("desks/cape/"), IsEmpty());
}

TEST_F(RetentionAppTest, ARunIsBoundedAndTheNextGoesOn) {
  SetClock("2028-01-01T00:00:00Z");
  const auto all = Kept("desks/").size();
  const RetentionRun first = Run(1);
  EXPECT_EQ(first.erased, 1);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(Kept("desks/").size(), all - 1);
  const RetentionRun rest = Run();
  EXPECT_FALSE(rest.more);
  EXPECT_EQ(Run().erased, 0);
}

TEST_F(RetentionAppTest, WithoutARuleNothingIsErased) {
  SetClock("2026-02-01T00:00:00Z");
  ASSERT_OK(app_.ApplyPack(National(), TinyPackRequest()));
  SetClock("2090-01-01T00:00:00Z");
  EXPECT_EQ(Run().erased, 0);
}

TEST_F(RetentionAppTest, NoPackBringsBackWhomARuleErased) {
  SetClock("2028-01-01T00:00:00Z");
  ASSERT_GT(Run().erased, 0);
  ASSERT_TRUE(cache_.WaitUntilSeen(store_->Head(), absl::Seconds(10)));
  v1::ApplyPackRequest again = TinyPackRequest();
  again.set_validate_only(true);
  ASSERT_OK_AND_ASSIGN(const auto checked, app_.ApplyPack(National(), again));
  // Only the settings, which have no rules there.
  EXPECT_EQ(checked.changed(), 1);
  again.set_validate_only(false);
  ASSERT_OK(app_.ApplyPack(National(), again));
  EXPECT_THAT(Kept("desks/lagoon/"), IsEmpty());
  EXPECT_THAT(Kept("desks/cape/"), IsEmpty());
  EXPECT_EQ(Run().erased, 0);
}

TEST_F(RetentionAppTest, TheThreadRunsAtOnceAndStops) {
  SetClock("2028-01-01T00:00:00Z");
  const store::CommitNumber head = store_->Head();
  job_.Start();
  store_->WaitForCommit(head + 1, absl::Seconds(30));
  job_.Stop();
  job_.Stop();
  EXPECT_GT(store_->Head(), head);
}

}  // namespace
}  // namespace trialgate::people
