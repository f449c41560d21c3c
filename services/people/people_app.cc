#include "services/people/people_app.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/store/idempotency.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/time_util.h"
#include "services/audit/event_writer.h"
#include "services/directory/person_repository.h"
#include "services/routing/referral_repository.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::people {
namespace {

using directory::PersonEdits;
using store::UnitOfWork;

constexpr char kMethod[] = "ErasePerson";
constexpr std::size_t kMaxReasonBytes = 2048;
constexpr int kMaxReferrals = 10'000;
// Beyond this a cache that lags is not waited for: the erasure is stored, and shows later.
constexpr absl::Duration kCacheWait = absl::Seconds(2);

absl::Status NotHeld(absl::string_view name, bool erased) {
  const std::string shown = ShortenUtf8(name, 200);
  return Error(absl::StatusCode::kNotFound,
               erased ? v1::ERROR_REASON_PERSON_ERASED : v1::ERROR_REASON_NOT_FOUND,
               erased ? absl::StrCat("the person of \"", shown, "\" was erased")
                      : absl::StrCat("no person's fields are held under \"", shown, "\""))
      .WithResource("trialgate.v1.Person", shown);
}

bool MayBeKey(absl::string_view name) {
  return !name.empty() && name.size() <= 512 && std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x1f;
  });
}

FieldFaults FaultsOf(const v1::ErasePersonRequest& request) {
  FieldFaults faults;
  if (request.reason().empty()) {
    faults.Add("reason", v1::ERROR_REASON_REQUIRED, "must say why, without naming the person");
  } else if (request.reason().size() > kMaxReasonBytes) {
    faults.Add("reason", v1::ERROR_REASON_TOO_LONG,
               absl::StrCat("must have at most ", kMaxReasonBytes, " bytes"));
  }
  if (!request.validate_only()) faults.AddAll("", store::CheckRequestId(request.request_id()));
  return faults;
}

// The row in `work`; NOT_FOUND where nothing is held, or not any more.
absl::StatusOr<v1::ErasePersonResponse> EraseIn(const v1::ErasePersonRequest& request,
                                                absl::Time now, PersonEdits* edits,
                                                UnitOfWork* work) {
  ABSL_ASSIGN_OR_RETURN(const auto before, work->Get(directory::Persons(), request.name()));
  ABSL_ASSIGN_OR_RETURN(const auto erased, edits->Erase(request.name(), now, work));
  if (!erased.has_value()) return NotHeld(request.name(), /*erased=*/false);
  if (before.has_value() && directory::IsErased(before->value) &&
      erased->retired_keys_size() == before->value.retired_keys_size()) {
    return NotHeld(request.name(), /*erased=*/true);
  }
  v1::ErasePersonResponse response;
  response.set_name(request.name());
  response.set_pseudonym(directory::PseudonymOf(*erased));
  *response.mutable_erase_time() = erased->erase_time();
  return response;
}

}  // namespace

absl::Status PeopleApp::AddContact(v1::ExportPersonResponse* response) const {
  const auto directory = directory_->Snapshot();
  const v1::Contact* const contact = directory->FindContact(response->name());
  if (contact == nullptr) return absl::OkStatus();
  *response->mutable_specialities() = contact->specialities();
  *response->mutable_absences() = contact->absences();
  for (const auto& [name, other] : directory->contacts()) {
    const auto& deputies = other->deputies();
    if (std::find(deputies.begin(), deputies.end(), contact->name()) != deputies.end()) {
      response->add_deputy_of(name);
    }
  }
  ABSL_ASSIGN_OR_RETURN(
      const std::vector<std::string> referrals,
      routing::ReferralsOfContact(*store_, contact->name(), kMaxReferrals, store_->Head()));
  response->mutable_referrals()->Assign(referrals.begin(), referrals.end());
  return absl::OkStatus();
}

absl::StatusOr<v1::ExportPersonResponse> PeopleApp::Export(
    const v1::ExportPersonRequest& request) const {
  if (!MayBeKey(request.name())) return NotHeld(request.name(), /*erased=*/false);
  ABSL_ASSIGN_OR_RETURN(const auto row, store::ReadRow(*store_, directory::Persons(),
                                                       request.name(), store_->Head()));
  if (!row.has_value()) return NotHeld(request.name(), /*erased=*/false);
  ABSL_ASSIGN_OR_RETURN(const auto fields,
                        directory::OpenPerson(*keys_, request.name(), row->value));
  if (!fields.has_value()) return NotHeld(request.name(), /*erased=*/true);
  v1::ExportPersonResponse response;
  response.set_name(request.name());
  response.set_pseudonym(directory::PseudonymOf(row->value));
  response.set_display_name(fields->display_name());
  response.set_email(fields->email());
  response.set_phone(fields->phone());
  ABSL_RETURN_IF_ERROR(AddContact(&response));
  ABSL_ASSIGN_OR_RETURN(const auto commits, store_->ReadFeed(row->version, 1));
  if (!commits.empty()) {
    *response.mutable_store_time() =
        google::protobuf::util::TimeUtil::NanosecondsToTimestamp(commits[0].time_unix_nanos());
  }
  return response;
}

absl::StatusOr<v1::ErasePersonResponse> PeopleApp::Erase(const v1::Principal& principal,
                                                         const v1::ErasePersonRequest& request) {
  ABSL_RETURN_IF_ERROR(FaultsOf(request).ToStatus());
  if (!MayBeKey(request.name())) return NotHeld(request.name(), /*erased=*/false);
  const absl::Time now = clock_->Now();
  if (request.validate_only()) {
    PersonEdits check(keys_, PersonEdits::kCheck);
    UnitOfWork work(store_, store_->Head());
    ABSL_ASSIGN_OR_RETURN(auto response, EraseIn(request, now, &check, &work));
    response.clear_erase_time();
    return response;
  }
  PersonEdits edits(keys_, PersonEdits::kWrite);
  const auto erase = [&](UnitOfWork& work) -> absl::StatusOr<v1::ErasePersonResponse> {
    edits.Begin();
    ABSL_ASSIGN_OR_RETURN(auto response, EraseIn(request, now, &edits, &work));
    work.SetEvent(audit::MakeEvent(principal, kMethod, request.reason(), work.Changes()));
    return response;
  };
  ABSL_ASSIGN_OR_RETURN(
      const store::IdempotentCall call,
      store::MakeIdempotentCall(principal, kMethod, request.request_id(), request, now));
  auto run = store::RunIdempotent<v1::ErasePersonResponse>(store_, call, ids_->NewId(), {}, erase);
  if (run.ok()) directory_->WaitUntilSeen(run->commit, kCacheWait);
  if (run.ok() && run->repeated) {
    edits.Begin();
    ABSL_ASSIGN_OR_RETURN(const auto row, store::ReadRow(*store_, directory::Persons(),
                                                         request.name(), store_->Head()));
    if (row.has_value()) edits.Redo(row->value);
  }
  const absl::Status destroyed = edits.End(run.status());
  ABSL_ASSIGN_OR_RETURN(auto answer, std::move(run));
  ABSL_RETURN_IF_ERROR(destroyed);
  return std::move(answer.response);
}

}  // namespace trialgate::people
