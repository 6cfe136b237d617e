// LSTM and GRU against PyTorch's, with PyTorch's own tensors: outputs, costs and all gradients, in both directions, stacked,
// ragged, and from given states.

import { Graph, type GruOptions, type LstmOptions } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose } from "../support/helpers.js";
import { casesOf, numbersOf, padded, type ReferenceCase } from "../support/sequences.js";

type Tensors = Readonly<Record<string, number[] | number[][]>>;

interface Case extends ReferenceCase {
  /** The tensors of PyTorch's module, and those of a linear layer after it. */
  readonly torch: Tensors;
  readonly readout: Tensors;
}

const all: readonly ReferenceCase[] = casesOf(new URL("../reference/time.json", import.meta.url));
const cases = all.filter((one): one is Case => /^torch-(lstm|gru)/.test(one.name));

/** PyTorch's order of the gates' rows, and of a GRU's candidate. */
const gates = { lstm: ["input", "forget", "candidate", "output"], gru: ["reset", "update", "candidate"] };

/** Returns some columns of some rows of a matrix, transposed, row-major. */
function part(matrix: number[][], rows: [number, number], columns: [number, number]): number[] {
  const [first, end] = columns;
  const cut = matrix.slice(...rows);
  return Array.from({ length: end - first }, (_, i) => cut.map((row) => row[first + i]!)).flat();
}

/** Builds a case's graph of cells, with PyTorch's tensors. */
function build({ name, layers, torch, readout }: Case): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1 });
  const [kind, add] = name.includes("lstm") ? (["lstm", "addLstm"] as const) : (["gru", "addGru"] as const);
  const size = layers.find((layer) => layer.name === "cell0")!.size;
  let from: string[] = ["x"];
  graph.addInput("x", layers[0]!.size);
  for (let level = 0; `weight_ih_l${level}` in torch; level++) {
    const made: string[] = [];
    for (const [end, suffix] of [
      ["", ""],
      ["_reverse", "b"],
    ] as const) {
      if (!(`weight_ih_l${level}${end}` in torch)) continue;
      const cell = `cell${level}${suffix}`;
      const o: LstmOptions & GruOptions = { backward: end !== "" };
      graph[add](cell, size, from, o);
      made.push(cell);
      const tensor = (of: string) => torch[`${of}_l${level}${end}`]!;
      gates[kind].forEach((gate, i) => {
        const rows: [number, number] = [i * size, (i + 1) * size];
        const inner = kind === "gru" && gate === "candidate" ? `${cell}.recall` : `${cell}.${gate}`;
        let column = 0;
        for (const source of from) {
          const end = column + graph.layer(source).size;
          const values = part(tensor("weight_ih") as number[][], rows, [column, end]);
          graph.synapse(source, `${cell}.${gate}`).weights = values;
          column = end;
        }
        graph.synapse(cell, inner).weights = part(tensor("weight_hh") as number[][], rows, [0, size]);
        const [own, recurrent] = [tensor("bias_ih"), tensor("bias_hh")] as number[][];
        const bias = graph.layer(`${cell}.${gate}`).bias;
        for (let j = 0; j < size; j++) {
          bias[j] = own![rows[0] + j]!;
          graph.layer(inner).bias[j]! += recurrent![rows[0] + j]!;
        }
      });
    }
    from = made;
  }
  graph.addOutput("y", 2, "linear", "mse", { bias: readout.bias as number[] });
  from.forEach((cell, i) => {
    const values = part(readout.weight as number[][], [0, 2], [i * size, (i + 1) * size]);
    graph.connect(cell, "y", { init: { values } });
  });
  return graph;
}

/** Returns a state that begins with given values. */
function begun(graph: AnyGraph, past: NonNullable<Case["steps"][number]["past"]>) {
  const state = graph.state(Object.values(past)[0]!.length);
  for (const [layer, values] of Object.entries(past)) state.set(layer, values.flat());
  return state;
}

describe("PyTorch's cells", () => {
  it("are there", () => {
    expect(cases.length).toBe(8);
  });

  it.each(cases)("$name", (test) => {
    const graph = build(test);
    const { layers, synapses, steps } = test;
    const facts = (s: Case["synapses"][number]) => [s.from, s.to, s.kind ?? "dense", s.delay ?? 0];
    expect(graph.layers.map(({ name, size }) => [name, size])).toEqual(
      layers.map(({ name, size }) => [name, size]),
    );
    expect(graph.synapses.map((s) => [s.from.name, s.to.name, s.kind, s.delay])).toEqual(synapses.map(facts));

    const { xs, ts, lengths, cost, predict, gradients, past } = steps[0]!;
    const options = () => ({ steps: lengths, ...(past && { state: begun(graph, past) }) });
    expectClose(graph.predict(xs, options()).y!, padded(predict.y!, lengths, true), 1e-10, "y");
    const found = graph.gradients(xs, ts as never, options());
    expectClose([found.cost], [cost], 1e-10, "cost");
    expectClose(found.inputs.x!, padded(gradients.inputs.x!, lengths, true), 1e-10, "inputs");
    // PyTorch has no parameters for 1 − update.
    const isTheirs = (name: string) => !name.endsWith(".open");
    for (const [layer, values] of Object.entries(gradients.bias)) {
      if (isTheirs(layer)) expectClose(found.bias[layer]!, values, 1e-10, layer);
    }
    for (const { from, to, values } of found.weights.filter(({ to }) => isTheirs(to))) {
      const wanted = gradients.weights[synapses.findIndex((s) => s.from === from && s.to === to)];
      expectClose(values, numbersOf(wanted!), 1e-10, `${from} → ${to}`);
    }
  });
});
