// Sites, their values and capacities, and organizations of a pack.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/base/utf8.h"
#include "services/directory/capacity.h"
#include "services/directory/month.h"
#include "services/directory/pack_checker.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

constexpr std::size_t kMaxNameBytes = 256;
constexpr int kMaxDays = 3650;
constexpr std::int64_t kMaxPatients = 10'000'000;
// Months in which a site may declare use: any before or after is a slip of the pen.
constexpr absl::CivilMonth kFirstDeclaredMonth(2000, 1);
constexpr absl::CivilMonth kLastDeclaredMonth(2100, 12);

bool IsSinglePhase(v1::Phase phase) {
  switch (phase) {
    case v1::PHASE_EARLY_PHASE1:
    case v1::PHASE_PHASE1:
    case v1::PHASE_PHASE2:
    case v1::PHASE_PHASE3:
    case v1::PHASE_PHASE4:
      return true;
    default:
      return false;
  }
}

// A message of site_values without what such a message may have.
bool HasMoreThanValues(v1::Site values) {
  values.clear_name();
  values.clear_start_up();
  values.clear_history();
  values.clear_phases();
  return values.ByteSizeLong() != 0;
}

// What of a site the messages of site_values seen so far give.
struct Values {
  bool start_up = false;
  std::set<int> phases;
};

void AddTo(const v1::Site& values, Values* given) {
  given->start_up |= values.has_start_up();
  for (const v1::PhaseExperience& phase : values.phases()) given->phases.insert(phase.phase());
}

// Of two values one would be lost, in the order of the files' names.
void AddDuplicates(const Values& given, const v1::Site& values, const Place& place,
                   Faults* faults) {
  if (given.start_up && values.has_start_up()) {
    internal::AddDuplicate(place.Field("start_up"), faults);
  }
  for (int i = 0; i < values.phases_size(); ++i) {
    if (given.phases.count(values.phases(i).phase()) > 0) {
      internal::AddDuplicate(place.Element("phases", i).Field("phase"), faults);
    }
  }
}

std::string MonthFault(absl::string_view month) {
  return absl::StrCat("must be a month YYYY-MM from ", FormatMonth(kFirstDeclaredMonth), " to ",
                      FormatMonth(kLastDeclaredMonth), ", not \"", ShortenUtf8(month, 20), "\"");
}

}  // namespace

void PackChecker::CheckSites() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.sites_size(); ++i) {
    const Place& place = PlaceOf("sites", i);
    Unique(pack_.sites(i).name(), &seen, place.Field("name"));
    CheckSite(pack_.sites(i), place);
    CheckSiteLists(pack_.sites(i), place);
    CheckValues(pack_.sites(i), place);
  }
}

void PackChecker::CheckSite(const v1::Site& site, const Place& place) {
  checks_.Name(site.name(), "sites", place.Field("name"));
  checks_.RequiredText(site.display_name(), kMaxNameBytes, place.Field("display_name"));
  if (site.type() == v1::SITE_TYPE_UNSPECIFIED) {
    checks_.faults().Add(place.Field("type"), v1::ERROR_REASON_REQUIRED, "must be given");
  }
  checks_.Required(site.region(), place.Field("region"));
  Refers(regions_, site.region(), "region", place.Field("region"));
  checks_.Text(site.hospital(), kMaxNameBytes, place.Field("hospital"));
  checks_.Text(site.department(), kMaxNameBytes, place.Field("department"));
  checks_.Text(site.city(), kMaxNameBytes, place.Field("city"));
  checks_.Span(site.valid_from(), "valid_from", site.valid_to(), "valid_to", place);
  if (site.has_review()) {
    const Place at = place.Field("review");
    checks_.Text(site.review().reviewer(), kMaxNameBytes, at.Field("reviewer"));
    checks_.Required(site.review().date(), at.Field("date"));
    checks_.Date(site.review().date(), at.Field("date"));
  }
}

