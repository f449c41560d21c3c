// DirectoryEditApp: profiles of sites, their reviews and their ends.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/base/civil_date.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/edit_rights.h"
#include "services/directory/month.h"
#include "services/directory/record_checker.h"
#include "services/directory/validity.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr char kType[] = "Site";
constexpr char kWhat[] = "this site";

EditableFields FieldsFor(const v1::Principal& principal) {
  EditableFields fields;
  fields.editable = {"display_name", "type",          "hospital",     "department", "city",
                     "codes",        "valid_from",    "kinds",        "phases",     "specialities",
                     "age_groups",   "languages",     "capabilities", "start_up",   "history",
                     "source",       "accreditations"};
  if (principal.role() == v1::ROLE_NATIONAL) fields.editable.insert("region");
  fields.fixed = {{"valid_to", "is changed by EndSite"},
                  {"review", "is changed by MarkSiteReviewed"}};
  return fields;
}

// Of values given in these fields that do not say where they are from: from who edits, today.
void FillSources(const Edit& edit, const std::set<std::string>& given, v1::Site* site) {
  const v1::Source declared = edit.DeclaredToday();
  const auto fill = [&](auto* value) {
    if (!value->has_source()) *value->mutable_source() = declared;
  };
  if (given.count("start_up") != 0 && site->has_start_up()) fill(site->mutable_start_up());
  if (given.count("phases") != 0) {
    for (v1::PhaseExperience& phase : *site->mutable_phases()) fill(&phase);
  }
  if (given.count("history") != 0) {
    for (v1::RecruitmentHistory& row : *site->mutable_history()) fill(&row);
  }
  fill(site);
}

bool Names(const google::protobuf::FieldMask& mask, absl::string_view path) {
  return std::find(mask.paths().begin(), mask.paths().end(), path) != mask.paths().end();
}

// A region without a desk has nobody who would answer for its sites.
void CheckAnswered(const v1::Site& site, Edit* edit) {
  if (edit->directory->FindRegion(site.region()) == nullptr) return;  // told already
  for (const auto& [name, desk] : edit->directory->desks()) {
    const auto& regions = desk->regions();
    if (desk->kind() == v1::DESK_KIND_REGION &&
        std::find(regions.begin(), regions.end(), site.region()) != regions.end()) {
      return;
    }
  }
  edit->faults.Add({"", "site.region"}, v1::ERROR_REASON_DANGLING_REFERENCE,
                   "has no desk of kind DESK_KIND_REGION; create one first");
}

void CheckSite(const v1::Site& site, Edit* edit) {
  CheckRecord(*edit->directory, site, {"", "site"}, &edit->faults);
  CheckAnswered(site, edit);
}

bool HasEnded(const v1::Site& site, absl::CivilDay today) {
  return ValidityOn("", site.valid_to(), today) == Validity::kEnded;
}

absl::StatusOr<store::Row<v1::Site>> FindSite(const std::string& name, Edit* edit) {
  ABSL_ASSIGN_OR_RETURN(auto row, edit->Find(Sites(), kType, name));
  ABSL_RETURN_IF_ERROR(
      MayEditSite(edit->principal, *edit->directory, row.value.region(), edit->today, kWhat));
  return row;
}

absl::Status Ended(const v1::Site& site, absl::string_view event) {
  return WrongRecordState(site.name(), "ENDED", event,
                          absl::StrCat(site.name(), " ended on ", site.valid_to(), " already"));
}

// Who reviewed: never a person's name.
std::string Reviewer(const v1::Site& site, const Edit& edit) {
  if (edit.principal.role() == v1::ROLE_NATIONAL) return "national";
  const auto region = edit.directory->RegionOn(site.region(), edit.today);
  const v1::Desk* desk =
      region.has_value() ? edit.directory->RegionalDeskOn(*region, edit.today) : nullptr;
  return desk == nullptr ? "coordinator" : desk->name();
}

// Holds and confirmed offers of `capacity` that reach into months after `last`'s.
int LaterHolds(const v1::SiteCapacity& capacity, absl::CivilMonth last) {
  const auto& holds = capacity.holds();
  return static_cast<int>(
      std::count_if(holds.begin(), holds.end(), [last](const v1::CapacityHold& hold) {
        const auto first = ParseMonth(hold.first_month());
        return first.ok() && *first + (hold.months() - 1) > last;
      }));
}

}  // namespace

