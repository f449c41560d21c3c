// Clients, sources and callers of streams, as tests of the runner have them.
#ifndef TRIALGATE_TESTS_UNIT_RPC_STREAM_FAKES_H_
#define TRIALGATE_TESTS_UNIT_RPC_STREAM_FAKES_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/rpc/stream_runner.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate::rpc {

using Told = absl::StatusOr<std::optional<StreamMessage>>;

// What one stream's client sees; messages are known by their token.
class StreamClient {
 public:
  void Write(const google::protobuf::Message& message, std::function<void(bool)> done) {
    const auto& response = static_cast<const v1::WatchReferralsResponse&>(message);
    {
      MutexLock lock(&mu_);
      came_.push_back(response.resume_token());
      if (stuck_) {
        done_ = std::move(done);
        done = nullptr;
      }
      changed_.NotifyAll();
    }
    if (done) done(true);
  }

  void Finish(const absl::Status& status) {
    MutexLock lock(&mu_);
    EXPECT_FALSE(ended_.has_value());
    ended_ = status;
    changed_.NotifyAll();
  }

  // Ends what is under way, as gRPC does.
  void Abort() {
    aborted_ = true;
    Take(false);
  }

  void Stick(bool stuck) {
    MutexLock lock(&mu_);
    stuck_ = stuck;
  }

  // Says what became of the message that is stuck.
  void Take(bool ok) {
    std::function<void(bool)> done;
    {
      MutexLock lock(&mu_);
      done = std::exchange(done_, nullptr);
    }
    if (done) done(ok);
  }

  void GoAway() {
    std::function<void()> then;
    {
      MutexLock lock(&mu_);
      then = std::exchange(cancelled_, nullptr);
    }
    then();
  }

  void WhenCancelled(std::function<void()> then) {
    MutexLock lock(&mu_);
    cancelled_ = std::move(then);
  }

  std::vector<std::string> WaitForMessages(std::size_t count) {
    MutexLock lock(&mu_);
    while (came_.size() < count) changed_.Wait(&mu_);
    return came_;
  }

  absl::Status WaitForEnd() {
    MutexLock lock(&mu_);
    while (!ended_.has_value()) changed_.Wait(&mu_);
    return *ended_;
  }

  bool has_ended() {
    MutexLock lock(&mu_);
    return ended_.has_value();
  }
  bool aborted() const { return aborted_; }

 private:
  Mutex mu_;
  CondVar changed_;
  std::vector<std::string> came_ ABSL_GUARDED_BY(mu_);
  std::function<void(bool)> done_ ABSL_GUARDED_BY(mu_);
  std::function<void()> cancelled_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mu_);
  bool stuck_ ABSL_GUARDED_BY(mu_) = false;
  std::atomic<bool> aborted_ = false;
};

// Tells what the test puts there.
class StreamScript {
 public:
  void Add(Told next) {
    MutexLock lock(&mu_);
    waiting_.push_back(std::move(next));
  }
  void AddMessage(const std::string& token, bool only_token = false) {
    StreamMessage message;
    auto response = std::make_unique<v1::WatchReferralsResponse>();
    response->set_resume_token(token);
    message.message = std::move(response);
    message.resume_token = token;
    message.only_token = only_token;
    Add(std::optional<StreamMessage>(std::move(message)));
  }
  // Also wakes the stream.
  void Tell(const std::string& token) {
    AddMessage(token);
    waker();
  }

  Told TakeNext(bool renew_token) {
    MutexLock lock(&mu_);
    ++asked;
    if (renew_token) ++renewals;
    changed_.NotifyAll();
    if (throws) throw std::runtime_error("of a library");
    if (waiting_.empty()) return std::nullopt;
    Told next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }

  void WaitUntilAsked(int times) {
    MutexLock lock(&mu_);
    while (asked < times) changed_.Wait(&mu_);
  }

  StreamWaker waker;
  std::atomic<int> asked = 0;
  std::atomic<int> renewals = 0;
  std::atomic<bool> throws = false;
  std::atomic<bool> gone = false;

