// The idea of a person, submitted by an idea clinic.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_reference_repository.h"
#include "services/directory/person_repository.h"
#include "services/feasibility/report_repository.h"
#include "services/intake/trial_request_repository.h"
#include "services/notices/notice_repository.h"
#include "services/people/people_app.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::absl_testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kName[] = "Ida Idemager";

class IdeaTest : public SmallCountry {
 protected:
  IdeaTest() : people_(store_.get(), &directory_, keys_.get(), &clock_, &ids_) {
    // Ideas go to the secretariat, so that who submits is not who answers.
    v1::Pack pack = directory_.Snapshot()->settings();
    for (v1::RoutingRule& rule : *pack.mutable_routing_rules()) {
      if (rule.id() == "ideas") rule.set_desk("desks/secretariat");
    }
    const auto commit = store::RunUnitOfWork(
        store_.get(), ids_.NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
          work.SetEvent("test");
          return work.Put(directory::PackSettings(), directory::kSettingsKey, pack);
        });
    EXPECT_OK(commit);
    EXPECT_OK(follower_->WaitUntil(*commit, absl::Seconds(30)));
  }

  static v1::Principal Clinic() { return Coordinator("desks/ideas"); }

  static v1::TrialRequest Idea() {
    v1::TrialRequest idea;
    idea.set_kind(v1::TRIAL_KIND_IDEA);
    idea.set_intent(v1::INTENT_CONDUCT);
    idea.set_title("A softer splint");
    idea.set_first_patient_in_earliest("2026-06-01");
    idea.set_recruitment_months(6);
    v1::IdeaSubmitter& submitter = *idea.mutable_submitter();
    submitter.set_display_name(kName);
    submitter.set_email("ida@example.dk");
    submitter.set_affiliation(v1::IDEA_AFFILIATION_RELATIVE);
    return idea;
  }

  v1::TrialRequest SubmitIdea() {
    const auto response = requests_->Submit(Clinic(), SubmitCall(Idea()));
    EXPECT_OK(response);
    return response.ok() ? response->trial_request() : v1::TrialRequest();
  }

  static std::vector<std::string> Faults(const absl::Status& status) {
    std::vector<std::string> faults;
    for (const FieldViolation& fault : FieldViolationsOf(status)) {
      faults.push_back(fault.field + " " + ReasonName(fault.reason));
    }
    return faults;
  }

  absl::StatusOr<v1::TrialRequest> Get(const v1::Principal& principal, const std::string& name) {
    v1::GetTrialRequestRequest call;
    call.set_name(name);
    return requests_->Get(principal, call);
  }

  std::string SubmitterSeen(v1::TrialRequest request) {
    EXPECT_OK(directory::FillPersons(*store_, *keys_, &request));
    return request.submitter().display_name();
  }

  std::vector<std::string> List(const v1::Principal& principal, int page_size) {
    std::vector<std::string> names;
    v1::ListTrialRequestsRequest call;
    call.set_page_size(page_size);
    do {
      const auto page = requests_->List(principal, call);
      EXPECT_OK(page);
      for (const auto& request : page->trial_requests()) names.push_back(request.name());
      call.set_page_token(page->next_page_token());
    } while (!call.page_token().empty());
    return names;
  }

  absl::StatusOr<v1::CollatedAnswer> GetAnswer(const v1::Principal& principal,
                                               const std::string& name) {
    v1::GetCollatedAnswerRequest call;
    call.set_name(name);
    return requests_->GetAnswer(principal, call);
  }

  void AnswerIt(const v1::TrialRequest& idea, v1::ReferralOutcome outcome) {
    v1::AnswerReferralRequest call;
    call.set_name(idea.referrals(0));
    call.set_outcome(outcome);
    call.set_request_id(NewRequestId());
    ASSERT_OK(referrals_->Answer(Coordinator("desks/secretariat"), call));
  }

  people::PeopleApp people_;
};

TEST_F(IdeaTest, TheClinicThatSubmittedItIsInTheRequestersPlace) {
  const v1::TrialRequest idea = SubmitIdea();
  EXPECT_EQ(idea.submitting_desk(), "desks/ideas");
  EXPECT_EQ(idea.requester(), "");
  const auto own = Get(Clinic(), idea.name());
  ASSERT_OK(own);
  EXPECT_EQ(SubmitterSeen(*own), kName);
  EXPECT_NE(own->etag(), "");
  EXPECT_THAT(own->referrals(), SizeIs(1));
  EXPECT_EQ(SubmitterSeen(*Get(National(), idea.name())), kName);
}

