#include "tools/cli/watch.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/output.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

using google::protobuf::Message;

// Puts the cursor at the top and clears what is below.
constexpr char kClear[] = "\x1B[H\x1B[2J";

// When a referral is due next; those that are over come last.
std::int64_t DueSeconds(const v1::Referral& referral) {
  constexpr std::int64_t kNever = std::int64_t{1} << 60;
  switch (referral.state()) {
    case v1::REFERRAL_STATE_SENT:
      return referral.acknowledge_due_time().seconds();
    case v1::REFERRAL_STATE_ACKNOWLEDGED:
    case v1::REFERRAL_STATE_WAITING:
      return referral.answer_due_time().seconds();
    default:
      return kNever;
  }
}

std::string OneLineJson(const Message& message) {
  std::string json;
  return google::protobuf::util::MessageToJsonString(message, &json).ok() ? json : "{}";
}

// "2026-11-24 14:05 CET  acknowledged  north/anna  r1/f1  answer in 5 d  A study"
std::string ChangeLine(const v1::Referral& referral, const Screen& screen) {
  std::vector<std::string> parts = {
      absl::FormatTime("%Y-%m-%d %H:%M %Z", screen.now, screen.zone),
      absl::StrCat(Word(referral.state()), referral.late() ? ", late" : ""),
      absl::StrCat(Id(referral.desk()), referral.contact().empty() ? "" : "/",
                   Id(referral.contact())),
      ReferralId(referral.name()),
      NextStep(referral, screen),
      referral.title()};
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  return absl::StrCat(Clean(absl::StrJoin(parts, "  ")), "\n");
}

// Writes each change, or draws the whole anew.
class Watcher {
 public:
  explicit Watcher(Session& session) : session_(session) {}

  bool draws() const { return session_.terminal().out && !session_.for_programs(); }

  // `drawn` is the whole, `lines` what changed, `message` the stream's own.
  void Show(const Message& message, const std::string& drawn, const std::string& lines) {
    std::ostream& out = session_.out();
    const std::string& format = session_.flags().output;
    if (draws()) {
      out << kClear << drawn << "\n"
          << absl::FormatTime("%H:%M:%S", session_.screen().now, session_.screen().zone)
          << "  watching; Ctrl-C ends it\n";
    } else if (format == kJson) {
      out << OneLineJson(message) << "\n";
    } else if (format == kYaml) {
      out << "---\n" << MessageAsYaml(message);
    } else {
      out << lines;
    }
    out.flush();
  }

  // Names, or lines for people.
  std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::Referral>& referrals,
                      const google::protobuf::RepeatedPtrField<std::string>& removed,
                      const std::string& contact = "") const {
    std::string lines;
    for (const v1::Referral& referral : referrals) {
      if (!contact.empty() && referral.contact() != contact) continue;
      absl::StrAppend(&lines, session_.flags().output == kName
                                  ? absl::StrCat(referral.name(), "\n")
                                  : ChangeLine(referral, session_.screen()));
    }
    for (const std::string& name : removed) {
      if (session_.flags().output == kName) continue;
      absl::StrAppend(&lines, "not yours to see any more: ", ReferralId(name), "\n");
    }
    return lines;
  }

 private:
  Session& session_;
};

}  // namespace

AfterStream AfterStreamEnd(const absl::Status& status, bool heard) {
  const v1::ErrorReason reason = ReasonOf(status);
  if (reason == v1::ERROR_REASON_RESUME_TOKEN_EXPIRED ||
      reason == v1::ERROR_REASON_INVALID_RESUME_TOKEN) {
    return AfterStream::kBeginAnew;
  }
  // Who was never heard of is mostly not there.
  if (!heard) return AfterStream::kGiveUp;
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return AfterStream::kGoOn;
    case absl::StatusCode::kUnauthenticated:
      return AfterStream::kSignInAgain;
    default:
      return AfterStream::kGiveUp;
  }
}

absl::Duration Backoff::Next(const absl::Status& status) {
  constexpr absl::Duration kLongest = absl::Seconds(30);
  constexpr absl::Duration kMostAsked = absl::Minutes(2);
  const absl::Duration pause = std::max(next_, std::min(RetryAfterOf(status), kMostAsked));
  next_ = std::min(next_ * 2, kLongest);
  return pause;
}

