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
template <typename Request, typename Response>
void Read(rpc::Service* service, absl::string_view method, const DirectoryApp* app,
          absl::StatusOr<Response> (DirectoryApp::*read)(const Request&) const) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return ViewFor(call.principal, (app->*read)(request));
      });
}

// A method that reads what depends on the caller.
template <typename Request, typename Response>
void ReadAs(rpc::Service* service, absl::string_view method, const DirectoryApp* app,
            absl::StatusOr<Response> (DirectoryApp::*read)(const v1::Principal&, const Request&)
                const) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return ViewFor(call.principal, (app->*read)(call.principal, request));
      });
}

// A method that changes something, on behalf of the caller.
template <typename App, typename Request, typename Response>
void Change(rpc::Service* service, absl::string_view method, App* app,
            absl::StatusOr<Response> (App::*change)(const v1::Principal&, const Request&)) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return (app->*change)(call.principal, request);
      });
}

}  // namespace

std::unique_ptr<rpc::Service> NewDirectoryService(DirectoryApp* app, EndingApp* endings,
                                                  PackExchangeApp* packs) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.DirectoryService");
  rpc::Service* const to = service.get();
  Read(to, "GetRegion", app, &DirectoryApp::GetRegion);
  Read(to, "ListRegions", app, &DirectoryApp::ListRegions);
  Read(to, "GetDesk", app, &DirectoryApp::GetDesk);
  Read(to, "ListDesks", app, &DirectoryApp::ListDesks);
  Read(to, "ListContacts", app, &DirectoryApp::ListContacts);
  Read(to, "GetSite", app, &DirectoryApp::GetSite);
  Read(to, "ListSites", app, &DirectoryApp::ListSites);
  Read(to, "ListOrganizations", app, &DirectoryApp::ListOrganizations);
  ReadAs(to, "GetSiteCapacity", app, &DirectoryApp::GetSiteCapacity);
  ReadAs(to, "GetOrganization", app, &DirectoryApp::GetOrganization);
  Change(to, "UpdateSiteCapacity", app, &DirectoryApp::UpdateSiteCapacity);
  Change(to, "CreateOrganization", app, &DirectoryApp::CreateOrganization);
  Change(to, "ApplyPack", app, &DirectoryApp::ApplyPack);
  Change(to, "EndDesk", endings, &EndingApp::EndDesk);
  Change(to, "EndRegion", endings, &EndingApp::EndRegion);
  service->Handle<v1::DiffPackRequest, v1::DiffPackResponse>(
      "DiffPack",
      [packs](const CallContext& call,
              const auto& request) -> absl::StatusOr<v1::DiffPackResponse> {
        return packs->DiffPack(call.principal, request);
      });
  service->Handle<v1::ExportPackRequest, v1::ExportPackResponse>(
      "ExportPack",
      [packs](const CallContext&, const auto& request) -> absl::StatusOr<v1::ExportPackResponse> {
        return packs->ExportPack(request);
      });
  return service;
}

}  // namespace trialgate::directory
