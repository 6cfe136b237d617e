// Wrong data.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { eachIsRefused, fixture, good } from "../support/fixture.js";
import { expectRefusal, type WrongUse, wrong } from "../support/helpers.js";

const { pixels, context } = good;
const t = { digit: [1, 0, 0, 0, 0, 1] };
const outputs = ["even"];
// biome-ignore lint/suspicious/noSparseArray: holes are what is tried
const holed = [1, , 3, 4, 5, 6];
const holedRows = [[1, 2, 3]] as unknown[];
holedRows[2] = [4, 5, 6];

/** Values that can't be `pixels`, 3 numbers a sample, and words of the message. */
const shapes: readonly (readonly [string, unknown, ...string[]])[] = [
  ["an empty array", []],
  ["an empty typed array", new Float64Array(0)],
  ["no rows of arrays", [[]]],
  ["a bare number", 5, "5"],
  ["a string", "1,2,3", "1,2,3"],
  ["null", null, "null"],
  ["true", true],
  ["an object", { length: 3, 0: 1, 1: 2, 2: 3 }],
  ["a Set", new Set([1, 2, 3])],
  ["a function", () => [1, 2, 3]],
  ["a DataView", new DataView(new ArrayBuffer(24))],
  ["an ArrayBuffer", new ArrayBuffer(24)],
  ["a BigInt64Array", new BigInt64Array(6)],
  ["a BigUint64Array", new BigUint64Array(6)],
  ["4 numbers for 3 units", [1, 2, 3, 4], "4"],
  ["7 numbers for 3 units", new Float32Array(7), "7"],
  ["a hole", holed, "hole"],
  ["a hole at the start", new Array(6), "hole"],
  ["a string among numbers", [1, 2, "3", 4, 5, 6], '"3"'],
  ["a string first", ["1", 2, 3, 4, 5, 6], '"1"'],
  ["a BigInt among numbers", [1, 2, 3n, 4, 5, 6], "3n"],
  ["null among numbers", [1, 2, null, 4, 5, 6], "null"],
  ["null first", [null, 2, 3, 4, 5, 6], "null"],
  ["undefined among numbers", [1, 2, undefined, 4, 5, 6], "undefined"],
  ["true among numbers", [1, 2, 3, true, 5, 6], "true"],
  ["an array among numbers", [1, 2, [3], 4, 5, 6]],
  ["a Date among numbers", [1, 2, new Date(0), 4, 5, 6]],
  ["an object first", [{}, 2, 3]],
  [
    "ragged rows",
    [
      [1, 2, 3],
      [4, 5],
    ],
    "row 1",
  ],
  ["a long row", [[1, 2, 3, 4]], "row 0"],
  ["a number among rows", [[1, 2, 3], 4], "row 1"],
  ["null among rows", [[1, 2, 3], null], "row 1"],
  ["a hole among rows", holedRows, "hole", "row 1"],
  ["a string among rows", [[1, 2, 3], "456"], "row 1"],
  ["a hole in a row", [[1, 2, 3], new Array(3)], "hole"],
  [
    "a string in a row",
    [
      [1, 2, 3],
      [4, "5", 6],
    ],
    '"5"',
    "row 1",
  ],
  ["a BigInt64Array as a row", [new BigInt64Array(3), new BigInt64Array(3)]],
  ["a DataView as a row", [[1, 2, 3], new DataView(new ArrayBuffer(24))]],
  ["rows of rows of rows", [[[[1, 2, 3]]], [[[4, 5, 6]]]]],
];

const pixelsWith = (at: number, value: number) => pixels.map((x, i) => (i === at ? value : x));

