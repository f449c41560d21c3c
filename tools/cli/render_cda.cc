#include <string>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

std::string InForce(const v1::Cda& cda) {
  const std::string span = cda.expiry_date().empty()
                               ? absl::StrCat("from ", cda.effective_date())
                               : absl::StrCat(cda.effective_date(), " to ", cda.expiry_date());
  return cda.has_revoke_time() ? absl::StrCat(span, ", revoked") : span;
}

}  // namespace

std::string RenderCda(const v1::Cda& cda, const Screen& screen) {
  Page page(screen);
  page.Heading(cda.name().empty() ? "CDA" : cda.name());
  page.Fields({{"sponsor", cda.sponsor()},
               {"desk", cda.desk()},
               {"in force", InForce(cda)},
               {"reference", cda.reference()},
               {"recorded", cda.has_create_time() ? TimeWord(&cda.create_time(), screen) : ""},
               {"revoked", cda.has_revoke_time() ? TimeWord(&cda.revoke_time(), screen) : ""},
               {"because", cda.revoke_reason()},
               {"etag", cda.etag()}});
  return page.Take();
}

std::string RenderCdaList(const v1::ListCdasResponse& list, const Screen& screen) {
  Table table({{"CDA", Overflow::kKeep},
               {"SPONSOR"},
               {"DESK"},
               {"IN FORCE"},
               {"REFERENCE", Overflow::kCut},
               {"RECORDED"},
               {"REVOKED"},
               {"BECAUSE"}});
  for (const v1::Cda& cda : list.cdas()) {
    const bool revoked = screen.wide && cda.has_revoke_time();
    table.AddRow({Id(cda.name()), Id(cda.sponsor()), Id(cda.desk()), InForce(cda), cda.reference(),
                  screen.wide && cda.has_create_time() ? TimeWord(&cda.create_time(), screen) : "",
                  revoked ? TimeWord(&cda.revoke_time(), screen) : "",
                  revoked ? cda.revoke_reason() : ""});
  }
  return RenderTable(table, screen);
}

}  // namespace trialgate::cli
