// Posts a topic's records in signed batches, each partition's one after the other, and commits what
// was answered.
import { createHmac } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { Pool } from "undici";

const [brokers, topic, groupId, url] = process.argv.slice(2);
const BATCH_RECORDS = 500;
const IN_FLIGHT = 8;
const { origin, pathname: path } = new URL(url);
const api = new Pool(origin, { connections: IN_FLIGHT });

async function post(messages) {
  const body = "[" + messages.map((message) => message.value.toString()).join(",") + "]";
  const headers = {
    "content-type": "application/json",
    "x-hmac-algorithm": "sha256",
    "x-hmac-signature": createHmac("sha256", "bench-token").update(body).digest("hex"),
  };
  try {
    const answer = await api.request({ method: "POST", path, headers, body });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch (error) {
    console.error(error);
    return false;
  }
}

const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.WARN });
const consumer = kafka.consumer({ groupId });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  partitionsConsumedConcurrently: IN_FLIGHT,
  eachBatchAutoResolve: false,
  eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
    for (let at = 0; at < batch.messages.length && isRunning() && !isStale(); ) {
      const messages = batch.messages.slice(at, at + BATCH_RECORDS);
      if (await post(messages)) {
        resolveOffset(messages.at(-1).offset);
        at += messages.length;
      } else {
        await setTimeout(1000);
      }
      await heartbeat();
    }
  },
});
process.once("SIGTERM", async () => {
  await consumer.disconnect();
  await api.close();
});
