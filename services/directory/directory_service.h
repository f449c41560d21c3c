// trialgate.v1.DirectoryService: who may call what, and the calls.
#ifndef TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_SERVICE_H_
#define TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_SERVICE_H_

#include <memory>

#include "common/rpc/handler.h"
#include "services/directory/directory_app.h"
#include "services/directory/directory_edit_app.h"
#include "services/directory/directory_list_app.h"
#include "services/directory/directory_watch_app.h"
#include "services/directory/ending_app.h"
#include "services/directory/pack_exchange_app.h"

namespace trialgate::directory {

// The apps are not owned and outlive the service.
struct DirectoryApps {
  DirectoryApp* app;
  const DirectoryListApp* lists;
  DirectoryEditApp* edits;
  const DirectoryWatchApp* watch;
  EndingApp* endings;
  PackExchangeApp* packs;
};

std::unique_ptr<rpc::Service> NewDirectoryService(const DirectoryApps& apps);

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_DIRECTORY_SERVICE_H_
