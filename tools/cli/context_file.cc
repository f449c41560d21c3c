#include "tools/cli/context_file.h"

#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/config/edit_distance.h"
#include "toml++/toml.h"
#include "tools/cli/errors.h"
#include "tools/cli/private_file.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxContexts = 200;
constexpr absl::Duration kLongestLock = absl::Seconds(10);

constexpr char kCurrent[] = "current-context";
constexpr char kContexts[] = "contexts";

void AddUnknown(const std::string& prefix, const std::string& name,
                const std::vector<std::string>& known, FieldFaults* faults) {
  faults->Add(absl::StrCat(prefix, name), v1::ERROR_REASON_UNKNOWN_FIELD,
              absl::StrCat("is not known; the nearest is ", config::NearestOf(name, known)));
}

std::vector<std::string> KeyNames() {
  std::vector<std::string> names;
  for (const ContextKey& key : ContextKeys()) names.emplace_back(key.name);
  return names;
}

std::string Absolute(const fs::path& folder, const std::string& path) {
  return path.empty() ? "" : (folder / path).lexically_normal().string();
}

void ReadValue(const ContextKey& key, const toml::node& node, const fs::path& folder,
               const std::string& where, ContextValues* values, FieldFaults* faults) {
  const std::string name(key.name);
  const auto* const text = node.as_string();
  const auto* const on = node.as_boolean();
  if (key.kind == KeyKind::kSwitch ? on == nullptr : text == nullptr) {
    faults->Add(where, v1::ERROR_REASON_INVALID_FORMAT,
                key.kind == KeyKind::kSwitch ? "must be true or false" : "must be a text");
  } else if (key.kind == KeyKind::kSwitch) {
    if (on->get()) (*values)[name] = "true";
  } else {
    (*values)[name] = key.kind == KeyKind::kPath ? Absolute(folder, text->get()) : text->get();
  }
}

void ReadContext(const std::string& name, const toml::node& node, const fs::path& folder,
                 ContextFile* file, FieldFaults* faults) {
  const std::string prefix = absl::StrCat(kContexts, ".", name);
  if (!IsContextName(name)) {
    faults->Add(prefix, v1::ERROR_REASON_INVALID_FORMAT,
                "is no name for a context: letters, digits, \".\", \"_\" and \"-\", at most 64");
    return;
  }
  if (!node.is_table()) {
    faults->Add(prefix, v1::ERROR_REASON_INVALID_FORMAT, "must be a table");
    return;
  }
  ContextValues& values = file->contexts[name];
  for (const auto& [toml_key, value] : *node.as_table()) {
    const std::string key(toml_key.str());
    const ContextKey* const known = FindContextKey(key);
    if (known == nullptr) {
      AddUnknown(prefix + ".", key, KeyNames(), faults);
    } else {
      ReadValue(*known, value, folder, absl::StrCat(prefix, ".", key), &values, faults);
    }
  }
}

ContextFile ReadTable(const toml::table& table, const fs::path& folder, FieldFaults* faults) {
  ContextFile file;
  for (const auto& [toml_key, node] : table) {
    const std::string key(toml_key.str());
    if (key == kCurrent && node.is_string()) {
      file.current = node.as_string()->get();
    } else if (key == kContexts && node.is_table()) {
      for (const auto& [name, context] : *node.as_table()) {
        ReadContext(std::string(name.str()), context, folder, &file, faults);
      }
    } else if (key == kCurrent || key == kContexts) {
      faults->Add(key, v1::ERROR_REASON_INVALID_FORMAT,
                  key == kCurrent ? "must be a text" : "must be a table");
    } else {
      AddUnknown("", key, {kCurrent, kContexts}, faults);
    }
  }
  if (file.contexts.size() > kMaxContexts) {
    faults->Add(kContexts, v1::ERROR_REASON_TOO_MANY,
                absl::StrCat("must be at most ", kMaxContexts));
  }
  return file;
}

