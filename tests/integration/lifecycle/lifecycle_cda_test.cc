// CDAs: who records them, what they show, and what remains of that.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/store/idempotency.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/access/cda_app.h"
#include "services/access/cda_repository.h"
#include "tests/integration/lifecycle/small_country.h"
#include "tests/support/status_matchers.h"
#include "tests/support/store_decorator.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CdaTest : public SmallCountry {
 protected:
  CdaTest() : cdas_(store_.get(), &directory_, &clock_, &ids_) {}

  v1::TrialRequest SubmitBlinded() {
    v1::TrialRequest trial = Trial();
    trial.set_title("the real title");
    trial.set_confidentiality(v1::CONFIDENTIALITY_BLINDED);
    trial.set_blinded_title("A blinded trial");
    trial.set_synopsis("all of it");
    return Submit(trial);
  }

  static v1::Cda Agreement(const std::string& desk) {
    v1::Cda cda;
    cda.set_sponsor("organizations/acme");
    cda.set_desk(desk);
    cda.set_effective_date("2026-03-01");
    cda.set_reference("CDA 17/2026");
    return cda;
  }

  v1::Cda Record(const v1::Cda& cda) {
    v1::CreateCdaRequest call;
    *call.mutable_cda() = cda;
    call.set_request_id(NewRequestId());
    const auto recorded = cdas_.Create(National(), call);
    EXPECT_OK(recorded);
    return recorded.value_or(v1::Cda());
  }

  v1::RevokeCdaRequest RevokeCall(const std::string& name) {
    v1::RevokeCdaRequest call;
    call.set_name(name);
    call.set_reason("ended by the sponsor");
    call.set_request_id(NewRequestId());
    return call;
  }

  v1::TrialRequest SeenAt(const std::string& desk, const std::string& request) {
    v1::GetTrialRequestRequest call;
    call.set_name(request);
    const auto seen = requests_->Get(Coordinator(desk), call);
    EXPECT_OK(seen);
    return seen.value_or(v1::TrialRequest());
  }

  // Actions of the events after commit `from`.
  std::vector<std::string> ActionsAfter(store::CommitNumber from) {
    std::vector<std::string> actions;
    const auto feed = store_->ReadFeed(from + 1, 100);
    EXPECT_OK(feed);
    for (const auto& record : *feed) {
      v1::AuditEvent event;
      EXPECT_TRUE(event.ParseFromString(record.event()));
      actions.push_back(event.action());
    }
    return actions;
  }

  access::CdaApp cdas_;
};

TEST_F(CdaTest, FromThenOnTheDeskSeesMoreAndOtherDesksDoNot) {
  const v1::TrialRequest request = SubmitBlinded();
  EXPECT_EQ(SeenAt("desks/a", request.name()).title(), "");
  Record(Agreement("desks/a"));
  const v1::TrialRequest seen = SeenAt("desks/a", request.name());
  EXPECT_EQ(seen.title(), "the real title");
  EXPECT_EQ(seen.synopsis(), "all of it");
  EXPECT_EQ(seen.requester(), "organizations/acme");
  EXPECT_EQ(SeenAt("desks/b", request.name()).title(), "");
}

TEST_F(CdaTest, OneOfAnotherSponsorOrToComeOrOverShowsNothing) {
  const v1::TrialRequest request = SubmitBlinded();
  v1::Cda other = Agreement("desks/a");
  other.set_sponsor("organizations/other");
  v1::Cda to_come = Agreement("desks/a");
  to_come.set_effective_date("2026-03-06");
  v1::Cda over = Agreement("desks/a");
  over.set_expiry_date("2026-03-04");
  for (const v1::Cda& cda : {other, to_come, over}) Record(cda);
  EXPECT_EQ(SeenAt("desks/a", request.name()).title(), "");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(SeenAt("desks/a", request.name()).title(), "the real title");
}

TEST_F(CdaTest, RevokedItShowsNothingAnyMore) {
  const v1::TrialRequest request = SubmitBlinded();
  const v1::Cda cda = Record(Agreement("desks/a"));
  EXPECT_EQ(SeenAt("desks/a", request.name()).title(), "the real title");
  const auto revoked = cdas_.Revoke(National(), RevokeCall(cda.name()));
  ASSERT_OK(revoked);
  EXPECT_TRUE(revoked->has_revoke_time());
  EXPECT_EQ(SeenAt("desks/a", request.name()).title(), "");
  EXPECT_THAT(cdas_.Revoke(National(), RevokeCall(cda.name())),
              HasReason(v1::ERROR_REASON_WRONG_STATE));
}

