#include <string>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {

std::string RenderPrincipal(const v1::Principal& principal, const Screen& screen) {
  Page page(screen);
  page.Fields({{"role", Word(principal.role())},
               {"subject", principal.subject()},
               {"organization", principal.organization()},
               {"desks", Joined(principal.desks())}});
  return page.Take();
}

std::string RenderAccess(const v1::CheckAccessResponse& access, const Screen& screen) {
  Page page(screen);
  page.Words(access.allowed() ? "yes" : "no");
  page.Fields({{"permission", Word(access.permission())},
               {"for", access.allowed() ? access.scope() : ""},
               {"roles that may", WordsOf<v1::Role>(access.permitted_roles())}});
  return page.Take();
}

}  // namespace trialgate::cli