void WatchedReferrals::Take(const v1::Referral& referral) {
  const auto state = static_cast<v1::ReferralState>(referral.state());
  if (!contact_.empty() && referral.contact() != contact_) {
    referrals_.erase(referral.name());
  } else if (!states_.empty() &&
             std::find(states_.begin(), states_.end(), state) == states_.end()) {
    referrals_.erase(referral.name());
  } else {
    referrals_[referral.name()] = referral;
  }
}

v1::ListReferralsResponse WatchedReferrals::List() const {
  std::vector<const v1::Referral*> sorted;
  for (const auto& [name, referral] : referrals_) sorted.push_back(&referral);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return DueSeconds(*a) < DueSeconds(*b); });
  v1::ListReferralsResponse list;
  for (const v1::Referral* referral : sorted) *list.add_referrals() = *referral;
  return list;
}

absl::Status WatchReferralList(Session& session, const v1::ListReferralsRequest& list,
                               const std::string& contact) {
  v1::WatchReferralsRequest request;
  request.set_parent(list.parent());
  request.set_desk(list.desk());
  *request.mutable_states() = list.states();
  std::vector<v1::ReferralState> states;
  for (const int state : list.states()) states.push_back(static_cast<v1::ReferralState>(state));
  if (states.empty() && !list.desk().empty()) {
    states = {v1::REFERRAL_STATE_SENT, v1::REFERRAL_STATE_ACKNOWLEDGED, v1::REFERRAL_STATE_WAITING};
  }
  WatchedReferrals watched(states, contact);
  Watcher watcher(session);
  ExitQuietlyOnInterrupt();
  const auto take = [&](const v1::WatchReferralsResponse& message) {
    for (const v1::Referral& referral : message.referrals()) watched.Take(referral);
    for (const std::string& name : message.removed_referrals()) watched.Remove(name);
    // The whole is drawn once it is whole.
    if (message.more() && watcher.draws()) return;
    session.Refresh();
    const std::string drawn = RenderInbox(watched.List(), session.screen());
    watcher.Show(message, drawn.empty() ? "Nothing is waiting.\n" : drawn,
                 watcher.LinesOf(message.referrals(), message.removed_referrals(), contact));
  };
  return WatchOn<v1::WatchReferralsRequest, v1::WatchReferralsResponse>(session, request, take,
                                                                        [&] { watched.Clear(); });
}

absl::Status WatchRequest(Session& session, const std::string& name) {
  v1::WatchTrialRequestRequest request;
  request.set_name(name);
  WatchedReferrals watched({});
  v1::TrialRequest now;
  Watcher watcher(session);
  ExitQuietlyOnInterrupt();
  const auto take = [&](const v1::WatchTrialRequestResponse& message) {
    if (message.has_trial_request()) now = message.trial_request();
    for (const v1::Referral& referral : message.referrals()) watched.Take(referral);
    for (const std::string& removed : message.removed_referrals()) watched.Remove(removed);
    if (message.more() && watcher.draws()) return;
    session.Refresh();
    std::string lines;
    if (message.has_trial_request()) {
      lines = session.flags().output == kName
                  ? absl::StrCat(now.name(), "\n")
                  : absl::StrCat(absl::FormatTime("%Y-%m-%d %H:%M %Z", session.screen().now,
                                                  session.screen().zone),
                                 "  ", Word(now.state()), "  ", Id(now.name()), "  answer version ",
                                 now.answer_version(), "\n");
    }
    watcher.Show(
        message,
        absl::StrCat(RenderDecision(now, session.screen()), "\n",
                     RenderInbox(watched.List(), session.screen())),
        absl::StrCat(lines, watcher.LinesOf(message.referrals(), message.removed_referrals())));
  };
  return WatchOn<v1::WatchTrialRequestRequest, v1::WatchTrialRequestResponse>(
      session, request, take, [&] { watched.Clear(); });
}

}  // namespace trialgate::cli
