#include "integration/flow.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::test {
namespace {

constexpr std::chrono::milliseconds kAskEvery(100);

std::string and_then(const std::string& keys) { return keys.empty() ? "" : ", " + keys; }

std::int64_t number_or(const rapidjson::Value& value, std::int64_t otherwise) {
  return value.IsInt64() ? value.GetInt64() : otherwise;
}

void add_worker(PipelineState& state, const rapidjson::Value& worker) {
  if (state.detail.empty() && worker["reason"].GetString() == state.state) {
    state.detail = worker["detail"].GetString();
    state.next = worker["next"].GetString();
    for (const auto& command : worker["release"].GetArray()) {
      state.release.emplace_back(command.GetString());
    }
  }
  const auto& records = worker["records"];
  state.consumed += records["consumed"].GetInt64();
  state.delivered += records["delivered"].GetInt64();
  state.dead_lettered += records["dead_lettered"].GetInt64();
  state.dropped += records["dropped"].GetInt64();
  for (const auto& partition : worker["partitions"].GetArray()) {
    const std::int32_t number = partition["partition"].GetInt();
    state.reasons[number] = partition["reason"].GetString();
    state.committed[number] = number_or(partition["committed"], -1);
    state.lag[number] = number_or(partition["lag"], -1);
  }
}

}  // namespace

FlowConfig& FlowConfig::kafka(const std::string& properties) {
  properties_ += (properties_.empty() ? "" : ", ") + properties;
  return *this;
}

FlowConfig& FlowConfig::through(const std::string& brokers, const std::string& keys) {
  brokers_ = brokers;
  kafka_keys_ = keys;
  return *this;
}

FlowConfig& FlowConfig::admin_token(const std::string& token) {
  admin_ = ", token: " + token;
  return *this;
}

FlowConfig& FlowConfig::top(const std::string& line) {
  top_ += line + "\n";
  return *this;
}

FlowConfig& FlowConfig::target(const std::string& name, const std::string& url,
                               const std::string& keys) {
  targets_ += "  " + name + ": {base_url: '" + url + "'" + and_then(keys) + "}\n";
  last_target_ = name;
  return *this;
}

FlowConfig& FlowConfig::pipeline(const std::string& name, const std::string& topic,
                                 const std::string& keys, const std::string& dead_letter_topic) {
  const std::string dead_letter =
      dead_letter_topic.empty() ? "none" : "{topic: " + dead_letter_topic + "}";
  pipelines_ += "  " + name + ": {topics: [" + topic + "], group: " + group_of(topic) +
                ", target: " + last_target_ + ", path: /" + name + ", dead_letter: " + dead_letter +
                and_then(keys) + "}\n";
  return *this;
}

std::string FlowConfig::yaml() const {
  return "kafka: {brokers: ['" + brokers_ + "'], properties: {" + properties_ + "}" +
         and_then(kafka_keys_) + "}\nadmin: {listen: '127.0.0.1:0'" + admin_ +
         "}\nlog: {format: json, level: " + log_level_ + "}\n" + top_ + "targets:\n" + targets_ +
         "pipelines:\n" + pipelines_;
}

std::string group_of(const std::string& topic) { return topic + "-group"; }

std::string record_value(const std::string& id, std::size_t padding) {
  const std::string head = R"({"id":")" + id + '"';
  return padding == 0 ? head + "}" : head + R"(,"padding":")" + std::string(padding, 'x') + "\"}";
}

void produce_numbered(const KafkaBroker& broker, const std::string& topic, std::int32_t partitions,
                      std::int64_t each, std::int64_t first, std::size_t padding) {
  TopicWriter writer(broker.brokers(), topic);
  for (std::int64_t number = first; number < first + each; ++number) {
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
      const std::string id = record_id(topic, partition, number);
      writer.add({.value = record_value(id, padding), .key = id, .partition = partition});
    }
  }
  writer.flush();
}

bool wait_for_commits(const KafkaBroker& broker, const std::string& topic,
                      std::chrono::milliseconds timeout) {
  return eventually(
      [&] {
        const auto ends = end_offsets(broker.brokers(), topic);
        auto committed = committed_offsets(broker.brokers(), group_of(topic), topic);
        // A partition without records has no commit.
        std::replace(committed.begin(), committed.end(), std::int64_t{-1}, std::int64_t{0});
        return committed == ends;
      },
      timeout, kAskEvery);
}

PipelineState state_of(SluiceProcess& sluice, const std::string& pipeline) {
  const std::string text = sluice.status();
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  if (document.HasParseError()) throw std::runtime_error("not JSON: " + text);
  for (const auto& candidate : document["pipelines"].GetArray()) {
    if (candidate["name"].GetString() != pipeline) continue;
    PipelineState state;
    state.state = candidate["state"].GetString();
    for (const auto& worker : candidate["workers"].GetArray()) add_worker(state, worker);
    for (const auto& tenant : candidate["tenants"].GetArray()) {
      state.tenants.emplace_back(tenant["name"].GetString());
    }
    return state;
  }
  return {};
}

bool wait_for_state(SluiceProcess& sluice, const std::string& pipeline, const std::string& state,
                    std::chrono::milliseconds timeout) {
  return eventually([&] { return state_of(sluice, pipeline).state == state; }, timeout, kAskEvery);
}

double sum_of(SluiceProcess& sluice, const std::string& metric,
              const std::vector<std::string>& labels) {
  double sum = 0;
  std::istringstream lines(sluice.metrics());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(metric + "{")) continue;
    const std::size_t end = line.rfind("} ");
    const auto has = [&](const std::string& label) { return line.find(label) < end; };
    if (end == line.npos || !std::all_of(labels.begin(), labels.end(), has)) continue;
    sum += std::strtod(line.c_str() + end + 2, nullptr);
  }
  return sum;
}

}  // namespace sluice::test
