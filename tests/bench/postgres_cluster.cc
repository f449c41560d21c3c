#include "tests/bench/postgres_cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace trialgate::bench {
namespace {

[[noreturn]] void Stop(const char* why) {
  std::fprintf(stderr, "PostgreSQL: %s\n", why);
  std::exit(1);
}

const passwd* UnprivilegedUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) user = getpwnam("nobody");
  if (user == nullptr) Stop("no user postgres or nobody to run it as");
  return user;
}

// In the child: does not return.
void Become(const passwd* user, const std::string& folder, const std::string& program,
            const std::vector<std::string>& arguments) {
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  const int log = open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log < 0 || chdir(folder.c_str()) != 0) _exit(126);
  dup2(log, 1);
  dup2(log, 2);
  const std::string path = absl::StrCat(TRIALGATE_POSTGRES_BIN, "/", program);
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  _exit(127);
}

}  // namespace

PostgresCluster::PostgresCluster() {
  if (const passwd* user = UnprivilegedUser();
      user != nullptr && chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
    Stop("its folder cannot be given away");
  }
  const std::string data = folder_.Sub("data");
  int status = 0;
  const pid_t initdb = Start("initdb", {"-D", data, "-U", "bench", "-A", "trust", "--no-sync", "-E",
                                        "UTF8", "--no-locale"});
  if (waitpid(initdb, &status, 0) != initdb || status != 0) Stop("initdb failed");
  std::vector<std::string> arguments = {"-D", data, "-k", folder_.path()};
  // Nothing is kept: no sync, nothing that works beside the questions.
  for (const char* setting :
       {"listen_addresses=", "shared_buffers=2GB", "work_mem=256MB", "maintenance_work_mem=512MB",
        "effective_cache_size=8GB", "random_page_cost=1.0", "fsync=off", "synchronous_commit=off",
        "full_page_writes=off", "max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off",
        "max_connections=10", "max_worker_processes=4", "max_parallel_workers=2",
        "plan_cache_mode=force_generic_plan"}) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  server_ = Start("postgres", arguments);
}

PostgresCluster::~PostgresCluster() {
  kill(server_, SIGINT);
  waitpid(server_, nullptr, 0);
}

std::string PostgresCluster::ConnectionInfo() const {
  return absl::StrCat("host=", folder_.path(), " user=bench dbname=postgres connect_timeout=5");
}

pid_t PostgresCluster::Start(const std::string& program,
                             const std::vector<std::string>& arguments) const {
  const passwd* user = UnprivilegedUser();
  const pid_t child = fork();
  if (child < 0) Stop("no process to run it in");
  if (child == 0) Become(user, folder_.path(), program, arguments);
  return child;
}

}  // namespace trialgate::bench
