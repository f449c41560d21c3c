#include "services/people/people_app.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/people/people_service.h"
#include "services/routing/referral_repository.h"
#include "tests/unit/directory/directory_world.h"
#include "tests/unit/people/stubborn_keys.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::people {
namespace {

using absl_testing::StatusIs;
using directory::Coordinator;
using directory::National;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kName[] = "desks/lagoon/contacts/heart";

class PeopleAppTest : public directory::DirectoryWorld {
 protected:
  PeopleAppTest() { ApplyTinyPack(); }

  absl::StatusOr<v1::ExportPersonResponse> Export(const std::string& name = kName) {
    v1::ExportPersonRequest request;
    request.set_name(name);
    return people_.Export(request);
  }

  v1::ErasePersonRequest EraseCall(const std::string& name = kName) {
    v1::ErasePersonRequest request;
    request.set_name(name);
    request.set_reason("asked to");
    request.set_request_id(NextRequestId());
    return request;
  }

  absl::StatusOr<v1::ErasePersonResponse> Erase(const v1::ErasePersonRequest& request) {
    return people_.Erase(National(), request);
  }

  v1::AuditEvent LastEvent() {
    const auto commits = store_->ReadFeed(store_->Head(), 1);
    EXPECT_OK(commits);
    v1::AuditEvent event;
    EXPECT_TRUE(event.ParseFromString(commits->front().event()));
    return event;
  }

  StubbornKeys stubborn_{keys_.get()};
  PeopleApp people_{store_.get(), &cache_, &stubborn_, &clock_, &ids_};
};

TEST_F(PeopleAppTest, AnExportHoldsAllThatIsHeldOfAContact) {
  const auto commit =
      store::RunUnitOfWork(store_.get(), ids_.NewId(), {}, [](store::UnitOfWork& work) {
        v1::Referral referral;
        referral.set_name("trialRequests/t/referrals/r");
        referral.set_contact(kName);
        work.SetEvent("event");
        return work.Put(routing::Referrals(), referral.name(), referral);
      });
  ASSERT_OK(commit);
  ASSERT_OK_AND_ASSIGN(const auto person, Export());
  EXPECT_EQ(person.name(), kName);
  EXPECT_EQ(person.display_name(), "Coordinator for heart medicine, Lagoon");
  EXPECT_EQ(person.email(), "heart@lagoon.example");
  EXPECT_EQ(person.phone(), "+00 1234");
  EXPECT_THAT(person.pseudonym(), HasSubstr("persons/"));
  EXPECT_THAT(person.specialities(), ElementsAre("heart"));
  EXPECT_EQ(person.absences_size(), 1);
  EXPECT_THAT(person.referrals(), ElementsAre("trialRequests/t/referrals/r"));
  EXPECT_TRUE(person.has_store_time());
}

TEST_F(PeopleAppTest, WhoIsErasedIsGoneForReadersAndForASecondCall) {
  ASSERT_OK_AND_ASSIGN(const auto before, Export());
  ASSERT_OK_AND_ASSIGN(const auto erased, Erase(EraseCall()));
  EXPECT_EQ(erased.pseudonym(), before.pseudonym());
  EXPECT_TRUE(erased.has_erase_time());
  const v1::Contact* contact = cache_.Snapshot()->FindContact(kName);
  EXPECT_EQ(contact->display_name(), directory::kErasedName);
  EXPECT_EQ(contact->email() + contact->phone(), "");
  EXPECT_THAT(Export(), AllOf(StatusIs(absl::StatusCode::kNotFound),
                              HasReason(v1::ERROR_REASON_PERSON_ERASED)));
  EXPECT_THAT(Erase(EraseCall()), HasReason(v1::ERROR_REASON_PERSON_ERASED));
}

TEST_F(PeopleAppTest, TheEventNamesThePseudonymAndTheReasonAndNothingOfThePerson) {
  ASSERT_OK_AND_ASSIGN(const auto erased, Erase(EraseCall()));
  const v1::AuditEvent event = LastEvent();
  EXPECT_EQ(event.action(), "ErasePerson");
  EXPECT_EQ(event.reason(), "asked to");
  ASSERT_EQ(event.changes_size(), 1);
  EXPECT_EQ(event.changes(0).name(), erased.pseudonym());
  EXPECT_EQ(event.changes(0).before_sha256().size(), 64u);
  EXPECT_EQ(event.changes(0).after_sha256(), "");
  EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr("lagoon")));
}

