#include "support/kafka_admin_call.h"

namespace sluice::test {

AdminCall::AdminCall(const std::string& brokers, const std::string& what,
                     const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& ask)
    : client(make_client(RD_KAFKA_PRODUCER, brokers)),
      result(admin_result(client.get(), what, ask)) {}

RdEvent admin_result(rd_kafka_t* client, const std::string& what,
                     const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& ask) {
  const RdQueue queue(rd_kafka_queue_new(client));
  ask(client, queue.get());
  RdEvent event(rd_kafka_queue_poll(queue.get(), kCallTimeoutMs));
  if (!event) throw std::runtime_error(what + ": no answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(what + ": " + rd_kafka_event_error_string(event.get()));
  }
  return event;
}

}  // namespace sluice::test
