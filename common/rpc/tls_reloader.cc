#include "common/rpc/tls_reloader.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"

namespace trialgate::rpc {
namespace {

// Between two tries, and two words about, what stays at fault.
constexpr absl::Duration kPatience = absl::Minutes(1);
// Reads at the start before files that go on changing are taken as they are.
constexpr int kFirstReads = 5;

std::string Fingerprint(const std::string& path) {
  struct stat file = {};
  if (stat(path.c_str(), &file) != 0) return "absent";
  // The change time cannot be set back by who copies a file with its times.
  return absl::StrCat(file.st_dev, " ", file.st_ino, " ", file.st_size, " ", file.st_mtim.tv_sec,
                      ".", file.st_mtim.tv_nsec, " ", file.st_ctim.tv_sec, ".",
                      file.st_ctim.tv_nsec);
}

std::string Text(absl::Time time) { return absl::FormatTime(time, absl::UTCTimeZone()); }

}  // namespace

absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::Start(const Options& options,
                                                                const Clock* clock,
                                                                obs::MetricsRegistry* metrics) {
  std::unique_ptr<TlsReloader> reloader(new TlsReloader(options, clock, metrics));
  Prints before;
  std::shared_ptr<const TlsMaterial> material;
  for (int i = 0; i < kFirstReads && (material == nullptr || before != reloader->Fingerprints());
       ++i) {
    before = reloader->Fingerprints();
    ABSL_ASSIGN_OR_RETURN(material, TlsMaterial::Read(options.files, clock->Now()));
  }
  {
    MutexLock lock(&reloader->looking_);
    reloader->taken_ = before;
    reloader->Take(std::move(material));
    reloader->WarnOfOldLists();
  }
  if (options.interval < absl::InfiniteDuration()) {
    reloader->thread_ = std::thread([r = reloader.get()] { r->Run(); });
  }
  return reloader;
}

TlsReloader::TlsReloader(const Options& options, const Clock* clock, obs::MetricsRegistry* metrics)
    : options_(options),
      clock_(clock),
      failures_(metrics->AddCounter(
          "trialgate_tls_reload_failures_total",
          "Times that changed TLS files could not be taken; the ones before stay in use.", {})),
      expires_(metrics->AddGauge("trialgate_tls_certificate_expiry_timestamp_seconds",
                                 "When the server's certificate in use expires, Unix time.", {})) {
  if (options_.files.crl.empty()) return;
  crl_next_update_ = metrics->AddGauge(
      "trialgate_tls_crl_next_update_timestamp_seconds",
      "When the first revocation list in use has to be replaced, Unix time; from then on no "
      "client's certificate is accepted.",
      {});
}

TlsReloader::~TlsReloader() {
  {
    MutexLock lock(&mu_);
    ending_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const TlsMaterial> TlsReloader::Current() const {
  MutexLock lock(&mu_);
  return current_;
}

void TlsReloader::Look() {
  MutexLock lock(&looking_);
  WarnOfOldLists();
  const Prints now = Fingerprints();
  if (now == taken_) return;
  if (now != seen_) {
    seen_ = now;
    return;
  }
  if (now == failed_ && clock_->Now() < try_again_) return;
  auto material = TlsMaterial::Read(options_.files, clock_->Now());
  const Prints after = Fingerprints();
  if (after != now) {
    seen_ = after;
    return;
  }
  if (!material.ok()) {
    failed_ = now;
    try_again_ = clock_->Now() + kPatience;
    failures_.Add();
    obs::LogLine(obs::Level::kError, "tls_reload_failed")
        .With("cause", obs::Public(material.status().message()))
        .With("consequence", "the certificates, key and lists read before stay in use");
    return;
  }
  taken_ = now;
  failed_.clear();
  Take(*std::move(material));
}

TlsReloader::Prints TlsReloader::Fingerprints() const {
  const TlsFiles& files = options_.files;
  Prints prints;
  for (const std::string* path : {&files.certificate, &files.key, &files.client_ca, &files.crl}) {
    if (!path->empty()) prints.push_back(Fingerprint(*path));
  }
  return prints;
}

void TlsReloader::Take(std::shared_ptr<const TlsMaterial> material) {
  expires_.Set(static_cast<double>(absl::ToUnixSeconds(material->expires())));
  obs::LogLine line(obs::Level::kInfo, "tls_loaded");
  line.With("certificate_expires", obs::Public(Text(material->expires())));
  if (crl_next_update_.has_value()) {
    crl_next_update_->Set(static_cast<double>(absl::ToUnixSeconds(material->crl_next_update())));
    line.With("crl_next_update", obs::Public(Text(material->crl_next_update())));
  }
  warn_again_ = absl::InfinitePast();
  MutexLock lock(&mu_);
  current_ = std::move(material);
}

void TlsReloader::WarnOfOldLists() {
  const absl::Time next_update = Current()->crl_next_update();
  const absl::Time now = clock_->Now();
  if (now < next_update || now < warn_again_) return;
  warn_again_ = now + kPatience;
  obs::LogLine(obs::Level::kError, "tls_crl_out_of_date")
      .With("file", obs::Public(options_.files.crl))
      .With("next_update", obs::Public(Text(next_update)))
      .With("consequence",
            "no client certificate of its authority is accepted until it is replaced");
}

void TlsReloader::Run() {
  while (true) {
    {
      MutexLock lock(&mu_);
      if (!ending_) changed_.WaitFor(&mu_, options_.interval);
      if (ending_) return;
    }
    Look();
  }
}

}  // namespace trialgate::rpc
