#include "common/rpc/stream_runner.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/obs/rpc_metrics.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

// A client that is turned away comes back after this.
constexpr absl::Duration kRetryAfter = absl::Seconds(5);
// What is still under way when all streams end is cut off after this.
constexpr absl::Duration kFarewell = absl::Seconds(1);
// Of the tasks that wait for a thread each stream has two at most, so their number needs no bound
// of its own: its next message or the news that one was taken, and that it was cancelled.
constexpr std::size_t kNoBound = std::numeric_limits<std::size_t>::max();

constexpr char kStopping[] = "the server is stopping";

absl::Status Ending(absl::string_view why) {
  return Error(absl::StatusCode::kUnavailable, v1::ERROR_REASON_STREAM_ENDED,
               absl::StrCat(why, "; watch again with the token"));
}

absl::Status Slow() {
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_SLOW_WATCHER,
               "the stream's message was not taken in time; watch again with the token");
}

absl::Status TooMany(absl::string_view whose) {
  return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_TOO_MANY_STREAMS,
               absl::StrCat(whose, " has as many streams open as it may; end one"))
      .WithRetryAfter(kRetryAfter);
}

absl::Status Overloaded() {
  return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
               "too many streams are open; retry after the delay")
      .WithRetryAfter(kRetryAfter);
}

// Says with an end that is no fault of the query where to go on.
absl::Status WithToken(const absl::Status& status, const std::string& token) {
  const v1::ErrorReason reason = ReasonOf(status);
  const bool goes_on =
      reason == v1::ERROR_REASON_STREAM_ENDED || reason == v1::ERROR_REASON_SLOW_WATCHER;
  if (!goes_on || token.empty()) return status;
  return Error(status.code(), reason, status.message()).WithMetadata("resume_token", token);
}

}  // namespace

// One stream. Its lock is taken before the runner's, never the other way.
class StreamRunner::Stream final : public std::enable_shared_from_this<Stream> {
 public:
  Stream(StreamRunner* runner, StreamCall call, Place place)
      : runner_(runner),
        call_(std::move(call)),
        place_(std::move(place)),
        opened_(runner->Now()),
        proven_(opened_),
        told_(opened_) {}

  void Start(std::unique_ptr<StreamSource> source) {
    MutexLock lock(&mu_);
    if (ended_) return;
    source_ = std::move(source);
    if (call_.metrics != nullptr) call_.metrics->StreamOpened();
    call_.when_cancelled([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      // Not here: this may be called from within a call of ours.
      self->Post([self] { self->End(absl::CancelledError()); });
    });
    woken_ = true;
    TryPump();
  }

  void Wake() {
    MutexLock lock(&mu_);
    woken_ = true;
    TryPump();
  }

  void End(const absl::Status& status) {
    MutexLock lock(&mu_);
    EndLocked(status);
  }

  void Look(absl::Time now) {
    const StreamLimits& limits = runner_->options_.limits;
    MutexLock lock(&mu_);
    if (ended_) return;
    if (now - opened_ >= limits.max_age)
      return EndLocked(Ending("the stream has lived long enough"));
    if (writing_ && now - write_begun_ >= limits.max_write) return EndLocked(Slow());
    if (now - proven_ >= limits.proof_interval) {
      proven_ = now;
      prove_ = true;
    }
    if (now - told_ >= limits.token_interval) {
      told_ = now;
      renew_ = true;
    }
    TryPump();
  }

 private:
  void Post(std::function<void()> task) {
    // The pool ends after the last stream was forgotten.
    if (!runner_->pool_.TryRun(std::move(task))) std::terminate();
  }

