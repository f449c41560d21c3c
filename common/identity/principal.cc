#include "common/identity/principal.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/errors.h"
#include "trialgate/v1/errors.pb.h"

namespace trialgate::identity {
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

// "organizations/acme" for the collection "organizations/".
bool IsName(absl::string_view text, absl::string_view collection) {
  if (!absl::StartsWith(text, collection)) return false;
  const absl::string_view id = text.substr(collection.size());
  if (id.empty() || id.size() > kMaxIdBytes) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

absl::string_view DesksFault(const v1::Principal& principal) {
  if (principal.desks_size() > kMaxDesksOfPrincipal) return "the principal has too many desks";
  std::set<absl::string_view> seen;
  for (const std::string& desk : principal.desks()) {
    if (!IsName(desk, "desks/")) return "a coordinator's scope is its desks";
    if (!seen.insert(desk).second) return "a desk of the principal is given twice";
  }
  if (seen.empty()) return "a coordinator's scope is its desks";
  return "";
}

absl::string_view ScopeFault(const v1::Principal& principal) {
  const bool requester = principal.role() == v1::ROLE_REQUESTER;
  const bool coordinator = principal.role() == v1::ROLE_COORDINATOR;
  if (requester && !IsName(principal.organization(), "organizations/")) {
    return "a requester's scope is its organization";
  }
  if (!requester && !principal.organization().empty()) {
    return "this role of the principal has no organization";
  }
  if (coordinator) return DesksFault(principal);
  if (!principal.desks().empty()) return "this role of the principal has no desks";
  return "";
}

}  // namespace

absl::string_view PrincipalFault(const v1::Principal& principal) {
  if (!CallerRole(RoleName(principal.role())).has_value()) {
    return "the principal's role is not known";
  }
  if (const absl::string_view fault = ScopeFault(principal); !fault.empty()) return fault;
  if (!IsSubject(principal.subject())) {
    return "the principal's subject is not 1 to 128 of letters, digits and \"._@-\"";
  }
  return "";
}

bool IsSubject(absl::string_view text) {
  if (text.empty() || text.size() > kMaxSubjectBytes) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::string_view("._@-").find(c) != absl::string_view::npos;
  });
}

absl::StatusOr<v1::Principal> ParsePrincipal(absl::string_view text) {
  if (text.empty()) return Refuse("the call names no principal");
  if (text.size() > kMaxTextBytes) return Refuse("the principal is too long");
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  if (parts.size() != 3) return Refuse("the principal does not have three parts");
  v1::Principal principal;
  principal.set_role(CallerRole(parts[0]).value_or(v1::ROLE_UNSPECIFIED));
  if (principal.role() == v1::ROLE_COORDINATOR) {
    for (const absl::string_view desk : absl::StrSplit(parts[1], ',')) {
      principal.add_desks(std::string(desk));
    }
  } else {
    principal.set_organization(std::string(parts[1]));
  }
  principal.set_subject(std::string(parts[2]));
  const absl::string_view fault = PrincipalFault(principal);
  if (!fault.empty()) return Refuse(fault);
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

std::optional<v1::Role> CallerRole(absl::string_view name) {
  for (const RoleWord& known : kRoles) {
    if (known.word == name && known.role != v1::ROLE_PROGRAM) return known.role;
  }
  return std::nullopt;
}

}  // namespace trialgate::identity
