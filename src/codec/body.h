// The request body of one batch: the only copy of its records' bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "codec/json_check.h"

namespace sluice::codec {

enum class BodyFormat : std::uint8_t {
  json_array,  // [r1,r2]
  ndjson,      // r1\nr2\n
  json,        // r1: holds one record
};

// Records joined as they go on the wire. Any range of them is a body too, without a copy, so that
// a refused batch can be sent again in pieces. No allocation per record once it has held as many.
// Every view it returns is valid until the next call of a function that is not const.
class Body {
 public:
  // Bytes that may be read, whatever they are, behind every record.
  static constexpr std::size_t kPadding = JsonCheck::kPadding;

  explicit Body(BodyFormat format) : format_(format) {}
  Body(Body&& other) noexcept;
  Body& operator=(Body&& other) noexcept;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() = default;

  // Makes room for a body of so many bytes at once, instead of by doubling.
  void reserve(std::size_t bytes);

  // Copies `value` behind the last record and returns the copy.
  std::string_view append(std::string_view value);
  // ndjson: erases the line breaks of the last record; other formats: nothing. Only for a record
  // proved to be JSON: there a raw line break stands between tokens, so its value stays the same,
  // while in a string it is the mistake that the proof is to find. Returns the record.
  std::string_view minify_last();
  // As if the last append had not been.
  void retract_last();
  // Back to no records; the memory stays.
  void clear();

  BodyFormat format() const { return format_; }
  std::size_t records() const { return spans_.size(); }
  std::string_view record(std::size_t i) const;

  // Bytes of the body that holds all records; 0 while there is none.
  std::size_t size() const;
  // What size() would be with one more record of so many bytes.
  std::size_t size_with(std::size_t value_bytes) const;
  // What frame() would return for the records [first, last), first < last.
  std::size_t framed_size(std::size_t first, std::size_t last) const;
  // The body of the records [first, last), first < last.
  std::string_view frame(std::size_t first, std::size_t last);

  // Bytes held, for the memory budget.
  std::size_t capacity() const;

 private:
  struct Span {
    std::size_t begin;
    std::size_t size;
    std::size_t end() const { return begin + size; }
  };

  // Bytes of a frame before its first and behind its last record.
  std::size_t opening() const { return format_ == BodyFormat::json_array ? 1 : 0; }
  std::size_t closing() const { return format_ == BodyFormat::json ? 0 : 1; }
  void make_room(std::size_t bytes);
  void put_separators_back();

  BodyFormat format_;
  std::unique_ptr<char[]> data_;
  std::size_t room_ = 0;  // bytes of data_ without the padding
  // json_array: one byte before each record, ',' unless a frame made it '['; and ',' behind a
  // record unless a frame made it ']'. ndjson: '\n' behind each.
  std::vector<Span> spans_;
  std::size_t framed_first_ = 0;  // of the last frame(); equal: none stands
  std::size_t framed_last_ = 0;
};

}  // namespace sluice::codec
