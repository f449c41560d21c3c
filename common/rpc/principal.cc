#include "common/rpc/principal.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::rpc {
namespace {

constexpr std::size_t kMaxSubjectBytes = 128;
constexpr std::size_t kMaxIdBytes = 63;
constexpr std::size_t kMaxTextBytes = 8192;
constexpr absl::string_view kForm =
    "send metadata \"trialgate-principal\" as role:scope:subject, such as "
    "\"requester:organizations/acme:alice\", \"coordinator:desks/north:bob\" or "
    "\"national::carol\"";

struct RoleWord {
  v1::Role role;
  absl::string_view word;
};
constexpr std::array<RoleWord, 6> kRoles = {{{v1::ROLE_REQUESTER, "requester"},
                                             {v1::ROLE_COORDINATOR, "coordinator"},
                                             {v1::ROLE_NATIONAL, "national"},
                                             {v1::ROLE_AUDITOR, "auditor"},
                                             {v1::ROLE_OPERATOR, "operator"},
                                             {v1::ROLE_PROGRAM, "program"}}};

absl::Status Refuse(absl::string_view what) {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_NO_PRINCIPAL,
               absl::StrCat(what, "; ", kForm));
}

std::optional<v1::Role> RoleOf(absl::string_view word) {
  for (const RoleWord& known : kRoles) {
    if (known.word == word && known.role != v1::ROLE_PROGRAM) return known.role;
  }
  return std::nullopt;
}

bool IsSubject(absl::string_view text) {
  if (text.empty() || text.size() > kMaxSubjectBytes) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::string_view("._@-").find(c) != absl::string_view::npos;
  });
}

// "organizations/acme" for the collection "organizations/".
bool IsName(absl::string_view text, absl::string_view collection) {
  if (!absl::StartsWith(text, collection)) return false;
  const absl::string_view id = text.substr(collection.size());
  if (id.empty() || id.size() > kMaxIdBytes) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

absl::Status SetDesks(absl::string_view scope, v1::Principal* principal) {
  const std::vector<absl::string_view> desks = absl::StrSplit(scope, ',');
  if (static_cast<int>(desks.size()) > kMaxDesksOfPrincipal) {
    return Refuse("the principal has too many desks");
  }
  std::set<absl::string_view> seen;
  for (const absl::string_view desk : desks) {
    if (!IsName(desk, "desks/")) return Refuse("a coordinator's scope is its desks");
    if (!seen.insert(desk).second) return Refuse("a desk of the principal is given twice");
    principal->add_desks(std::string(desk));
  }
  return absl::OkStatus();
}

absl::Status SetScope(absl::string_view scope, v1::Principal* principal) {
  switch (principal->role()) {
    case v1::ROLE_REQUESTER:
      if (!IsName(scope, "organizations/")) {
        return Refuse("a requester's scope is its organization");
      }
      principal->set_organization(std::string(scope));
      return absl::OkStatus();
    case v1::ROLE_COORDINATOR:
      return SetDesks(scope, principal);
    default:
      if (!scope.empty()) return Refuse("this role of the principal has no scope");
      return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<v1::Principal> ParsePrincipal(absl::string_view text) {
  if (text.empty()) return Refuse("the call names no principal");
  if (text.size() > kMaxTextBytes) return Refuse("the principal is too long");
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  if (parts.size() != 3) return Refuse("the principal does not have three parts");
  const std::optional<v1::Role> role = RoleOf(parts[0]);
  if (!role.has_value()) return Refuse("the principal's role is not known");
  v1::Principal principal;
  principal.set_role(*role);
  ABSL_RETURN_IF_ERROR(SetScope(parts[1], &principal));
  if (!IsSubject(parts[2])) {
    return Refuse("the principal's subject is not 1 to 128 of letters, digits and \"._@-\"");
  }
  principal.set_subject(std::string(parts[2]));
  return principal;
}

std::string FormatPrincipal(const v1::Principal& principal) {
  const std::string scope = principal.role() == v1::ROLE_COORDINATOR
                                ? absl::StrJoin(principal.desks(), ",")
                                : principal.organization();
  return absl::StrCat(RoleName(principal.role()), ":", scope, ":", principal.subject());
}

std::string RoleName(v1::Role role) {
  for (const RoleWord& known : kRoles) {
    if (known.role == role) return std::string(known.word);
  }
  return "none";
}

}  // namespace trialgate::rpc
