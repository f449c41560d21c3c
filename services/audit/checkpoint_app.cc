#include "services/audit/checkpoint_app.h"

#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/store/checkpoint.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"

namespace trialgate::audit {
namespace {

using store::CommitNumber;

// How often it looks whether a checkpoint is due.
constexpr absl::Duration kPace = absl::Seconds(1);

}  // namespace

CheckpointApp::CheckpointApp(store::Store* store, const Clock* clock, IdGenerator* ids,
                             Ed25519PrivateKey key, const CheckpointOptions& options)
    : store_(store), clock_(clock), ids_(ids), key_(std::move(key)), options_(options) {}

CheckpointApp::~CheckpointApp() { EndThread(); }

void CheckpointApp::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CheckpointApp::EndThread() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void CheckpointApp::Stop() {
  EndThread();
  if (const auto last = Sign(/*anyhow=*/true); !last.ok()) {
    ++failures_;
    obs::LogLine(obs::Level::kError, "audit_checkpoint_failed")
        .With("cause", obs::Public(last.status().message()));
  }
}

absl::StatusOr<bool> CheckpointApp::Sign(bool anyhow) {
  MutexLock lock(&sign_mu_);
  ABSL_RETURN_IF_ERROR(LoadLast());
  ABSL_RETURN_IF_ERROR(TellWitness());
  if (!IsDue(store_->Head(), anyhow)) return false;
  ABSL_RETURN_IF_ERROR(Store());
  ABSL_RETURN_IF_ERROR(TellWitness());
  return true;
}

absl::Status CheckpointApp::TellWitness() {
  if (!untold_.has_value()) return absl::OkStatus();
  if (options_.witness != nullptr) ABSL_RETURN_IF_ERROR(options_.witness->Write(*untold_));
  untold_.reset();
  return absl::OkStatus();
}

absl::Status CheckpointApp::LoadLast() {
  if (loaded_) return absl::OkStatus();
  // Without one the first commit is covered when the server has run for an interval.
  signed_at_ = clock_->Now();
  ABSL_ASSIGN_OR_RETURN(const auto last, store::LastCheckpoint(*store_, store_->Head()));
  if (last.has_value()) {
    covered_ = last->value.number();
    last_covered_ = covered_;
    signed_at_ = absl::FromUnixNanos(last->value.time_unix_nanos());
  }
  loaded_ = true;
  return absl::OkStatus();
}

bool CheckpointApp::IsDue(CommitNumber head, bool anyhow) const {
  // The commit that stored the last checkpoint need not be covered.
  const CommitNumber open = covered_ == 0 ? head : head - covered_ - 1;
  if (open < 1) return false;
  if (anyhow || open >= options_.commits) return true;
  const absl::Duration age = clock_->Now() - signed_at_;
  // Less than zero: the clock was set back.
  return age >= options_.interval || age < absl::ZeroDuration();
}

absl::Status CheckpointApp::Store() {
  const absl::Time now = clock_->Now();
  CommitNumber covered = 0;
  std::string hash;
  const auto commit =
      store::RunUnitOfWork(store_, ids_->NewId(), {}, [&](store::UnitOfWork& work) -> absl::Status {
        covered = work.read_at();
        ABSL_ASSIGN_OR_RETURN(hash, HashOfCommit(*store_, covered));
        ABSL_ASSIGN_OR_RETURN(const std::string trail, HashOfCommit(*store_, 1));
        ABSL_RETURN_IF_ERROR(work.Put(store::Checkpoints(), store::CheckpointKey(covered),
                                      store::SignCheckpoint(covered, hash, trail, now, key_)));
        v1::Principal program;
        program.set_role(v1::ROLE_PROGRAM);
        work.SetEvent(MakeEvent(program, kCheckpointAction, "", work.Changes()));
        return absl::OkStatus();
      });
  ABSL_RETURN_IF_ERROR(commit.status());
  covered_ = covered;
  last_covered_ = covered;
  signed_at_ = now;
  untold_ = WitnessedCommit{covered, hash};
  return absl::OkStatus();
}

void CheckpointApp::Run() {
  bool failing = false;
  while (true) {
    // At the start, too: a server that crashed left commits behind that no checkpoint covers.
    const absl::Status done = Sign().status();
    if (!done.ok()) ++failures_;
    if (!done.ok() && !failing) {
      obs::LogLine(obs::Level::kError, "audit_checkpoint_failed")
          .With("cause", obs::Public(done.message()));
    }
    failing = !done.ok();
    MutexLock lock(&mu_);
    while (!stopping_ && !changed_.WaitFor(&mu_, kPace)) {
    }
    if (stopping_) return;
  }
}

}  // namespace trialgate::audit
