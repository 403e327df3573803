#include "config/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::config {
namespace {

// Short enough for the buffer inside std::string, which a move leaves as it was.
constexpr std::string_view kShort = "s3cr3t";
constexpr std::string_view kLong = "a secret that is too long for the buffer inside a string";

// A Secret whose bytes can be looked at, while it lives and after.
class Exposed {
 public:
  explicit Exposed(std::string_view value)
      : secret_(new(bytes_.data()) Secret(std::string(value))) {}
  ~Exposed() { destroy(); }
  Exposed(const Exposed&) = delete;
  Exposed& operator=(const Exposed&) = delete;

  Secret& operator*() { return *secret_; }
  void destroy() {
    if (secret_ != nullptr) std::destroy_at(std::exchange(secret_, nullptr));
  }
  bool shows(std::string_view text) const {
    return std::search(bytes_.begin(), bytes_.end(), text.begin(), text.end(),
                       [](std::byte b, char c) { return static_cast<char>(b) == c; }) !=
           bytes_.end();
  }

 private:
  alignas(Secret) std::array<std::byte, sizeof(Secret)> bytes_{};
  Secret* secret_;
};

TEST(Secret, ShowsItsBytesWhileItLives) {  // else the tests below could not fail
  EXPECT_TRUE(Exposed(kShort).shows(kShort));
}

TEST(Secret, LeavesNothingBehindWhenItGoes) {
  Exposed secret(kShort);
  secret.destroy();
  EXPECT_FALSE(secret.shows(kShort));
}

TEST(Secret, LeavesNothingInTheSourceOfAMove) {
  Exposed source(kShort);
  const Secret moved(std::move(*source));
  EXPECT_FALSE(source.shows(kShort));
  EXPECT_EQ(moved.reveal(), kShort);
  EXPECT_TRUE((*source).empty());
}

TEST(Secret, LeavesNothingInTheSourceOfAMoveAssignment) {
  Exposed source(kShort);
  Secret target{std::string(kLong)};
  target = std::move(*source);
  EXPECT_FALSE(source.shows(kShort));
  EXPECT_EQ(target.reveal(), kShort);
}

TEST(Secret, LeavesNothingOfItsFormerValueWhenAssigned) {
  Exposed target(kShort);
  *target = Secret("x");
  EXPECT_FALSE(target.shows("3cr3t"));
  Exposed copied(kShort);
  const Secret other("y");
  *copied = other;
  EXPECT_FALSE(copied.shows("3cr3t"));
  EXPECT_EQ(other.reveal(), "y");
}

TEST(Secret, SurvivesAssignmentToItself) {
  Secret secret{std::string(kLong)};
  Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.reveal(), kLong);
  secret = std::move(same);
  EXPECT_EQ(secret.reveal(), kLong);
}

TEST(Secret, IsCopiedWhole) {
  const Secret secret{std::string(kLong)};
  const Secret copy(secret);
  EXPECT_EQ(copy.reveal(), kLong);
  EXPECT_EQ(secret.reveal(), kLong);
}

}  // namespace
}  // namespace sluice::config