const uses: WrongUse<Graph>[] = [
  ...shapes.flatMap(([what, value, ...mentions]): WrongUse<Graph>[] => [
    [
      `${what}: predict`,
      (g) => g.predict({ pixels: wrong(value), context }, { outputs }),
      "bad-shape",
      '"pixels"',
      ...mentions,
    ],
    [
      `${what}: train`,
      (g) => g.train({ pixels: wrong(value), context }, t),
      "bad-shape",
      '"pixels"',
      ...mentions,
    ],
    [`${what}: target`, (g) => g.train(good, { digit: wrong(value) }), "bad-shape", '"digit"', ...mentions],
  ]),
  [
    "more rows in one input",
    (g) => g.predict({ pixels, context: [1, 2] }, { outputs }),
    "bad-shape",
    '"pixels"',
    '"context"',
    "2",
    "1",
  ],
  ["more rows in a target", (g) => g.train(good, { even: [1, 1, 0] }), "bad-shape", '"even"', "3", "2"],
  ["fewer rows in a target: gradients", (g) => g.gradients(good, { even: [1] }), "bad-shape", '"even"'],
  ["fewer rows in a target: evaluate", (g) => g.evaluate(good, { ...t, even: [1] }), "bad-shape", '"even"'],
  ["no inputs", (g) => g.predict({}, { outputs }), "missing-input", '"pixels"'],
  ["one input missing", (g) => g.predict({ pixels }, { outputs }), "missing-input", '"context"'],
  [
    "one input undefined",
    (g) => g.predict({ pixels: wrong(undefined), context }, { outputs }),
    "missing-input",
    '"pixels"',
  ],
  ["one input missing: train", (g) => g.train({ context }, t), "missing-input", '"pixels"'],
  ["one input missing: gradients", (g) => g.gradients({ context }, t), "missing-input", '"pixels"'],
  ["one input missing: evaluate", (g) => g.evaluate({ context }, t), "missing-input", '"pixels"'],
  ["inputs as undefined", (g) => g.predict(wrong(undefined), { outputs }), "missing-input"],
  ["inputs as null", (g) => g.train(wrong(null), t), "missing-input"],
  ["inputs as an array", (g) => g.predict(wrong([1, 2, 3]), { outputs }), "missing-input"],
  ["inputs as a typed array", (g) => g.predict(wrong(new Float64Array(3)), { outputs }), "missing-input"],
  ["no targets", (g) => g.train(good, {}), "missing-target"],
  ["targets undefined", (g) => g.train(good, wrong(undefined)), "missing-target"],
  ["targets null", (g) => g.gradients(good, wrong(null)), "missing-target"],
  ["targets as an array", (g) => g.train(good, wrong([1, 0, 0])), "missing-target"],
  ["a target undefined", (g) => g.train(good, { digit: wrong(undefined) }), "missing-target", '"digit"'],
  [
    "a misspelt input",
    (g) => g.predict({ pixles: pixels, context }, { outputs }),
    "unknown-layer",
    '"pixles"',
    '"pixels"',
  ],
  [
    "a misspelt input beside all",
    (g) => g.train({ ...good, contxt: [1] }, t),
    "unknown-layer",
    '"contxt"',
    '"context"',
  ],
  ["a misspelt target", (g) => g.train(good, { digits: t.digit }), "unknown-layer", '"digits"', '"digit"'],
  [
    "a misspelt target: evaluate",
    (g) => g.evaluate(good, { evn: [1, 0] }),
    "unknown-layer",
    '"evn"',
    '"even"',
  ],
  [
    "a hidden layer as a target",
    (g) => g.train(good, { hidden: [1, 2, 3, 4, 5, 6, 7, 8] }),
    "not-an-output",
    '"hidden"',
  ],
  ["an input as a target", (g) => g.gradients(good, { pixels }), "not-an-output", '"pixels"'],
  [
    "a hidden layer as an output",
    (g) => g.predict(good, { outputs: ["hidden"] }),
    "not-an-output",
    '"hidden"',
  ],
  ["a misspelt output", (g) => g.predict(good, { outputs: ["evenn"] }), "unknown-layer", '"evenn"', '"even"'],
  [
    "an output constructor",
    (g) => g.predict(good, { outputs: ["constructor"] }),
    "unknown-layer",
    "constructor",
  ],
  ["a number as an output", (g) => g.predict(good, { outputs: [wrong(3)] }), "unknown-layer", "3"],
  [
    "an output that nothing feeds",
    (g) => g.predict(good, { outputs: ["island"] }),
    "unconnected",
    '"island"',
  ],
  ["all outputs, one of which nothing feeds", (g) => g.predict(good), "unconnected", '"island"'],
  ["a target that nothing feeds", (g) => g.train(good, { island: [1, 1] }), "unconnected", '"island"'],
  [
    "an output fed by what nothing feeds",
    (g) => g.predict(good, { outputs: ["oasis"] }),
    "unconnected",
    '"desert"',
    '"oasis"',
  ],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((value): WrongUse<Graph>[] => {
    const x = { pixels: pixelsWith(4, value), context };
    const where = ['"pixels"', `${value}`, "row 1", "unit 1"];
    return [
      [`${value}: predict`, (g) => g.predict(x, { outputs }), "not-finite", ...where],
      [`${value}: train`, (g) => g.train(x, t), "not-finite", ...where],
      [`${value}: gradients`, (g) => g.gradients(x, t), "not-finite", ...where],
      [`${value}: evaluate`, (g) => g.evaluate(x, t), "not-finite", ...where],
      [
        `${value}: target`,
        (g) => g.train(good, { size: [1, 2, 3, value] }),
        "not-finite",
        '"size"',
        `${value}`,
        "row 1",
        "unit 1",
      ],
      [
        `${value}: entropy's target`,
        (g) => g.train(good, { even: [1, value] }),
        "not-finite",
        '"even"',
        `${value}`,
        "row 1",
      ],
      [
        `${value} in a typed array`,
        (g) => g.predict({ pixels: Float32Array.from(x.pixels), context }, { outputs }),
        "not-finite",
        ...where,
      ],
    ];
  }),
  ["-0.1 for entropy", (g) => g.train(good, { even: [0, -0.1] }), "bad-target", '"even"', "-0.1", "row 1"],
  [
    "1.5 for entropy: gradients",
    (g) => g.gradients(good, { even: [1.5, 1] }),
    "bad-target",
    '"even"',
    "1.5",
    "row 0",
  ],
  ["-1 for entropy: evaluate", (g) => g.evaluate(good, { even: [1, -1] }), "bad-target", '"even"', "-1"],
  [
    "2 for crossEntropy",
    (g) => g.train(good, { digit: [0, 0, 1, 0, 2, 0] }),
    "bad-target",
    '"digit"',
    "row 1",
    "unit 1",
  ],
  [
    "-1e-300 for crossEntropy",
    (g) => g.train(good, { digit: [0, 0, 1, -1e-300, 1, 0] }),
    "bad-target",
    '"digit"',
    "row 1",
  ],
];

