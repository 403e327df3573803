// For LD_PRELOAD: while the file that REFUSE_ASSIGN_FILE names is there, librdkafka takes no
// assignment, as if it were in the wrong state for one. Nothing that a broker does comes to that.
#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <cstdlib>

extern "C" rd_kafka_resp_err_t rd_kafka_assign(rd_kafka_t* client,
                                               const rd_kafka_topic_partition_list_t* partitions) {
  using Assign = decltype(&rd_kafka_assign);
  static const auto assign = reinterpret_cast<Assign>(::dlsym(RTLD_NEXT, "rd_kafka_assign"));
  const char* const file = std::getenv("REFUSE_ASSIGN_FILE");
  const bool refused = partitions != nullptr && file != nullptr && ::access(file, F_OK) == 0;
  return refused ? RD_KAFKA_RESP_ERR__STATE : assign(client, partitions);
}
