// What the tests of Kafka's security share: one broker with every kind of listener, and a pipeline
// that reads through one of them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "integration/flow.h"
#include "support/secured_broker.h"

namespace sluice::test {

class Secured : public testing::Test {
 protected:
  static constexpr int kRecords = 20;
  static constexpr int kPoison = 7;  // the API refuses it

  static SecuredBroker& broker();
  // The path of a file of that content.
  static std::string file(const std::string& text);
  static std::string ca_file();  // of the brokers' certificates

  // A topic with records and its dead-letter topic, which nobody has a right to.
  void make_topics(const std::string& name);
  // All that a pipeline needs.
  void allow_all(const std::string& user);
  void allow_reading(const std::string& user) const;
  void allow_joining(const std::string& user) const;
  void allow_dead_letters(const std::string& user) const;

  std::string config(Listener listener, const std::string& keys) const;
  // All but the bad record are delivered, that one is in the dead-letter topic, all is committed.
  void expect_all_flows(SluiceProcess& sluice);
  // The pipeline is in that state, and says so in words that hold each of `words`.
  static void expect_park(SluiceProcess& sluice, const std::string& state,
                          const std::vector<std::string>& words);

  std::string topic_;
  RecordingApi api_;
};

}  // namespace sluice::test
