// DirectoryEditApp: slots of sites and their declared use.
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "services/directory/capacity.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/edit_rights.h"
#include "services/directory/field_checks.h"
#include "services/directory/pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr char kType[] = "SiteCapacity";

using CapacityRow = std::optional<store::Row<v1::SiteCapacity>>;

// The ledger of a site; none while nobody has set it. NOT_FOUND; PERMISSION_DENIED.
absl::StatusOr<CapacityRow> FindCapacity(const std::string& name, Edit* edit) {
  absl::string_view site_name = name;
  const bool named = absl::ConsumeSuffix(&site_name, "/capacity") && !site_name.empty();
  const SiteEntry* site = named ? edit->directory->FindSite(site_name) : nullptr;
  if (site == nullptr) return NotFoundError(kType, name);
  ABSL_RETURN_IF_ERROR(MayEditSite(edit->principal, *edit->directory, site->site.region(),
                                   edit->today, "its capacity"));
  ABSL_RETURN_IF_ERROR(edit->Refer(Sites(), site->site.name()));
  return edit->work.Get(SiteCapacities(), name);
}

void FillSource(const Edit& edit, v1::SiteCapacity* wanted) {
  if (wanted->source().kind() == v1::SOURCE_KIND_UNSPECIFIED) {
    *wanted->mutable_source() = edit.DeclaredToday();
  }
}

// Sets what is wanted, and puts it.
absl::StatusOr<v1::SiteCapacity> SaveCapacity(const v1::SiteCapacity& wanted, Overuse overuse,
                                              const CapacityRow& row, Edit* edit) {
  v1::SiteCapacity capacity;
  capacity.set_name(wanted.name());
  if (row.has_value()) capacity = row->value;
  ABSL_RETURN_IF_ERROR(SetSlotsAndDeclared(wanted, overuse, &capacity));
  if (overuse == Overuse::kForced && !OverbookedMonths(capacity).empty()) {
    capacity.set_overbooked_reason(edit->reason);
  }
  ABSL_RETURN_IF_ERROR(NoteEdit(wanted.name(), row, capacity, &edit->work));
  ABSL_RETURN_IF_ERROR(edit->work.Put(SiteCapacities(), wanted.name(), capacity));
  return FillComputed(capacity);
}

// What the ledger declares, with the months of the request in place of its own.
v1::SiteCapacity WithMonths(const v1::SetCapacityMonthsRequest& request, const CapacityRow& row) {
  v1::SiteCapacity wanted;
  if (row.has_value()) wanted = row->value;
  wanted.set_name(request.name());
  if (request.has_slots()) wanted.set_slots(request.slots());
  std::map<std::string, int> declared;
  for (const v1::MonthUse& use : wanted.months()) declared[use.month()] = use.occupied_declared();
  for (const v1::MonthUse& use : request.months()) declared[use.month()] = use.occupied_declared();
  wanted.clear_months();
  for (const auto& [month, occupied] : declared) {
    if (occupied == 0) continue;
    v1::MonthUse* const use = wanted.add_months();
    use->set_month(month);
    use->set_occupied_declared(occupied);
  }
  wanted.clear_source();
  if (request.has_source()) *wanted.mutable_source() = request.source();
  return wanted;
}

// The faults of a request by month.
void CheckMonths(const v1::SetCapacityMonthsRequest& request, const v1::SiteCapacity& wanted,
                 Faults* faults) {
  v1::SiteCapacity given;
  given.set_slots(request.slots());
  *given.mutable_months() = request.months();
  CheckCapacity(given, {"", ""}, faults);
  if (!request.has_slots() && request.months().empty()) {
    faults->Add({"", "months"}, v1::ERROR_REASON_REQUIRED, "must be given, or slots");
  }
  if (request.months_size() <= kMaxDeclaredMonths && wanted.months_size() > kMaxDeclaredMonths) {
    faults->Add({"", "months"}, v1::ERROR_REASON_TOO_MANY,
                absl::StrCat("would be more than ", kMaxDeclaredMonths,
                             " with those declared before; set some of these to 0"));
  }
  FieldChecks(faults).Source(request.source(), {"", "source"});
  CheckTexts(request.source(), {"", "source"}, faults);
}

}  // namespace

absl::StatusOr<v1::SiteCapacity> DirectoryEditApp::UpdateSiteCapacity(
    const v1::Principal& principal, const v1::UpdateSiteCapacityRequest& request) {
  const auto update = [&](Edit* edit) -> absl::StatusOr<v1::SiteCapacity> {
    v1::SiteCapacity wanted = request.capacity();
    ABSL_ASSIGN_OR_RETURN(const CapacityRow row, FindCapacity(wanted.name(), edit));
    CheckCapacity(wanted, {"", "capacity"}, &edit->faults);
    FieldChecks(&edit->faults).Source(wanted.source(), {"", "capacity.source"});
    CheckTexts(wanted.source(), {"", "capacity.source"}, &edit->faults);
    edit->TakeReason(request.reason(), /*required=*/request.force());
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(wanted.etag(), row.has_value() ? row->version : 0));
    FillSource(*edit, &wanted);
    return SaveCapacity(wanted, request.force() ? Overuse::kForced : Overuse::kRefused, row, edit);
  };
  return RunEdit<v1::SiteCapacity>(tools_, principal, "UpdateSiteCapacity", request, update);
}

absl::StatusOr<v1::SiteCapacity> DirectoryEditApp::SetCapacityMonths(
    const v1::Principal& principal, const v1::SetCapacityMonthsRequest& request) {
  const auto set = [&](Edit* edit) -> absl::StatusOr<v1::SiteCapacity> {
    ABSL_ASSIGN_OR_RETURN(const CapacityRow row, FindCapacity(request.name(), edit));
    v1::SiteCapacity wanted = WithMonths(request, row);
    CheckMonths(request, wanted, &edit->faults);
    edit->TakeReason(request.reason(), /*required=*/request.force());
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), row.has_value() ? row->version : 0));
    FillSource(*edit, &wanted);
    return SaveCapacity(wanted, request.force() ? Overuse::kForced : Overuse::kNotMore, row, edit);
  };
  return RunEdit<v1::SiteCapacity>(tools_, principal, "SetCapacityMonths", request, set);
}

}  // namespace trialgate::directory
