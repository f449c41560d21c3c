#include "tools/cli/render.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

Screen AnyScreen() {
  return {.now = absl::FromCivil(absl::CivilHour(2026, 11, 24, 20), absl::UTCTimeZone()),
          .zone = absl::UTCTimeZone()};
}

v1::FeasibilityReport AReport() {
  return Parse<v1::FeasibilityReport>(R"(
    name: "trialRequests/r1/reports/1"
    inputs { request_revision: 1 directory_commit: 7 policy_version: 1 today: "2026-11-24"
             engine_version: 1 }
    eligible { site: "sites/ouh-onco" display_name: "Odense, oncology" region: "regions/south"
               score: 87.25 parts { speciality: 20 experience: 15 patients: 20 headroom: 10
               start_up: 4.5 track_record: 9 preferences: 5 freshness: 3.75 }
               expected_patients: 12.4 earliest_start: "2027-03-01" rests_on_sample: true }
    near_misses { site: "sites/auh-onco" display_name: "Aarhus, oncology" region: "regions/central"
                  criterion: CRITERION_CAPABILITY missing: "pet-ct" expected_patients: 8 }
    near_misses { site: "sites/late" display_name: "Late" region: "regions/north"
                  criterion: CRITERION_START_UP days_late: 12 }
    failed { criterion: CRITERION_ACTIVE sites: 0 }
    failed { criterion: CRITERION_CAPABILITY sites: 4 }
    regions { region: "regions/south" display_name: "Region Syddanmark" eligible_sites: 1
              expected_patients: 12.4 p10: 6 p90: 20 earliest_start: "2027-03-01" }
    levers { kind: LEVER_KIND_DROP_CAPABILITY value: "pet-ct" sites_gained: 3
             expected_patients_gained: 21.5 }
    referrals { desk: "desks/south" desk_display_name: "Southern desk" rules: "fallback"
                rule_descriptions: "The region's own desk answers"
                contact: "desks/south/contacts/anna" contact_display_name: "Trial office"
                contact_reason: "on duty, fewest open referrals" sites: "sites/ouh-onco"
                informed_desks: "desks/oncology-network" }
    sites_considered: 48 rests_on_sample: true caveats: "Start-up days of 1 site are invented."
    forecast { mean: 12.4 p10: 6 p50: 12 p90: 20 probability: 0.05 })");
}

TEST(RenderReportTest, SaysOnTopThatItRestsOnInventedValues) {
  const std::string text = RenderReport(AReport(), 30, AnyScreen());
  EXPECT_EQ(text.find("! This report rests on SAMPLE values"), 0u);
  EXPECT_THAT(text, HasSubstr("! Start-up days of 1 site are invented."));
  v1::FeasibilityReport sound = AReport();
  sound.set_rests_on_sample(false);
  sound.clear_caveats();
  EXPECT_THAT(RenderReport(sound, 30, AnyScreen()), Not(HasSubstr("SAMPLE")));
}

TEST(RenderReportTest, ShowsSitesByRegionWithScoreAndItsParts) {
  const std::string text = RenderReport(AReport(), 30, AnyScreen());
  EXPECT_THAT(text, HasSubstr("1 of 48 sites could run it, 2 fail by one criterion."));
  EXPECT_THAT(text, HasSubstr("probability of the 30 wanted 5%"));
  EXPECT_THAT(text, HasSubstr("Region Syddanmark: 1 site, 12.4 patients expected (6 to 20), from "
                              "2027-03-01"));
  EXPECT_THAT(text, HasSubstr(" 87.2  20.0 15.0 20.0 10.0  4.5  9.0  5.0  3.8  12.4  2027-03-01  "
                              "ouh-onco (sample)\n"));
}

TEST(RenderReportTest, OnANarrowScreenThePointsStandUnderTheirSite) {
  Screen screen = AnyScreen();
  screen.width = 80;
  EXPECT_THAT(RenderReport(AReport(), 30, screen),
              HasSubstr("SCORE  EXP.  START       SITE\n"
                        "                         SPEC EXPE PATS HEAD STUP TRCK PREF FRSH\n"
                        " 87.2  12.4  2027-03-01  ouh-onco (sample)\n"
                        "                         Odense, oncology\n"
                        "                         20.0 15.0 20.0 10.0  4.5  9.0  5.0  3.8\n"));
}

TEST(RenderReportTest, SaysOfNearMissesWhatIsMissingInWords) {
  const std::string text = RenderReport(AReport(), 0, AnyScreen());
  EXPECT_THAT(text, HasSubstr("lacks: pet-ct"));
  EXPECT_THAT(text, HasSubstr("would start 12 days too late"));
  EXPECT_THAT(text, HasSubstr("capability 4\n"));
  EXPECT_THAT(text, HasSubstr("do without the capability pet-ct"));
  EXPECT_THAT(text, Not(HasSubstr("probability"))) << "no number of patients was asked for";
}

