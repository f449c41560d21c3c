#include "services/directory/person_repository.h"

#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/audit/event_writer.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kName[] = "desks/lagoon/contacts/heart";

storage::v1::PersonFields Fields(const std::string& name) {
  storage::v1::PersonFields fields;
  fields.set_display_name(name);
  fields.set_email("someone@lagoon.example");
  fields.set_phone("+64 1234567");
  return fields;
}

class PersonRepositoryTest : public DirectoryWorld {
 protected:
  using Work = absl::FunctionRef<absl::Status(store::UnitOfWork&)>;

  // One unit of work, with an event that lists what it changed.
  absl::Status Run(PersonEdits* edits, Work work) {
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& unit) -> absl::Status {
          edits->Begin();
          ABSL_RETURN_IF_ERROR(work(unit));
          changes_ = unit.Changes();
          unit.SetEvent(audit::MakeEvent(National(), "Test", "", changes_));
          return absl::OkStatus();
        });
    return commit.status();
  }

  bool Put(const storage::v1::PersonFields& fields) {
    PersonEdits edits(keys_.get(), PersonEdits::kWrite);
    bool changed = false;
    const absl::Status outcome = Run(&edits, [&](store::UnitOfWork& unit) -> absl::Status {
      ABSL_ASSIGN_OR_RETURN(changed, edits.Put(kName, fields, clock_.Now(), &unit));
      return absl::OkStatus();
    });
    EXPECT_OK(outcome);
    EXPECT_OK(edits.End(outcome));
    return changed;
  }

  void Erase() {
    PersonEdits edits(keys_.get(), PersonEdits::kWrite);
    const absl::Status outcome = Run(&edits, [&](store::UnitOfWork& unit) {
      return edits.Erase(kName, clock_.Now(), &unit).status();
    });
    EXPECT_OK(outcome);
    EXPECT_OK(edits.End(outcome));
  }

  storage::v1::Person Stored(store::CommitNumber as_of = 0) {
    const auto row = store::ReadRow(*store_, Persons(), kName, as_of == 0 ? store_->Head() : as_of);
    EXPECT_OK(row);
    return row.ok() && row->has_value() ? (*row)->value : storage::v1::Person();
  }

  std::string NameNow() {
    const auto fields = OpenPerson(*keys_, kName, Stored());
    EXPECT_OK(fields);
    return fields.ok() && fields->has_value() ? (*fields)->display_name() : "none";
  }

  std::set<std::string> Present() {
    const auto ids = keys_->List();
    EXPECT_OK(ids);
    return ids.ok() ? ids->present : std::set<std::string>();
  }

  std::vector<store::Change> changes_;
};

TEST_F(PersonRepositoryTest, FieldsAreReadableByTheirKeyOnly) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  EXPECT_EQ(NameNow(), "Anna Holm");
  const std::string bytes = Stored().SerializeAsString();
  EXPECT_FALSE(absl::StrContains(bytes, "Anna"));
  EXPECT_FALSE(absl::StrContains(bytes, "1234567"));
  EXPECT_THAT(Present(), ElementsAre(Stored().key()));
  // What lies in another row's place is not taken for that one's.
  EXPECT_THAT(OpenPerson(*keys_, "desks/lagoon/contacts/lead", Stored()),
              HasReason(v1::ERROR_REASON_STORE_CORRUPT));
}

TEST_F(PersonRepositoryTest, EqualFieldsAreNotWrittenAgain) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const store::CommitNumber head = store_->Head();
  const std::string key = Stored().key();
  EXPECT_FALSE(Put(Fields("Anna Holm")));
  EXPECT_EQ(Stored().key(), key);
  EXPECT_THAT(Present(), ElementsAre(key));
  EXPECT_GE(store_->Head(), head);
}

TEST_F(PersonRepositoryTest, FieldsThatWereReplacedAreReadableInABackupUntilTheirKeyAgesOut) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const storage::v1::Person before = Stored();
  EXPECT_TRUE(Put(Fields("Bo Lind")));
  EXPECT_EQ(NameNow(), "Bo Lind");
  ASSERT_OK_AND_ASSIGN(const auto copy, OpenPerson(*keys_, kName, before));
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->display_name(), "Anna Holm");
  const absl::Time replaced = clock_.Now();
  ASSERT_OK_AND_ASSIGN(int destroyed,
                       DestroyRetired(*store_, keys_.get(), replaced - absl::Seconds(1), 10));
  EXPECT_EQ(destroyed, 0);
  ASSERT_OK_AND_ASSIGN(destroyed, DestroyRetired(*store_, keys_.get(), replaced, 10));
  EXPECT_EQ(destroyed, 1);
  ASSERT_OK_AND_ASSIGN(const auto aged, OpenPerson(*keys_, kName, before));
  EXPECT_FALSE(aged.has_value());
  EXPECT_THAT(Present(), ElementsAre(Stored().key()));
}

