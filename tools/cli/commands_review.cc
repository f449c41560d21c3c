#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {

void AddReviewCommands(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<ListFlags>();
  const auto before = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "reviews", "List what should be looked over again: never reviewed first, then the stalest");
  command->add_option("--stale-before", *before,
                      "Only what was reviewed before this day, or never");
  AddListFlags(command, flags.get(), "region = regions/capital AND kind = CAPACITY",
               /*with_order=*/false);
  OnCall(command, session, [&session, flags, before]() -> absl::Status {
    v1::ListReviewRemindersRequest request;
    request.set_stale_before(*before);
    ABSL_ASSIGN_OR_RETURN(const auto list, ListAll(session, request, *flags));
    session.Show(list, RenderReviews(list, session.screen()));
    return absl::OkStatus();
  });
}

}  // namespace trialgate::cli
