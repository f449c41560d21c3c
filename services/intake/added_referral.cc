#include "services/intake/added_referral.h"

#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "services/directory/validity.h"
#include "services/feasibility/field_rules.h"
#include "services/routing/referral_move.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::intake {
namespace {

using directory::DirectorySnapshot;
using feasibility::FieldRules;
using feasibility::Presence;

constexpr int kMaxSites = 1000;
constexpr std::size_t kReasonBytes = 2048;

void CheckSites(const v1::AddReferralRequest& call, const v1::TrialRequest& request,
                const DirectorySnapshot& directory, absl::CivilDay today, FieldFaults* faults) {
  const FieldRules rules(faults);
  const bool matches_no_site =
      request.kind() == v1::TRIAL_KIND_DATA_ACCESS || request.kind() == v1::TRIAL_KIND_IDEA;
  if (matches_no_site) {
    if (!call.sites().empty()) {
      faults->Add("sites", v1::ERROR_REASON_CONTRADICTION,
                  "must be absent: of data access and ideas no site is asked");
    }
    return;
  }
  rules.Required("sites", !call.sites().empty());
  rules.References("sites", call.sites(), kMaxSites, "sites", "site",
                   [&](const std::string& name) { return directory.FindSite(name) != nullptr; });
  const absl::CivilDay day = ParseDate(request.first_patient_in_earliest()).value_or(today);
  for (int i = 0; i < call.sites_size() && i < kMaxSites; ++i) {
    const directory::SiteEntry* const entry = directory.FindSite(call.sites(i));
    if (entry == nullptr || directory::ValidityOn(entry->site.valid_from(), entry->site.valid_to(),
                                                  day) == directory::Validity::kValid) {
      continue;
    }
    faults->Add(feasibility::Element("sites", i), v1::ERROR_REASON_DANGLING_REFERENCE,
                absl::StrCat(feasibility::Quoted(call.sites(i)), " is not valid on ",
                             FormatDate(day), ", the earliest first patient in"));
  }
}

}  // namespace

FieldFaults CheckAddReferral(const v1::AddReferralRequest& call, const v1::TrialRequest& request,
                             const DirectorySnapshot& directory, absl::CivilDay today) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  rules.Required("desk", !call.desk().empty());
  if (!call.desk().empty()) {
    routing::CheckDeskAsked("desk", call.desk(), directory, today, &faults);
    if (!call.contact().empty()) {
      routing::CheckContactAsked("contact", call.contact(), call.desk(), directory, today, &faults);
    }
  }
  CheckSites(call, request, directory, today, &faults);
  rules.Text("reason", call.reason(), kReasonBytes, Presence::kRequired);
  return faults;
}

v1::PlannedReferral PlanAdded(const v1::AddReferralRequest& call,
                              const DirectorySnapshot& directory, absl::CivilDay today) {
  v1::PlannedReferral planned;
  planned.set_desk(call.desk());
  planned.set_contact(call.contact());
  *planned.mutable_sites() = call.sites();
  std::set<std::string> informed;
  for (const std::string& site : call.sites()) {
    const directory::SiteEntry* const entry = directory.FindSite(site);
    if (entry == nullptr) continue;
    const std::optional<std::string> region = directory.RegionOn(entry->site.region(), today);
    const v1::Desk* const desk =
        region.has_value() ? directory.RegionalDeskOn(*region, today) : nullptr;
    if (desk != nullptr && desk->name() != call.desk()) informed.insert(desk->name());
  }
  planned.mutable_informed_desks()->Assign(informed.begin(), informed.end());
  return planned;
}

}  // namespace trialgate::intake
