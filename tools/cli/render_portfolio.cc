#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/cli/render_what_if.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string OutcomeWords(const v1::PlanPortfolioResponse& plan, long long patients_wanted) {
  const std::string target = absl::StrCat(patients_wanted, " patients with a probability of ",
                                          Percent(plan.probability_asked()));
  if (plan.reached()) {
    return absl::StrCat(Count(plan.sites_size(), "site"), " reach ", target, ": ",
                        Percent(plan.forecast().probability()), ".");
  }
  return absl::StrCat("No set of sites within the limits reaches ", target, ". The closest is ",
                      Percent(plan.forecast().probability()), ".");
}

void AddSites(const v1::PlanPortfolioResponse& plan, Page* page) {
  Table table({{"ADDS", Overflow::kKeep, Align::kRight},
               {"EXP.", Overflow::kKeep, Align::kRight},
               {"80% BETWEEN", Overflow::kKeep},
               {"START", Overflow::kKeep},
               {"SITE", Overflow::kWrap}});
  for (const v1::PortfolioSite& site : plan.sites()) {
    table.AddRow({absl::StrCat(Decimal(100 * site.probability_added()), " points"),
                  Decimal(site.expected_patients()),
                  absl::StrCat(site.forecast().p10(), " and ", site.forecast().p90()),
                  site.earliest_start(),
                  absl::StrCat(Id(site.site()), site.rests_on_sample() ? " (sample)" : "", "\n",
                               site.display_name())});
  }
  page->Add(table);
}

}  // namespace

std::string RenderPortfolio(const v1::PlanPortfolioResponse& plan, long long patients_wanted,
                            const Screen& screen) {
  Page page(screen);
  for (const std::string& caveat : plan.caveats()) page.Words(absl::StrCat("! ", caveat));
  page.Heading("Portfolio");
  page.Words(OutcomeWords(plan, patients_wanted));
  page.Words(absl::StrCat("Chosen from ", plan.candidates_considered(), " of ",
                          Count(plan.candidates(), "eligible site"),
                          plan.optimal() ? "; no other set within the limits is better."
                                         : ", by adding what helps most and exchanging."));
  if (plan.regions_without_site_size() > 0) {
    page.Words(absl::StrCat("No site is eligible in ", Ids(plan.regions_without_site()), "."));
  }
  AddSites(plan, &page);
  AddPlot(plan.forecast(), patients_wanted, screen, &page);
  return page.Take();
}

std::string RenderReplay(const v1::ReplayFeasibilityReportResponse& replayed,
                         const Screen& screen) {
  Page page(screen);
  page.Heading(absl::StrCat("Replay of ", replayed.name()));
  page.Words(replayed.same() ? "The same inputs give the same bytes."
                             : "The same inputs give OTHER bytes.");
  page.Fields({{"differs in", absl::StrJoin(replayed.differing_fields(), ", ")},
               {"directory", absl::StrCat("as of commit ", replayed.directory_commit())},
               {"today", replayed.today()},
               {"revision", absl::StrCat(replayed.request_revision())},
               {"policy", absl::StrCat(replayed.policy_version())},
               {"engine", absl::StrCat(replayed.engine_version())},
               {"stored SHA-256", replayed.stored_sha256()},
               {"computed", replayed.computed_sha256()}});
  return page.Take();
}

}  // namespace trialgate::cli
