// Options that layers and synapses refuse, with nothing changed.

import { Graph } from "plexus-nn";
import { describe } from "vitest";
import { eachIsRefused } from "../support/fixture.js";
import { type WrongUse, wrong } from "../support/helpers.js";

const make = () => {
  const graph = new Graph({
    seed: 1,
    inputs: { x: 3 },
    hidden: { h: 3 },
    outputs: { y: 2 },
    synapses: [
      ["x", "h"],
      ["h", "y"],
    ],
  });
  graph.connect("x", "h", { name: "same", kind: "identity" });
  return graph as unknown as Graph;
};
type Loose = ReturnType<typeof make>;

const layer = (options: unknown) => (graph: Loose) => graph.addHidden("new", 3, "tanh", wrong(options));
const synapse = (options: unknown) => (graph: Loose) => graph.connect("x", "y", wrong(options));

const uses: WrongUse<Loose>[] = [
  ["an unknown option", layer({ drop: 0.5 }), "bad-option", "drop", "dropout"],
  ["options that are none", layer(3), "bad-option"],
  ["a dropout of 1", layer({ dropout: 1 }), "bad-option", "dropout", "1"],
  ["a dropout below 0", layer({ dropout: -0.1 }), "bad-option", "dropout"],
  ["a dropout that is NaN", layer({ dropout: Number.NaN }), "bad-option", "NaN"],
  ["a dropout that is text", layer({ dropout: "0.5" }), "bad-option", "dropout"],
  ["another norm", layer({ norm: "batch" }), "bad-option", "norm", "layer", "batch"],
  ["frozen that is a number", layer({ frozen: 1 }), "bad-option", "frozen"],
  ["a bias of another length", layer({ bias: [1, 2] }), "bad-shape", "bias", "3", "2"],
  ["a bias of text", layer({ bias: "1" }), "bad-shape", "bias"],
  ["a bias with a hole", layer({ bias: [1, undefined, 3] }), "bad-shape", "undefined"],
  ["a bias that is infinite", layer({ bias: Infinity }), "not-finite", "Infinity"],
  ["a bias with a NaN", layer({ bias: [0, Number.NaN, 0] }), "not-finite", "NaN", "unit 1"],
  ["another join", layer({ join: "max" }), "bad-option", "join", '"sum" or "product"', "max"],
  ["a join that is a number", layer({ join: 1 }), "bad-option", "join"],
  [
    "a join of an input",
    (graph) => graph.addInput("new", 1, "linear", wrong({ join: "sum" })),
    "bad-option",
    "join",
  ],
  ["time of a hidden layer", layer({ time: false }), "bad-option", "time"],
  [
    "time that is a number",
    (graph) => graph.addInput("new", 1, "linear", wrong({ time: 0 })),
    "bad-option",
    "time",
  ],
  ["initial values of another length", layer({ initial: [1, 2] }), "bad-shape", "initial", "3", "2"],
  ["initial values of text", layer({ initial: "1" }), "bad-shape", "initial"],
  ["initial values that are null", layer({ initial: null }), "bad-shape", "initial"],
  ["initial values with a NaN", layer({ initial: [0, Number.NaN, 0] }), "not-finite", "initial", "unit 1"],
  ["initial values that are infinite", layer({ initial: -Infinity }), "not-finite", "initial"],
  [
    "to set initial values that there are none of",
    (graph) => {
      graph.layer("h").initial = [1, 2, 3];
    },
    "bad-option",
    "initial",
    '"h"',
  ],
  ["a weight of a hidden layer", layer({ weight: 2 }), "bad-option", "weight"],
  [
    "a negative weight",
    (graph) => graph.addOutput("new", 1, "sigmoid", "mse", { weight: -1 }),
    "bad-option",
    "-1",
  ],
  [
    "an infinite weight",
    (graph) => graph.addOutput("new", 1, "sigmoid", "mse", { weight: Infinity }),
    "bad-option",
  ],
  [
    "a declared option that is unknown",
    () => new Graph({ hidden: { h: wrong({ size: 1, dropuot: 1 }) } }),
    "bad-option",
    "dropuot",
    "dropout",
  ],
  ["another kind", synapse({ kind: "lean" }), "bad-option", "lean", "identity"],
  ["an identity of other sizes", synapse({ kind: "identity" }), "bad-option", '"x" being 3', "equal sizes"],
  [
    "an identity with initial weights",
    (graph) => graph.connect("x", "h", { name: "n", kind: "identity", init: "he" }),
    "bad-option",
    "init",
  ],
  [
    "an identity with a penalty",
    (graph) => graph.connect("x", "h", { name: "n", kind: "identity", l2: 1 }),
    "bad-option",
    "l2",
  ],
  ["a negative l1", synapse({ l1: -1 }), "bad-option", "l1", "-1"],
  ["an infinite l2", synapse({ l2: Infinity }), "bad-option", "l2"],
  ["a maxNorm of 0", synapse({ maxNorm: 0 }), "bad-option", "maxNorm"],
  ["a negative maxNorm", synapse({ maxNorm: -2 }), "bad-option", "maxNorm", "-2"],
  ["frozen weights by text", synapse({ frozen: "yes" }), "bad-option", "frozen"],
  ["to share what is no synapse", synapse({ share: "x" }), "bad-option", "share", '"x"'],
  [
    "to share another graph's weights",
    (graph) => graph.connect("x", "y", { share: make().synapses[1]! }),
    "bad-option",
    "another graph",
  ],
  [
    "to share weights of another shape",
    (graph) => graph.connect("x", "y", { share: graph.synapses[0]! }),
    "bad-option",
    "3 × 2",
    "3 × 3",
  ],
  [
    "to share an identity",
    (graph) => graph.connect("x", "h", { name: "n", share: graph.synapse("h", "y"), kind: "identity" }),
    "bad-option",
    "share",
  ],
  [
    "to share the weights of an identity",
    (graph) => graph.connect("x", "h", { name: "n", share: graph.synapses[2]! }),
    "bad-option",
    "identity",
  ],
  [
    "to share, with a penalty of its own",
    (graph) => graph.connect("x", "h", { name: "n", share: graph.synapses[0]!, l1: 1 }),
    "bad-option",
    "l1",
  ],
  ["a fractional delay", synapse({ delay: 0.5 }), "bad-option", "delay", "0.5"],
  ["a delay that is text", synapse({ delay: "1" }), "bad-option", "delay"],
  ["a delay beyond 65,536", synapse({ delay: 65_537 }), "bad-option", "delay", "65536"],
  ["a delay below -65,536", synapse({ delay: -65_537 }), "bad-option", "delay", "-65536"],
  ["an infinite delay", synapse({ delay: Infinity }), "bad-option", "delay"],
  ["another `at`", synapse({ at: "middle" }), "bad-option", "at", '"last" or "first"', "middle"],
  ["a number as `at`", synapse({ at: 0 }), "bad-option", "at"],
  ["an `at` with a delay", synapse({ at: "last", delay: 2 }), "bad-option", "at", "delay of 2"],
  [
    "one-to-one weights of other sizes",
    synapse({ kind: "oneToOne" }),
    "bad-option",
    '"x" being 3',
    "equal sizes",
  ],
  [
    "an embedding to other slots",
    () => {
      const graph = new Graph({ inputs: { word: { size: 3, classes: 9 } }, hidden: { e: [4, 4] } });
      graph.connect("word", "e", { kind: "embedding" });
    },
    "bad-option",
    '"word" being 3 and "e" being 4 × 4',
    "number of slots",
  ],
  [
    "names as classes",
    () => new Graph({ inputs: { word: { size: 3, classes: wrong(["a", "b"]) } } }),
    "bad-option",
    "The number of classes",
  ],
  [
    "a bias of too few channels",
    (graph) => graph.addHidden("c", [2, 2, 3], "tanh", { bias: [1, 2] }),
    "bad-shape",
    "the channels' bias",
    "3 numbers",
  ],
  [
    "a batch norm",
    (graph) => graph.addHidden("c", 2, "tanh", { norm: wrong("BatchNorm2d") }),
    "bad-option",
    '{ name: "group", groups }',
  ],
  [
    "nested weights of a conv",
    () => {
      const graph = new Graph({ inputs: { x: [2, 1] }, hidden: { c: [1, 2] } });
      graph.connect("x", "c", { kind: "conv", kernel: 2, init: { values: [[[1, 2]], [[3, 4]]] } });
    },
    "bad-shape",
    "2 rows of 2 numbers, not rows of rows",
  ],
  [
    "one-to-one weights that start orthogonal",
    (graph) => graph.connect("x", "h", { name: "n", kind: "oneToOne", init: "orthogonal" }),
    "bad-option",
    "orthogonal",
  ],
  [
    "one-to-one weights of a graph whose weights start orthogonal",
    () => {
      const options = { kind: "oneToOne" } as const;
      new Graph({ init: "orthogonal", inputs: { x: 2 }, outputs: { y: 2 }, synapses: [["x", "y", options]] });
    },
    "bad-option",
    "orthogonal",
  ],
  [
    "one-to-one weights as a matrix",
    (graph) =>
      graph.connect("x", "h", { name: "n", kind: "oneToOne", init: { values: [1, 2, 3, 4, 5, 6, 7, 8, 9] } }),
    "bad-shape",
    "3 numbers",
  ],
  [
    "to share dense weights one to one",
    (graph) => graph.connect("x", "h", { name: "n", kind: "oneToOne", share: graph.synapses[0]! }),
    "bad-option",
    "dense",
  ],
  [
    "an epsilon of 0",
    (graph) => graph.gradCheck({ x: [1, 2, 3] }, { y: [0, 1] }, { epsilon: 0 }),
    "bad-option",
    "epsilon",
  ],
  [
    "a negative bound",
    (graph) => graph.gradCheck({ x: [1, 2, 3] }, { y: [0, 1] }, { atol: -1 }),
    "bad-option",
    "atol",
  ],
  [
    "an unknown bound",
    (graph) => graph.gradCheck({ x: [1, 2, 3] }, { y: [0, 1] }, wrong({ eps: 1 })),
    "bad-option",
    "eps",
  ],
];

describe("layers and synapses refuse", () => {
  eachIsRefused(uses, make);
});
