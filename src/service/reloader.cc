#include "service/reloader.h"

#include <utility>

#include "base/threads.h"

namespace sluice::service {
namespace {

constexpr auto kLongestReload = std::chrono::minutes(1);
// After files that could not be used: what made a command fail may be over by then.
constexpr Duration kAgain = std::chrono::seconds(10);

std::set<std::string> watched_by(const config::Config& config) {
  std::set<std::string> files = tls_files_of(config);
  files.insert(config.secret_files.begin(), config.secret_files.end());
  return files;
}

}  // namespace

Reloader::Reloader(Source source, const Clock& clock, telemetry::Log& log)
    : source_(std::move(source)), clock_(clock), log_(log) {
  watch();
}

Reloader::~Reloader() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Reloader::start(Service& service) {
  service_ = &service;
  auto thread = start_thread("reload", [this] { run(); });
  if (!thread) return tl::unexpected(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void Reloader::ask() {
  const std::lock_guard lock(mutex_);
  ++asked_;
  changed_.notify_all();
}

admin::ActionReply Reloader::ask_and_wait() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++asked_;
  changed_.notify_all();
  if (!changed_.wait_for(lock, kLongestReload, [&] { return done_ >= mine || ending_; })) {
    return {504, "not done within a minute; the log says how it ends"};
  }
  return done_ >= mine ? last_reply_ : Reply{503, "Sluice stops"};
}

void Reloader::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    changed_.wait_for(lock, kLook, [this] { return ending_ || asked_ > done_; });
    if (ending_) return;
    const std::uint64_t asked = asked_;
    const bool wanted = asked > done_;
    lock.unlock();
    Reply reply;
    if (wanted) {
      reply = reload();
    } else {
      look_at_files();
      // Not before who asked has the reply: it may wait for it at a port that goes here.
      service_->tidy();
    }
    lock.lock();
    if (!wanted) continue;
    done_ = asked;
    last_reply_ = std::move(reply);
    changed_.notify_all();
  }
}

admin::ActionReply Reloader::reload() {
  auto loaded = load(source_.path, source_.options, clock_);
  if (!loaded) return refuse(loaded.error());
  auto done = service_->apply(loaded->config);
  if (!done && service_->stopping()) return {503, done.error().cause};
  if (!done) return refuse({done.error().text()});
  source_.loaded = std::move(*loaded);
  watch();
  note(*done);
  return {200, *done};
}

void Reloader::look_at_files() {
  if (again_at_ && clock_.now() >= *again_at_) {
    again_at_.reset();
    files_->doubt();
  }
  if (!files_->changed()) return;
  auto config = load_again(source_.loaded.text, source_.path, source_.options, clock_);
  const auto done = config ? service_->apply_secrets(*config) : Result<std::string>();
  Complaints complaints;
  if (!config) complaints = config.error();
  if (config && !done && !service_->stopping()) complaints = {done.error().text()};
  if (!complaints.empty()) {
    again_at_ = clock_.now() + kAgain;
    if (complaints != last_complaints_) refuse(complaints);
  } else if (config && done && !done->empty()) {
    note(*done);
  }
  last_complaints_ = std::move(complaints);
}

// What changed while it was read and applied is seen by the first look.
void Reloader::watch() {
  files_.emplace(watched_by(source_.loaded.config));
  files_->doubt();
}

admin::ActionReply Reloader::refuse(const Complaints& complaints) {
  service_->note_reload(false);
  std::string all = "nothing was changed";
  for (const std::string& complaint : complaints) {
    all += "\n" + complaint;
    log_.write(telemetry::Level::error, telemetry::Event::configuration_refused,
               {{"detail", complaint}, {"remedy", "correct it; until then nothing changes"}});
  }
  return {400, all};
}

void Reloader::note(const std::string& done) {
  service_->note_reload(true);
  log_.write(telemetry::Level::info, telemetry::Event::configuration_reloaded, {{"detail", done}});
}

}  // namespace sluice::service
