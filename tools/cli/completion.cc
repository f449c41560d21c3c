#include "tools/cli/completion.h"

#include <algorithm>
#include <utility>

#include "CLI/App.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/cli/text.h"

namespace trialgate::cli {
namespace {

// Longer descriptions make a list of completions unreadable.
constexpr int kWordsColumns = 60;

std::string ShortWords(const std::string& words) { return Cut(Clean(words), kWordsColumns); }

CompletionPlace::Flag FlagOf(const CLI::Option& option, const KnownValues& known) {
  CompletionPlace::Flag flag;
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  flag.words = ShortWords(option.get_description());
  flag.takes_value = option.get_items_expected_max() > 0 && option.get_type_size_max() > 0;
  const auto values = known.find(&option);
  if (values != known.end()) flag.values = values->second;
  return flag;
}

void AddOptions(const CLI::App& app, const KnownValues& known, bool with_arguments,
                CompletionPlace* place) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      const auto values = known.find(option);
      if (with_arguments && values != known.end()) {
        place->values.insert(place->values.end(), values->second.begin(), values->second.end());
      }
      continue;
    }
    CompletionPlace::Flag flag = FlagOf(*option, known);
    const bool there =
        std::any_of(place->flags.begin(), place->flags.end(),
                    [&](const CompletionPlace::Flag& f) { return f.names == flag.names; });
    if (!there) place->flags.push_back(std::move(flag));
  }
}

void AddPlaces(const CLI::App& app, const std::vector<const CLI::App*>& above,
               const std::string& path, const KnownValues& known,
               std::vector<CompletionPlace>* places) {
  CompletionPlace place;
  place.path = path;
  AddOptions(app, known, true, &place);
  for (auto parent = above.rbegin(); parent != above.rend(); ++parent) {
    AddOptions(**parent, known, false, &place);
  }
  const auto below =
      app.get_subcommands([](const CLI::App* command) { return command != nullptr; });
  for (const CLI::App* command : below) {
    place.commands.emplace_back(command->get_name(), ShortWords(command->get_description()));
  }
  places->push_back(std::move(place));
  std::vector<const CLI::App*> through = above;
  through.push_back(&app);
  for (const CLI::App* command : below) {
    AddPlaces(*command, through, absl::StrCat(path, path.empty() ? "" : " ", command->get_name()),
              known, places);
  }
}

// A text in single quotes, as all three shells read it; fish and sh differ in how a quote in it is
// written, so there is none.
std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "’"}, {"\\", "/"}}), "'");
}

std::string WordsOf(const std::vector<std::string>& words) {
  return Quoted(absl::StrJoin(words, " "));
}

std::vector<std::string> CommandNames(const CompletionPlace& place) {
  std::vector<std::string> names;
  for (const auto& [name, words] : place.commands) names.push_back(name);
  return names;
}

std::vector<std::string> FlagNames(const CompletionPlace& place) {
  std::vector<std::string> names;
  for (const auto& flag : place.flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return names;
}

// "'path:--flag'|'path:-f'": for a shell's case.
std::string FlagPattern(const CompletionPlace& place, const CompletionPlace::Flag& flag) {
  std::vector<std::string> patterns;
  for (const std::string& name : flag.names) {
    patterns.push_back(Quoted(absl::StrCat(place.path, ":", name)));
  }
  return absl::StrJoin(patterns, "|");
}

// The functions that bash and zsh share: which command stands on the line, which words may follow.
// Written for both: words are kept in one text, and split at spaces.
std::string SharedFunctions(const std::vector<CompletionPlace>& places) {
  std::string commands, flags, values, arguments;
  for (const CompletionPlace& place : places) {
    const std::string path = Quoted(place.path);
    if (!place.commands.empty()) {
      absl::StrAppend(&commands, "    ", path, ") echo ", WordsOf(CommandNames(place)), " ;;\n");
    }
    absl::StrAppend(&flags, "    ", path, ") echo ", WordsOf(FlagNames(place)), " ;;\n");
    if (!place.values.empty()) {
      absl::StrAppend(&arguments, "    ", path, ") echo ", WordsOf(place.values), " ;;\n");
    }
    for (const auto& flag : place.flags) {
      if (!flag.takes_value) continue;
      absl::StrAppend(&values, "    ", FlagPattern(place, flag), ") echo ",
                      flag.values.empty() ? "'@files'" : WordsOf(flag.values), " ;;\n");
    }
  }
  const auto function = [](absl::string_view name, const std::string& cases,
                           absl::string_view subject) {
    return absl::StrCat("__trialgate_", name, "() {\n  case \"", subject, "\" in\n", cases,
                        "  esac\n}\n\n");
  };
  return absl::StrCat(
      "# The commands that may follow a command, its flags, the values of a flag and "
      "of its arguments.\n",
      function("commands", commands, "$1"), function("flags", flags, "$1"),
      function("values", values, "$1:$2"), function("arguments", arguments, "$1"));
}

}  // namespace

std::vector<CompletionPlace> CompletionPlaces(const CLI::App& app, const KnownValues& known) {
  std::vector<CompletionPlace> places;
  AddPlaces(app, {}, "", known, &places);
  return places;
}

