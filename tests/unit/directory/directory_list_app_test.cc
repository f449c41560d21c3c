#include "services/directory/directory_list_app.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DirectoryListAppTest : public DirectoryWorld {
 protected:
  // All pages of the sites, by their names' last part.
  std::vector<std::string> Sites(const std::string& filter, const std::string& order = "",
                                 int page_size = 0) {
    v1::ListSitesRequest request;
    request.set_filter(filter);
    request.set_order_by(order);
    request.set_page_size(page_size);
    std::vector<std::string> names;
    do {
      const auto page = lists_.ListSites(request);
      EXPECT_OK(page.status()) << filter << " / " << order;
      if (!page.ok()) break;
      for (const v1::Site& site : page->sites()) names.push_back(site.name().substr(6));
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  // A change of a site's record, as another call would make it.
  template <typename Change>
  void ChangeSite(const std::string& name, Change change) {
    const auto commit = store::RunUnitOfWork(store_.get(), ids_.NewId(), {},
                                             [&](store::UnitOfWork& work) -> absl::Status {
                                               auto row = work.Get(directory::Sites(), name);
                                               v1::Site site = (*row)->value;
                                               change(&site);
                                               work.SetEvent("event");
                                               return work.Put(directory::Sites(), name, site);
                                             });
    ASSERT_OK(commit);
    ASSERT_TRUE(cache_.WaitUntilSeen(*commit, absl::Seconds(10)));
  }
};

TEST_F(DirectoryListAppTest, PagesFollowEachOtherByName) {
  ApplyTinyPack();
  v1::ListDesksRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListDesks(request));
    EXPECT_LE(page.desks_size(), 2);
    for (const v1::Desk& desk : page.desks()) names.push_back(desk.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("desks/cape", "desks/coast", "desks/heart-centre", "desks/lagoon",
                                 "desks/secretariat"));
}

TEST_F(DirectoryListAppTest, AFullLastPageHasNoToken) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_page_size(3);
  ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListSites(request));
  EXPECT_EQ(page.sites_size(), 3);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(DirectoryListAppTest, APageSizeOutOfRangeAndAForeignTokenAreRefused) {
  ApplyTinyPack();
  v1::ListSitesRequest sites;
  sites.set_page_size(1001);
  EXPECT_THAT(FieldsOf(lists_.ListSites(sites).status()), ElementsAre("page_size OUT_OF_RANGE"));
  sites.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListSites(sites));
  v1::ListRegionsRequest regions;
  regions.set_page_size(-1);
  EXPECT_THAT(FieldsOf(lists_.ListRegions(regions).status()),
              ElementsAre("page_size OUT_OF_RANGE"));
  regions.set_page_size(1);
  regions.set_page_token(page.next_page_token());
  EXPECT_THAT(lists_.ListRegions(regions), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

TEST_F(DirectoryListAppTest, SitesOfARegionAreThoseThatStandForItToday) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_region("regions/coast");
  ASSERT_OK_AND_ASSIGN(const auto before, lists_.ListSites(request));
  EXPECT_EQ(before.sites_size(), 0);
  clock_.Set(absl::FromCivil(absl::CivilDay(2027, 2, 1), absl::UTCTimeZone()));
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(const auto first, lists_.ListSites(request));
  EXPECT_EQ(first.sites_size(), 2);
  request.set_page_token(first.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto second, lists_.ListSites(request));
  EXPECT_EQ(second.sites_size(), 1);
}

TEST_F(DirectoryListAppTest, ContactsAreListedByDesk) {
  ApplyTinyPack();
  v1::ListContactsRequest request;
  request.set_parent("desks/lagoon");
  ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListContacts(request));
  ASSERT_EQ(page.contacts_size(), 2);
  EXPECT_EQ(page.contacts(0).email(), "heart@lagoon.example");
  request.set_parent("desks/none");
  EXPECT_THAT(lists_.ListContacts(request), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DirectoryListAppTest, SitesAreFoundByEachListedField) {
  ApplyTinyPack();
  for (const char* const filter :
       {"name = sites/cape-unit", "type = TRIAL_UNIT", "region = regions/cape", "city:SOUTHCAPE",
        "hospital:\"cape hospital\"", "department:unit", "display_name:\"trial unit\"",
        "kinds:OBSERVATIONAL", "phases:PHASE1", "specialities:children", "age_groups:CHILD",
        "capabilities:imaging AND capabilities:freezer", "region != regions/lagoon",
        "type = TRIAL_UNIT AND languages:en AND source.kind = DECLARED AND valid_to = \"\""}) {
    EXPECT_THAT(Sites(filter), ElementsAre("cape-unit")) << filter;
  }
  EXPECT_THAT(Sites("review.date > 2026-03-31"), ElementsAre("lagoon-heart"));
  EXPECT_THAT(Sites("review.date = \"\""), ElementsAre("cape-unit", "lagoon-lungs"));
  EXPECT_THAT(Sites("specialities:children AND region = regions/lagoon"), IsEmpty());
}

