#include "services/directory/site_list.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace trialgate::directory {
namespace {

SiteList::Entry Entry(int number, const std::string& words) {
  auto entry = std::make_shared<SiteEntry>();
  entry->site.set_name(absl::StrFormat("sites/s%06d", number));
  entry->site.set_display_name(words);
  return entry;
}

std::map<std::string, std::string> Told(const SiteList& list) {
  std::map<std::string, std::string> told;
  std::string last;
  for (const auto& entry : list) {
    EXPECT_LT(last, entry->site.name());
    last = entry->site.name();
    told[last] = entry->site.display_name();
  }
  EXPECT_EQ(told.size(), list.size());
  return told;
}

TEST(SiteListTest, SitesThatComeByNameFillEveryChunk) {
  SiteList list;
  for (int i = 0; i < 3000; ++i) list.Put(Entry(i, ""));
  ASSERT_EQ(list.chunks().size(), 3U);
  EXPECT_EQ(list.chunks()[0]->size(), SiteList::kMaxChunk);
  EXPECT_EQ(list[2999]->site.name(), "sites/s002999");
}

TEST(SiteListTest, ACopyIsAsItWasWhateverChangesAfterwards) {
  SiteList list;
  for (int i = 0; i < 2000; ++i) list.Put(Entry(2 * i, "before"));
  const SiteList copy = list;
  const auto before = Told(copy);
  list.Put(Entry(100, "after"));
  list.Put(Entry(101, "after"));
  list.Erase("sites/s000200");
  EXPECT_EQ(Told(copy), before);
  EXPECT_EQ(copy.chunks()[1], list.chunks().back()) << "what did not change is shared";
}

TEST(SiteListTest, HoldsWhatAMapHoldsWhateverIsPutAndErased) {
  const char* text = std::getenv("TRIALGATE_TEST_SEED");
  const unsigned seed = text != nullptr ? std::strtoul(text, nullptr, 10) : std::random_device()();
  std::cout << "TRIALGATE_TEST_SEED=" << seed << std::endl;
  std::mt19937 random(seed);
  SiteList list;
  std::map<std::string, std::string> expected;
  for (int step = 0; step < 40000; ++step) {
    const SiteList::Entry entry = Entry(static_cast<int>(random() % 9000), std::to_string(step));
    const std::string& name = entry->site.name();
    if (random() % 3 == 0) {
      EXPECT_EQ(list.Erase(name), expected.erase(name) == 1);
      continue;
    }
    expected[name] = entry->site.display_name();
    list.Put(entry);
  }
  EXPECT_EQ(Told(list), expected);
  int index = 0;
  for (const auto& [name, words] : expected) {
    ASSERT_EQ(list[static_cast<std::size_t>(index++)]->site.name(), name);
    ASSERT_EQ(list.Find(name)->site.display_name(), words);
  }
  EXPECT_EQ(list.Find("sites/none"), nullptr);
  for (const auto& chunk : list.chunks()) {
    EXPECT_LE(chunk->size(), SiteList::kMaxChunk);
    EXPECT_FALSE(chunk->empty());
  }
}

}  // namespace
}  // namespace trialgate::directory
