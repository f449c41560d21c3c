#include "services/routing/resource_names.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/errors.h"
#include "common/base/utf8.h"
#include "services/feasibility/field_rules.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::routing {
namespace {

constexpr char kRequests[] = "trialRequests";
constexpr std::size_t kMaxIdBytes = 63;
// The longest name there is: that of a line, with its request, referral and site.
constexpr std::size_t kMaxNameBytes = 240;

// Ids that the server drew, and numbers: other than those of the pack they may begin with a digit.
bool IsDrawnId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && std::all_of(id.begin(), id.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
  });
}

// Whether `name` is `collection`/{id}.
bool IsName(absl::string_view name, absl::string_view collection) {
  return absl::ConsumePrefix(&name, collection) && absl::ConsumePrefix(&name, "/") &&
         IsDrawnId(name);
}

}  // namespace

bool IsTrialRequestName(absl::string_view name) { return IsName(name, kRequests); }

bool IsNameBelowRequest(absl::string_view name, absl::string_view collection) {
  const std::string request = RequestOf(name);
  if (!IsTrialRequestName(request)) return false;
  name.remove_prefix(request.size());
  return absl::ConsumePrefix(&name, "/") && IsName(name, collection);
}

std::string RequestOf(absl::string_view name) {
  const auto first = name.find('/');
  if (first == absl::string_view::npos) return std::string(name);
  return std::string(name.substr(0, name.find('/', first + 1)));
}

absl::Status NotFoundError(absl::string_view type, absl::string_view name) {
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat("\"", ShortenUtf8(name, kMaxNameBytes),
                            "\" does not exist, or is not yours to see"))
      .WithResource(type, feasibility::IsUtf8(name) ? name : "");
}

}  // namespace trialgate::routing
