"""Posts a topic's records in signed batches, one after the other, and commits what was answered."""
import hashlib
import hmac
import signal
import sys
import time

import confluent_kafka
import requests

BATCH_RECORDS = 500


def post(api, url, values):
    body = b"[" + b",".join(values) + b"]"
    signature = hmac.new(b"bench-token", body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "x-hmac-algorithm": "sha256",
               "x-hmac-signature": signature}
    try:
        return api.post(url, data=body, headers=headers, timeout=30).status_code == 200
    except requests.RequestException as error:
        print(error, file=sys.stderr)
        return False


def main():
    brokers, topic, group, url = sys.argv[1:]
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": brokers, "group.id": group, "enable.auto.commit": False,
        "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    api = requests.Session()
    while not stopped:
        messages = consumer.consume(BATCH_RECORDS, timeout=0.1)
        records = [message for message in messages if not message.error()]
        while records and not stopped:
            if post(api, url, [record.value() for record in records]):
                consumer.commit(asynchronous=False)
                break
            time.sleep(1)
    consumer.close()


if __name__ == "__main__":
    main()
