// What a change of the configuration is made with, before anything is changed. Private to this
// folder.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "http/client.h"
#include "service/service.h"
#include "service/target_signers.h"

namespace sluice::service {

// As it is to follow `now`. Blocks: reads the files.
Setup setup_of(config::Config config, const Setup& now);

struct Service::Parts {
  Targets targets;  // all of the next configuration, those that go on among them
  std::shared_ptr<kafka::ConfirmedWriter> writer;
  std::unique_ptr<admin::Server> admin;                       // null: the one there is goes on
  Runs runs;                                                  // not started
  std::map<std::string, TargetSigners> signers;               // that differ, by target
  std::map<std::string, http::SharedConnection> connections;  // by target
};

}  // namespace sluice::service
