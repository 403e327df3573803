// The bytes of one accepted connection, in clear or through TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace sluice::test {

// Blocks; shutdown() of its socket by another thread ends every call. Does not own the socket.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual std::size_t read(char* to, std::size_t most) = 0;  // 0: no more to come
  virtual bool write(std::string_view bytes) = 0;            // false: not all could be sent
};

std::unique_ptr<ByteStream> plain_stream(int socket);

// A key and a self-signed certificate for 127.0.0.1, made when constructed.
class TlsIdentity {
 public:
  explicit TlsIdentity(bool tls_1_2_only);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  std::unique_ptr<ByteStream> accept(int socket) const;  // null: the handshake failed

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::test
