#include "support/kafka_broker.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>

#include "support/eventually.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(60);
constexpr auto kStopTimeout = std::chrono::seconds(30);
constexpr int kStartTries = 3;  // another process may take a port between our look and Java's bind

bool is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// Below the ports that the system hands out to clients (32768 and up): on those, a client that
// reconnects to a stopped broker sooner or later connects to itself and holds the port.
std::uint16_t free_port() {
  std::random_device seed;
  std::uniform_int_distribution<int> any(20'000, 32'000);
  for (;;) {
    const auto port = static_cast<std::uint16_t>(any(seed));
    if (is_free(port)) return port;
  }
}

std::string find_lib(const std::filesystem::path& scratch) {
  if (const char* const given = std::getenv("SLUICE_KAFKA_LIB")) return given;
  ChildProcess fetch({.argv = {SLUICE_SOURCE_DIR "/scripts/kafka-dist"},
                      .env = {},
                      .out_file = scratch / "lib",
                      .err_file = scratch / "fetch.log"});
  const auto status = fetch.wait(std::chrono::minutes(5));
  if (!status || status->code != 0) {
    throw std::runtime_error("scripts/kafka-dist failed:\n" + tail_of(scratch / "fetch.log"));
  }
  const std::string line = read_file(scratch / "lib");
  return line.substr(0, line.find('\n'));
}

}  // namespace

KafkaBroker::KafkaBroker(std::map<std::string, std::string> properties,
                         std::map<std::string, std::string> users)
    : properties_(std::move(properties)), users_(std::move(users)), lib_(find_lib(dir_.path())) {
  for (int tries = 1;; ++tries) {
    port_ = free_port();
    controller_port_ = free_port();
    sasl_port_ = free_port();
    write_properties();
    if (tries == 1) format_storage();
    launch();
    try {
      wait_until_it_answers();
      return;
    } catch (const std::runtime_error&) {
      if (tries == kStartTries || process_->running()) throw;
    }
  }
}

KafkaBroker& KafkaBroker::shared() {
  static KafkaBroker broker;
  return broker;
}

void KafkaBroker::stop() {
  process_->signal(SIGTERM);
  if (!process_->wait(kStopTimeout)) fail("the broker does not stop");
}

void KafkaBroker::kill() {
  process_->signal(SIGKILL);
  if (!process_->wait(kStopTimeout)) fail("the broker outlives SIGKILL");
}

void KafkaBroker::start() {
  if (process_->running()) return;
  launch();
  wait_until_it_answers();
}

void KafkaBroker::pause() { process_->signal(SIGSTOP); }
void KafkaBroker::resume() { process_->signal(SIGCONT); }

void KafkaBroker::write_properties() const {
  const std::string port = std::to_string(port_);
  const std::string controller = std::to_string(controller_port_);
  std::map<std::string, std::string> all = {
      {"process.roles", "broker,controller"},
      {"node.id", "1"},
      {"controller.quorum.voters", "1@127.0.0.1:" + controller},
      {"listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller},
      {"advertised.listeners", "PLAINTEXT://127.0.0.1:" + port},
      {"controller.listener.names", "CONTROLLER"},
      {"inter.broker.listener.name", "PLAINTEXT"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
      {"log.dirs", (dir_.path() / "data").string()},
      {"offsets.topic.replication.factor", "1"},
      {"offsets.topic.num.partitions", "4"},
      {"transaction.state.log.replication.factor", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"transaction.state.log.num.partitions", "4"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"auto.create.topics.enable", "false"},
      // After a kill the node waits this long for its former self's session to end.
      {"broker.session.timeout.ms", "3000"},
      {"broker.heartbeat.interval.ms", "500"}};
  if (!users_.empty()) {
    for (const auto& [name, value] : sasl_properties()) all[name] = value;
  }
  for (const auto& [name, value] : properties_) all[name] = value;
  std::ofstream file(dir_.path() / "server.properties");
  for (const auto& [name, value] : all) file << name << '=' << value << '\n';
  std::ofstream(dir_.path() / "log4j.properties")
      << "log4j.rootLogger=INFO, stdout\n"
         "log4j.appender.stdout=org.apache.log4j.ConsoleAppender\n"
         "log4j.appender.stdout.layout=org.apache.log4j.PatternLayout\n"
         "log4j.appender.stdout.layout.ConversionPattern=%d{HH:mm:ss,SSS} %p %m (%c)%n\n";
}

std::map<std::string, std::string> KafkaBroker::sasl_properties() const {
  const std::string plain = "PLAINTEXT://" + brokers();
  const std::string sasl = ",SASL_PLAINTEXT://" + sasl_brokers();
  std::string login = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  for (const auto& [user, password] : users_) login += " user_" + user + "=\"" + password + "\"";
  return {
      {"listeners", plain + sasl + ",CONTROLLER://127.0.0.1:" + std::to_string(controller_port_)},
      {"advertised.listeners", plain + sasl},
      {"listener.security.protocol.map",
       "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT"},
      {"sasl.enabled.mechanisms", "PLAIN"},
      {"listener.name.sasl_plaintext.plain.sasl.jaas.config", login + ";"},
      {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
      {"super.users", "User:ANONYMOUS"}};  // whoever comes in clear, the node itself included
}

ChildProcess::Options KafkaBroker::java(std::vector<std::string> arguments,
                                        const std::string& log) const {
  ChildProcess::Options options;
  options.argv = {"java",
                  "-Xms256m",
                  "-Xmx512m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",  // starts fast; a test never runs long enough for C2
                  "-Dlog4j.configuration=file:" + (dir_.path() / "log4j.properties").string(),
                  "-cp",
                  lib_ + "/*"};
  for (std::string& argument : arguments) options.argv.push_back(std::move(argument));
  options.out_file = options.err_file = dir_.path() / log;
  return options;
}

void KafkaBroker::format_storage() const {
  ChildProcess tool(java({"kafka.tools.StorageTool", "format", "-t", "c2x1aWNlLXRlc3RzLTAwMQ", "-c",
                          (dir_.path() / "server.properties").string()},
                         "format.log"));
  const auto status = tool.wait(kStartTimeout);
  if (!status || status->code != 0) {
    throw std::runtime_error("cannot format the broker's storage:\n" +
                             tail_of(dir_.path() / "format.log"));
  }
}

void KafkaBroker::launch() {
  process_.emplace(
      java({"kafka.Kafka", (dir_.path() / "server.properties").string()}, "broker.log"));
}

void KafkaBroker::wait_until_it_answers() {
  const RdKafka client = make_client(RD_KAFKA_PRODUCER, brokers());
  const auto answers = [&] {
    try {
      return fetch_metadata(client.get(), "", 1000)->broker_cnt == 1;
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  bool up = false;
  eventually([&] { return (up = answers()) || !process_->running(); }, kStartTimeout);
  if (!up) fail(process_->running() ? "the broker does not answer" : "the broker ended");
}

void KafkaBroker::fail(const std::string& what) const {
  throw std::runtime_error(what + "; its log ends with:\n" + tail_of(dir_.path() / "broker.log"));
}

}  // namespace sluice::test
