#include "tools/cli/errors.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_details.pb.h"
#include "tools/cli/error_words.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::cli {
namespace {

// Marks a status as a fault of the command line; never leaves the process.
constexpr absl::string_view kUsageMark = "trialgate.cli/usage";

// What to do about an error of this program's own; never leaves the process.
constexpr absl::string_view kHintMark = "trialgate.cli/hint";

// Where the server did not tell all faults: how many there are.
constexpr absl::string_view kTotalKey = "faults_total";

bool IsUsage(const absl::Status& status) { return status.GetPayload(kUsageMark).has_value(); }

absl::string_view KindWord(ExitCode code) {
  switch (code) {
    case kUsage:
      return "usage";
    case kInvalidArgument:
      return "invalid";
    case kNotFound:
      return "not found";
    case kRefusedState:
      return "refused";
    case kConflict:
      return "conflict";
    case kNotPermitted:
      return "not permitted";
    case kUnavailable:
      return "unavailable";
    default:
      return "unexpected";
  }
}

// What to do where the server gave no reason of ours: mostly it could not be asked.
std::string HintOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "check that trialgate-server runs, and --server, TRIALGATE_SERVER or the context";
    case absl::StatusCode::kDeadlineExceeded:
      return "try again with a longer --timeout";
    case absl::StatusCode::kUnimplemented:
      return "check --server: `trialgate server ...` needs the listener for operators, every other "
             "command the one for all; or the server is older than this program";
    case absl::StatusCode::kResourceExhausted:
      return "send less at once, or try again after a moment";
    default:
      return "";
  }
}

// Metadata is for programs; most of its values stand in the message too.
bool IsSaidIn(absl::string_view message, const std::string& value) {
  const auto without_spaces = [](absl::string_view text) {
    return absl::StrReplaceAll(text, {{" ", ""}});
  };
  return absl::StrContains(without_spaces(message), without_spaces(value));
}

void AppendFaults(const absl::Status& status, std::string* text) {
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  for (const FieldViolation& violation : violations) {
    absl::StrAppend(text, "  ", Clean(violation.field), ": ", Clean(violation.description), "\n");
  }
  for (const auto& [key, value] : MetadataOf(status)) {
    if (key == kTotalKey || IsSaidIn(status.message(), value) ||
        (key == "event" && ReasonOf(status) == v1::ERROR_REASON_WRONG_STATE)) {
      continue;
    }
    absl::StrAppend(text, "  ", Clean(key), ": ", Clean(value), "\n");
  }
  google::rpc::PreconditionFailure failure;
  const auto payload = status.GetPayload(kPreconditionFailureType);
  if (payload.has_value() && failure.ParseFromString(std::string(*payload))) {
    for (const auto& violation : failure.violations()) {
      absl::StrAppend(text, "  ", Clean(violation.subject()), ": ",
                      WithMonthSpans(Clean(violation.description())), "\n");
    }
  }
}

// One fault needs no list: its field and words are the message already.
std::string Headline(const absl::Status& status) {
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  if (violations.empty()) {
    // Sites and months stand below, a line for each site.
    const bool listed = ReasonOf(status) == v1::ERROR_REASON_NO_FREE_SLOT &&
                        status.GetPayload(kPreconditionFailureType).has_value();
    return listed ? "no free slot" : MessageInWords(status);
  }
  const std::string told = Count(static_cast<long long>(violations.size()), "fault");
  const std::map<std::string, std::string> metadata = MetadataOf(status);
  const auto total = metadata.find(std::string(kTotalKey));
  return absl::StrCat(
      total == metadata.end()
          ? told
          : absl::StrCat(Clean(total->second), " faults, the first ", violations.size()),
      IsUsage(status) ? " in what was given:" : " in what was sent:");
}

