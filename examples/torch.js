// A graph goes to PyTorch, and comes back: digits by a graph that any number of machines and GPUs may train.
//
//     node examples/torch.js out     # writes model.py, model.safetensors and data.safetensors
//     python3 model.py data.safetensors trained.safetensors --epochs 3 --batch 32 --processes 2
//     node examples/torch.js back    # reads trained.safetensors
//
// docs/beyond.md has the other ways to start the program, on several machines and on GPUs.

import { readFileSync } from "node:fs";
import { Graph } from "plexus-nn";
import { writeFile } from "plexus-nn/node";
import { toTorch } from "plexus-nn/torch";
import { load } from "./mnist.js";
import { percent } from "./progress.js";

const { learn, apart } = load();
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
