#include "telemetry/log.h"

#include <poll.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <climits>
#include <cstdio>
#include <mutex>
#include <set>

#include "telemetry/text.h"

namespace sluice::telemetry {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "unknown";
}

std::optional<Level> level_named(std::string_view name) {
  for (const Level level : kAllLevels) {
    if (to_string(level) == name) return level;
  }
  return std::nullopt;
}

namespace {

// Everything beyond ASCII is escaped, so that no value can move a terminal's cursor, turn the
// direction of writing or end a line.
using LineWriter =
    rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>>;

rapidjson::SizeType size_of(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

void write_string(LineWriter& writer, std::string_view text) {
  const std::string clean = to_utf8(text);
  writer.String(clean.data(), size_of(clean));
}

// The writer takes the one control character of ASCII that is no C0 for a letter.
std::string whole(const rapidjson::StringBuffer& buffer) {
  std::string text(buffer.GetString(), buffer.GetSize());
  for (std::size_t at = text.find('\x7f'); at != text.npos; at = text.find('\x7f', at)) {
    text.replace(at, 1, "\\u007F");
  }
  return text;
}

// Field names of one line: plain, and none twice, or a second `event` could pass for the first.
class Names {
 public:
  std::string take(std::string name) {
    std::replace_if(
        name.begin(), name.end(),
        [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.'; }, '_');
    while (name.empty() || !taken_.insert(name).second) name += '_';
    return name;
  }

 private:
  std::set<std::string> taken_{"time", "level", "event"};
};

std::string json_line(WallTime when, Level level, Event event, const std::vector<Field>& fields) {
  rapidjson::StringBuffer buffer;
  LineWriter writer(buffer);
  Names names;
  writer.StartObject();
  writer.Key("time");
  write_string(writer, to_utc(when));
  writer.Key("level");
  write_string(writer, to_string(level));
  writer.Key("event");
  write_string(writer, to_string(event));
  for (const Field& field : fields) {
    write_string(writer, names.take(field.name));
    if (field.number) {
      writer.RawValue(field.text.data(), field.text.size(), rapidjson::kNumberType);
    } else {
      write_string(writer, field.text);
    }
  }
  writer.EndObject();
  return whole(buffer);
}

// Quotes what could be taken for more than one value.
std::string text_value(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '=';
  });
  if (plain) return text;
  rapidjson::StringBuffer buffer;
  LineWriter writer(buffer);
  write_string(writer, text);
  return whole(buffer);
}

std::string text_line(WallTime when, Level level, Event event, const std::vector<Field>& fields) {
  std::string name(to_string(level));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  name.resize(5, ' ');
  std::string line = to_utc(when) + ' ' + name + ' ' + std::string(to_string(event));
  Names names;
  for (const Field& field : fields) {
    line += ' ' + names.take(field.name) + '=' + text_value(field.text);
  }
  return line;
}

// What standard error does not take waits here, in bytes; a line beyond that is lost.
constexpr std::size_t kMostWaiting = std::size_t{256} << 10;

// Never blocks: a pipe that nobody reads must not stop those who have something to say.
class StderrLog final : public Log {
 public:
  StderrLog(const LogOptions& options, const Clock& clock)
      : options_(options), least_(options.level), clock_(clock) {}

  void set_level(Level least) override { least_ = least; }
  Level level() const override { return least_; }

  void write(Level level, Event event, const std::vector<Field>& fields) override {
    if (level < least_) return;
    lines_.at(static_cast<std::size_t>(level)).fetch_add(1, std::memory_order_relaxed);
    const WallTime now = clock_.wall_now();
    std::string line = format_line(options_, now, level, event, fields) + '\n';
    const std::lock_guard lock(mutex_);
    drain();
    if (lost_ > 0) {
      const std::vector<Field> lost = {{"lines", lost_}};
      line.insert(0, format_line(options_, now, Level::warn, Event::log_lines_lost, lost) + '\n');
    }
    if (waiting_.size() + line.size() > kMostWaiting) {
      ++lost_;
    } else {
      waiting_ += line;
      lost_ = 0;
    }
    drain();
  }

  void flush() override {
    const std::lock_guard lock(mutex_);
    drain();
  }

  LogCounts counts() const override {
    LogCounts counts;
    for (std::size_t i = 0; i < lines_.size(); ++i) counts.lines.at(i) = lines_.at(i);
    return counts;
  }

 private:
  // What fails (a full disk, a reader that is gone) is tried again with the next line.
  void drain() {
    while (!waiting_.empty() && is_writable()) {
      const std::size_t wanted = std::min<std::size_t>(waiting_.size(), PIPE_BUF);
      const std::size_t written = std::fwrite(waiting_.data(), 1, wanted, stderr);
      waiting_.erase(0, written);
      if (written < wanted) return;
    }
  }

  // A pipe of which this is true takes PIPE_BUF bytes without blocking.
  static bool is_writable() {
    pollfd out{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    return ::poll(&out, 1, 0) == 1;
  }

  const LogOptions options_;
  std::atomic<Level> least_;
  const Clock& clock_;
  std::array<std::atomic<std::uint64_t>, kAllLevels.size()> lines_{};
  std::mutex mutex_;     // guards what follows
  std::string waiting_;  // whole lines, but for what was written of the first
  std::uint64_t lost_ = 0;
};

}  // namespace

std::unique_ptr<Log> make_log(const LogOptions& options, const Clock& clock) {
  return std::make_unique<StderrLog>(options, clock);
}

std::string format_line(const LogOptions& options, WallTime when, Level level, Event event,
                        const std::vector<Field>& fields) {
  return options.json ? json_line(when, level, event, fields)
                      : text_line(when, level, event, fields);
}

}  // namespace sluice::telemetry
