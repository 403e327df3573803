// What an `auth` of type hmac has besides its secret. Private to this folder.
#pragma once

#include <optional>

#include "config/auth.h"
#include "config/form.h"
#include "config/reader.h"

namespace sluice::config {

struct HmacDraft {
  HmacFormat format;
  std::optional<HmacFormat> preset;  // what the keys beside it must not contradict
};

// Its keys but for the secret.
Form hmac_form();

// Comes before the other keys.
void read_hmac_preset(Reader& reader, const Value& value, HmacDraft& out);
// Any of the others, by its name.
void read_hmac_key(Reader& reader, const Value& value, HmacDraft& out);
// What no key can see alone; `value` is the whole auth.
void check_hmac(Reader& reader, const Value& value, const HmacFormat& format);

}  // namespace sluice::config
