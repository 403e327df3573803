// What Grafana would ask Prometheus for the dashboards of grafana/dashboards.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace sluice::test {

struct Panel {
  std::string dashboard;  // their titles
  std::string title;
  std::vector<std::string> queries;  // as they stand in the file
};

// Of all dashboards of the folder, rows unfolded. Throws std::runtime_error.
std::vector<Panel> read_panels(const std::filesystem::path& folder);

// With values for its variables, each written as $name or ${name} (with any format); of Grafana's
// own, the intervals are those of a scrape every second.
std::string filled_in(const std::string& query, const std::map<std::string, std::string>& values);

}  // namespace sluice::test
