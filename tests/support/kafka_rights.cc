// KafkaBroker's access control lists.
#include <array>

#include "support/eventually.h"
#include "support/kafka_admin_call.h"
#include "support/kafka_broker.h"
#include "support/rdkafka_handles.h"

namespace sluice::test {
namespace {

using Acl = std::unique_ptr<rd_kafka_AclBinding_t, Destroyer<rd_kafka_AclBinding_destroy>>;

rd_kafka_ResourceType_t type_of(KafkaBroker::Resource resource) {
  return resource == KafkaBroker::Resource::topic ? RD_KAFKA_RESOURCE_TOPIC
                                                  : RD_KAFKA_RESOURCE_GROUP;
}

rd_kafka_AclOperation_t operation_of(KafkaBroker::Operation operation) {
  switch (operation) {
    case KafkaBroker::Operation::read:
      return RD_KAFKA_ACL_OPERATION_READ;
    case KafkaBroker::Operation::write:
      return RD_KAFKA_ACL_OPERATION_WRITE;
    case KafkaBroker::Operation::describe:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE;
  }
  return RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

// The broker's authorizer hears of an access control list after it was confirmed.
bool is_listed(rd_kafka_t* client, rd_kafka_AclBindingFilter_t* filter) {
  const RdEvent event =
      admin_result(client, "describe access", [&](rd_kafka_t* asked, rd_kafka_queue_t* queue) {
        rd_kafka_DescribeAcls(asked, filter, nullptr, queue);
      });
  std::size_t count = 0;
  rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count);
  return count != 0;
}

Acl filter_of(const std::string& user, rd_kafka_AclOperation_t operation,
              rd_kafka_ResourceType_t resource, const std::string& name) {
  return Acl(rd_kafka_AclBindingFilter_new(
      resource, name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, ("User:" + user).c_str(), "*",
      operation, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, nullptr, 0));
}

}  // namespace

void KafkaBroker::forbid(const std::string& user, Operation operation, Resource resource,
                         const std::string& name) const {
  const std::string what = "forbid " + user + " to use " + name;
  const Acl filter = filter_of(user, operation_of(operation), type_of(resource), name);
  const AdminCall call(brokers(), what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_AclBinding_t*, 1> filters{filter.get()};
    rd_kafka_DeleteAcls(client, filters.data(), filters.size(), nullptr, queue);
  });
  if (!eventually([&] { return !is_listed(call.client.get(), filter.get()); },
                  std::chrono::milliseconds(kCallTimeoutMs))) {
    throw std::runtime_error(what + ": it is still allowed");
  }
}

void KafkaBroker::allow(const std::string& user, Operation operation, Resource resource,
                        const std::string& name) const {
  const std::string what = "allow " + user + " to use " + name;
  const std::string principal = "User:" + user;
  const Acl acl(rd_kafka_AclBinding_new(
      type_of(resource), name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal.c_str(), "*",
      operation_of(operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, nullptr, 0));
  const AdminCall call(brokers(), what, [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
    std::array<rd_kafka_AclBinding_t*, 1> acls{acl.get()};
    rd_kafka_CreateAcls(client, acls.data(), acls.size(), nullptr, queue);
  });
  std::size_t count = 0;
  const rd_kafka_acl_result_t** const results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(call.result.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_acl_result_error(results[i]) != nullptr) {
      throw std::runtime_error(what + ": refused");
    }
  }
  const Acl filter = filter_of(user, operation_of(operation), type_of(resource), name);
  if (!eventually([&] { return is_listed(call.client.get(), filter.get()); },
                  std::chrono::milliseconds(kCallTimeoutMs))) {
    throw std::runtime_error(what + ": it never became visible");
  }
}

}  // namespace sluice::test
