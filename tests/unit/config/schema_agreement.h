// Holds the JSON Schema of the configuration against the loader, wherever a test loads something.
#pragma once

#include <string>
#include <string_view>

#include "config/document.h"
#include "config/loader.h"

namespace sluice::config {

using Comparison = void (*)(const Node& file, const LoadResult& loaded, const LoadOptions& options);

// Set by schema_agreement_test.cc, which has it, before any test runs.
inline Comparison compare_with_schema = nullptr;

// What load_text() says. What it takes the schema has to take; of each problem that it finds the
// schema has to find something at the same place, but for those that no schema can say: their list
// (schema_agreement_test.cc) is closed. Anything else fails the test.
inline LoadResult load_and_compare(std::string_view yaml, const std::string& name,
                                   const LoadOptions& options) {
  auto loaded = load_text(yaml, name, options);
  // Of what is no YAML no schema says anything.
  if (const auto file = parse_document(yaml)) compare_with_schema(**file, loaded, options);
  return loaded;
}

}  // namespace sluice::config
