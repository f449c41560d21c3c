// Typed tables, their indexes and the unit of work, over every store.
#include "common/store/table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/sha256.h"
#include "common/store/unit_of_work.h"
#include "tests/contract/store_fixture.h"
#include "tests/support/status_matchers.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

using absl_testing::StatusIs;
using storage::v1::PersonFields;
using testing::ElementsAre;
using testing::IsEmpty;

// Persons, found by each word of their names.
const Table<PersonFields>& Persons() {
  static const auto* const kTable = new Table<PersonFields>(
      TableId::TABLE_ID_PERSON,
      {{TableId::TABLE_ID_CONTACT_BY_DESK, [](const PersonFields& person) {
          return std::vector<std::string>(absl::StrSplit(person.display_name(), ' '));
        }}});
  return *kTable;
}

PersonFields Person(const std::string& name) {
  PersonFields person;
  person.set_display_name(name);
  return person;
}

class TableTest : public StoreTest {
 protected:
  CommitNumber Change(absl::FunctionRef<absl::Status(UnitOfWork&)> work) {
    UnitOfWorkOptions options;
    options.sleep = [](absl::Duration) {};
    options.max_settle_attempts = 1000;
    const auto commit =
        RunUnitOfWork(&store(), unit_ids_.NewId(), options, [&](UnitOfWork& unit) -> absl::Status {
          ABSL_RETURN_IF_ERROR(work(unit));
          unit.SetEvent("event");
          return absl::OkStatus();
        });
    EXPECT_OK(commit);
    return commit.value_or(0);
  }

  CommitNumber Put(const std::string& key, const std::string& name) {
    return Change([&](UnitOfWork& unit) { return unit.Put(Persons(), key, Person(name)); });
  }

  std::vector<std::string> Found(const std::string& word, CommitNumber as_of) {
    return Keys(ScanIndex(store(), Persons(), TableId::TABLE_ID_CONTACT_BY_DESK, word, {}, as_of));
  }

  static std::vector<std::string> Keys(const absl::StatusOr<RowPage<PersonFields>>& page) {
    EXPECT_OK(page);
    std::vector<std::string> keys;
    if (!page.ok()) return keys;
    for (const auto& row : page->rows) keys.push_back(row.key);
    return keys;
  }

 private:
  FakeIds unit_ids_{"unit"};
};

INSTANTIATE_TEST_SUITE_P(Stores, TableTest, testing::ValuesIn(AllStores()), StoreKindName);

TEST_P(TableTest, ARowIsReadAsOfACommit) {
  const CommitNumber first = Put("p1", "Ada");
  const CommitNumber second = Put("p1", "Bo");
  ASSERT_OK_AND_ASSIGN(auto row, ReadRow(store(), Persons(), "p1", first));
  EXPECT_EQ(row->value.display_name(), "Ada");
  EXPECT_EQ(row->version, first);
  ASSERT_OK_AND_ASSIGN(row, ReadRow(store(), Persons(), "p1", second));
  EXPECT_EQ(row->value.display_name(), "Bo");
  ASSERT_OK_AND_ASSIGN(row, ReadRow(store(), Persons(), "p2", second));
  EXPECT_FALSE(row.has_value());
}

TEST_P(TableTest, TheStoresKeyStartsWithTheTable) {
  EXPECT_EQ(Persons().Key("desks/d1"), "0b/desks/d1");
}

TEST_P(TableTest, APrefixSelectsTheRowsBelowAParent) {
  for (const char* key : {"a/1", "a/2", "a/3", "ab/1", "b/1"}) Put(key, "x");
  EXPECT_THAT(Keys(ScanRows(store(), Persons(), {"a/", "", 10}, store().Head())),
              ElementsAre("a/1", "a/2", "a/3"));
  ASSERT_OK_AND_ASSIGN(auto page, ScanRows(store(), Persons(), {"a/", "", 2}, store().Head()));
  EXPECT_EQ(page.next, "a/2");
  ASSERT_OK_AND_ASSIGN(page, ScanRows(store(), Persons(), {"a/", page.next, 2}, store().Head()));
  EXPECT_THAT(Keys(page), ElementsAre("a/3"));
  EXPECT_EQ(page.next, "");
}

