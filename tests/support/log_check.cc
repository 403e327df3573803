#include "support/log_check.h"

#include <rapidjson/document.h>

#include <sstream>
#include <vector>

#include "support/event_check.h"

namespace sluice::test {
namespace {

std::string complaint_about(const rapidjson::Document& line) {
  std::string level;
  std::string event;
  std::vector<SeenField> fields;
  for (const auto& member : line.GetObject()) {
    const std::string name = member.name.GetString();
    if (!member.value.IsString() && !member.value.IsNumber()) return name + " is neither";
    if (name == "time") continue;
    if (name == "level") {
      level = member.value.GetString();
    } else if (name == "event") {
      event = member.value.GetString();
    } else {
      fields.push_back({name, member.value.IsNumber()});
    }
  }
  return complaint_about(level, event, fields);
}

}  // namespace

std::string first_wrong_line(const std::string& log) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (document.HasParseError() || !document.IsObject()) continue;
    const std::string complaint = complaint_about(document);
    if (!complaint.empty()) return complaint + ": " + line;
  }
  return {};
}

}  // namespace sluice::test
