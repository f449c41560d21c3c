#include <string>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {

std::string RenderServerStatus(const v1::ServerStatus& status, const Screen& screen) {
  Page page(screen);
  page.Fields({
      {"version", status.version()},
      {"serving since", status.has_start_time() ? TimeWord(&status.start_time(), screen) : ""},
      {"store", status.store()},
      {"head", absl::StrCat("commit ", status.head_commit())},
      {"head hash", status.head_hash()},
      {"behind", status.follower_lag() == 0 ? "" : Count(status.follower_lag(), "commit")},
      {"log level", Word(status.log_level())},
      {"draining", status.draining() ? "yes: it says that it wants no calls" : ""},
      {"trial requests", absl::StrCat(status.trial_requests())},
      {"open referrals", absl::StrCat(status.open_referrals())},
  });
  Table checks({{"CHECK", Overflow::kKeep}, {"", Overflow::kKeep}, {"", Overflow::kWrap}});
  for (const v1::ServerCheck& check : status.checks()) {
    checks.AddRow({check.name(), check.ok() ? "ok" : "NOT OK", check.detail()});
  }
  page.Heading("Readiness");
  page.Add(checks);
  return page.Take();
}

std::string RenderBackup(const v1::BackupResponse& backup, const Screen& screen) {
  Page page(screen);
  page.Fields({{"folder", backup.folder()},
               {"head", absl::StrCat("commit ", backup.head_commit())},
               {"head hash", backup.head_hash()}});
  return page.Take();
}

}  // namespace trialgate::cli
