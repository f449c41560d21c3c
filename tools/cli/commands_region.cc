#include <memory>
#include <string>

#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/record_forms.h"
#include "tools/cli/record_verbs.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

constexpr char kNameHelp[] = "Name or id of the region";

absl::StatusOr<v1::Region> Get(Session& session, const std::string& given) {
  v1::GetRegionRequest get;
  get.set_name(FullName("regions", given));
  return session.client().Call(get);
}

RecordKind<v1::Region> Kind() { return {"region", kNameHelp, Get, RegionForm, RenderRegion}; }

}  // namespace

void AddRegionCommands(CLI::App& app, Session& session) {
  CLI::App* group = AddGroup(app, "region", "Regions, past, present and planned");
  AddPlainList<v1::ListRegionsRequest>(group, session, "List regions",
                                       "country = DK AND valid_to = 2026-12-31", RenderRegionList);
  AddPlainShow(group, session, Kind());
  AddCreate<v1::CreateRegionRequest>(
      group, session, Kind(), &v1::CreateRegionRequest::mutable_region, "create", "ID", kNewIdHelp,
      [](const RecordOptions& options, v1::CreateRegionRequest* request) -> absl::Status {
        request->set_region_id(Id(options.name));
        return absl::OkStatus();
      });
  AddEdit(group, session, Kind(), &v1::UpdateRegionRequest::mutable_region);
  AddRegionEndCommand(*group, session);
}

}  // namespace trialgate::cli
