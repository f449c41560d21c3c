// Typed tables over a store: protobuf messages under resource keys, with secondary indexes.
//
//   inline const store::Table<v1::Site>& Sites() {
//     static const auto* const kTable = new store::Table<v1::Site>(
//         TableId::TABLE_ID_SITE,
//         {{TableId::TABLE_ID_SITE_BY_REGION,
//           [](const v1::Site& s) { return std::vector<std::string>{s.region()}; }}});
//     return *kTable;
//   }
//
// Reads are here, all as of a commit; writes go through a UnitOfWork, which keeps the indexes in
// the same commit. Resource keys and index values consist of bytes from 0x02 on; only keys are
// never empty. Messages are serialized deterministically.
#ifndef TRIALGATE_COMMON_STORE_TABLE_H_
#define TRIALGATE_COMMON_STORE_TABLE_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/store/store.h"
#include "google/protobuf/message_lite.h"
#include "trialgate/storage/v1/tables.pb.h"

namespace trialgate::store {

using storage::v1::TableId;

// How an audit event tells of a row.
struct Told {
  std::string name;
  std::string hash;  // raw; empty: there is nothing
};

// What tables of all types have in common. Immutable.
class TableBase {
 public:
  TableId id() const { return id_; }

  // The store's key of a resource: "06/sites/x1".
  std::string Key(absl::string_view resource_key) const;

 protected:
  // The index values of a serialized message.
  struct Index {
    TableId id;
    std::function<absl::StatusOr<std::vector<std::string>>(absl::string_view payload)> values;
  };

  using TellFunction = std::function<absl::StatusOr<Told>(absl::string_view payload)>;

  TableBase(TableId id, std::vector<Index> indexes, TellFunction tell)
      : id_(id), indexes_(std::move(indexes)), tell_(std::move(tell)) {}
  ~TableBase() = default;

 private:
  friend class UnitOfWork;
  const TableId id_;
  const std::vector<Index> indexes_;
  const TellFunction tell_;  // null: by the row's key and the SHA-256 of its message
};

// `P` is a protobuf message.
template <typename P>
class Table final : public TableBase {
 public:
  struct Index {
    TableId id;
    // The values under which a message is found; several or none are fine, duplicates count once.
    // A pure function: it is called again to remove what it returned earlier.
    std::function<std::vector<std::string>(const P&)> values;
  };

  // `tell`, unless null, says how audit events tell of a row whose key or content they must not
  // hold; a pure function.
  explicit Table(TableId id, std::vector<Index> indexes = {},
                 std::function<Told(const P&)> tell = nullptr)
      : TableBase(id, Untyped(std::move(indexes)), UntypedTell(std::move(tell))) {}

