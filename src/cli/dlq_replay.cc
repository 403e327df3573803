#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include "base/random.h"
#include "cli/cli.h"
#include "cli/dlq_api.h"
#include "cli/dlq_parts.h"
#include "cli/standard_streams.h"
#include "config/values.h"
#include "kafka/confirmed_writer.h"
#include "replay/documents.h"
#include "replay/replayer.h"
#include "replay/scan.h"
#include "replay/topic_destination.h"
#include "telemetry/text.h"

namespace sluice::cli {
namespace {

using replay::Letter;
using replay::Plan;
using replay::Tally;

// A record that was too large for the API may be as large as any topic takes.
constexpr std::size_t kLargestRecord = std::size_t{64} << 20;
constexpr std::size_t kMostNamed = 20;

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " letter" : " letters");
}

std::string line_of(std::string_view what, const Letter& letter, std::string_view why) {
  std::string line = std::string(what) + ": " + letter.id() + " at " + to_string(letter.place);
  if (!why.empty()) line.append(": ").append(why);
  return telemetry::to_line(line) + '\n';
}

// What is left alone, and why.
std::string skipped_text(const Plan& plan) {
  std::string text;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0) text += "  " + std::to_string(count) + ' ' + what + '\n';
  };
  add(plan.replayed, "replayed before");
  add(plan.copies, "copies of a record that is replayed");
  add(plan.unsure.size(),
      "uncertain: a replay that was interrupted may have sent them; look, then use --uncertain");
  add(plan.looping, "came back from three replays: mend the cause, then use --force");
  add(plan.beyond_limit, "beyond --limit");
  return text;
}

int dry_run(const DlqParts& parts, const Plan& plan) {
  if (parts.options.json) {
    for (const auto& planned : plan.letters) {
      print(replay_line(planned.letter, "planned", "") + "\n");
    }
    print(summary_line(plan, {}) + "\n");
    return kOk;
  }
  print("Would replay " + counted(plan.letters.size()) + " to " +
        (parts.options.to == "api" ? "the API" : "the topic") + ", nothing is sent now.\n" +
        skipped_text(plan));
  for (std::size_t i = 0; i < std::min(plan.letters.size(), kMostNamed); ++i) {
    const Letter& letter = plan.letters[i].letter;
    const std::string status = letter.status ? " " + std::to_string(*letter.status) : "";
    print(line_of("would replay", letter, letter.reason + status));
  }
  if (plan.letters.size() > kMostNamed) {
    print("and " + std::to_string(plan.letters.size() - kMostNamed) + " more\n");
  }
  return kOk;
}

// A letter that refers to its record.
Result<std::string> fetch_original(const DlqParts& parts, const Letter& letter) {
  auto reader =
      kafka::TopicReader::open_at(parts.kafka, {{{letter.topic, letter.partition}, letter.offset}});
  if (!reader) return tl::unexpected(reader.error());
  return replay::fetch_value(**reader, parts.clock, parts.waiting, letter);
}

// Those of the plan, each partition from its first letter on.
Result<std::unique_ptr<kafka::TopicReader>> open_letters(const DlqParts& parts, const Plan& plan,
                                                         const std::string& topic) {
  std::vector<kafka::PartitionOffset> from;
  for (const auto& planned : plan.letters) {
    const auto& [partition, offset] = planned.letter.place;
    if (from.empty() || from.back().partition.partition != partition) {
      from.push_back({{topic, partition}, offset});
    }
  }
  return kafka::TopicReader::open_at(parts.kafka, from);
}

Result<std::map<std::string, std::int32_t>> partitions_of(const DlqParts& parts, const Plan& plan) {
  std::map<std::string, std::int32_t> partitions;
  for (const auto& planned : plan.letters) {
    if (partitions.contains(planned.letter.topic)) continue;
    const auto count = kafka::partition_count(parts.kafka, planned.letter.topic);
    if (!count) return tl::unexpected(count.error());
    partitions[planned.letter.topic] = *count;
  }
  return partitions;
}

class Replay {
 public:
  Replay(const DlqParts& parts, Plan plan, std::uint64_t seed)
      : parts_(parts), plan_(std::move(plan)), random_(seed), progress_(parts.clock) {}

  // `log` stands at the end of what `receipts` was made of.
  Result<Tally> run(kafka::TopicReader& log, replay::ReceiptBook receipts, double rate);
  int report(const Tally& tally) const;

 private:
  Result<std::unique_ptr<replay::Destination>> make_destination();
  void on_letter(const Letter& letter, std::string_view ending, std::string_view why);

  const DlqParts& parts_;
  const Plan plan_;
  SeededRandom random_;
  Progress progress_;
  std::unique_ptr<kafka::ConfirmedWriter> writer_;
  std::unique_ptr<replay::Destination> destination_;
  std::size_t ended_ = 0;
};

