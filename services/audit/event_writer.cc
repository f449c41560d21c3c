#include "services/audit/event_writer.h"

#include "absl/strings/escaping.h"
#include "common/base/utf8.h"

namespace trialgate::audit {
namespace {

using store::TableId;

// The name under which a change is listed; empty: it is not.
std::string NameOf(const store::Change& change) {
  switch (change.table) {
    case TableId::TABLE_ID_IDEMPOTENCY:
    case TableId::TABLE_ID_NOTICE:
    case TableId::TABLE_ID_PACK_RECORD:
      return "";
    default:
      return change.told_name.empty() ? change.key : change.told_name;
  }
}

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

}  // namespace

std::string MakeEvent(const v1::Principal& principal, absl::string_view action,
                      absl::string_view reason, const std::vector<store::Change>& changes) {
  v1::AuditEvent event;
  *event.mutable_principal() = principal;
  event.set_action(std::string(action));
  event.set_reason(ShortenUtf8(reason, kMaxReasonBytes));
  for (const store::Change& change : changes) {
    std::string name = NameOf(change);
    if (name.empty()) continue;
    if (event.changes_size() == kMaxListedChanges) {
      event.set_further_changes(event.further_changes() + 1);
      continue;
    }
    v1::ResourceChange* const listed = event.add_changes();
    listed->set_name(std::move(name));
    listed->set_before_sha256(Hex(change.before_sha256));
    listed->set_after_sha256(Hex(change.after_sha256));
  }
  return event.SerializeAsString();
}

}  // namespace trialgate::audit
