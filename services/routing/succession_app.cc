#include "services/routing/succession_app.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "services/access/cda_repository.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_repository.h"
#include "services/directory/succession.h"
#include "services/notices/notice_repository.h"
#include "services/routing/move_notices_app.h"
#include "services/routing/referral_move_repository.h"
#include "services/routing/referral_repository.h"
#include "services/routing/referral_state.h"
#include "services/routing/resource_names.h"

namespace trialgate::routing {
namespace {

using directory::DirectorySnapshot;
using store::UnitOfWork;

constexpr char kAction[] = "MoveReferrals";
// Between two looks at the clock, which may be set meanwhile.
constexpr absl::Duration kLook = absl::Minutes(1);
constexpr absl::Duration kAfterError = absl::Seconds(10);

v1::Principal Program() {
  v1::Principal principal;
  principal.set_role(v1::ROLE_PROGRAM);
  principal.set_subject("succession");
  return principal;
}

// The open referrals at a desk, at most `limit`, those due first.
absl::StatusOr<std::vector<std::string>> OpenAt(const UnitOfWork& work, const std::string& desk,
                                                int limit) {
  ReferralQuery query;
  query.desk = desk;
  store::PageOptions page;
  page.limit = limit;
  ABSL_ASSIGN_OR_RETURN(auto rows, ListReferrals(work.store(), query, page, work.read_at()));
  std::vector<std::string> names;
  for (auto& row : rows.rows) names.push_back(std::move(row.key));
  return names;
}

bool IsBlinded(const v1::TrialRequest& request) {
  return request.confidentiality() == v1::CONFIDENTIALITY_BLINDED ||
         request.confidentiality() == v1::CONFIDENTIALITY_CDA_REQUIRED;
}

// Whether none of the desks was written since `directory` was read, so that what it says holds;
// guarded from now on.
absl::StatusOr<bool> IsAsOf(const DirectorySnapshot& directory,
                            const std::map<std::string, const v1::Desk*>& desks, UnitOfWork* work) {
  std::vector<std::string> names;
  for (const auto& [name, successor] : desks) {
    names.push_back(name);
    names.push_back(successor->name());
  }
  ABSL_ASSIGN_OR_RETURN(const auto rows, work->GetAll(directory::Desks(), names));
  return std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
    return row.has_value() && row->version <= directory.commit();
  });
}

}  // namespace

absl::StatusOr<bool> Succession::NeedsCda(UnitOfWork* work, const v1::TrialRequest& request,
                                          const std::string& desk, absl::CivilDay day) const {
  if (!IsBlinded(request)) return false;
  const std::string& sponsor = request.sponsor().empty() ? request.requester() : request.sponsor();
  ABSL_ASSIGN_OR_RETURN(const auto cda,
                        access::FindCdaInForce(work->store(), sponsor, desk, day, work->read_at()));
  return !cda.has_value();
}

absl::StatusOr<v1::SuccessionSummary> Succession::MoveAll(UnitOfWork* work,
                                                          const DirectorySnapshot& directory,
                                                          const std::string& operation,
                                                          absl::Time now) {
  const absl::CivilDay today = absl::ToCivilDay(now, directory.time_zone());
  v1::SuccessionSummary summary;
  std::map<std::string, OpenReferrals> open;  // at the successors, with what moved there
  notices::NoticeWriter notices(work, absl::StrCat(operation, "-succession"), now);
  for (const auto& [name, successor] : directory::SucceededDesksOn(directory, today)) {
    const int room = max_moves_ - summary.moved_referrals();
    if (room <= 0) break;
    ABSL_ASSIGN_OR_RETURN(const auto names, OpenAt(*work, name, room));
    if (names.empty()) continue;
    OpenReferrals& counts = open[successor->name()];
    if (counts.by_desk.empty()) {
      ABSL_ASSIGN_OR_RETURN(counts, CountOpenAtDesk(*work, successor->name()));
    }
    ABSL_ASSIGN_OR_RETURN(auto rows, work->GetAll(Referrals(), names));
    for (auto& row : rows) {
      if (!row.has_value() || row->value.desk() != name || !IsOpen(row->value.state())) continue;
      v1::Referral& referral = row->value;
      ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request,
                            requests_->Get(work, RequestOf(referral.name())));
      Move(v1::REFERRAL_MOVE_KIND_SUCCEEDED,
           {successor->name(), ChosenContact(*successor, request, directory, counts, today)},
           /*informed=*/"", /*reason=*/"", now, &referral);
      counts.Add(referral, 1);
      ABSL_RETURN_IF_ERROR(work->Put(Referrals(), referral.name(), referral));
      ABSL_RETURN_IF_ERROR(
          TellTaker(storage::v1::NOTICE_KIND_REFERRAL_SUCCEEDED, referral, &notices));
      summary.set_moved_referrals(summary.moved_referrals() + 1);
      ABSL_ASSIGN_OR_RETURN(const bool needs_cda,
                            NeedsCda(work, request, successor->name(), today));
      summary.set_referrals_without_cda(summary.referrals_without_cda() + (needs_cda ? 1 : 0));
    }
  }
  // Who stands in the place of persons goes on, too.
  int room = max_moves_ - summary.moved_referrals();
  for (const auto& [name, successor] : directory::SucceededDesksOn(directory, today)) {
    if (room <= 0) break;
    ABSL_ASSIGN_OR_RETURN(const int moved,
                          requests_->MoveSubmittedIdeas(work, name, successor->name(), room, now));
    room -= moved;
  }
  return summary;
}

