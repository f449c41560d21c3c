#include "services/directory/directory_service.h"

#include "common/base/status_macros.h"
#include "common/rpc/principal.h"

namespace trialgate::directory {
namespace {

using rpc::CallContext;

// Regions, desks and sites: everybody whose work is requests or answers.
absl::Status MayRead(const CallContext& call) {
  return rpc::RequireRole(call.principal,
                          {v1::ROLE_REQUESTER, v1::ROLE_COORDINATOR, v1::ROLE_NATIONAL});
}

// Contacts are people, and capacity is more than a requester may know.
absl::Status MayReadInternals(const CallContext& call) {
  return rpc::RequireRole(call.principal, {v1::ROLE_COORDINATOR, v1::ROLE_NATIONAL});
}

absl::Status IsNational(const CallContext& call) {
  return rpc::RequireRole(call.principal, {v1::ROLE_NATIONAL});
}

// A method that reads: authorizes, then asks the app.
template <typename Request, typename Response>
void Read(rpc::Service* service, absl::string_view method,
          absl::Status (*authorize)(const CallContext&), const DirectoryApp* app,
          absl::StatusOr<Response> (DirectoryApp::*read)(const Request&) const) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        ABSL_RETURN_IF_ERROR(authorize(call));
        return (app->*read)(request);
      });
}

// A method that changes something, on behalf of the caller.
template <typename Request, typename Response>
void Change(rpc::Service* service, absl::string_view method,
            absl::Status (*authorize)(const CallContext&), DirectoryApp* app,
            absl::StatusOr<Response> (DirectoryApp::*change)(const v1::Principal&,
                                                             const Request&)) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        ABSL_RETURN_IF_ERROR(authorize(call));
        return (app->*change)(call.principal, request);
      });
}

}  // namespace

std::unique_ptr<rpc::Service> NewDirectoryService(DirectoryApp* app) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.DirectoryService");
  rpc::Service* const to = service.get();
  Read(to, "GetRegion", MayRead, app, &DirectoryApp::GetRegion);
  Read(to, "ListRegions", MayRead, app, &DirectoryApp::ListRegions);
  Read(to, "GetDesk", MayRead, app, &DirectoryApp::GetDesk);
  Read(to, "ListDesks", MayRead, app, &DirectoryApp::ListDesks);
  Read(to, "ListContacts", MayReadInternals, app, &DirectoryApp::ListContacts);
  Read(to, "GetSite", MayRead, app, &DirectoryApp::GetSite);
  Read(to, "ListSites", MayRead, app, &DirectoryApp::ListSites);
  Read(to, "GetSiteCapacity", MayReadInternals, app, &DirectoryApp::GetSiteCapacity);
  Read(to, "ListOrganizations", IsNational, app, &DirectoryApp::ListOrganizations);
  Change(to, "UpdateSiteCapacity", MayReadInternals, app, &DirectoryApp::UpdateSiteCapacity);
  Change(to, "CreateOrganization", IsNational, app, &DirectoryApp::CreateOrganization);
  Change(to, "ApplyPack", IsNational, app, &DirectoryApp::ApplyPack);
  service->Handle<v1::GetOrganizationRequest, v1::Organization>(
      "GetOrganization",
      [app](const CallContext& call,
            const v1::GetOrganizationRequest& request) -> absl::StatusOr<v1::Organization> {
        ABSL_RETURN_IF_ERROR(MayRead(call));
        return app->GetOrganization(call.principal, request);
      });
  return service;
}

}  // namespace trialgate::directory
