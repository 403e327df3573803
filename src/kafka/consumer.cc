#include "kafka/consumer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <utility>

#include "base/failpoint.h"
#include "base/threads.h"
#include "kafka/consumer_defaults.h"
#include "kafka/consumer_impl.h"

namespace sluice::kafka {
namespace {

// Only notes: the loop answers when it has drained.
void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t error,
                  rd_kafka_topic_partition_list_t* list, void* opaque) {
  auto* impl = static_cast<Consumer::Impl*>(static_cast<ClientOpaque*>(opaque));
  ConsumerEvent event;
  event.partitions = from_list(*list);
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    event.kind = ConsumerEvent::Kind::assigned;
  } else {
    event.kind = rd_kafka_assignment_lost(client) != 0 ? ConsumerEvent::Kind::lost
                                                       : ConsumerEvent::Kind::revoked;
    if (error != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
      event.kind = ConsumerEvent::Kind::lost;
      event.text = error_text(error);
    }
  }
  impl->events.push_back(std::move(event));
}

void on_error(rd_kafka_t* client, int error, const char* reason, void* opaque) {
  auto* impl = static_cast<Consumer::Impl*>(static_cast<ClientOpaque*>(opaque));
  ConsumerEvent event;
  event.text = reason;
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> why{};
    rd_kafka_fatal_error(client, why.data(), why.size());
    event.kind = ConsumerEvent::Kind::fatal;
    event.fenced = is_fenced(client);
    event.text = why.data();
  } else if (error == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE) {
    // No thread for a broker: what is read from that one would be missing without a word.
    event.kind = ConsumerEvent::Kind::fatal;
    event.text = event.text + ": " + no_thread(1).text();
  } else if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    event.kind = ConsumerEvent::Kind::all_brokers_down;
  } else if (const auto trouble =
                 connection_trouble(impl->connection_error(error, reason), impl->identity)) {
    event.kind = ConsumerEvent::Kind::no_connection;
    event.refused = trouble->refused;
    event.text = trouble->error.text();
  }
  impl->events.push_back(std::move(event));
}

// What no pattern of a subscription matches, besides what the user says.
std::string blacklist_of(const ConsumerOptions& options) {
  const auto theirs = options.client.properties.find("topic.blacklist");
  std::string all = theirs == options.client.properties.end() ? "" : theirs->second + ",";
  all += "^__";  // Kafka's own topics
  for (const auto& topic : options.never_matched) {
    all += ",^";
    for (const char c : topic) all += c == '.' ? "\\." : std::string(1, c);
    all += '$';
  }
  return all;
}

