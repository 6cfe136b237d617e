// Trains and saves without end, for the test that kills it: each checkpoint replaces the one before.
import { Graph } from "plexus-nn";
import { saveCheckpoint } from "plexus-nn/node";

const graph = new Graph({ seed: 1 });
graph.addInput("x", 64);
graph.addHidden("h", 200, "tanh");
graph.addOutput("y", 1, "linear");
graph.connect("x", "h", { init: "glorot" });
graph.connect("h", "y", { init: "glorot" });
graph.rate = 1e-3;
const data = {
  xs: { x: Float64Array.from({ length: 64 * 8 }, (_, i) => (i % 7) / 7) },
  ts: { y: [1, 2, 3, 4, 5, 6, 7, 8] },
};
const save = saveCheckpoint(process.argv[2] ?? "");
let said = false;
await graph.fit(data, {
  epochs: 1e9,
  batchSize: 8,
  checkpoint: {
    save: async (checkpoint) => {
      await save(checkpoint);
      if (!said) console.log("saved");
      said = true;
    },
  },
});
