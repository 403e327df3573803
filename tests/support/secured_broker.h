// A real Kafka that asks who its clients are, in each way that Kafka knows.
#pragma once

#include <map>
#include <string>

#include "support/kafka_broker.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"

namespace sluice::test {

enum class Listener : std::uint8_t {
  sasl_plaintext,
  sasl_ssl,
  mutual_tls,  // asks for a certificate of client_ca(); principals are "CN=<name>"
  renewed,     // TLS alone; its certificate is the one of present()
};

// Users: "alice", with the password "alice-secret" for PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512;
// "bob", with "bob-secret" for SCRAM-SHA-256; and whoever an unsigned token says for OAUTHBEARER.
// None of them has a right but those of allow(); who comes in clear or by the listener `renewed`
// has all. See KafkaBroker.
class SecuredBroker {
 public:
  SecuredBroker();

  KafkaBroker& plain() { return *broker_; }
  std::string brokers(Listener listener) const;

  const TestCa& ca() const { return ca_; }  // of the brokers' certificates
  const TestCa& client_ca() const { return client_ca_; }

  // The listener `renewed` shows this one from here on; it begins with one that is good.
  void present(const Credentials& identity);
  // Of SCRAM-SHA-256. Takes about two seconds.
  void set_password(const std::string& user, const std::string& password) const;

 private:
  std::map<std::string, std::string> properties();

  const TempDir dir_;
  const TestCa ca_;
  const TestCa client_ca_;
  std::map<Listener, std::uint16_t> ports_;
  std::optional<KafkaBroker> broker_;
};

// A token that the broker takes, of that user (RFC 7515, unsecured).
std::string unsecured_token(const std::string& user, std::chrono::seconds valid_for);

}  // namespace sluice::test
