#include "services/audit/event_writer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trialgate::audit {
namespace {

using store::Change;
using store::TableId;

v1::Principal Carol() {
  v1::Principal principal;
  principal.set_role(v1::ROLE_NATIONAL);
  principal.set_subject("carol");
  return principal;
}

v1::AuditEvent Event(absl::string_view reason, const std::vector<Change>& changes) {
  v1::AuditEvent event;
  EXPECT_TRUE(event.ParseFromString(MakeEvent(Carol(), "UpdateSiteCapacity", reason, changes)));
  return event;
}

TEST(EventWriterTest, AnEventSaysWhoDidWhatAndWhyAndWhatItChanged) {
  const v1::AuditEvent event = Event(
      "asked by the site", {{TableId::TABLE_ID_SITE_CAPACITY, "sites/x/capacity",
                             std::string(32, '\x01'), std::string(32, '\xab')},
                            {TableId::TABLE_ID_SITE, "sites/y", "", std::string(32, '\x02')}});
  EXPECT_EQ(event.principal().subject(), "carol");
  EXPECT_EQ(event.action(), "UpdateSiteCapacity");
  EXPECT_EQ(event.reason(), "asked by the site");
  ASSERT_EQ(event.changes_size(), 2);
  EXPECT_EQ(event.changes(0).name(), "sites/x/capacity");
  EXPECT_EQ(event.changes(0).before_sha256().substr(0, 4), "0101");
  EXPECT_EQ(event.changes(0).after_sha256().substr(0, 4), "abab");
  EXPECT_EQ(event.changes(0).after_sha256().size(), 64u);
  EXPECT_EQ(event.changes(1).before_sha256(), "");
  EXPECT_EQ(event.further_changes(), 0);
}

TEST(EventWriterTest, RecordsOfCallsAndNoticesAreNotListed) {
  const v1::AuditEvent event =
      Event("", {{TableId::TABLE_ID_IDEMPOTENCY, "x", "", "a"},
                 {TableId::TABLE_ID_NOTICE, "y", "", "a"},
                 {TableId::TABLE_ID_CONTACT, "desks/a/contacts/b", "", "a"},
                 {TableId::TABLE_ID_PERSON, "desks/a/contacts/b", "", "a", "persons/p"}});
  ASSERT_EQ(event.changes_size(), 2);
  EXPECT_EQ(event.changes(0).name(), "desks/a/contacts/b");
  EXPECT_EQ(event.changes(1).name(), "persons/p");
}

TEST(EventWriterTest, ChangesBeyondTheLimitAreCounted) {
  std::vector<Change> changes;
  for (int i = 0; i < kMaxListedChanges + 7; ++i) {
    changes.push_back({TableId::TABLE_ID_SITE, absl::StrCat("sites/", i), "", "a"});
  }
  const v1::AuditEvent event = Event("", changes);
  EXPECT_EQ(event.changes_size(), kMaxListedChanges);
  EXPECT_EQ(event.further_changes(), 7);
}

TEST(EventWriterTest, ALongReasonIsCutAtTheEndOfACharacter) {
  const std::string text(kMaxReasonBytes - 1, 'a');
  EXPECT_EQ(Event(text + "øre", {}).reason(), text);
}

}  // namespace
}  // namespace trialgate::audit
