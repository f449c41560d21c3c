#include "tools/load/traffic.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/load/client.h"

namespace trialgate::load {
namespace {

using Clock = std::chrono::steady_clock;

bool IsTransient(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::ABORTED;
}

class Traffic {
 public:
  explicit Traffic(const TrafficOptions& options)
      : options_(options),
        ledger_(open(options.ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644)) {
    const Client client(options_.target, kNational);
    v1::ListSitesRequest request;
    request.set_page_size(1000);
    v1::ListSitesResponse response;
    Call(client, [&](grpc::ClientContext* context) {
      return client.directory->ListSites(context, request, &response);
    });
    for (const v1::Site& site : response.sites()) {
      if (site.specialities_size() > 0) sites_.push_back(site);
    }
  }
  ~Traffic() { close(ledger_); }

  TrafficResult Run() {
    if (ledger_ < 0 || sites_.empty()) {
      result_.failed = options_.requests;
      result_.first_error = ledger_ < 0 ? "cannot open the ledger" : "the directory has no sites";
      return result_;
    }
    const auto start = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < options_.in_flight; ++i) threads.emplace_back([this, i] { Work(i); });
    for (std::thread& thread : threads) thread.join();
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return result_;
  }

 private:
  // Calls until the answer is not a passing failure, or patience is over.
  template <typename Function>
  grpc::Status Call(const Client& client, Function call) {
    const auto end = Clock::now() + std::chrono::seconds(options_.patience_seconds);
    for (;;) {
      grpc::ClientContext context;
      client.Prepare(context, 20);
      const grpc::Status status = call(&context);
      if (status.ok() || !IsTransient(status) || Clock::now() > end) return status;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  void Work(int worker) {
    // A few channels spread the streams; one would be a single connection for all.
    const Client client(options_.target, kNational);
    std::mt19937_64 random(options_.seed * 1000 + worker);
    for (int64_t i = next_++; i < options_.requests; i = next_++) {
      v1::SubmitTrialRequestResponse submitted;
      if (!Submit(client, i, random, submitted)) continue;
      if (i % 4 == 0) AnswerAll(client, i, submitted);
      if (i % 10 == 0) ChangeCapacity(client, i, random);
    }
  }

  bool Submit(const Client& client, int64_t index, std::mt19937_64& random,
              v1::SubmitTrialRequestResponse& response) {
    const v1::Site& like = sites_[random() % sites_.size()];
    v1::SubmitTrialRequestRequest request;
    request.set_request_id(absl::StrCat("load-", options_.seed, "-", index));
    v1::TrialRequest& trial = *request.mutable_trial_request();
    trial.set_requester(options_.organization);
    trial.set_kind(v1::TRIAL_KIND_OBSERVATIONAL);
    trial.set_intent(v1::INTENT_SPONSOR);
    trial.set_phase(v1::PHASE_NOT_APPLICABLE);
    trial.set_title(absl::StrCat("Load study ", index));
    trial.add_conditions()->set_text("A condition");
    trial.add_specialities(
        like.specialities(static_cast<int>(random() % like.specialities_size())));
    trial.set_patients_wanted(static_cast<int64_t>(random() % 100));
    const absl::CivilDay start =
        absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + 30 + static_cast<int>(random() % 700);
    trial.set_first_patient_in_earliest(absl::FormatCivilTime(start));
    trial.set_recruitment_months(1 + static_cast<int>(random() % 12));
    trial.mutable_contact()->set_display_name("Load");
    trial.mutable_contact()->set_email("load@sponsor.example");
    const grpc::Status status = Call(client, [&](grpc::ClientContext* context) {
      return client.requests->SubmitTrialRequest(context, request, &response);
    });
    if (!status.ok()) return Fail("submit", status);
    const v1::TrialRequest& stored = response.trial_request();
    if (!Note(
            absl::StrCat("request ", stored.name(), " ", absl::StrJoin(stored.referrals(), " ")))) {
      return false;
    }
    std::lock_guard<std::mutex> lock(mutex_);
    ++result_.acknowledged;
    return true;
  }

  // Appends a line to the ledger: what the server has acknowledged, and hence must keep.
  bool Note(const std::string& line) {
    const std::string text = absl::StrCat(line, "\n");
    if (write(ledger_, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return true;
    return Fail("ledger", grpc::Status(grpc::StatusCode::DATA_LOSS, "short write"));
  }

  void AnswerAll(const Client& client, int64_t index,
                 const v1::SubmitTrialRequestResponse& submitted) {
    int n = 0;
    for (const std::string& name : submitted.trial_request().referrals()) {
      v1::GetReferralRequest get;
      get.set_name(name);
      v1::Referral referral;
      if (!Call(client, [&](grpc::ClientContext* context) {
             return client.referrals->GetReferral(context, get, &referral);
           }).ok()) {
        continue;
      }
      v1::AnswerReferralRequest answer;
      answer.set_name(name);
      answer.set_request_id(absl::StrCat("load-", options_.seed, "-", index, "-answer-", ++n));
      for (const std::string& site : referral.sites()) {
        v1::Offer& offer = *answer.add_offers();
        offer.set_site(site);
        offer.set_patients_claimed(5);
        offer.set_earliest_start(submitted.trial_request().first_patient_in_earliest());
        offer.set_firmness(v1::OFFER_FIRMNESS_FIRM);
      }
      if (referral.sites().empty()) continue;
      Answer(client, answer);
    }
  }

  void Answer(const Client& client, const v1::AnswerReferralRequest& answer) {
    v1::Referral answered;
    const grpc::Status status = Call(client, [&](grpc::ClientContext* context) {
      return client.referrals->AnswerReferral(context, answer, &answered);
    });
    if (status.ok()) {
      std::vector<std::string> sites;
      for (const v1::Offer& offer : answered.offers()) sites.push_back(offer.site());
      Note(absl::StrCat("answer ", answer.name(), " ", absl::StrJoin(sites, " ")));
      std::lock_guard<std::mutex> lock(mutex_);
      ++result_.answers;
    } else if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
      std::lock_guard<std::mutex> lock(mutex_);
      ++result_.no_free_slot;
    } else {
      Fail("answer", status);
    }
  }

  void ChangeCapacity(const Client& client, int64_t index, std::mt19937_64& random) {
    v1::UpdateSiteCapacityRequest request;
    request.set_request_id(absl::StrCat("load-", options_.seed, "-", index, "-capacity"));
    v1::SiteCapacity& capacity = *request.mutable_capacity();
    capacity.set_name(absl::StrCat(sites_[random() % sites_.size()].name(), "/capacity"));
    capacity.set_slots(1 + static_cast<int>(random() % 20));
    v1::SiteCapacity changed;
    const grpc::Status status = Call(client, [&](grpc::ClientContext* context) {
      return client.directory->UpdateSiteCapacity(context, request, &changed);
    });
    // Fewer slots than are held is refused, as it must be.
    if (!status.ok() && status.error_code() != grpc::StatusCode::FAILED_PRECONDITION) {
      Fail("capacity", status);
    }
    std::lock_guard<std::mutex> lock(mutex_);
    result_.capacity_changes += status.ok();
  }

  bool Fail(const char* what, const grpc::Status& status) {
    std::lock_guard<std::mutex> lock(mutex_);
    ++result_.failed;
    if (result_.first_error.empty()) {
      result_.first_error = absl::StrCat(what, ": ", static_cast<int>(status.error_code()), " ",
                                         status.error_message());
    }
    return false;
  }

  const TrafficOptions options_;
  const int ledger_;
  std::vector<v1::Site> sites_;
  std::atomic<int64_t> next_{0};
  std::mutex mutex_;
  TrafficResult result_;
};

}  // namespace

TrafficResult RunTraffic(const TrafficOptions& options) { return Traffic(options).Run(); }

}  // namespace trialgate::load
