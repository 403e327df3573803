#include "support/kafka_node.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "support/eventually.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(60);
constexpr auto kStopTimeout = std::chrono::seconds(30);

std::string find_lib() {
  if (const char* const given = std::getenv("SLUICE_KAFKA_LIB")) return given;
  const TempDir scratch;
  ChildProcess fetch({.argv = {SLUICE_SOURCE_DIR "/scripts/kafka-dist"},
                      .env = {},
                      .out_file = scratch.path() / "lib",
                      .err_file = scratch.path() / "fetch.log"});
  const auto status = fetch.wait(std::chrono::minutes(5));
  if (!status || status->code != 0) {
    throw std::runtime_error("scripts/kafka-dist failed:\n" +
                             tail_of(scratch.path() / "fetch.log"));
  }
  const std::string line = read_file(scratch.path() / "lib");
  return line.substr(0, line.find('\n'));
}

// It starts fast; a test never runs long enough for C2.
std::vector<std::string> java_command(const std::string& heap, const std::filesystem::path& log4j) {
  static const std::string lib = find_lib();
  return {"java",
          "-Xmx" + heap,
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Dlog4j.configuration=file:" + log4j.string(),
          "-cp",
          lib + "/*"};
}

void write_log4j(const std::filesystem::path& file) {
  std::ofstream(file)
      << "log4j.rootLogger=INFO, stdout\n"
         "log4j.appender.stdout=org.apache.log4j.ConsoleAppender\n"
         "log4j.appender.stdout.layout=org.apache.log4j.PatternLayout\n"
         "log4j.appender.stdout.layout.ConversionPattern=%d{HH:mm:ss,SSS} %p %m (%c)%n\n";
}

bool knows_broker(rd_kafka_t* client, int id) {
  try {
    const RdMetadata metadata = fetch_metadata(client, "", 1000);
    for (int i = 0; i < metadata->broker_cnt; ++i) {
      if (metadata->brokers[i].id == id) return true;
    }
  } catch (const std::runtime_error&) {
    return false;  // it is not up yet
  }
  return false;
}

}  // namespace

KafkaNode::KafkaNode(Options options) : options_(std::move(options)) {
  write_files();
  std::vector<std::string> format = {
      "kafka.tools.StorageTool", "format", "-t",
      "c2x1aWNlLXRlc3RzLTAwMQ",  "-c",     (dir_.path() / "server.properties").string()};
  format.insert(format.end(), options_.format.begin(), options_.format.end());
  format_.emplace(java(std::move(format), "format.log"));
}

void KafkaNode::write_files() const {
  std::map<std::string, std::string> all = options_.properties;
  all["node.id"] = std::to_string(options_.id);
  all["log.dirs"] = (dir_.path() / "data").string();
  std::ofstream file(dir_.path() / "server.properties");
  for (const auto& [name, value] : all) file << name << '=' << value << '\n';
  write_log4j(dir_.path() / "log4j.properties");
}

ChildProcess::Options KafkaNode::java(std::vector<std::string> arguments,
                                      const std::string& log) const {
  ChildProcess::Options options;
  options.argv = java_command(options_.heap, dir_.path() / "log4j.properties");
  for (std::string& argument : arguments) options.argv.push_back(std::move(argument));
  options.out_file = options.err_file = dir_.path() / log;
  return options;
}

void KafkaNode::launch() {
  if (running()) return;
  const auto formatted = format_->wait(kStartTimeout);
  if (!formatted || formatted->code != 0) {
    throw std::runtime_error("cannot format the node's storage:\n" +
                             tail_of(dir_.path() / "format.log"));
  }
  process_.emplace(
      java({"kafka.Kafka", (dir_.path() / "server.properties").string()}, "broker.log"));
  paused_ = false;
}

void KafkaNode::wait_until_it_answers() {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, address());
  bool up = false;
  eventually([&] { return (up = knows_broker(client.get(), id())) || !running(); }, kStartTimeout);
  if (!up) fail(running() ? "the broker does not answer" : "the broker ended");
}

void KafkaNode::start() {
  launch();
  wait_until_it_answers();
}

void KafkaNode::stop() {
  process_->signal(SIGTERM);
  if (!process_->wait(kStopTimeout)) fail("the broker does not stop");
}

void KafkaNode::kill() {
  process_->signal(SIGKILL);
  if (!process_->wait(kStopTimeout)) fail("the broker outlives SIGKILL");
}

void KafkaNode::pause() {
  process_->signal(SIGSTOP);
  paused_ = true;
}

void KafkaNode::resume() {
  process_->signal(SIGCONT);
  paused_ = false;
}

void KafkaNode::fail(const std::string& what) const {
  throw std::runtime_error(what + "; its log ends with:\n" + tail_of(dir_.path() / "broker.log"));
}

std::map<std::string, std::string> node_defaults(int replication) {
  return {{"process.roles", "broker,controller"},
          {"controller.listener.names", "CONTROLLER"},
          {"inter.broker.listener.name", "PLAINTEXT"},
          {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
          {"offsets.topic.replication.factor", std::to_string(replication)},
          {"offsets.topic.num.partitions", "4"},
          {"transaction.state.log.replication.factor", std::to_string(replication)},
          {"transaction.state.log.min.isr", "1"},
          {"transaction.state.log.num.partitions", "4"},
          {"group.initial.rebalance.delay.ms", "0"},
          {"auto.create.topics.enable", "false"},
          // After a kill the node waits this long for its former self's session to end.
          {"broker.session.timeout.ms", "3000"},
          {"broker.heartbeat.interval.ms", "500"}};
}

void run_kafka_tool(const std::vector<std::string>& arguments) {
  const TempDir dir;
  write_log4j(dir.path() / "log4j.properties");
  ChildProcess::Options options;
  options.argv = java_command("256m", dir.path() / "log4j.properties");
  options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
  options.out_file = options.err_file = dir.path() / "log";
  ChildProcess tool(options);
  const auto status = tool.wait(kStartTimeout);
  if (!status || status->code != 0) {
    throw std::runtime_error(arguments.front() + " failed:\n" + tail_of(dir.path() / "log"));
  }
}

}  // namespace sluice::test
