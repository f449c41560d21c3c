#include "tools/load/verify.h"

#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/load/client.h"

namespace trialgate::load {
namespace {

class Verifier {
 public:
  explicit Verifier(const Target& target)
      : client_(target, kNational), auditor_(target, kAuditor) {}

  void Ledger(const std::string& ledger) {
    std::ifstream file(ledger);
    for (std::string line; std::getline(file, line);) {
      std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
      if (words.size() < 2) continue;
      const std::string kind = words[0];
      const std::string name = words[1];
      words.erase(words.begin(), words.begin() + 2);
      if (kind == "request") {
        Request(name, words);
      } else {
        Answer(name, words);
      }
    }
  }

  void Count(int64_t expected) {
    if (expected == 0) return;
    v1::ListTrialRequestsRequest list;
    list.set_page_size(1000);
    int64_t found = 0;
    do {
      v1::ListTrialRequestsResponse page;
      if (!Ok("list", [&](grpc::ClientContext* context) {
            return client_.requests->ListTrialRequests(context, list, &page);
          })) {
        return;
      }
      found += page.trial_requests_size();
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    if (found != expected)
      Fault(absl::StrCat(found, " requests are stored, ", expected, " expected"));
  }

  void Capacity() {
    v1::ListSitesRequest list;
    list.set_page_size(1000);
    v1::ListSitesResponse sites;
    if (!Ok("sites", [&](grpc::ClientContext* context) {
          return client_.directory->ListSites(context, list, &sites);
        })) {
      return;
    }
    for (const v1::Site& site : sites.sites()) {
      v1::GetSiteCapacityRequest get;
      get.set_name(absl::StrCat(site.name(), "/capacity"));
      v1::SiteCapacity capacity;
      if (!Ok(get.name(), [&](grpc::ClientContext* context) {
            return client_.directory->GetSiteCapacity(context, get, &capacity);
          })) {
        continue;
      }
      ++result_.sites;
      std::set<std::string> holders;
      for (const v1::CapacityHold& hold : capacity.holds()) holders.insert(hold.referral());
      for (const std::string& referral : promised_[site.name()]) {
        if (holders.count(referral) == 0) {
          Fault(absl::StrCat(site.name(), " holds nothing for ", referral));
        }
      }
      for (const v1::MonthUse& month : capacity.months()) {
        const int placed = month.occupied_confirmed() + month.held();
        if (placed > 0 && placed + month.occupied_declared() > capacity.slots()) {
          Fault(absl::StrCat(site.name(), " is oversold in ", month.month()));
        }
      }
    }
  }

  void Trail() {
    v1::VerifyAuditTrailResponse trail;
    const auto verify = [this, &trail](grpc::ClientContext* context) {
      return auditor_.audit->VerifyAuditTrail(context, {}, &trail);
    };
    if (!Ok("audit", verify, auditor_)) {
      return;
    }
    result_.events = trail.events();
    if (!trail.intact()) {
      Fault(absl::StrCat("audit event ", trail.first_fault(), ": ", trail.description()));
    }
  }

  VerifyResult Result() { return result_; }

 private:
  void Request(const std::string& name, const std::vector<std::string>& acknowledged) {
    ++result_.requests;
    if (!requests_.insert(name).second) Fault(absl::StrCat(name, " twice in the ledger"));
    v1::GetTrialRequestRequest get;
    get.set_name(name);
    v1::TrialRequest request;
    if (!Ok(name, [&](grpc::ClientContext* context) {
          return client_.requests->GetTrialRequest(context, get, &request);
        })) {
      return;
    }
    const std::vector<std::string> referrals(request.referrals().begin(),
                                             request.referrals().end());
    if (referrals != acknowledged) {
      Fault(absl::StrCat(name, ": other referrals than acknowledged"));
    }
    if (referrals.empty()) Fault(absl::StrCat(name, ": no referral"));
    for (const std::string& referral : referrals) Referral(referral);
  }

  void Answer(const std::string& name, const std::vector<std::string>& sites) {
    ++result_.answers;
    v1::GetReferralRequest get;
    get.set_name(name);
    v1::Referral referral;
    if (!Ok(name, [&](grpc::ClientContext* context) {
          return client_.referrals->GetReferral(context, get, &referral);
        })) {
      return;
    }
    std::vector<std::string> offered;
    for (const v1::Offer& offer : referral.offers()) offered.push_back(offer.site());
    if (referral.state() != v1::REFERRAL_STATE_ANSWERED || offered != sites) {
      Fault(absl::StrCat(name, ": not answered as acknowledged"));
    }
    for (const std::string& site : sites) promised_[site].insert(name);
  }

  void Referral(const std::string& name) {
    v1::GetReferralRequest get;
    get.set_name(name);
    v1::Referral referral;
    if (!Ok(name, [&](grpc::ClientContext* context) {
          return client_.referrals->GetReferral(context, get, &referral);
        })) {
      return;
    }
    ++result_.referrals;
    if (referral.desk().empty() || referral.contact().empty()) {
      Fault(absl::StrCat(name, ": nobody is asked"));
    }
  }

  template <typename Function>
  bool Ok(const std::string& what, Function call) {
    return Ok(what, call, client_);
  }

  template <typename Function>
  bool Ok(const std::string& what, Function call, const Client& client) {
    grpc::ClientContext context;
    client.Prepare(context, 120);
    const grpc::Status status = call(&context);
    if (!status.ok()) Fault(absl::StrCat(what, ": ", status.error_message()));
    return status.ok();
  }

  void Fault(std::string fault) {
    if (result_.faults.size() < 20) result_.faults.push_back(std::move(fault));
  }

  const Client client_;
  const Client auditor_;
  std::set<std::string> requests_;
  std::map<std::string, std::set<std::string>> promised_;  // referrals with a hold, by site
  VerifyResult result_;
};

}  // namespace

VerifyResult Verify(const Target& target, const std::string& ledger, int64_t expected) {
  Verifier verifier(target);
  verifier.Ledger(ledger);
  verifier.Count(expected);
  verifier.Capacity();
  verifier.Trail();
  return verifier.Result();
}

}  // namespace trialgate::load
