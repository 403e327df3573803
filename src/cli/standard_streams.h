#pragma once

namespace sluice::cli {

// Puts /dev/null in the place of standard streams that are closed. Call it before anything is
// opened: a socket that got the number of standard error would be sent the log.
void open_standard_streams();

// Leaves without any destructor: none has anything to save, and some wait for threads that do not
// end. What is not committed is read again by whoever comes next.
[[noreturn]] void leave_at_once(int code);

}  // namespace sluice::cli
