// One request of librdkafka's admin API and its answer. Private to this folder.
#pragma once

#include <librdkafka/rdkafka.h>

#include "kafka/handles.h"

namespace sluice::kafka {

inline constexpr int kProbeTimeoutMs = 5000;

using AdminOptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

inline AdminOptionsHandle admin_options(rd_kafka_t* client, rd_kafka_admin_op_t operation) {
  AdminOptionsHandle options(rd_kafka_AdminOptions_new(client, operation));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kProbeTimeoutMs, nullptr, 0);
  return options;
}

struct AdminAnswer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  EventHandle event;  // null where no answer came
};

inline AdminAnswer next_answer(rd_kafka_queue_t* queue) {
  // librdkafka's own timeout comes first and says more.
  EventHandle event(rd_kafka_queue_poll(queue, kProbeTimeoutMs + 1000));
  if (!event) return {};
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  return {error, std::move(event)};
}

// `send(options, queue)` hands the request over.
template <class Send>
AdminAnswer admin_call(rd_kafka_t* client, const AdminOptionsHandle& options, Send send) {
  const QueueHandle queue(rd_kafka_queue_new(client));
  send(options.get(), queue.get());
  return next_answer(queue.get());
}

template <class Send>
AdminAnswer admin_call(rd_kafka_t* client, rd_kafka_admin_op_t operation, Send send) {
  return admin_call(client, admin_options(client, operation), send);
}

}  // namespace sluice::kafka
