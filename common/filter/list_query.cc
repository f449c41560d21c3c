#include "common/filter/list_query.h"

#include "trialgate/v1/errors.pb.h"

namespace trialgate::filter {

ParsedQuery::ParsedQuery(const std::vector<Field>& fields, const QueryText& text,
                         CallFaults* faults) {
  if (const auto fault = ParseFilter(text.filter, fields, &comparisons); fault.has_value()) {
    faults->Add("filter", v1::ERROR_REASON_INVALID_FILTER, text.filter, *fault);
  }
  if (const auto fault = ParseOrder(text.order_by, fields, &order); fault.has_value()) {
    faults->Add("order_by", v1::ERROR_REASON_INVALID_ORDER, text.order_by, *fault);
  }
}

}  // namespace trialgate::filter
