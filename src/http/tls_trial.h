// TLS files as libcurl takes them. Private to this folder.
#pragma once

#include "base/result.h"
#include "http/easy_options.h"
#include "http/options.h"
#include "http/tls_files.h"

namespace sluice::http {

// `files` must outlive every use of the handle.
void set_tls_files(EasyOptions& set, const TlsFiles& files);

// Whether the TLS library can load them, and whether the key belongs to the certificate. It would
// say so of each request otherwise, long after the start. `tls` names the files.
Result<void> try_tls_files(const Tls& tls, const TlsFiles& files);

}  // namespace sluice::http
