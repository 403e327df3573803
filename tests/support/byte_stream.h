// The bytes of one accepted connection, in clear or through TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "support/test_certificates.h"

namespace sluice::test {

// Blocks; shutdown() of its socket by another thread ends every call. Does not own the socket.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual std::size_t read(char* to, std::size_t most) = 0;  // 0: no more to come
  virtual bool write(std::string_view bytes) = 0;            // false: not all could be sent
  // The common name of the client's certificate; empty where it showed none.
  virtual std::string peer() const { return {}; }
};

std::unique_ptr<ByteStream> plain_stream(int socket);

// The server's side of TLS.
class TlsServer {
 public:
  explicit TlsServer(const TlsOptions& options);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::unique_ptr<ByteStream> accept(int socket) const;  // null: the handshake failed

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::test
