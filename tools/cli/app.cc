#include "tools/cli/app.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <sstream>
#include <utility>

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/utf8.h"
#include "tools/cli/commands.h"
#include "tools/cli/output.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

constexpr char kVersion[] = "trialgate " TRIALGATE_VERSION;
constexpr int kHelpColumn = 32;

// Help that fits a screen of `width` columns.
class Help : public CLI::Formatter {
 public:
  explicit Help(int width) : width_(width) { column_width(kHelpColumn); }

  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    // The parts that are not in columns: what a command does, its usage, its footer.
    return WrapIndented(CLI::Formatter::make_help(app, std::move(name), mode), width_);
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    return Wrapped(CLI::Formatter::make_option_desc(option));
  }

  std::string make_subcommand(const CLI::App* command) const override {
    std::stringstream line;
    CLI::detail::format_help(line, command->get_name(), Wrapped(command->get_description()),
                             kHelpColumn);
    return line.str();
  }

 private:
  // CLI11 indents each line of a description.
  std::string Wrapped(const std::string& words) const {
    return absl::StrJoin(Wrap(words, width_ - kHelpColumn), "\n");
  }

  const int width_;
};

// "trialgate referral answer": the command as far as it was understood.
std::string CommandOf(const CLI::App& app) {
  std::string command = app.get_name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    absl::StrAppend(&command, " ", at->get_name());
  }
  return command;
}

// The flag of a key of a context.
void AddContextFlag(CLI::App& app, const ContextKey& key, ContextValues* values) {
  const std::string name(key.name);
  const std::string words(key.help);
  if (key.kind == KeyKind::kSwitch) {
    app.add_flag_function(
        "--" + name, [=](std::int64_t on) { (*values)[name] = on > 0 ? "true" : ""; }, words);
  } else {
    app.add_option_function<std::string>(
        "--" + name, [=](const std::string& value) { (*values)[name] = value; }, words);
  }
}

void AddGlobalFlags(CLI::App& app, Session& session) {
  GlobalFlags* const flags = &session.flags();
  app.add_option("--context", flags->connection.context,
                 "The context to use, see `trialgate config`; default: the current one");
  for (const ContextKey& key : ContextKeys()) {
    if (key.global) AddContextFlag(app, key, &flags->connection.values);
  }
  CLI::Option* output =
      app.add_option(
             "-o,--output", flags->output,
             "For people: table, or wide (more columns, nothing cut); for programs: json, yaml, "
             "or name (names of resources only)")
          ->check(CLI::IsMember({kTable, kWide, kJson, kYaml, kName}))
          ->capture_default_str();
  session.known_values()[output] = {kTable, kWide, kJson, kYaml, kName};
  CLI::Option* colour = app.add_option("--color", flags->colour,
                                       "Colours: auto is only on a terminal, without NO_COLOR")
                            ->check(CLI::IsMember({"auto", "always", "never"}))
                            ->capture_default_str();
  session.known_values()[colour] = {"auto", "always", "never"};
  app.add_option("--timeout", flags->timeout, "Time for each call: seconds, or such as 2m")
      ->capture_default_str();
}

void AddVersion(CLI::App& app, std::ostream& out, Session& session) {
  CLI::App* command = app.add_subcommand("version", "Print the version of this program");
  OnLocalCall(command, session, [&out] {
    out << kVersion << "\n";
    return absl::OkStatus();
  });
  app.set_version_flag("--version", kVersion);
}

void Build(CLI::App& app, Session& session, std::ostream& out) {
  app.formatter(std::make_shared<Help>(HelpWidth(session.terminal(), session.environment())));
  app.require_subcommand(1);
  AddGlobalFlags(app, session);
  AddRequestCommands(app, session);
  AddFeasibilityCommands(app, session);
  AddReferralCommands(app, session);
  AddSiteCommands(app, session);
  AddRegionCommands(app, session);
  AddDeskCommands(app, session);
  AddContactCommands(app, session);
  AddReviewCommands(app, session);
  AddOrganizationCommands(app, session);
  AddPackCommands(app, session);
  AddAuditCommands(app, session);
  AddCdaCommands(app, session);
  AddPersonCommands(app, session);
  AddServerCommands(app, session);
  AddConfigCommands(app, session);
  AddLoginCommands(app, session);
  AddAuthCommands(app, session);
  AddCompletionCommands(app, session);
  AddVersion(app, out, session);
  // Last, since commands inherit it.
  app.footer(ExitCodeHelp());
}

// What was not understood, without what stands after an unknown flag: it could be a secret.
std::string Understandable(const std::vector<std::string>& extras) {
  std::vector<std::string> words;
  bool after_flag = false;
  for (const std::string& extra : extras) {
    if (absl::StartsWith(extra, "-")) {
      after_flag = true;
      words.push_back(extra.substr(0, extra.find('=')));
    } else if (!after_flag) {
      words.push_back(extra);
    }
  }
  return absl::StrJoin(words, " ");
}

bool NamesSecret(const std::string& flag) {
  return absl::StartsWith(flag, "-") &&
         (absl::StrContains(flag, "token") || absl::StrContains(flag, "secret") ||
          absl::StrContains(flag, "password"));
}

// CLI11 tells of what is missing before it tells of what it did not understand, which mostly is the
// cause.
absl::Status ParseFault(const CLI::App& app, const CLI::ParseError& fault) {
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  if (extras.empty()) return UsageError(fault.what());
  const absl::Status status = UsageError(absl::StrCat("not understood: ", Understandable(extras)));
  if (std::none_of(extras.begin(), extras.end(), NamesSecret)) return status;
  return WithHint(status,
                  "a secret is never given on a command line, where others can read it: name a "
                  "file that holds it, with --token-file or `config set-context` "
                  "--client-secret-file");
}

int Fail(const CLI::App& app, const Session& session, const absl::Status& status,
         std::ostream& err) {
  std::string words = RenderError(status);
  if (ExitCodeOf(status) == kUsage && HintIn(status).empty()) {
    absl::StrAppend(&words, "  next: see `", CommandOf(app), " --help`\n");
  }
  if (IsWorthRetrying(status)) absl::StrAppend(&words, session.RetryWords());
  const int width = ErrorWidth(session.terminal(), session.environment());
  err << (width == 0 ? words : WrapIndented(words, width));
  return ExitCodeOf(status);
}

}  // namespace

int Run(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  Session session(surroundings);
  CLI::App app("The single national entry point for clinical trials, from the command line.",
               "trialgate");
  Build(app, session, surroundings.out);
  for (const std::string& argument : arguments) {
    if (!IsUtf8(argument)) {
      return Fail(app, session, UsageError(absl::StrCat("\"", Clean(argument), "\" is not UTF-8")),
                  surroundings.err);
    }
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wish) {
    // --help and --version.
    app.exit(wish, surroundings.out, surroundings.err);
    return kOk;
  } catch (const CLI::ParseError& fault) {
    return Fail(app, session, ParseFault(app, fault), surroundings.err);
  }
  const absl::Status status = session.Act();
  if (!status.ok()) return Fail(app, session, status, surroundings.err);
  surroundings.out.flush();
  if (!surroundings.out) {
    return Fail(app, session, absl::UnknownError("standard output cannot be written"),
                surroundings.err);
  }
  return session.exit_code();
}

}  // namespace trialgate::cli
