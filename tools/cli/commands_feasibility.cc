#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"

namespace trialgate::cli {
namespace {

absl::Status Check(Session& session, const std::string& file, int sites) {
  v1::AssessTrialRequestRequest request;
  request.set_page_size(sites);
  request.set_near_miss_page_size(sites);
  ABSL_RETURN_IF_ERROR(ReadMessage(file, session.in(), request.mutable_trial_request()).status());
  ABSL_ASSIGN_OR_RETURN(const v1::AssessTrialRequestResponse assessed,
                        session.client().Call(request));
  session.Show(assessed, RenderReport(assessed.report(), request.trial_request().patients_wanted(),
                                      session.screen()));
  return absl::OkStatus();
}

}  // namespace

void AddFeasibilityCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "feasibility", "What if? Nothing is stored");
  const auto file = std::make_shared<std::string>();
  CLI::App* check = group->add_subcommand("check", "Match a request that is not submitted");
  check->add_option("FILE", *file, "TrialRequest as proto3 JSON; - is standard input")->required();
  const auto sites = std::make_shared<int>(100);
  check->add_option("--sites", *sites, "List so many sites and near misses at most, 1 to 1000");
  OnCall(check, session, [&session, file, sites] { return Check(session, *file, *sites); });
  AddWhatIfCommands(*group, session);
}

}  // namespace trialgate::cli
