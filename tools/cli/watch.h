// Watching: streams that are taken up again where they broke off, and what is shown of them.
#ifndef TRIALGATE_TOOLS_CLI_WATCH_H_
#define TRIALGATE_TOOLS_CLI_WATCH_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "tools/cli/session.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {

// What to do where a stream has ended.
enum class AfterStream { kGoOn, kBeginAnew, kSignInAgain, kGiveUp };

// After a stream ended with `status`; `heard`: whether it brought a message before.
AfterStream AfterStreamEnd(const absl::Status& status, bool heard);

// Pauses between attempts: 1 s, then twice as long each time, at most 30 s; what the server asks
// for where that is longer, at most 2 minutes.
class Backoff {
 public:
  void Reset() { next_ = absl::Seconds(1); }
  absl::Duration Next(const absl::Status& status);

 private:
  absl::Duration next_ = absl::Seconds(1);
};

// Watches with `request`, and gives each message to `take`, until the stream cannot be taken up
// again, or the session's wait is interrupted: OK then. Where the stream must begin anew, `begin`
// is called before what there is comes again. The words of each break are noted.
template <typename Request, typename Response, typename Take, typename Begin>
absl::Status WatchOn(Session& session, Request request, Take take, Begin begin) {
  Backoff backoff;
  bool ever_heard = false;
  while (true) {
    bool heard = false;
    const absl::Status status =
        session.client().template Watch<Request, Response>(request, [&](const Response& message) {
          heard = true;
          backoff.Reset();
          if (!message.resume_token().empty()) request.set_resume_token(message.resume_token());
          take(message);
        });
    ever_heard = ever_heard || heard;
    const AfterStream after = AfterStreamEnd(status, ever_heard);
    if (after == AfterStream::kGiveUp) return status;
    if (after == AfterStream::kSignInAgain) {
      const absl::Status opened = session.Open();
      if (!opened.ok()) return opened;
    }
    if (after == AfterStream::kBeginAnew) {
      request.clear_resume_token();
      begin();
    }
    const absl::Duration pause = backoff.Next(status);
    session.Note("The connection is lost; trying again in " + absl::FormatDuration(pause) + ".");
    if (!session.Pause(pause)) return absl::OkStatus();
  }
}

// The referrals that a watch has told of, as they are now.
class WatchedReferrals {
 public:
  // Those in other states are forgotten; empty: none are. So are those at other contacts than
  // `contact`; empty: none are.
  explicit WatchedReferrals(std::vector<v1::ReferralState> states, std::string contact = "")
      : states_(std::move(states)), contact_(std::move(contact)) {}

  void Take(const v1::Referral& referral);
  void Remove(const std::string& name) { referrals_.erase(name); }
  void Clear() { referrals_.clear(); }
  // The one due first at the head.
  v1::ListReferralsResponse List() const;

 private:
  const std::vector<v1::ReferralState> states_;
  const std::string contact_;
  std::map<std::string, v1::Referral> referrals_;
};

// Watches the referrals of a desk or a request: on a terminal the list is drawn anew with each
// change, else each change is a line. With `contact` only those at it are shown; programs are told
// all that the stream tells.
absl::Status WatchReferralList(Session& session, const v1::ListReferralsRequest& list,
                               const std::string& contact = "");

// Watches one request likewise.
absl::Status WatchRequest(Session& session, const std::string& name);

// Watches the records of the directory that stand in the field `kind` of WatchDirectoryResponse and
// whose names begin with `prefix`: first those there are, then each change is a line (with -o json
// and yaml the stream's messages, without what else they hold).
absl::Status WatchDirectoryRecords(Session& session, const std::string& kind,
                                   const std::string& prefix);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_WATCH_H_
