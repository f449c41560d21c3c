#include "tools/cli/connection.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/arguments.h"
#include "tools/cli/errors.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

SaidValues SaidByEnvironment(const Environment& environment, FieldFaults* faults) {
  SaidValues said;
  for (const ContextKey& key : ContextKeys()) {
    const std::string variable = VariableOf(key);
    const std::string value = key.global ? Variable(environment, variable) : "";
    if (value.empty()) continue;
    said[std::string(key.name)] = {value, variable};
    if (key.kind == KeyKind::kSwitch && value != "true") {
      faults->Add(variable, v1::ERROR_REASON_INVALID_FORMAT, "must be true, or not be set");
    }
  }
  return said;
}

// The context's values laid below; `name` is set to the one that counts.
absl::StatusOr<SaidValues> SaidByContext(const Environment& environment, bool server_named,
                                         std::string* name) {
  if (name->empty() && server_named) return SaidValues();
  const std::string path = ContextFilePath(environment);
  ABSL_ASSIGN_OR_RETURN(const ContextFile file, LoadContextFile(path));
  if (name->empty()) *name = file.current;
  if (name->empty() && file.contexts.empty()) return SaidValues();
  if (name->empty()) {
    std::vector<std::string> names;
    for (const auto& [known, values] : file.contexts) names.push_back(known);
    return UsageError(absl::StrCat(
        "no context is chosen: `trialgate config use-context NAME`, or --context NAME; there are: ",
        Joined(names)));
  }
  ABSL_ASSIGN_OR_RETURN(const ContextValues values, FindContext(file, *name));
  return SaidAt(absl::StrCat("context ", *name, ": "), values);
}

std::string ValueOf(const SaidValues& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second.value;
}

Connection ToConnection(const SaidValues& values, const std::string& context) {
  Connection connection;
  connection.context = context;
  connection.server = ValueOf(values, "server");
  if (IsTls(values)) {
    connection.tls = {.ca = ValueOf(values, "ca"),
                      .certificate = ValueOf(values, "certificate"),
                      .key = ValueOf(values, "key"),
                      .server_name = ValueOf(values, "server-name")};
  }
  const std::string as = ValueOf(values, "as");
  FieldFaults tested_before;
  if (!as.empty()) connection.principal = ParsePrincipal(as, &tested_before);
  connection.token_file = ValueOf(values, "token-file");
  if (!ValueOf(values, "issuer").empty()) {
    connection.sign_in = {.issuer = ValueOf(values, "issuer"),
                          .issuer_ca = ValueOf(values, "issuer-ca"),
                          .client_id = ValueOf(values, "client-id"),
                          .audience = ValueOf(values, "audience"),
                          .scopes = ValueOf(values, "scopes"),
                          .client_secret_file = ValueOf(values, "client-secret-file"),
                          .client_secret_env = ValueOf(values, "client-secret-env")};
  }
  return connection;
}

}  // namespace

absl::StatusOr<Connection> ChooseConnection(const ConnectionFlags& flags,
                                            const Environment& environment) {
  FieldFaults faults;
  std::string context = flags.context;
  SaidValues said = SaidAt("--", flags.values);
  if (context.empty()) {
    said = LayOver(SaidByEnvironment(environment, &faults), said);
    context = Variable(environment, "TRIALGATE_CONTEXT");
  }
  const bool server_named = said.find("server") != said.end();
  ABSL_ASSIGN_OR_RETURN(const SaidValues below, SaidByContext(environment, server_named, &context));
  said = LayOver(below, said);
  if (said.find("server") == said.end()) said["server"] = {std::string(kDefaultServer), "--server"};
  if (said["server"].value.empty()) {
    faults.Add(said["server"].where, v1::ERROR_REASON_REQUIRED, "must be host:port");
  }
  CheckContext(said, &faults);
  if (!faults.empty()) return UsageError(faults);
  return ToConnection(said, context);
}

}  // namespace trialgate::cli
