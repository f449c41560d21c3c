#include "services/intake/trial_request_watch_app.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/sha256.h"
#include "common/base/status_macros.h"
#include "common/identity/principal.h"
#include "common/store/resume_token.h"
#include "services/access/watch_topics.h"
#include "services/routing/referral_changes_repository.h"

namespace trialgate::intake {
namespace {

// Of a view: enough to see whether it is another.
constexpr std::size_t kPrintBytes = 16;

// The view changes with the request, and with what CDAs show of it. So it is known by itself: the
// token holds a hash of what was told.
std::string PrintOf(const v1::TrialRequest& view) {
  return Sha256(view.SerializeAsString()).substr(0, kPrintBytes);
}

class Source final : public rpc::StreamSource {
 public:
  Source(const store::Store* store, const TrialRequestApp* requests, v1::Principal principal,
         std::string name, std::string query, routing::ReferralChanges changes,
         store::ResumePoint from)
      : store_(store),
        requests_(requests),
        principal_(std::move(principal)),
        name_(std::move(name)),
        query_(std::move(query)),
        changes_(std::move(changes)),
        told_(std::move(from)),
        seen_(told_) {}

  // Before the first state is read, so that no change is missed.
  void Subscribe(store::WatchHub* hub, rpc::StreamWaker waker) {
    std::vector<std::string> topics = {name_};
    if (principal_.role() == v1::ROLE_COORDINATOR) topics.push_back(access::kCdaTopic);
    subscription_ = hub->Watch(std::move(topics), std::move(waker));
  }

  absl::Status LookFirst() { return Look(); }

  absl::StatusOr<std::optional<rpc::StreamMessage>> Next(bool renew_token) override {
    if (!first_ && changes_.empty()) {
      ABSL_RETURN_IF_ERROR(Look());
      const bool renew = renew_token && seen_.commit > told_.commit;
      if (!view_.has_value() && changes_.empty() && !renew) return std::nullopt;
    }
    first_ = false;
    auto response = std::make_unique<v1::WatchTrialRequestResponse>();
    if (view_.has_value()) *response->mutable_trial_request() = *std::move(view_);
    view_.reset();
    ABSL_RETURN_IF_ERROR(
        changes_.Take(response->mutable_referrals(), response->mutable_removed_referrals()));
    response->set_more(!changes_.empty());
    if (!response->more()) told_ = seen_;
    if (!response->more() || told_.commit > 0) {
      ABSL_ASSIGN_OR_RETURN(*response->mutable_resume_token(),
                            store::EncodeResumeToken(*store_, query_, told_));
    }
    rpc::StreamMessage message;
    message.resume_token = response->resume_token();
    message.only_token = !response->has_trial_request() && response->referrals().empty() &&
                         response->removed_referrals().empty();
    message.message = std::move(response);
    return message;
  }

 private:
  absl::Status Look() {
    const store::CommitNumber head = store_->Head();
    if (!first_ && head == seen_.commit) return absl::OkStatus();
    ABSL_ASSIGN_OR_RETURN(v1::TrialRequest view, requests_->GetAsOf(principal_, name_, head));
    ABSL_RETURN_IF_ERROR(changes_.Look(seen_.commit, head));
    std::string print = PrintOf(view);
    if (print != seen_.state) view_ = std::move(view);
    seen_ = {head, std::move(print)};
    return absl::OkStatus();
  }

  const store::Store* const store_;
  const TrialRequestApp* const requests_;
  const v1::Principal principal_;
  const std::string name_;
  const std::string query_;
  routing::ReferralChanges changes_;
  store::ResumePoint told_;               // what the client knows
  store::ResumePoint seen_;               // what was looked at
  std::optional<v1::TrialRequest> view_;  // is to be told
  bool first_ = true;
  std::unique_ptr<store::WatchHub::Subscription> subscription_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> TrialRequestWatchApp::Watch(
    const v1::Principal& principal, const v1::WatchTrialRequestRequest& request,
    rpc::StreamWaker waker) const {
  // What may not be seen is not there, whatever the token.
  const absl::Status may_see =
      requests_->GetAsOf(principal, request.name(), store_->Head()).status();
  ABSL_RETURN_IF_ERROR(may_see);
  std::string text = absl::StrCat("WatchTrialRequest\n", identity::FormatPrincipal(principal), "\n",
                                  request.name());
  ABSL_ASSIGN_OR_RETURN(store::ResumePoint from,
                        store::DecodeResumeToken(*store_, text, request.resume_token()));
  routing::ReferralQuery query;
  query.request = request.name();
  auto source = std::make_unique<Source>(
      store_, requests_, principal, request.name(), std::move(text),
      routing::ReferralChanges(&views_, principal, std::move(query), ""), std::move(from));
  source->Subscribe(hub_, std::move(waker));
  ABSL_RETURN_IF_ERROR(source->LookFirst());
  return source;
}

}  // namespace trialgate::intake
