#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/civil_date.h"
#include "common/base/status_macros.h"
#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/render.h"
#include "tools/cli/watch.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string CapacityName(const std::string& site) {
  return absl::StrCat(FullName("sites", site), "/capacity");
}

absl::Status ShowSite(Session& session, const std::string& name) {
  v1::GetSiteRequest get;
  get.set_name(FullName("sites", name));
  ABSL_ASSIGN_OR_RETURN(const v1::Site site, session.client().Call(get));
  std::string table = RenderSite(site, session.screen());
  if (!session.for_programs()) {
    v1::GetSiteCapacityRequest get_capacity;
    get_capacity.set_name(CapacityName(name));
    const auto capacity = session.client().Call(get_capacity);
    // Requesters learn of capacity as met or not met only; the profile is theirs to see.
    if (capacity.ok()) {
      absl::StrAppend(&table, "\n", RenderCapacity(*capacity, session.screen()));
    } else if (capacity.status().code() != absl::StatusCode::kPermissionDenied) {
      return capacity.status();
    }
  }
  session.Show(site, table);
  return absl::OkStatus();
}

struct CapacityOptions {
  std::string name;
  CapacityWindow window;
};

absl::Status ShowCapacity(Session& session, const CapacityOptions& options) {
  if (!options.window.from.empty() && !ParseDate(absl::StrCat(options.window.from, "-01")).ok()) {
    return UsageError("--from must be a month such as 2027-03");
  }
  v1::GetSiteCapacityRequest get;
  get.set_name(CapacityName(options.name));
  ABSL_ASSIGN_OR_RETURN(const v1::SiteCapacity capacity, session.client().Call(get));
  session.Show(capacity, RenderCapacity(capacity, options.window, session.screen()));
  return absl::OkStatus();
}

void AddCapacity(CLI::App* group, Session& session) {
  constexpr int kMostMonths = 240;
  const auto options = std::make_shared<CapacityOptions>();
  CLI::App* command =
      group->add_subcommand("capacity", "Draw a site's months: occupied, held and free slots");
  command->add_option("NAME", options->name, "Name or id of the site")->required();
  command->add_option("--months", options->window.months, "So many months")
      ->check(CLI::Range(1, kMostMonths))
      ->capture_default_str();
  command->add_option("--from", options->window.from, "From this month on, 2027-03; default: this");
  OnCall(command, session, [&session, options] { return ShowCapacity(session, *options); });
}

absl::Status ListSites(Session& session, const std::string& region, const ListFlags& flags) {
  if (flags.watch) {
    ABSL_RETURN_IF_ERROR(CheckWatch(flags));
    if (!region.empty()) return UsageError("--watch knows no --region");
    return WatchDirectoryRecords(session, "sites", "sites/");
  }
  v1::ListSitesRequest request;
  request.set_region(FullName("regions", region));
  ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, flags));
  session.Show(list, RenderSiteList(list, session.screen()));
  return absl::OkStatus();
}

struct SetOptions {
  std::string name;
  std::int32_t slots = -1;
  std::vector<std::string> months;
  bool clear_months = false;
  bool force = false;
  std::string reason;
  ChangeFlags change;
};

// What is not given stays as it is: the server replaces slots and declared use as a whole.
absl::Status SetCapacity(Session& session, const SetOptions& options) {
  v1::GetSiteCapacityRequest get;
  get.set_name(CapacityName(options.name));
  ABSL_ASSIGN_OR_RETURN(const v1::SiteCapacity current, session.client().Call(get));
  v1::UpdateSiteCapacityRequest request;
  v1::SiteCapacity* capacity = request.mutable_capacity();
  capacity->set_name(get.name());
  capacity->set_slots(options.slots < 0 ? current.slots() : options.slots);
  if (!options.clear_months) {
    for (const v1::MonthUse& month : current.months()) {
      if (month.occupied_declared() == 0) continue;
      v1::MonthUse* kept = capacity->add_months();
      kept->set_month(month.month());
      kept->set_occupied_declared(month.occupied_declared());
    }
  }
  FieldFaults faults;
  for (const std::string& month : options.months) {
    ParseMonthUse(month, "--month", capacity, &faults);
  }
  if (!faults.empty()) return UsageError(faults);
  // Somebody's change between the reading above and the writing below must not be lost.
  capacity->set_etag(options.change.etag.empty() ? current.etag() : options.change.etag);
  request.set_force(options.force);
  request.set_reason(options.reason);
  request.set_validate_only(options.change.validate_only);
  request.set_request_id(session.RequestId(options.change, capacity->etag()));
  ABSL_ASSIGN_OR_RETURN(const v1::SiteCapacity updated, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(updated, RenderCapacity(updated, session.screen()));
  return absl::OkStatus();
}

void AddSetCapacity(CLI::App* group, Session& session) {
  const auto options = std::make_shared<SetOptions>();
  CLI::App* command =
      group->add_subcommand("set-capacity", "Set a site's slots and declared use by month");
  command->add_option("NAME", options->name, "Name or id of the site")->required();
  command->add_option("--slots", options->slots, "Trials that it can run at the same time")
      ->check(CLI::NonNegativeNumber);
  AddRepeated(command, "--month", &options->months,
              "Slots in declared use in a month, 2027-03=2; others stay as they are");
  command->add_flag("--clear-months", options->clear_months, "Forget all declared use first");
  command->add_flag("--force", options->force,
                    "Even if months are over-booked by it; needs --reason");
  command->add_option("--reason", options->reason, "Why it is over-booked");
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return SetCapacity(session, *options); });
}

}  // namespace

void AddSiteCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "site", "Sites that can take part, and their capacity");
  const auto region = std::make_shared<std::string>();
  const auto flags = std::make_shared<ListFlags>(ListFlags{.limit = 2000});
  CLI::App* list = group->add_subcommand("list", "List sites");
  list->add_option("--region", *region, "Only sites that stand in this region");
  AddListFlags(list, flags.get(), "region = regions/capital AND city:\"århus\"");
  AddWatchFlag(list, flags.get());
  OnCall(list, session, [&session, region, flags] { return ListSites(session, *region, *flags); });

  const auto name = std::make_shared<std::string>();
  CLI::App* show =
      group->add_subcommand("show", "Show a site's profile and, where permitted, its capacity");
  show->add_option("NAME", *name, "Name or id of the site")->required();
  OnCall(show, session, [&session, name] { return ShowSite(session, *name); });
  AddCapacity(group, session);
  AddSetCapacity(group, session);
  AddSiteEditCommands(*group, session);
}

}  // namespace trialgate::cli
