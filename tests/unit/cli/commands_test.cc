// Each command: what it asks the server, and what it shows.
#include <sys/stat.h>

#include <string>

#include "absl/time/civil_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/audit_service.pb.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using CommandsTest = AppTest;

// --- Trial requests ---

TEST_F(CommandsTest, ImportPrintsADraftThatSubmitTakes) {
  v1::ImportStudyRecordResponse imported;
  imported.mutable_draft()->add_specialities("oncology");
  for (const char* field :
       {"requester", "recruitment_months", "contact.email", "intent", "title"}) {
    imported.add_missing(field);
  }
  server_.Answer("ImportStudyRecord", imported);
  const std::string file = WriteFile("study.json", "{\"protocolSection\": {}}");
  EXPECT_EQ(Run({"request", "import", file, "--requester", "acme", "--months", "12", "--region",
                 "north", "--region", "regions/south", "--capability", "mri", "--speciality",
                 "haematology", "--contact-email", "trials@acme.example", "-o", "json"}),
            kOk);
  EXPECT_EQ(server_.Asked<v1::ImportStudyRecordRequest>("ImportStudyRecord")[0].study_record(),
            "{\"protocolSection\": {}}");
  EXPECT_THAT(err_, Not(HasSubstr("intent")));
  EXPECT_THAT(err_, HasSubstr("title  --title"));
  EXPECT_THAT(err_, Not(HasSubstr("requester")));
  EXPECT_THAT(err_, Not(HasSubstr("contact.email")));

  server_.Answer("SubmitTrialRequest", v1::SubmitTrialRequestResponse());
  EXPECT_EQ(Run({"request", "submit", "-"}, out_), kOk);
  const auto submitted = server_.Asked<v1::SubmitTrialRequestRequest>("SubmitTrialRequest");
  ASSERT_THAT(submitted, SizeIs(1));
  const v1::TrialRequest& request = submitted[0].trial_request();
  EXPECT_EQ(request.requester(), "organizations/acme");
  EXPECT_EQ(request.recruitment_months(), 12);
  EXPECT_THAT(request.regions_wanted(), ElementsAre("regions/north", "regions/south"));
  EXPECT_THAT(request.specialities(), ElementsAre("haematology"));
  EXPECT_EQ(request.contact().email(), "trials@acme.example");
}

TEST_F(CommandsTest, ImportSaysOfAValueGivenByAFlagThatItIsGiven) {
  v1::ImportStudyRecordResponse imported;
  imported.mutable_draft()->set_recruitment_months(15);
  imported.mutable_draft()->set_patients_wanted(90);
  for (const char* field : {"recruitment_months", "patients_wanted"}) {
    v1::FieldDerivation* derivation = imported.add_derivations();
    derivation->set_field(field);
    derivation->set_value("of the record");
    derivation->set_from("statusModule");
    derivation->set_rule("as it stands");
  }
  server_.Answer("ImportStudyRecord", imported);
  EXPECT_EQ(Run({"request", "import", WriteFile("s.json", "{}"), "--months", "12", "--region",
                 "north", "--region", "south"}),
            kOk);
  EXPECT_THAT(
      out_,
      HasSubstr("recruitment_months: 12\n      from --months: by the flag, or its default\n"));
  EXPECT_THAT(out_, HasSubstr("regions_wanted: \"regions/north\", \"regions/south\"\n"));
  EXPECT_THAT(out_, Not(HasSubstr("recruitment_months: of the record")));
  EXPECT_THAT(out_, HasSubstr("patients_wanted: of the record"));
}

TEST_F(CommandsTest, ImportCanSubmitAtOnce) {
  server_.Answer("ImportStudyRecord", v1::ImportStudyRecordResponse());
  server_.Answer("SubmitTrialRequest", v1::SubmitTrialRequestResponse());
  EXPECT_EQ(Run({"request", "import", WriteFile("s.json", "{}"), "--patients", "30", "--submit",
                 "--validate-only"}),
            kOk);
  const auto asked = server_.Asked<v1::SubmitTrialRequestRequest>("SubmitTrialRequest");
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].trial_request().patients_wanted(), 30);
  EXPECT_TRUE(asked[0].validate_only());
}

