#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/context_file.h"
#include "tools/cli/page.h"
#include "tools/cli/table.h"
#include "tools/cli/token_cache.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string PathOf(Session& session) { return ContextFilePath(session.environment()); }

std::string ValueOf(const ContextValues& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second;
}

// How the context makes itself known, in words.
std::string IdentityOf(const ContextValues& values) {
  const std::string as = ValueOf(values, "as");
  if (!as.empty()) return absl::StrCat("as ", as);
  const std::string token_file = ValueOf(values, "token-file");
  if (!token_file.empty()) return absl::StrCat("token in ", token_file);
  const std::string issuer = ValueOf(values, "issuer");
  if (!issuer.empty()) return absl::StrCat("signs in at ", issuer);
  const std::string certificate = ValueOf(values, "certificate");
  if (!certificate.empty()) return absl::StrCat("certificate ", certificate);
  return "";
}

Json ToJsonObject(const std::string& name, const ContextValues& values) {
  Json object = {{"name", name}};
  for (const auto& [key, value] : values) {
    if (FindContextKey(key)->kind == KeyKind::kSwitch) {
      object[key] = true;
    } else {
      object[key] = value;
    }
  }
  return object;
}

Json ToJsonObject(const ContextFile& file) {
  Json contexts = Json::array();
  for (const auto& [name, values] : file.contexts) contexts.push_back(ToJsonObject(name, values));
  return {{"current-context", file.current}, {"contexts", contexts}};
}

// Whether somebody is signed in; empty where nobody needs to be.
std::string SignedIn(Session& session, const std::string& name, const ContextValues& values) {
  if (ValueOf(values, "issuer").empty()) return "";
  const auto tokens = LoadTokens(TokenPath(session.environment(), name));
  if (!tokens.ok()) return "the file of tokens cannot be used";
  if (!tokens->has_value() || !AreOf(**tokens, ValueOf(values, "issuer"),
                                     ValueOf(values, "client-id"), ValueOf(values, "audience")))
    return "no";
  if (!(*tokens)->refresh_token.empty()) return "yes";
  const absl::Time expires = (*tokens)->expires;
  if (expires <= session.screen().now) return "no longer";
  return absl::FormatTime("until %Y-%m-%d %H:%M %Z", expires, session.screen().zone);
}

absl::Status List(Session& session) {
  ABSL_ASSIGN_OR_RETURN(const ContextFile file, LoadContextFile(PathOf(session)));
  Table table({{"CURRENT", Overflow::kKeep},
               {"NAME", Overflow::kKeep},
               {"SERVER", Overflow::kKeep},
               {"IDENTITY"},
               {"SIGNED IN"}});
  for (const auto& [name, values] : file.contexts) {
    table.AddRow({name == file.current ? "*" : "", name, ValueOf(values, "server"),
                  IdentityOf(values), SignedIn(session, name, values)});
  }
  if (file.contexts.empty()) session.Note("There are none: `trialgate config set-context NAME …`");
  session.Show(ToJsonObject(file), RenderTable(table, session.screen()));
  return absl::OkStatus();
}

absl::Status ShowCurrent(Session& session) {
  ABSL_ASSIGN_OR_RETURN(const ContextFile file, LoadContextFile(PathOf(session)));
  if (file.current.empty()) {
    return WithHint(absl::NotFoundError("no context is current"),
                    "`trialgate config use-context NAME`");
  }
  session.Show(Json{{"current-context", file.current}}, file.current + "\n");
  return absl::OkStatus();
}

absl::Status View(Session& session) {
  ABSL_ASSIGN_OR_RETURN(const ContextFile file, LoadContextFile(PathOf(session)));
  session.Show(ToJsonObject(file), ContextFileAsToml(file));
  return absl::OkStatus();
}

absl::Status Use(Session& session, const std::string& name) {
  const auto change = [&](ContextFile* file) -> absl::Status {
    ABSL_RETURN_IF_ERROR(FindContext(*file, name).status());
    file->current = name;
    return absl::OkStatus();
  };
  ABSL_RETURN_IF_ERROR(UpdateContextFile(PathOf(session), change));
  session.Note(absl::StrCat("Commands now use the context ", name, "."));
  return absl::OkStatus();
}

