#include "common/obs/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace trialgate::obs {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Pages of memory: index 0 of /proc/self/statm is virtual, 1 resident.
std::vector<Sample> Memory(int index) {
  std::istringstream fields(ReadFile("/proc/self/statm"));
  double pages = 0;
  for (int i = 0; i <= index; ++i) {
    if (!(fields >> pages)) return {};
  }
  return {{{}, pages * static_cast<double>(sysconf(_SC_PAGESIZE))}};
}

std::vector<Sample> CpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return {};
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return {{{}, seconds(usage.ru_utime) + seconds(usage.ru_stime)}};
}

std::vector<Sample> OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return {};
  // The listing itself holds one open.
  return {{{}, static_cast<double>(std::distance(begin(files), end(files)) - 1)}};
}

std::vector<Sample> MaxFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return {{{}, static_cast<double>(limit.rlim_cur)}};
}

// Boot time plus field 22 of /proc/self/stat; the name in field 2 may hold spaces.
std::vector<Sample> StartTime() {
  const std::string stat = ReadFile("/proc/self/stat");
  const std::size_t name_end = stat.rfind(')');
  const std::string boot = ReadFile("/proc/stat");
  const std::size_t boot_at = boot.find("\nbtime ");
  if (name_end == std::string::npos || boot_at == std::string::npos) return {};
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  double boot_seconds = 0;
  std::istringstream boot_field(boot.substr(boot_at + 7));
  if (!(fields >> ticks) || !(boot_field >> boot_seconds)) return {};
  return {{{}, boot_seconds + ticks / static_cast<double>(sysconf(_SC_CLK_TCK))}};
}

}  // namespace

void AddProcessMetrics(MetricsRegistry* registry) {
  registry->AddCallback(MetricKind::kGauge, "process_virtual_memory_bytes",
                        "Virtual memory of the process.", [] { return Memory(0); });
  registry->AddCallback(MetricKind::kGauge, "process_resident_memory_bytes",
                        "Resident memory of the process.", [] { return Memory(1); });
  registry->AddCallback(MetricKind::kCounter, "process_cpu_seconds_total",
                        "Processor time used, user and system.", CpuSeconds);
  registry->AddCallback(MetricKind::kGauge, "process_open_fds", "Files that are open.", OpenFiles);
  registry->AddCallback(MetricKind::kGauge, "process_max_fds", "Files that may be open at most.",
                        MaxFiles);
  registry->AddCallback(MetricKind::kGauge, "process_start_time_seconds",
                        "When the process was started, in seconds since 1970.", StartTime);
}

}  // namespace trialgate::obs
