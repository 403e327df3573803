#include <gmock/gmock.h>

#include "unit/http/client_harness.h"

namespace sluice::http {
namespace {

using testing::HasSubstr;
using testing::Not;

Reply ok(const SeenRequest&) { return {}; }

TEST(ClientTls, SendsNothingToACertificateItDoesNotTrust) {
  for (const bool tls_1_2_only : {false, true}) {
    ScriptedServer server(ok, {.tls = true, .tls_1_2_only = tls_1_2_only});
    const auto client = make_client();
    const TransportError error = error_of(*client, post(server.url() + "/"));
    EXPECT_EQ(error.kind, TransportErrorKind::tls);
    EXPECT_THAT(error.detail, HasSubstr("certificate"));
    EXPECT_EQ(server.request_count(), 0U);
  }
}

TEST(ClientTls, SpeaksNoOldTlsWhenToldSo) {
  ScriptedServer server(ok, {.tls = true, .tls_1_2_only = true});
  ClientOptions options;
  options.tls_1_3_only = true;
  const auto client = make_client(options);
  const TransportError error = error_of(*client, post(server.url() + "/"));
  EXPECT_EQ(error.kind, TransportErrorKind::tls);
  EXPECT_THAT(error.detail, Not(HasSubstr("certificate")));
}

}  // namespace
}  // namespace sluice::http
