// Forms: a message as commented YAML that a person fills in, with faults at their lines.
#ifndef TRIALGATE_TOOLS_CLI_FORM_H_
#define TRIALGATE_TOOLS_CLI_FORM_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/errors.h"
#include "google/protobuf/message.h"

namespace trialgate::cli {

// What a form asks, and how. Paths are those of fields without numbers: "offers.site".
struct FormSpec {
  // What the form is, in a line or more.
  std::string title;
  // Fields that are not asked for.
  std::set<std::string> hidden = {};
  // Words above a field; the choices of enumerations are added by themselves.
  std::map<std::string, std::string> notes = {};
  // Where the message stands in what is sent: faults at "site.city" belong to "city" for "site".
  std::string prefix = {};
  // Where a fault of what is sent belongs in the form, if not at its own path; may be absent.
  std::function<std::string(const std::string& path)> place = nullptr;
  // Whether it may be complete as it is opened: left so, the person is asked whether to send it.
  bool may_be_complete = false;
};

// The form, prefilled with `message`. Fields without a value are there, too, empty.
std::string RenderForm(const google::protobuf::Message& message, const FormSpec& spec);

// `form` with each fault as a comment above its field's line, at the top where the form has no such
// field; comments about earlier faults are gone.
std::string WithFaults(absl::string_view form, const FormSpec& spec,
                       const std::vector<FieldViolation>& faults);

// Whether nothing but comments and empty lines is left.
bool IsEmptyForm(absl::string_view form);

}  // namespace trialgate::cli

#endif  // TRIALGATE_TOOLS_CLI_FORM_H_
