// Holds the JSON Schema of the configuration against the loader, wherever a test loads something.
#pragma once

#include <string>
#include <string_view>

#include "config/loader.h"

namespace sluice::config {

// What load_text() says. What it takes the schema has to take; of each problem that it finds the
// schema has to find something at the same place, but for those that no schema can say: their list
// (schema_agreement_test.cc) is closed. Anything else fails the test.
LoadResult load_and_compare(std::string_view yaml, const std::string& name,
                            const LoadOptions& options);

}  // namespace sluice::config
