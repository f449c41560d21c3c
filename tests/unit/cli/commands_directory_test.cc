// Commands that change the directory.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CommandsDirectoryTest : public AppTest {
 protected:
  CommandsDirectoryTest() {
    v1::Site site;
    site.set_name("sites/a");
    site.set_city("Ribe");
    site.set_hospital("Old");
    site.add_specialities("urologi");
    site.set_etag("9");
    server_.Answer("GetSite", site);
    server_.Answer("UpdateSite", site);
    v1::Contact contact;
    contact.set_name("desks/north/contacts/lead");
    contact.set_phone("1");
    contact.set_etag("3");
    server_.Answer("GetContact", contact);
  }
};

TEST_F(CommandsDirectoryTest, AnEditSendsWhatDiffersAndTheVersionThatWasRead) {
  EXPECT_EQ(Run({"site", "edit", "a", "--set", "city=Ærøskøbing: øst", "--set", "hospital=Old",
                 "--set", "specialities=[urologi, kardiologi]"}),
            kOk)
      << err_;
  const auto sent = server_.Asked<v1::UpdateSiteRequest>("UpdateSite");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].update_mask().paths(), ElementsAre("city", "specialities"))
      << "what is as it was is not changed";
  EXPECT_EQ(sent[0].site().name(), "sites/a");
  EXPECT_EQ(sent[0].site().city(), "Ærøskøbing: øst");
  EXPECT_EQ(sent[0].site().hospital(), "");
  EXPECT_THAT(sent[0].site().specialities(), ElementsAre("urologi", "kardiologi"));
  EXPECT_EQ(sent[0].site().etag(), "9");
  EXPECT_EQ(sent[0].request_id(), "id1");
}

TEST_F(CommandsDirectoryTest, WithARequestIdTheSameFieldsAreSentEachTime) {
  EXPECT_EQ(Run({"site", "edit", "a", "--set", "hospital=Old", "--set", "city=Ribe", "--request-id",
                 "mine"}),
            kOk)
      << err_;
  const std::string file = WriteFile("site.yaml", "name: sites/a\ncity: Ribe\netag: 9\n");
  EXPECT_EQ(Run({"site", "edit", "a", "--file", file, "--request-id", "mine"}), kOk) << err_;
  const auto sent = server_.Asked<v1::UpdateSiteRequest>("UpdateSite");
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_THAT(sent[0].update_mask().paths(), ElementsAre("city", "hospital"))
      << "what the first call may have changed";
  EXPECT_THAT(sent[1].update_mask().paths(), ElementsAre("city")) << "names are no content";
}

TEST_F(CommandsDirectoryTest, WhereAnAnswerIsLostTheErrorNamesWhatMakesTheRetryTheSame) {
  server_.Fail("UpdateContact",
               Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_OUTCOME_UNKNOWN, "maybe"));
  const std::string file = WriteFile("c.yaml", "phone: 2\nemail: \n");
  EXPECT_EQ(Run({"contact", "edit", "north/lead", "--file", file}), kUnavailable);
  EXPECT_THAT(err_, HasSubstr("add: --request-id id1 --etag 3 --only phone\n"));
  EXPECT_EQ(Run({"contact", "edit", "north/lead", "--file", file, "--request-id", "id1", "--etag",
                 "3", "--only", "phone"}),
            kUnavailable);
  const auto sent = server_.Asked<v1::UpdateContactRequest>("UpdateContact");
  EXPECT_EQ(sent[0].SerializeAsString(), sent[1].SerializeAsString());
  EXPECT_EQ(Run({"contact", "edit", "north/lead", "--file", file, "--only", "fax"}), kUsage);
}

TEST_F(CommandsDirectoryTest, AnEmptyValueClearsAField) {
  EXPECT_EQ(Run({"site", "edit", "a", "--set", "city=", "--dry-run", "--etag", "8"}), kOk) << err_;
  const auto sent = server_.Asked<v1::UpdateSiteRequest>("UpdateSite");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].update_mask().paths(), ElementsAre("city"));
  EXPECT_EQ(sent[0].site().city(), "");
  EXPECT_EQ(sent[0].site().etag(), "8");
  EXPECT_TRUE(sent[0].validate_only());
  EXPECT_THAT(err_, HasSubstr("Dry run"));
}

