#include "services/operations/operator_app.h"

#include <array>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "services/audit/event_writer.h"
#include "services/operations/backup_name.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::operations {
namespace {

// Who comes while a backup is being made comes back after this.
constexpr absl::Duration kRetryAfter = absl::Seconds(5);

struct LevelPair {
  v1::LogLevel proto;
  obs::Level level;
};
constexpr std::array<LevelPair, 4> kLevels = {{{v1::LOG_LEVEL_DEBUG, obs::Level::kDebug},
                                               {v1::LOG_LEVEL_INFO, obs::Level::kInfo},
                                               {v1::LOG_LEVEL_WARNING, obs::Level::kWarning},
                                               {v1::LOG_LEVEL_ERROR, obs::Level::kError}}};

v1::LogLevel CurrentLevel() {
  const obs::Level now = obs::LogLevel();
  for (const LevelPair& pair : kLevels) {
    if (pair.level == now) return pair.proto;
  }
  return v1::LOG_LEVEL_UNSPECIFIED;
}

void SetDuration(absl::Duration duration, google::protobuf::Duration* proto) {
  const std::int64_t nanos = absl::ToInt64Nanoseconds(duration);
  proto->set_seconds(nanos / 1'000'000'000);
  proto->set_nanos(static_cast<int>(nanos % 1'000'000'000));
}

void CheckReason(absl::string_view reason, bool required, FieldFaults* faults) {
  if (required && reason.empty()) faults->Add("reason", v1::ERROR_REASON_REQUIRED, "is required");
  if (reason.size() > audit::kMaxReasonBytes) {
    faults->Add("reason", v1::ERROR_REASON_TOO_LONG,
                absl::StrCat("must have at most ", audit::kMaxReasonBytes, " bytes"));
  }
}

absl::Status CheckBackup(const v1::BackupRequest& request) {
  FieldFaults faults;
  if (request.name().empty()) {
    faults.Add("name", v1::ERROR_REASON_REQUIRED, "is required");
  } else if (!IsBackupName(request.name())) {
    faults.Add("name", v1::ERROR_REASON_INVALID_FORMAT,
               "must be 1 to 63 lower-case letters, digits and hyphens, not a hyphen first");
  }
  CheckReason(request.reason(), /*required=*/false, &faults);
  return faults.ToStatus();
}

}  // namespace

OperatorApp::OperatorApp(store::Store* store, const Clock* clock, IdGenerator* ids,
                         ServerControls controls)
    : store_(store),
      clock_(clock),
      ids_(ids),
      controls_(std::move(controls)),
      start_(clock->Now()) {}

absl::StatusOr<v1::ServerStatus> OperatorApp::Status() const {
  ABSL_ASSIGN_OR_RETURN(const storage::v1::Head head, store_->HeadAnchor());
  v1::ServerStatus status;
  status.set_version(controls_.version);
  status.mutable_start_time()->set_seconds(absl::ToUnixSeconds(start_));
  SetDuration(std::max(absl::ZeroDuration(), clock_->Now() - start_), status.mutable_uptime());
  status.set_store(controls_.store_kind);
  status.set_head_commit(head.number());
  status.set_head_hash(absl::BytesToHexString(head.hash()));
  status.set_follower_lag(controls_.follower_lag());
  status.set_log_level(CurrentLevel());
  status.set_draining(controls_.is_draining());
  for (const obs::ReadinessCheck& check : controls_.checks()) {
    v1::ServerCheck* const shown = status.add_checks();
    shown->set_name(check.name);
    shown->set_ok(check.ok);
    shown->set_detail(check.detail);
  }
  status.set_trial_requests(controls_.trial_requests());
  status.set_open_referrals(controls_.open_referrals());
  return status;
}

absl::StatusOr<v1::SetLogLevelResponse> OperatorApp::SetLogLevel(
    const v1::Principal& principal, const v1::SetLogLevelRequest& request) {
  FieldFaults faults;
  const auto* const wanted =
      std::find_if(kLevels.begin(), kLevels.end(),
                   [&](const LevelPair& pair) { return pair.proto == request.log_level(); });
  if (request.log_level() == v1::LOG_LEVEL_UNSPECIFIED) {
    faults.Add("log_level", v1::ERROR_REASON_REQUIRED, "is required");
  } else if (wanted == kLevels.end()) {
    faults.Add("log_level", v1::ERROR_REASON_UNKNOWN_VALUE, "must be a level");
  }
  CheckReason(request.reason(), /*required=*/false, &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  v1::SetLogLevelResponse response;
  response.set_previous_level(CurrentLevel());
  obs::SetLogLevel(wanted->level);
  response.set_recorded(Record(principal, "SetLogLevel", request.reason(), {}));
  return response;
}

absl::StatusOr<v1::DrainResponse> OperatorApp::Drain(const v1::Principal& principal,
                                                     const v1::DrainRequest& request) {
  FieldFaults faults;
  CheckReason(request.reason(), /*required=*/true, &faults);
  ABSL_RETURN_IF_ERROR(faults.ToStatus());
  v1::DrainResponse response;
  response.set_already_draining(controls_.drain());
  response.set_recorded(Record(principal, "Drain", request.reason(), {}));
  return response;
}

absl::StatusOr<v1::BackupResponse> OperatorApp::Backup(const v1::Principal& principal,
                                                       const v1::BackupRequest& request) {
  ABSL_RETURN_IF_ERROR(CheckBackup(request));
  if (controls_.backup_dir.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_CONFIGURATION,
                 "this server has no folder for backups: start it with --backup-dir");
  }
  {
    MutexLock lock(&mu_);
    if (backing_up_) {
      return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
                   "another backup is being made; retry after the delay")
          .WithRetryAfter(kRetryAfter);
    }
    backing_up_ = true;
  }
  const absl::Cleanup done = [this] {
    MutexLock lock(&mu_);
    backing_up_ = false;
  };
  v1::BackupResponse response;
  response.set_folder(absl::StrCat(controls_.backup_dir, "/", request.name()));
  ABSL_ASSIGN_OR_RETURN(const storage::v1::Head head, store_->CopyTo(response.folder()));
  response.set_head_commit(head.number());
  response.set_head_hash(absl::BytesToHexString(head.hash()));
  // So the trail says what the copy must be.
  const store::Change copy = {store::TableId::TABLE_ID_UNSPECIFIED,
                              absl::StrCat("backups/", request.name()), "", head.hash()};
  response.set_recorded(Record(principal, "Backup", request.reason(), {copy}));
  return response;
}

// Whether the trail has it.
bool OperatorApp::Record(const v1::Principal& principal, absl::string_view action,
                         absl::string_view reason, const std::vector<store::Change>& changes) {
  const auto commit = store::RunUnitOfWork(store_, ids_->NewId(), {}, [&](store::UnitOfWork& work) {
    work.SetEvent(audit::MakeEvent(principal, action, reason, changes));
    return absl::OkStatus();
  });
  obs::LogLine(obs::Level::kWarning, "operator_action")
      .With("action", obs::Public(action))
      .With("recorded", commit.ok());
  return commit.ok();
}

}  // namespace trialgate::operations
