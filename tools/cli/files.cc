#include "tools/cli/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"
#include "tools/cli/errors.h"
#include "tools/cli/yaml.h"
#include "trialgate/v1/errors.pb.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxJsonBytes = 16 << 20;
constexpr char kMendFile[] = "mend the file at the places named, and send it again";
constexpr std::size_t kMaxPackFiles = 64;
constexpr std::size_t kMaxPackFileBytes = 8 << 20;
constexpr std::size_t kMaxPackBytes = 12 << 20;

absl::StatusOr<std::string> ReadStream(const std::string& path, std::size_t limit,
                                       std::istream& in) {
  std::string content;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof(buffer)) || in.gcount() > 0) {
    content.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (content.size() > limit) {
      return UsageError(absl::StrCat(path, " has more than ", limit >> 20, " MiB"));
    }
  }
  if (in.bad()) return UsageError(absl::StrCat(path, " cannot be read"));
  return content;
}

// The *.json files in `folder`, by name.
absl::StatusOr<std::vector<fs::path>> JsonFilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  }
  if (error) return UsageError(absl::StrCat(folder.string(), ": ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

absl::Status AddFile(const fs::path& file, const std::string& shown_as,
                     std::vector<v1::PackFile>* files) {
  std::ifstream none;
  ABSL_ASSIGN_OR_RETURN(std::string content, ReadFile(file.string(), kMaxPackFileBytes, none));
  v1::PackFile& added = files->emplace_back();
  added.set_path(shown_as);
  added.set_content(std::move(content));
  return absl::OkStatus();
}

absl::Status AddFolder(const fs::path& folder, bool sample, std::vector<v1::PackFile>* files) {
  ABSL_ASSIGN_OR_RETURN(std::vector<fs::path> found, JsonFilesIn(folder));
  std::error_code error;
  const fs::path below = folder / "sample";
  if (sample && fs::is_directory(below, error)) {
    ABSL_ASSIGN_OR_RETURN(std::vector<fs::path> samples, JsonFilesIn(below));
    found.insert(found.end(), samples.begin(), samples.end());
  }
  if (found.empty()) {
    return UsageError(absl::StrCat(folder.string(), " has no *.json file: a pack's folder has"));
  }
  for (const fs::path& file : found) {
    ABSL_RETURN_IF_ERROR(AddFile(file, file.lexically_relative(folder).generic_string(), files));
  }
  return absl::OkStatus();
}

absl::Status CheckLimits(const std::vector<v1::PackFile>& files) {
  std::set<std::string> paths;
  std::size_t bytes = 0;
  for (const v1::PackFile& file : files) {
    bytes += file.content().size();
    if (!paths.insert(file.path()).second) {
      return UsageError(absl::StrCat("two files of the pack are called ", file.path()));
    }
  }
  if (files.size() > kMaxPackFiles) {
    return UsageError(
        absl::StrCat("a pack has at most ", kMaxPackFiles, " files, these are ", files.size()));
  }
  if (bytes > kMaxPackBytes) {
    return UsageError(absl::StrCat("a pack has at most ", kMaxPackBytes >> 20, " MiB"));
  }
  return absl::OkStatus();
}

TextPlace PlaceOfByte(absl::string_view text, std::size_t byte) {
  const absl::string_view before = text.substr(0, byte);
  const std::size_t line_start = before.rfind('\n');
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {.line = static_cast<int>(lines) + 1,
          .column = static_cast<int>(before.size() -
                                     (line_start == absl::string_view::npos ? 0 : line_start + 1)) +
                    1};
}

// `fault` at its place in the file.
std::string At(const std::string& where, const TextPlace& place, const std::string& field) {
  return absl::StrCat(where, ":", place.line, ":", place.column, field.empty() ? "" : ": ", field);
}

// The first place at which `text` is no JSON, with words about it; nullopt where it is.
std::optional<std::pair<TextPlace, std::string>> JsonFault(const std::string& text) {
  try {
    const nlohmann::json parsed = nlohmann::json::parse(text);
    return std::nullopt;
  } catch (const nlohmann::json::parse_error& fault) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …; expected
    // …"
    std::string words = fault.what();
    const std::size_t begin = words.find("syntax error");
    if (begin != std::string::npos) words = words.substr(begin);
    return std::pair(PlaceOfByte(text, fault.byte == 0 ? 0 : fault.byte - 1),
                     absl::StrCat("is no JSON: ", words));
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::size_t limit, std::istream& in) {
  if (path == "-") return ReadStream("standard input", limit, in);
  std::error_code error;
  if (fs::is_directory(path, error)) return UsageError(absl::StrCat(path, " is a folder"));
  std::ifstream file(path, std::ios::binary);
  if (!file) return UsageError(absl::StrCat(path, ": ", std::strerror(errno)));
  return ReadStream(path, limit, file);
}

absl::StatusOr<std::vector<std::string>> ParseMessage(const std::string& where,
                                                      const std::string& text,
                                                      google::protobuf::Message* message) {
  FieldFaults at_places;
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "{")) {
    if (google::protobuf::util::JsonStringToMessage(text, message).ok()) {
      // JSON that protobuf understands is YAML, too.
      const std::unique_ptr<google::protobuf::Message> again(message->New());
      FieldFaults ignored;
      return ReadYaml(text, again.get(), &ignored);
    }
    const auto fault = JsonFault(text);
    if (fault.has_value()) {
      at_places.Add(At(where, fault->first, ""), v1::ERROR_REASON_MALFORMED_JSON, fault->second);
      return WithHint(UsageError(at_places), kMendFile);
    }
    message->Clear();
  }
  FieldFaults faults;
  std::vector<TextPlace> places;
  std::vector<std::string> named = ReadYaml(text, message, &faults, &places);
  if (faults.empty()) return named;
  for (std::size_t i = 0; i < faults.told().size(); ++i) {
    const FieldViolation& fault = faults.told()[i];
    at_places.Add(At(where, places[i], fault.field), fault.reason, fault.description);
  }
  return WithHint(UsageError(at_places), kMendFile);
}

