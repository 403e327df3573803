#!/usr/bin/env bash
# Creates the topics of sluice.yaml; does nothing where they are there.
set -euo pipefail

for topic in events.{deposit,withdraw,account}; do
  for name in "$topic" "$topic.dlq"; do
    partitions=4
    [[ $name != *.dlq ]] || partitions=1
    /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists \
      --topic "$name" --partitions "$partitions" --replication-factor 1
  done
done
