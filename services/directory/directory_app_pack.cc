// DirectoryApp::ApplyPack: a pack against what is stored.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_repository.h"
#include "services/directory/pack.h"
#include "services/directory/pack_of.h"
#include "services/directory/pack_write_app.h"
#include "services/directory/person_repository.h"

namespace trialgate::directory {
namespace {

using store::UnitOfWork;

// What of a request is kept as a hash: its contacts' persons are not, since whoever has the pack
// could try out telephone numbers against it.
v1::ApplyPackRequest WithoutPersons(const v1::ApplyPackRequest& request, const v1::Pack& pack) {
  v1::Pack bare = pack;
  for (v1::Contact& contact : *bare.mutable_contacts()) contact = WithoutPerson(std::move(contact));
  v1::ApplyPackRequest hashed = request;
  hashed.clear_files();
  hashed.add_files()->set_content(store::internal::SerializePayload(bare));
  return hashed;
}

}  // namespace

absl::Status DirectoryApp::MoveSucceeded(const v1::Pack& pack, const std::string& operation,
                                         absl::Time now, UnitOfWork* work,
                                         v1::ApplyPackResponse* response) const {
  if (succession_ == nullptr || response->changed() == 0) return absl::OkStatus();
  const auto after = WithPack(*cache_->Snapshot(), pack);
  ABSL_ASSIGN_OR_RETURN(const v1::SuccessionSummary moved,
                        succession_->MoveAll(work, *after, operation, now));
  if (moved.moved_referrals() == 0) return absl::OkStatus();
  response->add_summary(absl::StrCat("open referrals: ", moved.moved_referrals(),
                                     " moved to the desks that take over"));
  if (moved.referrals_without_cda() > 0) {
    response->add_summary(absl::StrCat("CDAs: ", moved.referrals_without_cda(),
                                       " referrals of blinded requests need a new one, with the "
                                       "desk that took over"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PackOutcome> DirectoryApp::ApplyIn(const v1::Principal& principal,
                                                  const JoinedPack& joined,
                                                  const std::string& operation, absl::Time now,
                                                  PersonEdits* persons, UnitOfWork* work) {
  AwaitCache(work->read_at());
  const auto directory = cache_->Snapshot();
  ABSL_ASSIGN_OR_RETURN(PackOutcome outcome,
                        PackWriter(joined, *directory, *keys_, now, persons, work).Write());
  ABSL_RETURN_IF_ERROR(MoveSucceeded(outcome.applied, operation, now, work, &outcome.response));
  work->SetEvent(audit::MakeEvent(principal, "ApplyPack", "", work->Changes()));
  return outcome;
}

absl::StatusOr<PackOutcome> DirectoryApp::CheckPackAt(const v1::Principal& principal,
                                                      const JoinedPack& joined,
                                                      store::CommitNumber as_of) {
  PersonEdits persons(keys_, PersonEdits::kCheck);
  UnitOfWork work(store_, as_of);
  return ApplyIn(principal, joined, ids_->NewId(), clock_->Now(), &persons, &work);
}

absl::StatusOr<v1::ApplyPackResponse> DirectoryApp::ApplyPack(const v1::Principal& principal,
                                                              const v1::ApplyPackRequest& request) {
  Faults faults;
  const JoinedPack joined = LoadPack(request.files(), request.allow_sample(), &faults);
  if (!request.validate_only()) faults.AddAll(store::CheckRequestId(request.request_id()));
  if (!faults.empty()) return FaultsError(faults);
  if (request.validate_only()) {
    ABSL_ASSIGN_OR_RETURN(PackOutcome outcome, CheckPackAt(principal, joined, store_->Head()));
    return std::move(outcome.response);
  }
  const absl::Time now = clock_->Now();
  const std::string operation = ids_->NewId();
  PersonEdits persons(keys_, PersonEdits::kWrite);
  const auto apply = [&](UnitOfWork& work) -> absl::StatusOr<v1::ApplyPackResponse> {
    ABSL_ASSIGN_OR_RETURN(PackOutcome outcome,
                          ApplyIn(principal, joined, operation, now, &persons, &work));
    return std::move(outcome.response);
  };
  ABSL_ASSIGN_OR_RETURN(const store::IdempotentCall call,
                        store::MakeIdempotentCall(principal, "ApplyPack", request.request_id(),
                                                  WithoutPersons(request, joined.pack), now));
  ABSL_ASSIGN_OR_RETURN(auto answer, RunWithPersons<v1::ApplyPackResponse>(store_, call, operation,
                                                                           {}, &persons, apply));
  AwaitCache(answer.commit);
  if (answer.response.changed() != 0) answer.response.set_commit(answer.commit);
  return std::move(answer.response);
}

}  // namespace trialgate::directory
