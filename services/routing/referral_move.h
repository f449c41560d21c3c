// What it means for a referral to go from one contact or desk to another. Pure.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_MOVE_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_MOVE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "services/directory/directory_snapshot.h"
#include "trialgate/v1/directory.pb.h"
#include "trialgate/v1/referral.pb.h"
#include "trialgate/v1/referral_service.pb.h"

namespace trialgate::routing {

// Moves that a referral lists at most: the first one, and the newest.
inline constexpr int kMaxListedMoves = 50;

// Where a referral goes.
struct Destination {
  // `desks/{id}`.
  std::string desk;
  // `desks/{id}/contacts/{id}`; empty: nobody in particular.
  std::string contact;
};

// Whether `contact` is a contact of `desk`, by its name.
bool IsContactOf(absl::string_view contact, absl::string_view desk);

// The faults of a desk named in `field` that is to be asked on `today`: UNKNOWN_VALUE;
// DANGLING_REFERENCE where it is not valid then.
void CheckDeskAsked(const std::string& field, const std::string& desk,
                    const directory::DirectorySnapshot& directory, absl::CivilDay today,
                    FieldFaults* faults);

// The faults of a contact named in `field`, who is to be asked at `desk`: UNKNOWN_VALUE where the
// desk has no such contact; DANGLING_REFERENCE where nobody stands behind it any more, or it has
// left the desk.
void CheckContactAsked(const std::string& field, const std::string& contact,
                       const std::string& desk, const directory::DirectorySnapshot& directory,
                       absl::CivilDay today, FieldFaults* faults);

// The faults of a hand-over of `referral`. CONTRADICTION: it would stay where it is.
FieldFaults CheckHandOver(const v1::HandOverReferralRequest& call, const v1::Referral& referral,
                          const directory::DirectorySnapshot& directory, absl::CivilDay today);

// FAILED_PRECONDITION (WRONG_STATE: AWAY; metadata name, event, until: the last day of the absence,
// deputies: those on duty, separated by commas): the contact named is away on `today`, so that
// nobody would read it. OK where none is named: one on duty is chosen.
absl::Status CheckOnDuty(const std::string& contact, const directory::DirectorySnapshot& directory,
                         absl::CivilDay today);

// The desk to which a hand-over goes.
std::string DeskHandedTo(const v1::HandOverReferralRequest& call);

// Puts `referral` with its destination and notes the move. Who takes it is not informed besides; a
// desk `informed` (empty: none) is from now on.
void Move(v1::ReferralMoveKind kind, const Destination& to, absl::string_view informed,
          absl::string_view reason, absl::Time now, v1::Referral* referral);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_MOVE_H_
