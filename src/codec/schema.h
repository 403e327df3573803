// JSON Schema (draft 4 to 7) of a pipeline's records.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/rejection.h"

namespace sluice::codec {

// Not thread-safe: one per worker.
class Schema {
 public:
  // Reads and compiles the file; the error names the file and what is wrong in it. References to
  // other files are refused.
  static Result<std::unique_ptr<Schema>> load(const std::string& path);
  ~Schema();
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  // `json` is known to be one JSON value. nullopt: it is of the schema. Otherwise reason schema
  // and the first violation as "<JSON Pointer>: <rule>", without the value.
  std::optional<Rejection> check(std::string_view json);

 private:
  struct Impl;
  explicit Schema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::codec
