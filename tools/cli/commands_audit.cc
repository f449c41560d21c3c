#include <cstdint>
#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"

namespace trialgate::cli {
namespace {

absl::Status List(Session& session, const std::string& resource, int limit) {
  v1::ListAuditEventsRequest request;
  request.set_resource(resource);
  ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, limit));
  session.Show(list, RenderAuditList(list, session.screen()));
  return absl::OkStatus();
}

absl::Status Verify(Session& session, std::int64_t first, std::int64_t last) {
  v1::VerifyAuditTrailRequest request;
  request.set_first_number(first);
  request.set_last_number(last);
  ABSL_ASSIGN_OR_RETURN(const v1::VerifyAuditTrailResponse result, session.client().Call(request));
  session.Show(result, RenderVerification(result, session.screen()));
  if (!result.intact()) session.set_exit_code(kTrailNotIntact);
  return absl::OkStatus();
}

}  // namespace

void AddAuditCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "audit", "The trail of all changes");
  const auto resource = std::make_shared<std::string>();
  const auto limit = std::make_shared<int>(200);
  CLI::App* list = group->add_subcommand("list", "List events, oldest first");
  list->add_option("--resource", *resource, "Only events that changed this resource (full name)");
  AddLimit(list, limit.get());
  OnCall(list, session, [&session, resource, limit] { return List(session, *resource, *limit); });

  const auto first = std::make_shared<std::int64_t>(0);
  const auto last = std::make_shared<std::int64_t>(0);
  CLI::App* verify = group->add_subcommand(
      "verify", "Recompute the chain and the data behind it; exit code 9 if it does not hold");
  verify->add_option("--first", *first, "Number of the first event; 0: the first there is");
  verify->add_option("--last", *last, "Number of the last event; 0: the newest");
  OnCall(verify, session, [&session, first, last] { return Verify(session, *first, *last); });
}

}  // namespace trialgate::cli
