// Files of synaptic: `toJSON()` of a Network.

import type { ActivationOption, Graph } from "../../index.js";
import { type Neuron, plainNeuron, type Wire } from "./neuron.js";
import { fromNeurons } from "./neurons.js";
import { open } from "./open.js";
import { array, lookup, members, number, place } from "./read.js";

const squashes: Readonly<Record<string, ActivationOption>> = {
  LOGISTIC: "sigmoid",
  TANH: "tanh",
  IDENTITY: "linear",
  RELU: "relu",
};

/**
 * Makes the graph of a synaptic network: layers `input`, `hidden1` and so on, `output`, with synaptic's loss mse. The states in the
 * file of a network that ran before are the initial values. In files of versions up to 1.0.11, layers and neurons are texts, such as
 * `"0"`. Throws `bad-file`; `unsupported` for HLIM.
 */
export function fromSynaptic(json: object): Graph {
  const file = open(json, "fromSynaptic");
  const read = array(file.neurons, "neurons").map((value, i) => {
    const path = `neurons[${i}]`;
    const { layer, squash, bias, state = 0, activation: last = 0 } = members(value, path);
    const kind = layer === "input" || layer === "output" ? layer : "hidden";
    const rank = layer === "input" ? -1 : layer === "output" ? 2 ** 32 : place(layer, `${path}.layer`);
    const activation = kind === "input" ? "linear" : lookup(squashes, squash, `${path}.squash`);
    const before = { state: number(state, `${path}.state`), value: number(last, `${path}.activation`) };
    const neuron: Neuron = { ...plainNeuron, kind, activation, bias: number(bias, `${path}.bias`), before };
    return { i, rank, neuron };
  });
  // Layer by layer, the order of computation.
  read.sort((a, b) => a.rank - b.rank || a.i - b.i);
  const places = new Array<number>(read.length);
  for (const [at, { i }] of read.entries()) places[i] = at;
  const wires = array(file.connections, "connections").map((value, k): Wire => {
    const path = `connections[${k}]`;
    const { from, to, weight, gater } = members(value, path);
    const find = (end: unknown) => places[place(end, path, places.length - 1)]!;
    const gate = gater === null || gater === undefined ? undefined : find(gater);
    return { from: find(from), to: find(to), weight: number(weight, `${path}.weight`), gater: gate };
  });
  return fromNeurons(
    read.map(({ neuron }) => neuron),
    wires,
  );
}
