// What the use cases that change single records of the directory have in common: one call, one unit
// of work, one commit, one audit event.
//
//   return RunEdit<v1::Site>(tools, principal, "EndSite", request, [&](Edit* edit) {
//     ABSL_ASSIGN_OR_RETURN(auto row, edit->Find(Sites(), "Site", request.name()));
//     ...
//     ABSL_RETURN_IF_ERROR(edit->Checked());
//     ABSL_RETURN_IF_ERROR(edit->Save(Sites(), row, changed));
//     return changed;
//   });
//
// Internal to this folder.
#ifndef TRIALGATE_SERVICES_DIRECTORY_RECORD_EDIT_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_RECORD_EDIT_APP_H_

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/keys/key_store.h"
#include "common/store/idempotency.h"
#include "common/store/store.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/audit/event_writer.h"
#include "services/directory/directory_projection.h"
#include "services/directory/directory_repository.h"
#include "services/directory/fault.h"
#include "services/directory/not_found.h"
#include "services/directory/pack_record_repository.h"
#include "services/directory/person_reference_repository.h"
#include "services/directory/person_repository.h"
#include "services/directory/record_mask.h"
#include "trialgate/v1/audit.pb.h"
#include "trialgate/v1/directory_service.pb.h"

namespace trialgate::directory {

// What use cases work with. Nothing is owned.
struct EditTools {
  store::Store* store;
  const DirectoryCache* cache;
  keys::KeyStore* keys;
  const Clock* clock;
  IdGenerator* ids;
};

inline constexpr std::size_t kMaxReasonBytes = 2048;

// Whether a record can have that name: the store has no keys of other bytes.
bool MayBeName(absl::string_view name);

// Errors as clients see them.
absl::Status RecordExists(absl::string_view type, absl::string_view name);
absl::Status WrongRecordState(absl::string_view name, absl::string_view state,
                              absl::string_view event, absl::string_view message);

// FAILED_PRECONDITION (WRONG_STATE: ENDED) where what is valid to `valid_to` has ended before
// `today`: from then on it is history, which nobody edits.
absl::Status CheckNotOver(absl::string_view name, absl::string_view valid_to, absl::CivilDay today,
                          absl::string_view event);

// One attempt at a change. Not thread-safe.
struct Edit {
  const v1::Principal& principal;
  store::UnitOfWork& work;
  PersonEdits& persons;
  // As of about `work`; what must hold at the commit is read from `work`.
  std::shared_ptr<const DirectorySnapshot> directory;
  absl::Time now;
  absl::CivilDay today;
  // Of the request id; told after the others.
  const FieldFaults& id_faults;
  // Of the rest of the request.
  Faults faults = {};
  // For the audit event.
  std::string reason = {};
  // The version of what Save left as it is.
  store::CommitNumber kept_version = 0;

  // INVALID_ARGUMENT where there are faults.
  absl::Status Checked() const;

  // FAILED_PRECONDITION (NO_PACK).
  absl::Status RequirePack() const;

  // "declared, today".
  v1::Source DeclaredToday() const;

  // The name of what is created: `collection`/{id}. Faults: an id of another form (`id_field`), and
  // a name that is given (`name_field`). Where the id cannot be used, some name that can.
  std::string NewName(absl::string_view collection, const std::string& id,
                      absl::string_view id_field, const std::string& given,
                      absl::string_view name_field, std::size_t min_id_bytes = 1);

  // A fault for a field of what is created that only `verb` sets.
  void RequireAbsent(bool absent, absl::string_view field, absl::string_view verb);

  // Takes the reason for the audit event. Faults: it is required and absent, or too long.
  void TakeReason(const std::string& given, bool required);

  // A fault for a date before today, `field` naming it; for RequireTodayOrLater also for one that
  // is absent or no date.
  void CheckTodayOrLater(const std::string& date, absl::string_view field);
  void RequireTodayOrLater(const std::string& date, absl::string_view field);

  // The stored row. NOT_FOUND.
  template <typename P>
  absl::StatusOr<store::Row<P>> Find(const store::Table<P>& table, absl::string_view type,
                                     const std::string& name) {
    if (!MayBeName(name)) return NotFoundError(type, name);
    ABSL_ASSIGN_OR_RETURN(auto row, work.Get(table, name));
    if (!row.has_value()) return NotFoundError(type, name);
    return *std::move(row);
  }

  // ABORTED (ETAG_MISMATCH) unless `etag` is empty or that of `version`.
  absl::Status CheckEtag(const std::string& etag, store::CommitNumber version) const;

