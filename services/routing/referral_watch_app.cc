#include "services/routing/referral_watch_app.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/principal.h"
#include "common/store/resume_token.h"
#include "services/feasibility/field_rules.h"
#include "services/routing/referral_changes_repository.h"
#include "services/routing/resource_names.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

constexpr char kAnyRequest[] = "trialRequests/-";
constexpr int kMaxStates = 100;

// What stays the same when the stream goes on.
std::string QueryText(const v1::Principal& principal, const v1::WatchReferralsRequest& request) {
  return absl::StrCat("WatchReferrals\n", identity::FormatPrincipal(principal), "\n",
                      request.parent(), "\n", request.desk(), "\n",
                      absl::StrJoin(request.states(), ","));
}

absl::Status CheckWatch(const v1::WatchReferralsRequest& request) {
  FieldFaults faults;
  const feasibility::FieldRules rules(&faults);
  rules.Required("parent", !request.parent().empty());
  if (request.parent() == kAnyRequest) rules.Required("desk", !request.desk().empty());
  if (request.states_size() > kMaxStates) {
    faults.Add("states", v1::ERROR_REASON_TOO_MANY,
               absl::StrCat("must have at most ", kMaxStates, " elements"));
  }
  for (int i = 0; i < std::min(request.states_size(), kMaxStates); ++i) {
    rules.Enum(feasibility::Element("states", i), request.states(i),
               *v1::ReferralState_descriptor(), feasibility::Presence::kRequired);
  }
  return faults.ToStatus();
}

class Source final : public rpc::StreamSource {
 public:
  Source(const store::Store* store, std::string query, ReferralChanges changes,
         store::ResumePoint from)
      : store_(store),
        query_(std::move(query)),
        changes_(std::move(changes)),
        told_(std::move(from)),
        seen_(told_.commit) {}

  // Before the first state is read, so that no change is missed.
  void Subscribe(store::WatchHub* hub, std::string topic, rpc::StreamWaker waker) {
    subscription_ = hub->Watch({std::move(topic)}, std::move(waker));
  }

  absl::Status LookFirst() { return Look(); }

  absl::StatusOr<std::optional<rpc::StreamMessage>> Next(bool renew_token) override {
    if (!first_ && changes_.empty()) {
      ABSL_RETURN_IF_ERROR(Look());
      const bool renew = renew_token && seen_ > told_.commit;
      if (changes_.empty() && !renew) return std::nullopt;
    }
    first_ = false;
    auto response = std::make_unique<v1::WatchReferralsResponse>();
    ABSL_RETURN_IF_ERROR(
        changes_.Take(response->mutable_referrals(), response->mutable_removed_referrals()));
    response->set_more(!changes_.empty());
    if (!response->more()) told_.commit = seen_;
    if (!response->more() || told_.commit > 0) {
      ABSL_ASSIGN_OR_RETURN(*response->mutable_resume_token(),
                            store::EncodeResumeToken(*store_, query_, told_));
    }
    rpc::StreamMessage message;
    message.resume_token = response->resume_token();
    message.only_token = response->referrals().empty() && response->removed_referrals().empty();
    message.message = std::move(response);
    return message;
  }

 private:
  absl::Status Look() {
    const store::CommitNumber head = store_->Head();
    if (!first_ && head == seen_) return changes_.lost();
    ABSL_RETURN_IF_ERROR(changes_.Look(seen_, head));
    seen_ = head;
    return absl::OkStatus();
  }

  const store::Store* const store_;
  const std::string query_;
  ReferralChanges changes_;
  store::ResumePoint told_;   // up to where the client knows
  store::CommitNumber seen_;  // up to where was looked
  bool first_ = true;
  std::unique_ptr<store::WatchHub::Subscription> subscription_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> ReferralWatchApp::Watch(
    const v1::Principal& principal, const v1::WatchReferralsRequest& request,
    rpc::StreamWaker waker) const {
  const bool of_desk = request.parent() == kAnyRequest;
  if (of_desk && !request.desk().empty() && !WorksAt(principal, request.desk())) {
    return NotFoundError("trialgate.v1.Desk", request.desk());
  }
  ABSL_RETURN_IF_ERROR(CheckWatch(request));
  std::string text = QueryText(principal, request);
  ABSL_ASSIGN_OR_RETURN(store::ResumePoint from,
                        store::DecodeResumeToken(*store_, text, request.resume_token()));
  ReferralQuery query;
  const std::string& topic = of_desk ? request.desk() : request.parent();
  (of_desk ? query.desk : query.request) = topic;
  for (const int state : request.states()) {
    query.states.insert(static_cast<v1::ReferralState>(state));
  }
  auto source = std::make_unique<Source>(
      store_, std::move(text),
      ReferralChanges(&views_, principal, std::move(query), request.desk()), std::move(from));
  source->Subscribe(hub_, topic, std::move(waker));
  ABSL_RETURN_IF_ERROR(source->LookFirst());
  return source;
}

}  // namespace trialgate::routing
