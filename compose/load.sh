#!/usr/bin/env bash
# Writes events that the API takes, RATE a second over the three topics, until it is stopped. One in BAD_EVERY
# (0: none) is no event of its type and becomes a dead letter.
set -euo pipefail

producer=(/opt/kafka/bin/kafka-console-producer.sh --bootstrap-server kafka:9092
  --property parse.key=true --property 'key.separator=|')
start=$(date +%s)

records() { # category, records a second
  local second=0
  while :; do
    awk -v category="$1" -v count="$2" -v second="$second" -v start="$start" -v bad="$BAD_EVERY" \
      -v time="$(date -u +%Y-%m-%dT%H:%M:%SZ)" 'BEGIN {
        for (i = 1; i <= count; i++) {
          n = second * count + i
          # The API wants a T between date and time.
          when = time
          if (bad && n % bad == 0) sub("T", " ", when)
          printf "user-%d|{\"account_id\":\"demo-account\",\"workspace_id\":\"demo-workspace\"," \
            "\"user_id\":\"user-%d\",\"event_category\":\"%s\",\"event_name\":\"Example\"," \
            "\"event_id\":\"%s-%d-%d\",\"event_time\":\"%s\",\"amount\":%d}\n",
            n % 1000, n % 1000, category, category, start, n, when, 1 + n % 500
        }
      }'
    second=$((second + 1))
    sleep 1
  done
}

each=$((RATE / 3))
records Account $((RATE - 2 * each)) | "${producer[@]}" --topic events.account &
records Withdraw "$each" | "${producer[@]}" --topic events.withdraw &
records Deposit "$each" | "${producer[@]}" --topic events.deposit &
trap 'kill $(jobs -p); wait; exit 0' TERM INT
wait