TEST_F(DirectoryListAppTest, SitesAreOrderedAsAskedWhateverThePageSize) {
  ApplyTinyPack();
  for (const int page_size : {0, 1, 2, 3}) {
    EXPECT_THAT(Sites("", "name desc", page_size),
                ElementsAre("lagoon-lungs", "lagoon-heart", "cape-unit"));
    EXPECT_THAT(Sites("", "city", page_size),
                ElementsAre("lagoon-heart", "lagoon-lungs", "cape-unit"));
    EXPECT_THAT(Sites("", "review.date desc, region desc", page_size),
                ElementsAre("lagoon-heart", "lagoon-lungs", "cape-unit"));
    EXPECT_THAT(Sites("type = DEPARTMENT", "display_name desc", page_size),
                ElementsAre("lagoon-lungs", "lagoon-heart"));
  }
}

TEST_F(DirectoryListAppTest, APageGoesOnBehindTheLastRecordThoughItChangedMeanwhile) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_order_by("hospital desc");
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto first, lists_.ListSites(request));
  ASSERT_EQ(first.sites(0).name(), "sites/lagoon-heart");
  // The record at which the page ended goes to the end of the order, another one before it.
  ChangeSite("sites/lagoon-heart", [](v1::Site* site) { site->set_hospital("A hospital"); });
  request.set_page_token(first.next_page_token());
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListSites(request));
    for (const v1::Site& site : page.sites()) names.push_back(site.name());
    request.set_page_token(page.next_page_token());
    if (page.next_page_token().empty()) break;
  }
  EXPECT_THAT(names, ElementsAre("sites/lagoon-lungs", "sites/cape-unit", "sites/lagoon-heart"));
}

TEST_F(DirectoryListAppTest, ATokenIsOfNoUseToAnotherFilterOrOrder) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_page_size(1);
  request.set_filter("languages:en");
  request.set_order_by("city");
  ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListSites(request));
  request.set_page_token(page.next_page_token());
  EXPECT_OK(lists_.ListSites(request));
  v1::ListSitesRequest other = request;
  other.set_filter("languages:en AND type = TRIAL_UNIT");
  EXPECT_THAT(lists_.ListSites(other), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
  other = request;
  other.set_order_by("city desc");
  EXPECT_THAT(lists_.ListSites(other), HasReason(v1::ERROR_REASON_INVALID_PAGE_TOKEN));
}

TEST_F(DirectoryListAppTest, AllThatIsWrongWithACallIsToldAtOnce) {
  ApplyTinyPack();
  v1::ListSitesRequest request;
  request.set_page_size(-1);
  request.set_filter("city = x OR city = y");
  request.set_order_by("kinds");
  const absl::Status refused = lists_.ListSites(request).status();
  EXPECT_THAT(FieldsOf(refused), ElementsAre("page_size OUT_OF_RANGE", "filter INVALID_FILTER",
                                             "order_by INVALID_ORDER"));
  EXPECT_EQ(MetadataOf(refused)["position"], "10");
  request.clear_page_size();
  request.clear_order_by();
  EXPECT_EQ(ReasonOf(lists_.ListSites(request).status()), v1::ERROR_REASON_INVALID_FILTER);
}

TEST_F(DirectoryListAppTest, OtherRecordsAreFoundAndOrderedByTheirFields) {
  ApplyTinyPack();
  v1::ListRegionsRequest regions;
  regions.set_filter("valid_to < 2027-01-01 AND successor = regions/coast AND country = XP");
  regions.set_order_by("display_name desc");
  ASSERT_OK_AND_ASSIGN(const auto some_regions, lists_.ListRegions(regions));
  ASSERT_EQ(some_regions.regions_size(), 2);
  EXPECT_EQ(some_regions.regions(0).name(), "regions/lagoon");

  v1::ListDesksRequest desks;
  desks.set_filter("kind = REGION AND regions:regions/cape");
  ASSERT_OK_AND_ASSIGN(const auto some_desks, lists_.ListDesks(desks));
  ASSERT_EQ(some_desks.desks_size(), 1);
  EXPECT_EQ(some_desks.desks(0).name(), "desks/cape");

  v1::ListOrganizationsRequest organizations;
  organizations.set_filter("type = COMPANY AND display_name:bay");
  ASSERT_OK_AND_ASSIGN(const auto some, lists_.ListOrganizations(organizations));
  ASSERT_EQ(some.organizations_size(), 1);
  EXPECT_EQ(some.organizations(0).name(), "organizations/bay-demo-pharma");
}

