#include "support/secured_broker.h"

#include <array>
#include <fstream>

#include "support/eventually.h"
#include "support/free_port.h"
#include "support/kafka_admin_call.h"
#include "support/openssl_handles.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using RdConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;

using Chain = std::unique_ptr<BIO, Freed<BIO_free_all>>;

const std::map<Listener, std::string> kNames = {{Listener::sasl_plaintext, "SASL_CLEAR"},
                                                {Listener::sasl_ssl, "SASL_TLS"},
                                                {Listener::mutual_tls, "MUTUAL"},
                                                {Listener::renewed, "RENEWED"}};
const std::map<Listener, std::string> kProtocols = {{Listener::sasl_plaintext, "SASL_PLAINTEXT"},
                                                    {Listener::sasl_ssl, "SASL_SSL"},
                                                    {Listener::mutual_tls, "SSL"},
                                                    {Listener::renewed, "SSL"}};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Key and certificate in one file, as Kafka wants its PEM keystores.
std::string keystore_of(const Credentials& identity) { return identity.key + identity.cert; }

std::string write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
  return file.string();
}

// What a TLS server shows; empty where it is none. Trusts everybody.
std::string certificate_at(const std::string& address) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  const Chain connection(BIO_new_ssl_connect(context.get()));
  BIO_set_conn_hostname(connection.get(), address.c_str());
  if (BIO_do_connect(connection.get()) != 1) return {};
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  const Certificate shown(SSL_get1_peer_certificate(ssl));
  const Bio pem(BIO_new(BIO_s_mem()));
  if (!shown || PEM_write_bio_X509(pem.get(), shown.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(pem.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// RFC 4648, section 5, not padded.
std::string base64url(const std::string& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (have += 8; have >= 6; have -= 6) out += kDigits[(bits >> unsigned(have - 6)) & 63U];
  }
  if (have > 0) out += kDigits[(bits << unsigned(6 - have)) & 63U];
  return out;
}

}  // namespace

SecuredBroker::SecuredBroker() {
  for (const auto& [listener, name] : kNames) ports_[listener] = free_port();
  broker_.emplace(KafkaBroker::Extra{
      .properties = properties(),
      .format = {"--add-scram", "SCRAM-SHA-256=[name=alice,password=alice-secret]", "--add-scram",
                 "SCRAM-SHA-512=[name=alice,password=alice-secret]", "--add-scram",
                 "SCRAM-SHA-256=[name=bob,password=bob-secret]"}});
}

std::map<std::string, std::string> SecuredBroker::properties() {
  std::map<std::string, std::string> all = {
      {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
      {"super.users", "User:ANONYMOUS"},
      {"sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER"}};
  const std::string identity =
      write(dir_.path() / "identity.pem", keystore_of(ca_.issue("127.0.0.1")));
  const std::string clients = write(dir_.path() / "clients.pem", client_ca_.pem());
  for (const auto& [listener, name] : kNames) {
    const std::string prefix = "listener.name." + lower(name) + ".";
    const std::string address = name + "://127.0.0.1:" + std::to_string(ports_.at(listener));
    all["listeners"] += "," + address;
    all["advertised.listeners"] += "," + address;
    all["listener.security.protocol.map"] += "," + name + ":" + kProtocols.at(listener);
    if (kProtocols.at(listener).find("SSL") != std::string::npos) {
      all[prefix + "ssl.keystore.type"] = "PEM";
      all[prefix + "ssl.keystore.location"] = identity;
    }
    if (kProtocols.at(listener).starts_with("SASL")) {
      const std::string security = "org.apache.kafka.common.security.";
      all[prefix + "plain.sasl.jaas.config"] =
          security + "plain.PlainLoginModule required user_alice=\"alice-secret\";";
      for (const char* const hash : {"256", "512"}) {
        all[prefix + "scram-sha-" + hash + ".sasl.jaas.config"] =
            security + "scram.ScramLoginModule required;";
      }
      all[prefix + "oauthbearer.sasl.jaas.config"] =
          security + "oauthbearer.OAuthBearerLoginModule required;";
    }
  }
  const std::string mutual = "listener.name." + lower(kNames.at(Listener::mutual_tls)) + ".";
  all[mutual + "ssl.client.auth"] = "required";
  all[mutual + "ssl.truststore.type"] = "PEM";
  all[mutual + "ssl.truststore.location"] = clients;
  const std::string renewed = "listener.name." + lower(kNames.at(Listener::renewed)) + ".";
  all[renewed + "ssl.allow.dn.changes"] = "true";
  all[renewed + "ssl.allow.san.changes"] = "true";
  return all;
}

std::string SecuredBroker::brokers(Listener listener) const {
  return "127.0.0.1:" + std::to_string(ports_.at(listener));
}

void SecuredBroker::present(const Credentials& identity) {
  static int number = 0;
  const std::string file =
      write(dir_.path() / ("renewed-" + std::to_string(++number) + ".pem"), keystore_of(identity));
  const std::string prefix = "listener.name." + lower(kNames.at(Listener::renewed)) + ".";
  const std::string what = "change the certificate of a listener";
  const RdConfigResource request(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, "1"));
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"ssl.keystore.location", file}, {"ssl.keystore.type", "PEM"}}) {
    require(
        rd_kafka_ConfigResource_set_config(request.get(), (prefix + name).c_str(), value.c_str()),
        what);
  }
  const AdminCall call(plain().brokers(), what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_ConfigResource_t*, 1> resources{request.get()};
    rd_kafka_AlterConfigs(client, resources.data(), resources.size(), nullptr, queue);
  });
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** const results = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(call.result.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigResource_error(results[i]) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    throw std::runtime_error(what + ": " + rd_kafka_ConfigResource_error_string(results[i]));
  }
  // Each of the broker's network threads acts on it by itself, a moment later.
  const auto shown = [&] {
    for (int connection = 0; connection < 8; ++connection) {
      if (certificate_at(brokers(Listener::renewed)) != identity.cert) return false;
    }
    return true;
  };
  if (!eventually(shown, std::chrono::milliseconds(kCallTimeoutMs))) {
    throw std::runtime_error(what + ": it still shows another");
  }
}

void SecuredBroker::set_password(const std::string& user, const std::string& password) const {
  run_kafka_tool({"kafka.admin.ConfigCommand", "--bootstrap-server", broker_->brokers(), "--alter",
                  "--add-config", "SCRAM-SHA-256=[password=" + password + "]", "--entity-type",
                  "users", "--entity-name", user});
}

std::string unsecured_token(const std::string& user, std::chrono::seconds valid_for) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const std::string claims = R"({"sub":")" + user + R"(","iat":)" + std::to_string(now) +
                             R"(,"exp":)" + std::to_string(now + valid_for.count()) + "}";
  return base64url(R"({"alg":"none"})") + "." + base64url(claims) + ".";
}

}  // namespace sluice::test
