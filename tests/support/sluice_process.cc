#include <httplib.h>
#include <rapidjson/document.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/eventually.h"
#include "support/log_check.h"
#include "support/process.h"

namespace sluice::test {
namespace {

constexpr auto kStartTimeout = std::chrono::seconds(20);

bool is_event(const std::string& line, const std::string& event) {
  rapidjson::Document document;
  document.Parse(line.data(), line.size());
  if (document.HasParseError() || !document.IsObject()) return false;
  const auto found = document.FindMember("event");
  return found != document.MemberEnd() && found->value.IsString() &&
         event == found->value.GetString();
}

std::uint16_t port_of(const std::string& line) {
  rapidjson::Document document;
  document.Parse(line.data(), line.size());
  const auto found = document.FindMember("port");
  if (found == document.MemberEnd() || !found->value.IsUint()) {
    throw std::runtime_error("no port in: " + line);
  }
  return static_cast<std::uint16_t>(found->value.GetUint());
}

httplib::Client client_of(std::uint16_t port) {
  httplib::Client client("127.0.0.1", port);
  client.set_connection_timeout(5);
  client.set_read_timeout(10);
  return client;
}

// `log`: of the process that was asked.
std::string body_of(const httplib::Result& answer, const std::string& request,
                    const std::filesystem::path& log, int* status_code) {
  if (!answer) {
    throw std::runtime_error(request + ": " + httplib::to_string(answer.error()) + "\n" +
                             tail_of(log));
  }
  if (status_code != nullptr) *status_code = answer->status;
  return answer->body;
}

}  // namespace

std::string sluice_binary() {
  const char* const other = std::getenv("SLUICE_BINARY");
  return other != nullptr ? other : SLUICE_BINARY;
}

SluiceProcess::SluiceProcess(const std::string& config, const SluiceOptions& options) {
  write_config(config);
  const std::filesystem::path file = dir_.path() / "sluice.yaml";
  std::vector<std::string> argv = options.prefix;
  argv.insert(argv.end(), {sluice_binary(), "run", file.string(), "--allow-literal-secrets"});
  const auto or_own = [&](const std::filesystem::path& given, const char* own) {
    return given.empty() ? dir_.path() / own : given;
  };
  child_.emplace(ChildProcess::Options{.argv = std::move(argv),
                                       .env = options.env,
                                       .out_file = or_own(options.out_file, "out"),
                                       .err_file = or_own(options.err_file, "err")});
}

// Every line of every test is held to the list of events. There is no other way out of a
// destructor for what fails a test in whatever runs it.
SluiceProcess::~SluiceProcess() {
  child_.reset();
  if (std::getenv("SLUICE_BINARY") != nullptr) return;  // its list may be another one
  const std::string wrong = first_wrong_line(log());
  if (wrong.empty()) return;
  std::fprintf(stderr, "a log line is not as src/telemetry/event_list.cc says: %s\n",
               wrong.c_str());
  std::abort();
}

void SluiceProcess::write_config(const std::string& config) const {
  std::ofstream(dir_.path() / "sluice.yaml") << config;
}

std::string SluiceProcess::log() const { return read_file(dir_.path() / "err"); }

std::vector<std::string> SluiceProcess::events(const std::string& event) const {
  std::vector<std::string> found;
  std::istringstream lines(log());
  for (std::string line; std::getline(lines, line);) {
    if (is_event(line, event)) found.push_back(line);
  }
  return found;
}

bool SluiceProcess::wait_for_event(const std::string& event, std::chrono::milliseconds timeout,
                                   std::size_t count) const {
  return eventually([&] { return events(event).size() >= count; }, timeout);
}

std::uint16_t SluiceProcess::admin_port() {
  if (admin_port_ != 0) return admin_port_;
  const auto settled = [&] { return !events("admin_listening").empty() || !running(); };
  if (!eventually(settled, kStartTimeout) || events("admin_listening").empty()) {
    throw std::runtime_error("the admin port never opened:\n" + tail_of(dir_.path() / "err"));
  }
  return admin_port_ = port_of(events("admin_listening").back());
}

std::string SluiceProcess::get(const std::string& path, int* status_code) {
  httplib::Client client = client_of(admin_port());
  return body_of(client.Get(path), "GET " + path, dir_.path() / "err", status_code);
}

std::string SluiceProcess::post(const std::string& path, const std::string& token,
                                int* status_code) {
  httplib::Client client = client_of(admin_port());
  if (!token.empty()) client.set_bearer_token_auth(token);
  return body_of(client.Post(path), "POST " + path, dir_.path() / "err", status_code);
}

std::optional<double> SluiceProcess::metric(const std::string& sample) {
  std::istringstream lines(metrics());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(sample + " ")) continue;
    double value = 0;
    const char* const begin = line.data() + sample.size() + 1;
    std::from_chars(begin, line.data() + line.size(), value);
    return value;
  }
  return std::nullopt;
}

}  // namespace sluice::test
