// The floor: the least a program can do to carry a topic into an HTTP API with the libraries Sluice
// uses. It reads, proves each record to be JSON, joins 500 to a body, signs and posts it, eight at
// a time. It never commits, retries, orders or recovers: what Sluice costs beyond this is the price
// of its promises.
#include <curl/curl.h>
#include <librdkafka/rdkafka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <simdjson.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kInFlight = 8;
constexpr std::size_t kBatchRecords = 500;
constexpr int kOldestWithQueueBackoff = 0x02020000;  // fetch.queue.backoff.ms came with 2.2

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "bench_floor: %s: %s\n", what, why);
  std::exit(1);
}

struct Deleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Message = std::unique_ptr<rd_kafka_message_t, Deleter>;

// A body under construction or in flight: `[r1,r2,...]`, with room behind it for simdjson.
class Body {
 public:
  void clear() { bytes_ = records_ = 0; }

  void add(const rd_kafka_message_t& record, simdjson::dom::parser& parser) {
    const std::size_t end = bytes_ + 1 + record.len;
    if (buffer_.size() < end + 1 + simdjson::SIMDJSON_PADDING) {
      buffer_.resize(2 * end + 1 + simdjson::SIMDJSON_PADDING);
    }
    buffer_[bytes_] = records_ == 0 ? '[' : ',';
    char* copy = buffer_.data() + bytes_ + 1;
    std::memcpy(copy, record.payload, record.len);
    if (parser.parse(copy, record.len, false).error() != simdjson::SUCCESS) {
      fail("record", "not JSON");
    }
    bytes_ = end;
    ++records_;
  }

  void close() { buffer_[bytes_++] = ']'; }

  const char* data() const { return buffer_.data(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t records() const { return records_; }

 private:
  std::vector<char> buffer_;
  std::size_t bytes_ = 0;
  std::size_t records_ = 0;
};

std::string signature(const Body& body) {
  static constexpr unsigned char kKey[32] = {'b', 'e', 'n', 'c', 'h'};
  unsigned char digest[32];
  HMAC(EVP_sha256(), kKey, sizeof kKey, reinterpret_cast<const unsigned char*>(body.data()),
       body.bytes(), digest, nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

struct Request {
  Body body;
  std::unique_ptr<CURL, Deleter> easy;
  std::unique_ptr<curl_slist, Deleter> headers;
};

class Poster {
 public:
  explicit Poster(const char* url) : multi_(curl_multi_init()), requests_(kInFlight) {
    for (Request& request : requests_) {
      request.easy.reset(curl_easy_init());
      CURL* easy = request.easy.get();
      curl_easy_setopt(easy, CURLOPT_URL, url);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
      curl_easy_setopt(easy, CURLOPT_PRIVATE, &request);
      free_.push_back(&request);
    }
  }
  ~Poster() {
    requests_.clear();
    curl_multi_cleanup(multi_);
  }
  Poster(Poster&&) = delete;

  // nullptr while all requests are in flight.
  Request* take() {
    if (free_.empty()) return nullptr;
    Request* request = free_.back();
    free_.pop_back();
    request->body.clear();
    return request;
  }

  void send(Request& request) {
    request.body.close();
    curl_slist* headers = nullptr;
    for (const std::string& line : {std::string("Content-Type: application/json"),
                                    std::string("Expect:"), std::string("x-hmac-algorithm: sha256"),
                                    "x-hmac-signature: " + signature(request.body)}) {
      headers = curl_slist_append(headers, line.c_str());
    }
    CURL* easy = request.easy.get();
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    request.headers.reset(headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.bytes()));
    curl_multi_add_handle(multi_, easy);
  }

  // Moves the transfers on; how many records were answered with 200.
  std::uint64_t perform() {
    int left = 0;
    curl_multi_perform(multi_, &left);
    std::uint64_t answered = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      answered += finish(message->easy_handle, message->data.result);
    }
    return answered;
  }

  void wait(int wake_fd) {
    curl_waitfd wake{wake_fd, CURL_WAIT_POLLIN, 0};
    curl_multi_poll(multi_, &wake, wake_fd < 0 ? 0 : 1, 100, nullptr);
  }

 private:
  std::uint64_t finish(CURL* easy, CURLcode result) {
    Request* request = nullptr;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK) fail("request", curl_easy_strerror(result));
    if (status != 200) fail("request", ("answered " + std::to_string(status)).c_str());
    curl_multi_remove_handle(multi_, easy);
    free_.push_back(request);
    return request->body.records();
  }

  CURLM* multi_;
  std::vector<Request> requests_;
  std::vector<Request*> free_;
};

class Reader {
 public:
  Reader(const char* brokers, const char* topic, const char* group)
      : wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    char why[256];
    kafka_ = rd_kafka_new(RD_KAFKA_CONSUMER, make_conf(brokers, group), why, sizeof why);
    if (kafka_ == nullptr) fail("consumer", why);
    rd_kafka_poll_set_consumer(kafka_);
    queue_.reset(rd_kafka_queue_get_consumer(kafka_));
    static constexpr std::uint64_t kOne = 1;
    rd_kafka_queue_io_event_enable(queue_.get(), wake_fd_, &kOne, sizeof kOne);
    rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    const rd_kafka_resp_err_t error = rd_kafka_subscribe(kafka_, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail("subscribe", rd_kafka_err2str(error));
  }
  ~Reader() {
    queue_.reset();
    rd_kafka_consumer_close(kafka_);
    rd_kafka_destroy(kafka_);
    close(wake_fd_);
  }
  Reader(Reader&&) = delete;

