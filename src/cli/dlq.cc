#include "cli/dlq.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "cli/cli.h"
#include "cli/dlq_parts.h"
#include "cli/signals.h"
#include "cli/standard_streams.h"
#include "config/loader.h"
#include "config/values.h"
#include "pipeline/options_of.h"
#include "replay/documents.h"
#include "replay/listing.h"
#include "replay/whole_letter.h"

namespace sluice::cli {
namespace {

using replay::GroupBy;

Result<std::vector<GroupBy>> groups_of(const std::vector<std::string>& names) {
  if (names.empty()) return std::vector{GroupBy::pipeline, GroupBy::reason, GroupBy::status};
  std::vector<GroupBy> by;
  for (const auto& name : names) {
    const std::size_t before = by.size();
    for (const GroupBy candidate : replay::kAllGroupBys) {
      if (to_string(candidate) == name) by.push_back(candidate);
    }
    if (by.size() == before) {
      return fail("--by: nothing is counted by " + config::in_quotes(name),
                  "it is one of: pipeline, reason, status, hour");
    }
  }
  return by;
}

std::set<std::string> topics_of(const DlqParts& parts, const replay::Filter& filter) {
  std::set<std::string> topics;
  for (const auto& pipeline : parts.config.pipelines) {
    const auto& names = filter.pipelines;
    const bool wanted =
        names.empty() || std::find(names.begin(), names.end(), pipeline.name) != names.end();
    if (wanted && pipeline.dead_letter) topics.insert(pipeline.dead_letter->topic);
  }
  return topics;
}

// Kafka alone is asked, but for a replay that goes straight to the API.
config::LoadOptions load_options_of(const DlqOptions& options) {
  config::LoadOptions load{options.allow_literal_secrets, kafka::library_version()};
  const bool asks_api =
      options.command == DlqOptions::Command::replay && options.to == "api" && !options.dry_run;
  load.secrets_for = asks_api ? options.pipelines : std::vector<std::string>{};
  return load;
}

int run_command(const DlqParts& parts, const replay::Filter& filter, std::uint64_t seed) {
  switch (parts.options.command) {
    case DlqOptions::Command::list:
      return dlq_list(parts, filter);
    case DlqOptions::Command::show:
      return dlq_show(parts, filter);
    case DlqOptions::Command::replay:
      return dlq_replay(parts, filter, seed);
  }
  return kBadInput;
}

}  // namespace

int dlq_list(const DlqParts& parts, const replay::Filter& filter) {
  const auto by = groups_of(parts.options.by);
  if (!by) return bad_input(by.error());
  const auto topics = topics_of(parts, filter);
  if (topics.empty()) {
    return bad_input({parts.options.config_path + ": no pipeline has a dead-letter topic", ""});
  }
  replay::Listing listing(*by);
  for (const auto& topic : topics) {
    replay::Catalog catalog(filter);
    const auto read = scan_topic(parts, topic, catalog, [](const kafka::PolledRecord&) {});
    if (!read) return failed(read.error());
    listing.add(topic, catalog);
  }
  print(parts.options.json ? list_document(listing) + "\n"
                           : listing.text(parts.options.config_path));
  return kOk;
}

int dlq_show(const DlqParts& parts, const replay::Filter& filter) {
  if (filter.ids.empty() && !filter.at) {
    return bad_input({"say which letter",
                      "add --id topic/partition/offset or --at "
                      "PARTITION:OFFSET"});
  }
  const std::string& topic = pipeline_of(parts).dead_letter->topic;
  replay::Catalog catalog(filter);
  std::vector<replay::WholeLetter> letters;
  const auto read = scan_topic(parts, topic, catalog, [&](const kafka::PolledRecord& polled) {
    if (letters.size() == catalog.letters().size()) return;
    letters.push_back(*replay::read_whole_letter(polled.partition, polled.record));
  });
  if (!read) return failed(read.error());
  if (letters.empty()) {
    return failed({topic + " has no such letter of pipeline " + filter.pipelines.front(),
                   "see sluice dlq list " + parts.options.config_path});
  }
  const auto states = catalog.states();
  for (std::size_t i = 0; i < letters.size(); ++i) letters[i].state = states[i];
  if (parts.options.json) {
    print(show_document(letters, parts.options.payload) + "\n");
    return kOk;
  }
  for (std::size_t i = 0; i < letters.size(); ++i) {
    print((i == 0 ? "" : "\n") + text_of(letters[i], parts.options.payload));
  }
  return kOk;
}

int dlq(const DlqOptions& options, const Clock& clock, std::uint64_t seed) {
  const Signals signals;
  SignalWaiting waiting(signals);
  const auto config = config::load_file(options.config_path, load_options_of(options));
  if (!config) {
    for (const auto& problem : config.error()) {
      std::fprintf(stderr, "%s\n", problem.text().c_str());
    }
    return kBadInput;
  }
  const auto filter = filter_of(options, *config, clock.wall_now());
  if (!filter) return bad_input(filter.error());
  const DlqParts parts{options, *config, pipeline::kafka_options_of(*config, clock), clock,
                       waiting};
  return run_command(parts, *filter, seed);
}

}  // namespace sluice::cli
