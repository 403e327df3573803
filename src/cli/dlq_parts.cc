#include "cli/dlq_parts.h"

#include <algorithm>
#include <cstdio>
#include <tuple>
#include <vector>

#include "base/verdict.h"
#include "cli/cli.h"
#include "config/nearest.h"
#include "config/values.h"
#include "replay/scan.h"

namespace sluice::cli {
namespace {

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto near = config::nearest(word, candidates);
  if (!near.empty()) return "did you mean " + std::string(near) + "?";
  std::string all;
  for (const auto candidate : candidates) all += (all.empty() ? "" : ", ") + std::string(candidate);
  return "it is one of: " + all;
}

Result<void> check_pipelines(const DlqOptions& options, const config::Config& config) {
  std::vector<std::string_view> names;
  for (const auto& pipeline : config.pipelines) names.push_back(pipeline.name);
  for (const auto& name : options.pipelines) {
    const auto found =
        std::find_if(config.pipelines.begin(), config.pipelines.end(),
                     [&](const config::Pipeline& pipeline) { return pipeline.name == name; });
    if (found == config.pipelines.end()) {
      return fail("--pipeline: there is no pipeline " + config::in_quotes(name),
                  did_you_mean(name, names));
    }
    if (!found->dead_letter) {
      return fail("pipeline " + name + " has no dead-letter topic", "choose another pipeline");
    }
  }
  return {};
}

Result<void> check_reasons(const std::vector<std::string>& reasons) {
  std::vector<std::string_view> names;
  for (const auto reason : kAllDeadLetterReasons) names.push_back(to_string(reason));
  for (const auto& reason : reasons) {
    if (dead_letter_reason(reason)) continue;
    return fail("--reason: there is no reason " + config::in_quotes(reason),
                did_you_mean(reason, names));
  }
  return {};
}

Result<void> check_offsets(const DlqOptions& options) {
  const auto& [from, to] = std::tie(options.from_offset, options.to_offset);
  if (!from || !to || *from <= *to) return {};
  return fail("--to-offset " + std::to_string(*to) + " is below --from-offset " +
                  std::to_string(*from) + ": no letter is between them",
              "swap the two, or leave one of them out");
}

Error at_option(const std::string& option, const Error& error) {
  return {option + ": " + error.cause, error.remedy};
}

Result<void> read_times(const DlqOptions& options, WallTime now, replay::Filter& filter) {
  for (const auto& [name, text, time] : {std::tuple("--since", &options.since, &filter.since),
                                         std::tuple("--until", &options.until, &filter.until)}) {
    if (text->empty()) continue;
    const auto when = replay::parse_when(*text, now);
    if (!when) return tl::unexpected(at_option(name, when.error()));
    *time = *when;
  }
  if (!filter.since || !filter.until || *filter.since < *filter.until) return {};
  return fail("--until " + options.until + " is not after --since " + options.since +
                  ": no letter is between them",
              "swap the two, or leave one of them out");
}

}  // namespace

void Progress::say(const std::function<std::string()>& line) {
  if (clock_.now() - said_at_ < std::chrono::seconds(1)) return;
  said_at_ = clock_.now();
  std::fprintf(stderr, "sluice: %s\n", line().c_str());
}

Result<replay::Filter> filter_of(const DlqOptions& options, const config::Config& config,
                                 WallTime now) {
  if (auto checked = check_pipelines(options, config); !checked) {
    return tl::unexpected(checked.error());
  }
  if (auto checked = check_reasons(options.reasons); !checked) {
    return tl::unexpected(checked.error());
  }
  if (auto checked = check_offsets(options); !checked) return tl::unexpected(checked.error());
  replay::Filter filter;
  filter.pipelines = options.pipelines;
  filter.reasons = options.reasons;
  filter.ids = options.ids;
  filter.from_offset = options.from_offset;
  filter.to_offset = options.to_offset;
  for (const auto& text : options.statuses) {
    const auto status = replay::parse_status(text);
    if (!status) return tl::unexpected(at_option("--status", status.error()));
    filter.statuses.push_back(*status);
  }
  if (auto read = read_times(options, now, filter); !read) return tl::unexpected(read.error());
  if (options.at.empty()) return filter;
  filter.at = replay::parse_place(options.at);
  if (!filter.at) {
    return fail("--at: no place is " + config::in_quotes(options.at),
                "write PARTITION:OFFSET, as in 0:17");
  }
  return filter;
}

const config::Pipeline& pipeline_of(const DlqParts& parts) {
  const auto& all = parts.config.pipelines;
  return *std::find_if(all.begin(), all.end(), [&](const config::Pipeline& pipeline) {
    return pipeline.name == parts.options.pipelines.front();
  });
}

Result<std::unique_ptr<kafka::TopicReader>> scan_topic(
    const DlqParts& parts, const std::string& topic, replay::Catalog& catalog,
    const std::function<void(const kafka::PolledRecord&)>& seen) {
  auto reader = kafka::TopicReader::open(parts.kafka, {topic});
  if (!reader) return reader;
  Progress progress(parts.clock);
  const auto said = [&](const kafka::PolledRecord& polled) {
    progress.say([&] {
      const auto [read, total] = (*reader)->progress();
      return "reading " + topic + ": " + std::to_string(read) + " of " + std::to_string(total);
    });
    seen(polled);
  };
  const auto scanned = replay::scan(**reader, parts.clock, parts.waiting, catalog, said);
  if (!scanned)
    return fail("reading " + topic + ": " + scanned.error().cause, scanned.error().remedy);
  return reader;
}

int bad_input(const Error& error) {
  std::fprintf(stderr, "sluice: %s\n", error.text().c_str());
  return kBadInput;
}

int failed(const Error& error) {
  std::fprintf(stderr, "sluice: %s\n", error.text().c_str());
  return kFailed;
}

}  // namespace sluice::cli