  // nullptr when nothing is there; wake_fd() becomes readable when something is.
  Message poll() {
    Message message(rd_kafka_consumer_poll(kafka_, 0));
    if (message && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      fail("consume", rd_kafka_message_errstr(message.get()));
    }
    return message;
  }

  void clear_wake() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof count);
  }

  int wake_fd() const { return wake_fd_; }

 private:
  static rd_kafka_conf_t* make_conf(const char* brokers, const char* group) {
    std::vector<std::pair<const char*, const char*>> properties = {
        {"bootstrap.servers", brokers},
        {"group.id", group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"},
        {"socket.nagle.disable", "true"},
        {"partition.assignment.strategy", "range,roundrobin"},
    };
    // As Sluice does: an old librdkafka sleeps a second when its queue is full, so give it more.
    if (rd_kafka_version() >= kOldestWithQueueBackoff) {
      properties.emplace_back("fetch.queue.backoff.ms", "1");
      properties.emplace_back("queued.max.messages.kbytes", "16384");
    } else {
      properties.emplace_back("queued.max.messages.kbytes", "65536");
      properties.emplace_back("fetch.message.max.bytes", "524288");
    }
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char why[256];
    for (const auto& [name, value] : properties) {
      if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
        fail(name, why);
      }
    }
    return conf;
  }

  int wake_fd_;
  rd_kafka_t* kafka_ = nullptr;
  std::unique_ptr<rd_kafka_queue_t, Deleter> queue_;
};

// Reads until a body is full or nothing is there. False in the second case.
bool fill(Reader& reader, Body& body, simdjson::dom::parser& parser, std::uint64_t limit) {
  while (body.records() < limit) {
    const Message message = reader.poll();
    if (!message) return false;
    body.add(*message, parser);
  }
  return true;
}

// `eager`: sends what is there instead of waiting until a body is full.
void drain(Reader& reader, Poster& poster, std::uint64_t records, bool eager) {
  simdjson::dom::parser parser;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  Request* filling = nullptr;
  while (answered < records) {
    if (filling == nullptr && sent < records) filling = poster.take();
    reader.clear_wake();
    const std::uint64_t limit = std::min<std::uint64_t>(kBatchRecords, records - sent);
    const bool full = filling != nullptr && (fill(reader, filling->body, parser, limit) ||
                                             (eager && filling->body.records() > 0));
    if (full) {
      sent += filling->body.records();
      poster.send(*std::exchange(filling, nullptr));
    }
    answered += poster.perform();
    if (!full && answered < records) poster.wait(filling != nullptr ? reader.wake_fd() : -1);
  }
}

int print_versions() {
  std::printf(R"({"librdkafka":"%s","libcurl":"%s","simdjson":"%d.%d.%d","openssl":"%s"})",
              rd_kafka_version_str(), curl_version_info(CURLVERSION_NOW)->version,
              simdjson::SIMDJSON_VERSION_MAJOR, simdjson::SIMDJSON_VERSION_MINOR,
              simdjson::SIMDJSON_VERSION_REVISION, OpenSSL_version(OPENSSL_VERSION_STRING));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--versions") == 0) return print_versions();
  const bool eager = argc == 7 && std::strcmp(argv[6], "eager") == 0;
  if (argc != 6 && !eager) {
    std::fprintf(stderr,
                 "usage: bench_floor BROKERS TOPIC GROUP URL RECORDS [eager] | --versions\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Reader reader(argv[1], argv[2], argv[3]);
  Poster poster(argv[4]);
  drain(reader, poster, std::strtoull(argv[5], nullptr, 10), eager);
  return 0;
}
