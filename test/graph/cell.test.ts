// addLstm and addGru equal the calls that docs/time.md lists, and a declared cell equals either: bit for bit. A refused cell
// leaves nothing behind.

import { readFileSync } from "node:fs";
import { type CellOptions, Graph, type GruOptions, type LayerOptions, type LstmOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { cellOptions } from "../../src/model/cell.js";
import { type AnyGraph, everything, refusal, wrong } from "../support/helpers.js";

const product = { bias: false, join: "product" } as const;
const same = { kind: "identity" } as const;

/** Returns a graph with two inputs and a layer, without cells. */
function base(precision: "float64" | "float32" = "float64"): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 5, precision, optimizer: { name: "adam" } });
  graph.addInput("x", 3);
  graph.addInput("z", 2);
  graph.addHidden("h", 4, "tanh");
  graph.connect("x", "h");
  return graph;
}

const data = {
  xs: {
    x: Array.from({ length: 2 * 4 * 3 }, (_, i) => Math.sin(i)),
    z: Array.from({ length: 2 * 4 * 2 }, (_, i) => Math.cos(i)),
  },
  ts: { y: Array.from({ length: 2 * 4 * 2 }, (_, i) => (i * 0.37) % 1) },
  steps: [4, 3],
};

/** Adds an output, whose weights show the graph's random streams. */
function finished(graph: AnyGraph): AnyGraph {
  graph.addOutput("y", 2);
  graph.connect("c", "y");
  return graph;
}

/** Returns the files of a graph before and after training. */
function files(graph: AnyGraph): string[] {
  const start = JSON.stringify(finished(graph));
  const { xs, ts, steps } = data;
  const costs = [1, 2, 3].map(() => graph.train(xs, ts, { steps }));
  return [start, JSON.stringify(graph), ...costs.map(String)];
}

/** Returns the penalties of a cell's options. */
function penalties({ l1, l2 }: CellOptions): { l1?: number; l2?: number } {
  return { ...(l1 === undefined ? {} : { l1 }), ...(l2 === undefined ? {} : { l2 }) };
}

/** Adds an LSTM by calls of addHidden and connect. */
function lstmByHand(graph: AnyGraph, size: number, from: readonly string[], o: LstmOptions): void {
  const delay = o.backward === true ? -1 : 1;
  const { activation = "tanh", gate = "sigmoid", recurrentInit = "orthogonal" } = o;
  const norm: LayerOptions = o.norm === undefined ? {} : { norm: o.norm };
  const initial = o.initial ?? false;
  const first = { ...penalties(o), ...(o.init === undefined ? {} : { init: o.init }) };
  const recurrent = { ...penalties(o), delay, init: recurrentInit };
  const peep = { ...penalties(o), kind: "oneToOne", init: "zeros" } as const;
  graph.addHidden("c.input", size, gate, norm);
  graph.addHidden("c.forget", size, gate, { ...norm, bias: o.forgetBias ?? 1 });
  graph.addHidden("c.candidate", size, activation, norm);
  graph.addHidden("c.output", size, gate, norm);
  graph.addHidden("c.write", size, "linear", product);
  graph.addHidden("c.keep", size, "linear", product);
  graph.addHidden("c.state", size, "linear", { bias: false, initial });
  graph.addHidden("c.squash", size, activation, { bias: false });
  graph.addHidden("c", size, "linear", { ...product, initial, dropout: o.dropout ?? 0 });
  for (const part of ["input", "forget", "candidate", "output"]) {
    for (const source of from) graph.connect(source, `c.${part}`, first);
    graph.connect("c", `c.${part}`, recurrent);
    if (o.peephole !== true || part === "candidate") continue;
    graph.connect("c.state", `c.${part}`, part === "output" ? peep : { ...peep, delay });
  }
  graph.connect("c.input", "c.write", same);
  graph.connect("c.candidate", "c.write", same);
  graph.connect("c.forget", "c.keep", same);
  graph.connect("c.state", "c.keep", { ...same, delay });
  graph.connect("c.keep", "c.state", same);
  graph.connect("c.write", "c.state", same);
  graph.connect("c.state", "c.squash", same);
  graph.connect("c.output", "c", same);
  graph.connect("c.squash", "c", same);
}

