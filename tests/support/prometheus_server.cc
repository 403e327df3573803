#include "support/prometheus_server.h"

#include <httplib.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "support/eventually.h"
#include "support/free_port.h"

namespace sluice::test {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(30);

constexpr const char* kConfig = R"(
global: {scrape_interval: 1s, evaluation_interval: 1s}
scrape_configs:
  - job_name: sluice
    file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
rule_files: [rules.yaml]
)";

std::map<std::string, std::string> strings_of(const rapidjson::Value& object) {
  std::map<std::string, std::string> strings;
  for (const auto& member : object.GetObject()) {
    strings.emplace(member.name.GetString(), member.value.GetString());
  }
  return strings;
}

int seconds_of(const std::string& number, char unit) {
  const int factor = unit == 'd' ? 86'400 : unit == 'h' ? 3'600 : unit == 'm' ? 60 : 1;
  return std::stoi(number) * factor;
}

}  // namespace

PrometheusServer::PrometheusServer(const std::string& rules) : port_(free_port()) {
  const auto& folder = dir_.path();
  std::ofstream(folder / "prometheus.yaml") << kConfig;
  std::ofstream(folder / "rules.yaml") << (rules.empty() ? "groups: []\n" : rules);
  std::ofstream(folder / "targets.json") << "[]";
  child_.emplace(ChildProcess::Options{
      .argv = {"prometheus", "--config.file=" + (folder / "prometheus.yaml").string(),
               "--storage.tsdb.path=" + (folder / "data").string(),
               "--web.listen-address=127.0.0.1:" + std::to_string(port_), "--log.level=warn"},
      .env = {},
      .out_file = folder / "out",
      .err_file = folder / "out"});
  const auto ready = [&] {
    const auto answer = httplib::Client("127.0.0.1", port_).Get("/-/ready");
    return answer && answer->status == 200;
  };
  if (!eventually([&] { return ready() || !child_->running(); }, kStartTimeout) || !ready()) {
    throw std::runtime_error("Prometheus does not start:\n" + tail_of(folder / "out"));
  }
}

void PrometheusServer::scrape(const std::vector<std::uint16_t>& ports) {
  std::string targets;
  for (const std::uint16_t port : ports) {
    targets += (targets.empty() ? "" : ",") + ("\"127.0.0.1:" + std::to_string(port) + '"');
  }
  // In one step: it reads the file whenever it likes.
  const auto file = dir_.path() / "targets.json";
  const auto next = dir_.path() / "targets.next";
  std::ofstream(next) << R"([{"targets":[)" << targets << "]}]";
  std::filesystem::rename(next, file);
}

std::string PrometheusServer::ask(const std::string& path, const std::string& query) const {
  httplib::Client client("127.0.0.1", port_);
  client.set_read_timeout(10);
  const auto answer =
      query.empty() ? client.Get(path) : client.Post(path, httplib::Params{{"query", query}});
  if (!answer)
    throw std::runtime_error("Prometheus does not answer:\n" + tail_of(dir_.path() / "out"));
  if (answer->status != 200) throw std::runtime_error("Prometheus refuses: " + answer->body);
  return answer->body;
}

std::vector<PrometheusServer::Sample> PrometheusServer::query(const std::string& promql) const {
  rapidjson::Document document;
  document.Parse(ask("/api/v1/query", promql).c_str());
  const auto& data = document["data"];
  std::vector<Sample> samples;
  if (data["resultType"] == "scalar") {
    samples.push_back({{}, std::stod(data["result"][1].GetString())});
    return samples;
  }
  for (const auto& sample : data["result"].GetArray()) {
    samples.push_back({strings_of(sample["metric"]), std::stod(sample["value"][1].GetString())});
  }
  return samples;
}

std::vector<PrometheusServer::Alert> PrometheusServer::alerts() const {
  rapidjson::Document document;
  document.Parse(ask("/api/v1/alerts").c_str());
  std::vector<Alert> alerts;
  for (const auto& alert : document["data"]["alerts"].GetArray()) {
    alerts.push_back({strings_of(alert["labels"]), strings_of(alert["annotations"]),
                      alert["state"] == "firing"});
  }
  return alerts;
}

std::string scaled_rules(const std::string& rules, int divisor, int least_window) {
  static const std::regex kDuration(R"((for: |\[)(\d+)([smhd])\b)");
  std::string scaled;
  auto rest = rules.cbegin();
  for (std::sregex_iterator match(rules.begin(), rules.end(), kDuration), end; match != end;
       ++match) {
    scaled.append(rest, (*match)[0].first);
    rest = (*match)[0].second;
    const std::string before = (*match)[1];
    const int seconds = seconds_of((*match)[2], (*match)[3].str().front()) / divisor;
    scaled += before + std::to_string(std::max(seconds, before == "[" ? least_window : 0)) + 's';
  }
  return scaled.append(rest, rules.cend());
}

}  // namespace sluice::test
