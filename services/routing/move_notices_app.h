// Who is told that a referral moved.
#ifndef TRIALGATE_SERVICES_ROUTING_MOVE_NOTICES_APP_H_
#define TRIALGATE_SERVICES_ROUTING_MOVE_NOTICES_APP_H_

#include "absl/status/status.h"
#include "services/notices/notice_repository.h"
#include "trialgate/storage/v1/records.pb.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// Tells the desk that a referral came to, and its contact. Errors are those of NoticeWriter::Add.
absl::Status TellTaker(storage::v1::NoticeKind kind, const v1::Referral& referral,
                       notices::NoticeWriter* notices);

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_MOVE_NOTICES_APP_H_
