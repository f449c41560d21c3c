#include "common/store/table.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "trialgate/storage/v1/record.pb.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::store {
namespace {

// Encoding of a record's payload: the table's message, serialized.
constexpr int kRecordFormat = 1;
// Between an index value and the resource key; no byte of either is as small.
constexpr char kIndexSeparator = '\1';

absl::Status Corrupt(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, v1::ERROR_REASON_STORE_CORRUPT,
               absl::StrCat("a stored record is damaged: ", what));
}

// The least text greater than every text that starts with `prefix`, which is ASCII or UTF-8 and so
// never ends in 0xff.
std::string AfterPrefix(std::string prefix) {
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// Fetches the rows that the entries of an index page point to, as of the same commit.
absl::StatusOr<internal::RawPage> FollowIndex(const Store& store, TableId table, TableId index,
                                              const ScanRange& range, CommitNumber as_of) {
  ABSL_ASSIGN_OR_RETURN(const ScanPage entries, store.Scan(range, as_of));
  std::vector<std::string> keys;
  for (const Entry& entry : entries.entries) {
    const std::size_t separator = entry.key.find(kIndexSeparator);
    if (separator == std::string::npos) return Corrupt("an index entry without resource key");
    keys.push_back(entry.key.substr(separator + 1));
  }
  internal::RawPage page;
  ABSL_ASSIGN_OR_RETURN(auto rows, internal::ReadRaw(store, table, keys, as_of));
  for (std::optional<internal::RawRow>& row : rows) {
    if (!row.has_value()) return Corrupt("an index entry points to no row");
    page.rows.push_back(*std::move(row));
  }
  if (entries.more) {
    page.next = entries.entries.back().key.substr(internal::TablePrefix(index).size());
  }
  return page;
}

}  // namespace

std::string TableBase::Key(absl::string_view resource_key) const {
  return absl::StrCat(internal::TablePrefix(id_), resource_key);
}

namespace internal {

std::string TablePrefix(TableId id) {
  return absl::StrCat(absl::Hex(static_cast<int>(id), absl::kZeroPad2), "/");
}

std::string IndexKey(TableId index, absl::string_view value, absl::string_view resource_key) {
  return absl::StrCat(TablePrefix(index), value, absl::string_view(&kIndexSeparator, 1),
                      resource_key);
}

absl::Status CheckKeyText(absl::string_view text, bool may_be_empty) {
  if (text.empty() && !may_be_empty) return absl::InvalidArgumentError("a resource key is empty");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= static_cast<unsigned char>(kIndexSeparator)) {
      return absl::InvalidArgumentError("a key or index value contains the byte 0x00 or 0x01");
    }
  }
  return absl::OkStatus();
}

std::string EncodeRecord(absl::string_view payload) {
  storage::v1::Record record;
  record.set_format(kRecordFormat);
  record.set_payload(std::string(payload));
  return record.SerializeAsString();
}

absl::StatusOr<std::string> DecodeRecord(absl::string_view bytes) {
  storage::v1::Record record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Corrupt("it is no record");
  }
  if (record.format() != kRecordFormat || record.key_id() != 0) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_STORE_FORMAT,
                 absl::StrCat("a stored record has format ", record.format(), " and key ",
                              record.key_id(), ", which this program does not read"));
  }
  return std::move(*record.mutable_payload());
}

absl::Status ParsePayload(absl::string_view payload, google::protobuf::MessageLite* message) {
  if (message->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::OkStatus();
  }
  return Corrupt(absl::StrCat("it is no ", message->GetTypeName()));
}

std::string SerializePayload(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

absl::StatusOr<std::vector<std::optional<RawRow>>> ReadRaw(const Store& store, TableId table,
                                                           absl::Span<const std::string> keys,
                                                           CommitNumber as_of) {
  const std::string prefix = TablePrefix(table);
  std::vector<std::string> store_keys;
  store_keys.reserve(keys.size());
  for (const std::string& key : keys) {
    ABSL_RETURN_IF_ERROR(CheckKeyText(key, /*may_be_empty=*/false));
    store_keys.push_back(absl::StrCat(prefix, key));
  }
  ABSL_ASSIGN_OR_RETURN(const auto entries, store.Get(store_keys, as_of));
  std::vector<std::optional<RawRow>> rows;
  rows.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    rows.emplace_back();
    if (!entries[i].has_value()) continue;
    ABSL_ASSIGN_OR_RETURN(std::string payload, DecodeRecord(entries[i]->value));
    rows.back() = RawRow{keys[i], std::move(payload), entries[i]->version};
  }
  return rows;
}

absl::StatusOr<RawPage> ScanRaw(const Store& store, TableId table, const PageOptions& page,
                                CommitNumber as_of) {
  const std::string prefix = TablePrefix(table);
  ScanRange range;
  range.start = absl::StrCat(prefix, page.prefix);
  range.end = AfterPrefix(range.start);
  if (!page.after.empty()) range.start_after = absl::StrCat(prefix, page.after);
  range.limit = page.limit;
  ABSL_ASSIGN_OR_RETURN(const ScanPage entries, store.Scan(range, as_of));
  RawPage rows;
  for (const Entry& entry : entries.entries) {
    ABSL_ASSIGN_OR_RETURN(std::string payload, DecodeRecord(entry.value));
    rows.rows.push_back({entry.key.substr(prefix.size()), std::move(payload), entry.version});
  }
  if (entries.more) rows.next = rows.rows.back().key;
  return rows;
}

absl::StatusOr<RawPage> ScanIndexRaw(const Store& store, TableId table, TableId index,
                                     absl::string_view value, const PageOptions& page,
                                     CommitNumber as_of) {
  ABSL_RETURN_IF_ERROR(CheckKeyText(value, /*may_be_empty=*/true));
  ScanRange range;
  range.start = IndexKey(index, value, page.prefix);
  range.end = AfterPrefix(range.start);
  if (!page.after.empty()) range.start_after = absl::StrCat(TablePrefix(index), page.after);
  range.limit = page.limit;
  return FollowIndex(store, table, index, range, as_of);
}

absl::StatusOr<RawPage> ScanIndexRangeRaw(const Store& store, TableId table, TableId index,
                                          const IndexRange& values, const PageOptions& page,
                                          CommitNumber as_of) {
  if (!page.prefix.empty()) return absl::InvalidArgumentError("a range of values has no prefix");
  const std::string prefix = TablePrefix(index);
  ScanRange range;
  range.start = absl::StrCat(prefix, values.from);
  range.end = values.to.empty() ? AfterPrefix(prefix) : absl::StrCat(prefix, values.to);
  if (!page.after.empty()) range.start_after = absl::StrCat(prefix, page.after);
  range.limit = page.limit;
  return FollowIndex(store, table, index, range, as_of);
}

}  // namespace internal

}  // namespace trialgate::store
