#include "services/feasibility/named_organizations.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NamedOrganizationsTest : public testing::Test {
 protected:
  NamedOrganizationsTest() {
    Add("organizations/company", v1::ORGANIZATION_TYPE_COMPANY);
    Add("organizations/rival", v1::ORGANIZATION_TYPE_COMPANY);
    Add("organizations/cro", v1::ORGANIZATION_TYPE_CRO);
    directory_ = builder_.Build(1);
  }

  void Add(const std::string& name, v1::OrganizationType type) {
    v1::Organization organization;
    organization.set_name(name);
    organization.set_type(type);
    builder_.Put(organization);
  }

  // "field REASON" of each fault.
  std::vector<std::string> Faults(v1::Role role, const std::string& own,
                                  const std::string& requester, const std::string& sponsor) {
    v1::Principal principal;
    principal.set_role(role);
    principal.set_organization(own);
    request_.set_requester(requester);
    request_.set_sponsor(sponsor);
    std::vector<std::string> told;
    const FieldFaults faults = ReplaceOthers(principal, *directory_, &request_);
    for (const FieldViolation& fault : faults.told()) {
      told.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return told;
  }

  directory::DirectorySnapshotBuilder builder_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
  v1::TrialRequest request_;
};

TEST_F(NamedOrganizationsTest, ACompanyAsksForItself) {
  const std::string own = "organizations/company";
  EXPECT_THAT(Faults(v1::ROLE_REQUESTER, own, own, ""), IsEmpty());
  EXPECT_THAT(Faults(v1::ROLE_REQUESTER, own, own, own), IsEmpty());
  EXPECT_EQ(request_.sponsor(), own);
}

TEST_F(NamedOrganizationsTest, ACompanyLearnsNotWhetherAnotherExists) {
  const std::string own = "organizations/company";
  for (const char* other : {"organizations/rival", "organizations/none", "x"}) {
    EXPECT_THAT(Faults(v1::ROLE_REQUESTER, own, other, other),
                ElementsAre("trial_request.requester UNKNOWN_VALUE",
                            "trial_request.sponsor CONTRADICTION"));
    EXPECT_EQ(request_.requester(), own);
    EXPECT_EQ(request_.sponsor(), "");
  }
}

TEST_F(NamedOrganizationsTest, WhoAsksForOthersNamesTheSponsor) {
  const std::string own = "organizations/cro";
  EXPECT_THAT(Faults(v1::ROLE_REQUESTER, own, own, "organizations/rival"), IsEmpty());
  EXPECT_EQ(request_.sponsor(), "organizations/rival");
  EXPECT_THAT(Faults(v1::ROLE_REQUESTER, "organizations/unknown", "", "organizations/rival"),
              ElementsAre("trial_request.sponsor CONTRADICTION"));
}

TEST_F(NamedOrganizationsTest, NationalCoordinatorsNameAnybody) {
  EXPECT_THAT(Faults(v1::ROLE_NATIONAL, "", "organizations/cro", "organizations/rival"), IsEmpty());
  EXPECT_EQ(request_.requester(), "organizations/cro");
}

}  // namespace
}  // namespace trialgate::feasibility
