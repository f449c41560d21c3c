// The forms of the directory's records.
#ifndef TRIALGATE_TOOLS_CLI_RECORD_FORMS_H_
#define TRIALGATE_TOOLS_CLI_RECORD_FORMS_H_

#include <string>

#include "tools/cli/form.h"

namespace trialgate::cli {

// `what` heads the form: "The site sites/a".
FormSpec OrganizationForm(const std::string& what);
FormSpec RegionForm(const std::string& what);
FormSpec DeskForm(const std::string& what);
FormSpec ContactForm(const std::string& what);
FormSpec SiteForm(const std::string& what);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_RECORD_FORMS_H_
