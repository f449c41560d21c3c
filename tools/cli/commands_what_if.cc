// What-ifs beyond one request: variants, forecasts, portfolios; and replays of stored reports.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr char kFileHelp[] = "TrialRequest as proto3 JSON; - is standard input";

// "LABEL=FILE", or a file, whose name is then the label.
std::pair<std::string, std::string> LabelAndFile(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign != std::string::npos) return {text.substr(0, sign), text.substr(sign + 1)};
  const std::string name = text.substr(text.rfind('/') + 1);
  return {name.substr(0, name.rfind('.')), text};
}

absl::Status Compare(Session& session, const std::vector<std::string>& files, int sites) {
  v1::CompareTrialRequestsRequest request;
  request.set_page_size(sites);
  for (const std::string& text : files) {
    const auto [label, file] = LabelAndFile(text);
    v1::RequestVariant* variant = request.add_variants();
    variant->set_label(label);
    ABSL_RETURN_IF_ERROR(
        ReadMessage(file, session.in(), variant->mutable_trial_request()).status());
  }
  ABSL_ASSIGN_OR_RETURN(const v1::CompareTrialRequestsResponse compared,
                        session.client().Call(request));
  session.Show(compared, RenderVariants(compared, session.screen()));
  return absl::OkStatus();
}

void AddCompare(CLI::App& group, Session& session) {
  const auto files = std::make_shared<std::vector<std::string>>();
  const auto sites = std::make_shared<int>(5);
  CLI::App* command =
      group.add_subcommand("compare", "Match two to eight variants of a request, side by side");
  command
      ->add_option("VARIANTS", *files,
                   "Files of TrialRequests as proto3 JSON, or LABEL=FILE; the first is what the "
                   "others are compared with")
      ->required();
  command->add_option("--sites", *sites, "The best sites of each, 1 to 100");
  OnCall(command, session, [&session, files, sites] { return Compare(session, *files, *sites); });
}

absl::Status Forecast(Session& session, const std::string& file) {
  v1::AssessTrialRequestRequest request;
  request.set_with_forecasts(true);
  ABSL_RETURN_IF_ERROR(ReadMessage(file, session.in(), request.mutable_trial_request()).status());
  ABSL_ASSIGN_OR_RETURN(const v1::AssessTrialRequestResponse assessed,
                        session.client().Call(request));
  session.Show(assessed,
               RenderForecast(assessed.report(), request.trial_request().patients_wanted(),
                              session.screen()));
  return absl::OkStatus();
}

void AddForecast(CLI::App& group, Session& session) {
  const auto file = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand(
      "forecast", "Patients month by month over all eligible sites, against those wanted");
  command->add_option("FILE", *file, kFileHelp)->required();
  OnCall(command, session, [&session, file] { return Forecast(session, *file); });
}

absl::Status Portfolio(Session& session, const std::string& file,
                       v1::PlanPortfolioRequest request) {
  request.set_with_months(true);
  for (std::string& region : *request.mutable_regions_needed()) {
    region = FullName("regions", region);
  }
  ABSL_RETURN_IF_ERROR(ReadMessage(file, session.in(), request.mutable_trial_request()).status());
  ABSL_ASSIGN_OR_RETURN(const v1::PlanPortfolioResponse plan, session.client().Call(request));
  session.Show(plan,
               RenderPortfolio(plan, request.trial_request().patients_wanted(), session.screen()));
  return absl::OkStatus();
}

void AddPortfolio(CLI::App& group, Session& session) {
  struct Flags {
    std::string file;
    double probability = 0.8;
    int most_per_region = 0;
    std::vector<std::string> regions;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command =
      group.add_subcommand("portfolio", "The fewest eligible sites that reach the patients wanted");
  command->add_option("FILE", flags->file, kFileHelp)->required();
  command->add_option("--probability", flags->probability,
                      "With which probability, above 0 and below 1 (0.8)");
  command->add_option("--most-per-region", flags->most_per_region,
                      "At most so many sites in any one region");
  command->add_option("--region", flags->regions,
                      "A region with at least one site; may be repeated");
  OnCall(command, session, [&session, flags] {
    v1::PlanPortfolioRequest request;
    request.set_probability(flags->probability);
    request.set_most_per_region(flags->most_per_region);
    for (const std::string& region : flags->regions) request.add_regions_needed(region);
    return Portfolio(session, flags->file, std::move(request));
  });
}

absl::Status Replay(Session& session, const std::string& name) {
  v1::ReplayFeasibilityReportRequest request;
  request.set_name(FullName("trialRequests", name));
  ABSL_ASSIGN_OR_RETURN(const v1::ReplayFeasibilityReportResponse replayed,
                        session.client().Call(request));
  session.Show(replayed, RenderReplay(replayed, session.screen()));
  if (!replayed.same()) session.set_exit_code(kUnexpected);
  return absl::OkStatus();
}

void AddReplay(CLI::App& group, Session& session) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command = group.add_subcommand(
      "replay", "Compute a stored report again from its inputs, and compare the bytes");
  command->add_option("NAME", *name, "A trial request, or a report of it")->required();
  OnCall(command, session, [&session, name] { return Replay(session, *name); });
}

}  // namespace

void AddWhatIfCommands(CLI::App& group, Session& session) {
  AddCompare(group, session);
  AddForecast(group, session);
  AddPortfolio(group, session);
  AddReplay(group, session);
}

}  // namespace trialgate::cli