TEST_F(CommandsTest, FaultyFlagsOfImportAreToldTogetherAndNothingIsSent) {
  EXPECT_EQ(Run({"request", "import", WriteFile("s.json", "{}"), "--phase", "9", "--urgency", "x"}),
            kUsage);
  EXPECT_THAT(err_, HasSubstr("--phase: "));
  EXPECT_THAT(err_, HasSubstr("--urgency: "));
  EXPECT_THAT(server_.Asked<v1::ImportStudyRecordRequest>("ImportStudyRecord"), IsEmpty());
}

TEST_F(CommandsTest, AFileThatIsNoRequestIsNamedWithThePlace) {
  const std::string broken = WriteFile("broken.json", "{\"title\":\n  \"x\" oops");
  EXPECT_EQ(Run({"request", "submit", broken}), kUsage);
  EXPECT_THAT(err_, HasSubstr("broken.json:2:7: is no JSON: syntax error"));
  const std::string odd = WriteFile(
      "odd.json",
      R"({"titel": "x", "regionsWanted": [7, {}], "phase": "PHASE_9", "patientsWanted": "many"})");
  EXPECT_EQ(Run({"request", "submit", odd}), kUsage);
  EXPECT_THAT(err_, HasSubstr("odd.json:1:2: titel: TrialRequest has no such field"));
  EXPECT_THAT(err_, HasSubstr("odd.json:1:37: regions_wanted[1]: must be a single value"));
  EXPECT_THAT(err_, HasSubstr("odd.json:1:42: phase: \"PHASE_9\" is none of: NOT_APPLICABLE"));
  EXPECT_THAT(err_, HasSubstr("odd.json:1:62: patients_wanted: \"many\" is no such number"));
  EXPECT_THAT(err_, HasSubstr("mend the file at the places named"));
  EXPECT_EQ(Run({"request", "submit", folder_.Sub("absent.json")}), kUsage);
  EXPECT_EQ(Run({"request", "submit", folder_.path()}), kUsage);
  EXPECT_THAT(server_.Asked<v1::SubmitTrialRequestRequest>("SubmitTrialRequest"), IsEmpty());
}

TEST_F(CommandsTest, ConfirmSendsASelectionForEachOffer) {
  v1::TrialRequest request;
  request.set_answer_version(1);
  v1::CollatedAnswer answer;
  for (const char* site : {"sites/a", "sites/b"}) {
    v1::CollatedSite* line = answer.add_sites();
    line->set_site(site);
    line->set_referral("trialRequests/r1/referrals/f1");
    line->set_outcome(v1::SITE_OUTCOME_OFFERED);
  }
  server_.Answer("GetTrialRequest", request);
  server_.Answer("GetCollatedAnswer", answer);
  server_.Answer("ConfirmTrialRequest", request);
  EXPECT_EQ(Run({"request", "confirm", "r1", "--select", "a", "--reject", "b=OTHER:too far"}), kOk);
  const auto asked = server_.Asked<v1::ConfirmTrialRequestRequest>("ConfirmTrialRequest");
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].name(), "trialRequests/r1");
  ASSERT_EQ(asked[0].selections_size(), 2);
  EXPECT_EQ(asked[0].selections(1).comment(), "too far");

  EXPECT_EQ(Run({"request", "confirm", "r1", "--select", "a"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("sites/b"));
  EXPECT_THAT(server_.Asked<v1::ConfirmTrialRequestRequest>("ConfirmTrialRequest"), SizeIs(1));
}

TEST_F(CommandsTest, ARequestWithoutAnswerCannotBeConfirmed) {
  v1::TrialRequest request;
  request.set_state(v1::TRIAL_REQUEST_STATE_ROUTED);
  server_.Answer("GetTrialRequest", request);
  EXPECT_EQ(Run({"request", "confirm", "r1", "--select-all"}), kRefusedState);
  EXPECT_THAT(err_, HasSubstr("no answer yet"));
}

TEST_F(CommandsTest, ListsOfRequestsAreFilteredByState) {
  server_.Answer("ListTrialRequests", v1::ListTrialRequestsResponse());
  EXPECT_EQ(Run({"request", "list", "--state", "answered"}), kOk);
  EXPECT_EQ(server_.Asked<v1::ListTrialRequestsRequest>("ListTrialRequests")[0].state(),
            v1::TRIAL_REQUEST_STATE_ANSWERED);
  EXPECT_THAT(err_, HasSubstr("There are none."));
  EXPECT_EQ(Run({"request", "list", "--state", "lost"}), kUsage);
}

// --- Referrals ---

TEST_F(CommandsTest, TheInboxAsksForOpenReferralsOrForAll) {
  server_.Answer("ListReferrals", v1::ListReferralsResponse());
  EXPECT_EQ(Run({"inbox", "north"}), kOk);
  EXPECT_EQ(Run({"inbox", "desks/north", "--all"}), kOk);
  const auto asked = server_.Asked<v1::ListReferralsRequest>("ListReferrals");
  EXPECT_EQ(asked[0].parent(), "trialRequests/-");
  EXPECT_EQ(asked[0].desk(), "desks/north");
  EXPECT_EQ(asked[0].states_size(), 0);
  EXPECT_EQ(asked[1].states_size(), 7);
}

TEST_F(CommandsTest, AnAnswerIsMadeOfFlagsOrAFile) {
  server_.Answer("AnswerReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--offer",
                 "a,patients=12,start=2027-03-01,firm,pi=Dr. A, MD", "--refuse", "b=NO_STAFF",
                 "--comment", "gladly"}),
            kOk);
  const std::string file = WriteFile(
      "answer.json", R"({"refusals": [{"site": "sites/b", "reason": "REFUSAL_REASON_BUDGET"}]})");
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--file", file, "--outcome", "taken-up"}), kOk);
  const auto asked = server_.Asked<v1::AnswerReferralRequest>("AnswerReferral");
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_EQ(asked[0].offers(0).principal_investigator(), "Dr. A, MD");
  EXPECT_EQ(asked[0].refusals(0).site(), "sites/b");
  EXPECT_EQ(asked[0].comment(), "gladly");
  EXPECT_EQ(asked[1].name(), "trialRequests/r1/referrals/f1");
  EXPECT_EQ(asked[1].refusals(0).reason(), v1::REFUSAL_REASON_BUDGET);
  EXPECT_EQ(asked[1].outcome(), v1::REFERRAL_OUTCOME_TAKEN_UP);
}