// Of a contact who is away: until when, and whom else to hand to. Empty for any other error.
std::string HintOfAbsence(const absl::Status& status) {
  const std::map<std::string, std::string> metadata = MetadataOf(status);
  const auto state = metadata.find("state");
  const auto until = metadata.find("until");
  if (ReasonOf(status) != v1::ERROR_REASON_WRONG_STATE || state == metadata.end() ||
      state->second != "AWAY" || until == metadata.end()) {
    return "";
  }
  const auto deputies = metadata.find("deputies");
  const bool has_deputy = deputies != metadata.end() && !deputies->second.empty();
  return absl::StrCat("away until ", Clean(until->second), ": hand it to ",
                      has_deputy
                          ? absl::StrReplaceAll(Clean(deputies->second), {{",", " or "}})
                          : "another contact, or to the desk alone: who is on duty is chosen then");
}

// Faults that are all of one kind have a better hint than faults at large.
v1::ErrorReason ReasonToHintAt(const absl::Status& status) {
  const v1::ErrorReason reason = ReasonOf(status);
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  if (reason != v1::ERROR_REASON_INVALID_FIELDS || violations.empty()) return reason;
  const v1::ErrorReason first = violations.front().reason;
  const bool same = std::all_of(violations.begin(), violations.end(),
                                [&](const FieldViolation& v) { return v.reason == first; });
  return same && first != v1::ERROR_REASON_UNSPECIFIED ? first : reason;
}

}  // namespace

std::string ExitCodeHelp() {
  return "Exit codes:\n"
         "  0  done\n"
         "  1  internal or unexpected error\n"
         "  2  usage: the command line, or a file that it names\n"
         "  3  what was sent is invalid; every fault is named\n"
         "  4  not found, or not yours to see\n"
         "  5  the state does not permit it (a site without a free slot, answered already)\n"
         "  6  conflict: changed by others meanwhile, or it exists already\n"
         "  7  not permitted, or not known who calls\n"
         "  8  server not reached, overloaded, or no answer in time\n"
         "  9  the audit trail is not intact\n"
         "\n"
         "Environment:\n"
         "  TRIALGATE_CONFIG  file of contexts\n"
         "  TRIALGATE_CONTEXT context, as --context\n"
         "  TRIALGATE_SERVER, TRIALGATE_CA, TRIALGATE_CERTIFICATE, TRIALGATE_KEY,\n"
         "  TRIALGATE_SERVER_NAME, TRIALGATE_INSECURE, TRIALGATE_AS, TRIALGATE_TOKEN_FILE\n"
         "                    each as its flag; not asked where --context is given\n"
         "  TZ                zone in which times are shown";
}

absl::Status UsageError(absl::string_view message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsageMark, absl::Cord());
  return status;
}

absl::Status UsageError(const FieldFaults& faults) {
  absl::Status status = faults.ToStatus();
  status.SetPayload(kUsageMark, absl::Cord());
  return status;
}

absl::Status WithHint(absl::Status status, absl::string_view hint) {
  status.SetPayload(kHintMark, absl::Cord(hint));
  return status;
}

std::string HintIn(const absl::Status& status) {
  const auto hint = status.GetPayload(kHintMark);
  return hint.has_value() ? std::string(*hint) : "";
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (IsUsage(status)) return kUsage;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kInvalidArgument;
    case absl::StatusCode::kNotFound:
      return kNotFound;
    case absl::StatusCode::kFailedPrecondition:
      return kRefusedState;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return kConflict;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kNotPermitted;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kUnavailable;
    default:
      return kUnexpected;
  }
}

