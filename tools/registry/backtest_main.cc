// Asks where registered trials would have been routed, and prints how often that is where they ran.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "tools/registry/backtest.h"
#include "tools/registry/files.h"

namespace trialgate::registry {
namespace {

using Counts = Score::Counts;

struct Options {
  std::string pack;
  std::vector<std::string> trials;
  std::vector<std::string> known;
  int examples = 5;
  bool each = false;
};

// What is named for every trial alike, whatever it is.
struct Baselines {
  std::vector<std::string> biggest;
  std::vector<std::string> by_population;
};

Baselines BaselinesOf(const Places& places, const std::map<std::string, std::string>& regions) {
  std::vector<std::pair<std::int64_t, std::string>> order;
  for (const auto& [code, population] : places.population()) {
    const auto region = regions.find(code);
    if (region != regions.end()) order.emplace_back(-population, region->second);
  }
  std::sort(order.begin(), order.end());
  Baselines baselines;
  for (const auto& [population, region] : order) {
    if (baselines.biggest.empty()) baselines.biggest.push_back(region);
    if (baselines.by_population.size() < 3) baselines.by_population.push_back(region);
  }
  return baselines;
}

void PrintScore(const std::string& name, const Score& score) {
  const auto part = [&score](int Counts::*count) {
    return absl::StrFormat("%5.1f /%5.1f", 100 * score.Macro(count), 100 * score.Overall(count));
  };
  std::cout << absl::StrFormat("  %-28s %14s %14s %14s %8.2f\n", name, part(&Counts::first),
                               part(&Counts::first_two), part(&Counts::named),
                               score.NamedOnAverage());
}

void PrintTable(const std::string& title, const std::vector<Outcome>& outcomes,
                const std::function<std::set<std::string>(const Outcome&)>& real,
                const Baselines& baselines) {
  Score routed;
  Score biggest;
  Score by_population;
  Score halves[2];
  int asked = 0;
  for (const Outcome& outcome : outcomes) {
    const std::set<std::string> regions = real(outcome);
    if (regions.empty()) continue;
    routed.Add(regions, outcome.named);
    halves[asked++ % 2].Add(regions, outcome.named);
    biggest.Add(regions, baselines.biggest);
    by_population.Add(regions, baselines.by_population);
  }
  if (asked == 0) return;
  std::cout << absl::StrFormat("\n%s: %d trials; %% macro-averaged over regions / overall\n", title,
                               asked);
  std::cout << absl::StrFormat("  %-28s %14s %14s %14s %8s\n", "", "first", "first two", "named",
                               "regions");
  PrintScore("Trialgate", routed);
  PrintScore("always the biggest region", biggest);
  PrintScore("regions by population", by_population);
  PrintScore("Trialgate, every other", halves[0]);
  PrintScore("Trialgate, the others", halves[1]);
  for (const auto& [region, counts] : routed.by_region) {
    std::cout << absl::StrFormat(
        "  %-28s %14.1f %14.1f %14.1f %8d\n", region, 100.0 * counts.first / counts.asked,
        100.0 * counts.first_two / counts.asked, 100.0 * counts.named / counts.asked, counts.asked);
  }
}

void PrintExamples(const std::string& title, const std::vector<const Outcome*>& outcomes,
                   int examples) {
  std::cout << "\n" << title << ": " << outcomes.size() << "\n";
  // Evenly over all, not the first.
  const std::size_t step = std::max<std::size_t>(1, outcomes.size() / std::max(1, examples));
  for (std::size_t i = 0; i < outcomes.size() && examples > 0; i += step, --examples) {
    const Outcome& outcome = *outcomes[i];
    std::cout << "  " << outcome.trial->ids.front() << " (" << absl::StrJoin(outcome.real, ", ")
              << "; read: "
              << (outcome.specialities.empty() ? "nothing"
                                               : absl::StrJoin(outcome.specialities, ", "))
              << ") " << ShortenUtf8(outcome.trial->title, 110) << "\n";
  }
}

absl::Status Run(const Options& options) {
  ABSL_ASSIGN_OR_RETURN(const v1::Pack pack, ReadPackWithoutExperience(options.pack));
  ABSL_ASSIGN_OR_RETURN(const Places places, ReadPlacesOf(options.pack));
  ABSL_ASSIGN_OR_RETURN(const std::vector<RegisteredTrial> trials,
                        ReadTrials(options.trials, pack.display_name()));
  ABSL_ASSIGN_OR_RETURN(
      const std::vector<RegisteredTrial> known,
      ReadTrials(options.known.empty() ? options.trials : options.known, pack.display_name()));
  const Backtest backtest(pack, places, known);
  std::vector<Outcome> outcomes;
  double referrals = 0;
  for (const RegisteredTrial& trial : trials) {
    absl::StatusOr<Outcome> outcome = backtest.Ask(trial);
    if (!outcome.ok()) {
      std::cout << "not asked: " << trial.ids.front() << ": " << outcome.status().message() << "\n";
      continue;
    }
    referrals += outcome->referrals;
    outcomes.push_back(*std::move(outcome));
  }
  std::vector<const Outcome*> mute;
  std::vector<const Outcome*> missed;
  for (const Outcome& outcome : outcomes) {
    if (options.each) {
      std::cout << outcome.trial->ids.front() << "\t" << absl::StrJoin(outcome.real, ",") << "\t"
                << absl::StrJoin(outcome.named, ",") << "\t"
                << absl::StrJoin(outcome.specialities, ",") << "\t" << outcome.trial->title << "\n";
    }
    const bool hit =
        std::any_of(outcome.named.begin(), outcome.named.end(),
                    [&](const std::string& region) { return outcome.real.count(region) > 0; });
    if (outcome.specialities.empty()) mute.push_back(&outcome);
    if (!outcome.specialities.empty() && !hit && !outcome.real.empty()) missed.push_back(&outcome);
  }
  std::cout << absl::StrFormat(
      "%d trials asked, experience from %d trials (%d with a site of the pack), %.1f desks asked "
      "on average\n",
      outcomes.size(), backtest.placing().trials.size(),
      std::count_if(backtest.placing().trials.begin(), backtest.placing().trials.end(),
                    [](const PlacedTrial& placed) { return !placed.sites.empty(); }),
      outcomes.empty() ? 0.0 : referrals / static_cast<double>(outcomes.size()));
  const Baselines baselines = BaselinesOf(places, backtest.regions());
  PrintTable(
      "Lead regions", outcomes,
      [](const Outcome& outcome) {
        return outcome.lead.empty() ? std::set<std::string>{} : std::set<std::string>{outcome.lead};
      },
      baselines);
  PrintTable(
      "Regions of real sites", outcomes, [](const Outcome& outcome) { return outcome.real; },
      baselines);
  PrintExamples("Titles and conditions tell no speciality, so every region is as good", mute,
                options.examples);
  PrintExamples("A speciality is read, but no region where the trial ran is named", missed,
                options.examples);
  return absl::OkStatus();
}

}  // namespace
}  // namespace trialgate::registry

int main(int argc, char** argv) {
  trialgate::registry::Options options;
  CLI::App app("Asks where registered trials would have been routed, and where they ran.");
  app.add_option("--pack", options.pack, "Folder of the country's pack")->required();
  app.add_option("--trials", options.trials,
                 "Trials to ask about: folders of study records, study records, lists of trials")
      ->required();
  app.add_option("--known", options.known,
                 "Trials from which experience is counted; absent: those asked about");
  app.add_option("--examples", options.examples, "Examples of each kind")
      ->check(CLI::Range(0, 1000));
  app.add_flag("--each", options.each, "A line for each trial");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = trialgate::registry::Run(options);
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}
