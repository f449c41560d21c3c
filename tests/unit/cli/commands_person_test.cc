#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"
#include "trialgate/v1/people_service.pb.h"

namespace trialgate::cli {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

using CommandsPersonTest = AppTest;

TEST_F(CommandsPersonTest, APersonIsExportedAndErasedWithTheReasonGiven) {
  v1::ExportPersonResponse held;
  held.set_name("desks/north/contacts/lead");
  held.set_pseudonym("persons/p");
  held.set_display_name("Anna Holm");
  held.add_referrals("trialRequests/t/referrals/r");
  server_.Answer("ExportPerson", held);
  EXPECT_EQ(Run({"person", "export", "desks/north/contacts/lead"}), kOk);
  EXPECT_THAT(out_, HasSubstr("Anna Holm"));
  EXPECT_THAT(out_, HasSubstr("trialRequests/t/referrals/r"));
  EXPECT_THAT(out_, HasSubstr("persons/p"));

  v1::ErasePersonResponse erased;
  erased.set_pseudonym("persons/p");
  server_.Answer("ErasePerson", erased);
  EXPECT_EQ(Run({"person", "erase", "desks/north/contacts/lead", "--reason", "asked to",
                 "--validate-only"}),
            kOk);
  const auto asked = server_.Asked<v1::ErasePersonRequest>("ErasePerson");
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].name(), "desks/north/contacts/lead");
  EXPECT_EQ(asked[0].reason(), "asked to");
  EXPECT_TRUE(asked[0].validate_only());
  EXPECT_EQ(Run({"person", "erase", "desks/north/contacts/lead"}), kUsage);
}

TEST_F(CommandsPersonTest, ErasingIsDoneOnlyWhereItIsMeant) {
  server_.Answer("ErasePerson", v1::ErasePersonResponse());
  const std::vector<std::string> erase = {"person", "erase", "desks/north/contacts/lead",
                                          "--reason", "asked to"};
  EXPECT_EQ(Run(erase), kUsage);
  EXPECT_THAT(err_, HasSubstr("--yes"));
  terminal_ = {.in = true, .out = true, .err = true, .columns = 80};
  EXPECT_EQ(Run(erase, "no\n"), kUsage);
  EXPECT_THAT(server_.Asked<v1::ErasePersonRequest>("ErasePerson"), SizeIs(0));
  EXPECT_EQ(Run(erase, "yes\n"), kOk) << err_;
  terminal_ = {};
  EXPECT_EQ(Run({"person", "erase", "desks/north/contacts/lead", "--reason", "x", "--yes"}), kOk);
  EXPECT_THAT(server_.Asked<v1::ErasePersonRequest>("ErasePerson"), SizeIs(2));
}

}  // namespace
}  // namespace trialgate::cli
