#include <string>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string PrincipalWords(const v1::Principal& principal) {
  std::string scope = Id(principal.organization());
  if (scope.empty()) scope = Ids(principal.desks());
  return absl::StrCat(Word(principal.role()), principal.subject().empty() ? "" : " ",
                      principal.subject(), scope.empty() ? "" : " of ", scope);
}

// More than a few would hide the event that comes next; -o json has them all.
constexpr int kShownChanges = 3;

void AddChanges(const v1::AuditEvent& event, int indent, Page* page) {
  for (int i = 0; i < event.changes_size() && i < kShownChanges; ++i) {
    page->Words(event.changes(i).name(), indent);
  }
  const long long all = static_cast<long long>(event.changes_size()) + event.further_changes();
  if (all > kShownChanges) page->Words(absl::StrCat("and ", all - kShownChanges, " more"), indent);
}

}  // namespace

std::string RenderAuditList(const v1::ListAuditEventsResponse& list, const Screen& screen) {
  constexpr int kIndent = 5;
  Page page(screen);
  for (const v1::AuditEvent& event : list.audit_events()) {
    page.Words(absl::StrCat(Pad(absl::StrCat(event.number()), 3, true), "  ",
                            event.has_time() ? TimeWord(&event.time(), screen) : "", "  ",
                            event.action(), "  ", PrincipalWords(event.principal())));
    AddChanges(event, kIndent, &page);
    if (!event.reason().empty()) page.Words(absl::StrCat("why: ", event.reason()), kIndent);
  }
  return page.Take();
}

std::string RenderVerification(const v1::VerifyAuditTrailResponse& result, const Screen& screen) {
  Page page(screen);
  if (result.intact()) {
    page.Words(
        absl::StrCat("The audit trail is intact: ", Count(result.events(), "event"), " verified."));
  } else {
    page.Words(absl::StrCat("THE AUDIT TRAIL IS NOT INTACT: event ", result.first_fault(), ": ",
                            result.description()));
    page.Words(absl::StrCat(Count(result.events(), "event"), " verified."));
  }
  page.Fields({{"head", result.head_hash()}});
  if (!result.head_hash().empty()) {
    page.Words("Keep the head elsewhere to prove later that nothing was cut off.");
  }
  return page.Take();
}

}  // namespace trialgate::cli
