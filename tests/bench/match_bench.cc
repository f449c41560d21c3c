// Time of one match over invented directories: the plain matcher against the index, and how long a
// change of one site takes to be seen.
//
//   match_bench [--sites=1000,10000,100000,1000000] [--rounds=30] [--no-plain]
//
// The full answer is asked for (20 best sites, 20 near misses, counts, levers, regions, forecast).
// Requests and ways are interleaved, so that ratios hold on a noisy machine. Directories are drawn
// with a fixed seed: every run matches the same.
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
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/index/fast_match.h"
#include "services/feasibility/index/site_index.h"
#include "services/feasibility/matcher.h"
#include "services/feasibility/report.h"
#include "tests/bench/synthetic_directory.h"

namespace trialgate::feasibility {
namespace {

using bench::kSyntheticToday;
using Directory = std::shared_ptr<const directory::DirectorySnapshot>;

struct Options {
  std::vector<int> sites = {1000, 10000, 100000, 1000000};
  int rounds = 30;
  bool plain = true;
};

template <typename Work>
double MillisecondsOf(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

constexpr MatchPage kPage{20, 20, false};

void MatchAll(const Options& options, int sites, const Directory& directory,
              const SiteIndex& index) {
  const auto requests = bench::SyntheticRequests();
  std::vector<std::vector<double>> fast(requests.size());
  std::vector<std::vector<double>> plain(requests.size());
  std::vector<v1::FeasibilityReport> reports(requests.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      fast[i].push_back(MillisecondsOf([&] {
        reports[i] = FastMatch(requests[i].request, 0, *directory, index, kSyntheticToday, kPage);
      }));
      // The plain matcher takes up to minutes: it is asked less often.
      if (!options.plain || round >= (sites > 10000 ? 1 : 3)) continue;
      v1::FeasibilityReport report;
      plain[i].push_back(MillisecondsOf(
          [&] { report = Match(requests[i].request, 0, *directory, kSyntheticToday); }));
      KeepPage(kPage.eligible, kPage.near_misses, &report);
      if (SerializeReport(report) != SerializeReport(reports[i])) {
        std::fprintf(stderr, "the two differ\n");
        std::exit(1);
      }
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::printf("%8d %-6s %9d %9d %12.4f %12.4f %12.3f\n", sites, requests[i].name.c_str(),
                reports[i].eligible_count(), reports[i].near_miss_count(), Median(fast[i]),
                *std::min_element(fast[i].begin(), fast[i].end()), Median(plain[i]));
  }
}

// Until a change of one site is in the index.
double MillisecondsOfAChange(const Options& options, Directory directory,
                             std::shared_ptr<const SiteIndex> index) {
  std::vector<double> times;
  for (int round = 0; round < options.rounds; ++round) {
    const std::size_t at = directory->sites().size() * static_cast<std::size_t>(round) /
                           static_cast<std::size_t>(options.rounds);
    v1::SiteCapacity capacity = directory->sites()[at]->capacity;
    capacity.set_slots(capacity.slots() + 1);
    times.push_back(MillisecondsOf([&] {
      directory::DirectorySnapshotBuilder builder(*directory);
      builder.Put(capacity);
      Directory changed = builder.Build(directory->commit() + 1);
      index = SiteIndex::Of(*changed, index.get());
      directory = std::move(changed);
    }));
  }
  return Median(times);
}

void Run(const Options& options) {
  for (const int sites : options.sites) {
    const Directory directory = bench::SyntheticDirectory(sites);
    std::shared_ptr<const SiteIndex> index;
    const double built = MillisecondsOf([&] { index = SiteIndex::Of(*directory, nullptr); });
    std::printf("%8s %-6s %9s %9s %12s %12s %12s\n", "sites", "match", "eligible", "near",
                "index ms", "best ms", "plain ms");
    MatchAll(options, sites, directory, *index);
    std::printf("%8d sites: %.0f bytes a site, built in %.0f ms, a change in %.3f ms\n\n", sites,
                static_cast<double>(index->MemoryBytes()) / sites, built,
                MillisecondsOfAChange(options, directory, index));
  }
}

bool Parse(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--no-plain") {
      options->plain = false;
    } else if (absl::ConsumePrefix(&argument, "--rounds=")) {
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
}  // namespace trialgate::feasibility

int main(int argc, char** argv) {
  trialgate::feasibility::Options options;
  if (!trialgate::feasibility::Parse(argc, argv, &options)) {
    std::fprintf(stderr,
                 "match_bench: wants --sites=N,… --rounds=N, each at least 1, or --no-plain\n");
    return 2;
  }
  trialgate::feasibility::Run(options);
  return 0;
}
