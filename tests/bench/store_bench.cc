// Commits a second of the memory store and the RocksDB store, from 1 and from 64 writers, in one
// run with the rounds interleaved, so that the ratios hold on a noisy machine; and the histogram of
// commits per sync.
//
//   store_bench [--seconds=1] [--rounds=3] [--folder=DIR]
//
// Each commit writes what a small request does: 2 KB over three keys and an event of 300 bytes, on
// keys of the writer's own, and tests the version of one of them. The folder should lie on the disk
// that is to be measured; it is made and removed.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/store/memory_store.h"
#include "common/store/rocksdb_store.h"

namespace trialgate::store {
namespace {

struct Settings {
  double seconds = 1;
  int rounds = 3;
  std::string folder = "store_bench_data";
};

constexpr std::size_t kValueBytes = 680;
constexpr std::size_t kEventBytes = 300;

// Commits until told to stop; returns how many were committed.
long CommitUntil(Store* store, int writer, const std::string& run, const std::atomic<bool>& stop) {
  const std::string value(kValueBytes, 'v');
  const std::string key = absl::StrCat("01/", run, "/", writer, "/");
  CommitNumber version = 0;
  long committed = 0;
  while (!stop) {
    CommitRequest request;
    request.id = absl::StrCat(run, ".", writer, ".", committed);
    request.preconditions = {Precondition::AtVersion(absl::StrCat(key, "head"), version)};
    request.writes = {{absl::StrCat(key, "head"), value},
                      {absl::StrCat(key, "a", committed), value},
                      {absl::StrCat(key, "b", committed), value}};
    request.event = std::string(kEventBytes, 'e');
    const auto outcome = store->Commit(std::move(request));
    if (!outcome.ok() || outcome->kind != CommitOutcome::Kind::kCommitted) {
      std::fprintf(stderr, "a commit failed: %s\n", outcome.status().ToString().c_str());
      std::exit(1);
    }
    version = outcome->number;
    ++committed;
  }
  return committed;
}

// Commits a second from `writers` threads.
double Measure(Store* store, int writers, const std::string& run, double seconds) {
  std::atomic<bool> stop = false;
  std::atomic<long> committed = 0;
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, writer] { committed += CommitUntil(store, writer, run, stop); });
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(committed) / took.count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void PrintHistogram(const std::vector<std::int64_t>& before, const StoreStats& after) {
  for (std::size_t i = 0; i < after.commits_per_sync.size(); ++i) {
    const std::int64_t syncs = after.commits_per_sync[i] - (i < before.size() ? before[i] : 0);
    if (syncs == 0) continue;
    std::printf("    %5d to %5d commits: %lld syncs\n", 1 << i, (1 << (i + 1)) - 1,
                static_cast<long long>(syncs));
  }
}

int Run(const Settings& settings) {
  std::filesystem::remove_all(settings.folder);
  RocksDbStoreOptions options;
  options.folder = settings.folder;
  auto rocksdb = OpenRocksDbStore(options);
  if (!rocksdb.ok()) {
    std::fprintf(stderr, "%s\n", rocksdb.status().ToString().c_str());
    return 1;
  }
  const std::unique_ptr<Store> memory = NewMemoryStore();
  const std::map<std::string, Store*> stores = {{"memory", memory.get()},
                                                {"rocksdb", rocksdb->get()}};
  std::map<std::string, double> medians;
  for (const int writers : {1, 64}) {
    std::map<std::string, std::vector<double>> rates;
    std::map<std::string, StoreStats> before;
    for (const auto& [name, store] : stores) before[name] = store->Stats();
    for (int round = 0; round < settings.rounds; ++round) {
      for (const auto& [name, store] : stores) {
        rates[name].push_back(
            Measure(store, writers, absl::StrCat(writers, "-", round), settings.seconds));
      }
    }
    for (const auto& [name, store] : stores) {
      const double rate = Median(rates[name]);
      medians[absl::StrCat(name, writers)] = rate;
      const StoreStats stats = store->Stats();
      const StoreStats& earlier = before[name];
      std::printf("%-8s %3d writers: %8.0f commits/s, %.1f commits per sync\n", name.c_str(),
                  writers, rate,
                  static_cast<double>(stats.commits - earlier.commits) /
                      static_cast<double>(stats.syncs - earlier.syncs));
      PrintHistogram(earlier.commits_per_sync, stats);
    }
  }
  std::printf("rocksdb / memory:  %.2f with 1 writer, %.2f with 64\n",
              medians["rocksdb1"] / medians["memory1"], medians["rocksdb64"] / medians["memory64"]);
  std::printf("64 / 1 writers:    %.2f memory, %.2f rocksdb\n",
              medians["memory64"] / medians["memory1"], medians["rocksdb64"] / medians["rocksdb1"]);
  rocksdb->reset();
  std::filesystem::remove_all(settings.folder);
  return 0;
}

}  // namespace
}  // namespace trialgate::store

int main(int argc, char** argv) {
  trialgate::store::Settings settings;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--seconds=")) {
      settings.seconds = std::atof(std::string(argument).c_str());
    } else if (absl::ConsumePrefix(&argument, "--rounds=")) {
      settings.rounds = std::max(1, std::atoi(std::string(argument).c_str()));
    } else if (absl::ConsumePrefix(&argument, "--folder=")) {
      settings.folder = std::string(argument);
    } else {
      std::fprintf(stderr, "usage: store_bench [--seconds=1] [--rounds=3] [--folder=DIR]\n");
      return 2;
    }
  }
  return trialgate::store::Run(settings);
}
