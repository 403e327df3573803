// The hot path for check.py, which counts its instructions under callgrind: the same records in the
// same order each time, on a path that is warm. Only what measured() does is collected.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "bench/hot/hot_path.h"

namespace sluice::bench {
namespace {

HotPath::Options options_of(const std::string& way) {
  HotPath::Options options;
  if (way == "partition") return options;
  if (way == "key") {
    options.key_shards = 8;
  } else if (way == "path") {
    options.path = "/tenants/{header:tenant}/events";
  } else if (way == "group") {
    options.group_by = {"{/account_id}"};
  } else {
    std::fprintf(stderr, "bench_instructions: no way '%s'\n", way.c_str());
    std::exit(2);
  }
  return options;
}

}  // namespace
}  // namespace sluice::bench

// Named for callgrind's --toggle-collect.
extern "C" [[gnu::noinline]] void measured(sluice::bench::HotPath& path,
                                           sluice::bench::EndlessRecords& records,
                                           std::size_t count) {
  sluice::bench::flow(path, records, count);
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: bench_instructions partition|key|path|group WARM-UP RECORDS\n");
    return 2;
  }
  sluice::bench::HotPath path(sluice::bench::options_of(argv[1]));
  sluice::bench::EndlessRecords records(100);
  sluice::bench::flow(path, records, std::strtoul(argv[2], nullptr, 10));
  measured(path, records, std::strtoul(argv[3], nullptr, 10));
  return 0;
}