TEST(RenderReportTest, ARequestThatMatchesNoSiteByItsNatureSpeaksOfNone) {
  v1::FeasibilityReport report;
  report.add_referrals()->set_desk("desks/idea-clinic");
  const std::string text = RenderReport(report, 0, AnyScreen());
  EXPECT_THAT(text, HasSubstr("No site is asked for"));
  EXPECT_THAT(text, Not(HasSubstr("could run it")));
  EXPECT_THAT(text, HasSubstr("idea-clinic"));
}

TEST(RenderReportTest, ManySitesThatLackTheSameAreToldTogether) {
  v1::FeasibilityReport report = AReport();
  for (int i = 0; i < 30; ++i) {
    v1::NearMiss* miss = report.add_near_misses();
    miss->set_site(absl::StrCat("sites/other-", i));
    miss->set_criterion(v1::CRITERION_SPECIALITY);
    miss->add_missing("oncology");
  }
  const std::string text = RenderReport(report, 30, AnyScreen());
  EXPECT_THAT(text, HasSubstr("* 30 sites: lacks the speciality: oncology\n    other-0, other-1,"));
  EXPECT_THAT(text, HasSubstr("other-9 and 20\n    more: -o json names them"));
  EXPECT_THAT(text, HasSubstr("auh-onco")) << "the few are told one by one";
}

TEST(RenderReportTest, FreeCapacityThatARequesterMayNotSeeIsNotShownAsNone) {
  v1::FeasibilityReport report = AReport();
  report.mutable_eligible(0)->mutable_parts()->clear_headroom();
  EXPECT_THAT(RenderReport(report, 30, AnyScreen()), HasSubstr("20.0 15.0 20.0    –  4.5"));
}

TEST(RenderReportTest, SaysWhoIsAskedAndWhy) {
  const std::string text = RenderReport(AReport(), 30, AnyScreen());
  EXPECT_THAT(text, HasSubstr("* Southern desk [south]"));
  EXPECT_THAT(text, HasSubstr("The region's own desk answers (rule fallback)"));
  EXPECT_THAT(text, HasSubstr("Trial office: on duty, fewest open referrals"));
  EXPECT_THAT(text, HasSubstr("oncology-network"));
}

TEST(RenderReportTest, ASiteWhoseRegionIsNotSummedIsShownAllTheSame) {
  v1::FeasibilityReport report = AReport();
  report.clear_regions();
  EXPECT_THAT(RenderReport(report, 30, AnyScreen()), HasSubstr("ouh-onco"));
}

TEST(RenderImportTest, MissingFieldsNameTheFlagThatFillsThem) {
  const auto imported = Parse<v1::ImportStudyRecordResponse>(R"(
    draft { title: "A study" }
    derivations { field: "title" value: "A study" from: "identificationModule.briefTitle"
                  rule: "as it is" }
    missing: "recruitment_months" missing: "questions"
    remarks: "The start date lies in the past")");
  const std::string text = RenderImport(imported, AnyScreen());
  EXPECT_THAT(text, HasSubstr("recruitment_months  --months\n"));
  EXPECT_THAT(text, HasSubstr("questions           (in the JSON file)\n"));
  EXPECT_THAT(text, HasSubstr("identificationModule.briefTitle"));
  EXPECT_THAT(text, HasSubstr("- The start date lies in the past"));
}

TEST(RenderDeskTest, EachContactHasItsLinesAndAWideScreenATable) {
  const auto contacts = Parse<v1::ListContactsResponse>(R"(
    contacts { name: "desks/north/contacts/lead" display_name: "Åse" email: "a@north.example"
               deputies: "desks/north/contacts/surgery"
               absences { first_day: "2026-12-01" last_day: "2026-12-05" } })");
  Screen screen = AnyScreen();
  EXPECT_EQ(RenderDesk(v1::Desk(), contacts, screen),
            "\n"
            "\n"
            "Contacts\n"
            "  lead: Åse\n"
            "    email     a@north.example\n"
            "    deputies  surgery\n"
            "    away      2026-12-01 to 2026-12-05\n");
  screen.wide = true;
  EXPECT_THAT(RenderDesk(v1::Desk(), contacts, screen),
              HasSubstr("desks/north/contacts/lead  Åse   a@north.example  surgery   "
                        "2026-12-01 to 2026-12-05\n"));
}