void PackChecker::CheckSiteLists(const v1::Site& site, const Place& place) {
  for (int i = 0; i < site.codes_size(); ++i) {
    checks_.Code(site.codes(i), place.Element("codes", i));
  }
  if (site.kinds().empty()) {
    checks_.faults().Add(place.Field("kinds"), v1::ERROR_REASON_REQUIRED,
                         "a site takes at least one kind of trial");
  }
  checks_.Enums(site.kinds(), "kinds", place);
  checks_.Enums(site.age_groups(), "age_groups", place);
  Vocabulary(specialities_, site.specialities(), "specialities", "speciality", place);
  Vocabulary(capabilities_, site.capabilities(), "capabilities", "capability", place);
  checks_.Distinct(site.languages(), "languages", place);
  for (int i = 0; i < site.languages_size(); ++i) {
    const std::string& language = site.languages(i);
    if (language.size() != 2 || !absl::ascii_islower(language[0]) ||
        !absl::ascii_islower(language[1])) {
      checks_.faults().Add(place.Element("languages", i), v1::ERROR_REASON_INVALID_FORMAT,
                           "must be two small letters (ISO 639-1)");
    }
  }
}

void PackChecker::CheckValues(const v1::Site& site, const Place& place) {
  std::set<int> phases;
  for (int i = 0; i < site.phases_size(); ++i) {
    const v1::PhaseExperience& phase = site.phases(i);
    const Place at = place.Element("phases", i);
    if (!IsSinglePhase(phase.phase())) {
      checks_.faults().Add(at.Field("phase"), v1::ERROR_REASON_CONTRADICTION,
                           "must be a single phase");
    } else if (!phases.insert(phase.phase()).second) {
      internal::AddDuplicate(at.Field("phase"), &checks_.faults());
    }
    checks_.Range(phase.trials_five_years(), 0, 100'000, at.Field("trials_five_years"));
    if (phase.trials_five_years() != 0) {
      checks_.RequiredSource(phase.has_source(), phase.source(), at);
    }
  }
  if (site.has_start_up()) {
    const v1::StartUpTime& start_up = site.start_up();
    const Place at = place.Field("start_up");
    checks_.Range(start_up.median_days(), 0, kMaxDays, at.Field("median_days"));
    checks_.Range(start_up.p90_days(), 0, kMaxDays, at.Field("p90_days"));
    if (start_up.p90_days() != 0 && start_up.p90_days() < start_up.median_days()) {
      checks_.faults().Add(at.Field("p90_days"), v1::ERROR_REASON_CONTRADICTION,
                           "must not be less than median_days");
    }
    checks_.RequiredSource(start_up.has_source(), start_up.source(), at);
  }
  for (int i = 0; i < site.history_size(); ++i) {
    CheckHistory(site.history(i), place.Element("history", i));
  }
}

void PackChecker::CheckHistory(const v1::RecruitmentHistory& row, const Place& place) {
  checks_.Required(row.speciality(), place.Field("speciality"));
  if (joined_.complete && !row.speciality().empty() && specialities_.count(row.speciality()) == 0) {
    checks_.faults().Add(
        place.Field("speciality"), v1::ERROR_REASON_UNKNOWN_VALUE,
        absl::StrCat("\"", ShortenUtf8(row.speciality(), 80), "\" is no speciality of the pack"));
  }
  checks_.Range(row.claimed(), 0, kMaxPatients, place.Field("claimed"));
  checks_.Range(row.actual(), 0, kMaxPatients, place.Field("actual"));
  checks_.FiniteRange(row.site_months(), 0, 1e6, place.Field("site_months"));
  checks_.RequiredSource(row.has_source(), row.source(), place);
}

void PackChecker::CheckSiteValues() {
  // Several files may have values for a site, such as counted trials and invented slots: in each
  // it stands once, and in all of them together each value.
  std::map<std::string, std::set<std::string>> seen;
  std::map<std::string, Values> given;
  for (int i = 0; i < pack_.site_values_size(); ++i) {
    const v1::Site& values = pack_.site_values(i);
    const Place& place = PlaceOf("site_values", i);
    checks_.Required(values.name(), place.Field("name"));
    Refers(sites_, values.name(), "site", place.Field("name"));
    Unique(values.name(), &seen[place.file], place.Field("name"));
    if (HasMoreThanValues(values)) {
      checks_.faults().Add(place, v1::ERROR_REASON_CONTRADICTION,
                           "may have name, start_up, history and phases only");
    }
    CheckValues(values, place);
    AddDuplicates(given[values.name()], values, place, &checks_.faults());
    AddTo(values, &given[values.name()]);
  }
}

void PackChecker::CheckCapacities() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.capacities_size(); ++i) {
    const v1::SiteCapacity& capacity = pack_.capacities(i);
    const Place& place = PlaceOf("capacities", i);
    Unique(capacity.name(), &seen, place.Field("name"));
    absl::string_view site = capacity.name();
    if (!absl::ConsumeSuffix(&site, "/capacity") || !IsName(site, "sites")) {
      checks_.faults().Add(place.Field("name"), v1::ERROR_REASON_INVALID_FORMAT,
                           "must be sites/{id}/capacity");
    } else {
      Refers(sites_, site, "site", place.Field("name"));
    }
    CheckCapacity(capacity, place, &checks_.faults());
    checks_.RequiredSource(capacity.has_source(), capacity.source(), place);
  }
}

