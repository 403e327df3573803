// Where letters are replayed to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/record_writer.h"
#include "base/result.h"
#include "replay/letter.h"
#include "replay/pace.h"

namespace sluice::replay {

// A letter with its record.
struct LetterRecord {
  Letter letter;
  std::string after;  // the run that has it; empty: none
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<OwnedHeader> headers;  // of the record; of ours only those of a replay

  std::size_t bytes() const { return (key ? key->size() : 0) + (value ? value->size() : 0); }
};

enum class Ending : std::uint8_t {
  replayed,
  refused,    // it did not arrive, for sure
  uncertain,  // it may have arrived
  left,       // it was not tried
};
std::string_view to_string(Ending ending);

struct Ended {
  Ending ending = Ending::left;
  std::string detail{};  // why, but where replayed
};

class Destination {
 public:
  using OnEnd = std::function<void(std::size_t, Ended)>;

  virtual ~Destination() = default;
  // For people: "topic events.deposit".
  virtual std::string name() const = 0;
  // So many letters are brought at once at most: a crash leaves no more in doubt.
  virtual std::size_t at_once() const = 0;
  // Brings them in order, each when `pace` lets it pass. Calls `on_end` for those that were tried,
  // with their index, before it returns. An error: there is no use in going on.
  virtual Result<void> bring(std::span<const LetterRecord> letters, Pace& pace,
                             const OnEnd& on_end) = 0;
};

}  // namespace sluice::replay
