#include "http/ask.h"

#include <utility>
#include <vector>

namespace sluice::http {

tl::expected<Answer, TransportError> ask(Client& client, Request request,
                                         const std::atomic<bool>* stop) {
  const RequestId id = client.send(std::move(request));
  std::vector<Completion> completed;
  while (completed.empty()) {
    if (stop != nullptr && stop->load()) {
      client.cancel(id);
      return tl::unexpected(TransportError{TransportErrorKind::other, "given up, as asked"});
    }
    client.poll(std::chrono::milliseconds(100), -1, completed);
  }
  return std::move(completed.front().result);
}

}  // namespace sluice::http
