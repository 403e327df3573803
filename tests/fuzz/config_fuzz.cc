// The configuration: any text is a configuration, or problems that a person can read, none of
// which shows a secret.
#include <cstdlib>
#include <string>

#include "base/text_template.h"
#include "config/address.h"
#include "config/command.h"
#include "config/file.h"
#include "config/loader.h"
#include "fuzz/fuzz_input.h"

namespace sluice::config {

// In place of the ones in src/config: an input runs no command and opens no file, and finds secrets
// to give away wherever it looks for one.
constexpr std::string_view kMark = "q7Zx-secret-q7Zx-secret";

Result<Secret> run_command(const std::string& command, const CommandLimits& /*limits*/) {
  if (command.starts_with("false")) return fail("ended with status 1", "see what it does");
  return Secret(std::string(kMark));
}

Result<std::string> read_regular_file(const std::string& path, std::size_t most) {
  if (path.ends_with("missing")) return fail("does not exist", "make it");
  return std::string(kMark.substr(0, most));
}

}  // namespace sluice::config

namespace {

using namespace sluice;
using fuzz::require;

bool set_secret() {
  return setenv("SECRET", std::string(config::kMark).c_str(), 1) ==
         0;  // NOLINT(concurrency-mt-unsafe)
}

void check_problems(const std::vector<config::Problem>& problems) {
  require(!problems.empty(), "what is refused is refused for a reason");
  const config::Problem* before = nullptr;
  for (const auto& problem : problems) {
    const std::string text = problem.text();
    require(problem.line >= 1 && problem.column >= 1, "a problem has a place", text);
    require(!problem.cause.empty() && !problem.remedy.empty(), "a problem says what to do", text);
    require(fuzz::is_one_line(text), "a problem is one line", text);
    require(text.find(config::kMark) == text.npos, "a problem shows no secret", text);
    require(before == nullptr || before->line <= problem.line, "problems are in the file's order",
            text);
    before = &problem;
  }
}

void check_target(const config::Target& target) {
  const auto url = config::parse_base_url(target.base_url);
  require(url.has_value(), "a target's base_url is one", target.base_url);
  require(url->secure || url->loopback || target.tls.off, "nothing goes out in clear unless told",
          target.base_url);
  require(target.tls.cert.has_value() == target.tls.key.has_value(), "cert and key come together");
  require(target.concurrency.min >= 1 && target.concurrency.min <= target.concurrency.max,
          "a target takes at least one request");
  for (const auto& header : target.headers) {
    require(fuzz::is_one_line(header.value) && TextTemplate::parse(header.value).has_value(),
            "a header is a template of one line", header.value);
  }
}

void check_pipeline(const config::Config& loaded, const config::Pipeline& pipeline) {
  require(loaded.targets.contains(pipeline.target), "a pipeline's target exists", pipeline.target);
  require(!pipeline.topics.empty() || !pipeline.patterns.empty(), "a pipeline has topics");
  const auto path = TextTemplate::parse(pipeline.path);
  require(path && config::parse_path(path->filled_with("x")), "a path can be filled in",
          pipeline.path);
  require(pipeline.batch.max_records > 0 && pipeline.workers > 0 &&
              pipeline.max_unconfirmed_batches > 0 && pipeline.retry.attempts > 0,
          "a pipeline that is accepted can move", pipeline.name);
  require(pipeline.retry.initial <= pipeline.retry.max, "waits do not begin above their largest");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool ready = set_secret();
  require(ready, "the secret is in the environment");
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  // The fuzzer learns it from comparisons; written there it is no secret.
  if (yaml.find(config::kMark.substr(0, 8)) != yaml.npos) return 0;
  for (const bool literals : {false, true}) {
    const auto loaded = config::load_text(
        yaml, "f", {.allow_literal_secrets = literals, .librdkafka_version = 0x020002ff});
    if (!loaded) {
      check_problems(loaded.error());
      continue;
    }
    require(!loaded->targets.empty() && !loaded->pipelines.empty(), "there is something to do");
    for (const auto& [name, target] : loaded->targets) check_target(target);
    for (const auto& pipeline : loaded->pipelines) check_pipeline(*loaded, pipeline);
  }
  return 0;
}