absl::Status Delete(Session& session, const std::string& name) {
  const auto change = [&](ContextFile* file) -> absl::Status {
    ABSL_RETURN_IF_ERROR(FindContext(*file, name).status());
    file->contexts.erase(name);
    if (file->current == name) file->current.clear();
    return absl::OkStatus();
  };
  ABSL_RETURN_IF_ERROR(UpdateContextFile(PathOf(session), change));
  // Unlike `logout` this asks nobody: the context may be one that never worked.
  ABSL_RETURN_IF_ERROR(RemoveTokens(TokenPath(session.environment(), name)));
  session.Note(absl::StrCat("The context ", name, " is gone, and its tokens with it."));
  return absl::OkStatus();
}

// The values given as flags, paths made absolute: the file lies elsewhere.
absl::StatusOr<ContextValues> GivenValues(Session& session, const ContextValues& own) {
  ContextValues given = session.flags().connection.values;
  given.insert(own.begin(), own.end());
  for (auto& [key, value] : given) {
    if (FindContextKey(key)->kind != KeyKind::kPath || value.empty()) continue;
    std::error_code error;
    value = std::filesystem::absolute(value, error).lexically_normal().string();
    if (error) return UsageError(absl::StrCat("--", key, ": ", error.message()));
  }
  if (!given.empty()) return given;
  return UsageError("say what to set: --server, --ca, --certificate, --key, …");
}

absl::Status Set(Session& session, const std::string& name, const ContextValues& own) {
  if (!IsContextName(name)) {
    return UsageError(
        "a name of a context has letters, digits, \".\", \"_\" and \"-\", at most 64 in all");
  }
  ABSL_ASSIGN_OR_RETURN(const ContextValues given, GivenValues(session, own));
  bool current = false;
  const auto change = [&](ContextFile* file) -> absl::Status {
    const SaidValues said = LayOver(
        SaidAt(absl::StrCat("context ", name, ": "), file->contexts[name]), SaidAt("--", given));
    FieldFaults faults;
    CheckContext(said, &faults);
    if (!faults.empty()) return UsageError(faults);
    ContextValues& values = file->contexts[name];
    values.clear();
    for (const auto& [key, value] : said) {
      if (!value.value.empty()) values[key] = value.value;
    }
    current = file->current == name;
    return absl::OkStatus();
  };
  ABSL_RETURN_IF_ERROR(UpdateContextFile(PathOf(session), change));
  session.Note(absl::StrCat("The context ", name, " is set.",
                            current ? "" : " To use it: trialgate config use-context ",
                            current ? "" : name));
  return absl::OkStatus();
}

void AddSet(CLI::App* group, Session& session) {
  const auto name = std::make_shared<std::string>();
  const auto own = std::make_shared<ContextValues>();
  CLI::App* command = group->add_subcommand(
      "set-context",
      "Make or change a context: the flags of a connection (--server, --ca, --certificate, --key, "
      "--server-name, --insecure, --as, --token-file) and those here; what is not given stays, an "
      "empty value takes it out");
  command->add_option("NAME", *name, "Name of the context")->required();
  for (const ContextKey& key : ContextKeys()) {
    if (key.global) continue;
    command->add_option_function<std::string>(
        absl::StrCat("--", key.name),
        [own, to = std::string(key.name)](const std::string& value) { (*own)[to] = value; },
        std::string(key.help));
  }
  OnLocalCall(command, session, [&session, name, own] { return Set(session, *name, *own); });
}

}  // namespace

void AddConfigCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "config", "Contexts: servers by name, and who you are there");
  OnLocalCall(group->add_subcommand("get-contexts", "List the contexts"), session,
              [&session] { return List(session); });
  OnLocalCall(group->add_subcommand("current-context", "Print the name of the current context"),
              session, [&session] { return ShowCurrent(session); });
  const auto name = std::make_shared<std::string>();
  CLI::App* use = group->add_subcommand("use-context", "Make a context the current one");
  use->add_option("NAME", *name, "Name of the context")->required();
  OnLocalCall(use, session, [&session, name] { return Use(session, *name); });
  AddSet(group, session);
  CLI::App* remove = group->add_subcommand("delete-context", "Forget a context");
  remove->add_option("NAME", *name, "Name of the context")->required();
  OnLocalCall(remove, session, [&session, name] { return Delete(session, *name); });
  OnLocalCall(group->add_subcommand("view", "Print the file of contexts; it holds no secret"),
              session, [&session] { return View(session); });
}

}  // namespace trialgate::cli