TEST_F(PeopleAppTest, ACheckErasesNothing) {
  v1::ErasePersonRequest request = EraseCall();
  request.set_validate_only(true);
  request.clear_request_id();
  const store::CommitNumber head = store_->Head();
  ASSERT_OK_AND_ASSIGN(const auto checked, Erase(request));
  EXPECT_FALSE(checked.has_erase_time());
  EXPECT_EQ(store_->Head(), head);
  EXPECT_OK(Export());
}

TEST_F(PeopleAppTest, NobodyUnderANameIsNotFound) {
  for (const char* name : {"", "desks/lagoon/contacts/nobody", "desks/lagoon", "x\x01y"}) {
    EXPECT_THAT(Export(name),
                AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason(v1::ERROR_REASON_NOT_FOUND)))
        << name;
    EXPECT_THAT(Erase(EraseCall(name)), HasReason(v1::ERROR_REASON_NOT_FOUND)) << name;
  }
}

TEST_F(PeopleAppTest, FaultsAreToldTogether) {
  v1::ErasePersonRequest request = EraseCall();
  request.clear_reason();
  request.clear_request_id();
  EXPECT_THAT(FieldsOf(Erase(request).status()),
              ElementsAre("reason REQUIRED", "request_id REQUIRED"));
  request.set_reason(std::string(2049, 'x'));
  EXPECT_THAT(FieldsOf(Erase(request).status()),
              ElementsAre("reason TOO_LONG", "request_id REQUIRED"));
}

TEST_F(PeopleAppTest, AKeyThatCannotBeDestroyedIsToldAndTriedAgainOnRetry) {
  stubborn_.refuses = true;
  const v1::ErasePersonRequest request = EraseCall();
  EXPECT_THAT(Erase(request), AllOf(StatusIs(absl::StatusCode::kUnavailable),
                                    HasReason(v1::ERROR_REASON_KEYS_UNAVAILABLE)));
  // Recorded, and not shown any more, all the same.
  EXPECT_THAT(Export(), HasReason(v1::ERROR_REASON_PERSON_ERASED));
  EXPECT_THAT(Erase(request), HasReason(v1::ERROR_REASON_KEYS_UNAVAILABLE));
  stubborn_.refuses = false;
  ASSERT_OK_AND_ASSIGN(const auto erased, Erase(request));
  ASSERT_OK_AND_ASSIGN(const keys::KeyIds ids, keys_->List());
  EXPECT_EQ("persons/" + *ids.destroyed.begin(), erased.pseudonym());
}

TEST_F(PeopleAppTest, ARetryDoesNotEraseWhoWasStoredAnewMeanwhile) {
  const v1::ErasePersonRequest request = EraseCall();
  ASSERT_OK_AND_ASSIGN(const auto first, Erase(request));
  v1::UpdateContactRequest anew;
  anew.mutable_contact()->set_name(kName);
  anew.mutable_contact()->set_display_name("Somebody Else");
  anew.mutable_contact()->set_email("else@lagoon.example");
  anew.set_request_id(NextRequestId());
  ASSERT_OK(edits_.UpdateContact(National(), anew));
  ASSERT_OK_AND_ASSIGN(const auto again, Erase(request));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_OK(Export());
}

TEST_F(PeopleAppTest, OnlyNationalCoordinatorsMay) {
  const auto service = NewPeopleService(&people_);
  v1::ExportPersonRequest request;
  request.set_name(kName);
  EXPECT_OK(service->Call<v1::ExportPersonResponse>("ExportPerson", National(), request));
  EXPECT_THAT(service->Call<v1::ExportPersonResponse>("ExportPerson", Coordinator({"desks/lagoon"}),
                                                      request),
              HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
  EXPECT_THAT(service->Call<v1::ErasePersonResponse>("ErasePerson", Coordinator({"desks/lagoon"}),
                                                     EraseCall()),
              HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
}

}  // namespace
}  // namespace trialgate::people
