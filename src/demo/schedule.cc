#include "demo/schedule.h"

namespace sluice::demo {
namespace {

using simulator::Fault;

std::string broken(Fault fault) {
  switch (fault) {
    case Fault::none:
      break;
    case Fault::outage:
      return "The API is broken now (outage: every request gets 503).\n"
             "Look: the breaker opens after 5 failures and lets one small probe through every few "
             "seconds;\nlag grows; nothing is dead-lettered, because an outage is not a bad "
             "record.";
    case Fault::throttle:
      return "The API is broken now (throttle: 2 requests a second at each endpoint, else 429 with "
             "Retry-After: 1).\nLook: 429s come and are obeyed; batches fill up, so that few "
             "requests carry much;\nlag grows; no record is failed or dead-lettered.";
    case Fault::poison:
      return "The API is broken now (poison: it refuses one record in 50 with 400, and with it the "
             "whole request).\nLook: refused batches are searched, so requests go up; only the bad "
             "records are dead-lettered,\ntheir neighbours are delivered; the breaker stays "
             "closed.";
    case Fault::unauthorized:
      return "The API is broken now (unauthorized: every request gets 401).\n"
             "Look: the pipelines park with the reason and probe with their credentials every few "
             "seconds;\nlag grows; nothing is dead-lettered.";
    case Fault::slow:
      return "The API is broken now (slow: each answer takes 3 seconds).\n"
             "Look: p99 goes up, requests go down and carry more records each; lag grows where "
             "that is not enough;\nnothing fails.";
  }
  return {};
}

std::string healed(Fault fault) {
  switch (fault) {
    case Fault::none:
      break;
    case Fault::outage:
    case Fault::unauthorized:
      return "The API is healed.\n"
             "Look: the next probe is answered, the breaker closes, and what waited in Kafka flows "
             "out.";
    case Fault::throttle:
    case Fault::slow:
      return "The API is healed.\nLook: what waited in Kafka flows out, and lag falls.";
    case Fault::poison:
      return "The API is healed.\n"
             "Look: only the few records that are really bad are dead-lettered from here on.";
  }
  return {};
}

}  // namespace

Phase phase_at(Duration elapsed, Duration duration, Fault fault) {
  if (fault == Fault::none || elapsed < duration / 3) return Phase::healthy;
  return elapsed < duration * 2 / 3 ? Phase::broken : Phase::healed;
}

std::string announcement(Phase phase, Fault fault) {
  switch (phase) {
    case Phase::healthy:
      return "The API is well. One record in 500 is bad and ends in its dead-letter topic; all "
             "others are delivered.";
    case Phase::broken:
      return broken(fault);
    case Phase::healed:
      return healed(fault);
  }
  return {};
}

}  // namespace sluice::demo
