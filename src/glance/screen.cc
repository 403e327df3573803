#include "glance/screen.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "glance/words.h"
#include "telemetry/text.h"

namespace sluice::glance {
namespace {

constexpr const char* kBold = "\033[1m";
constexpr const char* kRed = "\033[31m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kPlain = "\033[0m";

// Things of one kind below a pipeline, and budgets below a target.
constexpr std::size_t kMostBelow = 4;
constexpr std::size_t kMostFailures = 3;
constexpr std::size_t kMostDetailLines = 3;
constexpr std::size_t kMostCommands = 3;
constexpr std::size_t kLongestName = 24;
constexpr std::size_t kLongestState = 22;
constexpr std::size_t kNumbers = 40;  // columns of a pipeline's

// Those that are part of work or somebody's wish; all others are trouble.
bool is_wait(std::string_view reason) {
  constexpr std::string_view kWaits[] = {"starting",          "throttled", "rate_limited",
                                         "retrying",          "paused",    "awaiting_answer",
                                         "unconfirmed_limit", "half_open", "stopping"};
  return std::find(std::begin(kWaits), std::end(kWaits), reason) != std::end(kWaits);
}

const char* colour_of(std::string_view reason) {
  if (reason == "flowing" || reason == "closed") return kGreen;
  return is_wait(reason) ? kYellow : kRed;
}

template <typename Things>
std::size_t widest(const Things& things, std::string_view heading, std::size_t most,
                   const auto& text_of) {
  std::size_t columns = heading.size();
  for (const auto& thing : things) columns = std::max(columns, width(clean(text_of(thing))));
  return std::min(columns, most);
}

class Writer {
 public:
  Writer(const Document& document, bool colour, const std::string& where)
      : document_(document), colour_(colour), where_(where.empty() ? "" : ' ' + where) {}

  std::string take() { return std::move(text_); }

  void head();
  void pipelines();
  void targets();
  void failures();

 private:
  void line(std::string_view text) { (text_ += text) += '\n'; }
  void heading(std::string_view text) { line(painted(std::string(text), kBold)); }
  std::string painted(const std::string& text, const char* colour) const {
    return colour_ ? colour + text + kPlain : text;
  }
  std::string since(const std::optional<WallTime>& when) const {
    return when && document_.time ? duration(*document_.time - *when) : "-";
  }
  std::string in(WallTime when) const;
  std::string next_of(const Condition& condition) const;
  // Behind `label`, and below where it goes on.
  void paragraph(std::size_t indent, const std::string& label, const std::string& text,
                 std::size_t most);
  void explain(std::size_t indent, const Condition& condition);
  template <typename Things>
  void below(const Pipeline& pipeline, const Things& things, const char* kind);
  void target_lines(const Target& target);

  const Document& document_;
  const bool colour_;
  const std::string where_;
  std::string text_;
};

// "in 41s"; nothing where nobody knows what time it is there.
std::string Writer::in(WallTime when) const {
  if (!document_.time) return {};
  return when <= *document_.time ? "now" : "in " + duration(when - *document_.time);
}

std::string Writer::next_of(const Condition& condition) const {
  std::string text = clean(condition.next);
  const std::string when = condition.next_at ? in(*condition.next_at) : "";
  if (!text.empty() && !when.empty()) text += ' ';
  return text + when;
}

void Writer::paragraph(std::size_t indent, const std::string& label, const std::string& text,
                       std::size_t most) {
  std::string lead = std::string(indent, ' ') + label;
  const std::size_t columns = kColumns - lead.size();
  for (const std::string& each : wrapped(text, columns, most)) {
    line(lead + each);
    lead.assign(lead.size(), ' ');
  }
}

void Writer::explain(std::size_t indent, const Condition& condition) {
  paragraph(indent, "why:  ", clean(condition.detail), kMostDetailLines);
  paragraph(indent, "next: ", next_of(condition), 2);
  const std::size_t commands = std::min(condition.release.size(), kMostCommands);
  for (std::size_t i = 0; i < commands; ++i) {
    std::string lead = std::string(indent, ' ') + (i == 0 ? "do:   " : "or:   ");
    const std::string command = clean(condition.release[i]) + where_;
    for (const std::string& each : wrapped_command(command, kColumns - lead.size())) {
      line(lead + each);
      lead.assign(lead.size(), ' ');
    }
  }
}

void Writer::head() {
  std::string text = "Sluice " + clean(document_.version);
  if (document_.time) {
    text += "   " + telemetry::to_utc(*document_.time).substr(11, 8) + " UTC";
    if (document_.started) text += "   up " + duration(*document_.time - *document_.started);
  }
  line(cut(text, kColumns));
}

// Those that stand still by themselves: not with the whole pipeline, and not for its reason.
template <typename Things>
void Writer::below(const Pipeline& pipeline, const Things& things, const char* kind) {
  std::size_t shown = 0;
  std::size_t more = 0;
  for (const auto& thing : things) {
    if (thing.flows()) continue;
    if (thing.reason == pipeline.reason && thing.detail == pipeline.detail) continue;
    if (shown == kMostBelow) {
      ++more;
      continue;
    }
    ++shown;
    const std::string name = cut_name(clean(thing.name), kColumns / 2);
    const std::string reason = cut(clean(thing.reason), kLongestState);
    line("  " + name + "  " + painted(reason, colour_of(thing.reason)) + "  " + since(thing.since));
    explain(4, thing);
  }
  if (more > 0) line("  and " + std::to_string(more) + " more " + kind + (more == 1 ? "" : "s"));
}

void Writer::pipelines() {
  const auto& all = document_.pipelines;
  const std::size_t state =
      widest(all, "STATE", kLongestState, [](const Pipeline& each) { return each.reason; });
  const std::size_t name =
      widest(all, "PIPELINE", std::min(kLongestName, kColumns - kNumbers - 2 - state),
             [](const Pipeline& each) { return each.name; });
  const auto numbers = [](const std::string& since, const std::string& lag,
                          const std::string& oldest, const std::string& rate,
                          const std::string& p50, const std::string& p99) {
    return right(since, 7) + right(lag, 6) + right(oldest, 7) + right(rate, 6) + right(p50, 7) +
           right(p99, 7);
  };
  line("");
  heading(left("PIPELINE", name) + "  " + left("STATE", state) +
          numbers("FOR", "LAG", "OLDEST", "REC/S", "P50", "P99"));
  for (const Pipeline& each : all) {
    line(left(cut_name(clean(each.name), name), name) + "  " +
         painted(left(clean(each.reason), state), colour_of(each.reason)) +
         numbers(since(each.since), count(each.lag), latency(each.oldest_seconds),
                 rate(each.records_per_second), latency(each.p50_seconds),
                 latency(each.p99_seconds)));
    if (!each.flows()) explain(2, each);
    below(each, each.tenants, "tenant");
    below(each, each.partitions, "partition");
  }
  if (all.empty()) line("none");
}

void Writer::target_lines(const Target& target) {
  if (!target.flows()) explain(2, target);
  if (target.throttled_until && document_.time && *target.throttled_until > *document_.time) {
    line("  it asked to wait: goes on " + in(*target.throttled_until));
  }
  std::size_t shown = 0;
  for (const Budget& budget : target.budgets) {
    if (shown++ == kMostBelow) {
      line("  and " + std::to_string(target.budgets.size() - kMostBelow) + " more budgets");
      break;
    }
    const std::string path = budget.path.empty() ? "" : " of " + clean(budget.path);
    line(cut("  budget: " + std::to_string(std::lround(std::clamp(budget.used, 0.0, 99.0) * 100)) +
                 "% used of " + clean(budget.limit) + path,
             kColumns));
  }
  for (const std::string& tenant : target.refused) {
    line(cut("  its newest credential is refused" +
                 (tenant.empty() ? std::string() : ": " + clean(tenant)),
             kColumns));
  }
}

void Writer::targets() {
  const auto& all = document_.targets;
  if (all.empty()) return;
  const std::size_t name =
      widest(all, "TARGET", kLongestName, [](const Target& each) { return each.name; });
  line("");
  heading(left("TARGET", name) + "  " + left("BREAKER", 9) + right("FOR", 7) +
          right("IN FLIGHT", 12) + right("WAITING", 9));
  for (const Target& each : all) {
    line(left(cut_name(clean(each.name), name), name) + "  " +
         painted(left(clean(each.breaker), 9), colour_of(each.breaker)) +
         right(since(each.since), 7) +
         right(count(each.in_flight) + "/" + count(each.concurrency_limit), 12) +
         right(count(each.waiting), 9));
    target_lines(each);
  }
}

void Writer::failures() {
  if (document_.failures.empty()) return;
  line("");
  heading("LAST FAILURES");
  const std::size_t shown = std::min(document_.failures.size(), kMostFailures);
  for (std::size_t i = 0; i < shown; ++i) {
    const Failure& each = document_.failures[i];
    const std::string times = each.count > 1 ? "  " + count(each.count) + " times" : "";
    line(cut(right(since(each.time), 7) + " ago  " + clean(each.pipeline) + "  " +
                 clean(each.where) + times,
             kColumns));
    paragraph(13, cut(clean(each.verdict), kLongestState) + ": ", clean(each.detail), 2);
  }
}

}  // namespace

std::string screen(const Document& document, bool colour, const std::string& where) {
  Writer writer(document, colour, where);
  writer.head();
  writer.pipelines();
  writer.targets();
  writer.failures();
  return writer.take();
}

}  // namespace sluice::glance
