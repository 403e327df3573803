#include "admin/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <string>

#include "admin/server.h"
#include "support/fake_clock.h"
#include "unit/admin/connection.h"

namespace sluice::admin {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ConsoleTest : public testing::Test {
 protected:
  std::string ask(const std::string& request_line) {
    const Connection connection("127.0.0.1", server_->port());
    connection.send(request_line + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return connection.read_to_end();
  }

  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::FakeClock clock_;
  telemetry::Metrics metrics_{"1.2.3"};
  telemetry::StatusBoard board_{clock_};
  std::unique_ptr<Server> server_ = *Server::start("127.0.0.1", 0, clock_, metrics_, board_);
};

TEST_F(ConsoleTest, IsAtTheRoot) {
  const ConsoleFile* page = find_console_file("/");
  ASSERT_NE(page, nullptr);
  EXPECT_THAT(
      ask("GET /"),
      AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Type: text/html; charset=utf-8\r\n"),
            HasSubstr("\r\n\r\n<!doctype html>\n"), EndsWith(std::string(page->body))));
  EXPECT_THAT(ask("HEAD /"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
}

TEST_F(ConsoleTest, MayLoadItsOwnPartsAndNothingElse) {
  EXPECT_THAT(kConsolePolicy, AllOf(StartsWith("default-src 'none';"), Not(HasSubstr("unsafe")),
                                    Not(HasSubstr("http")), Not(HasSubstr("*"))));
  for (const ConsoleFile& file : console_files()) {
    EXPECT_THAT(ask("GET " + std::string(file.path)),
                AllOf(HasSubstr("Content-Security-Policy: " + std::string(kConsolePolicy) + "\r\n"),
                      HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                      HasSubstr("Cache-Control: no-store\r\n")))
        << file.path;
  }
}

TEST_F(ConsoleTest, EveryFileIsServedWhole) {
  EXPECT_GT(console_files().size(), 10U);
  for (const ConsoleFile& file : console_files()) {
    const std::string name = file.path == "/" ? "/console/index.html" : std::string(file.path);
    EXPECT_EQ(file.body, read(SLUICE_SOURCE_DIR "/src/admin" + name)) << file.path;
    EXPECT_THAT(ask("GET " + std::string(file.path)),
                AllOf(StartsWith("HTTP/1.1 200 "),
                      HasSubstr("Content-Type: " + std::string(file.type) + "\r\n"),
                      HasSubstr("Content-Length: " + std::to_string(file.body.size()) + "\r\n"),
                      EndsWith("\r\n\r\n" + std::string(file.body))))
        << file.path;
  }
}

// What the files name of each other: `src="console/x"`, `from "./x"`.
TEST_F(ConsoleTest, NamesNoPartThatIsNotThere) {
  const std::regex reference(R"re((?:src|href)="(console/[^"]+)"|from "\./([^"]+)")re");
  std::set<std::string> named;
  for (const ConsoleFile& file : console_files()) {
    const std::string body(file.body);
    for (std::sregex_iterator match(body.begin(), body.end(), reference), end; match != end;
         ++match) {
      named.insert((*match)[1].matched ? "/" + (*match)[1].str() : "/console/" + (*match)[2].str());
    }
  }
  EXPECT_THAT(named, testing::Contains("/console/main.js"));
  EXPECT_THAT(named, testing::Contains("/console/dom.js"));
  for (const std::string& path : named) EXPECT_NE(find_console_file(path), nullptr) << path;
}

TEST_F(ConsoleTest, HasNothingBesideItsFiles) {
  for (const char* path : {"/console", "/console/", "/console/none.js", "/index.html",
                           "/console/index.html", "/console/../server.cc"}) {
    EXPECT_THAT(ask(std::string("GET ") + path), StartsWith("HTTP/1.1 404 ")) << path;
  }
  EXPECT_THAT(ask("POST /"), StartsWith("HTTP/1.1 405 "));
}

}  // namespace
}  // namespace sluice::admin
