#include "services/people/people_service.h"

namespace trialgate::people {

std::unique_ptr<rpc::Service> NewPeopleService(PeopleApp* app) {
  auto service = std::make_unique<rpc::Service>("trialgate.v1.PeopleService");
  service->Handle<v1::ExportPersonRequest, v1::ExportPersonResponse>(
      "ExportPerson", [app](const rpc::CallContext& call, const v1::ExportPersonRequest& request) {
        return app->Export(request);
      });
  service->Handle<v1::ErasePersonRequest, v1::ErasePersonResponse>(
      "ErasePerson", [app](const rpc::CallContext& call, const v1::ErasePersonRequest& request) {
        return app->Erase(call.principal, request);
      });
  return service;
}

}  // namespace trialgate::people
