#include "common/rpc/stream_runner.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate::rpc {
namespace {

using absl_testing::IsOk;
using absl_testing::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

using Told = absl::StatusOr<std::optional<StreamMessage>>;

// What one stream's client sees; messages are known by their token.
class Client {
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
class Script {
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

class Source final : public StreamSource {
 public:
  explicit Source(Script* script) : script_(script) {}
  ~Source() override { script_->gone = true; }
  Told Next(bool renew_token) override { return script_->TakeNext(renew_token); }

 private:
  Script* const script_;
};

// Believes everybody until it is told not to.
class Proofs final : public Authenticator {
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

class Reads final : public ReadRecorder {
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

  absl::Status Open(Client* client, Script* script, const std::string& subject = "nora",
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
      return std::make_unique<Source>(script);
    });
  }

  void Pass(absl::Duration time) {
    clock_.Advance(time);
    runner().Look();
  }

  FakeClock clock_;
  Proofs proofs_;
  Reads reads_;
  StreamRunnerOptions options_;
  Client client_;
  Script script_;

 private:
  std::unique_ptr<StreamRunner> runner_;
};

TEST_F(StreamRunnerTest, TheFirstMessageComesByItselfAndTheOthersWhenTheSourceWakesTheStream) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  EXPECT_THAT(client_.WaitForMessages(1), ElementsAre("1"));
  // Asked once more, and then not again until it is woken.
  script_.WaitUntilAsked(2);
  script_.Tell("2");
  EXPECT_THAT(client_.WaitForMessages(2), ElementsAre("1", "2"));
  script_.WaitUntilAsked(4);
  EXPECT_THAT(reads_.tokens(), ElementsAre("1", "2"));
  EXPECT_EQ(runner().open(), 1);
}

TEST_F(StreamRunnerTest, AStreamThatIsWokenWhileItIsOpenedIsAskedOnceItIsOpen) {
  StreamCall call;
  call.credentials.named_principals = {"nora"};
  call.write = [&](const google::protobuf::Message& message, std::function<void(bool)> done) {
    client_.Write(message, std::move(done));
  };
  call.when_cancelled = [&](std::function<void()> then) { client_.WhenCancelled(std::move(then)); };
  call.finish = [&](const absl::Status& status) { client_.Finish(status); };
  ASSERT_THAT(runner().Open(std::move(call),
                            [&](const StreamWaker& waker) {
                              std::atomic<bool> looked = false;
                              std::thread other([&] {
                                waker();
                                runner().Look();
                                looked = true;
                              });
                              other.join();
                              EXPECT_TRUE(looked);
                              script_.AddMessage("1");
                              return std::make_unique<Source>(&script_);
                            }),
              IsOk());
  EXPECT_THAT(client_.WaitForMessages(1), ElementsAre("1"));
}

TEST_F(StreamRunnerTest, NothingIsMadeForAClientThatHasNotTakenItsMessage) {
  client_.Stick(true);
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  for (int i = 0; i < 100; ++i) script_.waker();
  Pass(absl::Minutes(0));
  EXPECT_EQ(script_.asked, 1);
  script_.AddMessage("2");
  client_.Stick(false);
  client_.Take(true);
  EXPECT_THAT(client_.WaitForMessages(2), ElementsAre("1", "2"));
}

TEST_F(StreamRunnerTest, WhoTakesNothingIsToldSoWithItsTokenAndIsCutOffLater) {
  client_.Stick(true);
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  Pass(absl::Seconds(29));
  EXPECT_FALSE(client_.has_ended());
  Pass(absl::Seconds(1));
  const absl::Status ended = client_.WaitForEnd();
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonOf(ended), v1::ERROR_REASON_SLOW_WATCHER);
  EXPECT_EQ(MetadataOf(ended).at("resume_token"), "1");
  EXPECT_EQ(runner().open(), 0);
  Pass(absl::Seconds(29));
  EXPECT_FALSE(client_.aborted());
  Pass(absl::Seconds(1));
  EXPECT_TRUE(client_.aborted());
  runner().WaitUntilNone();
  EXPECT_TRUE(script_.gone);
}

TEST_F(StreamRunnerTest, AStreamEndsWithItsTokenWhenItLivedLongEnough) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  Pass(absl::Hours(1));
  const absl::Status ended = client_.WaitForEnd();
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(ended), v1::ERROR_REASON_STREAM_ENDED);
  EXPECT_EQ(MetadataOf(ended).at("resume_token"), "1");
}

