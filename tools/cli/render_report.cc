#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr absl::string_view kPartsLegend =
    "Points make up the score: SPEC specialities, EXPE experience with the phase, PATS expected "
    "patients, HEAD free capacity (– where you may not see it), STUP short start-up, TRCK patients "
    "recruited against claimed, "
    "PREF preferences, FRSH recent review.";

void AddCaveats(const v1::FeasibilityReport& report, Page* page) {
  if (report.rests_on_sample()) {
    page->Words(
        "! This report rests on SAMPLE values, invented to show how the program works: do not "
        "rely on it.");
  }
  for (const std::string& caveat : report.caveats()) page->Words(absl::StrCat("! ", caveat));
}

void AddSummary(const v1::FeasibilityReport& report, long long patients_wanted, Page* page) {
  page->Heading(report.name().empty() ? "Feasibility"
                                      : absl::StrCat("Feasibility: ", report.name()));
  if (report.sites_considered() == 0) {
    page->Words("No site is asked for: people answer, as said below.");
  } else {
    const int eligible = std::max(report.eligible_count(), report.eligible_size());
    const int near_misses = std::max(report.near_miss_count(), report.near_misses_size());
    page->Words(absl::StrCat(eligible, " of ", Count(report.sites_considered(), "site"),
                             " could run it, ", near_misses, " fail by one criterion."));
    if (eligible > report.eligible_size() || near_misses > report.near_misses_size()) {
      page->Words(absl::StrCat("Listed are the best ", report.eligible_size(), ", and ",
                               report.near_misses_size(), " near misses; --sites lists more."));
    }
  }
  const v1::Forecast& forecast = report.forecast();
  if (report.eligible_size() > 0) {
    std::string words =
        absl::StrCat("All of them together: ", Decimal(forecast.mean()),
                     " patients expected, 80% between ", forecast.p10(), " and ", forecast.p90());
    if (patients_wanted > 0) {
      absl::StrAppend(&words, "; probability of the ", patients_wanted, " wanted ",
                      Percent(forecast.probability()));
    }
    page->Words(words + ".");
  }
  const v1::MatchInputs& inputs = report.inputs();
  page->Words(absl::StrCat("Computed for ", inputs.today(), " from the directory at commit ",
                           inputs.directory_commit(), ", policy ", inputs.policy_version(),
                           ", engine ", inputs.engine_version(), "."));
}

// The points side by side, each four columns wide, so that sites compare at a glance.
constexpr int kRoomForParts = 100;
constexpr absl::string_view kPartsHeader = "SPEC EXPE PATS HEAD STUP TRCK PREF FRSH";

std::string PartsCell(const v1::ScoreParts& parts) {
  std::vector<std::string> points;
  for (const double part :
       {parts.speciality(), parts.experience(), parts.patients(), parts.headroom(),
        parts.start_up(), parts.track_record(), parts.preferences(), parts.freshness()}) {
    points.push_back(Pad(Decimal(part), 4, true));
  }
  // An eligible site has a free slot in every month: no points at all were left out for requesters.
  constexpr std::size_t kHeadroom = 3;
  if (parts.headroom() == 0) points[kHeadroom] = Pad("–", 4, true);
  return absl::StrJoin(points, " ");
}

// The points stand under the site's name where there is no room for them beside it.
bool IsNarrow(const Screen& screen) { return screen.width < kRoomForParts; }

Table SiteTable(const Screen& screen) {
  if (IsNarrow(screen)) {
    return Table({{"SCORE", Overflow::kKeep, Align::kRight},
                  {"EXP.", Overflow::kKeep, Align::kRight},
                  {"START", Overflow::kKeep},
                  {absl::StrCat("SITE\n", kPartsHeader), Overflow::kWrap}});
  }
  return Table({{"SCORE", Overflow::kKeep, Align::kRight},
                {std::string(kPartsHeader), Overflow::kKeep, Align::kRight},
                {"EXP.", Overflow::kKeep, Align::kRight},
                {"START", Overflow::kKeep},
                {"SITE", Overflow::kWrap}});
}

void AddSiteRow(const v1::EligibleSite& site, const Screen& screen, Table* table) {
  if (IsNarrow(screen)) {
    table->AddRow({Decimal(site.score()), Decimal(site.expected_patients()), site.earliest_start(),
                   absl::StrCat(Id(site.site()), site.rests_on_sample() ? " (sample)" : "", "\n",
                                site.display_name(), "\n", PartsCell(site.parts()))});
    return;
  }
  table->AddRow({Decimal(site.score()), PartsCell(site.parts()), Decimal(site.expected_patients()),
                 site.earliest_start(),
                 absl::StrCat(Id(site.site()), site.rests_on_sample() ? " (sample)" : "", "\n",
                              site.display_name())});
}

