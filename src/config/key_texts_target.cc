// What the keys of a target mean.
#include "config/key_text_tables.h"

namespace sluice::config {
namespace {

constexpr KeyText kTargetTexts[] = {
    {"targets.*.base_url", "",
     "`https://host[:port][/path]`, no user, query or fragment. `http` only to this machine "
     "(127.0.0.0/8, `::1`, `localhost`), or with `tls: off`"},
    {"targets.*.auth", "`{type: none}`",
     "how requests prove who sends them: [credentials](#auth), or a list for several at once"},
    {"targets.*.tls", "verified against the system's CAs",
     "`off` allows an `http` base_url; it never turns verification of `https` off"},
    {"targets.*.tls.min_version", "", "lowest version of TLS: {words}"},
    {"targets.*.tls.off", "", "the same as `tls: off`"},
    {"targets.*.tls.ca", "the system's CAs",
     "PEM file of the CAs that are trusted instead of those"},
    {"targets.*.tls.cert", "",
     "PEM file of a client certificate (mutual TLS); goes with `tls.key`"},
    {"targets.*.tls.key", "", "PEM file of its key, not encrypted"},
    {"targets.*.proxy", "",
     "`http://host:port`, also `https://`, `socks5://`, `socks5h://`; with credentials `{url, "
     "user, password}` (password is a secret). What the environment says is ignored"},
    {"targets.*.proxy.url", "", "as above"},
    {"targets.*.proxy.user", "", "goes with `proxy.password`; without a colon"},
    {"targets.*.proxy.password", "", "secret"},
    {"targets.*.http_version", "",
     "`auto`: HTTP/2 where TLS agrees on it, else 1.1; `1.1`; `2`: without asking first, in clear "
     "as well"},
    {"targets.*.compression", "`none`",
     "`gzip` or `zstd`, or `{type, min_size}`; the signature is over the compressed bytes"},
    {"targets.*.compression.type", "", "{words}"},
    {"targets.*.compression.min_size", "", "a smaller body goes as it is"},
    {"targets.*.headers", "`{}`",
     "name to value, on every request; values may hold [placeholders](#placeholders); a record's "
     "`traceparent` goes along [by itself](logs.md#traces)"},
    {"targets.*.health.path", "",
     "asked by `sluice check`, under `base_url`; no delivery depends on it"},
    {"targets.*.health.authenticated", "",
     "`true`: asked with the credentials, so that the answer proves them"},
    {"targets.*.connections", "", "requests in flight at most, for each worker"},
    {"targets.*.connect_timeout", "", "how long a connection may take to come up"},
    {"targets.*.timeout", "", "of one attempt, connecting included"},
    {"targets.*.max_response", "",
     "an answer is read no further, and a longer one counts as unreadable"},
    {"targets.*.batch_id_header", "",
     "carries the batch id: the same for every retry of the same batch"},
    {"targets.*.rate_limit", "`[]`", "list of [limits](#rate-limits), all of which hold"},
    {"targets.*.rate_limit[].requests", "required: one of `requests`, `records`, `bytes`",
     "how many requests"},
    {"targets.*.rate_limit[].records", "required: one of `requests`, `records`, `bytes`",
     "how many records"},
    {"targets.*.rate_limit[].bytes", "required: one of `requests`, `records`, `bytes`",
     "how many bytes of bodies before compression"},
    {"targets.*.rate_limit[].per", "", "so much in any stretch of time of that length"},
    {"targets.*.rate_limit[].path", "",
     "only requests of the pipelines with this `path`, written as it stands there; without it all "
     "of the target"},
    {"targets.*.rate_limit[].share", "",
     "what this process has of the limit: `none` all of it, `group` the part that it holds of the "
     "group's partitions, `0.5` that part"},
    {"targets.*.rate_limit[].safety", "", "of the limit that is used"},
    {"targets.*.rate_limit[].capacity", "",
     "of that, what may go out at once, at least one request"},
    {"targets.*.rate_limit_headers", "",
     "`auto`: what answers say in `RateLimit-*`, `X-RateLimit-*` and `Retry-After` tightens the "
     "limits; `off`: only `Retry-After` of 429 and 503 is obeyed"},
    {"targets.*.concurrency.min", "",
     "requests under way that are always allowed, for this process; at most `concurrency.max`"},
    {"targets.*.concurrency.max", "", "at most so many"},
    {"targets.*.concurrency.adaptive", "",
     "between the two, as the target keeps up; `false`: always `concurrency.max`"},
    {"targets.*.circuit_breaker.failures", "", "failures in a row that open it"},
    {"targets.*.circuit_breaker.failure_rate", "", "of the attempts in `window` that opens it"},
    {"targets.*.circuit_breaker.window", "",
     "stretch of time that `failure_rate` and `minimum` look at"},
    {"targets.*.circuit_breaker.minimum", "", "attempts in `window` before the rate counts"},
    {"targets.*.circuit_breaker.open_for", "",
     "before the first probe; grows with each failed one"},
    {"targets.*.circuit_breaker.max_open_for", "", "where that growth ends; at least `open_for`"},
    {"targets.*.circuit_breaker.probes", "", "requests let through to try"},
    {"targets.*.tenants", "",
     "whose credentials sign which records: a map of the keys below, see [tenants](#tenants)"},
    {"targets.*.tenants.by", "",
     "what names a record's tenant: `key`, `header:NAME`, a JSON Pointer into the value, or a list "
     "of those"},
    {"targets.*.tenants.of", "",
     "name of a tenant to its `auth`, or a list of them; at least one; not `oauth2`"},
    {"targets.*.tenants.unknown", "",
     "what becomes of a record whose tenant is not there: {words}"},
};

constexpr KeyText kHmacTexts[] = {
    {"targets.*.auth(hmac).secret", "",
     "the key; a secret. As `text` one line without blanks around it"},
    {"targets.*.auth(hmac).secret_encoding", "",
     "how the key is written: `text`, `hex`, `base64` (with its padding)"},
    {"targets.*.auth(hmac).algorithm", "", "{words}"},
    {"targets.*.auth(hmac).encoding", "",
     "of the signature: `hex` (lower case), `base64`, `base64url` (not padded)"},
    {"targets.*.auth(hmac).header", "", "carries `value`"},
    {"targets.*.auth(hmac).value", "", "may hold `{timestamp}` and `{id}` besides `{signature}`"},
    {"targets.*.auth(hmac).string_to_sign", "",
     "must hold `{body}` or `{body_hash}`: a signature that leaves the body out protects nothing"},
    {"targets.*.auth(hmac).timestamp", "",
     "what `{timestamp}` is: `seconds` or `milliseconds` since 1970, or `iso8601` "
     "(`2026-11-25T18:00:00Z`)"},
    {"targets.*.auth(hmac).timestamp_header", "",
     "carries `{timestamp}`. One that is signed must be sent: here or in `value`"},
    {"targets.*.auth(hmac).id_header", "", "carries `{id}`"},
    {"targets.*.auth(hmac).preset", "",
     "`standard_webhooks`: everything but the secret is as the "
     "[specification](https://www.standardwebhooks.com) has it, and `secret` may begin with "
     "`whsec_`; a key that contradicts it is refused"},
};

constexpr KeyText kOauth2Texts[] = {
    {"targets.*.auth(oauth2).token_url", "",
     "where tokens are asked for; https, as `base_url` must be: http on loopback or with the "
     "target's `tls: off`"},
    {"targets.*.auth(oauth2).client_id", "", "as whom tokens are asked for"},
    {"targets.*.auth(oauth2).client_secret", "", "secret; this or `private_key`"},
    {"targets.*.auth(oauth2).client_auth", "",
     "where the client's secret goes: `basic` (the header), `post` (the form)"},
    {"targets.*.auth(oauth2).private_key", "",
     "secret: a private key in PEM form, without a passphrase. The client proves itself with a JWT "
     "that it signs (`private_key_jwt`, RFC 7523), good for 60 s"},
    {"targets.*.auth(oauth2).algorithm", "",
     "of `private_key`: `RS256`, `RS384`, `RS512`, `PS256` (RSA of 2048 bits at least), `ES256`, "
     "`ES384` (P-256, P-384), `EdDSA` (Ed25519)"},
    {"targets.*.auth(oauth2).key_id", "", "`kid` of that JWT: which of the client's keys it is"},
    {"targets.*.auth(oauth2).assertion_audience", "`token_url`",
     "`aud` of that JWT; some token servers want their issuer's name"},
    {"targets.*.auth(oauth2).scope", "", "one or more, with blanks between them"},
    {"targets.*.auth(oauth2).audience", "",
     "form parameter `audience`: the API that the token is for"},
    {"targets.*.auth(oauth2).parameters", "`{}`",
     "further form parameters, such as `resource`; none of those above"},
    {"targets.*.auth(oauth2).refresh_token", "",
     "secret: tokens are asked for with it (grant `refresh_token`) instead of as the client itself "
     "(`client_credentials`); needs `store`"},
    {"targets.*.auth(oauth2).store", "", "file that keeps the newest refresh token"},
    {"targets.*.auth(oauth2).timeout", "", "of one request for a token"},
};

}  // namespace

std::span<const KeyText> target_texts() { return kTargetTexts; }
std::span<const KeyText> hmac_texts() { return kHmacTexts; }
std::span<const KeyText> oauth2_texts() { return kOauth2Texts; }

}  // namespace sluice::config
