#include "services/directory/pack.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "services/directory/capacity.h"
#include "services/directory/pack_json.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

// Adds what `part` has to `joined`.
void Join(v1::Pack part, const std::string& path, JoinedPack* joined, Faults* faults) {
  const Reflection& reflection = *part.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(part, &fields);
  for (const FieldDescriptor* field : fields) {
    std::vector<Place>& places = joined->places[field->name()];
    const Place file{path, ""};
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(part, field); ++i) {
        places.push_back(file.Element(field->name(), i));
      }
    } else if (places.empty()) {
      places.push_back(file.Field(field->name()));
    } else {
      faults->Add(file.Field(field->name()), v1::ERROR_REASON_DUPLICATE,
                  absl::StrCat("stands in ", places.front().file, " already"));
      reflection.ClearField(&part, field);
    }
  }
  joined->pack.MergeFrom(part);
}

// Whether the files as such can be looked at.
void CheckFiles(const PackFiles& files, Faults* faults) {
  if (files.empty()) {
    faults->Add({"", "files"}, v1::ERROR_REASON_REQUIRED, "a pack has at least one file");
  }
  if (files.size() > kMaxPackFiles) {
    faults->Add({"", "files"}, v1::ERROR_REASON_TOO_MANY,
                absl::StrCat("a pack has at most ", kMaxPackFiles, " files"));
  }
  std::size_t total = 0;
  for (int i = 0; i < files.size(); ++i) {
    total += files[i].content().size();
    const std::string at = absl::StrCat("files[", i, "]");
    if (files[i].path().empty() || files[i].path().size() > 256) {
      faults->Add({"", absl::StrCat(at, ".path")}, v1::ERROR_REASON_INVALID_FORMAT,
                  "must have 1 to 256 bytes");
    }
    if (files[i].content().size() > kMaxPackFileBytes) {
      faults->Add({files[i].path(), at}, v1::ERROR_REASON_TOO_LONG,
                  absl::StrCat("must have at most ", kMaxPackFileBytes, " bytes"));
    }
  }
  if (total > kMaxPackBytes) {
    faults->Add({"", "files"}, v1::ERROR_REASON_TOO_LONG,
                absl::StrCat("must have at most ", kMaxPackBytes, " bytes together"));
  }
}

void LayPhases(const v1::Site& values, v1::Site* site) {
  for (const v1::PhaseExperience& phase : values.phases()) {
    auto& phases = *site->mutable_phases();
    const auto same = std::find_if(phases.begin(), phases.end(), [&](const v1::PhaseExperience& p) {
      return p.phase() == phase.phase();
    });
    *(same == phases.end() ? site->add_phases() : &*same) = phase;
  }
}

void LayValues(v1::Pack* pack) {
  std::map<std::string, v1::Site*> sites;
  for (v1::Site& site : *pack->mutable_sites()) sites[site.name()] = &site;
  for (const v1::Site& values : pack->site_values()) {
    const auto found = sites.find(values.name());
    if (found == sites.end()) continue;  // a fault
    v1::Site& site = *found->second;
    if (values.has_start_up()) *site.mutable_start_up() = values.start_up();
    LayPhases(values, &site);
    site.mutable_history()->MergeFrom(values.history());
  }
  pack->clear_site_values();
}

template <typename List>
void ClearEtags(List* list) {
  for (auto& record : *list) record.clear_etag();
}

}  // namespace

JoinedPack JoinPack(const PackFiles& files, Faults* faults) {
  JoinedPack joined;
  CheckFiles(files, faults);
  if (!faults->empty()) {
    joined.complete = false;
    return joined;
  }
  std::map<std::string, const v1::PackFile*> by_path;
  for (const v1::PackFile& file : files) {
    if (!by_path.emplace(file.path(), &file).second) {
      faults->Add({file.path(), ""}, v1::ERROR_REASON_DUPLICATE, "the file is given twice");
    }
  }
  for (const auto& [path, file] : by_path) {
    std::optional<v1::Pack> part = ReadPackJson(*file, faults);
    if (part.has_value()) {
      Join(*std::move(part), path, &joined, faults);
    } else {
      joined.complete = false;
    }
  }
  return joined;
}

JoinedPack LoadPack(const PackFiles& files, bool allow_sample, Faults* faults) {
  JoinedPack joined = JoinPack(files, faults);
  CheckPack(joined, allow_sample, faults);
  v1::Pack& pack = joined.pack;
  LayValues(&pack);
  ClearEtags(pack.mutable_regions());
  ClearEtags(pack.mutable_desks());
  ClearEtags(pack.mutable_contacts());
  ClearEtags(pack.mutable_sites());
  ClearEtags(pack.mutable_organizations());
  for (v1::Organization& organization : *pack.mutable_organizations()) organization.clear_state();
  for (v1::SiteCapacity& capacity : *pack.mutable_capacities()) {
    capacity.clear_holds();
    capacity.clear_overbooked_reason();
    capacity = Canonical(capacity);
  }
  return joined;
}

}  // namespace trialgate::directory
