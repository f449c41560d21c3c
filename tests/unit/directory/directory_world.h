// A store in memory with the directory's use cases on it, and people to call them.
#ifndef TRIALGATE_TESTS_UNIT_DIRECTORY_DIRECTORY_WORLD_H_
#define TRIALGATE_TESTS_UNIT_DIRECTORY_DIRECTORY_WORLD_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/keys/key_store.h"
#include "common/store/memory_store.h"
#include "common/store/projection.h"
#include "common/store/unit_of_work.h"
#include "gtest/gtest.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/directory_list_app.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_repository.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/directory/tiny_pack.h"

namespace trialgate::directory {

inline v1::Principal National() {
  v1::Principal principal;
  principal.set_role(v1::ROLE_NATIONAL);
  principal.set_subject("nora");
  return principal;
}

inline v1::Principal Requester(const std::string& organization) {
  v1::Principal principal;
  principal.set_role(v1::ROLE_REQUESTER);
  principal.set_subject("rita");
  principal.set_organization(organization);
  return principal;
}

inline v1::Principal Coordinator(std::initializer_list<std::string> desks) {
  v1::Principal principal;
  principal.set_role(v1::ROLE_COORDINATOR);
  principal.set_subject("carl");
  for (const std::string& desk : desks) principal.add_desks(desk);
  return principal;
}

class DirectoryWorld : public ::testing::Test {
 protected:
  DirectoryWorld() { EXPECT_OK(follower_.Start()); }

  static store::StoreOptions WithClock(const Clock* clock) {
    store::StoreOptions options;
    options.clock = clock;
    return options;
  }

  std::string NextRequestId() { return absl::StrCat("request-", ++requests_); }

  v1::ApplyPackRequest TinyPackRequest(bool sample = true) {
    v1::ApplyPackRequest request;
    *request.mutable_files() = TinyPackFiles(sample);
    request.set_allow_sample(sample);
    request.set_request_id(NextRequestId());
    return request;
  }

  void ApplyTinyPack() { ASSERT_OK(app_.ApplyPack(National(), TinyPackRequest())); }

  v1::SiteCapacity CapacityOf(const std::string& site) {
    v1::GetSiteCapacityRequest request;
    request.set_name(site + "/capacity");
    auto capacity = app_.GetSiteCapacity(National(), request);
    EXPECT_OK(capacity);
    return capacity.value_or(v1::SiteCapacity());
  }

  static std::vector<std::string> FieldsOf(const absl::Status& status) {
    std::vector<std::string> fields;
    for (const FieldViolation& violation : FieldViolationsOf(status)) {
      fields.push_back(absl::StrCat(violation.field, " ", ReasonName(violation.reason)));
    }
    return fields;
  }

  // A hold as an answer would place it.
  void Hold(const std::string& site, int count) {
    const auto commit =
        store::RunUnitOfWork(store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) {
          const std::string name = site + "/capacity";
          auto row = work.Get(SiteCapacities(), name);
          v1::SiteCapacity capacity = (*row)->value;
          for (int i = 0; i < count; ++i) {
            EXPECT_OK(PlaceHold(absl::StrCat("trialRequests/t/referrals/", i),
                                absl::CivilMonth(2026, 9), 2, &capacity));
          }
          work.SetEvent("event");
          return work.Put(SiteCapacities(), name, capacity);
        });
    ASSERT_OK(commit);
    ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  }

  FakeClock clock_;
  FakeIds ids_{"commit"};
  std::unique_ptr<store::Store> store_ = store::NewMemoryStore(WithClock(&clock_));
  FakeIds key_ids_{"key"};
  std::unique_ptr<keys::KeyStore> keys_ = keys::NewMemoryKeyStore(&key_ids_);
  DirectoryCache cache_{keys_.get()};
  store::FeedFollower follower_{store_.get(), {&cache_}};
  DirectoryApp app_{store_.get(), &cache_, keys_.get(), &clock_, &ids_};
  std::map<std::string, std::int64_t, std::less<>> open_referrals_;  // by contact
  DirectoryEditApp edits_{{store_.get(), &cache_, keys_.get(), &clock_, &ids_},
                          [this](absl::string_view contact) {
                            const auto found = open_referrals_.find(contact);
                            return found == open_referrals_.end() ? 0 : found->second;
                          }};
  DirectoryListApp lists_{&cache_, &clock_};
  int requests_ = 0;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_TESTS_UNIT_DIRECTORY_DIRECTORY_WORLD_H_