absl::StatusOr<ContextFile> ParseContextFile(const std::string& path, const std::string& text) {
  FieldFaults faults;
  ContextFile file;
  try {
    file = ReadTable(toml::parse(text), fs::absolute(path).parent_path(), &faults);
  } catch (const toml::parse_error& error) {
    return UsageError(absl::StrCat(path, " is no TOML: line ", error.source().begin.line, ": ",
                                   std::string(error.description())));
  }
  if (faults.empty()) return file;
  FieldFaults of_file;
  of_file.AddAll(path + ": ", faults);
  return UsageError(of_file);
}

absl::Status NoPath() {
  return UsageError("no place for contexts: set TRIALGATE_CONFIG to a file, or HOME");
}

// Where a person keeps the file elsewhere and links to it, the link stays.
std::string Target(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target.string();
}

}  // namespace

std::string Variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::string ContextFilePath(const Environment& environment) {
  constexpr char kName[] = "trialgate/config.toml";
  const std::string given = Variable(environment, "TRIALGATE_CONFIG");
  if (!given.empty()) return given;
  const std::string folder = Variable(environment, "XDG_CONFIG_HOME");
  if (!folder.empty()) return absl::StrCat(folder, "/", kName);
  const std::string home = Variable(environment, "HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.config/", kName);
}

absl::StatusOr<ContextFile> LoadContextFile(const std::string& path) {
  if (path.empty()) return ContextFile();
  const auto text = ReadGuarded(path, kMaxFileBytes, Guard::kOthersMayNotWrite);
  if (absl::IsNotFound(text.status())) return ContextFile();
  if (!text.ok()) return UsageError(absl::StrCat(path, ": ", text.status().message()));
  return ParseContextFile(path, *text);
}

std::string ContextFileAsToml(const ContextFile& file) {
  toml::table contexts;
  for (const auto& [name, values] : file.contexts) {
    toml::table table;
    for (const auto& [key, value] : values) {
      if (FindContextKey(key)->kind == KeyKind::kSwitch) {
        table.insert(key, true);
      } else {
        table.insert(key, value);
      }
    }
    contexts.insert(name, std::move(table));
  }
  toml::table whole;
  if (!file.current.empty()) whole.insert(kCurrent, file.current);
  whole.insert(kContexts, std::move(contexts));
  std::ostringstream text;
  text << whole << "\n";
  return text.str();
}

absl::Status UpdateContextFile(const std::string& path,
                               const std::function<absl::Status(ContextFile*)>& change) {
  if (path.empty()) return NoPath();
  const std::string target = Target(path);
  const auto pause = [](absl::Duration span) {
    absl::SleepFor(span);
    return true;
  };
  ABSL_ASSIGN_OR_RETURN(const FileLock lock, FileLock::Take(target + ".lock", kLongestLock, pause));
  ABSL_ASSIGN_OR_RETURN(ContextFile file, LoadContextFile(target));
  ABSL_RETURN_IF_ERROR(change(&file));
  // What could not be read again must not take the place of what can.
  const std::string text = ContextFileAsToml(file);
  ABSL_RETURN_IF_ERROR(ParseContextFile(target, text).status());
  return WritePrivate(target, text);
}

absl::StatusOr<ContextValues> FindContext(const ContextFile& file, const std::string& name) {
  const auto found = file.contexts.find(name);
  if (found != file.contexts.end()) return found->second;
  if (file.contexts.empty()) {
    return UsageError(absl::StrCat("there is no context \"", name,
                                   "\": make it with `trialgate config set-context ", name,
                                   " --server HOST:PORT …`"));
  }
  std::vector<std::string> names;
  for (const auto& [known, values] : file.contexts) names.push_back(known);
  return UsageError(absl::StrCat("there is no context \"", name, "\"; there are: ", Joined(names)));
}

}  // namespace trialgate::cli
