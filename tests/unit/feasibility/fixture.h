// An invented country, and a request and a site that fit each other: tests change one thing.
#ifndef TRIALGATE_TESTS_UNIT_FEASIBILITY_FIXTURE_H_
#define TRIALGATE_TESTS_UNIT_FEASIBILITY_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/pack.pb.h"
#include "trialgate/v1/trial_request.pb.h"

namespace trialgate::feasibility {

inline constexpr absl::CivilDay kToday(2026, 3, 5);

// Default policy, version 7; specialities heart, brain, skin; capabilities mri, freezer, robot.
v1::Pack Settings();

// Regions: hills; coast until 2026-12-31, then its successor shore; marsh, which ended without one.
// Organization: organizations/acme.
directory::DirectorySnapshotBuilder Country();

// In the hills, median start-up 30 days, reviewed today, no history.
v1::Site FittingSite(const std::string& id = "a");
v1::SiteCapacity Capacity(const std::string& id, int slots);

// First patient in from 2026-06-01 (latest 2026-08-01), six months, phase 2, heart, adults, MRI.
v1::TrialRequest FittingRequest();

// The country with one site that has two slots.
std::shared_ptr<const directory::DirectorySnapshot> CountryWith(const v1::Site& site);
std::shared_ptr<const directory::DirectorySnapshot> CountryWith(const v1::Site& site,
                                                                const v1::SiteCapacity& capacity);

// Adds the use of a month.
void Use(v1::SiteCapacity* capacity, const std::string& month, int declared, int confirmed = 0,
         int held = 0);

}  // namespace trialgate::feasibility

#endif  // TRIALGATE_TESTS_UNIT_FEASIBILITY_FIXTURE_H_
