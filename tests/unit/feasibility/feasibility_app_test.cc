#include "services/feasibility/feasibility_app.h"

#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/rpc/handler.h"
#include "common/store/memory_store.h"
#include "common/store/unit_of_work.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_repository.h"
#include "services/feasibility/feasibility_service.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report_repository.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/feasibility/fixture.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::feasibility {
namespace {

using ::absl_testing::IsOk;
using ::absl_testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::Principal Requester(const std::string& organization) {
  v1::Principal principal;
  principal.set_role(v1::ROLE_REQUESTER);
  principal.set_organization("organizations/" + organization);
  return principal;
}

v1::Principal WithRole(v1::Role role) {
  v1::Principal principal;
  principal.set_role(role);
  return principal;
}

// A store with the invented country in it, and a service over it. Requests "mine" and "theirs"
// exist; requesters may see "mine", coordinators too but for what was contacted.
class FeasibilityAppTest : public ::testing::Test {
 protected:
  void SetUp() override {
    capacity_ = Capacity("a", 2);
    Use(&capacity_, "2026-07", 2);
  }

  void ApplyPack() {
    const auto country = Country().Build(1);
    Write([&](store::UnitOfWork& work) -> absl::Status {
      ABSL_RETURN_IF_ERROR(
          work.Put(directory::PackSettings(), directory::kSettingsKey, country->settings()));
      for (const auto& [name, region] : country->regions()) {
        ABSL_RETURN_IF_ERROR(work.Put(directory::Regions(), name, *region));
      }
      for (const auto& [name, organization] : country->organizations()) {
        ABSL_RETURN_IF_ERROR(work.Put(directory::Organizations(), name, *organization));
      }
      ABSL_RETURN_IF_ERROR(work.Put(directory::Sites(), "sites/a", FittingSite()));
      return work.Put(directory::SiteCapacities(), capacity_.name(), capacity_);
    });
    ASSERT_THAT(directory_.Load(*store_, store_->Head()), IsOk());
    ASSERT_THAT(sites_.Load(*store_, store_->Head()), IsOk());
  }

  void StoreReport(const v1::FeasibilityReport& report) {
    Write([&](store::UnitOfWork& work) {
      return work.Put(FeasibilityReports(), report.name(), report);
    });
  }

  // A report of `trialRequests/mine` in which sites a and b were contacted already.
  void StoreReportOfRevision(int revision) {
    v1::FeasibilityReport report = Match(FittingRequest(), revision, *Country().Build(1), kToday);
    report.set_name(ReportName("trialRequests/mine", revision));
    for (const char* site : {"sites/a", "sites/b"}) {
      v1::NearMiss* near_miss = report.add_near_misses();
      near_miss->set_site(site);
      near_miss->set_criterion(v1::CRITERION_NOT_CONTACTED);
    }
    report.mutable_failed(v1::CRITERION_NOT_CONTACTED - 1)->set_sites(3);
    StoreReport(report);
  }

  absl::StatusOr<v1::FeasibilityReport> Assess(const v1::Principal& principal,
                                               const v1::TrialRequest& request,
                                               std::int64_t min_commit = 0) {
    v1::AssessTrialRequestRequest call;
    *call.mutable_trial_request() = request;
    call.set_min_commit(min_commit);
    auto response =
        service_->Call<v1::AssessTrialRequestResponse>("AssessTrialRequest", principal, call);
    if (!response.ok()) return response.status();
    return response->report();
  }

  absl::StatusOr<v1::FeasibilityReport> Get(const v1::Principal& principal,
                                            const std::string& name) {
    v1::GetFeasibilityReportRequest call;
    call.set_name(name);
    return service_->Call<v1::FeasibilityReport>("GetFeasibilityReport", principal, call);
  }

  absl::StatusOr<v1::CompareTrialRequestsResponse> Compare(
      const v1::Principal& principal, const v1::CompareTrialRequestsRequest& call) {
    return service_->Call<v1::CompareTrialRequestsResponse>("CompareTrialRequests", principal,
                                                            call);
  }

  absl::StatusOr<v1::PlanPortfolioResponse> Plan(const v1::PlanPortfolioRequest& call) {
    return service_->Call<v1::PlanPortfolioResponse>("PlanPortfolio", WithRole(v1::ROLE_NATIONAL),
                                                     call);
  }

