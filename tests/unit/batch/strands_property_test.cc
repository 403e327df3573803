// Random records, limits and turns against slow obvious models.
#include <array>
#include <map>
#include <set>

#include "base/random.h"
#include "unit/batch/strands_harness.h"

namespace sluice::batch {
namespace {

using std::chrono::milliseconds;

class StrandsProperty : public StrandsHarness, public testing::WithParamInterface<std::uint64_t> {
 protected:
  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>(random_.next_unit() * static_cast<double>(bound));
  }

  SeededRandom random_{GetParam()};
};

// A list of lists of strings, of one strand that nobody takes from. Where batches wait, the open
// one goes on filling; so everything is taken at once here.
TEST_P(StrandsProperty, OneStrandAgreesWithTheObviousModel) {
  Strands::Options options = one_strand(1 + below(8), 20 + below(200));
  options.batch.linger = milliseconds(1 + below(50));
  const Limits& limits = options.batch;
  auto strands = make(options);
  std::vector<std::vector<std::string>> model(1);
  std::vector<std::string> taken;
  Instant opened{};
  const auto size_of = [](const std::vector<std::string>& records) {
    std::size_t size = 1;
    for (const auto& record : records) size += record.size() + 1;
    return size;
  };
  const auto close = [&] {
    if (!model.back().empty()) model.emplace_back();
  };
  for (int step = 0; step < 300; ++step) {
    clock_.advance(milliseconds(below(10)));
    if (!model.back().empty() && clock_.now() >= opened + limits.linger) close();
    strands.close_due(clock_.now());
    while (strands.closed() > 0) taken.push_back(take(strands));
    if (random_.next_unit() < 0.2) {
      add(strands, "{");
      // What is not JSON may close the batch it did not fit into, and does nothing else.
      if (!model.back().empty() && size_of(model.back()) + 2 > limits.max_bytes) close();
    } else {
      const std::string value(1 + below(40), '1');
      if (!model.back().empty() && size_of(model.back()) + value.size() + 1 > limits.max_bytes) {
        close();
      }
      if (model.back().empty()) opened = clock_.now();
      model.back().push_back(value);
      add(strands, value);
      if (model.back().size() >= limits.max_records || size_of(model.back()) >= limits.max_bytes) {
        close();
      }
    }
    while (strands.closed() > 0) taken.push_back(take(strands));
  }
  model.pop_back();  // the open one
  std::vector<std::string> expected;
  for (const auto& records : model) {
    std::string text;
    for (const auto& record : records) text += (text.empty() ? "[" : ",") + record;
    expected.push_back(text + "]");
  }
  EXPECT_EQ(taken, expected);
}

struct Shape {
  bool ordered;
  std::uint32_t shards;
  bool grouped;
};

class StrandsFlow : public StrandsProperty {
 protected:
  void add_one() {
    const std::string number = std::to_string(ticket_);
    if (random_.next_unit() < 0.1) {
      ASSERT_TRUE(std::holds_alternative<codec::Rejection>(add(*strands_, "{" + number, "k")));
      return;
    }
    std::optional<std::string> key;
    if (random_.next_unit() < 0.8) key = "k" + std::to_string(below(6));
    expected_.insert(ticket_);
    const std::string value = R"({"g":)" + std::to_string(below(4)) + R"(,"h":)" +
                              std::to_string(below(2)) + R"(,"n":)" + number + "}";
    ASSERT_TRUE(std::holds_alternative<Added>(add(*strands_, value, key)));
  }

  bool take_one(bool ordered) {
    auto batch = strands_->take_next();
    if (!batch) return false;
    for (std::size_t i = 0; i < batch->size(); ++i) {
      const Ticket ticket = batch->entry(i).ticket;
      EXPECT_TRUE(out_.insert(ticket).second) << "twice";
      const std::string group = batch->route.group.empty() ? "" : batch->route.group[0];
      auto& last = last_of_[{group, batch->key(i) ? std::string(*batch->key(i)) : "none"}];
      if (ordered && batch->key(i)) {
        EXPECT_LE(last, ticket) << "out of order";
      }
      last = ticket;
    }
    for (const auto& other : under_way_) {
      EXPECT_TRUE(!ordered || batch->strand != other->strand);
    }
    under_way_.push_back(std::move(batch));
    return true;
  }

  void finish_one() {
    if (under_way_.empty()) return;
    const auto which = under_way_.begin() + static_cast<std::ptrdiff_t>(below(under_way_.size()));
    strands_->finished(**which);
    pool_.give_back(std::move(*which));
    under_way_.erase(which);
  }

  std::optional<Strands> strands_;
  std::vector<std::unique_ptr<Batch>> under_way_;
  std::set<Ticket> expected_;
  std::set<Ticket> out_;
  std::map<std::pair<std::string, std::string>, Ticket> last_of_;
};

// Whatever the order, the groups, and who is finished when: every record comes out exactly once,
// each key of each group in order, and one batch of a strand at a time.
TEST_P(StrandsFlow, EveryRecordComesOutOnceAndInOrder) {
  const std::array shapes{Shape{true, 1, false}, Shape{true, 4, false}, Shape{false, 1, false},
                          Shape{true, 1, true},  Shape{true, 3, true},  Shape{false, 1, true}};
  const Shape shape = shapes[GetParam() % shapes.size()];
  Strands::Options options = one_strand(1 + below(5), 50 + below(300));
  options.ordered = shape.ordered;
  options.key_shards = shape.shards;
  options.at_once = 4;
  auto routes = shape.grouped ? router("/events", {"{/h}"}, {"{/g}"}) : router("/events");
  strands_.emplace(TopicPartition{"events", 0}, options, codec_, routes, pool_);
  for (int step = 0; step < 1000; ++step) {
    pass(*strands_, milliseconds(below(20)));
    if (random_.next_unit() < 0.6) add_one();
    if (random_.next_unit() < 0.4) take_one(shape.ordered);
    if (random_.next_unit() < 0.4) finish_one();
  }
  pass(*strands_, kLinger);
  while (take_one(shape.ordered) || !under_way_.empty()) finish_one();
  EXPECT_EQ(out_, expected_);
  EXPECT_EQ(strands_->closed(), 0U);
  EXPECT_EQ(strands_->deadline(), std::nullopt);
  EXPECT_TRUE(!shape.grouped || strands_->open_strands() == 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StrandsProperty, testing::Range<std::uint64_t>(0, 30));
INSTANTIATE_TEST_SUITE_P(Seeds, StrandsFlow, testing::Range<std::uint64_t>(0, 60));

}  // namespace
}  // namespace sluice::batch
