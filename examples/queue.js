// A sweep over machines: BullMQ (https://www.npmjs.com/package/bullmq) deals jobs from a queue in Redis.
//
//     npm install --no-save bullmq ioredis          # in a clone, after npm run build
//     redis-server                                  # somewhere
//     REDIS=redis://… node examples/queue.js work   # on each machine, as often as it has cores
//     REDIS=redis://… node examples/queue.js        # asks, and waits for the results
//
// A job is the bytes of a graph and the options of `fit`; its result are the bytes of the trained graph and the history.
// Data of any size would be on each machine, or named by a URL in the job.

import { Queue, QueueEvents, Worker } from "bullmq";
import { Graph } from "plexus-nn";
import { flowers, heldOut, make, options, settings } from "./flowers.js";

const connection = { url: process.env.REDIS ?? "redis://127.0.0.1:6379", maxRetriesPerRequest: null };

if (process.argv[2] === "work") {
  // A training lets timers run between its batches: so BullMQ renews its lock on a job that takes hours.
  const worker = new Worker("sweep", train, { connection });
  process.once("SIGTERM", () => worker.close());
} else await ask();

/** @param {{ data: { graph: string; options: import("plexus-nn").FitOptions } }} job */
async function train({ data }) {
  const graph = Graph.load(Buffer.from(data.graph, "base64"));
  const history = await graph.fit(flowers, { ...data.options, validation: heldOut });
  const result = { graph: Buffer.from(graph.save()).toString("base64"), history, by: process.pid };
  graph.dispose();
  return result;
}

async function ask() {
  const queue = new Queue("sweep", { connection });
  const events = new QueueEvents("sweep", { connection });
  const trained = await Promise.all(
    settings.map(async (setting) => {
      const data = { graph: Buffer.from(make(setting).save()).toString("base64"), options };
      const job = await queue.add("train", data, { removeOnComplete: { age: 3600 } });
      return { setting, ...(await job.waitUntilFinished(events)) };
    }),
  );
  for (const { setting, graph, by } of trained) {
    const { outputs } = Graph.load(Buffer.from(graph, "base64")).evaluate(heldOut.xs, heldOut.ts);
    const right = `${((outputs.species.accuracy ?? 0) * 100).toFixed(1)} % right`;
    console.log(`width ${setting.width}, rate ${setting.rate}: ${right}, by process ${by}`);
  }
  await events.close();
  await queue.close();
}
