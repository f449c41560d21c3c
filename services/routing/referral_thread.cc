#include "services/routing/referral_thread.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/feasibility/field_rules.h"
#include "services/routing/timestamps.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using feasibility::Element;
using feasibility::FieldRules;
using feasibility::Presence;
using feasibility::Quoted;

constexpr std::size_t kQuestionBytes = 2048;
constexpr std::size_t kReplyBytes = 4096;
constexpr std::size_t kAuthorityBytes = 256;

}  // namespace

FieldFaults CheckQuestions(const v1::AskRequesterRequest& call) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  rules.Required("questions", !call.questions().empty());
  const int count = rules.Count("questions", call.questions_size(), kMaxQuestionsAtOnce);
  for (int i = 0; i < count; ++i) {
    rules.Text(Element("questions", i), call.questions(i), kQuestionBytes, Presence::kRequired);
  }
  return faults;
}

FieldFaults CheckWaitForAuthority(const v1::WaitForAuthorityRequest& call) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  rules.Text("authority", call.authority(), kAuthorityBytes, Presence::kRequired);
  rules.Text("reason", call.reason(), kQuestionBytes, Presence::kRequired);
  return faults;
}

FieldFaults CheckAuthorityWord(const v1::RecordAuthorityWordRequest& call) {
  FieldFaults faults;
  FieldRules(&faults).Text("word", call.word(), kReplyBytes, Presence::kRequired);
  return faults;
}

FieldFaults CheckReplies(const v1::ReplyToReferralRequest& call, const v1::Referral& referral) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  const std::vector<std::string> open = OpenQuestions(referral);
  std::set<std::string> replied;
  const int count = rules.Count("replies", call.replies_size(), kMaxThreadEntries);
  for (int i = 0; i < count; ++i) {
    const v1::ReferralReply& reply = call.replies(i);
    const std::string at = Element("replies", i);
    rules.Required(at + ".question", !reply.question().empty());
    if (!reply.question().empty()) {
      if (std::find(open.begin(), open.end(), reply.question()) == open.end()) {
        faults.Add(at + ".question", v1::ERROR_REASON_UNKNOWN_VALUE,
                   absl::StrCat(Quoted(reply.question()), " is no question that is open"));
      }
      if (!replied.insert(reply.question()).second) {
        rules.Duplicate(at + ".question", reply.question());
      }
    }
    rules.Text(at + ".text", reply.text(), kReplyBytes, Presence::kRequired);
  }
  for (const std::string& question : open) {
    if (replied.count(question) > 0) continue;
    faults.Add("replies", v1::ERROR_REASON_REQUIRED,
               absl::StrCat("must reply to question ", Quoted(question)));
  }
  return faults;
}

std::vector<std::string> OpenQuestions(const v1::Referral& referral) {
  std::set<std::string> replied;
  for (const v1::ThreadEntry& entry : referral.thread()) {
    if (entry.kind() == v1::THREAD_ENTRY_KIND_REPLY) replied.insert(entry.question());
  }
  std::vector<std::string> open;
  for (const v1::ThreadEntry& entry : referral.thread()) {
    const bool is_open =
        entry.kind() == v1::THREAD_ENTRY_KIND_QUESTION && replied.count(entry.id()) == 0;
    if (is_open) open.push_back(entry.id());
  }
  return open;
}

absl::Status CheckRoom(const v1::Referral& referral, int entries) {
  if (referral.thread_size() + entries <= kMaxThreadEntries) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_THREAD_FULL,
               absl::StrCat("the thread of a referral holds ", kMaxThreadEntries,
                            " questions and replies at most, and has ", referral.thread_size(),
                            ": answer or decline the referral"));
}

v1::ThreadEntry* AddEntry(v1::ThreadEntryKind kind, const std::string& text, v1::Role role,
                          absl::Time now, v1::Referral* referral) {
  v1::ThreadEntry* const entry = referral->add_thread();
  entry->set_id(absl::StrCat(referral->thread_size()));
  entry->set_kind(kind);
  entry->set_text(text);
  entry->set_role(role);
  if (kind != v1::THREAD_ENTRY_KIND_REPLY) entry->set_desk(referral->desk());
  *entry->mutable_create_time() = ToTimestamp(now);
  return entry;
}

}  // namespace trialgate::routing
