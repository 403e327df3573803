// What an `auth` of type oauth2 has. Private to this folder.
#pragma once

#include "config/form.h"
#include "config/oauth2.h"
#include "config/reader.h"

namespace sluice::config {

Form oauth2_form();

// Any of its keys, by its name.
void read_oauth2_key(Reader& reader, const Value& value, OAuth2Auth& out);
// What no key can see alone; `value` is the whole auth.
void check_oauth2(Reader& reader, const Value& value);
// What its target says about it; `auth` is the whole auth of any type, or a list of them.
void check_token_urls(Reader& reader, const Value& auth, bool clear_allowed);

}  // namespace sluice::config
