#pragma once

#include <string_view>

namespace sluice::cli {

// Puts /dev/null in the place of standard streams that are closed. Call it before anything is
// opened: a socket that got the number of standard error would be sent the log.
void open_standard_streams();

// To standard output, at once: the next line may take seconds. False where it, or anything before
// it, could not be written; finish_output says why.
bool print(std::string_view text);
// The same for what is in standard output's buffer.
bool flush_output();

// Call it last, with the exit code of what was done; returns the one to end with. Where standard
// output could not be written it says so on standard error, and kOk becomes kFailed. A pipe whose
// reader has gone (`| head`) is no complaint and changes no code: who reads has seen enough.
int finish_output(int code);

// Leaves without any destructor: none has anything to save, and some wait for threads that do not
// end. What is not committed is read again by whoever comes next. Finishes the output.
[[noreturn]] void leave_at_once(int code);

}  // namespace sluice::cli