TEST_F(CommandsTest, FaultsOfOffersAndRefusalsAreToldTogether) {
  EXPECT_EQ(Run({"referral", "answer", "r1/f1", "--offer", "a,firm", "--refuse", "b=NO",
                 "--outcome", "maybe"}),
            kUsage);
  EXPECT_THAT(err_, HasSubstr("--offer 1: patients must be given"));
  EXPECT_THAT(err_, HasSubstr("--offer 1: start must be given"));
  EXPECT_THAT(err_, HasSubstr("--refuse 1: reason"));
  EXPECT_THAT(err_, HasSubstr("--outcome: "));
}

TEST_F(CommandsTest, DeclineTakesItsCommentEitherWay) {
  server_.Answer("DeclineReferral", v1::Referral());
  EXPECT_EQ(Run({"referral", "decline", "r1/f1", "--reason", "OTHER:on strike"}), kOk);
  EXPECT_EQ(Run({"referral", "decline", "r1/f1", "--reason", "NO_STAFF", "--comment", "no: nurse"}),
            kOk);
  const auto asked = server_.Asked<v1::DeclineReferralRequest>("DeclineReferral");
  EXPECT_EQ(asked[0].decline().comment(), "on strike");
  EXPECT_EQ(asked[1].decline().comment(), "no: nurse");
}

// --- Directory, packs, audit ---

TEST_F(CommandsTest, ARequesterSeesASiteWithoutItsCapacity) {
  v1::Site site;
  site.set_name("sites/a");
  server_.Answer("GetSite", site);
  server_.Fail("GetSiteCapacity",
               Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_NOT_PERMITTED, ""));
  EXPECT_EQ(Run({"site", "show", "a"}), kOk);
  EXPECT_THAT(out_, HasSubstr("sites/a"));
  EXPECT_THAT(out_, Not(HasSubstr("Capacity")));
}

TEST_F(CommandsTest, SettingCapacityKeepsWhatIsNotGivenAndTheVersionItWasReadAt) {
  v1::SiteCapacity current;
  current.set_slots(4);
  current.set_etag("17");
  v1::MonthUse* declared = current.add_months();
  declared->set_month("2027-03");
  declared->set_occupied_declared(1);
  declared->set_held(2);
  current.add_months()->set_month("2027-04");
  server_.Answer("GetSiteCapacity", current);
  server_.Fail("UpdateSiteCapacity",
               Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_OUTCOME_UNKNOWN, "lost"));
  EXPECT_EQ(Run({"site", "set-capacity", "a", "--slots", "6", "--month", "2027-05=2"}),
            kUnavailable);
  const auto asked = server_.Asked<v1::UpdateSiteCapacityRequest>("UpdateSiteCapacity");
  const v1::SiteCapacity& sent = asked[0].capacity();
  EXPECT_EQ(sent.name(), "sites/a/capacity");
  EXPECT_EQ(sent.slots(), 6);
  EXPECT_EQ(sent.etag(), "17");
  ASSERT_EQ(sent.months_size(), 2) << "what the server sets is not sent back";
  EXPECT_EQ(sent.months(0).occupied_declared(), 1);
  EXPECT_EQ(sent.months(0).held(), 0);
  EXPECT_EQ(sent.months(1).month(), "2027-05");
  EXPECT_THAT(err_, HasSubstr("--request-id id1 --etag 17")) << "both make the retry the same";
}

