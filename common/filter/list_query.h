// The filter and order of one list call, read against the fields of what it lists.
//
//   CallFaults faults;
//   const ListQuery<v1::Site> query(SiteFields(), {request.filter(), request.order_by()}, &faults);
//   ABSL_RETURN_IF_ERROR(faults.ToStatus());
//   for (const v1::Site& site : sites) if (query.Matches(site)) ...
#ifndef TRIALGATE_COMMON_FILTER_LIST_QUERY_H_
#define TRIALGATE_COMMON_FILTER_LIST_QUERY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/filter/faults.h"
#include "common/filter/fields.h"
#include "common/filter/filter.h"
#include "common/filter/order.h"

namespace trialgate::filter {

// As they stand in the call.
struct QueryText {
  absl::string_view filter;
  absl::string_view order_by = "";
};

// Both texts, read; what is wrong with them is added to `faults`, for the fields `filter`
// (INVALID_FILTER) and `order_by` (INVALID_ORDER).
struct ParsedQuery {
  ParsedQuery(const std::vector<Field>& fields, const QueryText& text, CallFaults* faults);

  std::vector<Comparison> comparisons;
  std::vector<OrderField> order;
};

// Immutable, hence thread-safe.
template <typename Record>
class ListQuery {
 public:
  // `fields` outlives this. To be used only where nothing was added to `faults`.
  ListQuery(const FieldTable<Record>& fields, const QueryText& text, CallFaults* faults)
      : fields_(fields), parsed_(fields.fields(), text, faults) {}

  // Whether it leaves anything out, and whether it orders by anything but names.
  bool filters() const { return !parsed_.comparisons.empty(); }
  bool orders() const { return !parsed_.order.empty(); }

  // Whether the filter names the field.
  bool Names(absl::string_view path) const {
    for (const Comparison& comparison : parsed_.comparisons) {
      if (path == absl::string_view(fields_.fields()[comparison.field].path)) return true;
    }
    return false;
  }

  bool Matches(const Record& record) const {
    return filter::Matches(parsed_.comparisons, fields_.fields(),
                           [&](std::size_t field) { return fields_.ValuesOf(field, record); });
  }

  // Where the record stands: bytewise ascending is the order asked for. It holds the values ordered
  // by and the name, nothing else of the record; without an order it is the name.
  std::string KeyOf(const Record& record) const {
    std::string key;
    for (const OrderField& one : parsed_.order) {
      AppendToKey(one, fields_.ValuesOf(one.field, record), &key);
    }
    const absl::string_view name = fields_.NameOf(record);
    key.append(name.data(), name.size());
    return key;
  }

 private:
  const FieldTable<Record>& fields_;
  const ParsedQuery parsed_;
};

}  // namespace trialgate::filter

#endif  // TRIALGATE_COMMON_FILTER_LIST_QUERY_H_
