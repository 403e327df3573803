#include "telemetry/log.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "telemetry/text.h"

namespace sluice::telemetry {
namespace {

// Everything beyond ASCII is escaped, so that no value can move a terminal's cursor, turn the
// direction of writing or end a line.
using Writer = rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>>;

rapidjson::SizeType size_of(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

void write_string(Writer& writer, std::string_view text) {
  const std::string clean = to_utf8(text);
  writer.String(clean.data(), size_of(clean));
}

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
  Writer writer(buffer);
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
  return std::string(buffer.GetString(), buffer.GetSize());
}

// Quotes what could be taken for more than one value.
std::string text_value(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '=';
  });
  if (plain) return text;
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write_string(writer, text);
  return std::string(buffer.GetString(), buffer.GetSize());
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

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class StderrLog final : public Log {
 public:
  StderrLog(const LogOptions& options, const Clock& clock)
      : options_(options),
        clock_(clock),
        logger_("sluice", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");  // the line is whole when it gets there
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
  }

  void write(Level level, Event event, const std::vector<Field>& fields) override {
    if (level < options_.level) return;
    const std::string line = format_line(options_, clock_.wall_now(), level, event, fields);
    logger_.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  const LogOptions options_;
  const Clock& clock_;
  spdlog::logger logger_;
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
