#include "services/routing/referral_move.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/civil_date.h"
#include "google/protobuf/util/time_util.h"
#include "services/directory/contact_duty.h"
#include "services/directory/validity.h"
#include "services/feasibility/field_rules.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

using directory::DirectorySnapshot;
using feasibility::FieldRules;
using feasibility::Presence;
using feasibility::Quoted;

constexpr std::size_t kReasonBytes = 2048;

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

void ListMove(v1::ReferralMove move, v1::Referral* referral) {
  auto* const moves = referral->mutable_moves();
  if (moves->size() >= kMaxListedMoves) {
    moves->DeleteSubrange(1, 1);
    referral->set_moves_left_out(referral->moves_left_out() + 1);
  }
  *moves->Add() = std::move(move);
}

}  // namespace

bool IsContactOf(absl::string_view contact, absl::string_view desk) {
  return absl::StartsWith(contact, absl::StrCat(desk, "/contacts/"));
}

void CheckDeskAsked(const std::string& field, const std::string& desk,
                    const DirectorySnapshot& directory, absl::CivilDay today, FieldFaults* faults) {
  const FieldRules rules(faults);
  const v1::Desk* const found = directory.FindDesk(desk);
  rules.Reference(field, desk, "desks", "desk",
                  [&](const std::string&) { return found != nullptr; });
  if (found == nullptr || directory::ValidityOn(found->valid_from(), found->valid_to(), today) ==
                              directory::Validity::kValid) {
    return;
  }
  const v1::Desk* const now = directory.DeskOn(desk, today);
  faults->Add(field, v1::ERROR_REASON_DANGLING_REFERENCE,
              absl::StrCat(Quoted(desk), " does not answer on ", FormatDate(today),
                           now == nullptr ? "" : absl::StrCat("; ", now->name(), " does")));
}

void CheckContactAsked(const std::string& field, const std::string& contact,
                       const std::string& desk, const DirectorySnapshot& directory,
                       absl::CivilDay today, FieldFaults* faults) {
  const v1::Contact* const found = directory.FindContact(contact);
  if (found == nullptr || !IsContactOf(contact, desk)) {
    faults->Add(field, v1::ERROR_REASON_UNKNOWN_VALUE,
                absl::StrCat(Quoted(contact), " is not a contact of ", Quoted(desk)));
  } else if (!directory::HasPerson(*found)) {
    faults->Add(field, v1::ERROR_REASON_DANGLING_REFERENCE,
                absl::StrCat("nobody stands behind ", Quoted(contact), " any more"));
  } else if (directory::HasLeft(*found, today)) {
    faults->Add(field, v1::ERROR_REASON_DANGLING_REFERENCE,
                absl::StrCat(Quoted(contact), " has left ", Quoted(desk)));
  }
}

absl::Status CheckOnDuty(const std::string& contact, const DirectorySnapshot& directory,
                         absl::CivilDay today) {
  const v1::Contact* const found = directory.FindContact(contact);
  if (found == nullptr || directory::IsOnDuty(*found, today)) return absl::OkStatus();
  const std::string until = directory::AwayUntil(*found, today);
  std::vector<std::string> deputies;
  for (const std::string& name : found->deputies()) {
    const v1::Contact* const deputy = directory.FindContact(name);
    if (deputy != nullptr && directory::HasPerson(*deputy) && directory::IsOnDuty(*deputy, today)) {
      deputies.push_back(name);
    }
  }
  const std::string who = absl::StrJoin(deputies, ", ");
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_WRONG_STATE,
               absl::StrCat(contact, " is away until ", until,
                            who.empty() ? "; name another, or only the desk"
                                        : absl::StrCat("; on duty: ", who)))
      .WithMetadata("name", contact)
      .WithMetadata("state", "AWAY")
      .WithMetadata("event", "HAND_OVER")
      .WithMetadata("until", until)
      .WithMetadata("deputies", absl::StrJoin(deputies, ","));
}

std::string DeskHandedTo(const v1::HandOverReferralRequest& call) {
  if (!call.desk().empty()) return call.desk();
  return call.contact().substr(0, call.contact().find("/contacts/"));
}

FieldFaults CheckHandOver(const v1::HandOverReferralRequest& call, const v1::Referral& referral,
                          const DirectorySnapshot& directory, absl::CivilDay today) {
  FieldFaults faults;
  const FieldRules rules(&faults);
  const std::string desk = DeskHandedTo(call);
  if (desk.empty()) {
    rules.Required("desk", false);
  } else if (call.desk().empty()) {
    const bool known = directory.FindContact(call.contact()) != nullptr;
    // Of a contact that there is not, nothing is said of its desk.
    if (known) CheckDeskAsked("contact", desk, directory, today, &faults);
  } else {
    CheckDeskAsked("desk", desk, directory, today, &faults);
  }
  if (!call.contact().empty()) {
    CheckContactAsked("contact", call.contact(), desk, directory, today, &faults);
  }
  if (desk == referral.desk() && call.contact().empty()) {
    faults.Add("contact", v1::ERROR_REASON_REQUIRED,
               "must be given: the referral is with that desk already");
  } else if (!call.contact().empty() && call.contact() == referral.contact() &&
             desk == referral.desk()) {
    faults.Add("contact", v1::ERROR_REASON_CONTRADICTION, "has the referral already");
  }
  rules.Text("reason", call.reason(), kReasonBytes, Presence::kRequired);
  return faults;
}

void Move(v1::ReferralMoveKind kind, const Destination& to, absl::string_view informed,
          absl::string_view reason, absl::Time now, v1::Referral* referral) {
  v1::ReferralMove move;
  move.set_kind(kind);
  move.set_from_desk(referral->desk());
  move.set_from_contact(referral->contact());
  move.set_to_desk(to.desk);
  move.set_to_contact(to.contact);
  move.set_reason(std::string(reason));
  *move.mutable_move_time() = ToTimestamp(now);
  ListMove(std::move(move), referral);
  referral->set_desk(to.desk);
  referral->set_contact(to.contact);
  auto* const desks = referral->mutable_informed_desks();
  desks->erase(std::remove(desks->begin(), desks->end(), to.desk), desks->end());
  if (informed.empty() || std::find(desks->begin(), desks->end(), informed) != desks->end()) return;
  *desks->Add() = std::string(informed);
  std::sort(desks->begin(), desks->end());
}

}  // namespace trialgate::routing
