#include "services/directory/person_reference_repository.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/directory/directory_world.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"
#include "trialgate/v1/trial_request_service.pb.h"

namespace trialgate::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

constexpr char kRequest[] = "trialRequests/t";
constexpr char kReferral[] = "trialRequests/t/referrals/r";

v1::TrialRequest Request() {
  v1::TrialRequest request;
  request.set_name(kRequest);
  request.set_title("A study");
  request.mutable_contact()->set_display_name("Rita Holm");
  request.mutable_contact()->set_email("rita@acme.example");
  request.mutable_contact()->set_phone("+45 12345678");
  return request;
}

v1::Referral Referral() {
  v1::Referral referral;
  referral.set_name(kReferral);
  referral.add_offers()->set_site("sites/a");
  referral.mutable_offers(0)->set_principal_investigator("Dr. Anna");
  referral.add_offers()->set_site("sites/b");
  return referral;
}

class PersonReferenceTest : public DirectoryWorld {
 protected:
  void Store(const PersonsByName& persons) {
    PersonEdits edits(keys_.get(), PersonEdits::kWrite);
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          edits.Begin();
          work.SetEvent("event");
          return PutPersons(persons, clock_.Now(), &edits, &work);
        });
    ASSERT_OK(commit);
    ASSERT_OK(edits.End(commit.status()));
  }

  void Erase(const std::string& name) {
    PersonEdits edits(keys_.get(), PersonEdits::kWrite);
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          work.SetEvent("event");
          return edits.Erase(name, clock_.Now(), &work).status();
        });
    ASSERT_OK(edits.End(commit.status()));
  }

  absl::Status Fill(google::protobuf::Message* message) {
    return FillPersons(*store_, *keys_, message);
  }
};

TEST_F(PersonReferenceTest, WhatIsTakenOutIsPutBackWhereTheMessageWent) {
  v1::TrialRequest request = Request();
  v1::Referral referral = Referral();
  const PersonsByName asked = TakePersons(&request);
  const PersonsByName offered = TakePersons(&referral);
  EXPECT_THAT(asked, ElementsAre(Key(kRequest)));
  EXPECT_THAT(offered, ElementsAre(Key(OfferPersonName(kReferral, "sites/a"))));
  const std::string stored = request.SerializeAsString() + referral.SerializeAsString();
  for (const char* mark : {"Rita", "rita@", "1234", "Anna"}) {
    EXPECT_THAT(stored, Not(HasSubstr(mark)));
  }
  Store(asked);
  Store(offered);

  v1::SubmitTrialRequestResponse response;
  *response.mutable_trial_request() = request;
  ASSERT_OK(Fill(&response));
  EXPECT_EQ(response.trial_request().SerializeAsString(), Request().SerializeAsString());
  // A copy deep within another message follows.
  v1::CollatedAnswer answer;
  *answer.add_sites()->mutable_offer() = referral.offers(0);
  ASSERT_OK(Fill(&answer));
  EXPECT_EQ(answer.sites(0).offer().principal_investigator(), "Dr. Anna");
  v1::ListReferralsResponse list;
  *list.add_referrals() = referral;
  ASSERT_OK(Fill(&list));
  EXPECT_EQ(list.referrals(0).SerializeAsString(), Referral().SerializeAsString());
}

TEST_F(PersonReferenceTest, OfWhoWasErasedOnlyThatIsShown) {
  v1::TrialRequest request = Request();
  Store(TakePersons(&request));
  Erase(kRequest);
  ASSERT_OK(Fill(&request));
  EXPECT_EQ(request.contact().display_name(), kErasedName);
  EXPECT_EQ(request.contact().email() + request.contact().phone(), "");
  EXPECT_EQ(request.title(), "A study");
}

TEST_F(PersonReferenceTest, WhereAViewClearedTheFieldNothingIsPut) {
  v1::TrialRequest request = Request();
  Store(TakePersons(&request));
  request.clear_contact();
  ASSERT_OK(Fill(&request));
  EXPECT_FALSE(request.has_contact());
}

TEST_F(PersonReferenceTest, WhoIsNotGivenLeavesNoReference) {
  v1::TrialRequest request;
  request.set_name(kRequest);
  EXPECT_THAT(TakePersons(&request), IsEmpty());
  request.mutable_contact();
  EXPECT_THAT(TakePersons(&request), IsEmpty());
  EXPECT_EQ(request.contact().ByteSizeLong(), 0u);
  v1::Referral referral;
  referral.add_offers()->set_site("sites/a");
  EXPECT_THAT(TakePersons(&referral), IsEmpty());
}

TEST_F(PersonReferenceTest, ASecondTakingLeavesReferencesAsTheyAre) {
  v1::Referral referral = Referral();
  TakePersons(&referral);
  const std::string once = referral.SerializeAsString();
  EXPECT_THAT(TakePersons(&referral), IsEmpty());
  EXPECT_EQ(referral.SerializeAsString(), once);
}

TEST_F(PersonReferenceTest, ARetryIsComparedWithWhoIsStoredUnlessErased) {
  v1::TrialRequest request = Request();
  Store(TakePersons(&request));
  v1::TrialRequest same = Request();
  v1::TrialRequest other = Request();
  other.mutable_contact()->set_phone("+45 12345679");
  const PersonsByName as_before = TakePersons(&same);
  const PersonsByName changed = TakePersons(&other);
  EXPECT_OK(CheckSamePersons(*store_, *keys_, as_before));
  EXPECT_THAT(CheckSamePersons(*store_, *keys_, changed),
              HasReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  Erase(kRequest);
  EXPECT_OK(CheckSamePersons(*store_, *keys_, changed));
}

TEST_F(PersonReferenceTest, AllPersonsOfACallCanBeCleared) {
  v1::AnswerReferralRequest call;
  call.set_name(kReferral);
  *call.mutable_offers() = Referral().offers();
  ClearPersons(&call);
  EXPECT_EQ(call.offers(0).principal_investigator(), "");
  EXPECT_EQ(call.offers(0).site(), "sites/a");
  v1::SubmitTrialRequestRequest submit;
  *submit.mutable_trial_request() = Request();
  ClearPersons(&submit);
  EXPECT_EQ(submit.trial_request().contact().ByteSizeLong(), 0u);
  EXPECT_EQ(submit.trial_request().title(), "A study");
}

TEST_F(PersonReferenceTest, AClientCannotMakeUpAReference) {
  v1::TrialRequest stored = Request();
  TakePersons(&stored);
  v1::SubmitTrialRequestRequest submit;
  *submit.mutable_trial_request() = stored;
  FieldFaults faults;
  CheckPersonTexts(submit, &faults);
  ASSERT_EQ(faults.count(), 1u);
  EXPECT_EQ(faults.told()[0].field, "trial_request.contact.display_name");
  EXPECT_EQ(faults.told()[0].reason, v1::ERROR_REASON_INVALID_FORMAT);
  FieldFaults none;
  *submit.mutable_trial_request() = Request();
  CheckPersonTexts(submit, &none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace trialgate::directory