TEST_P(TableTest, TheIndexFollowsTheRow) {
  const CommitNumber first = Put("p1", "Ada Bo");
  Put("p2", "Bo");
  const CommitNumber third = Put("p1", "Ada Cy");
  const CommitNumber fourth = Change([](UnitOfWork& unit) { return unit.Delete(Persons(), "p2"); });
  EXPECT_THAT(Found("Bo", first), ElementsAre("p1"));
  EXPECT_THAT(Found("Bo", first + 1), ElementsAre("p1", "p2"));
  EXPECT_THAT(Found("Bo", third), ElementsAre("p2"));
  EXPECT_THAT(Found("Bo", fourth), IsEmpty());
  EXPECT_THAT(Found("Ada", fourth), ElementsAre("p1"));
  EXPECT_THAT(Found("A", fourth), IsEmpty());
}

TEST_P(TableTest, TheIndexIsReadInPages) {
  for (int i = 10; i < 20; ++i) Put(absl::StrCat("p", i), "Bo");
  std::vector<std::string> keys;
  PageOptions page{"", "", 3};
  while (true) {
    ASSERT_OK_AND_ASSIGN(const auto rows,
                         ScanIndex(store(), Persons(), TableId::TABLE_ID_CONTACT_BY_DESK, "Bo",
                                   page, store().Head()));
    EXPECT_LE(rows.rows.size(), 3u);
    for (const auto& row : rows.rows) keys.push_back(row.key);
    if (rows.next.empty()) break;
    page.after = rows.next;
  }
  EXPECT_THAT(keys,
              ElementsAre("p10", "p11", "p12", "p13", "p14", "p15", "p16", "p17", "p18", "p19"));
}

TEST_P(TableTest, ARangeOfIndexValuesComesInTheirOrder) {
  Put("z", "2026-01-05");
  Put("y", "2026-01-07");
  Put("x", "2026-01-06");
  Put("w", "2026-01-08");
  const auto range = [this](const IndexRange& values, const PageOptions& page) {
    return ScanIndexRange(store(), Persons(), TableId::TABLE_ID_CONTACT_BY_DESK, values, page,
                          store().Head());
  };
  EXPECT_THAT(Keys(range({"2026-01-05", "2026-01-08"}, {})), ElementsAre("z", "x", "y"));
  EXPECT_THAT(Keys(range({"", ""}, {})), ElementsAre("z", "x", "y", "w"));
  ASSERT_OK_AND_ASSIGN(const auto first, range({"", "2026-01-08"}, {"", "", 2}));
  EXPECT_THAT(Keys(range({"", "2026-01-08"}, {"", first.next, 2})), ElementsAre("y"));
}