TEST_F(CommandsTest, APackIsItsFolderAndItsSampleOnlyIfAskedFor) {
  ASSERT_EQ(mkdir(folder_.Sub("sample").c_str(), 0700), 0);
  WriteFile("b.json", "{}");
  WriteFile("a.json", "{\"country\": \"XX\"}");
  WriteFile("README.md", "no data");
  WriteFile("sample/values.json", "{}");
  server_.Answer("ApplyPack", v1::ApplyPackResponse());
  EXPECT_EQ(Run({"pack", "validate", folder_.path()}), kOk);
  EXPECT_EQ(Run({"pack", "apply", folder_.path(), "--sample"}), kOk);
  const auto asked = server_.Asked<v1::ApplyPackRequest>("ApplyPack");
  ASSERT_THAT(asked, SizeIs(2));
  ASSERT_EQ(asked[0].files_size(), 2);
  EXPECT_EQ(asked[0].files(0).path(), "a.json");
  EXPECT_EQ(asked[0].files(0).content(), "{\"country\": \"XX\"}");
  EXPECT_TRUE(asked[0].validate_only());
  EXPECT_FALSE(asked[0].allow_sample());
  ASSERT_EQ(asked[1].files_size(), 3);
  EXPECT_EQ(asked[1].files(2).path(), "sample/values.json");
  EXPECT_TRUE(asked[1].allow_sample());
  EXPECT_FALSE(asked[1].validate_only());
  EXPECT_EQ(asked[1].request_id(), "id1");
}

TEST_F(CommandsTest, APackThatCannotBeReadIsAFaultOfUsage) {
  EXPECT_EQ(Run({"pack", "validate", folder_.path()}), kUsage);
  EXPECT_THAT(err_, HasSubstr("no *.json"));
  EXPECT_EQ(Run({"pack", "validate", folder_.Sub("absent")}), kUsage);
}

TEST_F(CommandsTest, EveryFaultOfAPackIsPrinted) {
  FieldFaults faults;
  for (int i = 0; i < 40; ++i) {
    faults.Add("desks.json: desks[" + std::to_string(i) + "].calendar",
               v1::ERROR_REASON_DANGLING_REFERENCE, "names calendars/nowhere, which is not there");
  }
  server_.Fail("ApplyPack", faults.ToStatus());
  WriteFile("a.json", "{}");
  EXPECT_EQ(Run({"pack", "validate", folder_.path()}), kInvalidArgument);
  EXPECT_THAT(err_, HasSubstr("\n  desks.json: desks[0].calendar: names calendars/nowhere"));
}

TEST_F(CommandsTest, ATrailThatIsNotIntactHasAnExitCodeOfItsOwn) {
  v1::VerifyAuditTrailResponse result;
  result.set_first_fault(9);
  server_.Answer("VerifyAuditTrail", result);
  EXPECT_EQ(Run({"audit", "verify", "--first", "3"}), kTrailNotIntact);
  EXPECT_THAT(out_, HasSubstr("NOT INTACT"));
  EXPECT_EQ(server_.Asked<v1::VerifyAuditTrailRequest>("VerifyAuditTrail")[0].first_number(), 3);
}

TEST_F(CommandsTest, ATrailThatIsIntactIsDone) {
  v1::VerifyAuditTrailResponse result;
  result.set_intact(true);
  result.set_events(12);
  server_.Answer("VerifyAuditTrail", result);
  result.set_last_number(12);
  result.set_head_hash("abcd");
  server_.Answer("VerifyAuditTrail", result);
  EXPECT_EQ(Run({"audit", "verify"}), kOk);
  EXPECT_THAT(out_, HasSubstr("12 events verified"));
  EXPECT_THAT(err_, Not(HasSubstr("Keep the head"))) << "there is none";
  // Advice is no part of the result.
  EXPECT_EQ(Run({"audit", "verify"}), kOk);
  EXPECT_THAT(out_, AllOf(HasSubstr("abcd"), Not(HasSubstr("Keep the head"))));
  EXPECT_THAT(err_, HasSubstr("Keep the head elsewhere to prove later that nothing was cut off: "
                              "--kept 12:HASH."));
}