describe("the data calls refuse", () => {
  eachIsRefused(uses, fixture);

  it("targets of kl outside [0, 1], on any activation, and no others' but entropy's", () => {
    const graph = fixture();
    for (const loss of ["kl", "mse", "mae", "huber", "logCosh", "hinge", "poisson"] as const) {
      graph.addOutput(loss, 1, "softplus", loss);
      graph.connect("hidden", loss);
      const train = () => graph.train(good, { [loss]: [1, 2] });
      if (loss === "kl") expectRefusal(train, "bad-target", '"kl"', "row 1", "2");
      else expect(train()).toBeGreaterThan(0);
    }
  });
});

describe("in float32", () => {
  const make = () => {
    const json = JSON.parse(JSON.stringify(fixture())) as {
      layers: { bias: string }[];
      synapses: { weights: string }[];
    };
    // The same graph in the other precision, with parameters of its own.
    const zeros = (text: string) => Buffer.alloc(Buffer.from(text, "base64").length / 2).toString("base64");
    for (const layer of json.layers) layer.bias = zeros(layer.bias);
    for (const synapse of json.synapses) synapse.weights = zeros(synapse.weights);
    const graph: Graph = Graph.fromJSON({ ...json, precision: "float32" });
    graph.predict(good, { outputs });
    return graph;
  };
  eachIsRefused(
    [
      [
        "1e300, an infinity there",
        (g) => g.predict({ pixels: pixelsWith(2, 1e300), context }, { outputs }),
        "not-finite",
        '"pixels"',
        "Infinity",
        "row 0",
        "unit 2",
      ],
      [
        "-1e39 in a Float64Array",
        (g) => g.train({ pixels: Float64Array.from(pixelsWith(5, -1e39)), context }, t),
        "not-finite",
        '"pixels"',
        "row 1",
        "unit 2",
      ],
      [
        "1e300 as a target",
        (g) => g.train(good, { size: [1e300, 0, 0, 0] }),
        "not-finite",
        '"size"',
        "row 0",
        "unit 0",
      ],
      [
        "a string",
        (g) => g.predict({ pixels: [1, 2, wrong("3")], context: [1, 2] }, { outputs }),
        "bad-shape",
        '"3"',
      ],
    ],
    make,
  );
});
