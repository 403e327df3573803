#include "cli/check.h"

#include <csignal>
#include <cstdio>
#include <string_view>
#include <vector>

#include "check/lint.h"
#include "check/output.h"
#include "check/run_checks.h"
#include "cli/cli.h"
#include "cli/standard_streams.h"
#include "config/loader.h"
#include "kafka/options.h"

namespace sluice::cli {
namespace {

using check::Finding;
using check::Status;

void print_line(const std::string& line) { print(line + '\n'); }

std::string place_of(const config::Problem& problem) {
  // A file that cannot be read has no place in it.
  if (problem.line == 0) return problem.file;
  return problem.file + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
}

// The file's problems, or else what is wrong beyond it.
std::vector<Finding> problems_of(const CheckOptions& options, const config::LoadResult& config,
                                 const Clock& clock) {
  std::vector<Finding> problems;
  if (!config) {
    for (const auto& problem : config.error()) {
      problems.push_back({Status::fail, place_of(problem), problem.cause, problem.remedy, {}});
    }
    return problems;
  }
  for (const auto& problem : check::lint(*config, clock)) {
    problems.push_back({Status::fail, options.config_path, problem.cause, problem.remedy, {}});
  }
  return problems;
}

void report_problems(const CheckOptions& options, const std::vector<Finding>& problems) {
  if (options.json) {
    print_line(check::json_document(options.config_path, problems));
    return;
  }
  for (const Finding& problem : problems) {
    const Error error{problem.detail, problem.remedy};
    std::fprintf(stderr, "%s: %s\n", problem.subject.c_str(), error.text().c_str());
  }
}

bool report_checks(const CheckOptions& options, const config::Config& config, const Clock& clock) {
  const std::size_t width = check::subject_width(config);
  std::vector<Finding> findings;
  check::Report report(clock, [&](const Finding& finding) {
    if (options.json) {
      findings.push_back(finding);
    } else {
      print_line(check::text_line(finding, width));
    }
  });
  check::run_checks(config, options.offline, clock, report);
  print_line(options.json ? check::json_document(options.config_path, findings)
                          : check::summary_line(report));
  return report.count(Status::fail) == 0;
}

}  // namespace

int check(const CheckOptions& options, const Clock& clock) {
  std::signal(SIGPIPE, SIG_IGN);  // a target that hangs up is a finding
  const auto config = config::load_file(options.config_path,
                                        {options.allow_literal_secrets, kafka::library_version()});
  const auto problems = problems_of(options, config, clock);
  if (!problems.empty()) {
    report_problems(options, problems);
    return kBadInput;
  }
  return report_checks(options, *config, clock) ? kOk : kFailed;
}

}  // namespace sluice::cli
