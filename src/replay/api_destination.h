// Straight to the pipeline's API.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/signer.h"
#include "base/clock.h"
#include "base/random.h"
#include "batch/batch.h"
#include "codec/compressor.h"
#include "codec/record_codec.h"
#include "codec/router.h"
#include "deliver/backoff.h"
#include "deliver/trace_context.h"
#include "deliver/verdict_rules.h"
#include "http/client.h"
#include "replay/destination.h"

namespace sluice::replay {

struct ApiOptions {
  std::string method;
  std::string base_url;
  std::string path;                       // for people; may hold placeholders
  std::vector<std::string> header_names;  // of the values in a route
  std::string content_type;               // empty: one of those headers is the content type
  std::string batch_id_header;
  codec::BodyFormat body = codec::BodyFormat::json_array;
  std::optional<codec::Compression> compression;
  std::size_t compress_from = 0;
  deliver::Backoff::Limits backoff{};
  std::uint32_t attempts = 10;  // of a letter that the API fails at
  bool by_tenant = false;       // credentials that are refused are those of some letters only
};

// Who signs a request of that route; the error says why nobody does. Outlives the request.
using SignerOf = std::function<Result<const auth::Signer*>(const codec::Route& route)>;

// All of it outlives the destination.
struct ApiParts {
  http::Client& http;
  SignerOf signer_of;
  const deliver::VerdictRules& rules;
  codec::Router& router;
  codec::RecordCodec& codec;
  const Clock& clock;
  Random& random;
};

// One record a request, checked, signed and judged as the pipeline does. A request that asks to
// slow down is waited out; refused credentials and wrong paths end the replay, as do three letters
// in a row that the API fails at. Where tenants have credentials of their own, those that are
// refused leave that tenant's letters where they are, and the others go on.
class ApiDestination final : public Destination {
 public:
  ApiDestination(ApiOptions options, ApiParts parts);

  std::string name() const override;
  std::size_t at_once() const override { return 10; }
  Result<void> bring(std::span<const LetterRecord> letters, Pace& pace,
                     const OnEnd& on_end) override;

 private:
  struct Tried {
    Ended ended;
    std::optional<Error> stop = std::nullopt;
  };

  // Why it cannot be sent; nullopt: request_ is its request, but for what each attempt signs.
  std::optional<std::string> make_request(const LetterRecord& record);
  void add_headers(const codec::Route& route);
  http::Request signed_now() const;
  Tried deliver(Waiting& waiting);  // request_, until it has ended
  http::Completion ask();
  deliver::Judgement judge(const http::Completion& completion) const;

  const ApiOptions options_;
  ApiParts parts_;
  const std::unique_ptr<codec::Compressor> compressor_;  // null: bodies go as they are
  const deliver::TraceHeaders trace_headers_;
  batch::MemoryMeter memory_;
  batch::Batch batch_;  // holds the record of request_
  std::string packed_;
  http::Request request_;
  const auth::Signer* signer_ = nullptr;                // of it
  std::map<const auth::Signer*, std::string> refused_;  // by the API, and how; by_tenant
  std::string batch_id_;                                // of it
  std::uint32_t failed_in_a_row_ = 0;
};

}  // namespace sluice::replay
