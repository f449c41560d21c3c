// The lines of a referral's work: what a desk knows of each site so far.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/json_util.h"
#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"
#include "tools/cli/forms.h"
#include "tools/cli/record_edit.h"
#include "tools/cli/render.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

struct LineOptions {
  std::string referral;
  std::string site;
  std::string asked_whom;
  std::string asked;
  std::string replied;
  std::string offer;
  std::string refuse;
  std::string note;
  std::string added_reason;
  RecordFlags record;
  ChangeFlags change;
};

std::string AsJson(const google::protobuf::Message& message) {
  std::string json;
  return google::protobuf::util::MessageToJsonString(message, &json).ok() ? json : "{}";
}

// The flags of a line as those of a record.
absl::StatusOr<RecordFlags> AsRecordFlags(const LineOptions& options) {
  RecordFlags flags = options.record;
  const auto set = [&](absl::string_view field, const std::string& value) {
    if (!value.empty()) flags.set.push_back(absl::StrCat(field, "=", value));
  };
  set("asked_whom", options.asked_whom);
  set("asked_date", options.asked);
  set("replied_date", options.replied);
  set("internal_note", options.note);
  set("added_reason", options.added_reason);
  FieldFaults faults;
  // An offer takes the place of a refusal, and the other way round.
  if (!options.offer.empty()) {
    const v1::Offer offer =
        ParseOffer(absl::StrCat(options.site, ",", options.offer), "--offer", &faults);
    set("offer", AsJson(offer));
    if (options.refuse.empty()) flags.set.push_back("refusal=");
  }
  if (!options.refuse.empty()) {
    const v1::Refusal refusal =
        ParseRefusal(absl::StrCat(options.site, "=", options.refuse), "--refuse", &faults);
    set("refusal", AsJson(refusal));
    if (options.offer.empty()) flags.set.push_back("offer=");
  }
  if (!faults.empty()) return UsageError(faults);
  return flags;
}

// The line as it is; of a site that has none yet, one that only names it.
absl::StatusOr<v1::ReferralSite> CurrentLine(Session& session, const std::string& name) {
  v1::GetReferralSiteRequest get;
  get.set_name(name);
  const auto found = session.client().Call(get);
  if (found.ok() || !absl::IsNotFound(found.status())) return found;
  v1::ReferralSite line;
  line.set_name(name);
  line.set_site(FullName("sites", Id(name)));
  return line;
}

absl::Status Save(Session& session, const LineOptions& options, const v1::ReferralSite& current,
                  const v1::ReferralSite& given, const std::vector<std::string>& changed) {
  v1::UpdateReferralSiteRequest request;
  for (const std::string& field : changed) request.mutable_update_mask()->add_paths(field);
  v1::ReferralSite* const line = request.mutable_referral_site();
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(given, request.update_mask(), {}, line);
  line->set_name(current.name());
  line->set_etag(options.change.etag.empty() ? current.etag() : options.change.etag);
  request.set_request_id(session.RequestId(options.change, line->etag()));
  request.set_validate_only(options.change.validate_only);
  ABSL_ASSIGN_OR_RETURN(const v1::ReferralSite saved, session.client().Call(request));
  NoteIfOnlyChecked(session, options.change);
  session.Show(saved, RenderReferralSite(saved, session.screen()));
  return absl::OkStatus();
}

absl::Status Line(Session& session, const LineOptions& options) {
  const std::string name =
      absl::StrCat(FullReferralName(options.referral), "/sites/", Id(options.site));
  ABSL_ASSIGN_OR_RETURN(const RecordFlags flags, AsRecordFlags(options));
  if (flags.set.empty() && flags.form.file.empty() && !flags.form.edit) {
    v1::GetReferralSiteRequest get;
    get.set_name(name);
    ABSL_ASSIGN_OR_RETURN(const v1::ReferralSite line, session.client().Call(get));
    session.Show(line, RenderReferralSite(line, session.screen()));
    return absl::OkStatus();
  }
  ABSL_ASSIGN_OR_RETURN(const v1::ReferralSite current, CurrentLine(session, name));
  return Give(session, flags, options.change, LineForm(current), current,
              [&](const v1::ReferralSite& given, const std::vector<std::string>& changed) {
                return Save(session, options, current, given, changed);
              });
}

}  // namespace

void AddReferralSiteCommand(CLI::App& group, Session& session) {
  const auto options = std::make_shared<LineOptions>();
  CLI::App* command = group.add_subcommand(
      "site", "Note what is known of a site so far; without flags show it. Nothing is held yet");
  command->add_option("NAME", options->referral, "Referral, as REQUEST/REFERRAL")->required();
  command->add_option("SITE", options->site, "Name or id of the site")->required();
  command->add_option("--whom", options->asked_whom, "Whom the desk asked: a function, no name");
  command->add_option("--asked", options->asked, "When, YYYY-MM-DD");
  command->add_option("--replied", options->replied, "When they replied, YYYY-MM-DD");
  command->add_option(
      "--offer", options->offer,
      "Draft of an offer: patients=12,start=2027-03-01,firm, as of `referral answer`");
  command->add_option(
      "--refuse", options->refuse,
      "Draft of a refusal: REASON[:comment]; reasons: " + Choices(*v1::RefusalReason_descriptor()));
  command->add_option("--note", options->note, "For the desk alone; never part of an answer");
  command->add_option("--added-reason", options->added_reason,
                      "Why the desk adds a site that was not asked about");
  AddRecordFlags(command, &options->record);
  AddOnlyFlag(command, &options->record);
  AddChangeFlags(command, &options->change);
  OnCall(command, session, [&session, options] { return Line(session, *options); });
}

}  // namespace trialgate::cli
