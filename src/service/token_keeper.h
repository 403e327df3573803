// Supplies a target's credential with tokens.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "auth/credential.h"
#include "base/random.h"
#include "base/result.h"
#include "config/auth.h"
#include "credentials/token_source.h"
#include "deliver/live_credential.h"
#include "deliver/target_gate.h"
#include "http/options.h"
#include "service/surroundings.h"

namespace sluice::service {

// A thread that tends a TokenSource. A token that came is in use at once: the token server proved
// the client. While there is none that is good, the gate holds, and says why. A token that the API
// refuses is replaced by one new one; meanwhile the gate holds, too.
//
// Another client secret, or whatever else the configuration says of it, is tried by asking for a
// token with it; until one comes the tokens go on as before.
class TokenKeeper {
 public:
  static constexpr std::size_t kThreads = 2;  // its own, and one that libcurl looks up a name with

  struct Client {
    config::Auths auths;  // with one of type oauth2 among them
    http::ClientOptions route;
  };

  // Reads the private key and takes the store; the error names the key of the configuration below
  // `auth`. `successor`: another one may have the store still; it is taken when it is free. All
  // that is passed by reference outlives it.
  static Result<std::unique_ptr<TokenKeeper>> make(const std::string& target, Client client,
                                                   bool successor, std::uint64_t seed,
                                                   deliver::LiveCredential& credential,
                                                   deliver::TargetGate& gate,
                                                   const Surroundings& around);
  // Within about a tenth of a second.
  ~TokenKeeper();
  TokenKeeper(const TokenKeeper&) = delete;
  TokenKeeper& operator=(const TokenKeeper&) = delete;

  // Begins to ask.
  Result<void> start();
  // To be tried. From any thread, as is the next one.
  void renew(Client client);
  // The API refused what is in use (401). True: a new token is asked for.
  bool refused(auth::Credential::Version version);

 private:
  using Source = std::unique_ptr<credentials::TokenSource>;
  // What is to be tried.
  struct Candidate {
    Client client;
    Source source;  // null: there is only one store, so the source in use tries it
    Instant try_at{};
    std::uint32_t tries = 0;
  };

  TokenKeeper(const std::string& target, Client client, std::uint64_t seed,
              deliver::LiveCredential& credential, deliver::TargetGate& gate,
              const Surroundings& around);
  Result<Source> make_source(const Client& client);

  void run();
  Instant next_look() const;
  void look();
  void publish();
  void sign_with(const credentials::TokenStanding& standing);
  bool try_candidate();
  bool try_beside();
  bool try_in_place();
  void candidate_failed(const Error& error);
  void take_candidate();
  void note_failure(const Error& error, std::string& last, bool in_use_is_good);

  const std::string target_;
  deliver::LiveCredential& credential_;
  deliver::TargetGate& gate_;
  const Surroundings around_;
  SeededRandom random_;

  // Of the thread, once it runs.
  Client client_;  // whose tokens are in use
  std::optional<Candidate> candidate_;
  // What the API has not taken yet beside a token; the version that it has on trial.
  std::optional<config::Auths> unproved_;
  auth::Credential::Version unproved_version_ = 0;
  bool sign_anew_ = false;
  std::string last_failure_;  // in words, as is the next one
  std::string last_failure_of_candidate_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Source source_;  // null: its store is not free yet
  std::optional<Client> offered_;
  std::string published_;  // fingerprint of the token in use
  bool wanted_ = false;    // by refused()
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace sluice::service