TEST(RenderReferralTest, SitesAreCalledByTheirNamesBesideTheirIds) {
  const auto referral = Parse<v1::Referral>(R"(
    name: "trialRequests/r1/referrals/f1" sites: "sites/a" sites: "sites/b"
    refusals { site: "sites/b" reason: REFUSAL_REASON_NO_STAFF })");
  const DisplayNames names = {{"sites/a", "Urologisk Afdeling, Århus"}};
  const std::string text =
      RenderReferral(referral, v1::ListReferralSitesResponse(), names, AnyScreen());
  EXPECT_THAT(text, HasSubstr("  a: Urologisk Afdeling, Århus\n  b\n"));
  v1::ListReferralSitesResponse lines;
  lines.add_referral_sites()->set_site("sites/a");
  EXPECT_THAT(RenderReferral(referral, lines, names, AnyScreen()),
              HasSubstr("\n  Urologisk Afdeling, Århus\n  (added by the desk)\n"));
}

TEST(RenderAnswerTest, TellsWhatWasWantedWhoseWordItIsAndWhatWasSelected) {
  const auto answer = Parse<v1::CollatedAnswer>(R"(
    version: 1
    sites { site: "sites/a" referral: "r/1" outcome: SITE_OUTCOME_OFFERED
            offer { site: "sites/a" patients_claimed: 12 } }
    sites { site: "sites/a" referral: "r/2" outcome: SITE_OUTCOME_OFFERED
            offer { site: "sites/a" patients_claimed: 10 } }
    sites { site: "sites/b" referral: "r/2" outcome: SITE_OUTCOME_OFFERED
            offer { site: "sites/b" patients_claimed: 3 } }
    desks { desk: "desks/north" referral: "r/1" } desks { desk: "desks/onco" referral: "r/2" })");
  const auto request = Parse<v1::TrialRequest>(R"(
    patients_wanted: 30 sites_wanted: 2
    selections { site: "sites/a" referral: "r/1" selected: true }
    selections { site: "sites/b" referral: "r/2" reason: NOT_SELECTED_REASON_ENOUGH_SITES })");
  const std::string text = RenderAnswer(answer, request, AnyScreen());
  EXPECT_THAT(text, HasSubstr("Wanted: 30 patients, 2 sites. Offered: 15 patients claimed at 2 "
                              "sites.\n"))
      << "a site that two desks offer recruits once";
  EXPECT_THAT(text, HasSubstr("(word of north)"));
  EXPECT_THAT(text, HasSubstr("(word of onco)"));
  EXPECT_THAT(text, HasSubstr("yes"));
  EXPECT_THAT(text, HasSubstr("no: enough sites"));
  EXPECT_THAT(RenderAnswer(answer, AnyScreen()), Not(HasSubstr("SELECTED")));
}

TEST(RenderAnswerTest, ClaimsStandBesideTheirWorth) {
  const auto answer = Parse<v1::CollatedAnswer>(R"(
    name: "trialRequests/r1/answers/1" version: 1 provisional: true rests_on_sample: true
    sites { site: "sites/a" display_name: "Site A" outcome: SITE_OUTCOME_OFFERED claim_worth: 7.5
            offer { site: "sites/a" patients_claimed: 12 earliest_start: "2027-03-01"
                    firmness: OFFER_FIRMNESS_FIRM status: OFFER_STATUS_HELD } }
    sites { site: "sites/b" display_name: "Site B" outcome: SITE_OUTCOME_REFUSED
            refusal { reason: REFUSAL_REASON_NO_STAFF comment: "no nurse" } }
    desks { desk: "desks/south" display_name: "South" state: REFERRAL_STATE_DECLINED
            decline { reason: REFUSAL_REASON_BUDGET } }
    forecast { mean: 7 p10: 3 p90: 12 probability: 0.4 })");
  const std::string text = RenderAnswer(answer, AnyScreen());
  EXPECT_THAT(text, HasSubstr("SAMPLE"));
  EXPECT_THAT(text, HasSubstr("provisional"));
  EXPECT_THAT(text, HasSubstr("12    7.5  2027-03-01  firm\n"));
  EXPECT_THAT(text, HasSubstr("refused  no staff  no nurse"));
  EXPECT_THAT(text, HasSubstr("declined  budget"));
}

TEST(RenderAnswerTest, AnAnswerWithoutOffersSaysSo) {
  const std::string text = RenderAnswer(
      Parse<v1::CollatedAnswer>("version: 1 forecast { probability: 1 }"), AnyScreen());
  EXPECT_THAT(text, HasSubstr("No site is offered."));
  EXPECT_THAT(text, Not(HasSubstr("Forecast"))) << "there is nothing to forecast";
}

TEST(RenderAuditTest, AFaultCannotBeOverlooked) {
  const auto result = Parse<v1::VerifyAuditTrailResponse>(
      R"(intact: false events: 12 first_fault: 9 description: "hash differs")");
  EXPECT_THAT(RenderVerification(result, AnyScreen()),
              HasSubstr("THE AUDIT TRAIL IS NOT INTACT: event 9: hash differs"));
}

