// Makes a JSON Schema file ready for valijson, or says why it cannot be used.
#pragma once

#include "base/result.h"
#include "codec/rapidjson.h"

namespace sluice::codec {

struct PreparedSchema {
  bool has_pattern_properties = false;
};

// Visits every schema that `root` uses. Refuses newer drafts, references that leave the file or
// name nothing, and schemas that refer to themselves without a step into the value, from which
// valijson would never return. Renames the keywords of schema_rules.h, and brings draft 4's
// `exclusiveMaximum: true` into the form of draft 6. The error's cause begins with its place.
Result<PreparedSchema> prepare_schema(rapidjson::Document& root);

}  // namespace sluice::codec
