// Straight to the pipeline's API.
#pragma once

#include <cstdint>
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
};

// All of it outlives the destination.
struct ApiParts {
  http::Client& http;
  const auth::Signer& signer;
  const deliver::VerdictRules& rules;
  codec::Router& router;
  codec::RecordCodec& codec;
  const Clock& clock;
  Random& random;
};

// One record a request, checked, signed and judged as the pipeline does. A request that asks to
// slow down is waited out; refused credentials and wrong paths end the replay, as do three letters
// in a row that the API fails at.
class ApiDestination final : public Destination {
 public:
  ApiDestination(ApiOptions options, const ApiParts& parts);

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
  batch::MemoryMeter memory_;
  batch::Batch batch_;  // holds the record of request_
  std::string packed_;
  http::Request request_;
  std::string batch_id_;  // of it
  std::uint32_t failed_in_a_row_ = 0;
};

}  // namespace sluice::replay
