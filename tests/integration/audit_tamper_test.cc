// That no byte, line or order of an exported trail of 10,000 events can change unseen, and that it
// is told where.
//
// Verifying the whole file for each of the hundreds of thousands of changes would take days. Each
// is made in a part of the file, which is itself an export: the lines around the change with a
// first and a last line of their own. That whole files are verified alike, tests at the end show.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/audit_export.h"
#include "tests/support/status_matchers.h"
#include "tools/cli/export_line.h"
#include "tools/cli/export_verifier.h"

namespace trialgate::cli {
namespace {

constexpr int kEvents = 10'000;
constexpr int kCheckpointEvery = 50;
// Lines before and after the one that is changed.
constexpr std::int64_t kAround = 2;

using Lines = std::vector<std::string>;

// What all tests share: making it takes longer than most of them.
struct Trail {
  Trail() : sample(kEvents, kCheckpointEvery), lines(sample.Lines()) {
    hashes.push_back(store::GenesisHash());
    const auto feed = sample.store().ReadFeed(1, kEvents);
    EXPECT_OK(feed);
    for (const auto& record : *feed) hashes.push_back(record.hash());
  }

  SampleTrail sample;
  Lines lines;                      // lines[n] is event n
  std::vector<std::string> hashes;  // hashes[n] is that of event n
};

Trail& Shared() {
  static auto* const kTrail = new Trail();
  return *kTrail;
}

std::uint32_t Seed() {
  const char* const given = std::getenv("TRIALGATE_SEED");
  const auto seed =
      given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 20261124u;
  std::cout << "seed " << seed << " (set TRIALGATE_SEED for another)\n";
  return seed;
}

// Without keys unless asked for: a part without a checkpoint would be at fault for that alone.
v1::VerifyAuditTrailResponse Verified(const Lines& lines,
                                      const store::ChainKnowledge& knowledge = {}) {
  ExportVerifier verifier(&knowledge);
  for (const std::string& line : lines) verifier.AddLine(line);
  return verifier.Finish();
}

// Events `first` to `last` as an export of their own.
Lines Part(std::int64_t first, std::int64_t last) {
  const Trail& trail = Shared();
  ExportHeader header;
  header.trail = trail.hashes[1];
  header.first = first;
  header.last = last;
  header.previous_hash = trail.hashes[static_cast<std::size_t>(first - 1)];
  ExportEnd end{last - first + 1, trail.hashes[static_cast<std::size_t>(last)]};
  Lines lines = {*FormatLine(header)};
  for (std::int64_t n = first; n <= last; ++n) {
    lines.push_back(trail.lines[static_cast<std::size_t>(n)]);
  }
  lines.push_back(*FormatLine(end));
  return lines;
}

// Changes the lines around event `number`; `change` gets them and the index of its line. The first
// fault must be told at event `expected`.
void ExpectFound(std::int64_t number, std::int64_t expected,
                 const std::function<void(Lines*, std::size_t)>& change, const std::string& what) {
  const std::int64_t first = std::max<std::int64_t>(1, number - kAround);
  const std::int64_t last = std::min<std::int64_t>(kEvents, number + kAround);
  Lines lines = Part(first, last);
  change(&lines, static_cast<std::size_t>(number - first + 1));
  const auto result = Verified(lines);
  ASSERT_FALSE(result.intact()) << what << " of event " << number;
  ASSERT_EQ(result.first_fault(), expected)
      << what << " of event " << number << ": " << result.description();
}

// A line with one byte changed.
std::string Changed(std::string line, std::size_t at, unsigned char flip) {
  line[at] = static_cast<char>(static_cast<unsigned char>(line[at]) ^ flip);
  return line;
}

// The first byte of the value of each member of a line.
std::vector<std::size_t> ValuesOf(const std::string& line) {
  std::vector<std::size_t> places;
  for (std::size_t at = line.find("\":"); at != std::string::npos; at = line.find("\":", at + 1)) {
    std::size_t value = at + 2;
    while (value + 1 < line.size() && (line[value] == '"' || line[value] == '[')) ++value;
    places.push_back(value);
  }
  return places;
}

TEST(AuditTamperTest, AnUntouchedTrailIsIntactAndSigned) {
  const auto result = Verified(Shared().lines, Shared().sample.knowledge());
  EXPECT_TRUE(result.intact()) << result.description();
  EXPECT_EQ(result.events(), kEvents);
  EXPECT_EQ(result.checkpoints(), kEvents / kCheckpointEvery);
  EXPECT_EQ(result.signed_through(), kEvents - 1);
  EXPECT_TRUE(Verified(Part(kEvents / 2 - 50, kEvents / 2 + 50)).intact());
}

TEST(AuditTamperTest, OneByteOfEachFieldOfEveryEventChangedIsFoundInItsPlace) {
  for (std::int64_t number = 1; number <= kEvents; ++number) {
    const std::string& line = Shared().lines[static_cast<std::size_t>(number)];
    Lines lines = Part(number, number);
    for (const std::size_t at : ValuesOf(line)) {
      lines[1] = Changed(line, at, 1);
      const auto result = Verified(lines);
      ASSERT_FALSE(result.intact()) << "byte " << at << " of event " << number;
      ASSERT_EQ(result.first_fault(), number) << "byte " << at;
    }
  }
}

TEST(AuditTamperTest, EveryEventRemovedIsMissedInItsPlace) {
  for (std::int64_t number = 1; number <= kEvents; ++number) {
    ExpectFound(
        number, number,
        [](Lines* lines, std::size_t at) {
          lines->erase(lines->begin() + static_cast<std::ptrdiff_t>(at));
        },
        "removal");
  }
}

TEST(AuditTamperTest, EveryEventDoubledIsFoundInThePlaceOfTheNext) {
  for (std::int64_t number = 1; number <= kEvents; ++number) {
    ExpectFound(
        number, number + 1,
        [](Lines* lines, std::size_t at) {
          lines->insert(lines->begin() + static_cast<std::ptrdiff_t>(at), lines->at(at));
        },
        "duplication");
  }
}

TEST(AuditTamperTest, EveryEventThatChangedPlacesWithTheNextIsFoundInItsPlace) {
  for (std::int64_t number = 1; number < kEvents; ++number) {
    ExpectFound(
        number, number,
        [](Lines* lines, std::size_t at) { std::swap(lines->at(at), lines->at(at + 1)); }, "swap");
  }
}

TEST(AuditTamperTest, EveryEventWhosePlaceAnotherTookIsFoundInItsPlace) {
  std::mt19937 random(Seed());
  for (std::int64_t number = 1; number <= kEvents; ++number) {
    const auto other = static_cast<std::size_t>(1 + random() % kEvents);
    if (static_cast<std::int64_t>(other) == number) continue;
    ExpectFound(
        number, number,
        [&](Lines* lines, std::size_t at) { lines->at(at) = Shared().lines[other]; },
        absl::StrCat("the place taken by ", other));
  }
}

TEST(AuditTamperTest, AnEventInsertedAnywhereIsFoundInItsPlace) {
  // With a hash that fits itself, as a tamperer would make it.
  storage::v1::CommitRecord record = std::get<ExportEvent>(*ParseLine(Shared().lines[1])).record;
  std::mt19937 random(Seed());
  for (std::int64_t number = 2; number <= kEvents; number += 7) {
    record.set_number(number);
    record.set_id(absl::StrCat("inserted", random()));
    record.set_prev_hash(Shared().hashes[static_cast<std::size_t>(number - 1)]);
    record.set_hash(store::CommitHash(record));
    const std::string line = *FormatLine(ExportEvent{record, ""});
    // It follows from the one before: the true one, which comes after it, is out of place.
    ExpectFound(
        number, number + 1,
        [&](Lines* lines, std::size_t at) {
          lines->insert(lines->begin() + static_cast<std::ptrdiff_t>(at), line);
        },
        "insertion");
  }
}

TEST(AuditTamperTest, AnEventWrittenAnewWithItsHashIsFoundInThePlaceOfTheNext) {
  for (std::int64_t number = 2; number < kEvents; number += 7) {
    auto event =
        std::get<ExportEvent>(*ParseLine(Shared().lines[static_cast<std::size_t>(number)]));
    event.record.set_time_unix_nanos(event.record.time_unix_nanos() + 1);
    event.record.set_hash(store::CommitHash(event.record));
    const std::string line = *FormatLine(event);
    ExpectFound(
        number, number + 1, [&](Lines* lines, std::size_t at) { lines->at(at) = line; },
        "rewriting");
  }
}

TEST(AuditTamperTest, EveryByteOfSampleLinesChangedIsFoundInItsPlace) {
  std::mt19937 random(Seed());
  std::vector<std::int64_t> sample = {1, 2, kCheckpointEvery, kEvents};
  for (int i = 0; i < 16; ++i) sample.push_back(1 + static_cast<std::int64_t>(random() % kEvents));
  for (const std::int64_t number : sample) {
    const std::string& line = Shared().lines[static_cast<std::size_t>(number)];
    Lines lines = Part(number, number);
    for (std::size_t at = 0; at < line.size(); ++at) {
      // A bit that makes another digit or letter, one that makes another case, one that is no
      // ASCII.
      for (const unsigned char flip : {1, 0x20, 0x80}) {
        lines[1] = Changed(line, at, flip);
        const auto result = Verified(lines);
        ASSERT_FALSE(result.intact()) << "byte " << at << " of event " << number;
        ASSERT_EQ(result.first_fault(), number) << "byte " << at;
        ASSERT_EQ(result.faults(0).line(), 2) << "byte " << at;
      }
    }
  }
}

TEST(AuditTamperTest, EveryByteOfTheFirstAndTheLastLineChangedIsFound) {
  for (const bool is_first : {true, false}) {
    const Lines part = Part(kEvents - 3, kEvents);
    const std::size_t index = is_first ? 0 : part.size() - 1;
    for (std::size_t at = 0; at < part[index].size(); ++at) {
      Lines lines = part;
      lines[index] = Changed(lines[index], at, 1);
      const auto result = Verified(lines);
      ASSERT_FALSE(result.intact()) << "byte " << at;
      ASSERT_EQ(result.faults(0).line(), static_cast<std::int64_t>(index + 1)) << "byte " << at;
    }
  }
}

// --- Whole files ---

TEST(AuditTamperTest, AByteChangedAnywhereInTheWholeFileIsFoundInItsLine) {
  std::mt19937 random(Seed());
  const std::string file = FileOf(Shared().lines);
  for (int i = 0; i < 6; ++i) {
    const std::size_t at = random() % file.size();
    std::istringstream in(Changed(file, at, 1));
    const auto result = VerifyExport(in, Shared().sample.knowledge());
    ASSERT_FALSE(result.intact()) << "byte " << at;
    const auto line =
        1 + std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    EXPECT_EQ(result.faults(0).line(), line) << "byte " << at;
    EXPECT_EQ(result.first_fault(), line - 1) << "byte " << at;
  }
}

TEST(AuditTamperTest, LinesFarApartThatChangedPlacesInTheWholeFileAreBothTold) {
  Lines lines = Shared().lines;
  std::swap(lines[1234], lines[8765]);
  const auto result = Verified(lines);
  ASSERT_EQ(result.faults_size(), 2) << result.DebugString();
  EXPECT_EQ(result.faults(0).number(), 1234);
  EXPECT_EQ(result.faults(1).number(), 8765);
  EXPECT_EQ(result.events(), 1233);
}

TEST(AuditTamperTest, AFileCutShortAnywhereIsFound) {
  const std::string file = FileOf(Part(1, 20));
  for (std::size_t size = 0; size < file.size(); size += 17) {
    std::istringstream in(file.substr(0, size));
    EXPECT_FALSE(VerifyExport(in, {}).intact()) << size;
  }
}

TEST(AuditTamperTest, ATrailCutShortWithAnEndOfItsOwnIsBetrayedByAKeptHeadOnly) {
  const Lines cut = Part(1, 120);
  EXPECT_TRUE(Verified(cut, Shared().sample.knowledge()).intact());
  store::ChainKnowledge knowledge = Shared().sample.knowledge();
  knowledge.kept_heads[200] = Shared().hashes[200];
  std::istringstream in(FileOf(cut));
  const auto result = VerifyExport(in, knowledge);
  EXPECT_FALSE(result.intact());
  EXPECT_EQ(result.first_fault(), 121);
}

TEST(AuditTamperTest, ATrailWrittenAnewFromAnEventOnIsBetrayedByTheNextCheckpoint) {
  Lines lines = Part(1, 160);
  std::string hash;
  for (std::size_t n = 71; n <= 160; ++n) {
    auto event = std::get<ExportEvent>(*ParseLine(lines[n]));
    if (n == 71) event.record.set_time_unix_nanos(1);
    if (n > 71) event.record.set_prev_hash(hash);
    hash = store::CommitHash(event.record);
    event.record.set_hash(hash);
    lines[n] = *FormatLine(event);
  }
  lines.back() = *FormatLine(ExportEnd{160, hash});
  const auto result = Verified(lines, Shared().sample.knowledge());
  EXPECT_FALSE(result.intact());
  EXPECT_EQ(result.first_fault(), 100);
  EXPECT_TRUE(absl::StrContains(result.description(), "written anew")) << result.description();
}

TEST(AuditTamperTest, ATrailWhoseCheckpointsWereAllRemovedIsBetrayed) {
  const auto result = Verified(Part(1, kCheckpointEvery - 1), Shared().sample.knowledge());
  EXPECT_FALSE(result.intact());
  EXPECT_TRUE(absl::StrContains(result.description(), "no checkpoint")) << result.description();
  std::istringstream in(FileOf(Part(1, kCheckpointEvery - 1)));
  EXPECT_TRUE(VerifyExport(in, {}).intact()) << "without a key nothing is asked for";
}

}  // namespace
}  // namespace trialgate::cli