absl::StatusOr<v1::Site> DirectoryEditApp::CreateSite(const v1::Principal& principal,
                                                      const v1::CreateSiteRequest& request) {
  const auto create = [&](Edit* edit) -> absl::StatusOr<v1::Site> {
    ABSL_RETURN_IF_ERROR(edit->RequirePack());
    v1::Site site = request.site();
    ABSL_RETURN_IF_ERROR(
        MayEditSite(principal, *edit->directory, site.region(), edit->today, "its sites"));
    site.set_name(edit->NewName("sites", request.site_id(), "site_id", site.name(), "site.name"));
    site.clear_etag();
    edit->RequireAbsent(site.valid_to().empty(), "site.valid_to", "EndSite");
    edit->RequireAbsent(!site.has_review(), "site.review", "MarkSiteReviewed");
    FillSources(*edit, {"start_up", "phases", "history"}, &site);
    CheckSite(site, edit);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->Refer(Regions(), site.region()));
    ABSL_RETURN_IF_ERROR(edit->Insert(Sites(), kType, site));
    return site;
  };
  return RunEdit<v1::Site>(tools_, principal, "CreateSite", request, create);
}

absl::StatusOr<v1::Site> DirectoryEditApp::UpdateSite(const v1::Principal& principal,
                                                      const v1::UpdateSiteRequest& request) {
  const auto update = [&](Edit* edit) -> absl::StatusOr<v1::Site> {
    const v1::Site& wanted = request.site();
    ABSL_ASSIGN_OR_RETURN(const auto row, FindSite(wanted.name(), edit));
    ABSL_RETURN_IF_ERROR(CheckNotOver(wanted.name(), row.value.valid_to(), edit->today, "update"));
    v1::Site site = row.value;
    ABSL_ASSIGN_OR_RETURN(const std::set<std::string> changed,
                          MergeEdit(request.update_mask(), wanted, FieldsFor(principal), "site",
                                    &site, &edit->faults));
    // A source is the editor's word only where it is given for this edit.
    const bool sourced = changed.count("source") != 0 || Names(request.update_mask(), "source");
    if (!changed.empty() && !sourced) site.clear_source();
    FillSources(*edit, changed, &site);
    CheckSite(site, edit);
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(wanted.etag(), row.version));
    ABSL_RETURN_IF_ERROR(edit->Refer(Regions(), site.region()));
    ABSL_RETURN_IF_ERROR(edit->Save(Sites(), row, site));
    return site;
  };
  return RunEdit<v1::Site>(tools_, principal, "UpdateSite", request, update);
}

absl::StatusOr<v1::Site> DirectoryEditApp::MarkSiteReviewed(
    const v1::Principal& principal, const v1::MarkSiteReviewedRequest& request) {
  const auto mark = [&](Edit* edit) -> absl::StatusOr<v1::Site> {
    ABSL_ASSIGN_OR_RETURN(const auto row, FindSite(request.name(), edit));
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), row.version));
    if (HasEnded(row.value, edit->today)) return Ended(row.value, "review");
    v1::Site site = row.value;
    site.mutable_review()->set_reviewer(Reviewer(site, *edit));
    site.mutable_review()->set_date(FormatDate(edit->today));
    ABSL_RETURN_IF_ERROR(edit->Save(Sites(), row, site));
    return site;
  };
  return RunEdit<v1::Site>(tools_, principal, "MarkSiteReviewed", request, mark);
}

absl::StatusOr<v1::EndSiteResponse> DirectoryEditApp::EndSite(const v1::Principal& principal,
                                                              const v1::EndSiteRequest& request) {
  const auto end = [&](Edit* edit) -> absl::StatusOr<v1::EndSiteResponse> {
    ABSL_ASSIGN_OR_RETURN(const auto row, FindSite(request.name(), edit));
    edit->TakeReason(request.reason(), /*required=*/true);
    edit->RequireTodayOrLater(request.last_day(), "last_day");
    v1::EndSiteResponse response;
    v1::Site& site = *response.mutable_site();
    site = row.value;
    site.set_valid_to(request.last_day());
    const auto first = ParseDate(site.valid_from());
    const auto given = ParseDate(request.last_day());
    if (first.ok() && given.ok() && *given < *first) {
      edit->faults.Add({"", "last_day"}, v1::ERROR_REASON_DATES_REVERSED,
                       absl::StrCat("must not be before valid_from ", site.valid_from()));
    }
    ABSL_RETURN_IF_ERROR(edit->Checked());
    ABSL_RETURN_IF_ERROR(edit->CheckEtag(request.etag(), row.version));
    if (HasEnded(row.value, edit->today)) return Ended(row.value, "end");
    ABSL_ASSIGN_OR_RETURN(const absl::CivilDay last, ParseDate(request.last_day()));
    ABSL_ASSIGN_OR_RETURN(const auto capacity,
                          store::ReadRow(edit->work.store(), SiteCapacities(),
                                         request.name() + "/capacity", edit->work.read_at()));
    if (capacity.has_value()) {
      response.set_later_holds(LaterHolds(capacity->value, absl::CivilMonth(last)));
    }
    ABSL_RETURN_IF_ERROR(NoteFields(site.name(), {"valid_to"}, &edit->work));
    ABSL_RETURN_IF_ERROR(edit->Save(Sites(), row, site));
    return response;
  };
  return RunEdit<v1::EndSiteResponse>(tools_, principal, "EndSite", request, end);
}

}  // namespace trialgate::directory
