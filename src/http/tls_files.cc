#include "http/tls_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "base/wipe.h"

namespace sluice::http {
namespace {

constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;  // the CAs of a whole system take 0.2 MiB

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

tl::unexpected<Error> cannot_read(const std::string& what, const std::string& why) {
  return fail("cannot read " + what + ": " + why, "correct the path, or the rights to the file");
}

// `what` names the file and its use. Without buffers of stdio or a string that grows: both would
// leave copies of a key behind.
Result<std::string> read_file(const std::string& path, const std::string& what) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  // Never a pipe, which would hold up the start.
  if (!error && !std::filesystem::is_regular_file(status)) {
    return cannot_read(what, "not a regular file");
  }
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return cannot_read(what, std::strerror(errno));
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return cannot_read(what, error.message());
  if (size > kMaxFileBytes) return cannot_read(what, "too large for a PEM file");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot_read(what, std::strerror(errno));
  return bytes;
}

// Whether one of the PEM blocks has a label that ends so: "RSA PRIVATE KEY" is a private key.
bool has_block(std::string_view pem, const std::string& label) {
  return pem.find("-----BEGIN ") != pem.npos && pem.find(label + "-----") != pem.npos;
}

Result<std::string> read_certificates(const std::string& path, const std::string& use) {
  const std::string what = use + " " + path;
  auto pem = read_file(path, what);
  if (pem && !has_block(*pem, "CERTIFICATE")) {
    return fail("cannot use " + what + ": it holds no BEGIN CERTIFICATE line",
                "name a file with certificates in PEM form");
  }
  return pem;
}

Result<std::string> read_key(const std::string& path) {
  const std::string what = "the client key " + path;
  auto pem = read_file(path, what);
  if (!pem) return pem;
  const auto refuse = [&](const std::string& why, std::string remedy) {
    wipe(*pem);
    return fail("cannot use " + what + ": " + why, std::move(remedy));
  };
  if (!has_block(*pem, "PRIVATE KEY")) {
    return refuse("it holds no BEGIN PRIVATE KEY line", "name a file with a key in PEM form");
  }
  if (pem->find("ENCRYPTED") != pem->npos) {
    return refuse("it is encrypted",
                  "decrypt it with `openssl pkey` and let only this user read it");
  }
  return pem;
}

}  // namespace

Result<TlsFiles> TlsFiles::read(const Tls& tls) {
  if (tls.cert.has_value() != tls.key.has_value()) {
    return fail("cannot make an HTTP client with one of a client certificate and its key alone",
                "set both or none");
  }
  TlsFiles files;
  if (tls.ca) {
    auto ca = read_certificates(*tls.ca, "the CA file");
    if (!ca) return tl::unexpected(std::move(ca.error()));
    files.ca_ = std::move(*ca);
  }
  if (!tls.cert) return files;
  auto cert = read_certificates(*tls.cert, "the client certificate");
  if (!cert) return tl::unexpected(std::move(cert.error()));
  files.cert_ = std::move(*cert);
  auto key = read_key(*tls.key);
  if (!key) return tl::unexpected(std::move(key.error()));
  files.key_ = std::move(*key);
  return files;
}

TlsFiles::TlsFiles(TlsFiles&& other) noexcept
    : ca_(std::move(other.ca_)), cert_(std::move(other.cert_)), key_(std::move(other.key_)) {}

TlsFiles::~TlsFiles() { wipe(key_); }

}  // namespace sluice::http