  absl::StatusOr<v1::ReplayFeasibilityReportResponse> Replay(const std::string& name) {
    v1::ReplayFeasibilityReportRequest call;
    call.set_name(name);
    return service_->Call<v1::ReplayFeasibilityReportResponse>("ReplayFeasibilityReport",
                                                               WithRole(v1::ROLE_AUDITOR), call);
  }

  // Replaces a site of the directory, after the pack.
  void PutSite(const v1::Site& site) {
    Write([&](store::UnitOfWork& work) { return work.Put(directory::Sites(), site.name(), site); });
    ASSERT_THAT(directory_.Load(*store_, store_->Head()), IsOk());
    ASSERT_THAT(sites_.Load(*store_, store_->Head()), IsOk());
  }

  // What matching gives now, stored as of this commit.
  v1::FeasibilityReport MatchedNow(int revision) {
    v1::FeasibilityReport report =
        Match(FittingRequest(), revision, *directory_.Snapshot(), kToday);
    report.set_name(ReportName("trialRequests/mine", revision));
    report.add_referrals()->set_desk("desks/b");
    return report;
  }

  std::vector<absl::Duration> match_times_;

 private:
  template <typename Work>
  void Write(Work work) {
    const auto commit = store::RunUnitOfWork(store_.get(), "commit-" + std::to_string(++commits_),
                                             {}, [&](store::UnitOfWork& unit) {
                                               unit.SetEvent("test");
                                               return work(unit);
                                             });
    ASSERT_THAT(commit, IsOk());
  }

  static absl::StatusOr<ReportView> Access(const v1::Principal& principal,
                                           const std::string& trial_request) {
    if (trial_request != "trialRequests/mine") {
      return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND, "not for you");
    }
    if (principal.role() != v1::ROLE_COORDINATOR) return ReportView();
    return ReportView{std::set<std::string>{"desks/b"},
                      [](const std::string& site) { return site == "sites/b"; }};
  }

  std::unique_ptr<store::Store> store_ = store::NewMemoryStore();
  RandomIds key_ids_;
  std::unique_ptr<keys::KeyStore> keys_ = keys::NewMemoryKeyStore(&key_ids_);
  directory::DirectoryCache directory_{keys_.get()};
  SiteIndexCache sites_{&directory_};
  FakeClock clock_;
  int commits_ = 0;
  FeasibilityApp app_{store_.get(), &directory_,
                      &sites_,      &clock_,
                      Access,       [this](absl::Duration time) { match_times_.push_back(time); }};
  // Every revision is the fitting request, but for what is asked of one that is not there.
  ReplayApp replay_{store_.get(), keys_.get(),
                    [](const std::string&, int revision,
                       store::CommitNumber) -> absl::StatusOr<std::optional<v1::TrialRequest>> {
                      if (revision > 9) return std::nullopt;
                      return FittingRequest();
                    }};

 protected:
  std::unique_ptr<rpc::Service> service_ = NewFeasibilityService(&app_, &replay_);
  v1::SiteCapacity capacity_;
  std::int64_t Head() const { return store_->Head(); }
};

TEST_F(FeasibilityAppTest, BeforeAPackIsAppliedNothingIsAssessed) {
  const auto report = Assess(WithRole(v1::ROLE_NATIONAL), FittingRequest());
  EXPECT_THAT(report, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(report.status()), v1::ERROR_REASON_NO_PACK);
}

TEST_F(FeasibilityAppTest, ANationalCoordinatorSeesWhichMonthsAreFull) {
  ApplyPack();
  const auto report = Assess(WithRole(v1::ROLE_NATIONAL), FittingRequest());
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->inputs().today(), "2026-03-05");
  ASSERT_THAT(report->near_misses(), SizeIs(1));
  EXPECT_THAT(report->near_misses(0).missing(), ElementsAre("2026-07"));
  EXPECT_THAT(match_times_, SizeIs(1));
}

TEST_F(FeasibilityAppTest, ARequesterLearnsOnlyThatASiteIsFull) {
  ApplyPack();
  const auto report = Assess(Requester("acme"), FittingRequest());
  ASSERT_THAT(report, IsOk());
  ASSERT_THAT(report->near_misses(), SizeIs(1));
  EXPECT_EQ(report->near_misses(0).criterion(), v1::CRITERION_CAPACITY);
  EXPECT_THAT(report->near_misses(0).missing(), IsEmpty());
}

