// HTTP/2 frame by frame. Against real servers: tests/integration/http_features_test.cc.
#include <gmock/gmock.h>

#include <string>

#include "unit/http/client_harness.h"

namespace sluice::http {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  rst_stream = 3,
  settings = 4,
  goaway = 7
};
constexpr std::uint8_t kNoFlags = 0;
constexpr std::uint8_t kAck = 1;
constexpr std::uint8_t kEndHeaders = 4;
constexpr std::uint8_t kEndStreamAndHeaders = 5;

enum class ErrorCode : std::uint8_t { no_error = 0, internal_error = 2, refused_stream = 7 };

// Big-endian, as RFC 9113 has it.
std::string bytes_of(std::uint32_t value, int count) {
  std::string bytes;
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
    bytes += static_cast<char>((value >> shift) & 0xffU);
  }
  return bytes;
}

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  const std::string& payload = "") {
  return bytes_of(static_cast<std::uint32_t>(payload.size()), 3) +
         bytes_of(static_cast<std::uint32_t>(type), 1) + bytes_of(flags, 1) + bytes_of(stream, 4) +
         payload;
}

const std::string kStatus200 = "\x88";  // HPACK's static table, entry 8

std::string whole_answer() {
  return frame(FrameType::headers, kEndStreamAndHeaders, 1, kStatus200);
}
std::string half_an_answer() {
  return frame(FrameType::headers, kEndHeaders, 1, kStatus200) +
         frame(FrameType::data, kNoFlags, 1, "half");
}
std::string reset_of_stream(ErrorCode why) {
  return frame(FrameType::rst_stream, kNoFlags, 1, bytes_of(static_cast<std::uint32_t>(why), 4));
}
std::string goaway(std::uint32_t last_stream) {
  return frame(FrameType::goaway, kNoFlags, 0, bytes_of(last_stream, 4) + bytes_of(0, 4));
}

// Every blank line ends a request to ScriptedServer: the two of the client's preface, and one at
// the end of the body, which says that the whole request is there.
constexpr std::string_view kBody = "[1]\r\n\r\n";

ScriptedServer::Handler answering(const Reply& to_first_request, const Reply& to_others) {
  return [=](const SeenRequest& request) {
    if (request.method == "PRI") return Reply{.raw = frame(FrameType::settings, kNoFlags, 0)};
    if (request.method == "SM") return Reply{.raw = frame(FrameType::settings, kAck, 0)};
    return request.connection == 0 ? to_first_request : to_others;
  };
}
ScriptedServer::Handler answering(const Reply& reply) { return answering(reply, reply); }

ClientOptions http2() {
  ClientOptions options;
  options.version = Version::v2;
  return options;
}

TransportErrorKind kind_after(const Reply& reply) {
  ScriptedServer server(answering(reply));
  const auto client = make_client(http2());
  const TransportError error = error_of(*client, post(server.url() + "/", kBody));
  EXPECT_FALSE(error.detail.empty());
  return error.kind;
}

TEST(ClientHttp2, GetsAnAnswerInClearWithoutAskingFirst) {
  ScriptedServer server(answering({.raw = whole_answer()}));
  const auto client = make_client(http2());
  EXPECT_EQ(answer_to(*client, post(server.url() + "/", kBody)).status, 200);
}

TEST(ClientHttp2, AStreamThatBreaksIsAReset) {
  EXPECT_EQ(kind_after({.raw = reset_of_stream(ErrorCode::internal_error)}),
            TransportErrorKind::reset);
  EXPECT_EQ(kind_after({.raw = half_an_answer() + reset_of_stream(ErrorCode::internal_error)}),
            TransportErrorKind::reset);
  EXPECT_EQ(kind_after({.fault = Fault::close_after_answer, .raw = half_an_answer()}),
            TransportErrorKind::reset);
  EXPECT_EQ(kind_after({.fault = Fault::close_after_request}), TransportErrorKind::reset);
  EXPECT_EQ(kind_after({.fault = Fault::reset_after_request}), TransportErrorKind::reset);
}

TEST(ClientHttp2, AServerThatGoesAwayAnswersWhatItHasTaken) {
  ScriptedServer server(answering({.raw = goaway(1) + whole_answer()}));
  const auto client = make_client(http2());
  EXPECT_EQ(answer_to(*client, post(server.url() + "/", kBody)).status, 200);
}

TEST(ClientHttp2, AServerThatGoesAwayWithoutAnAnswerIsAReset) {
  EXPECT_EQ(kind_after({.fault = Fault::close_after_answer, .raw = goaway(1)}),
            TransportErrorKind::reset);
}

// libcurl's own resend, as on a dead connection: a refused stream was not looked at (RFC
// 9113, 8.7).
TEST(ClientHttp2, ARefusedStreamIsSentAgain) {
  ScriptedServer server(
      answering({.raw = reset_of_stream(ErrorCode::refused_stream)}, {.raw = whole_answer()}));
  const auto client = make_client(http2());
  EXPECT_EQ(answer_to(*client, post(server.url() + "/", kBody)).status, 200);
  EXPECT_EQ(server.connection_count(), 2U);
}

TEST(ClientHttp2, AStreamThatIsAlwaysRefusedIsAReset) {
  EXPECT_EQ(kind_after({.raw = reset_of_stream(ErrorCode::refused_stream)}),
            TransportErrorKind::reset);
}

TEST(ClientHttp2, NoAnswerInTimeIsATimeout) {
  ScriptedServer server(answering({.fault = Fault::hang}));
  ClientOptions options = http2();
  options.timeout = 80ms;
  const auto client = make_client(options);
  EXPECT_EQ(error_of(*client, post(server.url() + "/", kBody)).kind, TransportErrorKind::timeout);
}

TEST(ClientHttp2, AServerThatSpeaksHttp1OnlyIsAnError) {
  ScriptedServer server([](const SeenRequest&) { return Reply{.status = 400}; });
  const auto client = make_client(http2());
  EXPECT_THAT(error_of(*client, post(server.url() + "/", kBody)).kind,
              AnyOf(TransportErrorKind::reset, TransportErrorKind::protocol));
}

}  // namespace
}  // namespace sluice::http
