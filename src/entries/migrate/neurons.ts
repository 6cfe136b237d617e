// Neurons that were wired one by one, as a graph of layers. groups.ts forms the layers, and gates.ts multiplies where a neuron
// gates a wire.

import type { Graph, LayerOptions } from "../../index.js";
import { build } from "./build.js";
import { addGates } from "./gates.js";
import { group } from "./groups.js";
import { Matrix, pick } from "./matrices.js";
import { factorOf, type Grouping, type Layout, type Neuron, type Site, type Wire } from "./neuron.js";
import { bad } from "./read.js";

/**
 * Makes the graph of neurons, which are in the order of their computation. Neurons with the same source layers and the same
 * activation make a layer, so that the original layers come back. Between two layers, wires that are missing have the weight 0,
 * or none where under a tenth is there. The layer `output` has the
 * values of all outputs in order. If they aren't one layer, a linear layer collects them.
 */
export function fromNeurons(neurons: readonly Neuron[], all: readonly Wire[]): Graph {
  const outputs = neurons.flatMap(({ kind }, i) => (kind === "output" ? [i] : []));
  if (outputs.length === 0) throw bad("the network", "has no output");
  if (neurons[0]!.kind !== "input") throw bad("the network", "has no input before its other neurons");
  const wires = all.flatMap((wire) => {
    // Inputs have the values that they are given, and never set the factor of a wire.
    if (neurons[wire.to]!.kind === "input") return [];
    return [neurons[wire.gater ?? 0]!.kind === "input" ? { ...wire, gater: undefined } : wire];
  });
  const grouping = group(neurons, wires);
  const { groups, groupOf } = grouping;
  const isDirect = groups[groupOf[outputs[0]!]!]!.members.length === outputs.length;
  return build((graph) => {
    const sites = addSites(graph, neurons, wires, grouping, isDirect);
    const layout: Layout = { ...grouping, graph, sites };
    addWires(neurons, wires, layout);
    addGates(neurons, wires, layout);
    if (isDirect) return;
    // It picks units, and has no weights of the file: nothing in it learns.
    const output = graph.addOutput("output", outputs.length, "linear", "mse", { bias: false });
    for (const from of new Set(outputs.map((neuron) => groupOf[neuron]!))) {
      const picks = outputs.flatMap((neuron, j): [number, number][] =>
        groupOf[neuron] === from ? [[grouping.place[neuron]!, j]] : [],
      );
      pick(graph, sites[from]!.layer, output, picks);
    }
  });
}

/** Adds the layers of each group, with their values before the first step. */
function addSites(
  graph: Graph,
  neurons: readonly Neuron[],
  wires: readonly Wire[],
  { groups, groupOf }: Grouping,
  isDirect: boolean,
): Site[] {
  const recalled = new Set(wires.flatMap(({ from, to }) => (from > to ? [groupOf[from]!] : [])));
  const owners = new Set(wires.flatMap(({ from, to }) => (from === to ? [groupOf[to]!] : [])));
  let hidden = 0;
  return groups.map(({ kind, activation, members }, i): Site => {
    const size = members.length;
    if (kind === "input") {
      const layer = graph.addInput("input", size);
      return { layer, sums: layer };
    }
    const name = kind === "output" && isDirect ? "output" : `hidden${++hidden}`;
    const add = (options: LayerOptions) => {
      return name === "output"
        ? graph.addOutput(name, size, activation, "mse", options)
        : graph.addHidden(name, size, activation, options);
    };
    const start = (of: "state" | "value") => {
      const initial = members.map((neuron) => neurons[neuron]!.before[of]);
      return initial.some((value) => value !== 0) ? { initial } : {};
    };
    const values = recalled.has(i) ? start("value") : {};
    const own = members.map((neuron) => neurons[neuron]!);
    const frozen = own[0]!.isFrozen ? { frozen: true } : {};
    if (!owners.has(i)) {
      const bias = own.map(({ bias, scale, shift }) => scale * bias + shift);
      const layer = add({ bias, ...frozen, ...values });
      return { layer, sums: layer };
    }
    const bias = own.map(({ bias }) => bias);
    const isScaled = own.some(({ scale }) => scale !== 1);
    const isShifted = own.some(({ shift }) => shift !== 0);
    if (activation === "linear" && !isScaled && !isShifted) {
      const layer = add({ bias, ...frozen, ...start("state") });
      return { layer, sums: layer };
    }
    const sums = graph.addHidden(`${name}.state`, size, "linear", { bias, ...frozen, ...start("state") });
    const shifts = isShifted ? { bias: own.map(({ shift }) => shift), frozen: true } : { bias: false };
    const layer = add({ ...shifts, ...values });
    if (!isScaled) graph.connect(sums, layer, { kind: "identity" });
    else {
      const init = { values: own.map(({ scale }) => scale) };
      graph.connect(sums, layer, { kind: "oneToOne", init, frozen: true });
    }
    return { layer, sums };
  });
}

/** Adds the wires without gates: a matrix for each pair of groups and each delay, and a diagonal for a group's own states. */
function addWires(neurons: readonly Neuron[], wires: readonly Wire[], layout: Layout): void {
  const { groups, groupOf, place, sites, graph } = layout;
  const bundles = groups.map(() => new Map<string, Bundle>());
  const bundle = (target: number, source: number, delay: number, isOwn: boolean): Bundle => {
    const key = `${source} ${delay} ${isOwn}`;
    const known = bundles[target]!.get(key);
    if (known !== undefined) return known;
    const size = groups[target]!.members.length;
    const weights = isOwn ? new Float64Array(size) : new Matrix(size);
    const made = { source, delay, weights };
    bundles[target]!.set(key, made);
    return made;
  };
  for (const { from, to, weight, gater } of wires) {
    if (gater !== undefined) continue;
    const [source, target] = [groupOf[from]!, groupOf[to]!];
    const { weights } = bundle(target, source, from >= to ? 1 : 0, from === to);
    // A neuron has one connection to itself.
    if (weights instanceof Float64Array) weights[place[to]!] = weight;
    else {
      const factor = neurons[from]!.gain * factorOf(neurons[to]!, sites[target]!);
      weights.add(place[from]!, place[to]!, weight * factor);
    }
  }
  for (const [i, { kind, members, hears }] of groups.entries()) {
    // A layer of constants needs a source, too.
    if (kind !== "input" && !hears) {
      const { weights } = bundle(i, 0, 0, false);
      for (const unit of members.keys()) (weights as Matrix).add(0, unit, 0);
    }
    const inOrder = [...bundles[i]!.values()].sort((a, b) => a.source - b.source || a.delay - b.delay);
    const frozen = neurons[members[0]!]!.isFrozen;
    const { sums } = sites[i]!;
    for (const { source, delay, weights } of inOrder) {
      if (weights instanceof Matrix) weights.connect(graph, sites[source]!.layer, sums, { delay, frozen });
      else graph.connect(sums, sums, { kind: "oneToOne", delay, init: { values: weights }, frozen });
    }
  }
}

/** Wires from a group to another, or from the states of a group to the next ones, by their neuron. */
interface Bundle {
  readonly source: number;
  readonly delay: number;
  readonly weights: Matrix | Float64Array;
}
