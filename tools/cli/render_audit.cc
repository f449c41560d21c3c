#include <string>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string PrincipalWords(const v1::Principal& principal) {
  std::string scope = Id(principal.organization());
  if (scope.empty()) scope = Ids(principal.desks());
  return absl::StrCat(Word(principal.role()), principal.subject().empty() ? "" : " ",
                      principal.subject(), scope.empty() ? "" : " of ", scope);
}

std::string ChangeWords(const v1::AuditEvent& event) {
  // More than a few would hide the event that comes next; -o json has them all.
  constexpr int kShown = 3;
  std::string words;
  for (int i = 0; i < event.changes_size() && i < kShown; ++i) {
    absl::StrAppend(&words, i == 0 ? "" : "\n", event.changes(i).name());
  }
  const int more = event.changes_size() + event.further_changes() -
                   (event.changes_size() < kShown ? event.changes_size() : kShown);
  if (more > 0) absl::StrAppend(&words, "\nand ", more, " more");
  return words;
}

}  // namespace

std::string RenderAuditList(const v1::ListAuditEventsResponse& list, const Screen& screen) {
  Table table({{"NO.", Overflow::kKeep, Align::kRight},
               {"TIME", Overflow::kKeep},
               {"WHO"},
               {"WHAT"},
               {"CHANGED"},
               {"WHY"}});
  for (const v1::AuditEvent& event : list.audit_events()) {
    table.AddRow({absl::StrCat(event.number()),
                  event.has_time() ? TimeWord(&event.time(), screen).substr(0, 16) : "",
                  PrincipalWords(event.principal()), event.action(), ChangeWords(event),
                  event.reason()});
  }
  return table.Render(screen.width);
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
