// What the words of /status mean, said plainly: docs/status.md has the list of reasons.
//
// A tier says how much it matters. trouble: something is broken. waiting: it goes on by itself.
// held: somebody wanted it so. flowing.
const TIERS = ["flowing", "held", "waiting", "trouble"];

const REASONS = {
  flowing: ["flowing", "Flowing", ""],
  starting: ["waiting", "Starting", "Kafka: joining the group"],
  broker_unreachable: ["trouble", "Kafka out of reach", "Kafka, or the way to it"],
  kafka_error: ["trouble", "Kafka refuses us", "Kafka: login, rights or topics"],
  breaker_open: ["trouble", "Target fails", "the target"],
  throttled: ["waiting", "Asked to wait", "the target, which asked for a pause"],
  rate_limited: ["waiting", "At its rate limit", "our own rate_limit"],
  unauthorized: ["trouble", "Credentials refused", "the credentials, or who gave them out"],
  misconfigured: ["trouble", "Wrong kind of answer", "the target's address or path"],
  suspect_record: ["trouble", "One record fails", "the record that is named, or the target"],
  retrying: ["waiting", "Trying again", "the target's answers"],
  refusal_guard: ["trouble", "Too many refusals", "the records, or the target's rules"],
  dead_letter_unwritable: ["trouble", "Dead letter not written", "Kafka: the dead-letter topic"],
  no_dead_letter_topic: ["trouble", "Refused, and nowhere to put it", "the record, and dead_letter: none"],
  offset_out_of_range: ["trouble", "Offset is gone", "Kafka: the topic's retention"],
  membership_unsure: ["waiting", "Membership unsure", "this machine: it stood still"],
  commit_failing: ["trouble", "Commits fail", "Kafka: the group's coordinator"],
  awaiting_answer: ["waiting", "No answer yet", "the target, which is slow"],
  unconfirmed_limit: ["waiting", "Waiting for commits", "Kafka: the group's coordinator"],
  memory_full: ["waiting", "Memory is full", "memory.budget of this process"],
  paused: ["held", "Paused", "an operator paused or drained it"],
  not_responding: ["trouble", "Does not respond", "this process: a worker that is stuck"],
  stopping: ["held", "Stopping", "this process is on its way out"],
};

const sentence = (code) => (code.charAt(0).toUpperCase() + code.slice(1)).replaceAll("_", " ");

// {code, tier, rank, word, look}; `look`: where the cause is to be looked for. A reason of a newer
// server is in trouble until it is known better.
export function reason(code) {
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : ["trouble", sentence(code), ""];
  const [tier, word, look] = known;
  return { code, tier, rank: TIERS.indexOf(tier), word, look };
}

const VERDICTS = {
  retry: "will be tried again",
  throttled: "waits, then tried again",
  split: "too large: sent in halves",
  rejected: "refused: searched for the bad record",
  unauthorized: "credentials refused",
  misconfigured: "no answer of a configured API",
};
export const verdict = (code) => (Object.hasOwn(VERDICTS, code) ? VERDICTS[code] : "");

const DEAD_LETTERS = {
  not_json: "no JSON value",
  too_large: "too large, even alone",
  schema: "not of the schema",
  null_value: "empty value",
  unroutable: "no path or headers to be made from it",
  rejected: "refused alone by the target",
  exhausted: "used up its attempts while its neighbours were delivered",
  expired: "older than max_age",
  by_operator: "by an operator's hand",
};
export const deadLetter = (code) => (Object.hasOwn(DEAD_LETTERS, code) ? DEAD_LETTERS[code] : "");

const BREAKERS = {
  closed: ["flowing", "Closed: requests flow"],
  open: ["trouble", "Open: no requests"],
  half_open: ["waiting", "Half open: one request tries"],
};
export function breaker(state) {
  const [tier, word] = Object.hasOwn(BREAKERS, state) ? BREAKERS[state] : ["waiting", sentence(state)];
  return { tier, word };
}