TEST_F(CommandsDirectoryTest, AFileGivesFieldsAndFlagsTakeTheirPlace) {
  const std::string file = WriteFile("site.yaml", "city: Aarhus\ndepartment: D\n");
  EXPECT_EQ(Run({"site", "edit", "a", "--file", file, "--set", "city=Skagen"}), kOk) << err_;
  const auto sent = server_.Asked<v1::UpdateSiteRequest>("UpdateSite");
  EXPECT_EQ(sent[0].site().city(), "Skagen");
  EXPECT_EQ(sent[0].site().department(), "D");
}

TEST_F(CommandsDirectoryTest, AnEditThatChangesNothingOrSaysNothingSendsNothing) {
  EXPECT_EQ(Run({"site", "edit", "a", "--set", "city=Ribe"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("nothing is changed"));
  EXPECT_EQ(Run({"site", "edit", "a"}), kUsage);
  EXPECT_EQ(Run({"site", "edit", "a", "--set", "town=Ribe", "--set", "type=moon"}), kUsage);
  EXPECT_THAT(err_, HasSubstr("2 faults"));
  EXPECT_EQ(Run({"site", "edit", "a", "--set", "city"}), kUsage);
  EXPECT_THAT(server_.Asked<v1::UpdateSiteRequest>("UpdateSite"), IsEmpty());
}

TEST_F(CommandsDirectoryTest, ASiteIsCreatedReviewedAndEnded) {
  server_.Answer("CreateSite", v1::Site());
  server_.Answer("MarkSiteReviewed", v1::Site());
  v1::EndSiteResponse ended;
  ended.set_later_holds(2);
  server_.Answer("EndSite", ended);
  EXPECT_EQ(Run({"site", "create", "new-site", "--set", "region=regions/north"}), kOk) << err_;
  const auto created = server_.Asked<v1::CreateSiteRequest>("CreateSite");
  EXPECT_EQ(created[0].site_id(), "new-site");
  EXPECT_EQ(created[0].site().region(), "regions/north");
  EXPECT_EQ(Run({"site", "review", "a", "--etag", "5"}), kOk);
  EXPECT_EQ(server_.Asked<v1::MarkSiteReviewedRequest>("MarkSiteReviewed")[0].etag(), "5");
  EXPECT_EQ(Run({"site", "end", "a", "--last-day", "2027-01-31", "--reason", "closed"}), kOk);
  EXPECT_EQ(server_.Asked<v1::EndSiteRequest>("EndSite")[0].last_day(), "2027-01-31");
  EXPECT_THAT(err_, HasSubstr("2 holds"));
}

TEST_F(CommandsDirectoryTest, AContactIsFoundInItsDeskAndEdited) {
  server_.Answer("UpdateContact", v1::Contact());
  EXPECT_EQ(Run({"contact", "edit", "north/lead", "--set", "phone=+45 12"}), kOk) << err_;
  const auto sent = server_.Asked<v1::UpdateContactRequest>("UpdateContact");
  EXPECT_EQ(sent[0].contact().name(), "desks/north/contacts/lead");
  EXPECT_EQ(sent[0].contact().phone(), "+45 12");
  EXPECT_EQ(sent[0].contact().etag(), "3");
  EXPECT_EQ(server_.Asked<v1::GetContactRequest>("GetContact")[0].name(),
            "desks/north/contacts/lead");
  EXPECT_EQ(Run({"contact", "show", "lead"}), kUsage);
}

TEST_F(CommandsDirectoryTest, AnAbsenceSaysWhoStandsInAndWhatIsToBeHandedOver) {
  v1::AddContactAbsenceResponse added;
  added.mutable_contact()->set_name("desks/north/contacts/lead");
  added.set_stands_in("desks/north/contacts/deputy");
  added.set_open_referrals(3);
  server_.Answer("AddContactAbsence", added);
  server_.Answer("RemoveContactAbsence", v1::Contact());
  EXPECT_EQ(Run({"contact", "absence", "add", "north/lead", "--from", "2026-12-01"}), kOk) << err_;
  const auto sent = server_.Asked<v1::AddContactAbsenceRequest>("AddContactAbsence");
  EXPECT_EQ(sent[0].absence().first_day(), "2026-12-01");
  EXPECT_EQ(sent[0].absence().last_day(), "2026-12-01");
  EXPECT_THAT(out_, HasSubstr("stands in          deputy\n"));
  EXPECT_THAT(out_, HasSubstr("3 open referrals"));
  EXPECT_EQ(Run({"contact", "absence", "remove", "north/lead", "--from", "2026-12-01", "--to",
                 "2026-12-05"}),
            kOk);
  EXPECT_EQ(server_.Asked<v1::RemoveContactAbsenceRequest>("RemoveContactAbsence")[0]
                .absence()
                .last_day(),
            "2026-12-05");
}

TEST_F(CommandsDirectoryTest, ContactsAreAddedAndEnded) {
  server_.Answer("CreateContact", v1::Contact());
  server_.Answer("EndContact", v1::EndContactResponse());
  EXPECT_EQ(Run({"contact", "add", "north/surgery", "--set", "email=a@b.example"}), kOk) << err_;
  const auto created = server_.Asked<v1::CreateContactRequest>("CreateContact");
  EXPECT_EQ(created[0].parent(), "desks/north");
  EXPECT_EQ(created[0].contact_id(), "surgery");
  EXPECT_EQ(Run({"contact", "add", "surgery", "--set", "email=a@b.example"}), kUsage);
  EXPECT_EQ(Run({"contact", "end", "north/lead", "--new-lead", "north/surgery", "--reason", "x"}),
            kOk);
  EXPECT_EQ(server_.Asked<v1::EndContactRequest>("EndContact")[0].new_lead(),
            "desks/north/contacts/surgery");
}

TEST_F(CommandsDirectoryTest, AListOfTheDirectoryIsWatchedLineByLine) {
  v1::WatchDirectoryResponse message;
  message.add_sites()->set_name("sites/a");
  message.mutable_sites(0)->set_display_name("Ribe");
  message.add_contacts()->set_name("desks/north/contacts/lead");
  message.add_contacts()->set_name("desks/south/contacts/lead");
  message.add_removed("desks/north/contacts/old");
  message.add_removed("sites/b/capacity");
  message.set_resume_token("t1");
  server_.Answer("WatchDirectory", message);
  wait_ = [](absl::Duration) { return false; };
  EXPECT_EQ(Run({"site", "list", "--watch"}), kOk) << err_;
  EXPECT_THAT(out_, HasSubstr("  sites/a  Ribe\n"));
  EXPECT_THAT(out_, testing::Not(HasSubstr("no more")));
  EXPECT_THAT(out_, testing::Not(HasSubstr("contacts")));
  EXPECT_EQ(Run({"contact", "list", "north", "--watch", "-o", "name"}), kOk) << err_;
  EXPECT_EQ(out_, "desks/north/contacts/lead\n");
  EXPECT_EQ(Run({"contact", "list", "north", "--watch"}), kOk) << err_;
  EXPECT_THAT(out_, HasSubstr("desks/north/contacts/old  is there no more\n"));
  EXPECT_EQ(Run({"site", "list", "--watch", "--filter", "city:a"}), kUsage);
}

TEST_F(CommandsDirectoryTest, OrganizationsAreApprovedAndSuspended) {
  server_.Answer("ApproveOrganization", v1::Organization());
  server_.Answer("SuspendOrganization", v1::Organization());
  EXPECT_EQ(Run({"org", "approve", "acme", "--request-id", "r"}), kOk);
  const auto approved = server_.Asked<v1::ApproveOrganizationRequest>("ApproveOrganization");
  EXPECT_EQ(approved[0].name(), "organizations/acme");
  EXPECT_EQ(approved[0].request_id(), "r");
  EXPECT_EQ(Run({"org", "suspend", "acme"}), kUsage) << "a reason is needed";
  EXPECT_EQ(Run({"org", "suspend", "acme", "--reason", "unpaid"}), kOk);
}

TEST_F(CommandsDirectoryTest, EndsOfDesksAndRegionsSayWhatBecomesOfOpenReferrals) {
  v1::EndDeskResponse ended;
  ended.mutable_summary()->set_moved_referrals(2);
  ended.mutable_summary()->set_referrals_without_cda(1);
  server_.Answer("EndDesk", ended);
  server_.Answer("EndRegion", v1::EndRegionResponse());
  EXPECT_EQ(Run({"desk", "end", "north", "--last-day", "2026-11-23", "--successor", "south",
                 "--reason", "merged"}),
            kOk)
      << err_;
  EXPECT_EQ(server_.Asked<v1::EndDeskRequest>("EndDesk")[0].successor(), "desks/south");
  EXPECT_THAT(err_, HasSubstr("2 open referrals moved"));
  EXPECT_THAT(err_, HasSubstr("cda create"));
  EXPECT_EQ(Run({"region", "end", "north", "--last-day", "2027-01-01", "--reason", "merged"}), kOk);
  EXPECT_EQ(server_.Asked<v1::EndRegionRequest>("EndRegion")[0].successor(), "");
}

TEST_F(CommandsDirectoryTest, ListsAreFilteredAndOrderedByTheServer) {
  server_.Answer("ListSites", v1::ListSitesResponse());
  server_.Answer("ListReviewReminders", v1::ListReviewRemindersResponse());
  EXPECT_EQ(Run({"site", "list", "--filter", "city:\"århus\"", "--order-by", "region desc"}), kOk);
  const auto sites = server_.Asked<v1::ListSitesRequest>("ListSites");
  EXPECT_EQ(sites[0].filter(), "city:\"århus\"");
  EXPECT_EQ(sites[0].order_by(), "region desc");
  EXPECT_EQ(Run({"reviews", "--stale-before", "2026-01-01", "--filter", "region = regions/north"}),
            kOk);
  EXPECT_EQ(server_.Asked<v1::ListReviewRemindersRequest>("ListReviewReminders")[0].stale_before(),
            "2026-01-01");
}

TEST_F(CommandsDirectoryTest, APackIsComparedAndExported) {
  v1::DiffPackResponse diff;
  diff.set_commit(7);
  server_.Answer("DiffPack", diff);
  WriteFile("a.json", "{}");
  EXPECT_EQ(Run({"pack", "diff", folder_.Sub("a.json")}), kOk) << err_;
  EXPECT_THAT(out_, HasSubstr("No open referral is touched."));
  v1::ExportPackResponse pack;
  v1::PackFile* file = pack.add_files();
  file->set_path("sub/sites.json");
  file->set_content("{}");
  server_.Answer("ExportPack", pack);
  EXPECT_EQ(Run({"pack", "export", folder_.Sub("out")}), kOk) << err_;
  EXPECT_TRUE(std::ifstream(folder_.Sub("out/sub/sites.json")).good());
  EXPECT_EQ(Run({"pack", "export", folder_.Sub("out")}), kUsage) << "it is not empty";
}

TEST_F(CommandsDirectoryTest, AnExportCannotLeaveItsFolder) {
  v1::ExportPackResponse pack;
  pack.add_files()->set_path("../escaped.json");
  server_.Answer("ExportPack", pack);
  EXPECT_EQ(Run({"pack", "export", folder_.Sub("out")}), kUsage);
  EXPECT_FALSE(std::ifstream(folder_.Sub("escaped.json")).good());
}

}  // namespace
}  // namespace trialgate::cli