absl::StatusOr<std::vector<std::string>> ReadMessage(const std::string& path, std::istream& in,
                                                     google::protobuf::Message* message) {
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxJsonBytes, in));
  return ParseMessage(path == "-" ? "standard input" : path, text, message);
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  // Fails only for messages that hold an Any of an unknown type; the API has none.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}\n";
  return json;
}

absl::StatusOr<std::vector<v1::PackFile>> ReadPack(const std::vector<std::string>& paths,
                                                   bool sample) {
  std::vector<v1::PackFile> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      ABSL_RETURN_IF_ERROR(AddFolder(path, sample, &files));
    } else {
      ABSL_RETURN_IF_ERROR(AddFile(path, fs::path(path).filename().string(), &files));
    }
  }
  ABSL_RETURN_IF_ERROR(CheckLimits(files));
  return files;
}

absl::Status WritePack(const std::string& folder,
                       const google::protobuf::RepeatedPtrField<v1::PackFile>& files) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_empty(folder, error) || error) {
    return UsageError(absl::StrCat(folder, error ? ": " + error.message() : " is not empty"));
  }
  fs::permissions(folder, fs::perms::owner_all, error);
  for (const v1::PackFile& file : files) {
    const fs::path path = fs::path(file.path()).lexically_normal();
    if (path.empty() || path.is_absolute() || *path.begin() == "..") {
      return UsageError(absl::StrCat("\"", file.path(), "\" leads out of ", folder));
    }
    const fs::path place = fs::path(folder) / path;
    fs::create_directories(place.parent_path(), error);
    std::ofstream out(place, std::ios::binary);
    out << file.content();
    out.close();
    if (error || !out) return UsageError(absl::StrCat(place.string(), " cannot be written"));
  }
  return absl::OkStatus();
}

}  // namespace trialgate::cli
