// The scripts of completion, run by the shells for which they are.
#include "tools/cli/completion.h"

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/app_fixture.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::UnorderedElementsAre;

class CompletionTest : public AppTest {
 protected:
  std::string ScriptFor(const std::string& shell) {
    EXPECT_EQ(Run({"completion", shell}), kOk) << err_;
    return WriteFile(absl::StrCat("completion.", shell), out_);
  }

  // What `command` prints, line by line; it runs in the folder of the test.
  std::vector<std::string> Lines(const std::string& command) {
    std::FILE* const pipe =
        popen(absl::StrCat("cd ", folder_.path(), " && ", command, " 2>&1").c_str(), "r");
    std::string text;
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      text.append(buffer, got);
    }
    EXPECT_EQ(pclose(pipe), 0) << text;
    return absl::StrSplit(text, '\n', absl::SkipEmpty());
  }

  // What bash offers after `line`, whose words are separated by single spaces.
  std::vector<std::string> Bash(const std::string& line) {
    std::vector<std::string> words;
    for (const std::string& word : std::vector<std::string>(absl::StrSplit(line, ' '))) {
      words.push_back(absl::StrCat("'", word, "'"));
    }
    return Lines(absl::StrCat("bash --norc -c \"source ", ScriptFor("bash"), "; COMP_WORDS=(",
                              absl::StrJoin(words, " "), "); COMP_CWORD=", words.size() - 1,
                              "; __trialgate; printf '%s\\n' \\\"\\${COMPREPLY[@]}\\\"\""));
  }

  std::vector<std::string> Fish(const std::string& line) {
    return Lines(absl::StrCat("fish --no-config -c 'source ", ScriptFor("fish"), "; complete -C \"",
                              line, "\"' | cut -f1"));
  }
};

TEST_F(CompletionTest, BashOffersTheCommandsOfEachPlace) {
  EXPECT_THAT(Bash("trialgate re"),
              UnorderedElementsAre("request", "referral", "region", "reviews"));
  EXPECT_THAT(Bash("trialgate referral "),
              AllOf(IsSupersetOf({"ack", "answer", "show"}), Not(Contains("submit"))));
  EXPECT_THAT(Bash("trialgate --as x::y -o json referral de"), ElementsAre("decline"));
}

TEST_F(CompletionTest, BashOffersTheFlagsOfTheCommandAndThoseOfAll) {
  EXPECT_THAT(Bash("trialgate referral answer x --of"), ElementsAre("--offer"));
  EXPECT_THAT(Bash("trialgate referral answer x --ou"),
              UnorderedElementsAre("--output", "--outcome"));
  EXPECT_THAT(Bash("trialgate referral show x --of"), IsEmpty());
}

TEST_F(CompletionTest, BashOffersTheValuesOfAFlag) {
  EXPECT_THAT(Bash("trialgate referral decline x --reason NO_S"), ElementsAre("NO_STAFF"));
  EXPECT_THAT(Bash("trialgate region list -o "),
              ElementsAre("table", "wide", "json", "yaml", "name"));
  EXPECT_THAT(Bash("trialgate region list --output = ya"), ElementsAre("yaml"));
}

TEST_F(CompletionTest, BashOffersFilesWhereNothingElseIsKnown) {
  WriteFile("draft.json", "{}");
  EXPECT_THAT(Bash("trialgate request submit dra"), ElementsAre("draft.json"));
  EXPECT_THAT(Bash("trialgate referral answer x --file dra"), ElementsAre("draft.json"));
}

TEST_F(CompletionTest, FishOffersCommandsFlagsAndValues) {
  EXPECT_THAT(Fish("trialgate re"), IsSupersetOf({"request", "referral", "region"}));
  EXPECT_THAT(Fish("trialgate --as x::y referral de"), ElementsAre("decline"));
  EXPECT_THAT(Fish("trialgate referral answer x --offe"), ElementsAre("--offer"));
  EXPECT_THAT(Fish("trialgate referral decline x --reason NO_S"), ElementsAre("NO_STAFF"));
}

TEST_F(CompletionTest, ZshReadsItsScriptAndKnowsEachPlace) {
  const std::string script = ScriptFor("zsh");
  EXPECT_THAT(Lines("zsh -n " + script), IsEmpty());
  // compadd speaks to the line editor, which there is none of here.
  const std::string offers =
      "compadd() { shift; print -l -- $@ }; _files() { print files }; compdef() { }; ";
  const auto zsh = [&](const std::string& words, int current) {
    return Lines(absl::StrCat("zsh -f -c '", offers, "source ", script, "; words=(", words,
                              "); CURRENT=", current, "; __trialgate'"));
  };
  EXPECT_THAT(zsh("trialgate referral de", 3), IsSupersetOf({"ack", "decline"}));
  EXPECT_THAT(zsh("trialgate -o json referral decline x --reason N", 8), Contains("NO_STAFF"));
  EXPECT_THAT(zsh("trialgate referral answer x --o", 5), Contains("--offer"));
  EXPECT_THAT(zsh("trialgate request submit x", 4), ElementsAre("files"));
}

TEST_F(CompletionTest, NoWordsOfAHelpTextCanEndAQuote) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(Lines(absl::StrCat(shell, " -n ", ScriptFor(shell))), IsEmpty());
  }
}

}  // namespace
}  // namespace trialgate::cli