 private:
  static std::vector<TableBase::Index> Untyped(std::vector<Index> indexes);
  static TellFunction UntypedTell(std::function<Told(const P&)> tell);
};

template <typename P>
struct Row {
  std::string key;  // the resource's, without the table
  P value;
  // The commit that wrote it; 0 for what the same unit of work wrote.
  CommitNumber version = 0;
};

template <typename P>
struct RowPage {
  std::vector<Row<P>> rows;
  // Where the next page goes on (PageOptions::after); empty on the last page.
  std::string next;
};

struct PageOptions {
  // Only resource keys (in ScanIndex: of the found rows) that start with it; empty is all.
  std::string prefix;
  // `next` of the page before; empty for the first.
  std::string after;
  // 1 to kMaxPage.
  int limit = 100;
};

// Which index values are asked for: from <= value < to; an empty `to` is no bound.
struct IndexRange {
  std::string from;
  std::string to;
};

// The row under a key as of a commit; none if there was none. Errors as for Store::Get.
template <typename P>
absl::StatusOr<std::optional<Row<P>>> ReadRow(const Store& store, const Table<P>& table,
                                              absl::string_view key, CommitNumber as_of);

// The rows under several keys, in their order.
template <typename P>
absl::StatusOr<std::vector<std::optional<Row<P>>>> ReadRows(const Store& store,
                                                            const Table<P>& table,
                                                            absl::Span<const std::string> keys,
                                                            CommitNumber as_of);

// One page of the table, ascending by key.
template <typename P>
absl::StatusOr<RowPage<P>> ScanRows(const Store& store, const Table<P>& table,
                                    const PageOptions& page, CommitNumber as_of);

// One page of the rows that `index` finds under exactly `value`, ascending by key.
template <typename P>
absl::StatusOr<RowPage<P>> ScanIndex(const Store& store, const Table<P>& table, TableId index,
                                     absl::string_view value, const PageOptions& page,
                                     CommitNumber as_of);

// One page of the rows that `index` finds under a range of values, ascending by value, then key; a
// row with several values in the range comes once for each. `page.prefix` must be empty.
template <typename P>
absl::StatusOr<RowPage<P>> ScanIndexRange(const Store& store, const Table<P>& table, TableId index,
                                          const IndexRange& range, const PageOptions& page,
                                          CommitNumber as_of);

// Implementation from here on.

namespace internal {

// "06/"
std::string TablePrefix(TableId id);
// "a1/" value 0x01 resource key
std::string IndexKey(TableId index, absl::string_view value, absl::string_view resource_key);
// OK if `text` has only bytes from 0x02 on, and is not empty where that is not allowed.
absl::Status CheckKeyText(absl::string_view text, bool may_be_empty);

// A storage.v1.Record around a payload, and back. DATA_LOSS (STORE_CORRUPT): `bytes` is none;
// FAILED_PRECONDITION (STORE_FORMAT): it is encoded in a way that this program does not know.
std::string EncodeRecord(absl::string_view payload);
absl::StatusOr<std::string> DecodeRecord(absl::string_view bytes);
absl::Status ParsePayload(absl::string_view payload, google::protobuf::MessageLite* message);
std::string SerializePayload(const google::protobuf::MessageLite& message);

// Payloads under resource keys.
struct RawRow {
  std::string key;
  std::string payload;
  CommitNumber version = 0;
};
struct RawPage {
  std::vector<RawRow> rows;
  std::string next;
};
absl::StatusOr<std::vector<std::optional<RawRow>>> ReadRaw(const Store& store, TableId table,
                                                           absl::Span<const std::string> keys,
                                                           CommitNumber as_of);
absl::StatusOr<RawPage> ScanRaw(const Store& store, TableId table, const PageOptions& page,
                                CommitNumber as_of);
absl::StatusOr<RawPage> ScanIndexRaw(const Store& store, TableId table, TableId index,
                                     absl::string_view value, const PageOptions& page,
                                     CommitNumber as_of);
absl::StatusOr<RawPage> ScanIndexRangeRaw(const Store& store, TableId table, TableId index,
                                          const IndexRange& range, const PageOptions& page,
                                          CommitNumber as_of);

template <typename P>
absl::StatusOr<Row<P>> TypedRow(RawRow raw) {
  Row<P> row;
  ABSL_RETURN_IF_ERROR(ParsePayload(raw.payload, &row.value));
  row.key = std::move(raw.key);
  row.version = raw.version;
  return row;
}

template <typename P>
absl::StatusOr<std::optional<Row<P>>> TypedRow(std::optional<RawRow> raw) {
  if (!raw.has_value()) return std::optional<Row<P>>();
  ABSL_ASSIGN_OR_RETURN(Row<P> row, TypedRow<P>(*std::move(raw)));
  return std::optional<Row<P>>(std::move(row));
}

template <typename P>
absl::StatusOr<RowPage<P>> TypedPage(absl::StatusOr<RawPage> raw) {
  ABSL_RETURN_IF_ERROR(raw.status());
  RowPage<P> page;
  page.next = std::move(raw->next);
  page.rows.reserve(raw->rows.size());
  for (RawRow& raw_row : raw->rows) {
    ABSL_ASSIGN_OR_RETURN(Row<P> row, TypedRow<P>(std::move(raw_row)));
    page.rows.push_back(std::move(row));
  }
  return page;
}

}  // namespace internal

template <typename P>
std::vector<TableBase::Index> Table<P>::Untyped(std::vector<Index> indexes) {
  std::vector<TableBase::Index> untyped;
  for (Index& index : indexes) {
    auto values = [typed = std::move(index.values)](
                      absl::string_view payload) -> absl::StatusOr<std::vector<std::string>> {
      P message;
      ABSL_RETURN_IF_ERROR(internal::ParsePayload(payload, &message));
      return typed(message);
    };
    untyped.push_back({index.id, std::move(values)});
  }
  return untyped;
}

template <typename P>
TableBase::TellFunction Table<P>::UntypedTell(std::function<Told(const P&)> tell) {
  if (tell == nullptr) return nullptr;
  return [typed = std::move(tell)](absl::string_view payload) -> absl::StatusOr<Told> {
    P message;
    ABSL_RETURN_IF_ERROR(internal::ParsePayload(payload, &message));
    return typed(message);
  };
}

template <typename P>
absl::StatusOr<std::vector<std::optional<Row<P>>>> ReadRows(const Store& store,
                                                            const Table<P>& table,
                                                            absl::Span<const std::string> keys,
                                                            CommitNumber as_of) {
  ABSL_ASSIGN_OR_RETURN(auto raw, internal::ReadRaw(store, table.id(), keys, as_of));
  std::vector<std::optional<Row<P>>> rows;
  rows.reserve(raw.size());
  for (std::optional<internal::RawRow>& raw_row : raw) {
    ABSL_ASSIGN_OR_RETURN(auto row, internal::TypedRow<P>(std::move(raw_row)));
    rows.push_back(std::move(row));
  }
  return rows;
}

template <typename P>
absl::StatusOr<std::optional<Row<P>>> ReadRow(const Store& store, const Table<P>& table,
                                              absl::string_view key, CommitNumber as_of) {
  const std::string keys[] = {std::string(key)};
  ABSL_ASSIGN_OR_RETURN(auto rows, ReadRows(store, table, keys, as_of));
  return std::move(rows.front());
}

template <typename P>
absl::StatusOr<RowPage<P>> ScanRows(const Store& store, const Table<P>& table,
                                    const PageOptions& page, CommitNumber as_of) {
  return internal::TypedPage<P>(internal::ScanRaw(store, table.id(), page, as_of));
}

template <typename P>
absl::StatusOr<RowPage<P>> ScanIndex(const Store& store, const Table<P>& table, TableId index,
                                     absl::string_view value, const PageOptions& page,
                                     CommitNumber as_of) {
  return internal::TypedPage<P>(
      internal::ScanIndexRaw(store, table.id(), index, value, page, as_of));
}

template <typename P>
absl::StatusOr<RowPage<P>> ScanIndexRange(const Store& store, const Table<P>& table, TableId index,
                                          const IndexRange& range, const PageOptions& page,
                                          CommitNumber as_of) {
  return internal::TypedPage<P>(
      internal::ScanIndexRangeRaw(store, table.id(), index, range, page, as_of));
}

}  // namespace trialgate::store

#endif  // TRIALGATE_COMMON_STORE_TABLE_H_