TEST_F(PersonRepositoryTest, AnErasureDestroysTheKeysThatOnlyAnotherBackupNames) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  // Another copy of the store went on, and was put aside: this one does not know its key.
  ASSERT_OK_AND_ASSIGN(const std::string elsewhere, keys_->Create(kName));
  ASSERT_OK_AND_ASSIGN(const std::string of_another, keys_->Create("desks/lagoon/contacts/lead"));
  Erase();
  EXPECT_THAT(Present(), ElementsAre(of_another));
  // As well where the person is erased here, and where nothing was stored yet.
  ASSERT_OK_AND_ASSIGN(const std::string later, keys_->Create(kName));
  Erase();
  EXPECT_THAT(Present(), ElementsAre(of_another));
  EXPECT_TRUE(IsErased(Stored()));
}

TEST_F(PersonRepositoryTest, NobodyHereIsErasedInTheCopiesThatHaveThem) {
  ASSERT_OK_AND_ASSIGN(const std::string elsewhere, keys_->Create(kName));
  Erase();
  EXPECT_THAT(Present(), IsEmpty());
  EXPECT_EQ(PseudonymOf(Stored()), "persons/" + elsewhere);
}

TEST_F(PersonRepositoryTest, ARetiredKeyThatTheStoreUsesIsReinstatedAndNotDestroyed) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  // As after a backup was put back.
  EXPECT_OK(keys_->Retire(Stored().key(), clock_.Now()));
  ASSERT_OK_AND_ASSIGN(const int destroyed, DestroyRetired(*store_, keys_.get(), clock_.Now(), 10));
  EXPECT_EQ(destroyed, 0);
  EXPECT_EQ(NameNow(), "Anna Holm");
  ASSERT_OK_AND_ASSIGN(const keys::KeyIds ids, keys_->List());
  EXPECT_THAT(ids.retired, IsEmpty());
}

TEST_F(PersonRepositoryTest, AReplacedKeyWhoseNoteWasLostIsRetiredAtTheNextStart) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const std::string first = Stored().key();
  EXPECT_TRUE(Put(Fields("Bo Lind")));
  EXPECT_OK(keys_->Reinstate(first));
  EXPECT_OK(FinishErasures(*store_, keys_.get(), clock_.Now()));
  ASSERT_OK_AND_ASSIGN(const keys::KeyIds ids, keys_->List());
  EXPECT_THAT(ids.retired, ElementsAre(testing::Pair(first, clock_.Now())));
}

TEST_F(PersonRepositoryTest, AnErasedPersonIsGoneInEveryVersionAndStaysSoAfterASecondErasure) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const storage::v1::Person before = Stored();
  Erase();
  EXPECT_TRUE(IsErased(Stored()));
  EXPECT_EQ(NameNow(), "none");
  ASSERT_OK_AND_ASSIGN(const auto copy, OpenPerson(*keys_, kName, before));
  EXPECT_FALSE(copy.has_value());
  EXPECT_THAT(Present(), IsEmpty());
  const storage::v1::Person erased = Stored();
  Erase();
  EXPECT_EQ(Stored().SerializeAsString(), erased.SerializeAsString());
}

TEST_F(PersonRepositoryTest, WhoIsErasedCanBeStoredAnewUnderAnotherKey) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const std::string key = Stored().key();
  Erase();
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  EXPECT_NE(Stored().key(), key);
  EXPECT_EQ(NameNow(), "Anna Holm");
}

TEST_F(PersonRepositoryTest, ToPutNothingErases) {
  EXPECT_FALSE(Put(storage::v1::PersonFields()));
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  EXPECT_TRUE(Put(storage::v1::PersonFields()));
  EXPECT_TRUE(IsErased(Stored()));
  EXPECT_THAT(Present(), IsEmpty());
  EXPECT_FALSE(Put(storage::v1::PersonFields()));
}

TEST_F(PersonRepositoryTest, TheTrailNamesAPseudonymWithKeyedHashes) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const storage::v1::Person first = Stored();
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_EQ(changes_[0].told_name, "persons/" + first.key());
  EXPECT_EQ(changes_[0].before_sha256, "");
  EXPECT_EQ(changes_[0].after_sha256, first.fields_hash());
  EXPECT_TRUE(Put(Fields("Bo Lind")));
  ASSERT_EQ(changes_.size(), 2u);  // one has gone, another has come
  EXPECT_EQ(changes_[0].told_name, "persons/" + first.key());
  EXPECT_EQ(changes_[0].before_sha256, first.fields_hash());
  EXPECT_EQ(changes_[0].after_sha256, "");
  EXPECT_EQ(changes_[1].told_name, "persons/" + Stored().key());
  Erase();
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_EQ(changes_[0].told_name, changes_[0].told_name);
  EXPECT_EQ(changes_[0].after_sha256, "");
  // The same text under another key has another hash: it tells nobody who knows the text anything.
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  EXPECT_NE(Stored().fields_hash(), first.fields_hash());
}

