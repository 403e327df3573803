// What `tenants` of a target has. Private to this folder.
#pragma once

#include "config/config.h"
#include "config/form.h"
#include "config/reader.h"

namespace sluice::config {

// Of a target.
void read_tenants(Reader& reader, const Value& value, Target& out);
Form tenants_form();
// Once all of the target is read: what it sends with every request its tenants send as well.
void join_tenants(Reader& reader, const Value& target_value, Target& target);

}  // namespace sluice::config