void AddRegions(const v1::FeasibilityReport& report, const Screen& screen, Page* page) {
  std::map<std::string, Table> tables;
  for (const v1::EligibleSite& site : report.eligible()) {
    AddSiteRow(site, screen, &tables.try_emplace(site.region(), SiteTable(screen)).first->second);
  }
  for (const v1::RegionSummary& region : report.regions()) {
    page->Heading(absl::StrCat(region.display_name(), ": ", Count(region.eligible_sites(), "site"),
                               ", ", Decimal(region.expected_patients()), " patients expected (",
                               region.p10(), " to ", region.p90(), "), from ",
                               region.earliest_start()));
    const auto table = tables.find(region.region());
    if (table == tables.end()) continue;
    page->Add(table->second);
    tables.erase(table);
  }
  // Every eligible site is shown, also one whose region the report does not sum.
  for (const auto& [region, table] : tables) {
    page->Heading(region);
    page->Add(table);
  }
  if (report.eligible_size() > 0) {
    page->Heading(kPartsLegend);
    page->Words("EXP.: patients expected in the window. 80% of outcomes lie in the spans given.");
  }
}

std::string MissingWords(const v1::NearMiss& miss) {
  const std::string values = Joined(miss.missing());
  const auto with = [&](absl::string_view words, absl::string_view without) {
    return values.empty() ? std::string(without) : absl::StrCat(words, values);
  };
  switch (miss.criterion()) {
    case v1::CRITERION_ACTIVE:
      return "not active on the earliest first-patient-in date";
    case v1::CRITERION_NOT_CONTACTED:
      return "was contacted already";
    case v1::CRITERION_REGION:
      return "stands in none of the regions wanted";
    case v1::CRITERION_KIND:
      return "does not take this kind of trial";
    case v1::CRITERION_PHASE: {
      std::vector<std::string> phases;
      for (const std::string& phase : miss.missing()) {
        const auto parsed = ParseWord<v1::Phase>(phase);
        phases.push_back(parsed.ok() ? Word(*parsed) : phase);
      }
      return phases.empty() ? "does not run this phase"
                            : absl::StrCat("does not run ", Joined(phases));
    }
    case v1::CRITERION_SPECIALITY:
      return with("lacks the speciality: ", "lacks the speciality");
    case v1::CRITERION_AGE: {
      std::vector<std::string> groups;
      for (const std::string& group : miss.missing()) {
        const auto parsed = ParseWord<v1::AgeGroup>(group);
        groups.push_back(parsed.ok() ? Word(*parsed) : group);
      }
      return groups.empty() ? "does not treat the age groups wanted"
                            : absl::StrCat("does not treat: ", Joined(groups));
    }
    case v1::CRITERION_CAPABILITY:
      return with("lacks: ", "lacks a required capability");
    case v1::CRITERION_START_UP:
      return absl::StrCat("would start ", Count(miss.days_late(), "day"), " too late");
    case v1::CRITERION_CAPACITY:
      return with("no free slot in ", "no free slot in some month");
    default:
      return Word(miss.criterion());
  }
}

// Sites that lack the same are told together where they are many: the one speciality that half the
// country lacks would hide what is worth reading.
constexpr std::size_t kMostToldOneByOne = 6;
constexpr std::size_t kMostNamed = 10;

void AddManyMisses(const std::string& words, const std::vector<const v1::NearMiss*>& misses,
                   Page* page) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < misses.size() && i < kMostNamed; ++i) {
    ids.push_back(Id(misses[i]->site()));
  }
  std::string named = Joined(ids);
  if (misses.size() > kMostNamed) {
    absl::StrAppend(&named, " and ", misses.size() - kMostNamed, " more: -o json names them");
  }
  page->Words(absl::StrCat("* ", Count(static_cast<long long>(misses.size()), "site"), ": ", words),
              2);
  page->Words(named, 4);
}

void AddNearMisses(const v1::FeasibilityReport& report, Page* page) {
  if (report.near_misses_size() == 0) return;
  std::map<std::string, std::vector<const v1::NearMiss*>> by_words;
  for (const v1::NearMiss& miss : report.near_misses()) {
    by_words[MissingWords(miss)].push_back(&miss);
  }
  page->Heading("Near misses: sites that fail by one criterion");
  Table table({{"SITE"},
               {"REGION"},
               {"CRITERION", Overflow::kKeep},
               {"WHAT IS MISSING"},
               {"EXP.", Overflow::kKeep, Align::kRight}});
  for (const v1::NearMiss& miss : report.near_misses()) {
    const std::string words = MissingWords(miss);
    if (by_words[words].size() > kMostToldOneByOne) continue;
    table.AddRow({absl::StrCat(Id(miss.site()), "\n", miss.display_name()), Id(miss.region()),
                  Word(miss.criterion()), words, Decimal(miss.expected_patients())});
  }
  page->Add(table, 2);
  for (const auto& [words, misses] : by_words) {
    if (misses.size() > kMostToldOneByOne) AddManyMisses(words, misses, page);
  }
}

