// Time of one match over 1,000 and over 10,000 invented sites: what a portal waits for while a
// person types.
//
//   match_bench [--rounds=30]
//
// Three requests that differ in how much they ask are matched in turn, sizes interleaved, so that
// ratios hold on a noisy machine. Directories are drawn with a fixed seed: every run matches the
// same.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "services/directory/directory_snapshot.h"
#include "services/feasibility/matcher.h"

namespace trialgate::feasibility {
namespace {

constexpr int kSpecialities = 39;
constexpr int kCapabilities = 30;
constexpr int kRegions = 6;
constexpr absl::CivilDay kToday(2026, 3, 5);

using Directory = std::shared_ptr<const directory::DirectorySnapshot>;

class Drawer {
 public:
  int Int(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Maybe(double probability) { return std::bernoulli_distribution(probability)(random_); }

 private:
  std::mt19937 random_{20260305};
};

v1::Pack Settings() {
  v1::Pack settings;
  v1::Policy* policy = settings.mutable_policy();
  policy->set_version(1);
  policy->mutable_weights()->set_speciality(20);
  policy->mutable_weights()->set_experience(15);
  policy->mutable_weights()->set_patients(20);
  policy->mutable_weights()->set_headroom(10);
  policy->mutable_weights()->set_start_up(10);
  policy->mutable_weights()->set_track_record(10);
  policy->mutable_weights()->set_preferences(10);
  policy->mutable_weights()->set_freshness(5);
  policy->add_priors()->set_alpha(0.86);
  policy->mutable_priors(0)->set_beta(0.607);
  return settings;
}

void AddExperience(Drawer* draw, v1::Site* site) {
  for (const v1::Phase phase :
       {v1::PHASE_PHASE1, v1::PHASE_PHASE2, v1::PHASE_PHASE3, v1::PHASE_PHASE4}) {
    if (!draw->Maybe(0.7)) continue;
    site->add_phases()->set_phase(phase);
    site->mutable_phases(site->phases_size() - 1)->set_trials_five_years(draw->Int(0, 9));
  }
  for (int i = 0; i < 4; ++i) {
    v1::RecruitmentHistory* row = site->add_history();
    row->set_speciality(absl::StrCat("speciality-", draw->Int(0, kSpecialities - 1)));
    row->set_claimed(draw->Int(5, 40));
    row->set_actual(draw->Int(0, 40));
    row->set_site_months(draw->Int(3, 24));
  }
}

v1::Site DrawSite(Drawer* draw, int number) {
  v1::Site site;
  site.set_name(absl::StrFormat("sites/s%06d", number));
  site.set_display_name(absl::StrFormat("Hospital %d, department %d", number / 20, number % 20));
  site.set_region(absl::StrCat("regions/r", draw->Int(0, kRegions - 1)));
  site.add_kinds(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  if (draw->Maybe(0.5)) site.add_kinds(v1::TRIAL_KIND_MEDICAL_DEVICE);
  AddExperience(draw, &site);
  for (int id = 0; id < kSpecialities; ++id) {
    if (draw->Maybe(0.1)) site.add_specialities(absl::StrCat("speciality-", id));
  }
  site.add_age_groups(v1::AGE_GROUP_ADULT);
  if (draw->Maybe(0.8)) site.add_age_groups(v1::AGE_GROUP_OLDER_ADULT);
  for (int id = 0; id < kCapabilities; ++id) {
    if (draw->Maybe(0.5)) site.add_capabilities(absl::StrCat("capability-", id));
  }
  site.mutable_start_up()->set_median_days(draw->Int(20, 200));
  site.mutable_review()->set_date("2025-11-01");
  return site;
}

v1::SiteCapacity DrawCapacity(Drawer* draw, int number) {
  v1::SiteCapacity capacity;
  capacity.set_name(absl::StrFormat("sites/s%06d/capacity", number));
  capacity.set_slots(draw->Int(2, 8));
  for (int month = 0; month < 24; ++month) {
    v1::MonthUse* use = capacity.add_months();
    use->set_month(absl::StrFormat("%04d-%02d", 2026 + month / 12, 1 + month % 12));
    use->set_occupied_declared(draw->Int(0, 2));
  }
  return capacity;
}

Directory DrawDirectory(int sites) {
  Drawer draw;
  directory::DirectorySnapshotBuilder builder;
  builder.PutSettings(Settings());
  for (int i = 0; i < kRegions; ++i) {
    v1::Region region;
    region.set_name(absl::StrCat("regions/r", i));
    builder.Put(region);
  }
  for (int number = 0; number < sites; ++number) {
    builder.Put(DrawSite(&draw, number));
    builder.Put(DrawCapacity(&draw, number));
  }
  return builder.Build(1);
}

v1::TrialRequest Request() {
  v1::TrialRequest request;
  request.set_kind(v1::TRIAL_KIND_MEDICINAL_PRODUCT);
  request.set_first_patient_in_earliest("2026-06-01");
  request.set_recruitment_months(12);
  request.set_patients_wanted(200);
  request.set_sites_wanted(8);
  return request;
}

struct Question {
  const char* name;
  v1::TrialRequest request;
};

std::vector<Question> Questions() {
  Question broad{"broad: nothing but kind and dates", Request()};
  Question usual{"usual: phase, 2 specialities, 1 capability", Request()};
  usual.request.set_phase(v1::PHASE_PHASE2);
  usual.request.add_specialities("speciality-3");
  usual.request.add_specialities("speciality-4");
  usual.request.mutable_population()->add_age_groups(v1::AGE_GROUP_ADULT);
  usual.request.add_required_capabilities("capability-1");
  Question narrow = usual;
  narrow.name = "narrow: 6 capabilities, hence 6 levers";
  for (int id = 2; id <= 6; ++id) {
    narrow.request.add_required_capabilities(absl::StrCat("capability-", id));
  }
  return {broad, usual, narrow};
}

double MillisecondsOf(const Question& question, const Directory& directory, int* eligible) {
  const auto start = std::chrono::steady_clock::now();
  *eligible = Match(question.request, 0, *directory, kToday).eligible_size();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

void Run(int rounds) {
  const std::vector<Directory> directories = {DrawDirectory(1000), DrawDirectory(10000)};
  const std::vector<Question> questions = Questions();
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> times;
  std::map<std::pair<std::size_t, std::size_t>, int> eligible;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t q = 0; q < questions.size(); ++q) {
      for (std::size_t d = 0; d < directories.size(); ++d) {
        times[{q, d}].push_back(MillisecondsOf(questions[q], directories[d], &eligible[{q, d}]));
      }
    }
  }
  std::printf("%-45s %7s %9s %10s %10s\n", "request", "sites", "eligible", "median ms", "best ms");
  for (auto& [where, values] : times) {
    std::sort(values.begin(), values.end());
    std::printf("%-45s %7zu %9d %10.3f %10.3f\n", questions[where.first].name,
                directories[where.second]->sites().size(), eligible[where],
                values[values.size() / 2], values.front());
  }
}

}  // namespace
}  // namespace trialgate::feasibility

int main(int argc, char** argv) {
  int rounds = 30;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--rounds=") ||
        (rounds = std::atoi(std::string(argument).c_str())) < 1) {
      std::fprintf(stderr, "match_bench: wants --rounds=N, N at least 1\n");
      return 2;
    }
  }
  trialgate::feasibility::Run(rounds);
  return 0;
}
