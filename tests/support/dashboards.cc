#include "support/dashboards.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "support/process.h"

namespace sluice::test {
namespace {

void add_panels(const rapidjson::Value& panels, const std::string& dashboard,
                std::vector<Panel>& all) {
  for (const auto& panel : panels.GetArray()) {
    if (panel.HasMember("panels")) add_panels(panel["panels"], dashboard, all);
    if (!panel.HasMember("targets")) continue;
    Panel read{dashboard, panel["title"].GetString(), {}};
    for (const auto& target : panel["targets"].GetArray()) {
      read.queries.emplace_back(target["expr"].GetString());
    }
    all.push_back(std::move(read));
  }
}

}  // namespace

std::vector<Panel> read_panels(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Panel> all;
  for (const auto& file : files) {
    rapidjson::Document document;
    document.Parse(read_file(file).c_str());
    if (document.HasParseError()) throw std::runtime_error("not JSON: " + file.string());
    add_panels(document["panels"], document["title"].GetString(), all);
  }
  return all;
}

std::string filled_in(const std::string& query, const std::map<std::string, std::string>& values) {
  static const std::regex kVariable(R"(\$(?:\{(\w+)(?::\w+)?\}|(\w+)))");
  static const std::map<std::string, std::string> kOwn = {
      {"__rate_interval", "5s"}, {"__interval", "2s"}, {"__range", "1m"}, {"__range_s", "60"}};
  std::string filled;
  auto rest = query.cbegin();
  for (std::sregex_iterator match(query.begin(), query.end(), kVariable), end; match != end;
       ++match) {
    filled.append(rest, (*match)[0].first);
    rest = (*match)[0].second;
    const std::string name = (*match)[1].matched ? (*match)[1] : (*match)[2];
    const auto own = kOwn.find(name);
    const auto given = values.find(name);
    if (given == values.end() && own == kOwn.end()) {
      throw std::runtime_error("no value for $" + name + " of: " + query);
    }
    filled += given != values.end() ? given->second : own->second;
  }
  return filled.append(rest, query.cend());
}

}  // namespace sluice::test