Result<std::unique_ptr<replay::Destination>> Replay::make_destination() {
  if (parts_.options.to == "api") {
    const config::Pipeline& pipeline = pipeline_of(parts_);
    return make_api_destination(pipeline, parts_.config.targets.at(pipeline.target), parts_.clock,
                                random_);
  }
  auto partitions = partitions_of(parts_, plan_);
  if (!partitions) return tl::unexpected(partitions.error());
  return std::make_unique<replay::TopicDestination>(*writer_, std::move(*partitions));
}

Result<Tally> Replay::run(kafka::TopicReader& log, replay::ReceiptBook receipts, double rate) {
  const std::string& topic = pipeline_of(parts_).dead_letter->topic;
  auto writer = kafka::ConfirmedWriter::create({parts_.kafka, kLargestRecord, 2 * kLargestRecord});
  if (!writer) return tl::unexpected(writer.error());
  writer_ = std::move(*writer);
  auto destination = make_destination();
  if (!destination) return tl::unexpected(destination.error());
  destination_ = std::move(*destination);
  auto letters = open_letters(parts_, plan_, topic);
  if (!letters) return tl::unexpected(letters.error());
  replay::Pace pace(rate, parts_.clock, parts_.waiting);
  std::array<char, 20> run{};
  std::snprintf(run.data(), run.size(), "%016llx",
                static_cast<unsigned long long>(random_.next_bits()));
  replay::Replayer replayer(
      plan_, std::move(receipts),
      {topic, run.data(), **letters, log, *writer_, *destination_, parts_.clock, pace,
       [this](const Letter& letter) { return fetch_original(parts_, letter); },
       [this](const Letter& letter, std::string_view ending, std::string_view why) {
         on_letter(letter, ending, why);
       }});
  return replayer.run();
}

void Replay::on_letter(const Letter& letter, std::string_view ending, std::string_view why) {
  ++ended_;
  if (parts_.options.json) {
    print(replay_line(letter, ending, why) + "\n");
  } else if (ending != to_string(replay::Ending::replayed)) {
    print(line_of(ending, letter, why));
  }
  progress_.say(
      [&] { return std::to_string(ended_) + " of " + counted(plan_.letters.size()) + " done"; });
}

int Replay::report(const Tally& tally) const {
  const std::size_t left = plan_.letters.size() - tally.tried();
  if (parts_.options.json) {
    print(summary_line(plan_, tally) + "\n");
  } else {
    std::string text =
        "Replayed " + std::to_string(tally.replayed) + " of " + counted(plan_.letters.size());
    if (destination_) text += " to " + destination_->name();
    if (left > 0) text += "; " + std::to_string(left) + " not tried";
    print(text + '\n' + skipped_text(plan_));
    for (std::size_t i = 0; i < std::min(plan_.unsure.size(), kMostNamed); ++i) {
      print(line_of("uncertain", plan_.unsure[i], ""));
    }
  }
  if (tally.stopped)
    return failed({"replay stopped: " + tally.stopped->cause, tally.stopped->remedy});
  const bool all =
      tally.replayed == plan_.letters.size() && plan_.unsure.empty() && plan_.looping == 0;
  return all ? kOk : kFailed;
}

// An error is one of the command line.
Result<double> rate_of(const DlqParts& parts) {
  const auto& to = parts.options.to;
  if (to != "topic" && to != "api") {
    return fail("--to: letters cannot go to " + config::in_quotes(to), "it is topic or api");
  }
  auto rate = replay::parse_rate(parts.options.rate);
  if (!rate) return fail("--rate: " + rate.error().cause, rate.error().remedy);
  if (to == "topic") return rate;
  const double within =
      rate_within_limits(*rate, parts.config.targets.at(pipeline_of(parts).target));
  if (within < *rate) {
    std::fprintf(stderr, "sluice: slowed down to %.3g a second by the target's rate_limit\n",
                 within);
  }
  return within;
}

}  // namespace

int dlq_replay(const DlqParts& parts, const replay::Filter& filter, std::uint64_t seed) {
  const auto rate = rate_of(parts);
  if (!rate) return bad_input(rate.error());
  replay::Catalog catalog(filter);
  const auto log = scan_topic(parts, pipeline_of(parts).dead_letter->topic, catalog,
                              [](const kafka::PolledRecord&) {});
  if (!log) return failed(log.error());
  const auto& options = parts.options;
  Plan plan = make_plan(catalog, {options.uncertain, options.force, options.limit});
  if (options.dry_run) return dry_run(parts, plan);
  const bool nothing = plan.letters.empty();
  Replay replay(parts, std::move(plan), seed);
  if (nothing) return replay.report({});
  const auto tally = replay.run(**log, catalog.receipts(), *rate);
  if (!tally) return failed(tally.error());
  return replay.report(*tally);
}

}  // namespace sluice::cli