void AddFailures(const v1::FeasibilityReport& report, Page* page) {
  std::vector<std::string> counts;
  for (const v1::CriterionCount& count : report.failed()) {
    if (count.sites() > 0)
      counts.push_back(absl::StrCat(Word(count.criterion()), " ", count.sites()));
  }
  if (counts.empty()) return;
  page->Heading("Sites that fail each criterion, near misses included");
  page->Words(Joined(counts), 2);
}

std::string LeverWords(const v1::Lever& lever) {
  const auto word = [&] {
    return absl::StrReplaceAll(absl::AsciiStrToLower(lever.value()), {{"_", " "}});
  };
  switch (lever.kind()) {
    case v1::LEVER_KIND_DROP_CAPABILITY:
      return absl::StrCat("do without the capability ", lever.value());
    case v1::LEVER_KIND_DROP_AGE_GROUP:
      return absl::StrCat("leave out the age group ", word());
    case v1::LEVER_KIND_ANY_SPECIALITY:
      return "any of the specialities, not all";
    case v1::LEVER_KIND_NARROW_PHASE:
      return absl::StrCat("only ", word());
    case v1::LEVER_KIND_ADD_REGION:
      return absl::StrCat("also in ", Id(lever.value()));
    case v1::LEVER_KIND_LATER_LATEST_FIRST_PATIENT_IN:
      return absl::StrCat("first patient in by ", lever.value());
    case v1::LEVER_KIND_LATER_START:
      return absl::StrCat("start ", lever.value(), lever.value() == "1" ? " month" : " months",
                          " later");
    default:
      return absl::StrCat(Word(lever.kind()), " ", lever.value());
  }
}

void AddLevers(const v1::FeasibilityReport& report, Page* page) {
  if (report.levers_size() == 0) return;
  page->Heading("Levers: what one change to the request would bring");
  Table table({{"CHANGE"},
               {"SITES GAINED", Overflow::kKeep, Align::kRight},
               {"LOST", Overflow::kKeep, Align::kRight},
               {"PATIENTS GAINED", Overflow::kKeep, Align::kRight}});
  for (const v1::Lever& lever : report.levers()) {
    table.AddRow({LeverWords(lever), absl::StrCat(lever.sites_gained()),
                  absl::StrCat(lever.sites_lost()), Decimal(lever.expected_patients_gained())});
  }
  page->Add(table, 2);
}

std::string RuleWords(const v1::PlannedReferral& referral) {
  std::vector<std::string> rules;
  for (int i = 0; i < referral.rules_size(); ++i) {
    const bool described = i < referral.rule_descriptions_size();
    rules.push_back(
        described ? absl::StrCat(referral.rule_descriptions(i), " (rule ", referral.rules(i), ")")
                  : absl::StrCat("rule ", referral.rules(i)));
  }
  std::string words;
  for (const std::string& rule : rules) absl::StrAppend(&words, words.empty() ? "" : "; ", rule);
  return words;
}

void AddReferrals(const v1::FeasibilityReport& report, Page* page) {
  if (report.referrals_size() == 0) return;
  page->Heading("Who is asked, and why");
  for (const v1::PlannedReferral& referral : report.referrals()) {
    page->Words(absl::StrCat("* ", referral.desk_display_name(), " [", Id(referral.desk()), "]"),
                2);
    const std::string person = referral.contact_display_name().empty()
                                   ? Id(referral.contact())
                                   : referral.contact_display_name();
    page->Fields({{"because", RuleWords(referral)},
                  {"contact", referral.contact_reason().empty()
                                  ? person
                                  : absl::StrCat(person, ": ", referral.contact_reason())},
                  {"sites", Ids(referral.sites())},
                  {"informed", Ids(referral.informed_desks())}},
                 4);
  }
}

}  // namespace

std::string RenderReport(const v1::FeasibilityReport& report, long long patients_wanted,
                         const Screen& screen) {
  Page page(screen);
  AddCaveats(report, &page);
  AddSummary(report, patients_wanted, &page);
  AddRegions(report, screen, &page);
  AddNearMisses(report, &page);
  AddFailures(report, &page);
  AddLevers(report, &page);
  AddReferrals(report, &page);
  return page.Take();
}

}  // namespace trialgate::cli
