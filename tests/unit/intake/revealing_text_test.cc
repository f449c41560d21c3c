#include "services/intake/revealing_text.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct NameCase {
  const char* text;
  const char* name;
  bool contained;
};

class ContainsNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(ContainsNameTest, HoweverItIsWrittenButOnlyAsWords) {
  EXPECT_EQ(ContainsName(GetParam().text, GetParam().name), GetParam().contained)
      << GetParam().text << " / " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(
    All, ContainsNameTest,
    testing::Values(
        NameCase{"a study of Novo Nordisk in adults", "Novo Nordisk A/S", true},
        NameCase{"NOVO  NORDISK", "Novo Nordisk A/S", true},
        NameCase{"novo-nordisk", "Novo Nordisk A/S", true},
        NameCase{"by NovoNordisk.", "Novo Nordisk A/S", true},
        NameCase{"Novo Nordisk\xe2\x80\x99s new drug", "Novo Nordisk A/S", true},
        NameCase{"Lundbecks middel", "H. Lundbeck A/S", true},
        NameCase{"Asked by \xc3\x98resund Demo CRO", "\xc3\x98resund Demo CRO (invented)", true},
        NameCase{"N\xd0\xbevo N\xd0\xberdisk", "Novo Nordisk A/S", true},    // Cyrillic o
        NameCase{"N\xcc\xb2ovo Nordi\xcc\xb2sk", "Novo Nordisk A/S", true},  // underlined
        NameCase{"NordicDemoPharmaTrial1", "Nordic Demo Pharma A/S", true},
        NameCase{"H. Lundbecks middel", "H. Lundbeck A/S", true},
        NameCase{"\xef\xbc\xa2\xef\xbd\x81\xef\xbd\x96\xef\xbd\x81rian", "Bavarian Nordic", false},
        NameCase{"\xef\xbc\xa2\xef\xbd\x81\xef\xbd\x96\xef\xbd\x81rian Nordic", "Bavarian Nordic",
                 true},
        // A composed and a decomposed a with ring.
        NameCase{"\xc3\x85rhus Pharma", "A\xcc\x8arhus Pharma ApS", true},
        NameCase{"walking aids", "ALK", false}, NameCase{"ALK-Abell\xc3\xb3", "ALK", true},
        NameCase{"novo and nordisk", "Novo Nordisk", false}, NameCase{"any text", "A/S", false},
        NameCase{"ab", "ab", false}, NameCase{"", "Novo Nordisk", false}));

TEST(ContainsIdTest, HoweverItIsWrittenAndWithinWords) {
  for (const char* text :
       {"trial NCT 0123-4567", "idNCT01234567", "\xd0\x9d\xd0\xa1\xd0\xa2 NCT01234567",
        "N\xd0\xa1T01234567", "NCT\xd9\xa0\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7",
        "nct_01234567"}) {
    EXPECT_TRUE(ContainsId(text, "NCT01234567")) << text;
  }
  EXPECT_FALSE(ContainsId("trial NCT01234568", "NCT01234567"));
  EXPECT_TRUE(ContainsId("EU CT 2023-506789-12-00", "2023-506789-12-00"));
  EXPECT_TRUE(ContainsId("see NN95354321A", "NN9535-4321-A"));
  EXPECT_FALSE(ContainsId("inspired", "SPIRE"));
  EXPECT_TRUE(ContainsId("the SPIRE trial", "SPIRE"));
}

class FindRevealingTextsTest : public testing::Test {
 protected:
  FindRevealingTextsTest() {
    v1::Organization* const requester = pack_.add_organizations();
    requester->set_name("organizations/acme-cro");
    requester->set_display_name("Acme Research Ltd");
    v1::Organization* const sponsor = pack_.add_organizations();
    sponsor->set_name("organizations/s-7");
    sponsor->set_display_name("Sunrise Therapeutics Inc.");
    request_.set_requester("organizations/acme-cro");
    request_.set_sponsor("organizations/s-7");
    request_.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
    request_.set_blinded_title("A study in heart failure");
    request_.set_blinded_synopsis("Adults are treated for a year.");
    request_.add_external_ids()->set_code("ZX-4711");
    request_.add_conditions()->set_text("Heart failure");
    request_.add_questions()->set_text("How many patients?");
  }

  std::vector<std::string> Found() {
    directory::DirectorySnapshotBuilder builder;
    for (const v1::Organization& organization : pack_.organizations()) builder.Put(organization);
    std::vector<std::string> fields;
    const FieldFaults faults = FindRevealingTexts(request_, *builder.Build(1));
    for (const FieldViolation& fault : faults.told()) {
      EXPECT_EQ(fault.reason, v1::ERROR_REASON_REVEALS_IDENTITY);
      EXPECT_EQ(fault.description.find("Sunrise"), std::string::npos);
      fields.push_back(fault.field);
    }
    return fields;
  }

  v1::Pack pack_;
  v1::TrialRequest request_;
};

TEST_F(FindRevealingTextsTest, TextsThatTellNothingPass) { EXPECT_THAT(Found(), IsEmpty()); }

TEST_F(FindRevealingTextsTest, TheNamesOfRequesterAndSponsorTheirIdsAndExternalIdsAreFound) {
  request_.set_blinded_title("Acme Research asks");
  request_.set_blinded_synopsis("for SUNRISE therapeutics, trial zx4711");
  request_.mutable_conditions(0)->set_text("acme-cro disease");
  request_.mutable_questions(0)->set_text("Do you know ZX 4711?");
  EXPECT_THAT(Found(),
              ElementsAre("trial_request.blinded_title", "trial_request.blinded_synopsis",
                          "trial_request.blinded_synopsis", "trial_request.conditions[0].text",
                          "trial_request.questions[0].text"));
}

TEST_F(FindRevealingTextsTest, CodesAndTheTitleItselfAreFound) {
  request_.set_title("A study in  HEART failure");
  v1::Code* const code = request_.mutable_conditions(0)->add_codes();
  code->set_system("acme-cro");
  code->set_code("ZX 4711");
  request_.mutable_questions(0)->set_id("zx-4711");
  EXPECT_THAT(
      Found(),
      ElementsAre("trial_request.blinded_title", "trial_request.conditions[0].codes[0].system",
                  "trial_request.conditions[0].codes[0].code", "trial_request.questions[0].id"));
}

TEST_F(FindRevealingTextsTest, ThePersonWhoseIdeaItIsIsFoundByWholeNameAndSurname) {
  request_.mutable_submitter()->set_display_name("Bo Idemager");
  request_.set_blinded_title("Idemagers splint");
  request_.set_blinded_synopsis("Bo knows");  // as others of that name do
  request_.mutable_questions(0)->set_text("Ask BO-IDEMAGER?");
  EXPECT_THAT(Found(),
              ElementsAre("trial_request.blinded_title", "trial_request.questions[0].text"));
}

TEST_F(FindRevealingTextsTest, OfAnOpenRequestOnlyTheBlindedTextsAreLookedAt) {
  request_.set_confidentiality(v1::CONFIDENTIALITY_OPEN);
  request_.set_blinded_title("Acme Research asks");
  request_.mutable_questions(0)->set_text("Do you know ZX 4711?");
  EXPECT_THAT(Found(), ElementsAre("trial_request.blinded_title"));
}

}  // namespace
}  // namespace trialgate::intake
