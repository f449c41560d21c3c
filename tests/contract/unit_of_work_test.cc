// How a unit of work meets conflicts, refusals and unknown outcomes.
#include "common/store/unit_of_work.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/memory_store.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "tests/support/unkind_backend.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::IsOkAndHolds;
using absl_testing::StatusIs;
using storage::v1::PersonFields;

const Table<PersonFields>& Persons() {
  static const auto* const kTable = new Table<PersonFields>(TableId::TABLE_ID_PERSON);
  return *kTable;
}

// Options that pause without time passing; the pauses are kept where `pauses` is given.
UnitOfWorkOptions Quick(std::vector<absl::Duration>* pauses = nullptr) {
  UnitOfWorkOptions options;
  options.sleep = [pauses](absl::Duration pause) {
    if (pauses != nullptr) pauses->push_back(pause);
  };
  return options;
}

absl::Status PutName(UnitOfWork& unit, const std::string& key, const std::string& name) {
  PersonFields person;
  person.set_display_name(name);
  unit.SetEvent("named " + name);
  return unit.Put(Persons(), key, person);
}

// Adds one to the number that a row has for its name.
absl::Status Increment(UnitOfWork& unit, const std::string& key) {
  ABSL_ASSIGN_OR_RETURN(const auto row, unit.Get(Persons(), key));
  const int value = row.has_value() ? std::stoi(row->value.display_name()) : 0;
  return PutName(unit, key, absl::StrCat(value + 1));
}

std::string NameOf(const Store& store, const std::string& key) {
  const auto row = ReadRow(store, Persons(), key, store.Head());
  return row.ok() && row->has_value() ? (*row)->value.display_name() : "";
}

class UnitOfWorkTest : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, UnitOfWorkTest, testing::ValuesIn(AllStores()), StoreKindName);

TEST_P(UnitOfWorkTest, NoIncrementIsLostOrMadeTwice) {
  constexpr int kWriters = 8;
  constexpr int kEach = 10;
  const std::unique_ptr<Store> refusing = NewRefusingStore(&store(), 5);
  UnitOfWorkOptions options;
  options.max_attempts = 1000;
  options.max_settle_attempts = 1000;
  options.first_pause = absl::Microseconds(10);
  options.max_pause = absl::Milliseconds(1);
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (int i = 0; i < kEach; ++i) {
          EXPECT_OK(RunUnitOfWork(refusing.get(), absl::StrCat("w", writer, "-", i), options,
                                  [](UnitOfWork& unit) { return Increment(unit, "counter"); }));
        }
      });
    }
  }
  EXPECT_EQ(NameOf(store(), "counter"), absl::StrCat(kWriters * kEach));
  EXPECT_EQ(store().Head(), kWriters * kEach);
}

TEST_P(UnitOfWorkTest, TheEventOfTheCommitIsInTheFeed) {
  UnitOfWorkOptions options = Quick();
  options.max_settle_attempts = 1000;
  EXPECT_OK(RunUnitOfWork(&store(), "id", options,
                          [](UnitOfWork& unit) { return PutName(unit, "p", "Ada"); }));
  ASSERT_OK_AND_ASSIGN(const auto feed, store().ReadFeed(1, 1));
  EXPECT_EQ(feed.at(0).event(), "named Ada");
  EXPECT_EQ(feed.at(0).id(), "id");
}

// A store whose commits end as a test has it.
class ScriptedStore final : public StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  // Called in place of each commit, with its count from 1.
  std::function<absl::StatusOr<CommitOutcome>(int, CommitRequest, Store*)> on_commit;
  bool lookup_fails = false;
  int commits = 0;

  absl::StatusOr<CommitOutcome> Commit(CommitRequest request) override {
    return on_commit(++commits, std::move(request), store());
  }
  absl::StatusOr<std::optional<CommitNumber>> LookupCommit(absl::string_view id) const override {
    if (lookup_fails) return absl::UnavailableError("no lookup");
    return StoreDecorator::LookupCommit(id);
  }
};

CommitOutcome Unknown() {
  CommitOutcome outcome;
  outcome.cause = absl::UnavailableError("answer lost");
  return outcome;
}

CommitOutcome Refused() {
  CommitOutcome outcome;
  outcome.kind = CommitOutcome::Kind::kRefused;
  return outcome;
}

TEST(RunUnitOfWorkTest, AnErrorOfTheWorkStoresNothing) {
  const auto store = NewMemoryStore();
  EXPECT_THAT(RunUnitOfWork(store.get(), "id", Quick(),
                            [](UnitOfWork& unit) -> absl::Status {
                              ABSL_RETURN_IF_ERROR(PutName(unit, "p", "Ada"));
                              return absl::NotFoundError("gone");
                            }),
              StatusIs(absl::StatusCode::kNotFound, "gone"));
  EXPECT_EQ(store->Head(), 0);
}