/** Adds a GRU by calls of addHidden and connect. */
function gruByHand(graph: AnyGraph, size: number, from: readonly string[], o: GruOptions): void {
  const delay = o.backward === true ? -1 : 1;
  const { activation = "tanh", gate = "sigmoid", recurrentInit = "orthogonal", reset = "after" } = o;
  const norm: LayerOptions = o.norm === undefined ? {} : { norm: o.norm };
  const first = { ...penalties(o), ...(o.init === undefined ? {} : { init: o.init }) };
  const recurrent = { ...penalties(o), delay, init: recurrentInit };
  graph.addHidden("c.update", size, gate, norm);
  graph.addHidden("c.reset", size, gate, norm);
  if (reset === "after") graph.addHidden("c.recall", size, "linear");
  graph.addHidden("c.gated", size, "linear", product);
  graph.addHidden("c.candidate", size, activation, norm);
  graph.addHidden("c.open", size, "linear", { bias: 1, frozen: true });
  graph.addHidden("c.write", size, "linear", product);
  graph.addHidden("c.keep", size, "linear", product);
  graph.addHidden("c", size, "linear", {
    bias: false,
    initial: o.initial ?? false,
    dropout: o.dropout ?? 0,
  });
  for (const part of ["update", "reset", "candidate"]) {
    for (const source of from) graph.connect(source, `c.${part}`, first);
    if (part !== "candidate") graph.connect("c", `c.${part}`, recurrent);
  }
  if (reset === "after") {
    graph.connect("c", "c.recall", recurrent);
    graph.connect("c.reset", "c.gated", same);
    graph.connect("c.recall", "c.gated", same);
    graph.connect("c.gated", "c.candidate", same);
  } else {
    graph.connect("c.reset", "c.gated", same);
    graph.connect("c", "c.gated", { ...same, delay });
    graph.connect("c.gated", "c.candidate", { ...penalties(o), init: recurrentInit });
  }
  const minus = { kind: "oneToOne", init: { name: "constant", value: -1 }, frozen: true } as const;
  graph.connect("c.update", "c.open", minus);
  graph.connect("c.open", "c.write", same);
  graph.connect("c.candidate", "c.write", same);
  graph.connect("c.update", "c.keep", same);
  graph.connect("c", "c.keep", { ...same, delay });
  graph.connect("c.keep", "c", same);
  graph.connect("c.write", "c", same);
}

const options: readonly LstmOptions[] = [
  {},
  { backward: true, dropout: 0.3 },
  { activation: "softsign", gate: "hardSigmoid", initial: true },
  { norm: "layer", init: "lecun", recurrentInit: { name: "normal", deviation: 0.1 } },
  { l1: 0.01, l2: 0.002 },
];

const cells = [
  {
    cell: "lstm",
    add: "addLstm",
    byHand: lstmByHand,
    own: [...options, { forgetBias: -2.5 }, { peephole: true }, { peephole: true, backward: true, l2: 0.01 }],
  },
  {
    cell: "gru",
    add: "addGru",
    byHand: gruByHand,
    own: [...options, ...options.map((o): GruOptions => ({ ...o, reset: "before" }))],
  },
] as const;

