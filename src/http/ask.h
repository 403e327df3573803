// One question and its answer, for those who have nothing else to do meanwhile.
#pragma once

#include <atomic>

#include "http/client.h"

namespace sluice::http {

// Sends `request` and blocks until it is answered: at most for the client's timeout. Where `stop`
// becomes true meanwhile it gives up within a tenth of a second, with an error of kind `other`.
// `client` must have nothing else under way.
tl::expected<Answer, TransportError> ask(Client& client, Request request,
                                         const std::atomic<bool>* stop = nullptr);

}  // namespace sluice::http