TEST_F(DirectoryListAppTest, NobodySearchesPeopleByWhatIsTheirs) {
  ApplyTinyPack();
  v1::ListContactsRequest request;
  request.set_parent("desks/lagoon");
  for (const char* const path : {"display_name", "email", "phone"}) {
    request.set_filter(absl::StrCat(path, ":lagoon"));
    request.clear_order_by();
    EXPECT_THAT(lists_.ListContacts(request), HasReason(v1::ERROR_REASON_INVALID_FILTER)) << path;
    request.clear_filter();
    request.set_order_by(path);
    EXPECT_THAT(lists_.ListContacts(request), HasReason(v1::ERROR_REASON_INVALID_ORDER)) << path;
  }
  request.clear_order_by();
  request.set_filter("specialities:heart");
  ASSERT_OK_AND_ASSIGN(const auto page, lists_.ListContacts(request));
  EXPECT_EQ(page.contacts_size(), 1);
}

TEST_F(DirectoryListAppTest, ABatchComesInTheOrderOfItsNames) {
  ApplyTinyPack();
  v1::BatchGetSitesRequest sites;
  for (const char* const name : {"sites/lagoon-lungs", "sites/cape-unit", "sites/lagoon-heart"}) {
    sites.add_names(name);
  }
  ASSERT_OK_AND_ASSIGN(const auto batch, lists_.BatchGetSites(sites));
  ASSERT_EQ(batch.sites_size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(batch.sites(i).name(), sites.names(i));
  EXPECT_EQ(batch.sites(0).etag(), "1");

  v1::BatchGetContactsRequest contacts;
  for (const char* const name :
       {"desks/lagoon/contacts/lead", "desks/cape/contacts/lead", "desks/lagoon/contacts/heart"}) {
    contacts.add_names(name);
  }
  ASSERT_OK_AND_ASSIGN(const auto people, lists_.BatchGetContacts(contacts));
  ASSERT_EQ(people.contacts_size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(people.contacts(i).name(), contacts.names(i));
  EXPECT_EQ(people.contacts(2).email(), "heart@lagoon.example");
  v1::BatchGetDesksRequest desks;
  desks.add_names("desks/cape");
  EXPECT_OK(lists_.BatchGetDesks(desks));
  v1::BatchGetRegionsRequest regions;
  regions.add_names("regions/coast");
  EXPECT_OK(lists_.BatchGetRegions(regions));
}

TEST_F(DirectoryListAppTest, ABatchNamesEveryOneThatIsMissing) {
  ApplyTinyPack();
  v1::BatchGetSitesRequest request;
  for (const char* const name : {"sites/none", "sites/cape-unit", "", "desks/cape"}) {
    request.add_names(name);
  }
  const auto refused = lists_.BatchGetSites(request);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("names[0] NOT_FOUND", "names[2] NOT_FOUND", "names[3] NOT_FOUND"));
}

TEST_F(DirectoryListAppTest, ABatchOfNoneOfTooManyOrOfTheSameIsRefused) {
  ApplyTinyPack();
  v1::BatchGetDesksRequest request;
  EXPECT_THAT(FieldsOf(lists_.BatchGetDesks(request).status()), ElementsAre("names REQUIRED"));
  request.add_names("desks/cape");
  request.add_names("desks/cape");
  EXPECT_THAT(FieldsOf(lists_.BatchGetDesks(request).status()), ElementsAre("names[1] DUPLICATE"));
  for (int i = 0; i < 999; ++i) request.add_names(absl::StrCat("desks/x", i));
  EXPECT_THAT(FieldsOf(lists_.BatchGetDesks(request).status()), ElementsAre("names TOO_MANY"));
  request.mutable_names()->DeleteSubrange(1, 1);
  EXPECT_EQ(MetadataOf(lists_.BatchGetDesks(request).status())["faults_total"], "999");
}

TEST_F(DirectoryListAppTest, ARequesterGetsABatchOfItsOwnOrganizationOnly) {
  ApplyTinyPack();
  v1::BatchGetOrganizationsRequest request;
  request.add_names("organizations/bay-demo-pharma");
  EXPECT_OK(lists_.BatchGetOrganizations(Requester("organizations/bay-demo-pharma"), request));
  EXPECT_OK(lists_.BatchGetOrganizations(National(), request));
  const auto foreign = lists_.BatchGetOrganizations(Requester("organizations/acme"), request);
  EXPECT_THAT(FieldsOf(foreign.status()), ElementsAre("names[0] NOT_FOUND"));
}

}  // namespace
}  // namespace trialgate::directory