std::string BashCompletion(const std::vector<CompletionPlace>& places) {
  return absl::StrCat("# Completion of trialgate for bash: source <(trialgate completion bash)\n\n",
                      SharedFunctions(places), R"sh(__trialgate() {
  local current=${COMP_WORDS[COMP_CWORD]} path= word next i before= found
  # The line's words are whole again where bash split them at "=".
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      [[ -n $(__trialgate_values "$path" "$word") && ${COMP_WORDS[i + 1]} != '=' ]] && ((i + 1 < COMP_CWORD)) && ((i++))
      continue
    fi
    next="${path:+$path }$word"
    [[ " $(__trialgate_commands "$path") " == *" $word "* ]] && path=$next
  done
  before=${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $before == '=' && COMP_CWORD -gt 1 ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $current == '=' ]]; then
    current=
  fi
  if [[ $before == -* ]]; then
    found=$(__trialgate_values "$path" "$before")
    if [[ $found == @files ]]; then
      COMPREPLY=($(compgen -f -- "$current"))
      return
    elif [[ -n $found ]]; then
      COMPREPLY=($(compgen -W "$found" -- "$current"))
      return
    fi
  fi
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(__trialgate_flags "$path")" -- "$current"))
    return
  fi
  found="$(__trialgate_commands "$path") $(__trialgate_arguments "$path")"
  COMPREPLY=($(compgen -W "$found" -- "$current"))
  [[ ${#COMPREPLY[@]} -eq 0 && -z ${found// /} ]] && COMPREPLY=($(compgen -f -- "$current"))
}

complete -o filenames -F __trialgate trialgate
)sh");
}

std::string ZshCompletion(const std::vector<CompletionPlace>& places) {
  return absl::StrCat(
      "#compdef trialgate\n"
      "# Completion of trialgate for zsh: source <(trialgate completion zsh)\n\n",
      SharedFunctions(places), R"sh(__trialgate() {
  local current=${words[CURRENT]} before=${words[CURRENT-1]} place= word found
  integer i=2
  while ((i < CURRENT)); do
    word=${words[i]}
    if [[ $word == -* ]]; then
      [[ $word != *=* && -n $(__trialgate_values "$place" "$word") ]] && ((i++))
    elif [[ " $(__trialgate_commands "$place") " == *" $word "* ]]; then
      place="${place:+$place }$word"
    fi
    ((i++))
  done
  if [[ $current == -*=* ]]; then
    before=${current%%=*}
    compset -P '*='
    current=${current#*=}
  fi
  if [[ $before == -* ]]; then
    found=$(__trialgate_values "$place" "$before")
    if [[ $found == @files ]]; then
      _files
      return
    elif [[ -n $found ]]; then
      compadd -- ${=found}
      return
    fi
  fi
  if [[ $current == -* ]]; then
    compadd -- ${=$(__trialgate_flags "$place")}
    return
  fi
  found="$(__trialgate_commands "$place") $(__trialgate_arguments "$place")"
  if [[ -n ${found// /} ]]; then
    compadd -- ${=found}
  else
    _files
  fi
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
  __trialgate "$@"
else
  compdef __trialgate trialgate
fi
)sh");
}

std::string FishCompletion(const std::vector<CompletionPlace>& places) {
  std::string values;
  std::string lines;
  for (const CompletionPlace& place : places) {
    const std::string at = Quoted(absl::StrCat("__trialgate_at ", place.path));
    for (const auto& [name, words] : place.commands) {
      absl::StrAppend(&lines, "complete -c trialgate -f -n ", at, " -a ", Quoted(name), " -d ",
                      Quoted(words), "\n");
    }
    if (!place.values.empty()) {
      absl::StrAppend(&lines, "complete -c trialgate -f -n ", at, " -a ", WordsOf(place.values),
                      "\n");
    }
    for (const auto& flag : place.flags) {
      absl::StrAppend(&lines, "complete -c trialgate -n ", at);
      for (const std::string& name : flag.names) {
        absl::StrAppend(&lines, name.size() > 2 ? " -l " : " -s ",
                        name.substr(name[1] == '-' ? 2 : 1));
        if (flag.takes_value)
          absl::StrAppend(&values, Quoted(absl::StrCat(place.path, ":", name)), " ");
      }
      if (flag.takes_value) absl::StrAppend(&lines, flag.values.empty() ? " -r" : " -x -a ");
      if (!flag.values.empty()) absl::StrAppend(&lines, WordsOf(flag.values));
      absl::StrAppend(&lines, " -d ", Quoted(flag.words), "\n");
    }
  }
  std::string commands;
  for (const CompletionPlace& place : places) {
    if (!place.path.empty()) absl::StrAppend(&commands, Quoted(place.path), " ");
  }
  return absl::StrCat("# Completion of trialgate for fish: trialgate completion fish | source\n\n",
                      "set -g __trialgate_paths ", commands, "\n", "set -g __trialgate_valued ",
                      values, R"sh(

# The command on the line, such as "referral answer".
function __trialgate_path
  set -l path
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip -eq 1
      set skip 0
      continue
    end
    switch $word
      case '-*=*'
      case '-*'
        contains -- "$path:$word" $__trialgate_valued; and set skip 1
      case '*'
        contains -- (string trim -- "$path $word") $__trialgate_paths; and set path (string trim -- "$path $word")
    end
  end
  echo $path
end

function __trialgate_at
  test (__trialgate_path) = "$argv"
end

)sh",
                      lines);
}

}  // namespace trialgate::cli
