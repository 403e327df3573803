#include <gmock/gmock.h>

#include "unit/http/client_harness.h"
#include "unit/http/pem_files.h"

namespace sluice::http {
namespace {

using test::Credentials;
using test::TestCa;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What is in the way of a client with these files.
Error error_with(const Tls& tls) {
  static const SystemClock clock;
  ClientOptions options;
  options.tls = tls;
  auto client = Client::create(options, clock);
  if (!client) return client.error();
  ADD_FAILURE() << "a client was made";
  return {};
}

// The same, of a certificate and a key.
Error error_with(const std::string& cert, const std::string& key) {
  Tls tls;
  tls.cert = cert;
  tls.key = key;
  return error_with(tls);
}

Error error_with_ca(const std::string& ca) {
  Tls tls;
  tls.ca = ca;
  return error_with(tls);
}

class TlsFilesTest : public testing::Test {
 protected:
  std::string first_half_of(const std::string& pem) const {
    return files_.write("half.pem", pem.substr(0, pem.size() / 2));
  }

  TestCa ca_;
  Credentials client_ = ca_.issue("sluice");
  PemFiles files_;
  std::string cert_ = files_.write("cert.pem", client_.cert);
  std::string key_ = files_.write("cert.key", client_.key);
};

TEST_F(TlsFilesTest, AreNamedWhenTheyAreMissing) {
  EXPECT_EQ(error_with_ca("/nonexistent/ca.pem").cause,
            "cannot read the CA file /nonexistent/ca.pem: No such file or directory");
  EXPECT_EQ(error_with("/nonexistent/c.pem", key_).cause,
            "cannot read the client certificate /nonexistent/c.pem: No such file or directory");
  EXPECT_EQ(error_with(cert_, "/nonexistent/c.key").cause,
            "cannot read the client key /nonexistent/c.key: No such file or directory");
}

TEST_F(TlsFilesTest, AreFilesAndNotTooLarge) {
  EXPECT_EQ(error_with_ca(files_.folder()).cause,
            "cannot read the CA file " + files_.folder() + ": not a regular file");
  const std::string large = files_.write("large.pem", std::string(5'000'000, 'x'));
  EXPECT_THAT(error_with_ca(large).cause, HasSubstr("too large"));
}

TEST_F(TlsFilesTest, HoldWhatTheyShould) {
  const std::string text = files_.write("text.pem", "not PEM at all");
  EXPECT_EQ(error_with_ca(text).cause,
            "cannot use the CA file " + text + ": it holds no BEGIN CERTIFICATE line");
  EXPECT_EQ(error_with(key_, key_).cause,
            "cannot use the client certificate " + key_ + ": it holds no BEGIN CERTIFICATE line");
  EXPECT_EQ(error_with(cert_, cert_).cause,
            "cannot use the client key " + cert_ + ": it holds no BEGIN PRIVATE KEY line");
}

TEST_F(TlsFilesTest, HoldNoEncryptedKey) {
  for (const std::string pem : {"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
                                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"}) {
    const std::string key = files_.write("encrypted.key", pem);
    const Error error = error_with(cert_, key);
    EXPECT_EQ(error.cause, "cannot use the client key " + key + ": it is encrypted");
    EXPECT_THAT(error.remedy, HasSubstr("openssl pkey"));
  }
}

TEST_F(TlsFilesTest, AreNamedWhenTheTlsLibraryCannotUseThem) {
  const std::string half_ca = first_half_of(ca_.pem());
  EXPECT_THAT(error_with_ca(half_ca).cause, HasSubstr("cannot use the CA file " + half_ca));
  const std::string half = first_half_of(client_.cert);
  EXPECT_THAT(error_with(half, key_).cause, HasSubstr("cannot use the client certificate " + half));
  const std::string half_key = first_half_of(client_.key);
  EXPECT_THAT(error_with(cert_, half_key).cause, HasSubstr("with the key " + half_key));
}

TEST_F(TlsFilesTest, BelongTogether) {
  const std::string other = files_.write("other.key", ca_.issue("other").key);
  const Error error = error_with(cert_, other);
  EXPECT_THAT(error.cause, HasSubstr("the client certificate " + cert_ + " with the key " + other));
  EXPECT_THAT(error.cause, HasSubstr("private key"));  // the TLS library's words
  EXPECT_EQ(error.remedy, "name a certificate and the key that belongs to it, both whole");
}

TEST_F(TlsFilesTest, AreBothOrNone) {
  Tls cert_only;
  cert_only.cert = cert_;
  Tls key_only;
  key_only.key = key_;
  for (const Tls& tls : {cert_only, key_only}) {
    EXPECT_EQ(error_with(tls).remedy, "set both or none");
  }
}

TEST_F(TlsFilesTest, AreNotQuotedByErrors) {
  const std::string secret = client_.key.substr(client_.key.find('\n') + 1, 20);
  for (const Error& error : {error_with(key_, key_), error_with(cert_, first_half_of(client_.key)),
                             error_with(cert_, files_.write("x.key", "ENCRYPTED" + client_.key))}) {
    EXPECT_THAT(error.text(), Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace sluice::http
