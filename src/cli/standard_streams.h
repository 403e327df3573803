#pragma once

namespace sluice::cli {

// Puts /dev/null in the place of standard streams that are closed. Call it before anything is
// opened: a socket that got the number of standard error would be sent the log.
void open_standard_streams();

}  // namespace sluice::cli
