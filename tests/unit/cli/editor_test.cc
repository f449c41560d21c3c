#include "tools/cli/editor.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/cli/errors.h"

namespace trialgate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(EditorTest, ACommandIsSplitAsAShellDoesAndNothingInItIsExpanded) {
  EXPECT_THAT(*SplitCommand("vi"), ElementsAre("vi"));
  EXPECT_THAT(*SplitCommand("  code  --wait "), ElementsAre("code", "--wait"));
  EXPECT_THAT(*SplitCommand(R"("/opt/my editor/e" -c 'set tw=0' a\ b "q\"q")"),
              ElementsAre("/opt/my editor/e", "-c", "set tw=0", "a b", "q\"q"));
  EXPECT_THAT(*SplitCommand("vi; rm -rf $HOME `id` *"),
              ElementsAre("vi;", "rm", "-rf", "$HOME", "`id`", "*"));
  EXPECT_THAT(*SplitCommand("e ''"), ElementsAre("e", ""));
  EXPECT_FALSE(SplitCommand("vi 'open").ok());
}

TEST(EditorTest, VisualIsAskedBeforeEditorAndBothBeforeTheSystemsEditor) {
  EXPECT_THAT(*ChooseEditor({{"VISUAL", "a b"}, {"EDITOR", "c"}}), ElementsAre("a", "b"));
  EXPECT_THAT(*ChooseEditor({{"VISUAL", ""}, {"EDITOR", "c"}}), ElementsAre("c"));
  EXPECT_THAT(*ChooseEditor({}), ElementsAre("editor"));
}

TEST(EditorTest, AnEditorThatCannotBeRunOrFailsIsSaidWithWhatToDo) {
  for (const char* editor : {"/nowhere/editor", "false"}) {
    const absl::Status status = RunEditor({editor}, "/dev/null");
    EXPECT_EQ(ExitCodeOf(status), kUsage);
    EXPECT_THAT(HintIn(status), HasSubstr("EDITOR"));
  }
  EXPECT_TRUE(RunEditor({"true"}, "/dev/null").ok());
}

TEST(EditorTest, TheFileIsForItsOwnerOnlyAndGoneAfterwardsWithAllThatLiesBesideIt) {
  const TempDir parent;
  std::string path;
  {
    const auto file = FormFile::Create({{"TMPDIR", parent.path()}}, "form.yaml");
    ASSERT_TRUE(file.ok()) << file.status();
    path = file->path();
    ASSERT_TRUE(file->Write("a: b\n").ok());
    EXPECT_EQ(*file->Read(), "a: b\n");
    struct stat found {};
    ASSERT_EQ(stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    ASSERT_EQ(stat(std::filesystem::path(path).parent_path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
    std::ofstream(path + ".swp") << "left by the editor";
  }
  EXPECT_TRUE(std::filesystem::is_empty(parent.path()));
}

TEST(EditorTest, AKeptFileStays) {
  const TempDir parent;
  {
    auto file = FormFile::Create({{"XDG_RUNTIME_DIR", parent.path()}}, "form.yaml");
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Write("typed").ok());
    file->Keep();
  }
  EXPECT_FALSE(std::filesystem::is_empty(parent.path()));
}

}  // namespace
}  // namespace trialgate::cli
