// A thread that writes a file many times, for the test that has several of them: tells how often that succeeded.
import { parentPort, workerData } from "node:worker_threads";
import { writeFile } from "plexus-nn/node";

let written = 0;
for (let n = 0; n < 20; n++) {
  await writeFile(workerData, String(n).repeat(100_000)).then(
    () => written++,
    () => {},
  );
}
parentPort?.postMessage(written);