  // A fault where `name`, which is not empty, is no row at the commit; such faults come after
  // those of fields, and only where a record went at the same moment.
  absl::Status Refer(const store::TableBase& table, const std::string& name);

  // Puts what is created. ALREADY_EXISTS.
  template <typename P>
  absl::Status Insert(const store::Table<P>& table, absl::string_view type, const P& record) {
    ABSL_ASSIGN_OR_RETURN(const auto row, work.Get(table, record.name()));
    if (row.has_value()) return RecordExists(type, record.name());
    ABSL_RETURN_IF_ERROR(NoteEdit(record.name(), row, record, &work));
    return work.Put(table, record.name(), record);
  }

  // Puts what `before` became; what changed nothing is not written.
  template <typename P>
  absl::Status Save(const store::Table<P>& table, const store::Row<P>& before, const P& record) {
    if (google::protobuf::util::MessageDifferencer::Equals(before.value, record)) {
      kept_version = std::max(kept_version, before.version);
      return absl::OkStatus();
    }
    ABSL_RETURN_IF_ERROR(NoteEdit(before.key, std::optional<store::Row<P>>(before), record, &work));
    return work.Put(table, before.key, record);
  }
};

// The etag of the record that a response tells of.
template <typename Response>
void SetEtag(const std::string& etag, Response* response) {
  response->set_etag(etag);
}
inline void SetEtag(const std::string& etag, v1::EndSiteResponse* response) {
  response->mutable_site()->set_etag(etag);
}
inline void SetEtag(const std::string& etag, v1::EndContactResponse* response) {
  response->mutable_contact()->set_etag(etag);
}
inline void SetEtag(const std::string& etag, v1::AddContactAbsenceResponse* response) {
  response->mutable_contact()->set_etag(etag);
}

namespace internal {

// Lets the cache see a commit, unless it lags by seconds.
void AwaitCache(const EditTools& tools, store::CommitNumber commit);

Edit BeginEdit(const EditTools& tools, const v1::Principal& principal, absl::Time now,
               const FieldFaults& id_faults, PersonEdits* persons, store::UnitOfWork* work);

}  // namespace internal

// Runs `change` as one call: with the request's id, so that a retry gets the first answer; or only
// to check. A call that changes nothing commits nothing, no event and no answer for a retry, which
// runs anew; its etag is that of the version that stands. Of persons' fields no hash is kept: a
// retry is told from another request by all else. Errors are those of `change`, of RunUnitOfWork
// and of request ids; the faults of a request id are told by `edit->Checked()` with the rest.
template <typename Response, typename Request>
absl::StatusOr<Response> RunEdit(const EditTools& tools, const v1::Principal& principal,
                                 absl::string_view method, const Request& request,
                                 absl::FunctionRef<absl::StatusOr<Response>(Edit*)> change) {
  const absl::Time now = tools.clock->Now();
  const FieldFaults id_faults =
      request.validate_only() ? FieldFaults() : store::CheckRequestId(request.request_id());
  const bool only_check = request.validate_only() || !id_faults.empty();
  PersonEdits persons(tools.keys, only_check ? PersonEdits::kCheck : PersonEdits::kWrite);
  std::optional<Response> unchanged;
  const auto attempt = [&](store::UnitOfWork& work) -> absl::StatusOr<Response> {
    unchanged.reset();
    Edit edit = internal::BeginEdit(tools, principal, now, id_faults, &persons, &work);
    ABSL_ASSIGN_OR_RETURN(Response response, change(&edit));
    ABSL_RETURN_IF_ERROR(edit.Checked());
    const auto changes = work.Changes();
    if (changes.empty()) {
      SetEtag(EtagOf(edit.kept_version), &response);
      unchanged = std::move(response);
      return absl::CancelledError("nothing changes");
    }
    work.SetEvent(audit::MakeEvent(principal, method, edit.reason, changes));
    return response;
  };
  if (only_check) {
    store::UnitOfWork work(tools.store, tools.store->Head());
    persons.Begin();
    auto checked = attempt(work);
    if (unchanged.has_value()) return *std::move(unchanged);
    return checked;
  }
  Request hashed = request;
  ClearPersons(&hashed);
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall call,
      store::MakeIdempotentCall(principal, method, request.request_id(), hashed, now));
  auto answer =
      RunWithPersons<Response>(tools.store, call, tools.ids->NewId(), {}, &persons, attempt);
  if (unchanged.has_value()) return *std::move(unchanged);
  ABSL_RETURN_IF_ERROR(answer.status());
  SetEtag(EtagOf(answer->commit), &answer->response);
  internal::AwaitCache(tools, answer->commit);
  return std::move(answer->response);
}

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_RECORD_EDIT_APP_H_
