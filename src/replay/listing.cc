#include "replay/listing.h"

#include <algorithm>

#include "telemetry/text.h"

namespace sluice::replay {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t kMostNamed = 10;

std::string group_of(const Letter& letter, GroupBy by) {
  switch (by) {
    case GroupBy::pipeline:
      return letter.pipeline.empty() ? "(none)" : letter.pipeline;
    case GroupBy::reason:
      return letter.reason;
    case GroupBy::status:
      return letter.status ? std::to_string(*letter.status) : "none";
    case GroupBy::hour: {
      constexpr std::size_t kToTheHour = 13;  // 2026-09-21T14
      return telemetry::to_utc(letter.failed_at).substr(0, kToTheHour) + ":00Z";
    }
  }
  return "";
}

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

Row row_of(Row row, const LetterCounts& counts) {
  for (const std::size_t count :
       {counts.letters, counts.waiting, counts.uncertain, counts.replayed}) {
    row.push_back(std::to_string(count));
  }
  row.push_back(telemetry::to_utc(counts.oldest));
  row.push_back(telemetry::to_utc(counts.newest));
  return row;
}

// Texts to the left, and the four numbers behind the first `texts` columns to the right.
std::string aligned(const std::vector<Row>& rows, std::size_t texts) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - row[i].size(), ' ');
      const bool number = i >= texts && i < texts + 4;
      line += (i == 0 ? "" : "  ") + (number ? blanks + row[i] : row[i] + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += telemetry::to_line(line) + '\n';
  }
  return out;
}

}  // namespace

std::string_view to_string(GroupBy by) {
  switch (by) {
    case GroupBy::pipeline:
      return "pipeline";
    case GroupBy::reason:
      return "reason";
    case GroupBy::status:
      return "status";
    case GroupBy::hour:
      return "hour";
  }
  return "unknown";
}

void LetterCounts::add(const Letter& letter, LetterState state) {
  ++letters;
  waiting += state == LetterState::waiting ? 1 : 0;
  uncertain += state == LetterState::uncertain ? 1 : 0;
  replayed += state == LetterState::replayed ? 1 : 0;
  oldest = std::min(oldest, letter.failed_at);
  newest = std::max(newest, letter.failed_at);
}

void Listing::add(const std::string& topic, const Catalog& catalog) {
  topics_.push_back(topic);
  foreign_ += catalog.foreign();
  const auto states = catalog.states();
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Letter& letter = catalog.letters()[i];
    std::vector<std::string> group;
    for (const GroupBy by : by_) group.push_back(group_of(letter, by));
    groups_[group].add(letter, states[i]);
    total_.add(letter, states[i]);
    if (states[i] == LetterState::uncertain) uncertain_.push_back(letter);
    if (states[i] == LetterState::waiting) ++waiting_[letter.pipeline];
    if (states[i] == LetterState::waiting && letter.replays >= kMostReplays) ++looping_;
  }
}

std::string Listing::table() const {
  Row head;
  for (const GroupBy by : by_) head.push_back(upper_case(to_string(by)));
  for (const char* name : {"LETTERS", "WAITING", "UNCERTAIN", "REPLAYED", "OLDEST", "NEWEST"}) {
    head.emplace_back(name);
  }
  std::vector<Row> rows = {head};
  for (const auto& [group, counts] : groups_) rows.push_back(row_of(group, counts));
  if (groups_.size() > 1) {
    Row total(by_.size());
    total.front() = "total";
    rows.push_back(row_of(total, total_));
  }
  return aligned(rows, by_.size());
}

std::string Listing::text(const std::string& file) const {
  std::string text;
  for (const auto& topic : topics_) text += (text.empty() ? "Topics: " : ", ") + topic;
  text += '\n';
  if (total_.letters == 0) return text + "No dead letters.\n";
  text += table();
  for (std::size_t i = 0; i < std::min(uncertain_.size(), kMostNamed); ++i) {
    const Letter& letter = uncertain_[i];
    text += "uncertain: " + telemetry::to_line(letter.id()) + " at " + to_string(letter.place) +
            " may have been replayed\n";
  }
  if (uncertain_.size() > kMostNamed) {
    text += "uncertain: " + std::to_string(uncertain_.size() - kMostNamed) + " more\n";
  }
  if (looping_ > 0) {
    text += std::to_string(looping_) + " came back from " + std::to_string(kMostReplays) +
            " replays; replay leaves them unless --force\n";
  }
  if (foreign_ > 0) text += std::to_string(foreign_) + " other records are no dead letters\n";
  if (waiting_.empty()) return text;
  const auto most =
      std::max_element(waiting_.begin(), waiting_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return text + "Next: sluice dlq replay " + file + " --pipeline " +
         telemetry::to_line(most->first) + " --dry-run\n";
}

}  // namespace sluice::replay
