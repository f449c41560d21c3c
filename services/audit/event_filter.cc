#include "services/audit/event_filter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "services/audit/event_time.h"

namespace trialgate::audit {
namespace {

using storage::v1::CommitRecord;

// A store's key is a table's number in two digits, "/" and the resource's name; those of indexes
// begin with a letter.
constexpr std::size_t kTableBytes = 3;

absl::string_view ResourceOf(absl::string_view key) {
  if (key.size() <= kTableBytes || key[0] < '0' || key[0] > '9') return "";
  return key.substr(kTableBytes);
}

}  // namespace

EventFilter::EventFilter(const v1::ListAuditEventsRequest* request)
    : request_(request),
      is_selective_(!request->resource().empty() || !request->action().empty() ||
                    !request->subject().empty() || request->role() != v1::ROLE_UNSPECIFIED ||
                    !request->organization().empty() || !request->desk().empty()) {}

bool EventFilter::HasTime(const CommitRecord& record) const {
  const std::int64_t time = record.time_unix_nanos();
  if (request_->has_start_time() && time < ToNanos(request_->start_time())) return false;
  return !request_->has_end_time() || time < ToNanos(request_->end_time());
}

bool EventFilter::Take(const CommitRecord& record, v1::AuditEvent* event) const {
  if (!is_selective_) return true;
  const bool itself = IsPrincipal(event->principal()) && IsAction(event->action()) && Wrote(record);
  auto* const reads = event->mutable_reads();
  const int all = reads->size();
  const auto left_out =
      std::remove_if(reads->begin(), reads->end(),
                     [&](const v1::AuditRead& read) { return !IsRead(*event, read); });
  reads->erase(left_out, reads->end());
  event->set_further_reads(all - reads->size());
  return itself || reads->size() > 0;
}

bool EventFilter::IsPrincipal(const v1::Principal& principal) const {
  const auto& desks = principal.desks();
  const auto is = [](const std::string& asked, const std::string& value) {
    return asked.empty() || asked == value;
  };
  return is(request_->subject(), principal.subject()) &&
         is(request_->organization(), principal.organization()) &&
         (request_->role() == v1::ROLE_UNSPECIFIED || request_->role() == principal.role()) &&
         (request_->desk().empty() ||
          std::find(desks.begin(), desks.end(), request_->desk()) != desks.end());
}

bool EventFilter::IsAction(const std::string& action) const {
  return request_->action().empty() || request_->action() == action;
}

bool EventFilter::IsResource(absl::string_view name) const {
  const std::string& asked = request_->resource();
  if (!absl::StartsWith(name, asked)) return false;
  return name.size() == asked.size() || (request_->include_children() && name[asked.size()] == '/');
}

// By the commit's keys, which are complete, where an event lists some only.
bool EventFilter::Wrote(const CommitRecord& record) const {
  return request_->resource().empty() ||
         std::any_of(record.keys().begin(), record.keys().end(),
                     [&](const std::string& key) { return IsResource(ResourceOf(key)); });
}

bool EventFilter::IsRead(const v1::AuditEvent& event, const v1::AuditRead& read) const {
  return IsPrincipal(read.principal()) && (IsAction(read.method()) || IsAction(event.action())) &&
         (request_->resource().empty() ||
          std::any_of(read.names().begin(), read.names().end(),
                      [&](const std::string& name) { return IsResource(name); }));
}

}  // namespace trialgate::audit