TEST_F(CdaTest, EachUnblindingIsOneAuditEvent) {
  const v1::TrialRequest request = SubmitBlinded();
  const v1::Cda cda = Record(Agreement("desks/a"));
  const store::CommitNumber before = store_->Head();
  SeenAt("desks/a", request.name());
  SeenAt("desks/a", request.name());
  SeenAt("desks/b", request.name());
  v1::ListTrialRequestsRequest list;
  ASSERT_OK(requests_->List(Coordinator("desks/a"), list));
  EXPECT_THAT(ActionsAfter(before), ElementsAre("UnblindTrialRequest"));
  const auto record = store_->ReadFeed(before + 1, 1);
  ASSERT_OK(record);
  v1::AuditEvent event;
  ASSERT_TRUE(event.ParseFromString(record->front().event()));
  EXPECT_EQ(event.principal().desks(0), "desks/a");
  ASSERT_THAT(event.changes(), SizeIs(1));
  EXPECT_THAT(event.changes(0).name(), testing::AllOf(HasSubstr(request.name()),
                                                      HasSubstr("desks/a"), HasSubstr(cda.name())));
}

// Refuses every commit.
class ReadOnlyStore final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  absl::StatusOr<store::CommitOutcome> Commit(store::CommitRequest) override {
    return absl::UnavailableError("read only");
  }
};

TEST_F(CdaTest, WhereAnUnblindingCannotBeRecordedNothingIsShown) {
  const v1::TrialRequest request = SubmitBlinded();
  Record(Agreement("desks/a"));
  ReadOnlyStore read_only(store_.get());
  intake::TrialRequestApp app(&read_only, &world_, keys_.get(), &clock_, &ids_, {});
  v1::GetTrialRequestRequest call;
  call.set_name(request.name());
  EXPECT_EQ(app.Get(Coordinator("desks/a"), call).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_OK(app.Get(Coordinator("desks/b"), call));
}

TEST_F(CdaTest, EverybodySeesTheirOwnAndNobodyElses) {
  const v1::Cda a = Record(Agreement("desks/a"));
  const v1::Cda b = Record(Agreement("desks/b"));
  v1::GetCdaRequest get;
  get.set_name(a.name());
  EXPECT_OK(cdas_.Get(Requester(), get));
  EXPECT_OK(cdas_.Get(Coordinator("desks/a"), get));
  EXPECT_THAT(cdas_.Get(Coordinator("desks/b"), get), HasReason(v1::ERROR_REASON_NOT_FOUND));
  const auto hidden = cdas_.Get(Requester("organizations/other"), get).status();
  get.set_name("cdas/none");
  const auto absent = cdas_.Get(Requester("organizations/other"), get).status();
  EXPECT_EQ(hidden.code(), absent.code());
  EXPECT_EQ(ReasonOf(hidden), ReasonOf(absent));
  v1::ListCdasRequest list;
  list.set_page_size(1);
  const auto names = [&](const v1::Principal& principal) {
    std::vector<std::string> all;
    list.clear_page_token();
    do {
      const auto page = cdas_.List(principal, list);
      EXPECT_OK(page);
      if (!page.ok()) break;
      // One that is empty, or another after the last, would tell of others' CDAs.
      EXPECT_FALSE(page->cdas().empty() && !list.page_token().empty());
      for (const v1::Cda& cda : page->cdas()) {
        all.push_back(cda.name());
        EXPECT_EQ(cda.etag().empty(), principal.role() != v1::ROLE_NATIONAL);
      }
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
    return all;
  };
  EXPECT_THAT(names(National()), testing::UnorderedElementsAre(a.name(), b.name()));
  EXPECT_THAT(names(Requester()), testing::UnorderedElementsAre(a.name(), b.name()));
  EXPECT_THAT(names(Coordinator("desks/b")), ElementsAre(b.name()));
  EXPECT_THAT(names(Requester("organizations/other")), IsEmpty());
}

TEST_F(CdaTest, EveryFaultIsToldAtOnceAndNothingIsStored) {
  v1::CreateCdaRequest call;
  call.mutable_cda()->set_sponsor("organizations/nobody");
  call.mutable_cda()->set_desk("no name");
  call.mutable_cda()->set_effective_date("2026-03-02");
  call.mutable_cda()->set_expiry_date("2026-03-01");
  call.mutable_cda()->set_revoke_reason("at once");
  const auto refused = cdas_.Create(National(), call).status();
  EXPECT_EQ(ReasonOf(refused), v1::ERROR_REASON_INVALID_FIELDS);
  std::vector<std::string> fields;
  for (const FieldViolation& fault : FieldViolationsOf(refused)) fields.push_back(fault.field);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("cda.sponsor", "cda.desk", "cda.expiry_date",
                                                    "cda.reference", "cda", "request_id"));
  EXPECT_EQ(CountRows(storage::v1::TABLE_ID_CDA), 0);
}

TEST_F(CdaTest, AStaleEtagAndAMissingReasonRevokeNothing) {
  const v1::Cda cda = Record(Agreement("desks/a"));
  v1::RevokeCdaRequest call = RevokeCall(cda.name());
  call.set_etag("1");
  EXPECT_THAT(cdas_.Revoke(National(), call), HasReason(v1::ERROR_REASON_ETAG_MISMATCH));
  call = RevokeCall(cda.name());
  call.clear_reason();
  EXPECT_THAT(cdas_.Revoke(National(), call), HasReason(v1::ERROR_REASON_INVALID_FIELDS));
  call.set_reason("ended");
  call.set_etag(cda.etag());
  EXPECT_OK(cdas_.Revoke(National(), call));
  // A retry has the first answer.
  EXPECT_OK(cdas_.Revoke(National(), call));
}

// Notes every read, by table and number of keys.
class RecordingStore final : public store::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;
  absl::StatusOr<std::vector<std::optional<store::Entry>>> Get(
      absl::Span<const std::string> keys, store::CommitNumber as_of) const override {
    std::string read = "get";
    for (const std::string& key : keys) absl::StrAppend(&read, " ", key.substr(0, 2));
    reads_.push_back(read);
    return StoreDecorator::Get(keys, as_of);
  }
  absl::StatusOr<store::ScanPage> Scan(const store::ScanRange& range,
                                       store::CommitNumber as_of) const override {
    reads_.push_back(absl::StrCat("scan ", range.start.substr(0, 2)));
    return StoreDecorator::Scan(range, as_of);
  }
  std::vector<std::string> Take() { return std::exchange(reads_, {}); }

 private:
  mutable std::vector<std::string> reads_;
};

