#include "cli/demo.h"

#include <cstdio>
#include <utility>

#include "cli/cli.h"
#include "cli/demo_stage.h"
#include "cli/demo_terminal.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "config/values.h"
#include "demo/report.h"
#include "demo/schedule.h"

namespace sluice::cli {
namespace {

constexpr Duration kShortest = std::chrono::seconds(3);
constexpr Duration kLongest = std::chrono::hours(1);
constexpr std::uint32_t kHighestRate = 50'000;

constexpr Duration kTick = std::chrono::milliseconds(100);
constexpr Duration kShowEvery = std::chrono::seconds(1);
constexpr Duration kJoinLimit = std::chrono::seconds(30);
// From the last record on, all of it has to be delivered within this long.
constexpr Duration kSettleLimit = std::chrono::seconds(60);
constexpr Duration kSettleLimitOfSignal = std::chrono::seconds(10);
constexpr Duration kStopLimit = std::chrono::seconds(15);

constexpr const char* kWhereNext =
    "\nWhere next\n"
    "  your own topic, ten minutes   docs/getting-started.md\n"
    "  a pipeline for each endpoint  config/data-pipeline.yaml\n"
    "  is my file right?             sluice check FILE\n"
    "  what was that?                docs/demo.md\n";

struct Settings {
  Duration duration{};
  std::uint32_t rate = 0;
  simulator::Fault fault = simulator::Fault::none;
  std::optional<WallTime> started_at;
};

Result<Settings> read_options(const DemoOptions& options) {
  Settings settings;
  const auto duration = config::parse_duration(options.duration);
  if (!duration) {
    return fail("--duration: " + duration.error().cause, duration.error().remedy);
  }
  if (*duration < kShortest || *duration > kLongest) {
    return fail("--duration: " + config::in_quotes(options.duration) + " is out of bounds",
                "give it 3s to 1h");
  }
  if (options.rate < 1 || options.rate > kHighestRate) {
    return fail("--rate: " + std::to_string(options.rate) + " is out of bounds",
                "give it 1 to 50000 records a second");
  }
  const auto fault = simulator::parse_fault(options.fault);
  if (!fault) return fail("--fault: " + fault.error().cause, fault.error().remedy);
  settings.duration = *duration;
  settings.rate = options.rate;
  settings.fault = *fault;
  if (options.started_at) settings.started_at = WallTime(std::chrono::seconds(*options.started_at));
  return settings;
}

// The run from the first record to the reconciliation.
class Demo {
 public:
  Demo(const Settings& settings, DemoStage& stage, const Signals& signals, const Clock& clock)
      : settings_(settings), stage_(stage), signals_(signals), clock_(clock) {}

  int run();

 private:
  void introduce();
  Result<void> wait_until_joined();
  void play();
  void begin(demo::Phase phase);
  void end_phase();
  void settle();
  void stop_service();
  int conclude();

  void tick();
  void show();
  void note_first_delivery();
  Duration elapsed() const { return clock_.now() - began_; }
  demo::Moment moment() const;