  void TryPump() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    // It may be woken before it has its source.
    if (ended_ || source_ == nullptr || pumping_ || writing_) return;
    if (!woken_ && !prove_ && !renew_) return;
    pumping_ = true;
    Post([self = shared_from_this()] { self->Pump(); });
  }

  // Asks for one message and begins to write it.
  void Pump() {
    bool prove = false;
    bool renew = false;
    {
      MutexLock lock(&mu_);
      if (ended_) return PumpDone();
      woken_ = false;
      prove = std::exchange(prove_, false);
      renew = std::exchange(renew_, false);
    }
    absl::Status proven = prove ? Prove() : absl::OkStatus();
    auto next = proven.ok() ? Produce(renew)
                            : absl::StatusOr<std::optional<StreamMessage>>(std::move(proven));
    MutexLock lock(&mu_);
    if (!ended_ && !next.ok()) EndLocked(next.status());
    if (!ended_ && next->has_value()) Write(**next);
    PumpDone();
  }

  void PumpDone() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    pumping_ = false;
    if (ended_) return Settle();
    TryPump();
  }

  void Write(const StreamMessage& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    writing_ = true;
    // There may be more where this came from.
    woken_ = true;
    write_begun_ = told_ = runner_->Now();
    token_ = next.resume_token;
    if (call_.metrics != nullptr) call_.metrics->MessageSent();
    call_.write(*next.message, [self = shared_from_this()](bool ok) {
      self->Post([self, ok] { self->Written(ok); });
    });
  }

  void Written(bool ok) {
    MutexLock lock(&mu_);
    writing_ = false;
    if (!ok) EndLocked(absl::CancelledError());
    if (ended_) return Settle();
    TryPump();
  }

  // Whether the credentials still prove the same caller.
  absl::Status Prove() const {
    ABSL_ASSIGN_OR_RETURN(const v1::Principal principal,
                          runner_->options_.authenticator->Authenticate(call_.credentials));
    if (principal.SerializeAsString() == call_.context.principal.SerializeAsString()) {
      return absl::OkStatus();
    }
    return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_NO_ROLE,
                 "the caller is another now; watch anew");
  }

  absl::StatusOr<std::optional<StreamMessage>> Produce(bool renew) {
    const StreamRunnerOptions& options = runner_->options_;
    ReadRecorder* const recorder = call_.confidential ? options.read_recorder : nullptr;
    if (recorder != nullptr) ABSL_RETURN_IF_ERROR(recorder->Admit());
    // Nothing of ours throws; what a library throws must not end the server.
    try {
      // Only this thread uses it while pumping_.
      ABSL_ASSIGN_OR_RETURN(std::optional<StreamMessage> next, UnguardedSource()->Next(renew));
      if (!next.has_value()) return next;
      if (options.message_guard != nullptr) {
        ABSL_RETURN_IF_ERROR(options.message_guard->Complete(next->message.get()));
      }
      if (recorder != nullptr && !next->only_token) {
        recorder->Record(call_.context, *next->message);
      }
      return next;
    } catch (const std::exception& e) {
      return absl::InternalError(absl::StrCat("exception: ", e.what()));
    }
  }

  StreamSource* UnguardedSource() ABSL_NO_THREAD_SAFETY_ANALYSIS { return source_.get(); }

  void EndLocked(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (ended_) return;
    ended_ = true;
    if (source_ != nullptr && call_.metrics != nullptr) call_.metrics->StreamClosed();
    runner_->LeavePlace(place_);
    const bool cut_off = writing_ && !absl::IsCancelled(status);
    call_.finish(WithToken(status, token_));
    if (cut_off) runner_->AbortLater(call_.abort);
    Settle();
  }

  // Lets go of what nobody uses any more.
  void Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (pumping_) return;
    source_.reset();
    if (!writing_) runner_->Forget(shared_from_this());
  }

  StreamRunner* const runner_;  // is there until this was forgotten
  const StreamCall call_;
  const Place place_;
  const absl::Time opened_;

  Mutex mu_;
  std::unique_ptr<StreamSource> source_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  bool pumping_ ABSL_GUARDED_BY(mu_) = false;  // Pump is to run, or runs
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  bool prove_ ABSL_GUARDED_BY(mu_) = false;
  bool renew_ ABSL_GUARDED_BY(mu_) = false;
  absl::Time write_begun_ ABSL_GUARDED_BY(mu_);
  absl::Time proven_ ABSL_GUARDED_BY(mu_);
  absl::Time told_ ABSL_GUARDED_BY(mu_);
  std::string token_ ABSL_GUARDED_BY(mu_);  // of the last message written
};

StreamRunner::StreamRunner(const StreamRunnerOptions& options)
    : options_(options), pool_(options.limits.threads, kNoBound) {
  if (options.look_interval < absl::InfiniteDuration()) looker_ = std::thread([this] { Run(); });
}

StreamRunner::~StreamRunner() {
  CloseAll();
  WaitUntilNone();
  {
    MutexLock lock(&mu_);
    ending_ = true;
    changed_.NotifyAll();
  }
  if (looker_.joinable()) looker_.join();
}

absl::Time StreamRunner::Now() const { return options_.now ? options_.now() : absl::Now(); }