TEST_F(FeasibilityAppTest, ARequestWithFaultsIsToldAllOfThem) {
  ApplyPack();
  v1::TrialRequest request = FittingRequest();
  request.clear_title();
  request.set_recruitment_months(500);
  const auto report = Assess(Requester("acme"), request);
  EXPECT_THAT(report, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FieldViolationsOf(report.status()), SizeIs(2));
  EXPECT_THAT(match_times_, IsEmpty());
}

TEST_F(FeasibilityAppTest, ARequesterCannotTellAnotherOrganizationFromNone) {
  ApplyPack();
  v1::TrialRequest request = FittingRequest();
  const auto other = Assess(Requester("elsewhere"), request);
  request.set_requester("organizations/none");
  const auto none = Assess(Requester("elsewhere"), request);
  ASSERT_THAT(FieldViolationsOf(other.status()), SizeIs(1));
  ASSERT_THAT(FieldViolationsOf(none.status()), SizeIs(1));
  EXPECT_EQ(FieldViolationsOf(other.status())[0].description,
            "\"organizations/acme\" is not a known organization");
  EXPECT_EQ(FieldViolationsOf(none.status())[0].description,
            "\"organizations/none\" is not a known organization");
}

TEST_F(FeasibilityAppTest, CoordinatorsAuditorsAndOperatorsDoNotAssess) {
  for (const v1::Role role : {v1::ROLE_COORDINATOR, v1::ROLE_AUDITOR, v1::ROLE_OPERATOR}) {
    EXPECT_THAT(Assess(WithRole(role), FittingRequest()),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
}

TEST_F(FeasibilityAppTest, ACommitThatTheDirectoryHasSeenIsNotWaitedFor) {
  ApplyPack();
  EXPECT_THAT(Assess(WithRole(v1::ROLE_NATIONAL), FittingRequest(), Head()), IsOk());
}

TEST_F(FeasibilityAppTest, ACommitThatDoesNotExistIsRefused) {
  ApplyPack();
  for (const std::int64_t commit : {std::int64_t{-1}, Head() + 1}) {
    const auto report = Assess(WithRole(v1::ROLE_NATIONAL), FittingRequest(), commit);
    ASSERT_THAT(FieldViolationsOf(report.status()), SizeIs(1));
    EXPECT_EQ(FieldViolationsOf(report.status())[0].field, "min_commit");
  }
}

TEST_F(FeasibilityAppTest, AStoredReportIsReturnedByItsName) {
  StoreReportOfRevision(1);
  const auto report = Get(Requester("acme"), "trialRequests/mine/reports/1");
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->inputs().request_revision(), 1);
}

TEST_F(FeasibilityAppTest, ARequestsNameStandsForItsNewestRevision) {
  for (const int revision : {1, 9, 10, 2}) StoreReportOfRevision(revision);
  const auto report = Get(WithRole(v1::ROLE_NATIONAL), "trialRequests/mine");
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->name(), "trialRequests/mine/reports/10");
}

TEST_F(FeasibilityAppTest, AReportThatIsNotToBeSeenIsLikeOneThatIsNotThere) {
  StoreReportOfRevision(1);
  v1::FeasibilityReport theirs;
  theirs.set_name("trialRequests/theirs/reports/1");
  StoreReport(theirs);
  for (const char* name : {"trialRequests/theirs/reports/1", "trialRequests/theirs",
                           "trialRequests/none", "trialRequests/mine/reports/2"}) {
    const auto report = Get(WithRole(v1::ROLE_NATIONAL), name);
    EXPECT_THAT(report, StatusIs(absl::StatusCode::kNotFound,
                                 HasSubstr(std::string("there is no report ") + name)));
    EXPECT_EQ(ReasonOf(report.status()), v1::ERROR_REASON_NOT_FOUND);
  }
}

