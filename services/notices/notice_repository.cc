#include "services/notices/notice_repository.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"

namespace trialgate::notices {

const store::Table<storage::v1::Notice>& Notices() {
  static const auto* const kTable =
      new store::Table<storage::v1::Notice>(store::TableId::TABLE_ID_NOTICE);
  return *kTable;
}

NoticeWriter::NoticeWriter(store::UnitOfWork* work, absl::string_view operation, absl::Time now)
    : work_(work), operation_(operation), now_(now) {}

absl::Status NoticeWriter::Add(storage::v1::NoticeKind kind, absl::string_view recipient,
                               absl::string_view subject) {
  storage::v1::Notice notice;
  notice.set_id(absl::StrCat(operation_, "-", ++count_));
  notice.set_kind(kind);
  notice.set_recipient(std::string(recipient));
  notice.set_subject(std::string(subject));
  *notice.mutable_create_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(now_));
  return work_->Put(Notices(), notice.id(), notice);
}

}  // namespace trialgate::notices