TEST_F(CommandsTest, AnOrganizationIsCreated) {
  server_.Answer("CreateOrganization", v1::Organization());
  EXPECT_EQ(Run({"org", "create", "acme", "--display-name", "Acme A/S", "--type", "company",
                 "--size", "small", "--country", "DK"}),
            kOk);
  const auto asked = server_.Asked<v1::CreateOrganizationRequest>("CreateOrganization");
  EXPECT_EQ(asked[0].organization_id(), "acme");
  EXPECT_EQ(asked[0].organization().type(), v1::ORGANIZATION_TYPE_COMPANY);
  EXPECT_EQ(asked[0].organization().size(), v1::COMPANY_SIZE_SMALL);
  EXPECT_EQ(Run({"org", "create", "acme", "--display-name", "x", "--type", "gang", "--size", "xl"}),
            kUsage);
  EXPECT_THAT(err_, HasSubstr("2 faults"));
}

TEST_F(CommandsTest, FiltersOfTheAuditTrailAreSentAsTheyWereGiven) {
  server_.Answer("ListAuditEvents", v1::ListAuditEventsResponse());
  EXPECT_EQ(Run({"audit",          "list",
                 "--since",        "2026-03-05",
                 "--until",        "2026-03-06T12:00:00+01:00",
                 "--by",           "alice",
                 "--role",         "requester",
                 "--organization", "acme",
                 "--desk",         "desks/north",
                 "--action",       "GetTrialRequest",
                 "--resource",     "trialRequests/a",
                 "--children",     "--newest-first"}),
            kOk)
      << err_;
  const auto sent = server_.Asked<v1::ListAuditEventsRequest>("ListAuditEvents")[0];
  EXPECT_EQ(sent.start_time().seconds(),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2026, 3, 5), absl::UTCTimeZone())));
  EXPECT_EQ(sent.end_time().seconds(), absl::ToUnixSeconds(absl::FromCivil(
                                           absl::CivilHour(2026, 3, 6, 11), absl::UTCTimeZone())));
  EXPECT_EQ(sent.subject(), "alice");
  EXPECT_EQ(sent.role(), v1::ROLE_REQUESTER);
  EXPECT_EQ(sent.organization(), "organizations/acme");
  EXPECT_EQ(sent.desk(), "desks/north");
  EXPECT_EQ(sent.action(), "GetTrialRequest");
  EXPECT_EQ(sent.resource(), "trialRequests/a");
  EXPECT_TRUE(sent.include_children());
  EXPECT_TRUE(sent.newest_first());
}

TEST_F(CommandsTest, ADayAsTheEndOfAuditEventsIsTheEndOfThatDay) {
  server_.Answer("ListAuditEvents", v1::ListAuditEventsResponse());
  EXPECT_EQ(Run({"audit", "list", "--until", "2026-03-05"}), kOk) << err_;
  EXPECT_EQ(server_.Asked<v1::ListAuditEventsRequest>("ListAuditEvents")[0].end_time().seconds(),
            absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2026, 3, 6), absl::UTCTimeZone())));
}

TEST_F(CommandsTest, WhatAVerificationIsOfIsSaidOnceAndClearly) {
  EXPECT_EQ(Run({"audit", "verify", "--export", "a", "--backup", "b"}), kUsage);
  EXPECT_EQ(Run({"audit", "verify", "--export", "a", "--first", "3"}), kUsage);
  EXPECT_EQ(Run({"audit", "verify", "--public-key", "a"}), kUsage);
  EXPECT_EQ(Run({"audit", "verify", "--export", folder_.Sub("absent")}), kUsage);
  for (const char* kept : {"7", "7:12", "x:00", "0:00"}) {
    EXPECT_EQ(Run({"audit", "verify", "--export", "a", "--kept", kept}), kUsage) << kept;
  }
  EXPECT_EQ(Run({"audit", "verify", "--export", WriteFile("empty", "")}), kTrailNotIntact);
}

}  // namespace
}  // namespace trialgate::cli
