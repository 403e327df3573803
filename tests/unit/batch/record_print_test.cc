#include "batch/record_print.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"

namespace sluice::batch {
namespace {

// A print that differed between processors would give a batch another id when it is sent again from
// another machine.
TEST(RecordPrint, IsThatOfTheLibraryForEverySizeWhateverRegistersItUses) {
  SeededRandom random(20261127);
  std::string bytes(3001, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next_bits());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string_view part = std::string_view(bytes).substr(size % 2, size);
    ASSERT_EQ(record_print(part), XXH3_64bits(part.data(), part.size())) << size;
  }
}

}  // namespace
}  // namespace sluice::batch