describe.each(cells)("$add", ({ cell, add, byHand, own }) => {
  it.each(own.map((o) => ({ o, text: JSON.stringify(o) })))("equals the calls by hand: $text", ({ o }) => {
    for (const precision of ["float64", "float32"] as const) {
      for (const from of [["x"], ["z", "h", "x"], []]) {
        const [made, wanted] = [base(precision), base(precision)];
        const layer = made[add]("c", 5, from, o);
        expect(layer).toBe(made.layer("c"));
        byHand(wanted, 5, from, o);
        expect(files(made)).toEqual(files(wanted));
      }
    }
  });

  it.each(own.map((o) => ({ o, text: JSON.stringify(o) })))(
    "has the derivatives of its cost: $text",
    ({ o }) => {
      const graph = base();
      graph[add]("c", 4, ["x", "h", "z"], { ...o, dropout: 0 });
      finished(graph);
      // Weights of 0, such as those of peepholes, and states of 0 would hide faults.
      for (const one of graph.synapses)
        if (one.kind === "oneToOne" && !one.frozen) one.weights = [0.1, -0.2, 0.3, 0.4];
      for (const one of graph.layers) if (one.hasInitial) one.initial = [0.3, -0.1, 0.2, 0.5];
      const { xs, ts, steps } = data;
      expect(graph.gradCheck(xs, ts, { steps, rtol: 1e-5, atol: 1e-8 }).ok).toBe(true);
    },
  );

  it("equals a declaration, in the order of its hidden layers", () => {
    const spec = { cell, size: 5, from: ["x", "h"], backward: true } as const;
    const declared: AnyGraph = new Graph({
      seed: 5,
      optimizer: { name: "adam" },
      inputs: { x: 3 },
      hidden: { h: { size: 4, activation: "tanh" }, c: spec, after: { cell, size: 2, from: "c.candidate" } },
      outputs: { y: 2 },
      synapses: [
        ["x", "h"],
        ["c", "y"],
        ["after", "y"],
      ],
    });
    const called: AnyGraph = new Graph({ seed: 5, optimizer: { name: "adam" } });
    called.addInput("x", 3);
    called.addHidden("h", 4, "tanh");
    called[add]("c", 5, ["x", "h"], { backward: true });
    called[add]("after", 2, "c.candidate");
    called.addOutput("y", 2);
    called.connect("x", "h");
    called.connect("c", "y");
    called.connect("after", "y");
    expect(JSON.stringify(declared)).toBe(JSON.stringify(called));
  });

  it("takes handles and names, and reads them once", () => {
    const [made, wanted] = [base(), base()];
    let reads = 0;
    const counted = {
      get activation() {
        reads++;
        return "relu" as const;
      },
    };
    made[add]("c", 5, [made.layer("x"), "h"], counted);
    wanted[add]("c", 5, ["x", wanted.layer("h")], { activation: "relu" });
    expect(reads).toBe(1);
    expect(files(made)).toEqual(files(wanted));
  });

  it("draws each source's weights by the sizes of its own synapse, and recurrent ones orthogonal", () => {
    const graph = base();
    graph[add]("c", 5, ["x", "z"]);
    const gate = cell === "lstm" ? "c.output" : "c.reset";
    for (const [source, size] of [
      ["x", 3],
      ["z", 2],
    ] as const) {
      const { weights } = graph.synapse(source, gate);
      const bound = Math.sqrt(6 / (size + 5));
      expect(Math.max(...weights.map(Math.abs))).toBeLessThan(bound);
      expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(bound / 2);
    }
    const { weights } = graph.synapse("c", gate, 1);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) {
        let sum = 0;
        for (let k = 0; k < 5; k++) sum += weights[i * 5 + k]! * weights[j * 5 + k]!;
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
  });

  it("takes the graph's initial weights for its sources", () => {
    const graph: AnyGraph = new Graph({ seed: 1, init: "heNormal", inputs: { x: 3 } });
    graph[add]("c", 2, "x");
    expect(graph.synapse("x", "c.candidate").init).toBe("heNormal");
  });

  it("refuses, with nothing changed, whatever it can't make", () => {
    const graph = base();
    graph.addOutput("y", 1);
    graph.connect("h", "y");
    graph.train({ x: [1, 2, 3] }, { y: [1] });
    graph.addHidden("taken.candidate", 2);
    const stranger = base().layer("x");
    const before = everything(graph);
    const refused = (code: string, call: () => unknown, words: RegExp) => {
      const error = refusal(call);
      expect(error.code).toBe(code);
      expect(error.message).toMatch(words);
      expect(everything(graph)).toBe(before);
    };
    const given = (o: unknown) => () => graph[add]("c", 2, "x", wrong(o));
    refused("duplicate-layer", () => graph[add]("h", 2, "x"), /"h"/);
    refused("duplicate-layer", () => graph[add]("taken", 2, "x"), /"taken\.candidate"/);
    refused("bad-name", () => graph[add]("", 2, "x"), /name/);
    refused("bad-size", () => graph[add]("c", 0, "x"), /size of "c"/);
    refused("unknown-layer", () => graph[add]("c", 2, "hh"), /"hh".*"h"/);
    refused("unknown-layer", () => graph[add]("c", 2, ["x", "c"]), /"c"/);
    refused("foreign-layer", () => graph[add]("c", 2, [stranger]), /"x"/);
    refused("duplicate-synapse", () => graph[add]("c", 2, ["x", "z", "x"]), /"x" to "c\.\w+"/);
    refused("bad-option", given(1), new RegExp(`the ${cell} "c"`));
    refused("bad-option", given({ recurrentInitializer: "zeros" }), /"recurrentInit"/);
    refused("bad-option", given({ bias: 1 }), /"bias"/);
    refused("bad-option", given({ activation: "swish" }), /"silu"/);
    refused("bad-option", given({ gate: "logistic" }), /"sigmoid"/);
    refused("bad-option", given({ backward: -1 }), /`backward`/);
    refused("bad-option", given({ initial: 1 }), /`initial`/);
    refused("bad-option", given({ dropout: 1 }), /dropout of the layer "c"/);
    refused("bad-option", given({ norm: "batch" }), /norm/);
    refused("bad-option", given({ init: "xavier" }), /"glorot"/);
    refused("bad-option", given({ l1: -1 }), /The l1 of .*"c\.\w+"/);
    refused("bad-option", given({ l2: "0.1" }), /The l2 of .*"c\.\w+"/);
    refused("bad-option", given({ recurrentInit: { name: "uniform", low: 1, high: 0 } }), /uniform/);
    refused("out-of-memory", () => graph[add]("c", 10_000_000, "x"), /room/);
    if (cell === "lstm") {
      refused("bad-option", given({ forgetBias: "1" }), /forgetBias/);
      refused("bad-option", given({ peephole: 1 }), /`peephole`/);
      refused("bad-option", given({ reset: "after" }), /"reset"/);
    } else {
      refused("bad-option", given({ reset: "then" }), /reset/);
      refused("bad-option", given({ forgetBias: 1 }), /"forgetBias"/);
    }
    // The graph's random streams are those of one that was never refused.
    const fresh = base();
    fresh.addOutput("y", 1);
    fresh.connect("h", "y");
    fresh.train({ x: [1, 2, 3] }, { y: [1] });
    fresh.addHidden("taken.candidate", 2);
    for (const one of [graph, fresh]) {
      one[add]("c", 2, "x");
      one.connect("x", "taken.candidate");
    }
    expect(JSON.stringify(graph)).toBe(JSON.stringify(fresh));
  });

  it("refuses a graph that is in training, disposed, or used by its options", async () => {
    const graph = base();
    graph.addOutput("y", 1);
    graph.connect("h", "y");
    const run = graph.fit({ xs: { x: [1, 2, 3] }, ts: { y: [1] } }, { epochs: 1 });
    expect(refusal(() => graph[add]("c", 2, "x")).code).toBe("busy");
    await run;
    const using = {
      get gate() {
        graph.addHidden("c", 1);
        return "sigmoid" as const;
      },
    };
    expect(refusal(() => graph[add]("c", 2, "x", using)).code).toBe("duplicate-layer");
    graph.dispose();
    expect(refusal(() => graph[add]("d", 2, "x")).code).toBe("disposed");
  });
});

