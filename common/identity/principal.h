// Who calls: the principal, its one text form, and what makes one valid.
//
//   requester:organizations/acme:alice
//   coordinator:desks/north,desks/oncology:bob
//   national::carol
//
// that is role ":" scope ":" subject. The scope is one organization for a requester, one desk or
// several for a coordinator, and empty for the others.
#ifndef TRIALGATE_COMMON_IDENTITY_PRINCIPAL_H_
#define TRIALGATE_COMMON_IDENTITY_PRINCIPAL_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trialgate/v1/audit.pb.h"

namespace trialgate::identity {

// Desks that one coordinator may have at most.
inline constexpr int kMaxDesksOfPrincipal = 100;

// Why `principal` is none that may call, in words that repeat nothing of it; empty: it is valid. It
// has a role of a caller; a requester has an organization, a coordinator 1 to kMaxDesksOfPrincipal
// desks, none twice, and nobody has what is another role's; the subject is one by IsSubject.
absl::string_view PrincipalFault(const v1::Principal& principal);

// Whether `text` has 1 to 128 bytes of letters, digits and "._@-".
bool IsSubject(absl::string_view text);

// Reads the form above, strictly: no spaces, no empty part that the role needs.
// UNAUTHENTICATED (NO_PRINCIPAL) says what is wrong, without repeating the text.
absl::StatusOr<v1::Principal> ParsePrincipal(absl::string_view text);

// The text that ParsePrincipal reads as `principal`, which must be a valid one.
std::string FormatPrincipal(const v1::Principal& principal);

// "coordinator" for ROLE_COORDINATOR.
std::string RoleName(v1::Role role);

// The role of that name, unless no caller can have it: "program" is the program's own.
std::optional<v1::Role> CallerRole(absl::string_view name);

}  // namespace trialgate::identity

#endif  // TRIALGATE_COMMON_IDENTITY_PRINCIPAL_H_
