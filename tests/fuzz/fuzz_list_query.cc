// A filter or an order, whatever bytes it is: it is read, or refused at a character of it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/errors.h"
#include "common/filter/list_query.h"
#include "tests/fuzz/promise.h"
#include "tests/unit/filter/fields_fixture.h"
#include "trialgate/v1/errors.pb.h"

using trialgate::MetadataOf;
using trialgate::ReasonOf;
using trialgate::filter::CallFaults;
using trialgate::filter::kMaxComparisons;
using trialgate::filter::kMaxFilterBytes;
using trialgate::filter::kMaxOrderedBytes;
using trialgate::filter::kMaxOrderFields;
using trialgate::filter::ListQuery;
using trialgate::filter::ParsedQuery;
using trialgate::filter::QueryText;
using trialgate::filter::TestFields;
namespace v1 = trialgate::v1;

namespace {

v1::Site MakeSite() {
  v1::Site site;
  site.set_name("sites/x");
  site.set_city("Århus");
  site.add_accreditations("ISO 9001");
  site.add_specialities("urologi");
  site.set_type(v1::SITE_TYPE_TRIAL_UNIT);
  site.mutable_start_up()->set_median_days(30);
  site.set_valid_to("2027-01-31");
  site.add_codes()->set_system("2026-12-21");
  return site;
}

void Try(const QueryText& text, v1::ErrorReason reason, std::size_t size) {
  static const auto* const kSite = new v1::Site(MakeSite());
  CallFaults faults;
  const ListQuery<v1::Site> query(TestFields(), text, &faults);
  const absl::Status status = faults.ToStatus();
  if (!status.ok()) {
    TRIALGATE_PROMISE(ReasonOf(status) == reason);
    const std::string position = MetadataOf(status)["position"];
    TRIALGATE_PROMISE(!position.empty());
    TRIALGATE_PROMISE(std::stoul(position) >= 1 && std::stoul(position) <= size + 1);
    return;
  }
  CallFaults again;
  const ParsedQuery parsed(TestFields().fields(), text, &again);
  TRIALGATE_PROMISE(again.ToStatus().ok());
  TRIALGATE_PROMISE(parsed.comparisons.size() <= kMaxComparisons);
  TRIALGATE_PROMISE(parsed.order.size() <= kMaxOrderFields);
  TRIALGATE_PROMISE(size <= kMaxFilterBytes);
  // What meets a filter meets it always, and stands in one place.
  TRIALGATE_PROMISE(query.Matches(*kSite) == query.Matches(*kSite));
  TRIALGATE_PROMISE(query.filters() || query.Matches(*kSite));
  const std::string key = query.KeyOf(*kSite);
  TRIALGATE_PROMISE(key.size() <= kMaxOrderFields * (kMaxOrderedBytes + 3) + kSite->name().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  Try({text, ""}, v1::ERROR_REASON_INVALID_FILTER, size);
  Try({"", text}, v1::ERROR_REASON_INVALID_ORDER, size);
  return 0;
}
