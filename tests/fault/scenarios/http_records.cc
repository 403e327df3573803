// An API that takes some records and refuses others: exactly those are set aside, in few requests.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "fault/gather.h"
#include "fault/outage.h"
#include "fault/scenario.h"
#include "support/eventually.h"
#include "support/kafka_client.h"

namespace sluice::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Ids = std::vector<std::string>;

std::size_t refused_requests(Trial& trial) {
  const auto batches = trial.api().batches();
  return static_cast<std::size_t>(
      std::count_if(batches.begin(), batches.end(), [](const auto& it) { return !it.taken; }));
}

bool letters_reach(Trial& trial, std::int64_t count) {
  const auto enough = [&] {
    return test::end_offsets(trial.brokers(), trial.dead_letter_topic()).at(0) >= count;
  };
  return test::eventually(enough, seconds(30), milliseconds(100));
}

// Of a batch of 50 one is found in ceil(log2 50) + 2 requests.
constexpr std::size_t kRequestsEach = 8;

// Poison where `setup` says; `at_least` letters have to come of it.
void find_poison(Run& run, const Setup& setup, std::int64_t at_least) {
  Trial trial(run, run.brokers, setup);
  trial.start();
  Trial::require(letters_reach(trial, at_least), "too few dead letters");
  trial.finish();
  const std::size_t refused = refused_requests(trial);
  const std::size_t dead = run.result.figures.dead;
  trial.note(fmt::format("{} requests refused for {} dead letters", refused, dead));
  Trial::require(refused <= kRequestsEach * dead, "too many requests for the poison");
  Trial::require(test::end_offsets(run.brokers, trial.dead_letter_topic()).at(0) ==
                     static_cast<std::int64_t>(dead),
                 "a record has two dead letters");
}

// All is refused, healthy or not, until an operator says go on.
void refuse_everything(Run& run) {
  constexpr std::int64_t kMost = 20;  // half of `of`
  Trial trial(run, run.brokers,
              {.timeouts = kQuickTarget, .pipeline = "refusal_guard: {share: 50%, of: 40}"});
  trial.start();
  trial.api().misbehave(always({.status = 400}));
  Trial::require(trial.shows(R"("reason": "refusal_guard")"), "no refusal_guard");
  const std::size_t asked = trial.api().batch_count();
  std::this_thread::sleep_for(seconds(3));
  const std::size_t more = trial.api().batch_count() - asked;
  const std::size_t refused = refused_requests(trial);
  trial.note(fmt::format("{} requests until the guard closed, {} in the 3 s after", refused, more));
  Trial::require(refused <= kMost * kRequestsEach, "too many requests");
  Trial::require(more <= 4, "it goes on asking");
  trial.api().heal();
  int status = 0;
  trial.sluice().post("/-/pipelines/p/retry", kAdminToken, &status);
  Trial::require(status == 200, "retry is refused");
  trial.finish({.healthy_dead = true});
  // Four partitions may have one each on its way when the guard closes.
  Trial::require(run.result.figures.dead >= 1 && run.result.figures.dead <= kMost + 4,
                 std::to_string(run.result.figures.dead) + " dead letters");
}

// 413 for all but small bodies, for the whole trial.
void take_small_bodies_only(Run& run) {
  Trial trial(run, run.brokers, {.timeouts = kQuickTarget});
  trial.start();
  auto too_large = std::make_shared<std::atomic<int>>(0);
  trial.api().misbehave([=](const test::SeenRequest& request, const auto&) -> std::optional<Said> {
    if (request.body.size() <= 1500) return std::nullopt;
    ++*too_large;
    return Said{.reply = {.status = 413}};
  });
  trial.feed().add(200);  // a backlog makes batches large
  Trial::require(test::eventually([&] { return *too_large > 0; }, std::chrono::seconds(20),
                                  std::chrono::milliseconds(5)),
                 "no body was large");
  Trial::require(trial.flows(), "nothing flows");
  const int until_learned = *too_large;
  for (int i = 0; i < 4; ++i) Trial::require(trial.flows(), "nothing flows");
  trial.note(fmt::format("{} answers of 413", until_learned));
  // Twice is halved what may be under way in each partition before anything is learned.
  Trial::require(until_learned <= 12, std::to_string(until_learned) + " times 413");
  Trial::require(*too_large == until_learned, "it forgets what it has learned");
  trial.finish();
}

// Answers 200 and says of single records that they are refused, or that they failed this time.
// Thread-safe.
class PartialApi {
 public:
  explicit PartialApi(const Trial& trial) : trial_(trial) {}

