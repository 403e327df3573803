// What a deliverer is told by its pipeline's and its target's configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/wipe.h"
#include "codec/compressor.h"
#include "codec/router.h"
#include "config/config.h"
#include "deliver/delivery_waits.h"

namespace sluice::deliver {

struct DelivererOptions {
  std::string pipeline;  // for logs
  std::string method;
  std::string base_url;
  codec::Route route;                     // of batches that have none of their own
  std::vector<std::string> header_names;  // of the values in a route
  std::string content_type;               // unless one of those headers is the content type
  std::string batch_id_header;
  DeliveryWaits waits;
  std::uint32_t attempts = 10;  // of a record, counted while its neighbours are delivered
  std::uint32_t lonely = 5;     // failures of a suspect record in a row, before it is parked
  config::OnExhausted on_exhausted = config::OnExhausted::dead_letter;
  std::optional<Duration> max_age;
  config::OnExpired on_expired = config::OnExpired::dead_letter;
  std::size_t response_excerpt = 1024;  // bytes of an answer that go into a dead letter
  SecretTexts secrets;                  // not a signer's: what an answer may echo, too
  std::size_t connections = 8;          // requests in flight at most
  std::optional<codec::Compression> compression;
  std::size_t compress_from = 0;  // bytes of a body; a smaller one goes as it is
};

}  // namespace sluice::deliver
