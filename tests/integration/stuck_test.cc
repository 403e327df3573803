// A worker whose loop does not turn while the rest of the process does.
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "integration/failures.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

// Holds the threads of that name, as a debugger does, for as long as it lives. Of one thread.
class HeldThreads {
 public:
  HeldThreads(pid_t process, const std::string& name) {
    const std::string tasks = "/proc/" + std::to_string(process) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      std::string comm;
      std::getline(std::ifstream(task.path() / "comm"), comm);
      if (comm == name) hold(std::stoi(task.path().filename()));
    }
  }
  ~HeldThreads() {
    for (const pid_t thread : held_) ::ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
  }
  HeldThreads(const HeldThreads&) = delete;
  HeldThreads& operator=(const HeldThreads&) = delete;

  std::size_t count() const { return held_.size(); }

 private:
  void hold(pid_t thread) {
    ASSERT_EQ(::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr), 0) << std::strerror(errno);
    ASSERT_EQ(::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr), 0) << std::strerror(errno);
    int status = 0;
    ASSERT_EQ(::waitpid(thread, &status, __WALL), thread) << std::strerror(errno);
    held_.push_back(thread);
  }

  std::vector<pid_t> held_;
};

class Stuck : public FailuresTest {};

TEST_F(Stuck, AWorkerIsShownToBeUntilItGoesOn) {
  make_topics("stuck", 1, 100);
  SluiceProcess sluice(config());
  ASSERT_TRUE(has_committed({100})) << sluice.log();
  ASSERT_TRUE(wait_for_state(sluice, "p", "flowing", seconds(10)));
  EXPECT_LT(sum_of(sluice, "sluice_worker_last_beat_age_seconds", {"pipeline=\"p\""}), 5);
  {
    const HeldThreads held(sluice.pid(), "p/0");
    ASSERT_GE(held.count(), 1U);
    ASSERT_TRUE(wait_for_state(sluice, "p", "not_responding", seconds(15))) << sluice.status();
    EXPECT_THAT(state_of(sluice, "p").detail, HasSubstr("its loop has not turned for "));
    EXPECT_GT(sum_of(sluice, "sluice_worker_last_beat_age_seconds", {"pipeline=\"p\""}), 5);
    int livez = 0;
    sluice.get("/livez", &livez);
    EXPECT_EQ(livez, 200) << "not before 60 s";
  }
  produce_numbered(broker_, topic_, 1, 100, 100);
  ASSERT_TRUE(has_committed({200})) << sluice.log();
  expect_all(sluice);
}

}  // namespace
}  // namespace sluice::test
