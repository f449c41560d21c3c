// DirectoryEditApp: regions and desks.
#include <string>
#include <utility>

#include "common/base/civil_date.h"
#include "services/directory/contact_edit_app.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/edit_rights.h"
#include "services/directory/record_checker.h"

namespace trialgate::directory {
namespace {

// Of a text that says nothing of it: written by who changes it, today.
void FillTexts(const Edit& edit, v1::Region* region) {
  for (v1::RegionText& text : *region->mutable_texts()) {
    if (!text.has_source()) *text.mutable_source() = edit.DeclaredToday();
    if (text.review_date().empty()) text.set_review_date(FormatDate(edit.today));
  }
}

EditableFields RegionFieldsFor(const v1::Principal& principal) {
  EditableFields fields;
  fields.editable = {"texts"};
  if (principal.role() == v1::ROLE_NATIONAL) {
    fields.editable.insert({"display_name", "local_name", "country", "codes", "valid_from"});
  }
  fields.fixed = {{"valid_to", "is changed by EndRegion"},
                  {"successor", "is changed by EndRegion"}};
  return fields;
}

EditableFields DeskFieldsFor(const v1::Principal& principal) {
  EditableFields fields;
  fields.editable = {"description", "lead"};
  if (principal.role() == v1::ROLE_NATIONAL) {
    fields.editable.insert({"display_name", "time_zone", "calendar", "regions", "specialities",
                            "valid_from", "source"});
  }
  fields.fixed = {{"valid_to", "is changed by EndDesk"},
                  {"successor", "is changed by EndDesk"},
                  {"kind", "stays as the desk was created; create another desk"}};
  return fields;
}

// What a desk refers to is there at the commit, too.
absl::Status ReferFrom(const v1::Desk& desk, Edit* edit) {
  ABSL_RETURN_IF_ERROR(edit->Refer(Calendars(), desk.calendar()));
  for (const std::string& region : desk.regions()) {
    ABSL_RETURN_IF_ERROR(edit->Refer(Regions(), region));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Region> DirectoryEditApp::CreateRegion(const v1::Principal& principal,
                                                          const v1::CreateRegionRequest& request) {
  const auto create = [&](Edit* edit) -> absl::StatusOr<v1::Region> {
    ABSL_RETURN_IF_ERROR(edit->RequirePack());
    v1::Region region = request.region();
    region.set_name(
        edit->NewName("regions", request.region_id(), "region_id", region.name(), "region.name"));
    region.clear_etag();
    edit->RequireAbsent(region.valid_to().empty(), "region.valid_to", "EndRegion");
    edit->RequireAbsent(region.successor().empty(), "region.successor", "EndRegion");
    FillTexts(*edit, &region);
    if (edit->directory->FindRegion(region.name()) != nullptr) {
      return RecordExists("Region", region.name());
    }
    CheckRecord(*edit->directory, region, {"", "region"}, &edit->faults);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->Insert(Regions(), "Region", region));
    return region;
  };
  return RunEdit<v1::Region>(tools_, principal, "CreateRegion", request, create);
}

absl::StatusOr<v1::Region> DirectoryEditApp::UpdateRegion(const v1::Principal& principal,
                                                          const v1::UpdateRegionRequest& request) {
  const auto update = [&](Edit* edit) -> absl::StatusOr<v1::Region> {
    const v1::Region& wanted = request.region();
    ABSL_ASSIGN_OR_RETURN(const auto row, edit->Find(Regions(), "Region", wanted.name()));
    ABSL_RETURN_IF_ERROR(MayEditRegion(principal, *edit->directory, wanted.name(), edit->today));
    ABSL_RETURN_IF_ERROR(CheckNotOver(wanted.name(), row.value.valid_to(), edit->today, "update"));
    v1::Region region = row.value;
    ABSL_ASSIGN_OR_RETURN(const auto changed,
                          MergeEdit(request.update_mask(), wanted, RegionFieldsFor(principal),
                                    "region", &region, &edit->faults));
    if (changed.count("texts") != 0) FillTexts(*edit, &region);
    CheckRecord(*edit->directory, region, {"", "region"}, &edit->faults);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(wanted.etag(), row.version));
    ABSL_RETURN_IF_ERROR(edit->Save(Regions(), row, region));
    return region;
  };
  return RunEdit<v1::Region>(tools_, principal, "UpdateRegion", request, update);
}

absl::StatusOr<v1::Desk> DirectoryEditApp::CreateDesk(const v1::Principal& principal,
                                                      const v1::CreateDeskRequest& request) {
  const auto create = [&](Edit* edit) -> absl::StatusOr<v1::Desk> {
    ABSL_RETURN_IF_ERROR(edit->RequirePack());
    v1::Desk desk = request.desk();
    desk.set_name(edit->NewName("desks", request.desk_id(), "desk_id", desk.name(), "desk.name"));
    desk.clear_etag();
    edit->RequireAbsent(desk.valid_to().empty(), "desk.valid_to", "EndDesk");
    edit->RequireAbsent(desk.successor().empty(), "desk.successor", "EndDesk");
    edit->RequireAbsent(desk.lead().empty(), "desk.lead", "lead_id");
    if (edit->directory->FindDesk(desk.name()) != nullptr) return RecordExists("Desk", desk.name());
    v1::Contact lead = request.lead();
    lead.set_name(edit->NewName(desk.name() + "/contacts", request.lead_id(), "lead_id",
                                lead.name(), "lead.name"));
    desk.set_lead(lead.name());
    if (!desk.has_source()) *desk.mutable_source() = edit->DeclaredToday();
    // Each is checked where the other is there.
    DirectorySnapshotBuilder with_lead(*edit->directory);
    with_lead.Put(lead);
    CheckRecord(*with_lead.Build(edit->directory->commit()), desk, {"", "desk"}, &edit->faults);
    DirectorySnapshotBuilder with_desk(*edit->directory);
    with_desk.Put(desk);
    CheckNewContact(*with_desk.Build(edit->directory->commit()), lead, "lead", edit);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(ReferFrom(desk, edit));
    ABSL_RETURN_IF_ERROR(edit->Insert(Desks(), "Desk", desk));
    ABSL_RETURN_IF_ERROR(InsertContact(lead, edit).status());
    return desk;
  };
  return RunEdit<v1::Desk>(tools_, principal, "CreateDesk", request, create);
}

absl::StatusOr<v1::Desk> DirectoryEditApp::UpdateDesk(const v1::Principal& principal,
                                                      const v1::UpdateDeskRequest& request) {
  const auto update = [&](Edit* edit) -> absl::StatusOr<v1::Desk> {
    const v1::Desk& wanted = request.desk();
    ABSL_ASSIGN_OR_RETURN(const auto row, edit->Find(Desks(), "Desk", wanted.name()));
    ABSL_RETURN_IF_ERROR(MayEditDesk(principal, wanted.name(), "this desk"));
    ABSL_RETURN_IF_ERROR(CheckNotOver(wanted.name(), row.value.valid_to(), edit->today, "update"));
    v1::Desk desk = row.value;
    ABSL_ASSIGN_OR_RETURN(const auto changed,
                          MergeEdit(request.update_mask(), wanted, DeskFieldsFor(principal), "desk",
                                    &desk, &edit->faults));
    CheckRecord(*edit->directory, desk, {"", "desk"}, &edit->faults);
    if (changed.count("lead") != 0) CheckLead(*edit->directory, desk, {"", "desk.lead"}, edit);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(wanted.etag(), row.version));
    ABSL_RETURN_IF_ERROR(ReferFrom(desk, edit));
    if (changed.count("lead") != 0) {
      // Guarded: it does not leave at the same moment.
      ABSL_RETURN_IF_ERROR(edit->Find(Contacts(), "Contact", desk.lead()).status());
    }
    ABSL_RETURN_IF_ERROR(edit->Save(Desks(), row, desk));
    return desk;
  };
  return RunEdit<v1::Desk>(tools_, principal, "UpdateDesk", request, update);
}

}  // namespace trialgate::directory
