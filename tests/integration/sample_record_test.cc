// The shipped study record against the shipped pack: what a first user sees must be worth seeing.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/str_join.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/trial_request_validation.h"
#include "services/intake/study_record.h"
#include "services/routing/routing_plan.h"
#include "tests/unit/pack/danish_pack.h"

namespace trialgate {
namespace {

constexpr char kRequester[] = "organizations/nordic-demo-pharma";

v1::TrialRequest SampleRequest(const directory::DirectorySnapshot& directory,
                               absl::CivilDay today) {
  std::ifstream file("deploy/samples/NCT99999999.json", std::ios::binary);
  std::ostringstream json;
  json << file.rdbuf();
  const auto imported = intake::DeriveDraft(json.str(), directory.settings(), today);
  EXPECT_TRUE(imported.ok()) << imported.status();
  v1::TrialRequest request = imported.ok() ? imported->draft() : v1::TrialRequest();
  request.set_requester(kRequester);
  request.set_intent(v1::INTENT_SPONSOR);
  request.mutable_contact()->set_display_name("Trials");
  request.mutable_contact()->set_email("trials@nordic-demo-pharma.example");
  return request;
}

TEST(SampleRecordTest, SeveralDesksAreAskedOneOfThemAboutThreeSites) {
  const absl::CivilDay today(2026, 11, 22);
  const auto directory = DanishDirectory(/*with_sample=*/true);
  const v1::TrialRequest request = SampleRequest(*directory, today);
  const FieldFaults faults = feasibility::ValidateTrialRequest(
      request, *directory, today, feasibility::ValidationMode::kSubmit);
  ASSERT_TRUE(faults.empty()) << faults.ToStatus();

  const v1::FeasibilityReport report = feasibility::Match(request, 0, *directory, today);
  EXPECT_TRUE(report.rests_on_sample());
  EXPECT_GE(report.near_misses_size(), 1);
  EXPECT_GE(report.regions_size(), 4);

  const auto plan =
      routing::PlanReferrals(request, *directory->FindOrganization(kRequester), report.eligible(),
                             *directory, routing::OpenReferrals(), today);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_GE(plan->size(), 3U);
  int most = 0;
  for (const v1::PlannedReferral& referral : *plan) {
    std::cout << referral.desk() << ": " << absl::StrJoin(referral.sites(), ", ") << " ("
              << referral.contact() << ")\n";
    most = std::max(most, referral.sites_size());
  }
  EXPECT_GE(most, 3);
}

TEST(SampleRecordTest, WithoutTheSampleValuesTheSecretariatIsAsked) {
  const absl::CivilDay today(2026, 11, 22);
  const auto directory = DanishDirectory(/*with_sample=*/false);
  const v1::TrialRequest request = SampleRequest(*directory, today);
  const v1::FeasibilityReport report = feasibility::Match(request, 0, *directory, today);
  EXPECT_EQ(report.eligible_size(), 0);
  EXPECT_FALSE(report.rests_on_sample());
  v1::Organization requester;
  requester.set_name(kRequester);
  const auto plan = routing::PlanReferrals(request, requester, report.eligible(), *directory,
                                           routing::OpenReferrals(), today);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->size(), 1U);
  EXPECT_EQ(plan->front().desk(), "desks/secretariat");
}

}  // namespace
}  // namespace trialgate