TEST_P(TableTest, KeysAndIndexValuesThatCannotBeOrderedAreRefused) {
  UnitOfWork unit(&store(), store().Head());
  EXPECT_THAT(unit.Put(Persons(), "", Person("x")), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(unit.Put(Persons(), "a\x01z", Person("x")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(unit.Put(Persons(), "a", Person("x\x01y")));
  unit.SetEvent("event");
  EXPECT_THAT(unit.ToCommit("id"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(TableTest, ADamagedRecordIsToldAsSuch) {
  MustPut(Persons().Key("p1"), "no record");
  EXPECT_THAT(ReadRow(store(), Persons(), "p1", 1), HasReason(v1::ERROR_REASON_STORE_CORRUPT));
}

TEST_P(TableTest, ARecordOfAnUnknownFormatIsRefused) {
  // Record { format: 9 }.
  MustPut(Persons().Key("p1"), "\x08\x09");
  EXPECT_THAT(ReadRow(store(), Persons(), "p1", 1), HasReason(v1::ERROR_REASON_STORE_FORMAT));
}

TEST_P(TableTest, AUnitReadsWhatItWrote) {
  Put("p1", "Ada");
  Change([](UnitOfWork& unit) -> absl::Status {
    EXPECT_OK(unit.Put(Persons(), "p1", Person("Bo")));
    EXPECT_OK(unit.Put(Persons(), "p2", Person("Cy")));
    ABSL_ASSIGN_OR_RETURN(const auto first, unit.Get(Persons(), "p1"));
    EXPECT_EQ(first->value.display_name(), "Bo");
    EXPECT_OK(unit.Delete(Persons(), "p1"));
    const std::vector<std::string> keys = {"p1", "p2"};
    ABSL_ASSIGN_OR_RETURN(const auto both, unit.GetAll(Persons(), keys));
    EXPECT_FALSE(both[0].has_value());
    EXPECT_EQ(both[1]->value.display_name(), "Cy");
    return absl::OkStatus();
  });
  EXPECT_THAT(Keys(ScanRows(store(), Persons(), {}, store().Head())), ElementsAre("p2"));
}

TEST_P(TableTest, ChangesTellTheDigestsBeforeAndAfter) {
  Put("p1", "Ada");
  const std::string ada = Sha256(Person("Ada").SerializeAsString());
  const std::string bo = Sha256(Person("Bo").SerializeAsString());
  UnitOfWork unit(&store(), store().Head());
  ASSERT_OK(unit.Get(Persons(), "read only"));
  ASSERT_OK(unit.Put(Persons(), "p1", Person("Bo")));
  ASSERT_OK(unit.Put(Persons(), "p2", Person("Bo")));
  std::vector<trialgate::store::Change> changes = unit.Changes();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].key, "p1");
  EXPECT_EQ(changes[0].before_sha256, ada);
  EXPECT_EQ(changes[0].after_sha256, bo);
  EXPECT_EQ(changes[1].key, "p2");
  EXPECT_EQ(changes[1].before_sha256, "");
  ASSERT_OK(unit.Delete(Persons(), "p1"));
  changes = unit.Changes();
  EXPECT_EQ(changes[0].after_sha256, "");
}

TEST_P(TableTest, DeletingWhatIsNotThereWritesNothing) {
  UnitOfWork unit(&store(), store().Head());
  ASSERT_OK(unit.Delete(Persons(), "nobody"));
  EXPECT_FALSE(unit.HasEffect());
}

TEST_P(TableTest, ARequiredRowIsRequiredAtTheCommit) {
  Put("p1", "Ada");
  UnitOfWork unit(&store(), store().Head());
  ASSERT_OK_AND_ASSIGN(bool exists, unit.RequireExists(Persons(), "p1"));
  EXPECT_TRUE(exists);
  ASSERT_OK_AND_ASSIGN(exists, unit.RequireExists(Persons(), "p2"));
  EXPECT_FALSE(exists);
  ASSERT_OK(unit.Put(Persons(), "p3", Person("Cy")));
  unit.SetEvent("event");
  Put("p1", "changed");
  ASSERT_OK_AND_ASSIGN(const CommitRequest request, unit.ToCommit("first"));
  EXPECT_EQ(Settled(request).kind, CommitOutcome::Kind::kCommitted);
  Change([](UnitOfWork& deleting) { return deleting.Delete(Persons(), "p1"); });
  UnitOfWork late(&store(), 1);
  ASSERT_OK(late.RequireExists(Persons(), "p1"));
  ASSERT_OK(late.Put(Persons(), "p4", Person("Di")));
  late.SetEvent("event");
  ASSERT_OK_AND_ASSIGN(const CommitRequest refused, late.ToCommit("second"));
  EXPECT_EQ(Settled(refused).kind, CommitOutcome::Kind::kRefused);
}

}  // namespace
}  // namespace trialgate::store
