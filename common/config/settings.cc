#include "common/config/settings.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/config/edit_distance.h"
#include "common/config/toml_file.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::config {
namespace {

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

// What was found, the last source first: the first value of a setting holds.
struct Settings::Loading {
  struct Value {
    std::string origin;
    std::function<void()> store;
  };
  std::map<Setting*, Value> values;
  FieldFaults faults;

  void Take(Setting* setting, absl::string_view text, const std::string& origin) {
    std::function<void()> store;
    const absl::Status parsed = setting->parse(text, &store);
    if (!parsed.ok()) {
      faults.Add(origin, v1::ERROR_REASON_INVALID_FORMAT, parsed.message());
    } else if (const auto [first, fresh] =
                   values.try_emplace(setting, Value{origin, std::move(store)});
               !fresh && first->second.origin == origin) {
      faults.Add(origin, v1::ERROR_REASON_DUPLICATE, "is given twice");
    }
  }
};

Settings::Settings(std::string prefix) : prefix_(std::move(prefix)) {
  Add("config", "FILE", "TOML file to read settings from", &file_);
}

void Settings::Add(Setting setting) {
  setting.default_text = setting.print();
  settings_.push_back(std::move(setting));
}

void Settings::Add(std::string name, std::string value_name, std::string help,
                   std::string* target) {
  const auto parse = [target](absl::string_view text, std::function<void()>* store) {
    *store = [target, value = std::string(text)] { *target = value; };
    return absl::OkStatus();
  };
  Add({std::move(name), std::move(value_name), std::move(help), true, parse,
       [target] { return *target; }});
}

void Settings::Add(std::string name, std::string value_name, std::string help, int* target,
                   IntRange range) {
  const auto parse = [target, range](absl::string_view text, std::function<void()>* store) {
    int value = 0;
    if (!absl::SimpleAtoi(text, &value) || value < range.min || value > range.max) {
      return absl::InvalidArgumentError(
          absl::StrCat("must be a whole number from ", range.min, " to ", range.max));
    }
    *store = [target, value] { *target = value; };
    return absl::OkStatus();
  };
  Add({std::move(name), std::move(value_name), std::move(help), false, parse,
       [target] { return absl::StrCat(*target); }});
}

void Settings::Add(std::string name, std::string help, bool* target) {
  const auto parse = [target](absl::string_view text, std::function<void()>* store) {
    if (text != "true" && text != "false") {
      return absl::InvalidArgumentError("must be true or false");
    }
    *store = [target, value = text == "true"] { *target = value; };
    return absl::OkStatus();
  };
  Add({std::move(name), "", std::move(help), false, parse,
       [target] { return std::string(*target ? "true" : "false"); }});
}

void Settings::AddChoice(std::string name, std::string help, std::vector<std::string> words,
                         std::string* target) {
  std::string value_name = absl::StrJoin(words, "|");
  const auto parse = [target, words = std::move(words)](absl::string_view text,
                                                        std::function<void()>* store) {
    if (std::find(words.begin(), words.end(), text) == words.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("must be one of ", absl::StrJoin(words, ", ")));
    }
    *store = [target, value = std::string(text)] { *target = value; };
    return absl::OkStatus();
  };
  Add({std::move(name), std::move(value_name), std::move(help), true, parse,
       [target] { return *target; }});
}

Settings::Setting* Settings::Find(absl::string_view name) {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

std::string Settings::Nearest(absl::string_view name) const {
  std::vector<std::string> names;
  for (const Setting& setting : settings_) names.push_back(setting.name);
  return NearestOf(name, names);
}

std::string Settings::VariableOf(const Setting& setting) const {
  return prefix_ + absl::AsciiStrToUpper(absl::StrReplaceAll(setting.name, {{"-", "_"}}));
}

void Settings::ReadArgument(const std::vector<std::string>& arguments, std::size_t* index,
                            Loading* loading) {
  const absl::string_view argument = arguments[*index];
  if (!absl::StartsWith(argument, "--") || argument == "--") {
    loading->faults.Add(argument, v1::ERROR_REASON_UNKNOWN_FIELD,
                        "is no setting: settings begin with --");
    return;
  }
  const std::size_t equals = argument.find('=');
  const std::string flag(argument.substr(0, equals));
  const std::string name = flag.substr(2);
  Setting* const setting = Find(name);
  if (setting == nullptr) {
    loading->faults.Add(flag, v1::ERROR_REASON_UNKNOWN_FIELD,
                        absl::StrCat("is not known; nearest: --", Nearest(name)));
  } else if (equals != absl::string_view::npos) {
    loading->Take(setting, argument.substr(equals + 1), flag);
  } else if (setting->value_name.empty()) {
    loading->Take(setting, "true", flag);
  } else if (*index + 1 < arguments.size()) {
    loading->Take(setting, arguments[++*index], flag);
  } else {
    loading->faults.Add(flag, v1::ERROR_REASON_REQUIRED, "needs a value");
  }
}

void Settings::ReadArguments(const std::vector<std::string>& arguments, Loading* loading) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--help") {
      help_ = true;
    } else if (arguments[i] == "--print-config") {
      print_ = true;
    } else {
      ReadArgument(arguments, &i, loading);
    }
  }
}

