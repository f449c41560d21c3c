#include "services/directory/not_found.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/utf8.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::directory {

absl::Status NotFoundError(absl::string_view type, absl::string_view name) {
  const std::string shown = ShortenUtf8(name, 200);
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_NOT_FOUND,
               absl::StrCat("there is no ", type, " \"", shown, "\""))
      .WithResource(absl::StrCat("trialgate.v1.", type), shown);
}

}  // namespace trialgate::directory
