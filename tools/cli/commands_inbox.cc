// Lists of referrals: of a desk, and of a request.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tools/cli/commands.h"
#include "tools/cli/render.h"
#include "tools/cli/watch.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

struct InboxOptions {
  // The desk, or the request.
  std::string of;
  // Name of the contact; empty: whoever is asked.
  std::string contact;
  bool all = false;
  bool watch = false;
  ListFlags list;
};

// Which requests are expedited; a mark only, so empty where that cannot be told.
Urgencies ExpeditedOf(Session& session, bool over_too) {
  if (session.for_programs()) return {};
  v1::ListTrialRequestsRequest list;
  list.set_filter("urgency = EXPEDITED");
  if (!over_too) list.set_state(v1::TRIAL_REQUEST_STATE_ROUTED);
  constexpr int kPage = 1000;
  list.set_page_size(kPage);
  const auto expedited = session.client().Call(list);
  Urgencies urgencies;
  if (!expedited.ok()) return urgencies;
  for (const v1::TrialRequest& request : expedited->trial_requests()) {
    urgencies[request.name()] = request.urgency();
  }
  return urgencies;
}

// The referrals at one contact, as many as `flags` say: all are read, since no filter of the API
// compares contacts.
absl::StatusOr<v1::ListReferralsResponse> ListOfContact(Session& session,
                                                        const v1::ListReferralsRequest& request,
                                                        const std::string& contact,
                                                        ListFlags flags) {
  const int limit = flags.limit;
  flags.limit = 0;
  ABSL_ASSIGN_OR_RETURN(const v1::ListReferralsResponse all, ListAll(session, request, flags));
  v1::ListReferralsResponse list;
  for (const v1::Referral& referral : all.referrals()) {
    if (referral.contact() != contact) continue;
    if (limit > 0 && list.referrals_size() == limit) {
      session.Note("There are more: --limit 0 lists all.");
      break;
    }
    *list.add_referrals() = referral;
  }
  if (all.referrals_size() > 0 && list.referrals_size() == 0) {
    session.Note(absl::StrCat("There are none of ", contact, "."));
  }
  return list;
}

absl::Status ListOrWatch(Session& session, const v1::ListReferralsRequest& request,
                         const InboxOptions& options) {
  if (options.watch) {
    if (!options.list.filter.empty()) return UsageError("--watch knows no --filter");
    return WatchReferralList(session, request, options.contact);
  }
  ABSL_ASSIGN_OR_RETURN(const v1::ListReferralsResponse list,
                        options.contact.empty()
                            ? ListAll(session, request, options.list)
                            : ListOfContact(session, request, options.contact, options.list));
  const Urgencies urgencies =
      list.referrals_size() == 0 ? Urgencies() : ExpeditedOf(session, options.all);
  session.Show(list, RenderInbox(list, urgencies, session.screen()));
  return absl::OkStatus();
}

absl::Status Inbox(Session& session, const InboxOptions& options) {
  v1::ListReferralsRequest request;
  request.set_parent("trialRequests/-");
  request.set_desk(FullName("desks", options.of));
  if (options.all) {
    const auto* states = v1::ReferralState_descriptor();
    for (int i = 0; i < states->value_count(); ++i) {
      const int state = states->value(i)->number();
      if (state != 0) request.add_states(static_cast<v1::ReferralState>(state));
    }
  }
  return ListOrWatch(session, request, options);
}

void AddWatch(CLI::App* command, bool* watch) {
  command->add_flag("--watch", *watch,
                    "Go on showing what changes, until Ctrl-C; a terminal is drawn anew");
}

}  // namespace

void AddInboxCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<InboxOptions>();
  CLI::App* command = app.add_subcommand("inbox", "List the referrals of a desk, first due first");
  command->add_option("DESK", options->of, "Name or id of the desk")->required();
  command->add_option("--contact", options->contact,
                      "Only those that this contact is asked in: its id at the desk, or its name");
  command->add_flag("--all", options->all, "Those that are over too");
  AddWatch(command, &options->watch);
  AddListFlags(command, &options->list,
               "answer_due_time < 2027-01-15T00:00:00Z AND title:\"ældre\"",
               /*with_order=*/false);
  OnCall(command, session, [&session, options] {
    options->contact = FullContactName(options->contact, options->of);
    return Inbox(session, *options);
  });
}

void AddReferralListCommand(CLI::App& group, Session& session) {
  const auto options = std::make_shared<InboxOptions>();
  CLI::App* command = group.add_subcommand("list", "List the referrals of a request");
  command->add_option("REQUEST", options->of, "Name or id of the request")->required();
  AddWatch(command, &options->watch);
  AddListFlags(command, &options->list,
               "answer_due_time < 2027-01-15T00:00:00Z AND title:\"ældre\"",
               /*with_order=*/false);
  OnCall(command, session, [&session, options] {
    v1::ListReferralsRequest request;
    request.set_parent(FullName("trialRequests", options->of));
    return ListOrWatch(session, request, *options);
  });
}

}  // namespace trialgate::cli
