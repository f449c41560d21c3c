#include "tools/registry/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "services/directory/pack.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::registry {
namespace {

namespace fs = std::filesystem;

absl::Status Fault(absl::string_view path, absl::string_view words) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELDS,
               absl::StrCat(path, ": ", words));
}

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return Fault(path.string(), error.message());
  if (size > kMaxListBytes) return Fault(path.string(), "is too long");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return Fault(path.string(), "cannot be read");
  return content.str();
}

// The .json files directly in `folder`, by name.
absl::StatusOr<std::vector<fs::path>> JsonFilesIn(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  }
  if (error) return Fault(folder, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

absl::StatusOr<v1::Pack> ReadPackWithoutExperience(const std::string& folder) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<fs::path> paths, JsonFilesIn(folder));
  directory::PackFiles files;
  for (const fs::path& path : paths) {
    if (path.filename() == kExperienceFile) continue;
    ABSL_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    v1::PackFile* file = files.Add();
    file->set_path(path.filename().string());
    file->set_content(content);
  }
  directory::Faults faults;
  directory::JoinedPack joined = directory::LoadPack(files, /*allow_sample=*/false, &faults);
  if (!faults.empty()) return directory::FaultsError(faults);
  return std::move(joined.pack);
}

absl::StatusOr<Places> ReadPlacesOf(const std::string& folder) {
  ABSL_ASSIGN_OR_RETURN(const std::string content, ReadFile(fs::path(folder) / kPlacesFile));
  return ReadPlaces(content);
}

absl::StatusOr<std::vector<RegisteredTrial>> ReadTrials(const std::vector<std::string>& paths,
                                                        absl::string_view country) {
  std::vector<RegisteredTrial> trials;
  const auto add = [&trials, country](const fs::path& path) -> absl::Status {
    ABSL_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(content), "[")) {
      auto list = ReadTrialList(content);
      if (!list.ok()) return Fault(path.string(), list.status().message());
      std::move(list->begin(), list->end(), std::back_inserter(trials));
      return absl::OkStatus();
    }
    auto trial = ReadStudyRecord(content, country);
    if (!trial.ok()) return Fault(path.string(), trial.status().message());
    trials.push_back(*std::move(trial));
    return absl::OkStatus();
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      ABSL_RETURN_IF_ERROR(add(path));
      continue;
    }
    ABSL_ASSIGN_OR_RETURN(const std::vector<fs::path> files, JsonFilesIn(path));
    for (const fs::path& file : files) ABSL_RETURN_IF_ERROR(add(file));
  }
  return trials;
}

}  // namespace trialgate::registry
