// The one producer of a process: a record is written when all in-sync replicas have it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/record_writer.h"
#include "base/result.h"
#include "kafka/options.h"

namespace sluice::kafka {

struct WriterOptions {
  ClientOptions client;
  std::size_t max_record_bytes = 1 << 20;  // the producer's message.max.bytes
  std::size_t queue_bytes = 32 << 20;      // records not yet confirmed; more are `failed` at once
};

// Idempotent (acks=all). A fatal producer error fails what is outstanding and is healed by a new
// producer, so writing again is always right. Thread-safe.
class ConfirmedWriter final : public RecordWriter {
 public:
  static constexpr std::size_t kThreads = 1;  // that it starts, besides librdkafka's

  static Result<std::unique_ptr<ConfirmedWriter>> create(const WriterOptions& options);
  // Fails what is outstanding.
  ~ConfirmedWriter() override;

  void write(const OutgoingRecord& record, std::function<void(WriteResult)> done) override;

 private:
  struct Impl;
  explicit ConfirmedWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::kafka
