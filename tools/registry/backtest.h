// Asks of each trial of a registry where it would have been routed on the day that it was
// registered, and compares that with where it ran.
//
//   Backtest backtest(pack, places, known);
//   const Outcome outcome = backtest.Ask(trial);
#ifndef TRIALGATE_TOOLS_REGISTRY_BACKTEST_H_
#define TRIALGATE_TOOLS_REGISTRY_BACKTEST_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "tools/registry/experience.h"
#include "tools/registry/places.h"
#include "tools/registry/registered_trial.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::registry {

// Regions are `regions/{id}` of the pack.
struct Outcome {
  const RegisteredTrial* trial = nullptr;
  std::vector<std::string> specialities;
  // Those named, first the one to turn to first.
  std::vector<std::string> named;
  // Desks asked.
  int referrals = 0;
  // Where it was led from; empty where the registry does not tell.
  std::string lead;
  // Where it ran, as far as is known; the lead's too.
  std::set<std::string> real;
};

// Thread-compatible.
class Backtest {
 public:
  // `pack` is loaded without counted trials and without invented values. Of its sites only what is
  // no figure is kept: each has a free slot in every month, the policy's start-up days and no
  // history, so that nothing invented counts. `known` are the trials from which experience is
  // counted. They and `places` outlive this.
  Backtest(const v1::Pack& pack, const Places& places, const std::vector<RegisteredTrial>& known);

  // The trial is drafted from its record, matched in the regions of the pack's country and routed
  // as of the day of registration (else its start), with experience as of that day, counted
  // without the trial itself. INVALID_ARGUMENT where the record cannot be read, or tells neither
  // day.
  absl::StatusOr<Outcome> Ask(const RegisteredTrial& trial) const;

  const Placing& placing() const { return placing_; }
  // `regions/{id}` by code.
  const std::map<std::string, std::string>& regions() const { return regions_; }

 private:
  std::shared_ptr<const directory::DirectorySnapshot> DirectoryWith(
      const Experience& experience) const;
  void FindReal(const RegisteredTrial& trial, Outcome* outcome) const;

  const v1::Pack pack_;
  const Places& places_;
  const Placing placing_;
  std::map<std::string, std::string> regions_;
  std::map<std::string, std::string> region_of_hospital_;
  std::shared_ptr<const directory::DirectorySnapshot> directory_;
};

// How often what was named is what was real.
struct Score {
  // By real region: asked, and found first, among the first two, named at all.
  struct Counts {
    int asked = 0;
    int first = 0;
    int first_two = 0;
    int named = 0;
  };
  std::map<std::string, Counts> by_region;
  int trials = 0;
  int regions_named = 0;

  // Adds a trial with its real regions and those named.
  void Add(const std::set<std::string>& real, const std::vector<std::string>& named);

  // Shares, 0 to 1: over all that were asked, and as the mean of the shares of the regions.
  double Overall(int Counts::*count) const;
  double Macro(int Counts::*count) const;
  double NamedOnAverage() const;
};

}  // namespace trialgate::registry

#endif  // TRIALGATE_TOOLS_REGISTRY_BACKTEST_H_
