// Typed settings, from flags over the environment over a TOML file over defaults.
//
//   struct Options { std::string listen = "127.0.0.1:7420"; int threads = 8; };
//   Options options;
//   config::Settings settings("PROGRAM_");
//   settings.Add("listen", "ADDRESS", "where to listen", &options.listen);
//   settings.Add("threads", "N", "threads that work", &options.threads, {1, 256});
//   ABSL_RETURN_IF_ERROR(settings.Load(arguments, environment));
//
// "listen" is the flag --listen=..., the variable PROGRAM_LISTEN and the key `listen` of the file
// that --config (or PROGRAM_CONFIG) names. A flag is given once. What nobody declared is an error,
// which names the nearest setting that there is.
#ifndef TRIALGATE_COMMON_CONFIG_SETTINGS_H_
#define TRIALGATE_COMMON_CONFIG_SETTINGS_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace trialgate::config {

// Both inclusive.
struct IntRange {
  int min;
  int max;
};

// Not thread-safe. Targets outlive it; their values before Load are the defaults.
class Settings {
 public:
  // `prefix` of the environment's variables; every variable that begins with it must be a setting.
  explicit Settings(std::string prefix);

  // `name`: lower-case words joined by hyphens, once each. `value_name` and `help` are for people.
  void Add(std::string name, std::string value_name, std::string help, std::string* target);
  void Add(std::string name, std::string value_name, std::string help, int* target, IntRange range);
  // A switch: --name or --name=true; --name=false.
  void Add(std::string name, std::string help, bool* target);
  // One of `words`.
  void AddChoice(std::string name, std::string help, std::vector<std::string> words,
                 std::string* target);

  // A value with a text form of its own: `parse` reads it and says whether it could, `format`
  // writes what `parse` reads. `form` goes on after "must be".
  template <typename T>
  void AddParsed(std::string name, std::string value_name, std::string help, T* target,
                 std::string form, bool (*parse)(absl::string_view, T*),
                 std::string (*format)(const T&)) {
    const auto read = [=](absl::string_view text, std::function<void()>* store) {
      T value = {};
      if (!parse(text, &value)) return absl::InvalidArgumentError("must be " + form);
      *store = [target, value] { *target = value; };
      return absl::OkStatus();
    };
    Add({std::move(name), std::move(value_name), std::move(help), true, read,
         [=] { return format(*target); }});
  }

  // Reads everything. `arguments` are those after the program's name; `environment` all variables.
  // --help and --print-config are understood: see help_asked, print_asked.
  // INVALID_ARGUMENT (INVALID_FIELDS): every fault, with where it stands ("--listn",
  // "PROGRAM_PORT", "trialgate.toml: listn"). Targets keep their values then.
  absl::Status Load(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment);

  bool help_asked() const { return help_; }
  bool print_asked() const { return print_; }

  // A line or two for each setting, with its default as of construction.
  std::string Help() const;
  // The settings in force as a TOML file, each with where it came from.
  std::string Print() const;

 private:
  struct Setting {
    std::string name;
    std::string value_name;  // empty: a switch
    std::string help;
    bool is_text;
    // Checks `text`; if it fits, returns what stores it in the target, else says why not.
    std::function<absl::Status(absl::string_view text, std::function<void()>* store)> parse;
    std::function<std::string()> print;
    std::string default_text = {};
    std::string origin = "default";
  };
  struct Loading;

  void Add(Setting setting);
  Setting* Find(absl::string_view name);
  std::string Nearest(absl::string_view name) const;
  std::string VariableOf(const Setting& setting) const;
  void ReadArguments(const std::vector<std::string>& arguments, Loading* loading);
  void ReadArgument(const std::vector<std::string>& arguments, std::size_t* index,
                    Loading* loading);
  void ReadEnvironment(const std::map<std::string, std::string>& environment, Loading* loading);
  void ReadFile(const std::string& path, Loading* loading);

  const std::string prefix_;
  std::vector<Setting> settings_;
  std::string file_;
  bool help_ = false;
  bool print_ = false;
};

}  // namespace trialgate::config

#endif  // TRIALGATE_COMMON_CONFIG_SETTINGS_H_
