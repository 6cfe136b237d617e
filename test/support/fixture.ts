// The graph for wrong uses, and their trial: each is refused in the right way, and changes nothing.

import { Graph } from "plexus-nn";
import { expect, it } from "vitest";
import { everything, expectRefusal, type WrongUse } from "./helpers.js";

/** Makes a graph of two inputs, three outputs and an unconnected part, which was trained and has predicted. */
export function fixture(): Graph {
  const graph: Graph = new Graph({ seed: 9 });
  graph.addInput("pixels", 3);
  graph.addInput("context", 2);
  graph.addHidden("hidden", 4, "tanh");
  graph.addOutput("digit", 3, "softmax");
  graph.addOutput("even", 1);
  graph.addOutput("size", 2, "linear");
  graph.addOutput("island", 1);
  graph.addHidden("desert", 2);
  graph.addOutput("oasis", 1);
  graph.connect("pixels", "hidden");
  graph.connect("context", "hidden");
  graph.connect("hidden", "digit");
  graph.connect("hidden", "even");
  graph.connect("digit", "size");
  graph.connect("digit", "size", { name: "twin" });
  graph.connect("desert", "oasis");
  graph.train(good, { digit: [1, 0, 0, 0, 0, 1], size: [1, 2, 3, 4] });
  graph.predict(good, { outputs: ["digit", "even", "size"] });
  return graph;
}

export const good = { pixels: [1, 2, 3, 4, 5, 6], context: [0, 1, 1, 0] };

/** Tests each use of the table, on a graph of its own. */
export function eachIsRefused<G extends Graph>(uses: readonly WrongUse<G>[], make: () => G): void {
  for (const [name, use, code, ...mentions] of uses) {
    it(name, () => {
      const graph = make();
      const before = everything(graph);
      expectRefusal(() => use(graph), code, ...mentions);
      expect(everything(graph)).toBe(before);
      // Repeated, since a refusal must leave nothing behind that would let the same call pass.
      expectRefusal(() => use(graph), code, ...mentions);
      expect(everything(graph)).toBe(before);
    });
  }
}
