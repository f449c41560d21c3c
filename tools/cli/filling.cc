#include "tools/cli/filling.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "tools/cli/editor.h"
#include "tools/cli/errors.h"
#include "tools/cli/words.h"
#include "tools/cli/yaml.h"

namespace trialgate::cli {
namespace {

// What was typed is not lost: the file stays, and its name is said.
absl::Status Keep(Session& session, FormFile* file, absl::Status status) {
  file->Keep();
  session.Note(
      absl::StrCat("What you typed is kept in ", file->path(), "; give it as a file to send it."));
  return status;
}

class Filling {
 public:
  Filling(const FormSpec& spec, const google::protobuf::Message& message,
          google::protobuf::Message* filled)
      : spec_(spec), filled_(filled), text_(RenderForm(message, spec)) {}

  // One opening: true where it was sent, false where it must be opened again.
  absl::StatusOr<bool> Open(
      Session& session, const std::vector<std::string>& editor, FormFile* file,
      const std::function<absl::Status(const std::vector<std::string>&)>& send) {
    ABSL_RETURN_IF_ERROR(file->Write(text_));
    ABSL_RETURN_IF_ERROR(RunEditor(editor, file->path()));
    ABSL_ASSIGN_OR_RETURN(const std::string typed, file->Read());
    if (IsEmptyForm(typed)) return UsageError("the form is empty: nothing was sent");
    if (typed == text_ && !MaySendAsItIs(session)) {
      return UsageError("the form was left as it was: nothing was sent");
    }
    FieldFaults faults;
    filled_->Clear();
    const std::vector<std::string> named = ReadYaml(typed, filled_, &faults);
    const absl::Status status = faults.empty() ? send(named) : UsageError(faults);
    if (status.ok()) return true;
    if (FieldViolationsOf(status).empty()) return Keep(session, file, status);
    last_ = status;
    text_ = WithFaults(typed, spec_, FieldViolationsOf(status));
    session.Note(absl::StrCat(
        "The form has ", Count(static_cast<long long>(FieldViolationsOf(status).size()), "fault"),
        "; it is opened again with each at its line."));
    return false;
  }

  const absl::Status& last() const { return last_; }

 private:
  // What had faults before has them still.
  bool MaySendAsItIs(Session& session) const {
    return spec_.may_be_complete && last_.ok() && session.terminal().in &&
           session.Ask("The form was left as it was. Send it so?");
  }

  const FormSpec& spec_;
  google::protobuf::Message* const filled_;
  std::string text_;
  absl::Status last_;
};

}  // namespace

absl::Status FillIn(Session& session, const FormSpec& spec,
                    const google::protobuf::Message& message, google::protobuf::Message* filled,
                    const std::function<absl::Status(const std::vector<std::string>&)>& send) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> editor, ChooseEditor(session.environment()));
  ABSL_ASSIGN_OR_RETURN(FormFile file, FormFile::Create(session.environment(), "form.yaml"));
  Filling filling(spec, message, filled);
  for (int opened = 0; opened < kMostOpenings; ++opened) {
    const absl::StatusOr<bool> sent = filling.Open(session, editor, &file, send);
    if (sent.ok() && *sent) return absl::OkStatus();
    if (sent.ok()) continue;
    // Left as it was with its faults: what was typed before them stays.
    return opened > 0 && ExitCodeOf(sent.status()) == kUsage ? Keep(session, &file, sent.status())
                                                             : sent.status();
  }
  return Keep(session, &file, filling.last());
}

}  // namespace trialgate::cli