TEST_F(PersonRepositoryTest, AnOperationThatIsNotCommittedLeavesNoKeyAndDestroysNone) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  PersonEdits edits(keys_.get(), PersonEdits::kWrite);
  const absl::Status outcome = Run(&edits, [&](store::UnitOfWork& unit) -> absl::Status {
    EXPECT_OK(edits.Put(kName, Fields("Bo Lind"), clock_.Now(), &unit).status());
    return absl::AbortedError("no");
  });
  EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kAborted));
  EXPECT_OK(edits.End(outcome));
  EXPECT_THAT(Present(), ElementsAre(Stored().key()));
  EXPECT_EQ(NameNow(), "Anna Holm");
}

TEST_F(PersonRepositoryTest, WhereTheOutcomeIsNotKnownNoKeyIsDestroyed) {
  PersonEdits edits(keys_.get(), PersonEdits::kWrite);
  EXPECT_OK(Run(&edits, [&](store::UnitOfWork& unit) {
    return edits.Put(kName, Fields("Anna Holm"), clock_.Now(), &unit).status();
  }));
  EXPECT_OK(
      edits.End(Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_OUTCOME_UNKNOWN, "?")));
  EXPECT_EQ(NameNow(), "Anna Holm");
}

TEST_F(PersonRepositoryTest, ACheckWritesNothingAndMakesNoKey) {
  PersonEdits edits(keys_.get(), PersonEdits::kCheck);
  store::UnitOfWork unit(store_.get(), store_->Head());
  ASSERT_OK_AND_ASSIGN(const bool changes,
                       edits.Put(kName, Fields("Anna Holm"), clock_.Now(), &unit));
  EXPECT_TRUE(changes);
  EXPECT_FALSE(unit.HasEffect());
  EXPECT_THAT(Present(), IsEmpty());
}

TEST_F(PersonRepositoryTest, ACrashBetweenCommitAndDestructionIsMadeGoodAtTheNextStart) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  {
    PersonEdits edits(keys_.get(), PersonEdits::kWrite);
    EXPECT_OK(Run(&edits, [&](store::UnitOfWork& unit) {
      return edits.Erase(kName, clock_.Now(), &unit).status();
    }));
    // Here the process ends.
  }
  EXPECT_EQ(Present().size(), 1u);
  EXPECT_EQ(NameNow(), "none");
  ASSERT_OK_AND_ASSIGN(const ErasureState state,
                       FinishErasures(*store_, keys_.get(), clock_.Now()));
  EXPECT_EQ(state.finished, 1);
  EXPECT_THAT(state.lost, IsEmpty());
  EXPECT_THAT(Present(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const ErasureState again,
                       FinishErasures(*store_, keys_.get(), clock_.Now()));
  EXPECT_EQ(again.finished, 0);
}

TEST_F(PersonRepositoryTest, LostKeysAreToldApartFromDestroyedOnes) {
  EXPECT_TRUE(Put(Fields("Anna Holm")));
  const auto other = keys::NewMemoryKeyStore(&key_ids_);
  ASSERT_OK_AND_ASSIGN(const ErasureState state,
                       FinishErasures(*store_, other.get(), clock_.Now()));
  EXPECT_THAT(state.lost, ElementsAre(Stored().key()));
  EXPECT_THAT(OpenPerson(*other, kName, Stored()), HasReason(v1::ERROR_REASON_KEYS_UNAVAILABLE));
  EXPECT_OK(other->Destroy(Stored().key()));
  ASSERT_OK_AND_ASSIGN(const ErasureState given_up,
                       FinishErasures(*store_, other.get(), clock_.Now()));
  EXPECT_THAT(given_up.lost, IsEmpty());
}

TEST_F(PersonRepositoryTest, NoPackBringsAnErasedContactBack) {
  ApplyTinyPack();
  Erase();
  ASSERT_TRUE(cache_.WaitUntilSeen(store_->Head(), absl::Seconds(10)));
  EXPECT_EQ(cache_.Snapshot()->FindContact(kName)->display_name(), kErasedName);
  v1::ApplyPackRequest bare = TinyPackRequest();
  for (v1::PackFile& file : *bare.mutable_files()) {
    std::string& content = *file.mutable_content();
    for (const char* field : {"\"displayName\": \"Coordinator for heart medicine, Lagoon\",",
                              "\"email\": \"heart@lagoon.example\",", "\"phone\": \"+00 1234\","}) {
      const std::size_t at = content.find(field);
      if (at != std::string::npos) content.erase(at, std::string(field).size());
    }
  }
  ASSERT_OK_AND_ASSIGN(const auto unchanged, app_.ApplyPack(National(), bare));
  EXPECT_EQ(unchanged.changed(), 0);
  EXPECT_EQ(cache_.Snapshot()->FindContact(kName)->display_name(), kErasedName);
  ASSERT_OK_AND_ASSIGN(const auto changed, app_.ApplyPack(National(), TinyPackRequest()));
  EXPECT_EQ(changed.changed(), 0);
  EXPECT_EQ(cache_.Snapshot()->FindContact(kName)->display_name(), kErasedName);
}

}  // namespace
}  // namespace trialgate::directory