  const Settings& settings_;
  DemoStage& stage_;
  const Signals& signals_;
  const Clock& clock_;
  DemoTerminal terminal_;
  const Instant started_ = clock_.now();
  Instant began_ = started_;  // to make records
  Instant next_show_{};
  std::vector<demo::PipelineRow> rows_;
  demo::Phase phase_ = demo::Phase::healthy;
  demo::Moment phase_began_;
  bool delivering_ = false;
  bool interrupted_ = false;
};

int Demo::run() {
  introduce();
  auto ready = wait_until_joined();
  if (ready) ready = stage_.start_producing(settings_.rate);
  if (!ready) {
    terminal_.say("sluice demo: " + ready.error().text() + '\n');
    leave_at_once(kFailed);
  }
  play();
  settle();
  stop_service();
  return conclude();
}

void Demo::introduce() {
  const std::string admin = "http://127.0.0.1:" + std::to_string(stage_.service().admin_port());
  terminal_.say(
      "Sluice from end to end, in this process: " + std::to_string(simulator::kEventTypes.size()) +
      " pipelines between a broker and an API.\n  broker  " + stage_.broker() +
      "  (librdkafka's mock), " + std::to_string(settings_.rate) + " records a second\n  API     " +
      stage_.api().base_url() + "  (simulated)\n  look    " + admin +
      "/  (in a browser; also /status and /metrics)\n          sluice status --url " + admin +
      "\n  act     export SLUICE_ADMIN_TOKEN=" + stage_.admin_token() +
      "\nThe pipelines join their consumer groups; "
      "that takes some seconds.\n");
}

Result<void> Demo::wait_until_joined() {
  while (!stage_.ready()) {
    if (signals_.wait(kTick)) {
      terminal_.say("Stopped before the first record.\n");
      leave_at_once(kFailed);
    }
    if (elapsed() < kJoinLimit) continue;
    const auto missing = stage_.service().status().not_ready();
    return fail("the pipelines do not join their groups: " + missing.front(),
                "try again; the machine may be too busy");
  }
  return {};
}

void Demo::play() {
  began_ = clock_.now();
  begin(demo::Phase::healthy);
  while (!interrupted_ && elapsed() < settings_.duration) {
    tick();
    const auto phase = demo::phase_at(elapsed(), settings_.duration, settings_.fault);
    if (phase == phase_) continue;
    end_phase();
    begin(phase);
  }
  end_phase();
  stage_.api().set_fault(simulator::Fault::none);
  terminal_.say(interrupted_ ? "\nStopping: no more records, what is under way is finished.\n"
                             : "\nNo more records; what is under way is finished.\n");
}

void Demo::begin(demo::Phase phase) {
  phase_ = phase;
  phase_began_ = moment();
  const bool broken = phase == demo::Phase::broken;
  stage_.api().set_fault(broken ? settings_.fault : simulator::Fault::none);
  terminal_.say('\n' + demo::announcement(phase, settings_.fault) + '\n');
}

void Demo::end_phase() { terminal_.say(demo::phase_summary(phase_began_, moment())); }

void Demo::settle() {
  stage_.producer().stop();
  const Instant deadline = clock_.now() + (interrupted_ ? kSettleLimitOfSignal : kSettleLimit);
  while (clock_.now() < deadline && !stage_.settled()) tick();
  show();
}

void Demo::stop_service() {
  const Instant deadline = clock_.now() + kStopLimit;
  stage_.service().stop();
  while (!stage_.service().stopped()) {
    if (signals_.wait(kTick) || clock_.now() > deadline) {
      terminal_.say("sluice demo: left before the pipelines had stopped\n");
      leave_at_once(kFailed);
    }
  }
  stage_.pump();
}

int Demo::conclude() {
  const auto unconfirmed = stage_.producer().unconfirmed();  // before the tally: none slips through
  const auto tally = stage_.tally();
  const auto left = demo::leftover(tally, stage_.committed(), unconfirmed);
  terminal_.keep();
  terminal_.say('\n' + demo::reconciliation_line(tally, left));
  if (!demo::reconciles(tally, left)) {
    terminal_.say(demo::what_is_wrong(tally, left, rows_));
    return kFailed;
  }
  terminal_.say("Every record is accounted for, by its id; " +
                std::to_string(stage_.producer().made_bad()) + " were made bad on purpose" +
                (settings_.fault == simulator::Fault::poison
                     ? ", the other dead letters are those that the API refused meanwhile.\n"
                     : ".\n") +
                kWhereNext);
  return kOk;
}

void Demo::tick() {
  if (signals_.wait(kTick)) {
    if (interrupted_) leave_at_once(kFailed);
    interrupted_ = true;
  }
  if (!terminal_.works()) leave_at_once(kFailed);  // nobody watches any more
  stage_.pump();
  note_first_delivery();
  if (clock_.now() >= next_show_) show();
}

void Demo::show() {
  next_show_ = clock_.now() + kShowEvery;
  rows_ = stage_.rows();
  std::string note = stage_.newest_warning();
  if (stage_.producer().held_up()) {
    note = "The generator waits: a topic holds 3 MB unread, and the mock broker keeps only 5.";
  }
  terminal_.show(elapsed(), stage_.tally(), rows_, note);
}

void Demo::note_first_delivery() {
  if (delivering_ || stage_.tally().delivered == 0) return;
  delivering_ = true;
  const auto since = [](Duration passed) {
    return std::to_string(std::chrono::round<std::chrono::seconds>(passed).count());
  };
  std::string line = "First record delivered " + since(clock_.now() - started_) +
                     " s after the start of sluice demo.\n";
  if (settings_.started_at) {
    line = "First record delivered " + since(clock_.wall_now() - *settings_.started_at) +
           " s after scripts/demo began.\n";
  }
  terminal_.say(line);
}

demo::Moment Demo::moment() const {
  demo::Moment now{clock_.now(), stage_.tally(), 0};
  for (const auto& row : rows_) now.throttled += row.throttled;
  return now;
}

}  // namespace

int demo(const DemoOptions& options, const Clock& clock, std::uint64_t seed) {
  const auto settings = read_options(options);
  if (!settings) {
    std::fprintf(stderr, "sluice demo: %s\n", settings.error().text().c_str());
    return kBadInput;
  }
  const Signals signals;
  const auto stage = DemoStage::start(clock, seed);
  if (!stage) {
    std::fprintf(stderr, "sluice demo: %s\n", stage.error().text().c_str());
    leave_at_once(kFailed);  // workers may be running already
  }
  return Demo(*settings, **stage, signals, clock).run();
}

}  // namespace sluice::cli