describe("docs/time.md", () => {
  const page = readFileSync(new URL("../../docs/time.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+(?:\.\w+)?)` \|/gm)].map((match) => match[1]!);

  it("has the layers of both cells, in the order of their creation", () => {
    const graph: AnyGraph = new Graph({ inputs: { x: 1 } });
    graph.addLstm("cell", 1, "x");
    const lstm = graph.layers.slice(1).map(({ name }) => name);
    for (const name of lstm) graph.remove(name);
    graph.addGru("cell", 1, "x");
    const gru = graph.layers.slice(1).map(({ name }) => name);
    expect(rows.filter((name) => name.startsWith("cell"))).toEqual([...lstm, ...gru]);
  });

  it("has their options", () => {
    const wanted = new Set((["lstm", "gru"] as const).flatMap(cellOptions));
    expect(rows.filter((name) => wanted.has(name))).toEqual([...wanted]);
  });
});

describe("a call without a source", () => {
  it("is refused, and names the argument", () => {
    const { code, message } = refusal(() => base().addLstm("c", 2, wrong(undefined)));
    expect(code).toBe("unknown-layer");
    expect(message).toContain("third argument");
  });
});

describe("a declaration", () => {
  const declared = (c: unknown, h: unknown = 2) =>
    refusal(() => new Graph({ inputs: { x: 1 }, hidden: wrong({ c, h }), outputs: { y: 1 } }));

  it("refuses cells with wrong members", () => {
    expect(declared({ size: 2, cell: "rnn", from: "x" }).message).toMatch(/cell of "c" is "lstm" or "gru"/);
    expect(declared({ size: 2, cell: "lstm" }).message).toMatch(/"c" needs `from`/);
    expect(declared({ size: 2, cell: "gru", from: "x", bias: 0 }).message).toMatch(/"bias" is not an option/);
    expect(declared({ size: 2, from: "x" }).message).toMatch(/"from" is not an option of the layer "c"/);
    expect(declared({ size: 2, cell: "gru", from: "h" }).code).toBe("unknown-layer");
    expect(declared({ size: 2, cell: "gru", from: "x" }, { cell: "lstm", size: 1, from: "y" }).code).toBe(
      "unknown-layer",
    );
    expect(
      refusal(() => new Graph({ inputs: wrong({ x: { size: 1, cell: "lstm", from: "x" } }) })).message,
    ).toMatch(/"cell" is not an option/);
  });

  it("takes a layer whose cell is undefined for a plain one", () => {
    const graph = new Graph({ hidden: { h: wrong({ size: 2, cell: undefined }) } });
    expect(graph.layers.map(({ name }) => name)).toEqual(["h"]);
  });
});
