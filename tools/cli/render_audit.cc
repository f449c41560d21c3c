#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

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

// More than a few would hide the event that comes next; -o wide and -o json have them all.
constexpr int kShownChanges = 3;

void AddChanges(const v1::AuditEvent& event, int indent, const Screen& screen, Page* page) {
  const int shown =
      screen.wide ? event.changes_size() : std::min(event.changes_size(), kShownChanges);
  for (int i = 0; i < shown; ++i) page->Words(event.changes(i).name(), indent);
  const long long all = static_cast<long long>(event.changes_size()) + event.further_changes();
  if (all > shown) page->Words(absl::StrCat("and ", all - shown, " more"), indent);
}

// "alice read trialRequests/a, trialRequests/b and 3 more (GetTrialRequest)"
std::string ReadWords(const v1::AuditRead& read, bool whole) {
  constexpr int kShownNames = 3;
  const int shown = whole ? read.names_size() : std::min(read.names_size(), kShownNames);
  const long long more = static_cast<long long>(read.names_size()) - shown + read.further_names();
  std::string names;
  for (int i = 0; i < shown; ++i) absl::StrAppend(&names, i == 0 ? "" : ", ", read.names(i));
  return absl::StrCat(PrincipalWords(read.principal()), " read ", names.empty() ? "nothing" : names,
                      more > 0 ? absl::StrCat(" and ", more, " more") : "", " (", read.method(),
                      ")");
}

void AddReads(const v1::AuditEvent& event, int indent, const Screen& screen, Page* page) {
  constexpr int kShownReads = 10;
  const int shown = screen.wide ? event.reads_size() : std::min(event.reads_size(), kShownReads);
  for (int i = 0; i < shown; ++i) {
    const v1::AuditRead& read = event.reads(i);
    page->Words(absl::StrCat(read.has_time() ? TimeWord(&read.time(), screen) : "", "  ",
                             ReadWords(read, screen.wide)),
                indent);
  }
  if (event.reads_size() > shown) {
    page->Words(absl::StrCat("and ", Count(event.reads_size() - shown, "more read")), indent);
  }
}

// "event 7, line 8: ..."
std::string FaultWords(const v1::AuditFault& fault) {
  return absl::StrCat(fault.number() > 0 ? absl::StrCat("event ", fault.number()) : "the file",
                      fault.line() > 0 ? absl::StrCat(", line ", fault.line()) : "", ": ",
                      fault.description());
}

// What is signed, and what that was tested with.
void AddSigned(const v1::VerifyAuditTrailResponse& result, Page* page) {
  if (result.checkpoints() == 0) {
    page->Words("No signed checkpoint covers it: nothing tells a trail that was written anew.");
    return;
  }
  page->Words(absl::StrCat(
      Count(result.checkpoints(), "checkpoint"), result.checkpoints() == 1 ? " holds" : " hold",
      result.signatures_tested() ? ", signatures tested"
                                 : ", but without a public key their signatures were not tested",
      ": signed through event ", result.signed_through(), "."));
  const long long open = result.last_number() - result.signed_through();
  if (open > 0) {
    page->Words(absl::StrCat(Count(open, "event"), " after that: no checkpoint covers ",
                             open == 1 ? "it" : "them", " yet."));
  }
}

}  // namespace

std::string RenderAuditList(const v1::ListAuditEventsResponse& list, const Screen& screen) {
  constexpr int kIndent = 5;
  Page page(screen);
  for (const v1::AuditEvent& event : list.audit_events()) {
    const std::string number = absl::StrCat(Pad(absl::StrCat(event.number()), 3, true), "  ");
    const std::string head =
        absl::StrCat(event.has_time() ? TimeWord(&event.time(), screen) : "", "  ", event.action(),
                     "  ", PrincipalWords(event.principal()));
    // What does not fit goes on under the time, not under the number.
    const std::vector<std::string> lines =
        Wrap(Clean(head), screen.width - std::max(kIndent, DisplayWidth(number)));
    page.Line({number, lines.front()});
    for (std::size_t i = 1; i < lines.size(); ++i) page.Words(lines[i], kIndent);
    AddChanges(event, kIndent, screen, &page);
    AddReads(event, kIndent, screen, &page);
    if (!event.reason().empty()) page.Words(absl::StrCat("why: ", event.reason()), kIndent);
  }
  return page.Take();
}

std::string RenderCheckpoints(const v1::ListAuditCheckpointsResponse& list, const Screen& screen) {
  // From here on a hash and a key, which are copied whole, have room beside the rest.
  constexpr int kRoomForHashes = 180;
  Page page(screen);
  if (!screen.wide && screen.width < kRoomForHashes) {
    for (const v1::AuditCheckpoint& checkpoint : list.audit_checkpoints()) {
      page.Words(absl::StrCat("through event ", checkpoint.number(), ", stored by event ",
                              checkpoint.stored_by(), checkpoint.has_time() ? ", signed " : "",
                              checkpoint.has_time() ? TimeWord(&checkpoint.time(), screen) : ""));
      page.Fields({{"hash", checkpoint.hash()}, {"key", checkpoint.key_id()}}, 2);
    }
    return page.Take();
  }
  Table table({{"THROUGH", Overflow::kKeep, Align::kRight},
               {"SIGNED", Overflow::kKeep},
               {"STORED BY", Overflow::kKeep, Align::kRight},
               {"HASH", Overflow::kCut},
               {"KEY", Overflow::kCut}});
  for (const v1::AuditCheckpoint& checkpoint : list.audit_checkpoints()) {
    table.AddRow({absl::StrCat(checkpoint.number()),
                  checkpoint.has_time() ? TimeWord(&checkpoint.time(), screen) : "",
                  absl::StrCat(checkpoint.stored_by()), checkpoint.hash(), checkpoint.key_id()});
  }
  page.Add(table);
  return page.Take();
}

std::string RenderVerification(const v1::VerifyAuditTrailResponse& result, const Screen& screen) {
  Page page(screen);
  if (result.intact()) {
    page.Words(
        absl::StrCat("The audit trail is intact: ", Count(result.events(), "event"), " verified."));
  } else {
    v1::AuditFault first;
    if (result.faults_size() > 0) {
      first = result.faults(0);
    } else {
      first.set_number(result.first_fault());
      first.set_description(result.description());
    }
    page.Words(absl::StrCat("THE AUDIT TRAIL IS NOT INTACT: ", FaultWords(first)));
    // The first one is told above.
    for (int i = 1; i < result.faults_size(); ++i) page.Words(FaultWords(result.faults(i)), 2);
    page.Words(absl::StrCat(Count(result.events(), "event"), " verified."));
  }
  if (result.events() > 0) AddSigned(result, &page);
  page.Fields({{"head", result.head_hash()}});
  return page.Take();
}

}  // namespace trialgate::cli
