// Neurons that were wired one by one, grouped to a graph of layers.

import type { ActivationOption, Graph, Layer } from "../../index.js";
import { build, checkSpare } from "./build.js";
import { bad } from "./read.js";

export interface Neuron {
  readonly kind: "input" | "hidden" | "output";
  readonly activation: ActivationOption;
  readonly bias: number;
  /** Factor of its value for other neurons. */
  readonly gain: number;
}

/** A connection from a neuron to a later one, by their indices. */
export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Neurons of one layer: they have one activation and the same source layers. */
interface Group {
  readonly kind: Neuron["kind"];
  readonly activation: ActivationOption;
  readonly sources: readonly number[];
  readonly members: number[];
}

/**
 * Makes the graph of neurons, which are in the order of their computation. Neurons with the same source layers and the same
 * activation make a layer, so that the original layers come back. A missing wire has the weight 0. The layer `output` has the
 * values of all outputs in order. If they aren't one layer, a linear layer collects them.
 */
export function fromNeurons(neurons: readonly Neuron[], wires: readonly Wire[]): Graph {
  const outputs = neurons.flatMap(({ kind }, i) => (kind === "output" ? [i] : []));
  if (outputs.length === 0) throw bad("the network", "has no output");
  if (neurons[0]!.kind !== "input") throw bad("the network", "has no input before its other neurons");
  const { groups, groupOf, place } = gather(neurons, wires);
  const direct = groups[groupOf[outputs[0]!]!]!.members.length === outputs.length;
  const matrices = fill(neurons, wires, groups, groupOf, place);
  return build((graph) => {
    let hidden = 0;
    const layers = groups.map(({ kind, activation, members }): Layer => {
      const size = members.length;
      if (kind === "input") return graph.addInput("input", size);
      const bias = members.map((neuron) => neurons[neuron]!.bias);
      if (kind === "output" && direct) return graph.addOutput("output", size, activation, "mse", { bias });
      return graph.addHidden(`hidden${++hidden}`, size, activation, { bias });
    });
    for (const [to, sources] of matrices.entries()) {
      for (const [from, values] of sources) graph.connect(layers[from]!, layers[to]!, { init: { values } });
    }
    if (direct) return;
    // It picks units, and has no weights of the file: nothing in it learns.
    const output = graph.addOutput("output", outputs.length, "linear", "mse", { bias: false });
    for (const from of new Set(outputs.map((neuron) => groupOf[neuron]!))) {
      const values = new Float64Array(layers[from]!.size * outputs.length);
      for (const [j, neuron] of outputs.entries()) {
        if (groupOf[neuron] === from) values[place[neuron]! * outputs.length + j] = 1;
      }
      graph.connect(layers[from]!, output, { init: { values }, frozen: true });
    }
  });
}

/** Returns the weights into each group, by their source group: (neurons of the source, neurons of the group). */
function fill(
  neurons: readonly Neuron[],
  wires: readonly Wire[],
  groups: readonly Group[],
  groupOf: readonly number[],
  place: readonly number[],
): Map<number, Float64Array>[] {
  const size = (group: number) => groups[group]!.members.length;
  const weights = groups.reduce((all, { sources }, to) => {
    return sources.reduce((total, from) => total + size(from) * size(to), all);
  }, 0);
  checkSpare(weights - wires.length);
  const matrices = groups.map(
    ({ sources }, to) => new Map(sources.map((from) => [from, new Float64Array(size(from) * size(to))])),
  );
  for (const { from, to, weight } of wires) {
    if (neurons[to]!.kind === "input") continue;
    const matrix = matrices[groupOf[to]!]!.get(groupOf[from]!)!;
    matrix[place[from]! * size(groupOf[to]!) + place[to]!]! += weight * neurons[from]!.gain;
  }
  return matrices;
}

/** Returns the groups, each after its sources. */
function gather(neurons: readonly Neuron[], wires: readonly Wire[]) {
  const incoming: number[][] = neurons.map(() => []);
  for (const { from, to } of wires) incoming[to]!.push(from);
  const groups: Group[] = [];
  const known = new Map<string, number>();
  const groupOf: number[] = [];
  const place: number[] = [];
  for (const [i, { kind, activation }] of neurons.entries()) {
    const heard = new Set(kind === "input" ? [] : incoming[i]!.map((from) => groupOf[from]!));
    // A neuron without sources is a constant. Its layer still needs a source: the inputs, with weights of 0.
    if (kind !== "input" && heard.size === 0) heard.add(0);
    const sources = [...heard].sort((a, b) => a - b);
    const key = JSON.stringify([kind, activation, sources]);
    let group = known.get(key);
    if (group === undefined) {
      group = groups.push({ kind, activation, sources, members: [] }) - 1;
      known.set(key, group);
    }
    groupOf.push(group);
    place.push(groups[group]!.members.push(i) - 1);
  }
  return { groups, groupOf, place };
}