absl::Status StreamRunner::TakePlace(const Place& place) {
  const StreamLimits& limits = options_.limits;
  MutexLock lock(&mu_);
  if (closed_) return Ending(kStopping);
  int& mine = by_caller_[place.caller];
  if (mine >= limits.max_per_caller) return TooMany("this caller");
  // Those that have ended, and are not forgotten yet, count in all.
  const bool full = std::max(places_, static_cast<int>(streams_.size())) >= limits.max_streams;
  const bool shared = !place.organization.empty();
  if (full || (shared && by_organization_[place.organization] >=
                             limits.organization_factor * limits.max_per_caller)) {
    if (mine == 0) by_caller_.erase(place.caller);
    return full ? Overloaded() : TooMany("this organization");
  }
  ++mine;
  if (shared) ++by_organization_[place.organization];
  ++places_;
  return absl::OkStatus();
}

void StreamRunner::LeavePlace(const Place& place) {
  MutexLock lock(&mu_);
  --places_;
  if (--by_caller_[place.caller] == 0) by_caller_.erase(place.caller);
  if (place.organization.empty()) return;
  if (--by_organization_[place.organization] == 0) by_organization_.erase(place.organization);
}

absl::Status StreamRunner::Open(StreamCall call, OpenSource open) {
  const v1::Principal& principal = call.context.principal;
  // As the rates' buckets have it: a requester's subjects share what their organization may.
  const Place place = {
      absl::StrCat(principal.role(), " ", principal.organization(), " ", principal.subject()),
      principal.organization()};
  ABSL_RETURN_IF_ERROR(TakePlace(place));
  auto stream = std::make_shared<Stream>(this, std::move(call), place);
  const std::weak_ptr<Stream> weak = stream;
  auto source = open([weak] {
    if (const auto woken = weak.lock()) woken->Wake();
  });
  if (!source.ok()) {
    LeavePlace(place);
    return source.status();
  }
  bool closed = false;
  {
    MutexLock lock(&mu_);
    streams_.insert(stream);
    closed = closed_;
    changed_.NotifyAll();
  }
  stream->Start(*std::move(source));
  if (closed) stream->End(Ending(kStopping));
  return absl::OkStatus();
}

void StreamRunner::CloseAll() {
  std::set<std::shared_ptr<Stream>> open;
  {
    MutexLock lock(&mu_);
    closed_ = true;
    open = streams_;
  }
  for (const auto& stream : open) stream->End(Ending(kStopping));
  const absl::Time soon = Now() + kFarewell;
  MutexLock lock(&mu_);
  std::multimap<absl::Time, std::function<void()>> hurried;
  for (auto& [at, abort] : aborts_) hurried.emplace(std::min(at, soon), std::move(abort));
  aborts_ = std::move(hurried);
}

void StreamRunner::AbortLater(std::function<void()> abort) {
  MutexLock lock(&mu_);
  const absl::Duration patience = closed_ ? kFarewell : options_.limits.max_write;
  aborts_.emplace(Now() + patience, std::move(abort));
  changed_.NotifyAll();
}

void StreamRunner::Forget(const std::shared_ptr<Stream>& stream) {
  MutexLock lock(&mu_);
  streams_.erase(stream);
  changed_.NotifyAll();
}

void StreamRunner::Look() {
  const absl::Time now = Now();
  std::vector<std::shared_ptr<Stream>> open;
  std::vector<std::function<void()>> aborts;
  {
    MutexLock lock(&mu_);
    open.assign(streams_.begin(), streams_.end());
    while (!aborts_.empty() && aborts_.begin()->first <= now) {
      aborts.push_back(std::move(aborts_.begin()->second));
      aborts_.erase(aborts_.begin());
    }
  }
  for (const auto& abort : aborts) abort();
  for (const auto& stream : open) stream->Look(now);
}

void StreamRunner::Run() {
  while (true) {
    {
      MutexLock lock(&mu_);
      while (!ending_ && streams_.empty() && aborts_.empty()) changed_.Wait(&mu_);
      const absl::Time end = absl::Now() + options_.look_interval;
      while (!ending_ && !changed_.WaitFor(&mu_, end - absl::Now())) {
      }
      if (ending_) return;
    }
    Look();
  }
}

int StreamRunner::open() const {
  MutexLock lock(&mu_);
  return places_;
}

void StreamRunner::WaitUntilNone() {
  MutexLock lock(&mu_);
  while (!streams_.empty()) changed_.Wait(&mu_);
}

}  // namespace trialgate::rpc
