// One connection's requests and answers, for ScriptedServer.
#pragma once

#include <string>

#include "support/byte_stream.h"
#include "support/scripted_server.h"

namespace sluice::test {

enum class After : std::uint8_t { keep_open, close, reset };

class HttpExchange {
 public:
  HttpExchange(ByteStream& stream, int socket) : stream_(stream), socket_(socket) {}

  // Overwrites all of `request` but its numbers. Bodies come with a Content-Length or not at all.
  // False: the client is gone or does not speak HTTP.
  bool read(SeenRequest& request);
  // Sends `reply`, faults included, and says how the connection goes on.
  After answer(const Reply& reply);

 private:
  After break_down(const Reply& reply);
  bool read_body(SeenRequest& request, std::size_t head);
  After send_endless_body();
  void hang();
  void drip(std::string_view bytes);
  void wait(std::chrono::milliseconds time) const;

  ByteStream& stream_;
  int socket_;
  std::string buffered_;  // read, and not part of any request yet
};

}  // namespace sluice::test
