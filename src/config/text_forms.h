// Forms of the texts that names.h, address.h and secret_reference.h read.
#pragma once

#include "config/form.h"

namespace sluice::config {

Form any_text();
Form line_text();      // parse_line()
Form user_text();      // parse_line(), without a colon
Form instance_text();  // parse_instance_id()
Form topic_text();     // parse_topic()
Form topics_text();    // parse_topic() or parse_topic_pattern()
Form group_text();     // parse_group()
Form header_text();    // parse_header_name()
Form answer_header_text();
Form record_part_text();    // parse_group_by()
Form json_pointer_text();   // parse_json_pointer()
Form host_port_text();      // parse_host_port()
Form broker_text();         // the same, but for port 0
Form base_url_text();       // parse_base_url()
Form secure_url_text();     // the same, with http only to this machine
Form proxy_url_text();      // parse_proxy_url()
Form path_text();           // parse_path()
Form path_template_text();  // the same of a TextTemplate
Form header_value_text();   // a TextTemplate on one line
Form signature_value_text();
Form signed_text();
Form start_text();  // earliest, latest or as parse_time() takes it
Form secret_text();

// Patterns of ECMA-262. Of parse_header_name(), and content-type.
std::string own_header_pattern();
// Begins a URL that is http to another machine.
extern const char* const kClearUrl;
// Begins a host:port of this machine.
extern const char* const kLoopbackBroker;
// What parse_name() takes.
extern const char* const kNamePattern;

}  // namespace sluice::config