absl::StatusOr<v1::SuccessionSummary> Succession::CountWaiting(UnitOfWork* work,
                                                               const std::string& desk,
                                                               const std::string& successor,
                                                               absl::CivilDay day) const {
  v1::SuccessionSummary summary;
  ABSL_ASSIGN_OR_RETURN(const auto names, OpenAt(*work, desk, max_moves_));
  summary.set_waiting_referrals(static_cast<int>(names.size()));
  if (successor.empty()) return summary;
  for (const std::string& name : names) {
    ABSL_ASSIGN_OR_RETURN(const v1::TrialRequest request, requests_->Get(work, RequestOf(name)));
    ABSL_ASSIGN_OR_RETURN(const bool needs_cda, NeedsCda(work, request, successor, day));
    summary.set_referrals_without_cda(summary.referrals_without_cda() + (needs_cda ? 1 : 0));
  }
  return summary;
}

absl::StatusOr<bool> Succession::HasSubmittedIdeas(const UnitOfWork& work,
                                                   const std::string& desk) const {
  return requests_->HasSubmittedIdeas(work.store(), desk, work.read_at());
}

absl::StatusOr<std::vector<v1::Referral>> Succession::ReadOpen(const store::Store& store,
                                                               std::int64_t as_of) const {
  return OpenReferralsAsOf(store, as_of);
}

SuccessionJob::~SuccessionJob() { Stop(); }

absl::StatusOr<std::optional<int>> SuccessionJob::MoveSome() {
  const auto directory = directory_->Snapshot();
  if (!directory->has_pack()) return std::nullopt;
  const absl::Time now = clock_->Now();
  const auto succeeded =
      directory::SucceededDesksOn(*directory, absl::ToCivilDay(now, directory->time_zone()));
  const std::string operation = ids_->NewId();
  std::optional<int> moved;
  const auto run = [&](UnitOfWork& work) -> absl::Status {
    moved.reset();
    bool any = false;
    std::vector<std::string> reasons;
    for (const auto& [name, successor] : succeeded) {
      ABSL_ASSIGN_OR_RETURN(const auto open, OpenAt(work, name, 1));
      ABSL_ASSIGN_OR_RETURN(const bool submitted, succession_->HasSubmittedIdeas(work, name));
      any = any || !open.empty() || submitted;
      if (!open.empty() || submitted) {
        reasons.push_back(absl::StrCat(name, " ended; ", successor->name(), " takes over"));
      }
    }
    if (!any) return absl::OkStatus();
    // Written meanwhile: the next run sees it.
    ABSL_ASSIGN_OR_RETURN(const bool holds, IsAsOf(*directory, succeeded, &work));
    if (!holds) return absl::OkStatus();
    ABSL_ASSIGN_OR_RETURN(const auto summary,
                          succession_->MoveAll(&work, *directory, operation, now));
    moved = summary.moved_referrals();
    work.SetEvent(
        audit::MakeEvent(Program(), kAction, absl::StrJoin(reasons, ". "), work.Changes()));
    return absl::OkStatus();
  };
  ABSL_RETURN_IF_ERROR(store::RunUnitOfWork(store_, operation, {}, run).status());
  return moved;
}

absl::StatusOr<int> SuccessionJob::RunOnce() {
  int moved = 0;
  while (true) {
    ABSL_ASSIGN_OR_RETURN(const std::optional<int> some, MoveSome());
    if (!some.has_value()) return moved;
    moved += *some;
  }
}

absl::Duration SuccessionJob::RunAndLog() {
  const auto moved = RunOnce();
  if (!moved.ok()) {
    obs::LogLine(obs::Level::kError, "succession_failed")
        .With("cause", obs::Public(moved.status().message()));
    return kAfterError;
  }
  if (*moved > 0) obs::LogLine(obs::Level::kInfo, "referrals_succeeded").With("referrals", *moved);
  const absl::Time now = clock_->Now();
  const absl::TimeZone zone = directory_->Snapshot()->time_zone();
  const absl::Time midnight = absl::FromCivil(absl::ToCivilDay(now, zone) + 1, zone);
  return std::clamp(midnight - now, absl::Milliseconds(1), kLook);
}

void SuccessionJob::Loop() {
  absl::Duration pause = kLook;
  while (true) {
    {
      const absl::Time next = absl::Now() + pause;
      MutexLock lock(&mu_);
      while (!stopped_ && absl::Now() < next) changed_.WaitFor(&mu_, next - absl::Now());
      if (stopped_) return;
    }
    pause = RunAndLog();
  }
}

void SuccessionJob::Start() {
  RunAndLog();
  thread_ = std::jthread([this] { Loop(); });
}

void SuccessionJob::Stop() {
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace trialgate::routing
