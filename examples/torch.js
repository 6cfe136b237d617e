// A graph of handwritten digits goes to PyTorch, and comes back trained. docs/beyond.md has further ways to run the program, on
// many machines and GPUs.
//
//     node examples/torch.js out     # writes model.py, model.safetensors and data.safetensors here
//     python3 model.py data.safetensors trained.safetensors --epochs 3 --batch 32 --processes 2
//     node examples/torch.js back    # reads trained.safetensors

import { readFileSync } from "node:fs";
import { Graph } from "plexus-nn";
import { writeFile } from "plexus-nn/node";
import { toTorch } from "plexus-nn/torch";
import { load } from "./mnist.js";
import { percent } from "./progress.js";

const { learn, apart } = load();
const data = { xs: { image: learn.pixels }, ts: { digit: learn.labels } };
const graph = new Graph({
  seed: 7,
  precision: "float32",
  optimizer: "adam",
  inputs: { image: 784 },
  hidden: { strokes: { size: 128, activation: "relu" } },
  outputs: { digit: { size: 10, activation: "softmax" } },
  synapses: [
    ["image", "strokes", { init: "he" }],
    ["strokes", "digit"],
  ],
});

/** Returns the share of held-out digits that are right, in percent. */
function right() {
  const { digit } = graph.evaluate({ image: apart.pixels }, { digit: apart.labels }).outputs;
  return percent(digit.accuracy ?? 0);
}

if (process.argv[2] === "out") {
  const program = toTorch(graph);
  await writeFile("model.py", program.module);
  await writeFile("model.safetensors", program.weights);
  await writeFile("data.safetensors", program.data(data));
  console.log(`Before the training ${right()} of held-out digits are right.`);
} else if (process.argv[2] === "back") {
  graph.merge(readFileSync("trained.safetensors"));
  console.log(`After the training in PyTorch ${right()} of held-out digits are right.`);

  // The graph is an ordinary one again: it predicts, is saved, and may be trained further, here as well.
  await graph.fit(data, { epochs: 1, batchSize: 32 });
  console.log(`After an epoch here ${right()} are.`);
} else console.log("node examples/torch.js out, or back");
