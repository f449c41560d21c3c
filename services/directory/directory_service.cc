#include "services/directory/directory_service.h"

#include "services/access/view.h"

namespace trialgate::directory {
namespace {

using rpc::CallContext;

// What leaves: requesters change nothing of the directory, so its versions are not their business.
template <typename Response>
absl::StatusOr<Response> ViewFor(const v1::Principal& principal, absl::StatusOr<Response> read) {
  if (!read.ok()) return read;
  const bool may_change = principal.role() != v1::ROLE_REQUESTER;
  access::ClearHidden({principal.role(), /*blinded=*/false, may_change}, &*read);
  return read;
}

// A method that reads.
template <typename App, typename Request, typename Response>
void Read(rpc::Service* service, absl::string_view method, const App* app,
          absl::StatusOr<Response> (App::*read)(const Request&) const) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return ViewFor(call.principal, (app->*read)(request));
      });
}

// A method that reads what depends on the caller.
template <typename App, typename Request, typename Response>
void ReadAs(rpc::Service* service, absl::string_view method, const App* app,
            absl::StatusOr<Response> (App::*read)(const v1::Principal&, const Request&) const) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return ViewFor(call.principal, (app->*read)(call.principal, request));
      });
}

// A method that changes something, on behalf of the caller.
template <typename Request, typename Response>
void Change(rpc::Service* service, absl::string_view method, DirectoryApp* app,
            absl::StatusOr<Response> (DirectoryApp::*change)(const v1::Principal&,
                                                             const Request&)) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return (app->*change)(call.principal, request);
      });
}

}  // namespace

std::unique_ptr<rpc::Service> NewDirectoryService(DirectoryApp* app,
                                                  const DirectoryListApp* lists) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.DirectoryService");
  rpc::Service* const to = service.get();
  Read(to, "GetRegion", app, &DirectoryApp::GetRegion);
  Read(to, "GetDesk", app, &DirectoryApp::GetDesk);
  Read(to, "GetSite", app, &DirectoryApp::GetSite);
  ReadAs(to, "GetSiteCapacity", app, &DirectoryApp::GetSiteCapacity);
  ReadAs(to, "GetOrganization", app, &DirectoryApp::GetOrganization);
  Read(to, "ListRegions", lists, &DirectoryListApp::ListRegions);
  Read(to, "ListDesks", lists, &DirectoryListApp::ListDesks);
  Read(to, "ListContacts", lists, &DirectoryListApp::ListContacts);
  Read(to, "ListSites", lists, &DirectoryListApp::ListSites);
  Read(to, "ListOrganizations", lists, &DirectoryListApp::ListOrganizations);
  ReadAs(to, "ListReviewReminders", lists, &DirectoryListApp::ListReviewReminders);
  Read(to, "BatchGetRegions", lists, &DirectoryListApp::BatchGetRegions);
  Read(to, "BatchGetDesks", lists, &DirectoryListApp::BatchGetDesks);
  Read(to, "BatchGetSites", lists, &DirectoryListApp::BatchGetSites);
  ReadAs(to, "BatchGetOrganizations", lists, &DirectoryListApp::BatchGetOrganizations);
  Change(to, "UpdateSiteCapacity", app, &DirectoryApp::UpdateSiteCapacity);
  Change(to, "CreateOrganization", app, &DirectoryApp::CreateOrganization);
  Change(to, "ApplyPack", app, &DirectoryApp::ApplyPack);
  return service;
}

}  // namespace trialgate::directory
