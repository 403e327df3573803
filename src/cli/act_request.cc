#include "cli/act_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/words.h"
#include "config/values.h"

namespace sluice::cli {
namespace {

enum class Of { pipeline, target, process };

struct Known {
  std::string_view action;
  Of of;
  bool partition;          // may be of one
  std::string_view needs;  // beyond a name
};

constexpr std::array kKnown{
    Known{"pause", Of::pipeline, false, ""},
    Known{"drain", Of::pipeline, false, ""},
    Known{"resume", Of::pipeline, false, ""},
    Known{"retry", Of::pipeline, true, ""},
    Known{"dead-letter", Of::pipeline, true, ""},
    Known{"resume-from", Of::pipeline, true, "--topic T --partition N --offset O"},
    Known{"reset-breaker", Of::target, false, ""},
    Known{"reload", Of::process, false, ""},
    Known{"log-level", Of::process, false, "--level L"},
};

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warn", "error"};

std::string line_of(const Known& known) {
  std::string line = "sluice act " + std::string(known.action);
  if (known.of != Of::process) line += known.of == Of::pipeline ? " PIPELINE" : " TARGET";
  if (!known.needs.empty()) line += ' ' + std::string(known.needs);
  return line;
}

tl::unexpected<Error> no_such_action(const std::string& word) {
  std::vector<std::string_view> all;
  for (const Known& known : kKnown) all.push_back(known.action);
  return fail("there is no action " + config::in_quotes(word), nearest_or_all(word, all));
}

template <typename Number>
bool is_whole(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && number >= 0;
}

// What one of its words is wrong with; empty: nothing.
std::string wrong(const Known& known, const ActWords& words) {
  const bool place = !words.topic.empty() || !words.partition.empty();
  if (known.of != Of::process && words.name.empty()) {
    return known.of == Of::pipeline ? "it needs the name of a pipeline"
                                    : "it needs the name of a target";
  }
  if (known.of == Of::process && !words.name.empty()) {
    return "it is of the whole process and takes no name";
  }
  if (place && !known.partition) return "it takes no --topic and --partition";
  if (place && (words.topic.empty() || !is_whole<std::int32_t>(words.partition))) {
    return "a partition has both a --topic and a --partition, a number";
  }
  const bool moves = known.action == "resume-from";
  if (!moves && !words.offset.empty()) return "it takes no --offset";
  const bool at = words.offset == "earliest" || words.offset == "latest" ||
                  is_whole<std::int64_t>(words.offset);
  if (moves && !place) return "it needs a --topic and a --partition";
  if (moves && !at) return "it needs an --offset: earliest, latest or a number";
  const bool levels = known.action == "log-level";
  if (!levels && !words.level.empty()) return "it takes no --level";
  if (levels && words.level.empty()) return "it needs a --level: debug, info, warn or error";
  return {};
}

bool is_level(std::string_view word) {
  return std::find(kLevels.begin(), kLevels.end(), word) != kLevels.end();
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != kPlain.npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    ((out += '%') += kDigits[byte >> 4U]) += kDigits[byte & 0xFU];
  }
  return out;
}

std::string query_of(const ActWords& words) {
  std::string query;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    query += (query.empty() ? '?' : '&');
    ((query += name) += '=') += encoded(value);
  };
  add("topic", words.topic);
  add("partition", words.partition);
  add("offset", words.offset);
  add("level", words.level);
  return query;
}

}  // namespace

std::string action_names() {
  return one_of(kKnown, [](const Known& known) { return known.action; });
}

std::string level_names() {
  return one_of(kLevels, [](std::string_view name) { return name; });
}

Result<std::string> act_path(const ActWords& words) {
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& candidate) {
    return candidate.action == words.action;
  });
  if (known == kKnown.end()) return no_such_action(words.action);
  if (const std::string why = wrong(*known, words); !why.empty()) {
    return fail(words.action + ": " + why, "write " + line_of(*known));
  }
  if (!words.level.empty() && !is_level(words.level)) {
    return fail("--level: there is no level " + config::in_quotes(words.level),
                nearest_or_all(words.level, {kLevels.begin(), kLevels.end()}));
  }
  const std::string action(known->action);
  std::string path = "/-/" + action;
  if (known->of == Of::pipeline) path = "/-/pipelines/" + encoded(words.name) + '/' + action;
  if (known->of == Of::target) path = "/-/targets/" + encoded(words.name) + '/' + action;
  return path + query_of(words);
}

}  // namespace sluice::cli
