// Lists of referrals: the inbox of a desk, and where the referrals of one request stand.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/cli/render.h"
#include "tools/cli/text.h"
#include "tools/cli/words.h"

namespace trialgate::cli {
namespace {

// From here on what is beside a title has columns of its own; a name is copied whole on both sides.
constexpr int kRoomForColumns = 100;
// An authority may have a long name; the referral's own screen tells it whole.
constexpr int kAuthorityRoom = 18;

// What the desk has to do next; empty where that is nothing.
std::string ToDo(const v1::Referral& referral) {
  switch (referral.state()) {
    case v1::REFERRAL_STATE_SENT:
      return "acknowledge";
    case v1::REFERRAL_STATE_ACKNOWLEDGED:
      return "answer";
    case v1::REFERRAL_STATE_WAITING:
      return "wait";
    default:
      return "";
  }
}

std::string StateWords(const v1::Referral& referral) {
  return absl::StrCat(Word(referral.state()), referral.late() ? ", late" : "");
}

std::string RequestOf(const v1::Referral& referral) {
  const std::string& name = referral.name();
  return name.substr(0, name.find("/referrals/"));
}

// The title, and before it what is to be seen first.
std::string MarkedTitle(const v1::Referral& referral, const Urgencies& urgencies) {
  const auto urgency = urgencies.find(RequestOf(referral));
  return Clean(
      absl::StrCat(urgency == urgencies.end() ? "" : absl::StrCat("[", Word(urgency->second), "] "),
                   referral.title()));
}

Cell DueCell(const v1::Referral& referral, const Screen& screen) {
  const google::protobuf::Timestamp* due = NextDue(referral);
  if (due == nullptr) return {};
  return {absl::StrCat(ToDo(referral), "\n", DueShort(due, screen)), DueTone(due, screen)};
}

// "surgery", or "capital/surgery" where there are several desks.
std::string PlaceWords(const v1::Referral& referral, bool with_desk) {
  if (!with_desk) return Id(referral.contact());
  return absl::StrCat(Id(referral.desk()), referral.contact().empty() ? "" : "/",
                      Id(referral.contact()));
}

bool OfSeveralDesks(const v1::ListReferralsResponse& list) {
  std::set<std::string> desks;
  for (const v1::Referral& referral : list.referrals()) desks.insert(referral.desk());
  return desks.size() > 1;
}

std::string SitesWords(const v1::Referral& referral) {
  return referral.sites_size() == 0 ? "" : Count(referral.sites_size(), "site");
}

// Three lines each, so that a name can be copied whole on a narrow screen.
std::string NarrowInbox(const v1::ListReferralsResponse& list, const Urgencies& urgencies,
                        const Screen& screen) {
  const bool several = OfSeveralDesks(list);
  int due_width = 0;
  std::vector<Cell> dues;
  for (const v1::Referral& referral : list.referrals()) {
    Cell due = DueCell(referral, screen);
    // What is over tells how it ended in the place of what is due.
    if (due.text.empty()) due = {StateWords(referral), ReferralTone(referral)};
    for (const std::string& line : Wrap(due.text, screen.width)) {
      due_width = std::max(due_width, DisplayWidth(line));
    }
    dues.push_back(due);
  }
  Table table({{"DUE", Overflow::kKeep}, {"REFERRAL"}});
  for (int i = 0; i < list.referrals_size(); ++i) {
    const v1::Referral& referral = list.referrals(i);
    std::vector<std::string> facts;
    if (NextDue(referral) != nullptr) {
      const std::string whom = WaitsFor(referral);
      facts.push_back(
          absl::StrCat(StateWords(referral), whom.empty() ? "" : absl::StrCat(" for ", whom)));
    }
    for (const std::string& fact : {SitesWords(referral), PlaceWords(referral, several)}) {
      if (!fact.empty()) facts.push_back(fact);
    }
    const int room = screen.width - due_width - 2;
    table.AddRow({dues[i], absl::StrCat(Cut(MarkedTitle(referral, urgencies), room), "\n",
                                        ReferralId(referral.name()), "\n",
                                        Cut(Clean(absl::StrJoin(facts, ", ")), room))});
  }
  return RenderTable(table, screen);
}

std::string StateLines(const v1::Referral& referral) {
  const std::string whom = referral.waiting_for() == v1::WAITING_FOR_AUTHORITY
                               ? referral.waiting_authority()
                               : Word(referral.waiting_for());
  const std::string waits = referral.state() == v1::REFERRAL_STATE_WAITING && !whom.empty()
                                ? Cut(Clean(absl::StrCat("for ", whom)), kAuthorityRoom)
                                : SitesWords(referral);
  return absl::StrCat(StateWords(referral), "\n", waits);
}

// Two lines each.
std::string BroadInbox(const v1::ListReferralsResponse& list, const Urgencies& urgencies,
                       const Screen& screen) {
  constexpr int kMostForContact = 16;
  constexpr int kDue = 16;
  const bool several = OfSeveralDesks(list);
  int beside = kDue;
  const std::string contact_header = several ? "DESK, CONTACT" : "CONTACT";
  int contact = DisplayWidth(contact_header);
  int state = DisplayWidth("STATE");
  for (const v1::Referral& referral : list.referrals()) {
    contact = std::max({contact, DisplayWidth(Id(referral.contact())),
                        several ? DisplayWidth(Id(referral.desk())) : 0});
    for (const std::string& line : Wrap(StateLines(referral), screen.width)) {
      state = std::max(state, DisplayWidth(line));
    }
  }
  beside += state + 2 + std::min(contact, kMostForContact) + 2;
  Table table({{"DUE", Overflow::kKeep},
               {"STATE", Overflow::kKeep},
               {contact_header},
               {"REFERRAL", Overflow::kKeep}});
  for (const v1::Referral& referral : list.referrals()) {
    const std::string id = ReferralId(referral.name());
    table.AddRow({DueCell(referral, screen),
                  {StateLines(referral), ReferralTone(referral)},
                  absl::StrCat(several ? Id(referral.desk()) + "\n" : "", Id(referral.contact())),
                  absl::StrCat(Cut(MarkedTitle(referral, urgencies),
                                   std::max(DisplayWidth(id), screen.width - beside)),
                               "\n", id)});
  }
  return RenderTable(table, screen);
}

std::string WideInbox(const v1::ListReferralsResponse& list, const Urgencies& urgencies,
                      const Screen& screen) {
  Table table({{"DUE", Overflow::kKeep},
               {"TO DO", Overflow::kKeep},
               {"STATE", Overflow::kKeep},
               {"WAITS FOR", Overflow::kKeep},
               {"SITES", Overflow::kKeep, Align::kRight},
               {"ROUND", Overflow::kKeep, Align::kRight},
               {"DESK", Overflow::kKeep},
               {"CONTACT", Overflow::kKeep},
               {"SENT", Overflow::kKeep},
               {"ANSWER BY", Overflow::kKeep},
               {"NAME", Overflow::kKeep},
               {"TITLE", Overflow::kKeep}});
  for (const v1::Referral& referral : list.referrals()) {
    const google::protobuf::Timestamp* due = NextDue(referral);
    table.AddRow(
        {{due == nullptr ? "" : DueShort(due, screen), DueTone(due, screen)},
         ToDo(referral),
         {StateWords(referral), ReferralTone(referral)},
         WaitsFor(referral),
         absl::StrCat(referral.sites_size()),
         absl::StrCat(referral.round()),
         Id(referral.desk()),
         Id(referral.contact()),
         referral.has_sent_time() ? TimeWord(&referral.sent_time(), screen) : "",
         referral.has_answer_due_time() ? TimeWord(&referral.answer_due_time(), screen) : "",
         referral.name(),
         MarkedTitle(referral, urgencies)});
  }
  return RenderTable(table, screen);
}

}  // namespace

bool IsOpen(const v1::Referral& referral) {
  return referral.state() == v1::REFERRAL_STATE_SENT ||
         referral.state() == v1::REFERRAL_STATE_ACKNOWLEDGED ||
         referral.state() == v1::REFERRAL_STATE_WAITING;
}

const google::protobuf::Timestamp* NextDue(const v1::Referral& referral) {
  if (referral.state() == v1::REFERRAL_STATE_SENT && referral.has_acknowledge_due_time()) {
    return &referral.acknowledge_due_time();
  }
  return IsOpen(referral) && referral.has_answer_due_time() ? &referral.answer_due_time() : nullptr;
}

Tone ReferralTone(const v1::Referral& referral) {
  if (referral.late()) return Tone::kBad;
  switch (referral.state()) {
    case v1::REFERRAL_STATE_ANSWERED:
      return Tone::kGood;
    case v1::REFERRAL_STATE_WAITING:
      return Tone::kSoon;
    case v1::REFERRAL_STATE_LAPSED:
      return Tone::kBad;
    case v1::REFERRAL_STATE_DECLINED:
    case v1::REFERRAL_STATE_WITHDRAWN:
      return Tone::kFaint;
    default:
      return Tone::kPlain;
  }
}

std::string WaitsFor(const v1::Referral& referral) {
  switch (referral.waiting_for()) {
    case v1::WAITING_FOR_UNSPECIFIED:
      return "";
    case v1::WAITING_FOR_AUTHORITY:
      return referral.waiting_authority();
    default:
      return "the requester's reply";
  }
}

std::string NextStep(const v1::Referral& referral, const Screen& screen) {
  const std::string whom = WaitsFor(referral);
  if (referral.state() == v1::REFERRAL_STATE_WAITING && !whom.empty()) {
    return absl::StrCat("waits for ", whom);
  }
  const google::protobuf::Timestamp* due = NextDue(referral);
  return due == nullptr ? "" : absl::StrCat(ToDo(referral), " ", DueShort(due, screen));
}

void AddReferralTable(const v1::ListReferralsResponse& list, const Screen& screen, Page* page) {
  const bool narrow = screen.width < kRoomForColumns && !screen.wide;
  const std::string separator = narrow ? "\n" : ", ";
  const auto pair = [&](const std::string& one, const std::string& other) {
    return absl::StrCat(one, one.empty() || other.empty() ? "" : separator, other);
  };
  Table table({{"DESK", Overflow::kKeep},
               {"CONTACT", Overflow::kKeep},
               {"STATE", Overflow::kKeep},
               {"DUE", Overflow::kKeep},
               {"REFERRAL", Overflow::kKeep}});
  for (const v1::Referral& referral : list.referrals()) {
    const google::protobuf::Timestamp* due = NextDue(referral);
    const std::string contact = Id(referral.contact());
    const std::string waits = Cut(Clean(WaitsFor(referral)), kAuthorityRoom);
    table.AddRow(
        {narrow ? pair(Id(referral.desk()), contact) : Id(referral.desk()),
         narrow ? "" : contact,
         {pair(StateWords(referral), waits.empty() ? SitesWords(referral) : "for " + waits),
          ReferralTone(referral)},
         {due == nullptr ? "" : pair(ToDo(referral), DueShort(due, screen)), DueTone(due, screen)},
         Id(referral.name())});
  }
  page->Add(table, 2);
}

std::string RenderInbox(const v1::ListReferralsResponse& list, const Urgencies& urgencies,
                        const Screen& screen) {
  if (screen.wide) return WideInbox(list, urgencies, screen);
  return screen.width < kRoomForColumns ? NarrowInbox(list, urgencies, screen)
                                        : BroadInbox(list, urgencies, screen);
}

std::string RenderInbox(const v1::ListReferralsResponse& list, const Screen& screen) {
  return RenderInbox(list, Urgencies(), screen);
}

}  // namespace trialgate::cli
