#include "services/directory/directory_service.h"

#include <type_traits>
#include <utility>

#include "services/access/view.h"

namespace trialgate::directory {
namespace {

using rpc::CallContext;

// What leaves: requesters change nothing of the directory but their organization, so the versions
// of the rest are not their business.
template <typename Response>
absl::StatusOr<Response> ViewFor(const v1::Principal& principal, absl::StatusOr<Response> read) {
  if (!read.ok()) return read;
  // The one organization that a requester sees is its own.
  const bool may_change =
      principal.role() != v1::ROLE_REQUESTER || std::is_same_v<Response, v1::Organization>;
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
template <typename App, typename Request, typename Response>
void Change(rpc::Service* service, absl::string_view method, App* app,
            absl::StatusOr<Response> (App::*change)(const v1::Principal&, const Request&)) {
  service->Handle<Request, Response>(
      method, [=](const CallContext& call, const Request& request) -> absl::StatusOr<Response> {
        return (app->*change)(call.principal, request);
      });
}

void AddEdits(rpc::Service* to, DirectoryEditApp* edits) {
  Change(to, "CreateOrganization", edits, &DirectoryEditApp::CreateOrganization);
  Change(to, "UpdateOrganization", edits, &DirectoryEditApp::UpdateOrganization);
  Change(to, "ApproveOrganization", edits, &DirectoryEditApp::ApproveOrganization);
  Change(to, "SuspendOrganization", edits, &DirectoryEditApp::SuspendOrganization);
  Change(to, "CreateRegion", edits, &DirectoryEditApp::CreateRegion);
  Change(to, "UpdateRegion", edits, &DirectoryEditApp::UpdateRegion);
  Change(to, "CreateDesk", edits, &DirectoryEditApp::CreateDesk);
  Change(to, "UpdateDesk", edits, &DirectoryEditApp::UpdateDesk);
  Change(to, "CreateContact", edits, &DirectoryEditApp::CreateContact);
  Change(to, "UpdateContact", edits, &DirectoryEditApp::UpdateContact);
  Change(to, "EndContact", edits, &DirectoryEditApp::EndContact);
  Change(to, "AddContactAbsence", edits, &DirectoryEditApp::AddContactAbsence);
  Change(to, "RemoveContactAbsence", edits, &DirectoryEditApp::RemoveContactAbsence);
  Change(to, "CreateSite", edits, &DirectoryEditApp::CreateSite);
  Change(to, "UpdateSite", edits, &DirectoryEditApp::UpdateSite);
  Change(to, "MarkSiteReviewed", edits, &DirectoryEditApp::MarkSiteReviewed);
  Change(to, "EndSite", edits, &DirectoryEditApp::EndSite);
  Change(to, "UpdateSiteCapacity", edits, &DirectoryEditApp::UpdateSiteCapacity);
  Change(to, "SetCapacityMonths", edits, &DirectoryEditApp::SetCapacityMonths);
}

}  // namespace

std::unique_ptr<rpc::Service> NewDirectoryService(const DirectoryApps& apps) {
  DirectoryApp* const app = apps.app;
  const DirectoryListApp* const lists = apps.lists;
  EndingApp* const endings = apps.endings;
  PackExchangeApp* const packs = apps.packs;
  auto service = std::make_unique<rpc::Service>("trialgate.v1.DirectoryService");
  rpc::Service* const to = service.get();
  Read(to, "GetRegion", app, &DirectoryApp::GetRegion);
  Read(to, "GetDesk", app, &DirectoryApp::GetDesk);
  Read(to, "GetContact", app, &DirectoryApp::GetContact);
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
  Read(to, "BatchGetContacts", lists, &DirectoryListApp::BatchGetContacts);
  Read(to, "BatchGetSites", lists, &DirectoryListApp::BatchGetSites);
  ReadAs(to, "BatchGetOrganizations", lists, &DirectoryListApp::BatchGetOrganizations);
  Change(to, "ApplyPack", app, &DirectoryApp::ApplyPack);
  AddEdits(to, apps.edits);
  service->HandleStream<v1::WatchDirectoryRequest, v1::WatchDirectoryResponse>(
      "WatchDirectory",
      [watch = apps.watch](const CallContext& call, const auto& request, rpc::StreamWaker waker) {
        return watch->Watch(call.principal, request, std::move(waker));
      });
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
