#include "demo/metric_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sluice::demo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::optional<double> to_number(std::string_view text) {
  if (text == "+Inf") return kInfinity;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What stands before `end`, which goes too; nothing where `end` does not come.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

// Behind its opening quote; \", \\ and \n stand for what they do in C.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    if (escape) ++i;
    value += escape && text[i] == 'n' ? '\n' : text[i];
  }
  return std::nullopt;
}

}  // namespace

MetricReader::MetricReader(std::string_view exposition) {
  while (!exposition.empty()) {
    const std::size_t end = std::min(exposition.find('\n'), exposition.size());
    read_line(exposition.substr(0, end));
    exposition.remove_prefix(std::min(end + 1, exposition.size()));
  }
}

// name{label="value",label="value"} number, or without the braces.
void MetricReader::read_line(std::string_view line) {
  if (line.starts_with('#')) return;
  Sample sample;
  const std::string name(line.substr(0, line.find_first_of("{ ")));
  line.remove_prefix(name.size());
  if (line.starts_with('{')) {
    line.remove_prefix(1);
    while (!line.starts_with('}')) {
      const auto label = take_until(line, '=');
      if (!label || !line.starts_with('"')) return;
      line.remove_prefix(1);
      auto value = take_quoted(line);
      if (!value) return;
      sample.labels.emplace(*label, std::move(*value));
      if (line.starts_with(',')) line.remove_prefix(1);
    }
    line.remove_prefix(1);
  }
  if (!line.starts_with(' ')) return;
  const auto value = to_number(line.substr(1));
  if (!value) return;
  sample.value = *value;
  samples_.emplace(name, std::move(sample));
}

template <class Visit>
void MetricReader::for_each(std::string_view name, const Labels& labels, Visit visit) const {
  const auto [first, last] = samples_.equal_range(name);
  for (auto at = first; at != last; ++at) {
    const auto& held = at->second.labels;
    const bool all = std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
      const auto found = held.find(wanted.first);
      return found != held.end() && found->second == wanted.second;
    });
    if (all) visit(at->second);
  }
}

double MetricReader::sum(std::string_view name, const Labels& labels) const {
  double sum = 0;
  for_each(name, labels, [&](const Sample& sample) { sum += sample.value; });
  return sum;
}

Histogram MetricReader::histogram(std::string_view name, const Labels& labels) const {
  Histogram histogram;
  for_each(std::string(name) + "_bucket", labels, [&](const Sample& sample) {
    const auto bound = sample.labels.find("le");
    if (bound == sample.labels.end()) return;
    if (const auto number = to_number(bound->second)) histogram[*number] += sample.value;
  });
  return histogram;
}

std::optional<double> quantile_bound(const Histogram& before, const Histogram& after,
                                     double quantile) {
  const auto since = [&](double bound, double count) {
    const auto earlier = before.find(bound);
    return earlier == before.end() ? count : count - earlier->second;
  };
  if (after.empty()) return std::nullopt;
  const double all = since(after.rbegin()->first, after.rbegin()->second);
  if (all <= 0) return std::nullopt;
  for (const auto& [bound, count] : after) {
    if (since(bound, count) >= quantile * all) return bound;
  }
  return kInfinity;
}

}  // namespace sluice::demo