TEST_F(StreamRunnerTest, ACallerAnOrganizationAndAllHaveSoManyPlaces) {
  std::deque<Client> clients(6);
  std::deque<Script> scripts(6);
  const auto open = [&](int i, const std::string& subject, const std::string& organization) {
    return Open(&clients[i], &scripts[i], subject, organization);
  };
  const std::string acme = "organizations/acme";
  EXPECT_THAT(open(0, "a", acme), IsOk());
  EXPECT_THAT(open(1, "a", acme), IsOk());
  const absl::Status mine = open(2, "a", acme);
  EXPECT_EQ(ReasonOf(mine), v1::ERROR_REASON_TOO_MANY_STREAMS);
  EXPECT_GT(RetryAfterOf(mine), absl::ZeroDuration());
  EXPECT_THAT(open(2, "b", acme), IsOk());
  EXPECT_THAT(open(3, "c", acme), IsOk());
  EXPECT_EQ(ReasonOf(open(4, "d", acme)), v1::ERROR_REASON_TOO_MANY_STREAMS);
  EXPECT_THAT(open(4, "nora", ""), IsOk());
  const absl::Status full = open(5, "nils", "");
  EXPECT_EQ(ReasonOf(full), v1::ERROR_REASON_OVERLOADED);
  EXPECT_GT(RetryAfterOf(full), absl::ZeroDuration());
  clients[0].GoAway();
  EXPECT_THAT(clients[0].WaitForEnd(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner().open(), 4);
  runner().CloseAll();
  runner().WaitUntilNone();
}

TEST_F(StreamRunnerTest, WhatCannotBeOpenedTakesNoPlace) {
  for (int i = 0; i < 10; ++i) {
    StreamCall call;
    call.finish = [](const absl::Status&) { FAIL(); };
    EXPECT_THAT(
        runner().Open(std::move(call),
                      [](const StreamWaker&) -> absl::StatusOr<std::unique_ptr<StreamSource>> {
                        return absl::NotFoundError("no");
                      }),
        StatusIs(absl::StatusCode::kNotFound));
  }
  EXPECT_EQ(runner().open(), 0);
}

TEST_F(StreamRunnerTest, AllEndAtOnceWithTheirTokensAndNoneIsOpenedAnyMore) {
  std::deque<Client> clients(3);
  std::deque<Script> scripts(3);
  clients[2].Stick(true);
  for (int i = 0; i < 3; ++i) {
    scripts[i].AddMessage(absl::StrCat(i));
    ASSERT_THAT(Open(&clients[i], &scripts[i], absl::StrCat("n", i)), IsOk());
    clients[i].WaitForMessages(1);
  }
  runner().CloseAll();
  for (int i = 0; i < 3; ++i) {
    const absl::Status ended = clients[i].WaitForEnd();
    EXPECT_EQ(ReasonOf(ended), v1::ERROR_REASON_STREAM_ENDED);
    EXPECT_EQ(MetadataOf(ended).at("resume_token"), absl::StrCat(i));
  }
  EXPECT_EQ(ReasonOf(Open(&client_, &script_)), v1::ERROR_REASON_STREAM_ENDED);
  // Whoever takes nothing does not hold up the end.
  Pass(absl::Seconds(1));
  EXPECT_TRUE(clients[2].aborted());
  runner().WaitUntilNone();
}

TEST_F(StreamRunnerTest, ACallerThatIsWhoItWasNoLongerIsToldNothingMore) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  script_.WaitUntilAsked(2);
  Pass(absl::Minutes(1));
  script_.WaitUntilAsked(3);
  EXPECT_EQ(proofs_.asked, 1);
  proofs_.revoked = true;
  script_.AddMessage("2");
  Pass(absl::Minutes(1));
  EXPECT_EQ(ReasonOf(client_.WaitForEnd()), v1::ERROR_REASON_INVALID_CERTIFICATE);
  EXPECT_THAT(client_.WaitForMessages(1), ElementsAre("1"));
}

TEST_F(StreamRunnerTest, ATokenIsRenewedNowAndThenAndThatIsNoRead) {
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  script_.WaitUntilAsked(2);
  EXPECT_EQ(script_.renewals, 0);
  script_.AddMessage("2", /*only_token=*/true);
  Pass(absl::Minutes(5));
  EXPECT_THAT(client_.WaitForMessages(2), ElementsAre("1", "2"));
  EXPECT_EQ(script_.renewals, 1);
  EXPECT_THAT(reads_.tokens(), ElementsAre("1"));
}

TEST_F(StreamRunnerTest, WhereReadsCannotBeRecordedNothingIsTold) {
  reads_.failing = true;
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  EXPECT_EQ(ReasonOf(client_.WaitForEnd()), v1::ERROR_REASON_AUDIT_UNAVAILABLE);
  EXPECT_THAT(client_.WaitForMessages(0), IsEmpty());
  EXPECT_EQ(script_.asked, 0);
}

TEST_F(StreamRunnerTest, AnErrorOfTheSourceEndsTheStreamAndSoDoesAnException) {
  script_.Add(absl::NotFoundError("gone"));
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  EXPECT_THAT(client_.WaitForEnd(), StatusIs(absl::StatusCode::kNotFound));
  Client other;
  Script throwing;
  throwing.throws = true;
  ASSERT_THAT(Open(&other, &throwing), IsOk());
  EXPECT_THAT(other.WaitForEnd(), StatusIs(absl::StatusCode::kInternal));
  runner().WaitUntilNone();
  // Its source is gone; whoever still holds the waker does no harm.
  EXPECT_TRUE(throwing.gone);
  throwing.waker();
}

TEST_F(StreamRunnerTest, AClientThatGoesAwayWithAMessageUnderWayLeavesNothingBehind) {
  client_.Stick(true);
  script_.AddMessage("1");
  ASSERT_THAT(Open(&client_, &script_), IsOk());
  client_.WaitForMessages(1);
  client_.GoAway();
  EXPECT_THAT(client_.WaitForEnd(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runner().open(), 0);
  client_.Take(false);
  runner().WaitUntilNone();
  EXPECT_TRUE(script_.gone);
}

}  // namespace
}  // namespace trialgate::rpc
