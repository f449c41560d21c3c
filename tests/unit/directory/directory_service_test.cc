#include "services/directory/directory_service.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::absl_testing::StatusIs;

class DirectoryServiceTest : public DirectoryWorld {
 protected:
  static v1::Principal WithRole(v1::Role role) {
    v1::Principal principal;
    principal.set_role(role);
    principal.set_subject("someone");
    return principal;
  }

  template <typename Response>
  absl::Status Call(const std::string& method, const v1::Principal& principal,
                    const google::protobuf::Message& request) {
    return service_->Call<Response>(method, principal, request).status();
  }

  store::WatchHub hub_{[](const auto&, const auto&) { return std::vector<std::string>(); }};
  const DirectoryWatchApp watch_{store_.get(), &hub_, &cache_, &app_};
  // No referral is known here: none of the calls gets that far.
  EndingApp endings_{store_.get(), &cache_, nullptr, &clock_, &ids_};
  PackExchangeApp packs_{store_.get(), keys_.get(), &app_, nullptr, &clock_};
  const std::unique_ptr<rpc::Service> service_ =
      NewDirectoryService({&app_, &lists_, &edits_, &watch_, &endings_, &packs_});
};

TEST_F(DirectoryServiceTest, HandlesEveryMethodThatTheProtoDeclares) {
  for (const std::string& method : service_->DeclaredMethods()) {
    EXPECT_EQ(service_->methods().count(method), 1u) << method;
  }
}

TEST_F(DirectoryServiceTest, EachRoleMayCallWhatItsWorkNeeds) {
  ApplyTinyPack();
  v1::GetSiteRequest site;
  site.set_name("sites/cape-unit");
  v1::GetSiteCapacityRequest capacity;
  capacity.set_name("sites/cape-unit/capacity");
  v1::ListContactsRequest contacts;
  contacts.set_parent("desks/cape");
  v1::GetContactRequest contact;
  contact.set_name("desks/cape/contacts/lead");
  v1::BatchGetContactsRequest batch;
  batch.add_names(contact.name());
  struct Expectation {
    v1::Role role;
    bool site, capacity, contacts, organizations;
  };
  for (const Expectation& may : {Expectation{v1::ROLE_REQUESTER, true, false, false, false},
                                 Expectation{v1::ROLE_COORDINATOR, true, true, true, false},
                                 Expectation{v1::ROLE_NATIONAL, true, true, true, true},
                                 Expectation{v1::ROLE_AUDITOR, false, false, false, false},
                                 Expectation{v1::ROLE_OPERATOR, false, false, false, false}}) {
    SCOPED_TRACE(v1::Role_Name(may.role));
    const v1::Principal who = WithRole(may.role);
    EXPECT_EQ(Call<v1::Site>("GetSite", who, site).ok(), may.site);
    EXPECT_EQ(Call<v1::SiteCapacity>("GetSiteCapacity", who, capacity).ok(), may.capacity);
    EXPECT_EQ(Call<v1::ListContactsResponse>("ListContacts", who, contacts).ok(), may.contacts);
    EXPECT_EQ(Call<v1::Contact>("GetContact", who, contact).ok(), may.contacts);
    EXPECT_EQ(Call<v1::BatchGetContactsResponse>("BatchGetContacts", who, batch).ok(),
              may.contacts);
    EXPECT_EQ(Call<v1::ListOrganizationsResponse>("ListOrganizations", who,
                                                  v1::ListOrganizationsRequest())
                  .ok(),
              may.organizations);
  }
}

TEST_F(DirectoryServiceTest, OnlyNationalCoordinatorsApplyPacksAndCreateOrganizations) {
  for (const v1::Role role :
       {v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR, v1::ROLE_AUDITOR, v1::ROLE_OPERATOR}) {
    EXPECT_THAT(Call<v1::ApplyPackResponse>("ApplyPack", WithRole(role), TinyPackRequest()),
                HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
    EXPECT_THAT(Call<v1::Organization>("CreateOrganization", WithRole(role),
                                       v1::CreateOrganizationRequest()),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  EXPECT_EQ(store_->Head(), 0);
  EXPECT_OK(Call<v1::ApplyPackResponse>("ApplyPack", National(), TinyPackRequest()));
}

TEST_F(DirectoryServiceTest, AChangeIsInTheTrailWithWhoAndWhat) {
  ASSERT_OK(Call<v1::ApplyPackResponse>("ApplyPack", National(), TinyPackRequest()));
  ASSERT_OK_AND_ASSIGN(const auto feed, store_->ReadFeed(1, 10));
  ASSERT_EQ(feed.size(), 1u);
  v1::AuditEvent event;
  ASSERT_TRUE(event.ParseFromString(feed[0].event()));
  EXPECT_EQ(event.action(), "ApplyPack");
  EXPECT_EQ(event.principal().subject(), "nora");
  EXPECT_GE(event.changes_size(), 23);
}

}  // namespace
}  // namespace trialgate::directory