 private:
  Mutex mu_;
  CondVar changed_;
  std::deque<Told> waiting_ ABSL_GUARDED_BY(mu_);
};

class ScriptedSource final : public StreamSource {
 public:
  explicit ScriptedSource(StreamScript* script) : script_(script) {}
  ~ScriptedSource() override { script_->gone = true; }
  Told Next(bool renew_token) override { return script_->TakeNext(renew_token); }

 private:
  StreamScript* const script_;
};

// Believes everybody until it is told not to.
class FakeProofs final : public Authenticator {
 public:
  absl::StatusOr<v1::Principal> Authenticate(const PeerCredentials& credentials) const override {
    ++asked;
    if (revoked) {
      return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_INVALID_CERTIFICATE, "no");
    }
    v1::Principal principal;
    principal.set_role(v1::ROLE_NATIONAL);
    principal.set_subject(credentials.named_principals.at(0));
    return principal;
  }

  mutable std::atomic<int> asked = 0;
  std::atomic<bool> revoked = false;
};

class FakeReads final : public ReadRecorder {
 public:
  absl::Status Admit() override {
    return failing ? absl::Status(Error(absl::StatusCode::kUnavailable,
                                        v1::ERROR_REASON_AUDIT_UNAVAILABLE, "no"))
                   : absl::OkStatus();
  }
  void Record(const CallContext&, const google::protobuf::Message& response) override {
    MutexLock lock(&mu_);
    tokens_.push_back(static_cast<const v1::WatchReferralsResponse&>(response).resume_token());
  }
  std::vector<std::string> tokens() {
    MutexLock lock(&mu_);
    return tokens_;
  }

  std::atomic<bool> failing = false;

 private:
  Mutex mu_;
  std::vector<std::string> tokens_ ABSL_GUARDED_BY(mu_);
};

class StreamRunnerTest : public testing::Test {
 protected:
  StreamRunnerTest() {
    options_.limits.max_streams = 5;
    options_.limits.max_per_caller = 2;
    options_.limits.organization_factor = 2;
    options_.limits.threads = 2;
    options_.authenticator = &proofs_;
    options_.read_recorder = &reads_;
    options_.now = [this] { return clock_.Now(); };
    options_.look_interval = absl::InfiniteDuration();
  }

  StreamRunner& runner() {
    if (runner_ == nullptr) runner_ = std::make_unique<StreamRunner>(options_);
    return *runner_;
  }

  absl::Status Open(StreamClient* client, StreamScript* script, const std::string& subject = "nora",
                    const std::string& organization = "") {
    StreamCall call;
    call.context.principal.set_role(organization.empty() ? v1::ROLE_NATIONAL : v1::ROLE_REQUESTER);
    call.context.principal.set_organization(organization);
    call.context.principal.set_subject(subject);
    call.credentials.named_principals = {subject};
    call.confidential = true;
    call.write = [client](const google::protobuf::Message& message,
                          std::function<void(bool)> done) {
      client->Write(message, std::move(done));
    };
    call.when_cancelled = [client](std::function<void()> then) {
      client->WhenCancelled(std::move(then));
    };
    call.finish = [client](const absl::Status& status) { client->Finish(status); };
    call.abort = [client] { client->Abort(); };
    return runner().Open(std::move(call), [script](StreamWaker waker) {
      script->waker = std::move(waker);
      // As when a commit comes while the first state is read.
      script->waker();
      return std::make_unique<ScriptedSource>(script);
    });
  }

  void Pass(absl::Duration time) {
    clock_.Advance(time);
    runner().Look();
  }

  FakeClock clock_;
  FakeProofs proofs_;
  FakeReads reads_;
  StreamRunnerOptions options_;
  StreamClient client_;
  StreamScript script_;

 private:
  std::unique_ptr<StreamRunner> runner_;
};

}  // namespace trialgate::rpc

#endif  // TRIALGATE_TESTS_UNIT_RPC_STREAM_FAKES_H_
