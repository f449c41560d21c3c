#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"

namespace trialgate::cli {
namespace {

absl::Status WhoAmI(Session& session) {
  ABSL_ASSIGN_OR_RETURN(const v1::Principal caller, session.client().Call(v1::GetCallerRequest()));
  session.Show(caller, RenderPrincipal(caller, session.screen()));
  return absl::OkStatus();
}

absl::Status CanI(Session& session, const std::string& method) {
  v1::CheckAccessRequest request;
  request.set_method(method);
  ABSL_ASSIGN_OR_RETURN(const v1::CheckAccessResponse access, session.client().Call(request));
  session.Show(access, RenderAccess(access, session.screen()));
  if (!access.allowed()) session.set_exit_code(kNotPermitted);
  return absl::OkStatus();
}

}  // namespace

void AddAuthCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "auth", "Who you are to the server, and what you may do");
  OnCall(group->add_subcommand("whoami", "Show who the server takes you for"), session,
         [&session] { return WhoAmI(session); });
  const auto method = std::make_shared<std::string>();
  CLI::App* can_i =
      group->add_subcommand("can-i", "Ask whether you may call a method; exit code 7 if not");
  can_i->add_option("METHOD", *method, "Method of the API: SubmitTrialRequest, ListAuditEvents …")
      ->required();
  OnCall(can_i, session, [&session, method] { return CanI(session, *method); });
}

}  // namespace trialgate::cli