TEST_F(CdaTest, WhatIsOthersAndWhatIsNotThereAreToldAfterTheSameReads) {
  // Routed to desk a alone, so that nothing of it is desk b's.
  v1::TrialRequest trial = Trial();
  trial.add_regions_wanted("regions/a");
  const v1::TrialRequest request = Submit(trial);
  ASSERT_THAT(request.referrals(), SizeIs(1));
  RecordingStore recording(store_.get());
  intake::TrialRequestApp requests(&recording, &world_, keys_.get(), &clock_, &ids_, {});
  routing::ReferralApp referrals(&recording, &directory_, &collation_, keys_.get(), &clock_, &ids_);
  const std::string id = request.name().substr(request.name().find('/') + 1);
  const std::string none = "trialRequests/none";
  const auto same = [&](const v1::Principal& principal, auto call) {
    const absl::Status hidden = call(principal, request.name());
    const auto hidden_reads = recording.Take();
    const absl::Status absent = call(principal, none);
    const auto absent_reads = recording.Take();
    EXPECT_EQ(hidden.code(), absl::StatusCode::kNotFound) << hidden;
    EXPECT_EQ(hidden.code(), absent.code());
    EXPECT_EQ(ReasonOf(hidden), ReasonOf(absent));
    EXPECT_EQ(hidden_reads, absent_reads);
  };
  for (const auto& principal :
       {Requester("organizations/other"), Coordinator("desks/b"), Coordinator("desks/none")}) {
    same(principal, [&](const auto& who, const std::string& name) {
      v1::GetTrialRequestRequest call;
      call.set_name(name);
      return requests.Get(who, call).status();
    });
    same(principal, [&](const auto& who, const std::string& name) {
      return requests.ReportSeenBy(who, name).status();
    });
    same(principal, [&](const auto& who, const std::string& name) {
      v1::ListReferralsRequest call;
      call.set_parent(name);
      return referrals.List(who, call).status();
    });
    same(principal, [&](const auto& who, const std::string& name) {
      v1::GetReferralRequest call;
      call.set_name(name == none ? none + "/referrals/none" : request.referrals(0));
      return referrals.Get(who, call).status();
    });
    same(principal, [&](const auto& who, const std::string& name) {
      v1::WithdrawTrialRequestRequest call = WithdrawCall(name);
      return requests.Withdraw(who, call).status();
    });
    same(principal, [&](const auto& who, const std::string& name) {
      v1::GetCollatedAnswerRequest call;
      call.set_name(name);
      return requests.GetAnswer(who, call).status();
    });
  }
  same(Coordinator("desks/b"), [&](const auto& who, const std::string& name) {
    v1::Referral referral;
    referral.set_name(name == none ? none + "/referrals/none" : request.referrals(0));
    return referrals.Decline(who, DeclineCall(referral)).status();
  });
}

}  // namespace
}  // namespace trialgate
