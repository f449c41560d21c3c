#include "services/people/retention_app.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_repository.h"
#include "services/directory/person_repository.h"
#include "services/intake/trial_request_repository.h"
#include "services/people/retention.h"
#include "services/routing/referral_repository.h"
#include "services/routing/resource_names.h"

namespace trialgate::people {
namespace {

using store::UnitOfWork;

constexpr char kAction[] = "ErasePerson";
constexpr int kScanPage = 500;
constexpr absl::Duration kDaily = absl::Hours(24);
// After an error, and before the rest of what one run leaves.
constexpr absl::Duration kSoon = absl::Minutes(10);

v1::Principal Program() {
  v1::Principal principal;
  principal.set_role(v1::ROLE_PROGRAM);
  principal.set_subject("retention");
  return principal;
}

// The day after the contact's last, or its desk's, whichever is earlier; nullopt: no end is known.
// Guarded, as what follows.
absl::StatusOr<std::optional<absl::CivilDay>> EndOfContact(const std::string& contact,
                                                           UnitOfWork* work) {
  const std::string desk = contact.substr(0, contact.find("/contacts/"));
  ABSL_ASSIGN_OR_RETURN(const auto desk_row, work->Get(directory::Desks(), desk));
  ABSL_ASSIGN_OR_RETURN(const auto row, work->Get(directory::Contacts(), contact));
  std::optional<absl::CivilDay> ended;
  for (const std::string& text : {desk_row.has_value() ? desk_row->value.valid_to() : "",
                                  row.has_value() ? row->value.valid_to() : ""}) {
    if (text.empty()) continue;
    ABSL_ASSIGN_OR_RETURN(const absl::CivilDay last, ParseDate(text));
    ended = std::min(last + 1, ended.value_or(last + 1));
  }
  return ended;
}

// The day on which a request was closed or withdrawn; nothing changes it from then on.
absl::StatusOr<std::optional<absl::CivilDay>> EndOfRequest(const std::string& name,
                                                           absl::TimeZone zone, UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto row, work->Get(intake::TrialRequests(), name));
  if (!row.has_value() || (row->value.state() != v1::TRIAL_REQUEST_STATE_CLOSED &&
                           row->value.state() != v1::TRIAL_REQUEST_STATE_WITHDRAWN)) {
    return std::optional<absl::CivilDay>();
  }
  return std::make_optional(absl::ToCivilDay(routing::ToTime(row->value.update_time()), zone));
}

}  // namespace

RetentionJob::~RetentionJob() { Stop(); }

absl::StatusOr<bool> RetentionJob::EraseIfDue(const std::string& name, const v1::Pack& settings,
                                              absl::CivilDay today, absl::TimeZone zone) {
  const v1::RetentionSubject subject = SubjectOf(name);
  directory::PersonEdits edits(keys_, directory::PersonEdits::kWrite);
  bool erased = false;
  const auto run = [&](UnitOfWork& work) -> absl::Status {
    edits.Begin();
    erased = false;
    ABSL_ASSIGN_OR_RETURN(const auto row, work.Get(directory::Persons(), name));
    if (!row.has_value() || directory::IsErased(row->value)) return absl::OkStatus();
    ABSL_ASSIGN_OR_RETURN(const std::optional<absl::CivilDay> ended,
                          subject == v1::RETENTION_SUBJECT_CONTACT
                              ? EndOfContact(name, &work)
                              : EndOfRequest(routing::RequestOf(name), zone, &work));
    const v1::RetentionRule* const rule = DueBy(settings.retention_rules(), subject, ended, today);
    if (rule == nullptr) return absl::OkStatus();
    ABSL_RETURN_IF_ERROR(edits.Erase(name, clock_->Now(), &work).status());
    erased = true;
    work.SetEvent(audit::MakeEvent(
        Program(), kAction, absl::StrCat("retention rule ", rule->id(), ": ", rule->description()),
        work.Changes()));
    return absl::OkStatus();
  };
  const auto commit = store::RunUnitOfWork(store_, ids_->NewId(), {}, run);
  ABSL_RETURN_IF_ERROR(edits.End(commit.status()));
  ABSL_RETURN_IF_ERROR(commit.status());
  return erased;
}

absl::Status RetentionJob::EraseDue(int limit, RetentionRun* result) {
  const auto directory = directory_->Snapshot();
  if (!directory->has_pack() || directory->settings().retention_rules().empty()) {
    return absl::OkStatus();
  }
  absl::Status first;
  const absl::TimeZone zone = directory->time_zone();
  const absl::CivilDay today = absl::ToCivilDay(clock_->Now(), zone);
  store::PageOptions page;
  page.limit = kScanPage;
  const store::CommitNumber as_of = store_->Head();
  do {
    ABSL_ASSIGN_OR_RETURN(const auto rows,
                          store::ScanRows(*store_, directory::Persons(), page, as_of));
    for (const auto& row : rows.rows) {
      if (directory::IsErased(row.value)) continue;
      if (result->erased == limit) {
        result->more = true;
        return first;
      }
      const auto erased = EraseIfDue(row.key, directory->settings(), today, zone);
      first.Update(erased.status());
      if (erased.value_or(false)) ++result->erased;
    }
    page.after = rows.next;
  } while (!page.after.empty());
  return first;
}

absl::StatusOr<RetentionRun> RetentionJob::RunOnce(int limit) {
  RetentionRun result;
  absl::Status first = EraseDue(limit, &result);
  const auto destroyed =
      directory::DestroyRetired(*store_, keys_, clock_->Now() - keep_replaced_, limit);
  first.Update(destroyed.status());
  ABSL_RETURN_IF_ERROR(first);
  result.keys_destroyed = *destroyed;
  result.more = result.more || result.keys_destroyed == limit;
  return result;
}

absl::Duration RetentionJob::RunAndLog() {
  const auto run = RunOnce();
  if (!run.ok()) {
    obs::LogLine(obs::Level::kError, "retention_failed")
        .With("cause", obs::Public(run.status().message()));
    return kSoon;
  }
  if (run->keys_destroyed > 0) {
    obs::LogLine(obs::Level::kInfo, "replaced_keys_destroyed").With("keys", run->keys_destroyed);
  }
  if (run->erased > 0) {
    obs::LogLine(obs::Level::kInfo, "persons_erased_by_retention")
        .With("persons", run->erased)
        .With("more", run->more);
  }
  return run->more ? kSoon : kDaily;
}

void RetentionJob::Loop() {
  while (true) {
    const absl::Duration pause = RunAndLog();
    const absl::Time next = absl::Now() + pause;
    MutexLock lock(&mu_);
    while (!stopped_ && absl::Now() < next) changed_.WaitFor(&mu_, next - absl::Now());
    if (stopped_) return;
  }
}

void RetentionJob::Start() {
  thread_ = std::jthread([this] { Loop(); });
}

void RetentionJob::Stop() {
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace trialgate::people
