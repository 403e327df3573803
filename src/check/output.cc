#include "check/output.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <string_view>

#include "telemetry/text.h"

namespace sluice::check {
namespace {

constexpr std::size_t kStatusWidth = 4;
constexpr std::size_t kMillisecondsWidth = 4;

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::warn:
      return "warn";
    case Status::fail:
      return "FAIL";
  }
  return "unknown";
}

std::int64_t milliseconds(Duration took) {
  return std::chrono::round<std::chrono::milliseconds>(took).count();
}

std::string left(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

void member(Writer& writer, const char* name, const std::string& value) {
  const std::string clean = telemetry::to_utf8(value);
  writer.Key(name);
  writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

}  // namespace

std::string text_line(const Finding& finding, std::size_t subject_width) {
  std::string line = left(name_of(finding.status), kStatusWidth) + ' ' +
                     right(std::to_string(milliseconds(finding.took)), kMillisecondsWidth) +
                     " ms  " + left(finding.subject, subject_width) + "  " + finding.detail;
  if (!finding.remedy.empty()) line += "; " + finding.remedy;
  return telemetry::to_line(line);
}

std::string summary_line(const Report& report) {
  const auto count = [&](Status status) { return std::to_string(report.count(status)); };
  const std::string counts =
      count(Status::ok) + " ok, " + count(Status::warn) + " warn, " + count(Status::fail) + " FAIL";
  return (report.count(Status::fail) == 0 ? "All checks hold: " : "Not ready: ") + counts;
}

std::string json_document(const std::string& file, const std::vector<Finding>& findings) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  member(writer, "file", file);
  writer.Key("ok");
  writer.Bool(std::none_of(findings.begin(), findings.end(),
                           [](const Finding& f) { return f.status == Status::fail; }));
  writer.Key("checks");
  writer.StartArray();
  for (const Finding& finding : findings) {
    writer.StartObject();
    member(writer, "status", std::string(name_of(finding.status)));
    member(writer, "subject", finding.subject);
    member(writer, "detail", finding.detail);
    member(writer, "remedy", finding.remedy);
    writer.Key("milliseconds");
    writer.Int64(milliseconds(finding.took));
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace sluice::check