std::map<std::string, std::string> ours_for(const ConsumerOptions& options) {
  std::map<std::string, std::string> ours = {
      {"group.id", options.group},           {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"}, {"auto.offset.reset", "error"},
      {"enable.partition.eof", "false"},     {"allow.auto.create.topics", "false"}};
  if (options.instance_id) ours["group.instance.id"] = *options.instance_id;
  ours["topic.blacklist"] = blacklist_of(options);
  return ours;
}

void wake_on(rd_kafka_queue_t* queue, int fd) {
  static constexpr std::uint64_t kOne = 1;
  rd_kafka_queue_io_event_enable(queue, fd, &kOne, sizeof kOne);
}

Result<void> from_error(rd_kafka_error_t* raw, const std::string& what) {
  const ErrorHandle error(raw);
  if (!error) return {};
  return fail(what + ": " + rd_kafka_error_string(error.get()));
}

}  // namespace

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Consumer::~Consumer() {
  if (!impl_->closed) {
    impl_->message.reset();
    impl_->ahead.clear();
    impl_->consumer_queue.reset();
    impl_->commit_queue.reset();
    impl_->close_queue.reset();
    rd_kafka_destroy_flags(impl_->client.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

Result<std::unique_ptr<Consumer>> Consumer::create(const ConsumerOptions& options, int wake_fd) {
  auto impl = std::make_unique<Impl>();
  impl->adopt(options.client);
  impl->group = options.group;
  auto conf =
      make_conf(options.client, consumer_defaults(options, library_version()), ours_for(options));
  if (!conf) return tl::unexpected(conf.error());
  rd_kafka_conf_set_opaque(conf->get(), static_cast<ClientOpaque*>(impl.get()));
  rd_kafka_conf_set_rebalance_cb(conf->get(), &on_rebalance);
  rd_kafka_conf_set_error_cb(conf->get(), &on_error);
  auto client =
      make_client(RD_KAFKA_CONSUMER, std::move(*conf), options.client, "the group's consumer");
  if (!client) return tl::unexpected(client.error());
  impl->client = std::move(*client);
  rd_kafka_poll_set_consumer(impl->client.get());
  impl->consumer_queue.reset(rd_kafka_queue_get_consumer(impl->client.get()));
  impl->commit_queue.reset(rd_kafka_queue_new(impl->client.get()));
  impl->close_queue.reset(rd_kafka_queue_new(impl->client.get()));
  wake_on(impl->consumer_queue.get(), wake_fd);
  wake_on(impl->commit_queue.get(), wake_fd);
  return std::unique_ptr<Consumer>(new Consumer(std::move(impl)));
}

Result<void> Consumer::subscribe(const std::vector<std::string>& topics) {
  std::vector<TopicPartition> list;
  for (const auto& topic : topics) list.push_back({topic, RD_KAFKA_PARTITION_UA});
  const auto error = rd_kafka_subscribe(impl_->client.get(), to_list(list).get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail("cannot subscribe: " + error_text(error));
  return {};
}

// Subscribing again alone does nothing: librdkafka rejoins only where the topics or their numbers
// of partitions have changed since it joined.
Result<void> Consumer::rejoin(const std::vector<std::string>& topics) {
  const auto error = rd_kafka_unsubscribe(impl_->client.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail("cannot leave: " + error_text(error));
  return subscribe(topics);
}

const PolledRecord* Consumer::poll(Duration wait) {
  impl_->message.reset();
  if (impl_->ahead.empty()) impl_->ahead.fill(impl_->consumer_queue.get());
  while (MessageHandle message = impl_->ahead.next()) {
    if (const auto* polled = impl_->take(std::move(message))) return polled;
  }
  if (wait == Duration::zero() || !impl_->events.empty()) return nullptr;
  // Not in a batch, which would wait for as many as were asked for.
  MessageHandle message(rd_kafka_consumer_poll(impl_->client.get(), to_ms(wait)));
  return message ? impl_->take(std::move(message)) : nullptr;
}

bool Consumer::holds_records() const { return !impl_->ahead.empty(); }

std::vector<ConsumerEvent> Consumer::take_events() { return std::exchange(impl_->events, {}); }

Result<void> Consumer::assign(const std::vector<PartitionOffset>& partitions) {
  const auto list = to_list(partitions);
  if (impl_->cooperative()) {
    return from_error(rd_kafka_incremental_assign(impl_->client.get(), list.get()),
                      "cannot take partitions");
  }
  const auto error = rd_kafka_assign(impl_->client.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot take partitions: " + error_text(error));
  }
  return {};
}

Result<void> Consumer::unassign(const std::vector<TopicPartition>& partitions) {
  assert(!holds_records());
  impl_->message.reset();
  if (impl_->cooperative()) {
    return from_error(rd_kafka_incremental_unassign(impl_->client.get(), to_list(partitions).get()),
                      "cannot give partitions back");
  }
  const auto error = rd_kafka_assign(impl_->client.get(), nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail("cannot give partitions back: " + error_text(error));
  }
  return {};
}

void Consumer::pause(const TopicPartition& partition) {
  rd_kafka_pause_partitions(impl_->client.get(), to_list(std::vector{partition}).get());
}

void Consumer::resume(const TopicPartition& partition) {
  rd_kafka_resume_partitions(impl_->client.get(), to_list(std::vector{partition}).get());
}

Result<void> Consumer::move(const PartitionOffset& to, std::vector<PartitionOffset> others) {
  assert(!holds_records());
  impl_->message.reset();
  // Not rd_kafka_seek_partitions(): it does nothing for a partition that stopped with an error.
  if (impl_->cooperative()) {
    if (auto left = unassign({to.partition}); !left) return left;
    return assign({to});
  }
  others.push_back(to);
  return assign(others);
}

Result<void> Consumer::commit(const std::vector<PartitionOffset>& offsets) {
  const auto error = rd_kafka_commit_queue(impl_->client.get(), to_list(offsets).get(),
                                           impl_->commit_queue.get(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail("cannot commit: " + error_text(error));
  pass_failpoint(Failpoint::commit_asked);
  return {};
}

std::optional<CommitResult> Consumer::commit_result(Duration wait) {
  const EventHandle event(rd_kafka_queue_poll(impl_->commit_queue.get(), to_ms(wait)));
  if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_OFFSET_COMMIT) {
    return std::nullopt;
  }
  auto error = rd_kafka_event_error(event.get());
  const auto* list = rd_kafka_event_topic_partition_list(event.get());
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) error = list->elems[i].err;
    if (error == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE) break;
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return CommitResult{true, {}};
  return CommitResult{false, error_text(error),
                      error == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE};
}

std::optional<std::int64_t> Consumer::known_log_end(const TopicPartition& partition) const {
  std::int64_t low = -1;
  std::int64_t high = -1;
  const auto error = rd_kafka_get_watermark_offsets(impl_->client.get(), partition.topic.c_str(),
                                                    partition.partition, &low, &high);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0) return std::nullopt;
  return high;
}

void Consumer::start_close() {
  impl_->message.reset();
  impl_->ahead.clear();
  // Also the answer to a rebalance that was reported and not answered: closing would wait for it.
  impl_->give_up_assignment();
  const ErrorHandle error(
      rd_kafka_consumer_close_queue(impl_->client.get(), impl_->close_queue.get()));
}

bool Consumer::serve_close(Duration wait) {
  if (rd_kafka_consumer_closed(impl_->client.get()) != 0) {
    impl_->closed = true;
    return true;
  }
  const EventHandle event(rd_kafka_queue_poll(impl_->close_queue.get(), to_ms(wait)));
  if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
    // By now the protocol may be unknown, and taking everything away is right in each.
    rd_kafka_assign(impl_->client.get(), nullptr);
  }
  impl_->closed = rd_kafka_consumer_closed(impl_->client.get()) != 0;
  return impl_->closed;
}

void Consumer::Impl::give_up_assignment() {
  if (!cooperative()) {
    rd_kafka_assign(client.get(), nullptr);
    return;
  }
  const PartitionListHandle none(rd_kafka_topic_partition_list_new(0));
  const ErrorHandle assigned(rd_kafka_incremental_assign(client.get(), none.get()));
  rd_kafka_topic_partition_list_t* raw = nullptr;
  rd_kafka_assignment(client.get(), &raw);
  const PartitionListHandle held(raw);
  if (held) const ErrorHandle left(rd_kafka_incremental_unassign(client.get(), held.get()));
}

bool Consumer::Impl::cooperative() const {
  const char* protocol = rd_kafka_rebalance_protocol(client.get());
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

}  // namespace sluice::kafka
