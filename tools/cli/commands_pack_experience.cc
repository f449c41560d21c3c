#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/files.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"
#include "tools/registry/experience.h"
#include "tools/registry/files.h"

namespace trialgate::cli {
namespace {

struct ExperienceOptions {
  std::string folder;
  std::vector<std::string> trials;
  std::string as_of;
  bool write = false;
};

// Sites with their trials by phase; of trials to which phases do not apply the number alone.
Table TableOf(const registry::Experience& experience) {
  Table table({{"SITE", Overflow::kWrap},
               {"PHASE", Overflow::kKeep},
               {"TRIALS", Overflow::kKeep, Align::kRight}});
  for (const auto& [site, phases] : experience) {
    for (const auto& [phase, trials] : phases) {
      table.AddRow({site, Word(phase), absl::StrCat(trials)});
    }
  }
  return table;
}

Table TableOf(const std::vector<registry::Unplaced>& unplaced) {
  Table table({{"TRIAL", Overflow::kKeep}, {"WHY", Overflow::kWrap}});
  for (const registry::Unplaced& one : unplaced) table.AddRow({one.trial, one.reason});
  return table;
}

nlohmann::ordered_json JsonOf(const registry::Experience& experience,
                              const std::vector<registry::Unplaced>& unplaced) {
  nlohmann::ordered_json document;
  document["sites"] = nlohmann::ordered_json::array();
  for (const auto& [site, phases] : experience) {
    nlohmann::ordered_json counts;
    for (const auto& [phase, trials] : phases) counts[v1::Phase_Name(phase)] = trials;
    document["sites"].push_back({{"site", site}, {"trials", counts}});
  }
  document["unplaced"] = nlohmann::ordered_json::array();
  for (const registry::Unplaced& one : unplaced) {
    document["unplaced"].push_back(
        {{"trial", one.trial}, {"title", one.title}, {"reason", one.reason}});
  }
  return document;
}

absl::Status Write(const std::string& folder, const std::string& content) {
  const std::string path = absl::StrCat(folder, "/", registry::kExperienceFile);
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  return out ? absl::OkStatus() : UsageError(absl::StrCat(path, " cannot be written"));
}

absl::Status CountAndShow(Session& session, const ExperienceOptions& options) {
  const auto as_of = ParseDate(options.as_of);
  if (!as_of.ok()) return UsageError(absl::StrCat("--as-of: ", as_of.status().message()));
  ABSL_ASSIGN_OR_RETURN(const v1::Pack pack, registry::ReadPackWithoutExperience(options.folder));
  ABSL_ASSIGN_OR_RETURN(const registry::Places places, registry::ReadPlacesOf(options.folder));
  ABSL_ASSIGN_OR_RETURN(const std::vector<registry::RegisteredTrial> trials,
                        registry::ReadTrials(options.trials, pack.display_name()));
  const registry::Placing placing = registry::PlaceTrials(trials, pack, places);
  const registry::Experience experience = registry::CountExperience(placing.trials, *as_of);
  if (options.write) {
    ABSL_RETURN_IF_ERROR(Write(options.folder, registry::ExperienceFile(experience, *as_of)));
  }

  Page page(session.screen());
  page.Words(absl::StrCat(Count(placing.trials.size(), "trial"), "; as of ", options.as_of,
                          " those of the five years before have ", Count(experience.size(), "site"),
                          " of the pack."));
  page.Heading("Trials by site and phase");
  page.Add(TableOf(experience));
  page.Heading(absl::StrCat("Not placed: ", placing.unplaced.size()));
  page.Add(TableOf(placing.unplaced));
  session.Show(JsonOf(experience, placing.unplaced), page.Take());
  session.Note(options.write
                   ? absl::StrCat(options.folder, "/", registry::kExperienceFile, " is written.")
                   : "Nothing is written: --write puts it into the pack.");
  return absl::OkStatus();
}

}  // namespace

void AddPackExperienceCommand(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ExperienceOptions>();
  CLI::App* command = group.add_subcommand(
      "experience",
      "Count in study registries how many trials of each phase a pack's sites ran in five years");
  command->add_option("FOLDER", options->folder, "The pack's folder")->required();
  command
      ->add_option("--trials", options->trials,
                   "Folders of study records, study records, lists of trials (JSON)")
      ->required();
  command->add_option("--as-of", options->as_of, "The last of the five years' days, 2026-11-23")
      ->required();
  command->add_flag("--write", options->write,
                    "Write the pack's experience.json; without it, only show");
  OnLocalCall(command, session, [&session, options] { return CountAndShow(session, *options); });
}

}  // namespace trialgate::cli
