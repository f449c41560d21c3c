#include "services/directory/pack_export.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::RepeatedPtrField;

constexpr char kSampleFile[] = "sample/sample.json";
// Files of sites by region at most; of more regions they lie in one.
constexpr std::size_t kMaxSiteFiles = 48;

template <typename Part>
bool IsSample(const Part& part) {
  return part.source().kind() == v1::SOURCE_KIND_SAMPLE;
}

// Takes what is invented out of `site`, into a message to be laid over it again (Pack.site_values).
// False: it cannot be taken out.
bool TakeSample(v1::Site* site, v1::Site* values) {
  if (IsSample(*site)) return false;
  auto* const history = site->mutable_history();
  const auto first =
      std::find_if(history->begin(), history->end(), [](const auto& row) { return IsSample(row); });
  if (!std::all_of(first, history->end(), [](const auto& row) { return IsSample(row); })) {
    return false;
  }
  values->set_name(site->name());
  values->mutable_history()->Add(first, history->end());
  history->erase(first, history->end());
  for (v1::PhaseExperience& phase : *site->mutable_phases()) {
    if (!IsSample(phase)) continue;
    *values->add_phases() = phase;
    // That the phase is run is the site's word, how often is not.
    phase.set_trials_five_years(0);
    *phase.mutable_source() = site->source();
  }
  if (site->has_start_up() && IsSample(site->start_up())) {
    *values->mutable_start_up() = site->start_up();
    site->clear_start_up();
  }
  return true;
}

bool HasValues(const v1::Site& values) {
  return values.has_start_up() || !values.phases().empty() || !values.history().empty();
}

// Which part of the pack lies in which file.
class FileSplitter {
 public:
  explicit FileSplitter(const v1::Pack& pack) : pack_(pack) {
    v1::Pack& country = files_["country.json"];
    country.set_country(pack.country());
    country.set_display_name(pack.display_name());
    country.set_time_zone(pack.time_zone());
    country.set_secretariat(pack.secretariat());
    if (pack.has_policy()) *country.mutable_policy() = pack.policy();
    *country.mutable_personal_numbers() = pack.personal_numbers();
    *country.mutable_retention_rules() = pack.retention_rules();
    *files_["specialities.json"].mutable_specialities() = pack.specialities();
    *files_["capabilities.json"].mutable_capabilities() = pack.capabilities();
    *files_["conditions.json"].mutable_condition_rules() = pack.condition_rules();
    *files_["routing.json"].mutable_routing_rules() = pack.routing_rules();
    *files_["calendars.json"].mutable_calendars() = pack.calendars();
    Split(pack.regions(), "regions.json", &v1::Pack::mutable_regions);
    Split(pack.desks(), "desks.json", &v1::Pack::mutable_desks);
    *files_["contacts.json"].mutable_contacts() = pack.contacts();
    Split(pack.organizations(), "organizations.json", &v1::Pack::mutable_organizations);
    Split(pack.capacities(), "capacities.json", &v1::Pack::mutable_capacities);
    SplitSites();
  }

  std::map<std::string, v1::Pack> Take() { return std::move(files_); }

 private:
  // Records that are invented lie apart.
  template <typename Record>
  void Split(const RepeatedPtrField<Record>& records, const std::string& file,
             RepeatedPtrField<Record>* (v1::Pack::*list)()) {
    for (const Record& record : records) {
      bool sample = false;
      if constexpr (requires { record.source(); }) sample = IsSample(record);
      *(files_[sample ? kSampleFile : file].*list)()->Add() = record;
    }
  }

  void SplitSites() {
    const bool by_region = static_cast<std::size_t>(pack_.regions_size()) <= kMaxSiteFiles;
    for (v1::Site site : pack_.sites()) {
      v1::Site values;
      if (!TakeSample(&site, &values)) {
        *files_[kSampleFile].add_sites() = std::move(site);
        continue;
      }
      if (HasValues(values)) *files_[kSampleFile].add_site_values() = std::move(values);
      const std::string file =
          by_region ? absl::StrCat("sites-", absl::StripPrefix(site.region(), "regions/"), ".json")
                    : std::string("sites.json");
      *files_[file].add_sites() = std::move(site);
    }
  }

  const v1::Pack& pack_;
  std::map<std::string, v1::Pack> files_;
};

absl::StatusOr<std::string> JsonOf(const v1::Pack& pack) {
  std::string compact;
  const auto status = google::protobuf::util::MessageToJsonString(pack, &compact);
  if (!status.ok()) {
    return Error(absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
                 absl::StrCat("a pack cannot be written as JSON: ", status.ToString()));
  }
  // Indented as people write it, in the order of the proto's fields.
  return nlohmann::ordered_json::parse(compact).dump(2) + "\n";
}

absl::Status CheckSize(const PackFiles& files) {
  std::size_t total = 0;
  bool too_large = files.size() > kMaxPackFiles;
  for (const v1::PackFile& file : files) {
    total += file.content().size();
    too_large = too_large || file.content().size() > kMaxPackFileBytes;
  }
  if (!too_large && total <= kMaxPackBytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_PACK_TOO_LARGE,
               absl::StrCat("the directory is too large for a pack: ", total, " bytes in ",
                            files.size(), " files"));
}

}  // namespace

absl::StatusOr<PackExport> ExportPack(const v1::Pack& pack, bool include_sample) {
  std::map<std::string, v1::Pack> parts = FileSplitter(pack).Take();
  PackExport exported;
  exported.holds_sample = parts.count(kSampleFile) > 0;
  if (!include_sample) parts.erase(kSampleFile);
  for (const auto& [path, part] : parts) {
    if (part.ByteSizeLong() == 0) continue;
    v1::PackFile* const file = exported.files.Add();
    file->set_path(path);
    ABSL_ASSIGN_OR_RETURN(*file->mutable_content(), JsonOf(part));
  }
  ABSL_RETURN_IF_ERROR(CheckSize(exported.files));
  return exported;
}

}  // namespace trialgate::directory
