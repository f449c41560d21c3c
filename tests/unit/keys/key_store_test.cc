#include "common/keys/key_store.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::keys {
namespace {

namespace fs = std::filesystem;

using absl_testing::IsOk;
using absl_testing::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What holds for every store of keys.
class AnyKeyStoreTest : public testing::TestWithParam<bool> {
 protected:
  AnyKeyStoreTest() {
    if (GetParam()) {
      auto opened = OpenFileKeyStore(folder_.Sub("keys"), &ids_);
      EXPECT_THAT(opened, IsOk());
      keys_ = *std::move(opened);
    } else {
      keys_ = NewMemoryKeyStore(&ids_);
    }
  }

  TempDir folder_;
  RandomIds ids_;
  std::unique_ptr<KeyStore> keys_;
};

TEST_P(AnyKeyStoreTest, AKeyIsGivenOutUntilItIsDestroyed) {
  ASSERT_OK_AND_ASSIGN(const std::string one, keys_->Create("desks/a/contacts/b"));
  ASSERT_OK_AND_ASSIGN(const std::string two, keys_->Create("desks/a/contacts/b"));
  ASSERT_OK_AND_ASSIGN(const auto key, keys_->Get(one));
  ASSERT_OK_AND_ASSIGN(const auto again, keys_->Get(one));
  ASSERT_OK_AND_ASSIGN(const auto other, keys_->Get(two));
  ASSERT_TRUE(key.has_value() && again.has_value() && other.has_value());
  EXPECT_EQ(key->bytes(), again->bytes());
  EXPECT_NE(key->bytes(), other->bytes());

  EXPECT_THAT(keys_->Destroy(one), IsOk());
  EXPECT_THAT(keys_->Destroy(one), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto gone, keys_->Get(one));
  EXPECT_FALSE(gone.has_value());
  ASSERT_OK_AND_ASSIGN(const KeyIds ids, keys_->List());
  EXPECT_THAT(ids.present, ElementsAre(two));
  EXPECT_THAT(ids.destroyed, ElementsAre(one));
}

TEST_P(AnyKeyStoreTest, AKeyThatNeverWasIsAnErrorAndCanBeDestroyedAhead) {
  EXPECT_THAT(keys_->Get("never"), AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                         HasReason(v1::ERROR_REASON_KEYS_UNAVAILABLE)));
  EXPECT_THAT(keys_->Destroy("never"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto gone, keys_->Get("never"));
  EXPECT_FALSE(gone.has_value());
}

TEST_P(AnyKeyStoreTest, ManyThreadsMakeAndDestroyKeysAtOnce) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 20; ++i) {
        const auto id = keys_->Create("desks/a/contacts/b");
        ASSERT_THAT(id, IsOk());
        ASSERT_TRUE((*keys_->Get(*id)).has_value());
        if (i % 2 == 0) {
          ASSERT_THAT(keys_->Destroy(*id), IsOk());
        }
      }
    });
  }
  threads.clear();
  ASSERT_OK_AND_ASSIGN(const KeyIds ids, keys_->List());
  EXPECT_EQ(ids.present.size(), 40u);
  EXPECT_EQ(ids.destroyed.size(), 40u);
}

TEST_P(AnyKeyStoreTest, KeysAreFoundByWhoseTheyAre) {
  ASSERT_OK_AND_ASSIGN(const std::string one, keys_->Create("anna"));
  ASSERT_OK_AND_ASSIGN(const std::string other, keys_->Create("bo"));
  ASSERT_OK_AND_ASSIGN(std::set<std::string> owned, keys_->OwnedBy("anna"));
  EXPECT_THAT(owned, ElementsAre(one));
  ASSERT_OK_AND_ASSIGN(const std::string two, keys_->Create("anna"));
  EXPECT_THAT(keys_->Retire(one, absl::UnixEpoch()), IsOk());
  ASSERT_OK_AND_ASSIGN(owned, keys_->OwnedBy("anna"));
  EXPECT_THAT(owned, testing::UnorderedElementsAre(one, two));
  const std::vector<std::string> both = {one, two};
  EXPECT_THAT(keys_->DestroyAll(both), IsOk());
  ASSERT_OK_AND_ASSIGN(owned, keys_->OwnedBy("anna"));
  EXPECT_THAT(owned, IsEmpty());
  ASSERT_OK_AND_ASSIGN(owned, keys_->OwnedBy("bo"));
  EXPECT_THAT(owned, ElementsAre(other));
}

