#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/record_forms.h"
#include "tools/cli/record_verbs.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Name or id of the site";

absl::StatusOr<v1::Site> Get(Session& session, const std::string& given) {
  v1::GetSiteRequest get;
  get.set_name(FullName("sites", given));
  return session.client().Call(get);
}

RecordKind<v1::Site> Kind() { return {"site", kNameHelp, Get, SiteForm, RenderSite}; }

struct EndOptions {
  std::string name;
  std::string last_day;
  std::string reason;
  ChangeFlags change;
};

void AddReview(CLI::App* group, Session& session) {
  const auto options = std::make_shared<EndOptions>();
  CLI::App* command =
      group->add_subcommand("review", "Say that its profile was looked over today and is right");
  command->add_option("NAME", options->name, kNameHelp)->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options]() -> absl::Status {
    v1::MarkSiteReviewedRequest request;
    request.set_name(FullName("sites", options->name));
    SetChange(session, options->change, &request);
    ABSL_ASSIGN_OR_RETURN(const v1::Site site, session.client().Call(request));
    return ShowChanged(session, Kind(), options->change, site);
  });
}

absl::Status End(Session& session, const EndOptions& options) {
  v1::EndSiteRequest request;
  request.set_name(FullName("sites", options.name));
  request.set_last_day(options.last_day);
  request.set_reason(options.reason);
  SetChange(session, options.change, &request);
  ABSL_ASSIGN_OR_RETURN(const v1::EndSiteResponse ended, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  if (ended.later_holds() > 0) {
    session.Note(absl::StrCat(Count(ended.later_holds(), "hold"),
                              " and confirmed offers reach beyond the last day; they stay."));
  }
  session.Show(ended, RenderSite(ended.site(), session.screen()));
  return absl::OkStatus();
}

void AddEnd(CLI::App* group, Session& session) {
  const auto options = std::make_shared<EndOptions>();
  CLI::App* command = group->add_subcommand("end", "End a site: no trial is asked of it any more");
  command->add_option("NAME", options->name, kNameHelp)->required();
  command->add_option("--last-day", options->last_day, "Last valid day, today or later")
      ->required();
  command->add_option("--reason", options->reason, "Why, for the audit trail")->required();
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return End(session, *options); });
}

}  // namespace

void AddSiteEditCommands(CLI::App& group, Session& session) {
  AddCreate<v1::CreateSiteRequest>(
      &group, session, Kind(), &v1::CreateSiteRequest::mutable_site, "create", "ID", kNewIdHelp,
      [](const RecordOptions& options, v1::CreateSiteRequest* request) -> absl::Status {
        request->set_site_id(Id(options.name));
        return absl::OkStatus();
      });
  AddEdit(&group, session, Kind(), &v1::UpdateSiteRequest::mutable_site);
  AddReview(&group, session);
  AddEnd(&group, session);
}

}  // namespace trialgate::cli
