// Trialgate's full answer against databases that answer a smaller question: which 20 sites are the
// best, and how many are eligible, without any reason.
//
//   answer_bench [--sites=1000,10000,100000] [--rounds=15]
//
// Trialgate answers in process from the index: 20 best sites with parts, counts by criterion, 20
// near misses, levers, regions, forecast. Of each database the fastest of several ways is taken
// (postgres_side.h, sqlite_side.h). All sides are asked in turns within a round; a database whose
// best sites or count differ from Trialgate's ends the run. A side whose library was absent at
// build time is left out.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/feasibility/index/fast_match.h"
#include "services/feasibility/index/site_index.h"
#include "services/feasibility/match_query.h"
#include "tests/bench/answer_side.h"
#include "tests/bench/synthetic_directory.h"
#ifdef TRIALGATE_WITH_POSTGRES
#include "tests/bench/postgres_side.h"
#endif
#ifdef TRIALGATE_WITH_SQLITE
#include "tests/bench/sqlite_side.h"
#endif

namespace trialgate::bench {
namespace {

using Directory = std::shared_ptr<const directory::DirectorySnapshot>;

struct Options {
  std::vector<int> sites = {1000, 10000, 100000};
  int rounds = 15;
};

class TrialgateSide {
 public:
  explicit TrialgateSide(const Directory& directory)
      : directory_(directory), index_(feasibility::SiteIndex::Of(*directory, nullptr)) {}

  v1::FeasibilityReport Answer(const v1::TrialRequest& request) const {
    return feasibility::FastMatch(request, 0, *directory_, *index_, kSyntheticToday,
                                  {kAnswerSites, kAnswerSites, false});
  }

  // What of a report the smaller question asks for.
  static SmallAnswer SmallOf(const v1::FeasibilityReport& report) {
    SmallAnswer answer;
    answer.eligible = report.eligible_count();
    for (const v1::EligibleSite& site : report.eligible()) {
      // "sites/s0000017": positions follow names.
      answer.best.push_back(std::atoi(site.site().c_str() + sizeof("sites/s") - 1));
    }
    return answer;
  }

 private:
  const Directory directory_;
  const std::shared_ptr<const feasibility::SiteIndex> index_;
};

struct Rival {
  const char* name;
  std::unique_ptr<AnswerSide> side;
  std::string way = {};
  std::vector<double> times = {};
};

std::vector<Rival> Rivals(const directory::DirectorySnapshot& directory) {
  std::vector<Rival> rivals;
#ifdef TRIALGATE_WITH_POSTGRES
  rivals.push_back({"PostgreSQL", MakePostgresSide(directory)});
#endif
#ifdef TRIALGATE_WITH_SQLITE
  rivals.push_back({"SQLite", MakeSqliteSide(directory)});
#endif
  return rivals;
}

template <typename Work>
double MillisecondsOf(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Compare(const SyntheticRequest& asked, const Directory& directory, int rounds,
             const TrialgateSide& trialgate, std::vector<Rival>* rivals) {
  const auto query = feasibility::PrepareQuery(asked.request, *directory, kSyntheticToday);
  for (Rival& rival : *rivals) {
    rival.way = rival.side->Prepare(query);
    rival.times.clear();
  }
  std::vector<double> times;
  SmallAnswer ours;
  for (int round = 0; round < rounds; ++round) {
    v1::FeasibilityReport report;
    times.push_back(MillisecondsOf([&] { report = trialgate.Answer(asked.request); }));
    ours = TrialgateSide::SmallOf(report);
    for (Rival& rival : *rivals) {
      SmallAnswer theirs;
      rival.times.push_back(MillisecondsOf([&] { theirs = rival.side->Answer(); }));
      if (theirs == ours) continue;
      std::fprintf(stderr, "%s answers %s otherwise: %d eligible, Trialgate %d\n", rival.name,
                   asked.name.c_str(), theirs.eligible, ours.eligible);
      std::exit(1);
    }
  }
  const double mine = Median(times);
  std::printf("%8zu %-6s %9d %-11s %10.3f\n", directory->sites().size(), asked.name.c_str(),
              ours.eligible, "Trialgate", mine);
  for (const Rival& rival : *rivals) {
    std::printf("%8s %-6s %9s %-11s %10.3f %8.1f  %s\n", "", "", "", rival.name,
                Median(rival.times), Median(rival.times) / mine, rival.way.c_str());
  }
  std::fflush(stdout);
}

void Run(const Options& options) {
#ifndef TRIALGATE_WITH_POSTGRES
  std::printf("built without PostgreSQL (libpq-dev, postgresql-15)\n");
#endif
#ifndef TRIALGATE_WITH_SQLITE
  std::printf("built without SQLite (libsqlite3-dev)\n");
#endif
  std::printf("%8s %-6s %9s %-11s %10s %8s  %s\n", "sites", "match", "eligible", "side",
              "median ms", "ratio", "fastest way");
  for (const int sites : options.sites) {
    const Directory directory = SyntheticDirectory(sites);
    const TrialgateSide trialgate(directory);
    std::vector<Rival> rivals = Rivals(*directory);
    for (const SyntheticRequest& asked : SyntheticRequests()) {
      Compare(asked, directory, options.rounds, trialgate, &rivals);
    }
  }
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--rounds=")) {
      if (!absl::SimpleAtoi(argument, &options->rounds) || options->rounds < 1) return false;
    } else if (absl::ConsumePrefix(&argument, "--sites=")) {
      options->sites.clear();
      for (const absl::string_view part : absl::StrSplit(argument, ',')) {
        options->sites.push_back(0);
        if (!absl::SimpleAtoi(part, &options->sites.back()) || options->sites.back() < 1) {
          return false;
        }
      }
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace trialgate::bench

int main(int argc, char** argv) {
  trialgate::bench::Options options;
  if (!trialgate::bench::Parse(argc, argv, &options)) {
    std::fprintf(stderr, "answer_bench: wants --sites=N,… --rounds=N, each at least 1\n");
    return 2;
  }
  trialgate::bench::Run(options);
  return 0;
}