TEST(RunUnitOfWorkTest, WithoutWritesAndEventNothingIsCommitted) {
  const auto store = NewMemoryStore();
  EXPECT_OK(RunUnitOfWork(store.get(), "first", Quick(),
                          [](UnitOfWork& unit) { return PutName(unit, "p", "Ada"); }));
  EXPECT_THAT(RunUnitOfWork(store.get(), "second", Quick(),
                            [](UnitOfWork& unit) { return unit.Get(Persons(), "p").status(); }),
              IsOkAndHolds(1));
  EXPECT_EQ(store->Head(), 1);
}

TEST(RunUnitOfWorkTest, WritesWithoutAnEventAreRefused) {
  const auto store = NewMemoryStore();
  EXPECT_THAT(
      RunUnitOfWork(store.get(), "id", Quick(),
                    [](UnitOfWork& unit) { return unit.Put(Persons(), "p", PersonFields()); }),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(store->Head(), 0);
}

TEST(RunUnitOfWorkTest, ARefusedCommitIsTriedAgainOnFreshReads) {
  const auto store = NewMemoryStore();
  int runs = 0;
  EXPECT_OK(RunUnitOfWork(store.get(), "outer", Quick(), [&](UnitOfWork& unit) {
    // Someone else comes between reading and committing, once.
    const absl::Status incremented = Increment(unit, "counter");
    if (++runs == 1) {
      EXPECT_OK(RunUnitOfWork(store.get(), "inner", Quick(),
                              [](UnitOfWork& inner) { return Increment(inner, "counter"); }));
    }
    return incremented;
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(NameOf(*store, "counter"), "2");
}

TEST(RunUnitOfWorkTest, AfterTheLastAttemptItIsAConflict) {
  const auto memory = NewMemoryStore();
  ScriptedStore store(memory.get());
  store.on_commit = [](int, CommitRequest, Store*) { return Refused(); };
  std::vector<absl::Duration> pauses;
  UnitOfWorkOptions options = Quick(&pauses);
  options.max_attempts = 8;
  options.first_pause = absl::Milliseconds(1);
  options.max_pause = absl::Milliseconds(4);
  const auto result = RunUnitOfWork(&store, "id", options,
                                    [](UnitOfWork& unit) { return Increment(unit, "counter"); });
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(result, HasReason(v1::ERROR_REASON_CONFLICT));
  EXPECT_EQ(store.commits, 8);
  ASSERT_EQ(pauses.size(), 7u);
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    const absl::Duration whole = absl::Milliseconds(std::min<std::size_t>(std::size_t{1} << i, 4));
    EXPECT_GE(pauses[i], whole / 2) << i;
    EXPECT_LE(pauses[i], whole) << i;
  }
}

TEST(RunUnitOfWorkTest, AnUnknownOutcomeThatWasCommittedIsFound) {
  const auto memory = NewMemoryStore();
  ScriptedStore store(memory.get());
  store.on_commit = [](int, CommitRequest request, Store* real) {
    EXPECT_OK(real->Commit(std::move(request)));
    return Unknown();
  };
  int runs = 0;
  EXPECT_THAT(RunUnitOfWork(&store, "id", Quick(),
                            [&](UnitOfWork& unit) {
                              ++runs;
                              return Increment(unit, "counter");
                            }),
              IsOkAndHolds(1));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(NameOf(*memory, "counter"), "1");
}

TEST(RunUnitOfWorkTest, AnUnknownOutcomeThatWasNotCommittedIsCommittedAgain) {
  const auto memory = NewMemoryStore();
  ScriptedStore store(memory.get());
  store.on_commit = [](int count, CommitRequest request,
                       Store* real) -> absl::StatusOr<CommitOutcome> {
    if (count < 3) return Unknown();
    return real->Commit(std::move(request));
  };
  EXPECT_THAT(RunUnitOfWork(&store, "id", Quick(),
                            [](UnitOfWork& unit) { return Increment(unit, "counter"); }),
              IsOkAndHolds(1));
  EXPECT_EQ(NameOf(*memory, "counter"), "1");
  EXPECT_EQ(memory->Head(), 1);
}

TEST(RunUnitOfWorkTest, AnOutcomeThatStaysUnknownIsToldAsSuch) {
  const auto memory = NewMemoryStore();
  ScriptedStore store(memory.get());
  store.on_commit = [](int, CommitRequest, Store*) { return Unknown(); };
  store.lookup_fails = true;
  const auto result = RunUnitOfWork(&store, "id", Quick(),
                                    [](UnitOfWork& unit) { return Increment(unit, "counter"); });
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(result, HasReason(v1::ERROR_REASON_OUTCOME_UNKNOWN));
  EXPECT_EQ(store.commits, 1);
}

}  // namespace
}  // namespace trialgate::store
