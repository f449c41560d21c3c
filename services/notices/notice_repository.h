// The outbox: notices that wait to be delivered. They are written in the commit of what they tell.
#ifndef TRIALGATE_SERVICES_NOTICES_NOTICE_REPOSITORY_H_
#define TRIALGATE_SERVICES_NOTICES_NOTICE_REPOSITORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "trialgate/storage/v1/records.pb.h"

namespace trialgate::notices {

// Under their ids.
const store::Table<storage::v1::Notice>& Notices();

// Writes the notices of one use case, with ids "{operation}-1", "{operation}-2" …: the same in each
// attempt of a unit of work. Not thread-safe.
class NoticeWriter {
 public:
  // `work` is not owned. `operation` is an id drawn once, before the attempts, for this writer
  // alone.
  NoticeWriter(store::UnitOfWork* work, absl::string_view operation, absl::Time now);

  // Tells `recipient` (`desks/{id}`, `desks/{id}/contacts/{id}` or `organizations/{id}`) of
  // `subject`, a request or a referral. Errors are those of UnitOfWork::Put.
  absl::Status Add(storage::v1::NoticeKind kind, absl::string_view recipient,
                   absl::string_view subject);

 private:
  store::UnitOfWork* const work_;
  const std::string operation_;
  const absl::Time now_;
  int count_ = 0;
};

}  // namespace trialgate::notices

#endif  // TRIALGATE_SERVICES_NOTICES_NOTICE_REPOSITORY_H_