void Settings::ReadEnvironment(const std::map<std::string, std::string>& environment,
                               Loading* loading) {
  for (const auto& [variable, value] : environment) {
    if (!absl::StartsWith(variable, prefix_)) continue;
    const std::string name = absl::AsciiStrToLower(
        absl::StrReplaceAll(absl::string_view(variable).substr(prefix_.size()), {{"_", "-"}}));
    Setting* const setting = Find(name);
    if (setting == nullptr || VariableOf(*setting) != variable) {
      loading->faults.Add(
          variable, v1::ERROR_REASON_UNKNOWN_FIELD,
          absl::StrCat("is not known; nearest: ", VariableOf(*Find(Nearest(name)))));
    } else {
      loading->Take(setting, value, variable);
    }
  }
}

void Settings::ReadFile(const std::string& path, Loading* loading) {
  const absl::StatusOr<TomlValues> values = ReadTomlFile(path);
  if (!values.ok()) {
    loading->faults.Add(path, v1::ERROR_REASON_INVALID_FORMAT, values.status().message());
    return;
  }
  for (const auto& [key, value] : *values) {
    Setting* const setting = Find(key);
    const std::string place = absl::StrCat(path, ": ", key);
    if (setting == nullptr || key == "config") {
      loading->faults.Add(place, v1::ERROR_REASON_UNKNOWN_FIELD,
                          absl::StrCat("is not known; nearest: ", Nearest(key)));
    } else if (!value.has_value()) {
      loading->faults.Add(place, v1::ERROR_REASON_INVALID_FORMAT,
                          "must be a text, a whole number, true or false");
    } else {
      loading->Take(setting, *value, place);
    }
  }
}

absl::Status Settings::Load(const std::vector<std::string>& arguments,
                            const std::map<std::string, std::string>& environment) {
  Loading loading;
  ReadArguments(arguments, &loading);
  ReadEnvironment(environment, &loading);
  const auto file = loading.values.find(Find("config"));
  if (file != loading.values.end()) {
    file->second.store();
    ReadFile(file_, &loading);
  }
  ABSL_RETURN_IF_ERROR(loading.faults.ToStatus());
  for (auto& [setting, value] : loading.values) {
    value.store();
    setting->origin = value.origin;
  }
  return absl::OkStatus();
}

std::string Settings::Help() const {
  std::string text;
  const auto line = [&text](absl::string_view flag, absl::string_view help) {
    absl::StrAppend(&text, "  ", flag, "\n      ", help, "\n");
  };
  for (const Setting& setting : settings_) {
    const std::string value = setting.value_name.empty() ? "" : "=" + setting.value_name;
    const std::string fallback =
        setting.default_text.empty() ? "" : absl::StrCat(" (default: ", setting.default_text, ")");
    line(absl::StrCat("--", setting.name, value), absl::StrCat(setting.help, fallback));
  }
  line("--print-config", "print the settings in force as a TOML file, and end");
  line("--help", "print this, and end");
  absl::StrAppend(&text, "\nA flag goes before the variable of the environment (", prefix_,
                  "LISTEN for --listen), that\nbefore the file that --config names, that before "
                  "the default.\n");
  return text;
}

std::string Settings::Print() const {
  std::string text;
  for (const Setting& setting : settings_) {
    if (setting.name == "config") continue;
    const std::string value = setting.print();
    absl::StrAppend(&text, setting.name, " = ", setting.is_text ? Quoted(value) : value, "  # ",
                    setting.origin, "\n");
  }
  return text;
}

}  // namespace trialgate::config
