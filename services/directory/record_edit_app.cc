#include "services/directory/record_edit_app.h"

#include <algorithm>

#include "common/base/civil_date.h"
#include "common/base/errors.h"
#include "services/directory/field_checks.h"
#include "services/directory/validity.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

// Beyond this a cache that lags is not waited for: the change is stored, and reads come later.
constexpr absl::Duration kCacheWait = absl::Seconds(2);

constexpr std::size_t kMaxNameBytes = 512;

}  // namespace

bool MayBeName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) > 0x1f; });
}

absl::Status RecordExists(absl::string_view type, absl::string_view name) {
  return Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_ALREADY_EXISTS,
               absl::StrCat(name, " exists already; choose another id"))
      .WithResource(absl::StrCat("trialgate.v1.", type), name);
}

absl::Status WrongRecordState(absl::string_view name, absl::string_view state,
                              absl::string_view event, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE, message)
      .WithMetadata("name", name)
      .WithMetadata("state", state)
      .WithMetadata("event", event);
}

absl::Status CheckNotOver(absl::string_view name, absl::string_view valid_to, absl::CivilDay today,
                          absl::string_view event) {
  if (ValidityOn("", valid_to, today) != Validity::kEnded) return absl::OkStatus();
  return WrongRecordState(name, "ENDED", event,
                          absl::StrCat(name, " ended on ", valid_to, " already"));
}

absl::Status Edit::Checked() const {
  Faults all = faults;
  all.AddAll(id_faults);
  return all.empty() ? absl::OkStatus() : FaultsError(all);
}

absl::Status Edit::RequirePack() const {
  if (directory->has_pack()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NO_PACK,
               "no country's pack was applied yet: apply one with `trialgate pack apply`");
}

v1::Source Edit::DeclaredToday() const {
  v1::Source source;
  source.set_kind(v1::SOURCE_KIND_DECLARED);
  source.set_as_of(FormatDate(today));
  return source;
}

std::string Edit::NewName(absl::string_view collection, const std::string& id,
                          absl::string_view id_field, const std::string& given,
                          absl::string_view name_field, std::size_t min_id_bytes) {
  const bool usable = IsId(id, min_id_bytes);
  if (!usable) {
    faults.Add(
        {"", std::string(id_field)}, v1::ERROR_REASON_INVALID_FORMAT,
        absl::StrCat("must be ", min_id_bytes,
                     " to 63 lower-case letters, digits and hyphens, beginning with a letter"));
  }
  if (!given.empty()) {
    faults.Add({"", std::string(name_field)}, v1::ERROR_REASON_CONTRADICTION,
               absl::StrCat("must be absent: it follows from ", id_field));
  }
  return absl::StrCat(collection, "/", usable ? id : "unnamed");
}

void Edit::RequireAbsent(bool absent, absl::string_view field, absl::string_view verb) {
  if (absent) return;
  faults.Add({"", std::string(field)}, v1::ERROR_REASON_FIELD_NOT_EDITABLE,
             absl::StrCat("is set by ", verb));
}

void Edit::TakeReason(const std::string& given, bool required) {
  if (given.empty() && required) {
    faults.Add({"", "reason"}, v1::ERROR_REASON_REQUIRED, "must say why");
  } else if (given.size() > kMaxReasonBytes) {
    faults.Add({"", "reason"}, v1::ERROR_REASON_TOO_LONG,
               absl::StrCat("must have at most ", kMaxReasonBytes, " bytes"));
  }
  reason = given;
}

void Edit::CheckTodayOrLater(const std::string& date, absl::string_view field) {
  const auto day = ParseDate(date);
  if (day.ok() && *day < today) {
    faults.Add({"", std::string(field)}, v1::ERROR_REASON_OUT_OF_RANGE,
               absl::StrCat("must not be before today, ", FormatDate(today)));
  }
}

void Edit::RequireTodayOrLater(const std::string& date, absl::string_view field) {
  const Place place{"", std::string(field)};
  FieldChecks checks(&faults);
  checks.Required(date, place);
  checks.Date(date, place);
  CheckTodayOrLater(date, field);
}

absl::Status Edit::CheckEtag(const std::string& etag, store::CommitNumber version) const {
  const std::string current = EtagOf(version);
  if (etag.empty() || etag == current) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
               "it was changed since it was read; read it again")
      .WithMetadata("etag", current);
}

absl::Status Edit::Refer(const store::TableBase& table, const std::string& name) {
  ABSL_ASSIGN_OR_RETURN(const bool exists, work.RequireExists(table, name));
  if (exists) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT,
               absl::StrCat(name, " was removed at the same time; try again"));
}

namespace internal {

void AwaitCache(const EditTools& tools, store::CommitNumber commit) {
  tools.cache->WaitUntilSeen(commit, kCacheWait);
}

Edit BeginEdit(const EditTools& tools, const v1::Principal& principal, absl::Time now,
               const FieldFaults& id_faults, PersonEdits* persons, store::UnitOfWork* work) {
  tools.cache->WaitUntilSeen(work->read_at(), kCacheWait);
  auto directory = tools.cache->Snapshot();
  const absl::CivilDay today = absl::ToCivilDay(now, directory->time_zone());
  return Edit{principal, *work, *persons, std::move(directory), now, today, id_faults};
}

}  // namespace internal

}  // namespace trialgate::directory