TEST(RenderAuditTest, EachFaultTellsItsEventAndItsLineOnce) {
  const auto result = Parse<v1::VerifyAuditTrailResponse>(
      R"(intact: false first_fault: 9 description: "lost"
         faults { number: 9 line: 10 description: "lost" }
         faults { number: 0 line: 1 description: "changed" })");
  const std::string text = RenderVerification(result, AnyScreen());
  EXPECT_THAT(text, HasSubstr("NOT INTACT: event 9, line 10: lost\n  the file, line 1: changed\n"));
}

TEST(RenderAuditTest, WhatNoCheckpointCoversIsSaid) {
  EXPECT_THAT(RenderVerification(Parse<v1::VerifyAuditTrailResponse>(
                                     R"(intact: true events: 12 last_number: 12 checkpoints: 2
                                        signed_through: 9 signatures_tested: true)"),
                                 AnyScreen()),
              HasSubstr("2 checkpoints hold, signatures tested: signed through event 9.\n"
                        "3 events after that: no checkpoint covers them yet.\n"));
  EXPECT_THAT(RenderVerification(Parse<v1::VerifyAuditTrailResponse>(
                                     R"(intact: true events: 10 last_number: 10 checkpoints: 1
                                        signed_through: 9)"),
                                 AnyScreen()),
              HasSubstr("without a public key their signatures were not tested"));
  EXPECT_THAT(RenderVerification(
                  Parse<v1::VerifyAuditTrailResponse>("intact: true events: 1 last_number: 1"),
                  AnyScreen()),
              HasSubstr("No signed checkpoint covers it"));
}

TEST(RenderAuditTest, ReadsTellWhoReadWhat) {
  const auto list = Parse<v1::ListAuditEventsResponse>(R"(
      audit_events {
        number: 7 action: "ReadConfidential" principal { role: ROLE_PROGRAM }
        reads { principal { role: ROLE_NATIONAL subject: "nora" } method: "ListTrialRequests"
                names: "trialRequests/a" names: "trialRequests/b" names: "trialRequests/c"
                names: "trialRequests/d" further_names: 5 } })");
  const std::string shown = RenderAuditList(list, AnyScreen());
  EXPECT_THAT(shown, HasSubstr("national nora read trialRequests/a, trialRequests/b, "
                               "trialRequests/c and 6 more"));
  EXPECT_THAT(shown, HasSubstr("(ListTrialRequests)"));
}

TEST(RenderAuditTest, WideNothingIsLeftOutAndAHashIsNeverCut) {
  v1::ListAuditEventsResponse list;
  v1::AuditEvent* event = list.add_audit_events();
  for (int i = 0; i < 20; ++i) event->add_changes()->set_name(absl::StrCat("regions/r", i));
  Screen screen = AnyScreen();
  EXPECT_THAT(RenderAuditList(list, screen), HasSubstr("and 17 more"));
  v1::ListAuditCheckpointsResponse checkpoints;
  const std::string hash(64, 'f');
  checkpoints.add_audit_checkpoints()->set_hash(hash);
  for (const int width : {80, 120, 200}) {
    screen.width = width;
    EXPECT_THAT(RenderCheckpoints(checkpoints, screen), HasSubstr(hash)) << width;
  }
  screen.wide = true;
  EXPECT_THAT(RenderAuditList(list, screen), HasSubstr("regions/r19"));
}

TEST(RenderPackDiffTest, WhatIsKeptIsNamedAndNoHeadingIsEmpty) {
  v1::DiffPackResponse diff;
  EXPECT_THAT(RenderPackDiff(diff, AnyScreen()), Not(HasSubstr("What would change")));
  for (int i = 0; i < 12; ++i) {
    v1::RecordDifference* kept = diff.add_differences();
    kept->set_name(absl::StrCat("organizations/o", i));
    kept->set_change(v1::RECORD_CHANGE_KEPT);
    kept->set_kind(v1::RECORD_KIND_ORGANIZATION);
  }
  const std::string text = RenderPackDiff(diff, AnyScreen());
  EXPECT_THAT(text, HasSubstr("Kept as they are\n  organization: organizations/o0, "));
  EXPECT_THAT(text, HasSubstr("and 4 more (-o wide)"));
  v1::RecordDifference* changed = diff.add_differences();
  changed->set_name("sites/a");
  changed->set_change(v1::RECORD_CHANGE_CHANGED);
  changed->add_fields()->set_before("median_days: 84 source { kind: SOURCE_KIND_SAMPLE }");
  EXPECT_THAT(RenderPackDiff(diff, AnyScreen()), HasSubstr("median days 84, source (kind sample)"));
}

}  // namespace
}  // namespace trialgate::cli