  Said answer(const Ids& ids) {
    const std::lock_guard lock(mutex_);
    Ids& failed = failed_[partition_in(ids.front())];
    if (!failed.empty() && ids.front() != failed.front()) ++overtakings_;
    failed.clear();
    Said said{.reply = {}, .takes = true};
    std::string errors;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const int status = status_of(ids[i]);
      if (status == 200) continue;
      if (status == 503) failed.push_back(ids[i]);
      said.left_out.push_back(ids[i]);
      errors +=
          fmt::format(R"({}{{"index":{},"status":{}}})", errors.empty() ? "" : ",", i, status);
    }
    said.reply.body = R"({"errors":[)" + errors + "]}";
    return said;
  }
  std::size_t failures() const { return failures_.size(); }
  // Requests that came before what had failed in the one before them.
  int overtakings() const { return overtakings_; }

 private:
  int status_of(const std::string& id) {
    if (is_poison(trial_.book().value_of(id))) return 422;
    return id.ends_with("7") && failures_.insert(id).second ? 503 : 200;
  }

  const Trial& trial_;
  std::mutex mutex_;
  std::map<std::string, Ids> failed_;  // by partition: what has to come next
  std::set<std::string> failures_;
  int overtakings_ = 0;
};

void tell_of_each(Run& run) {
  Setup setup{.poison_every = 60,
              .timeouts = kQuickTarget,
              .pipeline =
                  "retry: {initial: 20ms}, results: {pointer: /errors, index: /index, "
                  "status: /status}"};
  setup.api.body = [](std::size_t) { return R"({"errors":[]})"; };
  Trial trial(run, run.brokers, setup);
  PartialApi api(trial);
  trial.api().misbehave([&](const auto&, const Ids& ids) { return api.answer(ids); });
  trial.start();
  Trial::require(letters_reach(trial, 10), "too few dead letters");
  trial.feed().stop();
  const auto all_dead = [&] {
    const auto records = trial.book().confirmed();
    const auto poison =
        std::count_if(records.begin(), records.end(), [](const auto& it) { return it.poison; });
    return test::end_offsets(run.brokers, trial.dead_letter_topic()).at(0) == poison;
  };
  Trial::require(test::eventually(all_dead, seconds(30)), "not all poison is set aside");
  Trial::require(api.failures() >= 20, "no record failed for a while");
  Trial::require(api.overtakings() == 0, "a later request overtakes a record that failed");
  trial.note(fmt::format("{} records failed once", api.failures()));
  // The API itself takes records before others of the same request.
  trial.finish({.disorder = true});
}

// 500 whenever one of some records is in the request: they use up their attempts.
void fail_for_some(Run& run) {
  Trial trial(run, run.brokers,
              {.poison_every = 200,
               .timeouts = kQuickTarget,
               .pipeline = "retry: {initial: 20ms, max: 100ms, attempts: 4}"});
  trial.api().misbehave([](const test::SeenRequest& request, const auto&) -> std::optional<Said> {
    if (!is_poison(request.body)) return std::nullopt;
    return Said{.reply = {.status = 500}};
  });
  trial.start();
  Trial::require(letters_reach(trial, 3), "too few dead letters");
  trial.feed().stop();
  Trial::require(trial.shows(R"("state": "flowing")", seconds(30)), "it does not flow any more");
  trial.finish();
}

Setup poisoned(const std::function<bool(std::int32_t, std::int64_t)>& poison) {
  Setup setup;
  setup.timeouts = kQuickTarget;
  setup.poison = poison;
  return setup;
}

Scenario of_poison(const std::string& name, Weight weight, const std::string& what,
                   const Setup& setup, std::int64_t at_least) {
  return {.name = name, .weight = weight, .cases = {}, .what = what, .play = [=](Run& run) {
            find_poison(run, setup, at_least);
          }};
}

Scenario single(const std::string& name, Weight weight, const std::string& what,
                void (*play)(Run&)) {
  return {.name = name, .weight = weight, .cases = {}, .what = what, .play = play};
}

}  // namespace

std::vector<Scenario> http_record_scenarios() {
  return {of_poison("http-poison", Weight::quick,
                    "one record in 100, and neighbours, refused: exactly they are set aside",
                    poisoned([](std::int32_t partition, std::int64_t number) {
                      return number % 100 == 30 || (partition == 1 && number % 100 == 31);
                    }),
                    20),
          of_poison("http-poison-first", Weight::full,
                    "all of a partition's first batch refused, and its neighbours flow",
                    poisoned([](std::int32_t partition, std::int64_t number) {
                      return partition == 0 && number < 50;
                    }),
                    50),
          single("http-refuses-all", Weight::quick, "400 for everything: the guard closes",
                 refuse_everything),
          single("http-too-large", Weight::quick,
                 "413 until bodies are small: learned in few answers", take_small_bodies_only),
          single("http-results", Weight::quick, "results of single records: refused, failed, taken",
                 tell_of_each),
          single("http-failing-record", Weight::full,
                 "500 for some records only: set aside when their attempts are used up",
                 fail_for_some)};
}

}  // namespace sluice::fault