void PackChecker::CheckOrganizations() {
  std::set<std::string> seen;
  for (int i = 0; i < pack_.organizations_size(); ++i) {
    const Place& place = PlaceOf("organizations", i);
    Unique(pack_.organizations(i).name(), &seen, place.Field("name"));
    CheckOrganization(pack_.organizations(i), place, /*name_required=*/true, &checks_.faults());
  }
}

void CheckCapacity(const v1::SiteCapacity& capacity, const Place& place, Faults* faults) {
  FieldChecks checks(faults);
  checks.Range(capacity.slots(), 0, kMaxSlots, place.Field("slots"));
  checks.Count(capacity.months_size(), kMaxDeclaredMonths, place.Field("months"));
  std::set<std::string> seen;
  const int listed = std::min(capacity.months_size(), kMaxDeclaredMonths);
  for (int i = 0; i < listed; ++i) {
    const v1::MonthUse& use = capacity.months(i);
    const Place at = place.Element("months", i);
    const auto month = ParseMonth(use.month());
    if (!month.ok()) {
      faults->Add(at.Field("month"), v1::ERROR_REASON_INVALID_FORMAT, MonthFault(use.month()));
    } else if (*month < kFirstDeclaredMonth || *month > kLastDeclaredMonth) {
      faults->Add(at.Field("month"), v1::ERROR_REASON_OUT_OF_RANGE, MonthFault(use.month()));
    } else if (!seen.insert(use.month()).second) {
      internal::AddDuplicate(at.Field("month"), faults);
    }
    checks.Range(use.occupied_declared(), 0, kMaxSlots, at.Field("occupied_declared"));
  }
}

void CheckOrganization(const v1::Organization& organization, const Place& place, bool name_required,
                       Faults* faults) {
  constexpr std::size_t kMinIdBytes = 3;
  FieldChecks checks(faults);
  if (name_required && !IsName(organization.name(), "organizations", kMinIdBytes)) {
    faults->Add(place.Field("name"), v1::ERROR_REASON_INVALID_FORMAT,
                "must be organizations/{id}, the id 3 to 63 lower-case letters, digits and "
                "hyphens, beginning with a letter");
  }
  checks.RequiredText(organization.display_name(), kMaxNameBytes, place.Field("display_name"));
  if (organization.type() == v1::ORGANIZATION_TYPE_UNSPECIFIED) {
    faults->Add(place.Field("type"), v1::ERROR_REASON_REQUIRED, "must be given");
  }
  if (organization.size() != v1::COMPANY_SIZE_UNSPECIFIED &&
      organization.type() != v1::ORGANIZATION_TYPE_COMPANY) {
    faults->Add(place.Field("size"), v1::ERROR_REASON_CONTRADICTION, "is of companies only");
  }
  if (!organization.country().empty()) {
    checks.Country(organization.country(), place.Field("country"));
  }
}

}  // namespace trialgate::directory
