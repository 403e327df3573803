#include "fault/bystander.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace sluice::fault {
namespace {

void put(std::string& bytes, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> shift & 0xff);
  }
}

void put(std::string& bytes, const std::string& text) {
  put(bytes, static_cast<std::uint32_t>(text.size()), 2);
  bytes += text;
}

class Connection {
 public:
  explicit Connection(const std::string& broker) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const std::size_t colon = broker.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(broker.substr(colon + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(fd_);
      throw std::runtime_error("cannot connect to " + broker);
    }
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(const std::string& bytes) const {
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("cannot send to the broker");
    }
  }
  std::string receive(std::size_t size) const {
    std::string bytes(size, '\0');
    if (::recv(fd_, bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) {
      throw std::runtime_error("the broker does not answer");
    }
    return bytes;
  }

 private:
  const int fd_;
};

}  // namespace

Bystander::Bystander(const std::string& brokers, const std::string& group, const std::string& topic)
    : client_(test::make_client(RD_KAFKA_CONSUMER, brokers,
                                {{"group.id", group}, {"enable.auto.commit", "false"}})) {
  rd_kafka_poll_set_consumer(client_.get());
  const test::RdPartitions topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  test::require(rd_kafka_subscribe(client_.get(), topics.get()), "subscribe");
  thread_ = std::thread([this] {
    while (!leaving_) const test::RdMessage ignored(rd_kafka_consumer_poll(client_.get(), 50));
    rd_kafka_consumer_close(client_.get());
  });
}

Bystander::~Bystander() {
  leaving_ = true;
  thread_.join();
}

// LeaveGroup, version 1: group, member; answered with a throttle time and an error code.
void evict(const std::string& broker, const std::string& group, const std::string& member_id) {
  std::string request;
  put(request, 13, 2);
  put(request, 1, 2);
  put(request, 1, 4);  // which request it is
  put(request, "fault");
  put(request, group);
  put(request, member_id);
  std::string size;
  put(size, static_cast<std::uint32_t>(request.size()), 4);
  const Connection connection(broker);
  connection.send(size + request);
  const std::string answer = connection.receive(4 + 4 + 4 + 2);
  if (answer.substr(12) != std::string(2, '\0')) {
    throw std::runtime_error("the broker does not let " + member_id + " go");
  }
}

}  // namespace sluice::fault