TEST_P(AnyKeyStoreTest, ARetiredKeyIsGivenOutUntilItIsDestroyedAndCanBeReinstated) {
  const absl::Time since = absl::FromUnixSeconds(1'790'000'000);
  ASSERT_OK_AND_ASSIGN(const std::string id, keys_->Create("anna"));
  EXPECT_THAT(keys_->Retire(id, since), IsOk());
  EXPECT_THAT(keys_->Retire("never", since), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto key, keys_->Get(id));
  EXPECT_TRUE(key.has_value());
  ASSERT_OK_AND_ASSIGN(KeyIds ids, keys_->List());
  EXPECT_THAT(ids.present, ElementsAre(id));
  EXPECT_THAT(ids.retired, ElementsAre(testing::Pair(id, since)));
  EXPECT_THAT(keys_->Reinstate(id), IsOk());
  ASSERT_OK_AND_ASSIGN(ids, keys_->List());
  EXPECT_THAT(ids.retired, IsEmpty());
  EXPECT_THAT(keys_->Retire(id, since), IsOk());
  EXPECT_THAT(keys_->Destroy(id), IsOk());
  ASSERT_OK_AND_ASSIGN(ids, keys_->List());
  EXPECT_THAT(ids.retired, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, AnyKeyStoreTest, testing::Bool(),
                         [](const auto& store) { return store.param ? "Files" : "Memory"; });

class FileKeyStoreTest : public testing::Test {
 protected:
  std::unique_ptr<KeyStore> Open() {
    auto opened = OpenFileKeyStore(folder_.Sub("keys"), &ids_);
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }

  std::string Path(const std::string& name) const { return folder_.Sub("keys/" + name); }

  static std::string Bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  TempDir folder_;
  RandomIds ids_;
};

TEST_F(FileKeyStoreTest, KeysAreThereWhenTheFolderIsOpenedAgainAndForItsOwnerOnly) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Open()->Create("desks/a/contacts/b"));
  ASSERT_OK_AND_ASSIGN(const auto key, Open()->Get(id));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->bytes(), Bytes(Path(id + ".key")).substr(0, kKeyBytes));
  struct stat info = {};
  ASSERT_EQ(stat(Path(id + ".key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(folder_.Sub("keys").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(FileKeyStoreTest, AnOlderCopyOfAKeyDoesNotBringItBack) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Open()->Create("desks/a/contacts/b"));
  fs::copy_file(Path(id + ".key"), folder_.Sub("copy"));
  EXPECT_THAT(Open()->Destroy(id), IsOk());
  EXPECT_FALSE(fs::exists(Path(id + ".key")));
  fs::copy_file(folder_.Sub("copy"), Path(id + ".key"));
  const auto keys = Open();
  ASSERT_OK_AND_ASSIGN(const auto key, keys->Get(id));
  EXPECT_FALSE(key.has_value());
  EXPECT_FALSE(fs::exists(Path(id + ".key")));
}

TEST_F(FileKeyStoreTest, ADestructionThatBrokeOffAfterItsNoteIsFinishedOnOpening) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Open()->Create("desks/a/contacts/b"));
  std::ofstream(Path(id + ".destroyed")).flush();
  const auto keys = Open();
  EXPECT_FALSE(fs::exists(Path(id + ".key")));
  ASSERT_OK_AND_ASSIGN(const auto key, keys->Get(id));
  EXPECT_FALSE(key.has_value());
}

TEST_F(FileKeyStoreTest, AKeyThatWasNeverGivenOutIsRemovedOnOpening) {
  Open();
  std::ofstream(Path("abc.unfinished")) << std::string(32, 'x');
  const auto keys = Open();
  EXPECT_FALSE(fs::exists(Path("abc.unfinished")));
  ASSERT_OK_AND_ASSIGN(const KeyIds ids, keys->List());
  EXPECT_THAT(ids.present, IsEmpty());
}

TEST_F(FileKeyStoreTest, AKeyWithoutANoteOfItsOwnerIsReadAndNobodys) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Open()->Create("anna"));
  fs::resize_file(Path(id + ".key"), kKeyBytes);
  const auto keys = Open();
  ASSERT_OK_AND_ASSIGN(const auto key, keys->Get(id));
  EXPECT_TRUE(key.has_value());
  ASSERT_OK_AND_ASSIGN(const auto owned, keys->OwnedBy("anna"));
  EXPECT_THAT(owned, IsEmpty());
}

TEST_F(FileKeyStoreTest, ADamagedKeyIsAnErrorWithoutItsBytes) {
  ASSERT_OK_AND_ASSIGN(const std::string id, Open()->Create("desks/a/contacts/b"));
  std::ofstream(Path(id + ".key"), std::ios::trunc) << "secret";
  const auto key = Open()->Get(id);
  EXPECT_THAT(key, HasReason(v1::ERROR_REASON_KEYS_UNAVAILABLE));
  EXPECT_THAT(std::string(key.status().message()), testing::Not(HasSubstr("secret")));
}

TEST_F(FileKeyStoreTest, IdsNeverLeadOutOfTheFolder) {
  const auto keys = Open();
  for (const char* id : {"", "../x", "a/b", ".", "a.b", "a\nb"}) {
    EXPECT_THAT(keys->Get(id), StatusIs(absl::StatusCode::kUnavailable)) << id;
    EXPECT_THAT(keys->Destroy(id), StatusIs(absl::StatusCode::kUnavailable)) << id;
  }
}

TEST_F(FileKeyStoreTest, AFolderThatOthersMayReadIsRefused) {
  Open();
  fs::permissions(folder_.Sub("keys"), fs::perms::group_read, fs::perm_options::add);
  EXPECT_THAT(OpenFileKeyStore(folder_.Sub("keys"), &ids_),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0700")),
                    HasReason(v1::ERROR_REASON_CONFIGURATION)));
  EXPECT_THAT(OpenFileKeyStore(folder_.Sub("absent/keys"), &ids_),
              HasReason(v1::ERROR_REASON_CONFIGURATION));
}

}  // namespace
}  // namespace trialgate::keys