TEST_F(FeasibilityAppTest, AMalformedNameIsRefused) {
  for (const std::string name :
       {"", "mine", "trialRequests/", "trialRequests/mine/reports/", "sites/a",
        "trialRequests/mine/answers/1", "trialRequests/mi\xFFne", "trialRequests/mine/reports/1/2",
        "trialRequests/a b"}) {
    EXPECT_THAT(Get(WithRole(v1::ROLE_NATIONAL), name),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

TEST_F(FeasibilityAppTest, WhoMayLearnOfSomeContactedSitesOnlyIsToldOfThoseOnly) {
  StoreReportOfRevision(1);
  const auto all = Get(WithRole(v1::ROLE_NATIONAL), "trialRequests/mine");
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(all->near_misses(), SizeIs(2));
  const auto some = Get(WithRole(v1::ROLE_COORDINATOR), "trialRequests/mine");
  ASSERT_THAT(some, IsOk());
  ASSERT_THAT(some->near_misses(), SizeIs(1));
  EXPECT_EQ(some->near_misses(0).site(), "sites/b");
  EXPECT_EQ(some->failed(v1::CRITERION_NOT_CONTACTED - 1).sites(), 1);
}

v1::CompareTrialRequestsRequest Variants(int count) {
  v1::CompareTrialRequestsRequest call;
  for (int i = 0; i < count; ++i) {
    v1::RequestVariant* variant = call.add_variants();
    variant->set_label("variant " + std::to_string(i));
    *variant->mutable_trial_request() = FittingRequest();
  }
  return call;
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolationsOf(status))
    fields.push_back(violation.field);
  return fields;
}

TEST_F(FeasibilityAppTest, APageOutOfRangeIsRefusedAndTotalsTellWhatAPageLeavesOut) {
  ApplyPack();
  PutSite(FittingSite("b"));
  v1::AssessTrialRequestRequest call;
  *call.mutable_trial_request() = FittingRequest();
  call.set_page_size(1000000);
  call.set_near_miss_page_size(-1);
  const auto assess = [&] {
    return service_->Call<v1::AssessTrialRequestResponse>("AssessTrialRequest",
                                                          WithRole(v1::ROLE_NATIONAL), call);
  };
  EXPECT_THAT(FieldsOf(assess().status()), ElementsAre("page_size", "near_miss_page_size"));
  call.set_page_size(1);
  call.set_near_miss_page_size(1);
  const auto response = assess();
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->report().near_miss_count(), 2);
  EXPECT_THAT(response->report().near_misses(), SizeIs(1));
}

TEST_F(FeasibilityAppTest, VariantsAreComparedWithTheFirst) {
  ApplyPack();
  v1::CompareTrialRequestsRequest call = Variants(2);
  // The site is full in July only.
  call.mutable_variants(1)->mutable_trial_request()->set_first_patient_in_earliest("2026-08-01");
  const auto compared = Compare(Requester("acme"), call);
  ASSERT_THAT(compared, IsOk());
  ASSERT_THAT(compared->variants(), SizeIs(2));
  EXPECT_FALSE(compared->variants(0).has_difference());
  EXPECT_EQ(compared->variants(0).near_miss_count(), 1);
  const v1::VariantSummary& second = compared->variants(1);
  EXPECT_EQ(second.difference().sites_gained(), 1);
  EXPECT_EQ(second.difference().sites_lost(), 0);
  EXPECT_GT(second.difference().expected_patients(), 0);
  EXPECT_EQ(second.earliest_start(), "2026-08-01");
  ASSERT_THAT(second.top_sites(), SizeIs(1));
  EXPECT_EQ(second.top_sites(0).parts().headroom(), 0) << "a requester learns no slots";
}

TEST_F(FeasibilityAppTest, TooManyTooFewAndUnnamedVariantsAreRefused) {
  ApplyPack();
  const v1::Principal national = WithRole(v1::ROLE_NATIONAL);
  EXPECT_THAT(FieldsOf(Compare(national, Variants(300)).status()), ElementsAre("variants"));
  EXPECT_THAT(FieldsOf(Compare(national, Variants(1)).status()), ElementsAre("variants"));
  v1::CompareTrialRequestsRequest call = Variants(3);
  call.mutable_variants(0)->clear_label();
  call.mutable_variants(2)->set_label("variant 1");
  call.mutable_variants(1)->mutable_trial_request()->clear_title();
  call.set_page_size(101);
  EXPECT_THAT(FieldsOf(Compare(national, call).status()),
              ElementsAre("variants[0].label", "variants[2].label", "page_size",
                          "variants[1].trial_request.title"));
}

TEST_F(FeasibilityAppTest, APortfolioSaysWhoIsChosenAndWhatEachAdds) {
  ApplyPack();
  v1::PlanPortfolioRequest call;
  *call.mutable_trial_request() = FittingRequest();
  call.mutable_trial_request()->set_first_patient_in_earliest("2026-08-01");
  call.mutable_trial_request()->set_patients_wanted(1);
  call.set_with_months(true);
  const auto plan = Plan(call);
  ASSERT_THAT(plan, IsOk());
  EXPECT_TRUE(plan->reached());
  EXPECT_TRUE(plan->optimal());
  ASSERT_THAT(plan->sites(), SizeIs(1));
  EXPECT_EQ(plan->sites(0).probability_added(), plan->forecast().probability());
  EXPECT_THAT(plan->forecast().months(), SizeIs(6));
  call.add_regions_needed("regions/shore");
  const auto elsewhere = Plan(call);
  ASSERT_THAT(elsewhere, IsOk());
  EXPECT_FALSE(elsewhere->reached());
  EXPECT_THAT(elsewhere->regions_without_site(), ElementsAre("regions/shore"));
}

TEST_F(FeasibilityAppTest, APortfoliosLimitsAreCheckedAndNoNumberIsNone) {
  ApplyPack();
  v1::PlanPortfolioRequest call;
  *call.mutable_trial_request() = FittingRequest();
  call.mutable_trial_request()->clear_patients_wanted();
  call.set_probability(std::nan(""));
  call.set_most_per_region(-1);
  call.add_regions_needed("regions/nowhere");
  EXPECT_THAT(FieldsOf(Plan(call).status()),
              ElementsAre("trial_request.patients_wanted", "probability", "most_per_region",
                          "regions_needed[0]"));
  call.set_probability(1);
  EXPECT_THAT(FieldsOf(Plan(call).status()), testing::Contains("probability"));
}

TEST_F(FeasibilityAppTest, AReportIsReplayedAfterTheDirectoryHasChanged) {
  ApplyPack();
  v1::FeasibilityReport report = MatchedNow(1);
  report.mutable_inputs()->set_directory_commit(Head());
  StoreReport(report);
  v1::Site site = FittingSite();
  site.clear_capabilities();
  PutSite(site);
  const auto replayed = Replay("trialRequests/mine");
  ASSERT_THAT(replayed, IsOk());
  EXPECT_TRUE(replayed->same()) << replayed->ShortDebugString();
  EXPECT_THAT(replayed->differing_fields(), IsEmpty());
  EXPECT_EQ(replayed->name(), "trialRequests/mine/reports/1");
  EXPECT_EQ(replayed->stored_sha256(), replayed->computed_sha256());
}

TEST_F(FeasibilityAppTest, AReportThatWasTamperedWithDiffersWhereItWas) {
  ApplyPack();
  v1::FeasibilityReport report = MatchedNow(1);
  report.mutable_inputs()->set_directory_commit(Head());
  report.mutable_near_misses(0)->set_expected_patients(7);
  report.add_caveats("believe me");
  StoreReport(report);
  const auto replayed = Replay("trialRequests/mine/reports/1");
  ASSERT_THAT(replayed, IsOk());
  EXPECT_FALSE(replayed->same());
  EXPECT_THAT(replayed->differing_fields(),
              ElementsAre("near_misses[0].expected_patients", "caveats"));
}

TEST_F(FeasibilityAppTest, WhatCannotBeReplayedIsSaid) {
  ApplyPack();
  v1::FeasibilityReport report = MatchedNow(1);
  report.mutable_inputs()->set_directory_commit(Head());
  report.mutable_inputs()->set_engine_version(99);
  StoreReport(report);
  const auto unknown = Replay("trialRequests/mine/reports/1");
  EXPECT_EQ(ReasonOf(unknown.status()), v1::ERROR_REASON_UNKNOWN_ENGINE_VERSION);
  report = MatchedNow(10);
  StoreReport(report);
  EXPECT_THAT(Replay("trialRequests/mine/reports/10"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Replay("trialRequests/none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Replay("mine"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace trialgate::feasibility
