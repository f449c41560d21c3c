#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {

std::string RenderPerson(const v1::ExportPersonResponse& person, const Screen& screen) {
  std::vector<std::string> away;
  for (const v1::Absence& absence : person.absences()) {
    away.push_back(absl::StrCat(absence.first_day(), " to ", absence.last_day()));
  }
  Page page(screen);
  page.Heading(person.name());
  page.Fields({{"name", person.display_name()},
               {"email", person.email()},
               {"phone", person.phone()},
               {"specialities", Joined(person.specialities())},
               {"away", Joined(away)},
               {"deputy of", Joined(person.deputy_of())},
               {"asked in", Joined(person.referrals())},
               {"stored", person.has_store_time() ? TimeWord(&person.store_time(), screen) : ""},
               {"in the trail", person.pseudonym()}});
  return page.Take();
}

std::string RenderErasure(const v1::ErasePersonResponse& erased, const Screen& screen) {
  Page page(screen);
  page.Heading(erased.name());
  page.Fields({{"erased", erased.has_erase_time() ? TimeWord(&erased.erase_time(), screen) : ""},
               {"in the trail", erased.pseudonym()}});
  return page.Take();
}

}  // namespace trialgate::cli