std::string HintOf(v1::ErrorReason reason) {
  // No default: the compiler and a test tell of a reason without a hint.
  switch (reason) {
    case v1::ERROR_REASON_UNSPECIFIED:
    case v1::ErrorReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ErrorReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      return "";
    case v1::ERROR_REASON_INVALID_FIELDS:
      return "mend what is named above and send it again; nothing was stored";
    case v1::ERROR_REASON_REQUIRED:
      return "fill in what is missing";
    case v1::ERROR_REASON_INVALID_FORMAT:
      return "mend the value: dates are YYYY-MM-DD, months YYYY-MM, names as `... list` shows them";
    case v1::ERROR_REASON_OUT_OF_RANGE:
      return "give a number or date within the range named";
    case v1::ERROR_REASON_TOO_LONG:
      return "shorten the text";
    case v1::ERROR_REASON_TOO_MANY:
      return "shorten the list";
    case v1::ERROR_REASON_INVALID_UTF8:
      return "send the text as UTF-8";
    case v1::ERROR_REASON_UNKNOWN_VALUE:
      return "choose a value that the country's pack lists: `trialgate region list`, `site list`, "
             "`desk list`";
    case v1::ERROR_REASON_DATES_REVERSED:
      return "exchange or mend the two dates";
    case v1::ERROR_REASON_DUPLICATE:
      return "remove one of the two";
    case v1::ERROR_REASON_CONTRADICTION:
      return "decide for one of the two";
    case v1::ERROR_REASON_MALFORMED_JSON:
      return "send the whole, well-formed JSON document";
    case v1::ERROR_REASON_UNKNOWN_FIELD:
      return "remove the field, or check its spelling";
    case v1::ERROR_REASON_INVALID_PAGE_TOKEN:
      return "list again from the first page";
    case v1::ERROR_REASON_REQUEST_ID_REUSED:
      return "a retry must send the same content; for a new call leave --request-id out";
    case v1::ERROR_REASON_DANGLING_REFERENCE:
      return "name something that exists and is valid";
    case v1::ERROR_REASON_SUCCESSOR_CYCLE:
      return "break the cycle of successors";
    case v1::ERROR_REASON_SAMPLE_NOT_ALLOWED:
      return "leave the invented values out, or accept them with --sample";
    case v1::ERROR_REASON_DEADLINE_TOO_EARLY:
      return "set a later response deadline (--deadline)";
    case v1::ERROR_REASON_REVEALS_IDENTITY:
      return "write the text so that it does not tell who asks, or send the request as open";
    case v1::ERROR_REASON_INVALID_FILTER:
      return "mend the filter at that character: comparisons joined by AND, such as "
             "'city:odense AND valid_to > 2027-01-01'";
    case v1::ERROR_REASON_INVALID_ORDER:
      return "mend the order at that character: listed fields, separated by commas, each maybe "
             "with desc";
    case v1::ERROR_REASON_PERSONAL_NUMBER:
      return "remove the person's number: no patient's data belongs here";
    case v1::ERROR_REASON_ORGANIZATION_NOT_APPROVED:
      return "ask a national coordinator to approve the organization";
    case v1::ERROR_REASON_FIELD_NOT_EDITABLE:
      return "leave the field out; the words beside it name the verb that changes it";
    case v1::ERROR_REASON_LEAD_NEEDED:
      return "name the contact who leads the desk from now on";
    case v1::ERROR_REASON_NOT_FOUND:
      return "check the name (`... list` shows what there is) and for whom you act (--as)";
    case v1::ERROR_REASON_ALREADY_EXISTS:
      return "choose another id";
    case v1::ERROR_REASON_WRONG_STATE:
      return "look at it again (`... show`): where it stands, this is not permitted";
    case v1::ERROR_REASON_NO_FREE_SLOT:
      return "offer the site as tentative, from a later month, or refuse it with NO_CAPACITY";
    case v1::ERROR_REASON_CAPACITY_IN_USE:
      return "keep as many slots as are held and occupied in the months named, or over-book them "
             "on "
             "purpose: --force --reason WHY";
    case v1::ERROR_REASON_ETAG_MISMATCH:
      return "look at it again (`... show`), then decide again";
    case v1::ERROR_REASON_CONFLICT:
      return "try again after a moment";
    case v1::ERROR_REASON_NO_PACK:
      return "apply the country's pack first: `trialgate --as national::YOU pack apply DIR`";
    case v1::ERROR_REASON_PERSON_ERASED:
      return "nothing is left to read or erase";
    case v1::ERROR_REASON_THREAD_FULL:
      return "answer or decline the referral: no more questions fit into it";
    case v1::ERROR_REASON_DESK_HAS_REFERRAL:
      return "a desk is asked once: hand over to another one, or work the referral that is there";
    case v1::ERROR_REASON_STILL_NEEDED:
      return "name a successor that is valid by then, or close what is left first";
    case v1::ERROR_REASON_PACK_TOO_LARGE:
      return "export it without invented values";
    case v1::ERROR_REASON_UNKNOWN_ENGINE_VERSION:
      return "replay it with a program that has that engine version";
    case v1::ERROR_REASON_NO_PRINCIPAL:
      return "say who you are: `trialgate login`, or --certificate and --key; to a server with "
             "--insecure-dev: --as requester:organizations/ID:YOU, coordinator:desks/ID:YOU, "
             "national::YOU or auditor::YOU";
    case v1::ERROR_REASON_ROLE_NOT_PERMITTED:
      return "act in another role (--as), or ask someone who may";
    case v1::ERROR_REASON_INVALID_TOKEN:
      return "sign in again: `trialgate login`; with --token-file have the file renewed";
    case v1::ERROR_REASON_IDENTITY_PROVIDER_UNAVAILABLE:
      return "nobody can tell who you are just now: try again after a moment";
    case v1::ERROR_REASON_INVALID_CERTIFICATE:
      return "use a certificate that is in force; ask its authority for a new one";
    case v1::ERROR_REASON_NO_ROLE:
      return "ask for a role where accounts or certificates are kept";
    case v1::ERROR_REASON_OVERLOADED:
      return "try again after a moment";
    case v1::ERROR_REASON_OUTCOME_UNKNOWN:
      return "it may have happened: try again with the same request id";
    case v1::ERROR_REASON_STORE_UNAVAILABLE:
      return "the server takes no changes: its operator finds the cause in its log";
    case v1::ERROR_REASON_STORE_LOCKED:
      return "stop the other server on this data folder, or take another folder";
    case v1::ERROR_REASON_STORE_FORMAT:
      return "use the program that wrote the data folder, or a newer one";
    case v1::ERROR_REASON_STORE_CORRUPT:
      return "stop the server, keep the data folder for analysis, restore a backup";
    case v1::ERROR_REASON_DEADLINE_EXCEEDED:
      return "try again with a longer --timeout";
    case v1::ERROR_REASON_INTERNAL:
      return "nothing was changed; report it with the time and the server's log";
    case v1::ERROR_REASON_CONFIGURATION:
      return "mend the server's configuration named above";
    case v1::ERROR_REASON_RATE_LIMITED:
      return "call less often: try again after the delay";
    case v1::ERROR_REASON_AUDIT_UNAVAILABLE:
      return "reads cannot be recorded: try again after a moment; the operator finds the cause in "
             "the log";
    case v1::ERROR_REASON_KEYS_UNAVAILABLE:
      return "the keys of persons' fields cannot be read: the operator finds the cause in the log";
    case v1::ERROR_REASON_TOO_MANY_STREAMS:
      return "end one of your watches, or try again after the delay";
    case v1::ERROR_REASON_SLOW_WATCHER:
      return "watch again from where it ended, and read faster";
    case v1::ERROR_REASON_STREAM_ENDED:
      return "watch again: it goes on where it ended";
    case v1::ERROR_REASON_RESUME_TOKEN_EXPIRED:
    case v1::ERROR_REASON_INVALID_RESUME_TOKEN:
      return "watch anew, without a resume token";
  }
  return "";
}

bool IsWorthRetrying(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return true;
    case absl::StatusCode::kAborted:
      return ReasonOf(status) == v1::ERROR_REASON_CONFLICT;
    default:
      return false;
  }
}

std::string RenderError(const absl::Status& status) {
  std::string text =
      absl::StrCat("trialgate: ", KindWord(ExitCodeOf(status)), ": ", Headline(status), "\n");
  AppendFaults(status, &text);
  const v1::ErrorReason reason = ReasonToHintAt(status);
  std::string hint = HintIn(status);
  if (hint.empty() && IsUsage(status)) return text;
  if (hint.empty()) hint = HintOfAbsence(status);
  if (hint.empty()) {
    hint = reason == v1::ERROR_REASON_UNSPECIFIED ? HintOfCode(status.code()) : HintOf(reason);
  }
  if (!hint.empty()) absl::StrAppend(&text, "  next: ", hint, "\n");
  const absl::Duration delay = RetryAfterOf(status);
  if (delay > absl::ZeroDuration()) {
    absl::StrAppend(&text, "  retry after: ", absl::FormatDuration(delay), "\n");
  }
  return text;
}

}  // namespace trialgate::cli
