// A country of two regions on a store in memory, and everything between the store and the gRPC
// faces.
#ifndef TRIALGATE_TESTS_INTEGRATION_LIFECYCLE_SMALL_COUNTRY_H_
#define TRIALGATE_TESTS_INTEGRATION_LIFECYCLE_SMALL_COUNTRY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/keys/key_store.h"
#include "common/store/projection.h"
#include "common/store/store.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "gtest/gtest.h"
#include "services/directory/directory_projection.h"
#include "services/intake/answer_collation_app.h"
#include "services/intake/trial_request_app.h"
#include "services/intake/world_projection.h"
#include "services/routing/referral_app.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ids.h"

namespace trialgate {

// Sites a1, a2 and a3 stand in region a, b1 in region b; each takes phase 2 trials of medicinal
// products in adults and has 2 slots. It is Thursday 2026-03-05, 09:00 UTC.
class SmallCountry : public testing::Test {
 protected:
  SmallCountry();

  // Principals.
  static v1::Principal Requester(const std::string& organization = "organizations/acme");
  static v1::Principal Coordinator(const std::string& desk);
  static v1::Principal National();

  // A request without faults, for sites in both regions.
  static v1::TrialRequest Trial();

  v1::SubmitTrialRequestRequest SubmitCall(const v1::TrialRequest& trial,
                                           const std::string& request_id = "");
  // Submits, as the requester; the test fails where that is refused.
  v1::TrialRequest Submit(const v1::TrialRequest& trial = Trial());

  // The referral of the request at the desk.
  v1::Referral At(const std::string& desk, const v1::TrialRequest& request);
  v1::TrialRequest Stored(const std::string& request);
  v1::SiteCapacity Capacity(const std::string& site);
  // Slots held and occupied for offers in a month, "YYYY-MM".
  int Held(const std::string& site, const std::string& month);
  int Confirmed(const std::string& site, const std::string& month);
  int CountRows(storage::v1::TableId table);

  static v1::Offer Offer(const std::string& site,
                         v1::OfferFirmness firmness = v1::OFFER_FIRMNESS_FIRM);
  static v1::Refusal Refusal(const std::string& site);
  v1::AnswerReferralRequest AnswerCall(const v1::Referral& referral,
                                       const std::vector<v1::Offer>& offers,
                                       const std::vector<v1::Refusal>& refusals);
  v1::DeclineReferralRequest DeclineCall(const v1::Referral& referral);
  // A selection of every offer of the newest answer; those of `selected` are.
  v1::ConfirmTrialRequestRequest ConfirmCall(const std::string& request,
                                             const std::vector<std::string>& selected);
  v1::WithdrawTrialRequestRequest WithdrawCall(const std::string& request);
  std::string NewRequestId() { return request_ids_.NewId(); }

  // Puts records into the directory and waits until they are seen.
  template <typename P>
  void Put(const store::Table<P>& table, const P& record) {
    PutBytes([&](store::UnitOfWork& work) { return work.Put(table, record.name(), record); });
  }
  void SetSlots(const std::string& site, int slots);

  FakeClock clock_;
  FakeIds ids_;
  FakeIds request_ids_{"call-"};
  std::unique_ptr<store::Store> store_;
  RandomIds key_ids_;
  std::unique_ptr<keys::KeyStore> keys_ = keys::NewMemoryKeyStore(&key_ids_);
  directory::DirectoryCache directory_{keys_.get()};
  feasibility::SiteIndexCache sites_{&directory_};
  intake::WorldCache world_{&directory_, &sites_};
  intake::AnswerCollation collation_{&directory_, keys_.get()};
  std::unique_ptr<intake::TrialRequestApp> requests_;
  std::unique_ptr<routing::ReferralApp> referrals_;
  std::unique_ptr<store::FeedFollower> follower_;

 private:
  void PutBytes(const std::function<absl::Status(store::UnitOfWork&)>& write);
  void PutPeople();
  void PutSites();
  void PutPack();
};

}  // namespace trialgate

#endif  // TRIALGATE_TESTS_INTEGRATION_LIFECYCLE_SMALL_COUNTRY_H_