TEST_F(IdeaTest, TheDeskThatIsAskedDoesNotSeeWhoHadTheIdea) {
  const v1::TrialRequest idea = SubmitIdea();
  const auto asked = Get(Coordinator("desks/secretariat"), idea.name());
  ASSERT_OK(asked);
  EXPECT_FALSE(asked->has_submitter());
  EXPECT_EQ(asked->title(), "A softer splint");
  EXPECT_EQ(asked->submitting_desk(), "desks/ideas");
  EXPECT_EQ(asked->etag(), "");
  EXPECT_THAT(Get(Coordinator("desks/a"), idea.name()), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(Requester(), idea.name()), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(Get(Requester(""), idea.name()), HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(GetAnswer(Coordinator("desks/secretariat"), idea.name()),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST_F(IdeaTest, TheClinicReadsTheAnswerAndIsToldOfIt) {
  const v1::TrialRequest idea = SubmitIdea();
  EXPECT_THAT(GetAnswer(Clinic(), idea.name()), HasReason(v1::ERROR_REASON_NOT_FOUND));
  AnswerIt(idea, v1::REFERRAL_OUTCOME_TAKEN_UP);
  const auto answer = GetAnswer(Clinic(), idea.name());
  ASSERT_OK(answer);
  ASSERT_THAT(answer->desks(), SizeIs(1));
  EXPECT_EQ(answer->desks(0).outcome(), v1::REFERRAL_OUTCOME_TAKEN_UP);
  EXPECT_THAT(GetAnswer(Coordinator("desks/secretariat"), idea.name()),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  const auto rows = ScanRows(*store_, notices::Notices(), {}, store_->Head());
  ASSERT_OK(rows);
  std::vector<std::string> told;
  for (const auto& row : rows->rows) {
    if (row.value.kind() == storage::v1::NOTICE_KIND_ANSWER_READY) {
      told.push_back(row.value.recipient());
    }
  }
  EXPECT_THAT(told, ElementsAre("desks/ideas"));
}

TEST_F(IdeaTest, OnlyTheClinicThatSubmittedItAndNationalWithdrawIt) {
  const v1::TrialRequest idea = SubmitIdea();
  EXPECT_THAT(requests_->Withdraw(Coordinator("desks/secretariat"), WithdrawCall(idea.name())),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  EXPECT_THAT(requests_->Withdraw(Requester(""), WithdrawCall(idea.name())),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
  ASSERT_OK(requests_->Withdraw(Clinic(), WithdrawCall(idea.name())));
  EXPECT_EQ(Stored(idea.name()).state(), v1::TRIAL_REQUEST_STATE_WITHDRAWN);
  const v1::TrialRequest another = SubmitIdea();
  EXPECT_OK(requests_->Withdraw(National(), WithdrawCall(another.name())));
  // A desk that is asked about a trial withdraws nothing.
  const v1::TrialRequest trial = Submit();
  EXPECT_THAT(requests_->Withdraw(Coordinator("desks/a"), WithdrawCall(trial.name())),
              HasReason(v1::ERROR_REASON_NOT_FOUND));
}

TEST_F(IdeaTest, TheClinicListsItsIdeasAmongWhatIsReferredToItPageByPage) {
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(absl::Minutes(1));
    names.insert(names.begin(), SubmitIdea().name());
  }
  for (const int size : {1, 2, 3, 50}) {
    EXPECT_EQ(List(Clinic(), size), names) << size;
    EXPECT_EQ(List(Coordinator("desks/secretariat"), size), names) << size;
  }
  // Who is at both sees each once.
  v1::Principal both = Clinic();
  both.add_desks("desks/secretariat");
  EXPECT_EQ(List(both, 2), names);
}

TEST_F(IdeaTest, EveryFaultOfAPersonsIdeaIsTold) {
  v1::TrialRequest idea = Idea();
  idea.set_requester("organizations/acme");
  idea.set_sponsor("organizations/other");
  idea.mutable_contact()->set_display_name("Rita");
  idea.mutable_contact()->set_email("rita@acme.example");
  idea.mutable_submitter()->clear_display_name();
  idea.mutable_submitter()->clear_email();
  idea.mutable_submitter()->clear_affiliation();
  idea.set_submitting_desk("desks/a");
  EXPECT_THAT(
      Faults(requests_->Submit(Clinic(), SubmitCall(idea)).status()),
      UnorderedElementsAre(
          "trial_request.requester CONTRADICTION", "trial_request.sponsor CONTRADICTION",
          "trial_request.contact CONTRADICTION", "trial_request.submitter.display_name REQUIRED",
          "trial_request.submitter.email REQUIRED", "trial_request.submitter.affiliation REQUIRED",
          "trial_request.submitting_desk UNKNOWN_VALUE",
          "trial_request.submitting_desk UNKNOWN_VALUE"));
  EXPECT_THAT(Faults(requests_->Submit(National(), SubmitCall(Idea())).status()),
              ElementsAre("trial_request.submitting_desk REQUIRED"));
  v1::TrialRequest without = Trial();
  without.set_submitting_desk("desks/ideas");
  EXPECT_THAT(Faults(requests_->Submit(Requester(), SubmitCall(without)).status()),
              ElementsAre("trial_request.submitting_desk CONTRADICTION"));
  v1::TrialRequest trial = Trial();
  *trial.mutable_submitter() = Idea().submitter();
  trial.set_submitting_desk("desks/ideas");
  EXPECT_THAT(Faults(requests_->Submit(Requester(), SubmitCall(trial)).status()),
              Contains("trial_request.submitter CONTRADICTION"));
  EXPECT_THAT(requests_->Submit(Coordinator("desks/a"), SubmitCall(Idea())),
              HasReason(v1::ERROR_REASON_ROLE_NOT_PERMITTED));
}

TEST_F(IdeaTest, NationalSubmitsForAClinic) {
  v1::TrialRequest idea = Idea();
  idea.set_submitting_desk("desks/ideas");
  const auto response = requests_->Submit(National(), SubmitCall(idea));
  ASSERT_OK(response);
  EXPECT_OK(Get(Clinic(), response->trial_request().name()));
}

TEST_F(IdeaTest, TheFieldsOfThePersonLieInOnePlaceAndAreErasedThere) {
  v1::SubmitTrialRequestRequest call = SubmitCall(Idea());
  const auto first = requests_->Submit(Clinic(), call);
  ASSERT_OK(first);
  const v1::TrialRequest& idea = first->trial_request();
  // Nowhere in what is stored, nor in the trail.
  store::ScanRange all;
  all.limit = store::kMaxPage;
  const auto entries = store_->Scan(all, store_->Head());
  ASSERT_OK(entries);
  for (const auto& entry : entries->entries) {
    EXPECT_THAT(std::string(entry.value), Not(HasSubstr(kName))) << entry.key;
  }
  const auto feed = store_->ReadFeed(1, 1000);
  ASSERT_OK(feed);
  for (const auto& record : *feed) {
    EXPECT_THAT(record.SerializeAsString(), Not(HasSubstr(kName)));
  }
  const std::string person = directory::SubmitterPersonName(idea.name());
  v1::ExportPersonRequest read;
  read.set_name(person);
  const auto exported = people_.Export(read);
  ASSERT_OK(exported);
  EXPECT_THAT(exported->DebugString(), HasSubstr(kName));
  // A retry with another person is another request.
  v1::SubmitTrialRequestRequest other = call;
  other.mutable_trial_request()->mutable_submitter()->set_display_name("Another");
  EXPECT_THAT(requests_->Submit(Clinic(), other), HasReason(v1::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_OK(requests_->Submit(Clinic(), call));
  v1::ErasePersonRequest erase;
  erase.set_name(person);
  erase.set_reason("asked to");
  erase.set_request_id(NewRequestId());
  ASSERT_OK(people_.Erase(National(), erase));
  const auto after = Get(Clinic(), idea.name());
  ASSERT_OK(after);
  EXPECT_EQ(SubmitterSeen(*after), directory::kErasedName);
}

}  // namespace
}  // namespace trialgate
