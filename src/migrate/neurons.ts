// Neurons that were wired one by one, as a graph of layers.

import type { ActivationOption, Layer, Synapse } from "../index.js";
import { type AnyGraph, build, checkSpare } from "./build.js";
import { bad } from "./read.js";

export interface Neuron {
  readonly kind: "input" | "hidden" | "output";
  readonly activation: ActivationOption;
  readonly bias: number;
  /** What its value is multiplied by on its way to others. */
  readonly gain: number;
}

/** From a neuron to a later one, by their places. */
export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Neurons of one layer: of one activation, that hear from the same layers. */
interface Group {
  readonly kind: Neuron["kind"];
  readonly activation: ActivationOption;
  readonly sources: readonly number[];
  readonly members: number[];
}

/**
 * The graph of neurons, which are in the order in which they are computed. Those that hear from the same layers and have the
 * same activation make a layer, so layers that were wired as such come back; where a wire is missing, the weight is 0. The values
 * of all outputs, in their order, are those of the layer `output`: where they aren't one layer, a linear one that collects them.
 */
export function fromNeurons(neurons: readonly Neuron[], wires: readonly Wire[]): AnyGraph {
  const outputs = neurons.flatMap(({ kind }, i) => (kind === "output" ? [i] : []));
  if (outputs.length === 0) throw bad("the network", "has no output");
  if (neurons[0]!.kind !== "input") throw bad("the network", "has no input before its other neurons");
  const { groups, groupOf, place } = gather(neurons, wires);
  const direct = groups[groupOf[outputs[0]!]!]!.members.length === outputs.length;
  const weights = groups.reduce((total, { sources, members }) => {
    return sources.reduce((n, from) => n + groups[from]!.members.length * members.length, total);
  }, 0);
  checkSpare(weights - wires.length);
  return build((graph, later) => {
    let hidden = 0;
    const layers = groups.map(({ kind, activation, members: { length: size } }): Layer => {
      if (kind === "input") return graph.addInput("input", size);
      if (kind === "output" && direct) return graph.addOutput("output", size, activation, "mse");
      return graph.addHidden(`hidden${++hidden}`, size, activation);
    });
    const synapses = groups.map(
      ({ sources }, to) => new Map(sources.map((from) => [from, graph.connect(layers[from]!, layers[to]!)])),
    );
    const collect = direct ? undefined : collector(graph, layers, groupOf, outputs);
    later(() => {
      groups.forEach(({ kind, members }, i) => {
        const bias = layers[i]!.bias;
        if (kind !== "input") for (const [j, neuron] of members.entries()) bias[j] = neurons[neuron]!.bias;
      });
      const views = synapses.map((from) => new Map([...from].map(([i, s]) => [i, s.weights.fill(0)])));
      for (const { from, to, weight } of wires) {
        if (neurons[to]!.kind === "input") continue;
        const view = views[groupOf[to]!]!.get(groupOf[from]!)!;
        const size = groups[groupOf[to]!]!.members.length;
        view[place[from]! * size + place[to]!]! += weight * neurons[from]!.gain;
      }
      if (collect === undefined) return;
      const ones = new Map([...collect].map(([i, s]) => [i, s.weights.fill(0)]));
      for (const [j, neuron] of outputs.entries()) {
        ones.get(groupOf[neuron]!)![place[neuron]! * outputs.length + j] = neurons[neuron]!.gain;
      }
    });
  });
}

/** Finds the groups; each comes after those that it hears from. */
function gather(neurons: readonly Neuron[], wires: readonly Wire[]) {
  const incoming: number[][] = neurons.map(() => []);
  for (const { from, to } of wires) incoming[to]!.push(from);
  const groups: Group[] = [];
  const known = new Map<string, number>();
  const groupOf: number[] = [];
  const place: number[] = [];
  for (const [i, { kind, activation }] of neurons.entries()) {
    const heard = new Set(kind === "input" ? [] : incoming[i]!.map((from) => groupOf[from]!));
    // What hears from nothing is a constant, but something must come into a layer: the inputs, with weights of 0.
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

/** A linear output that takes one unit from each output's place: synapses by group. */
function collector(
  graph: AnyGraph,
  layers: readonly Layer[],
  groupOf: readonly number[],
  outputs: readonly number[],
): Map<number, Synapse<"float64">> {
  const layer = graph.addOutput("output", outputs.length, "linear", "mse");
  const sources = new Set(outputs.map((neuron) => groupOf[neuron]!));
  return new Map([...sources].map((i) => [i, graph.connect(layers[i]!, layer)]));
}
