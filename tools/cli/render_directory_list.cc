// Lists of the directory: a line or two for each record; the further columns of -o wide.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// Below, names in words stand under ids, as there is no room for them beside.
constexpr int kRoomForNames = 100;

bool IsNarrow(const Screen& screen) { return screen.width < kRoomForNames && !screen.wide; }

std::string NameCell(const std::string& name, const std::string& words, bool narrow) {
  return narrow && !words.empty() ? absl::StrCat(Id(name), "\n", words) : Id(name);
}

// The records of before organizations were approved have no state, which is as approved.
std::string StateWord(const v1::Organization& organization) {
  const std::string word = Word(organization.state());
  return word.empty() ? Word(v1::ORGANIZATION_STATE_APPROVED) : word;
}

}  // namespace

std::string RenderRegionList(const v1::ListRegionsResponse& list, const Screen& screen) {
  const bool narrow = IsNarrow(screen);
  Table table({{"REGION"},
               {"NAME"},
               {"LOCAL NAME"},
               {"COUNTRY", Overflow::kKeep},
               {"CODES"},
               {"VALID", Overflow::kKeep},
               {"SUCCESSOR"},
               {"TEXTS", Overflow::kKeep, Align::kRight}});
  for (const v1::Region& region : list.regions()) {
    table.AddRow({NameCell(region.name(), region.display_name(), narrow),
                  narrow ? "" : region.display_name(), screen.wide ? region.local_name() : "",
                  region.country(), screen.wide ? CodeWords(region.codes()) : "",
                  Validity(region.valid_from(), region.valid_to()), Id(region.successor()),
                  screen.wide ? absl::StrCat(region.texts_size()) : ""});
  }
  return RenderTable(table, screen);
}

std::string RenderDeskList(const v1::ListDesksResponse& list, const Screen& screen) {
  const bool narrow = IsNarrow(screen);
  Table table({{"DESK"},
               {"KIND", Overflow::kKeep},
               {"VALID", Overflow::kKeep},
               {"NAME"},
               {"REGIONS"},
               {"SPECIALITIES"},
               {"LEAD"},
               {"TIME ZONE"},
               {"SUCCESSOR"}});
  for (const v1::Desk& desk : list.desks()) {
    table.AddRow({NameCell(desk.name(), desk.display_name(), narrow), Word(desk.kind()),
                  Validity(desk.valid_from(), desk.valid_to()), narrow ? "" : desk.display_name(),
                  screen.wide ? Ids(desk.regions()) : "",
                  screen.wide ? Joined(desk.specialities()) : "",
                  screen.wide ? Id(desk.lead()) : "", screen.wide ? desk.time_zone() : "",
                  screen.wide ? Id(desk.successor()) : ""});
  }
  return RenderTable(table, screen);
}

std::string RenderReviews(const v1::ListReviewRemindersResponse& list, const Screen& screen) {
  Table table({{"REVIEWED", Overflow::kKeep},
               {"WHAT", Overflow::kKeep},
               {"REGION", Overflow::kKeep},
               {"RESOURCE", Overflow::kKeep},
               {"NAME", Overflow::kCut},
               {"BY", Overflow::kCut}});
  for (const v1::ReviewReminder& reminder : list.review_reminders()) {
    const bool never = reminder.review_date().empty();
    const std::string what =
        reminder.topic().empty() ? Word(reminder.kind()) : absl::StrCat("text: ", reminder.topic());
    const std::string separator = screen.wide ? ", " : "\n";
    // Two lines each, so that a name can be copied whole and be told from its neighbours.
    constexpr int kNameRoom = 48;
    const std::string name = Cut(Clean(reminder.display_name()), kNameRoom);
    table.AddRow({{never ? "never"
                         : absl::StrCat(reminder.review_date(), separator,
                                        Count(reminder.days_since_review(), "day"), " ago"),
                   never ? Tone::kBad : Tone::kPlain},
                  screen.wide ? what : absl::StrCat(what, "\n", Id(reminder.region())),
                  screen.wide ? Id(reminder.region()) : "",
                  screen.wide ? reminder.resource() : absl::StrCat(reminder.resource(), "\n", name),
                  screen.wide ? reminder.display_name() : "",
                  screen.wide ? reminder.reviewer() : ""});
  }
  return RenderTable(table, screen);
}

std::string RenderSiteList(const v1::ListSitesResponse& list, const Screen& screen) {
  const bool narrow = IsNarrow(screen);
  Table table({{"SITE"},
               {"REGION", Overflow::kKeep},
               {"SPECIALITIES"},
               {"HOSPITAL", Overflow::kCut},
               {"NAME"},
               {"TYPE"},
               {"CITY"},
               {"AGE GROUPS"},
               {"CAPABILITIES"},
               {"VALID"},
               {"REVIEWED"}});
  for (const v1::Site& site : list.sites()) {
    // Cut, nearly every name of a site reads "Department of …".
    const std::string& hospital = site.hospital().empty() ? site.display_name() : site.hospital();
    std::vector<Cell> cells = {NameCell(site.name(), hospital, narrow), Id(site.region()),
                               Joined(site.specialities()), narrow ? "" : hospital};
    if (screen.wide) {
      cells.insert(cells.end(),
                   {site.display_name(), Word(site.type()), site.city(),
                    WordsOf<v1::AgeGroup>(site.age_groups()), Joined(site.capabilities()),
                    Validity(site.valid_from(), site.valid_to()),
                    site.has_review() ? site.review().date() : "never"});
    }
    table.AddRow(std::move(cells));
  }
  return RenderTable(table, screen);
}

std::string RenderOrganizationList(const v1::ListOrganizationsResponse& list,
                                   const Screen& screen) {
  const bool narrow = IsNarrow(screen);
  Table table({{"ORGANIZATION"},
               {"NAME"},
               {"STATE", Overflow::kKeep},
               {"TYPE", Overflow::kKeep},
               {"SIZE", Overflow::kKeep},
               {"COUNTRY", Overflow::kKeep},
               {"SOURCE"}});
  for (const v1::Organization& organization : list.organizations()) {
    table.AddRow({NameCell(organization.name(), organization.display_name(), narrow),
                  narrow ? "" : organization.display_name(),
                  {StateWord(organization), OrganizationTone(organization.state())},
                  Word(organization.type()),
                  Word(organization.size()),
                  organization.country(),
                  screen.wide ? SourceWords(organization.source()) : ""});
  }
  return RenderTable(table, screen);
}

}  // namespace trialgate::cli
