// Files of synaptic: `toJSON()` of a Network.

import { show } from "../../base/text.js";
import type { ActivationOption, Graph } from "../../index.js";
import { fromNeurons, type Neuron, type Wire } from "./neurons.js";
import { open } from "./open.js";
import { array, lookup, members, number, place, unsupported } from "./read.js";

const squashes: Readonly<Record<string, ActivationOption>> = {
  LOGISTIC: "sigmoid",
  TANH: "tanh",
  IDENTITY: "linear",
  RELU: "relu",
};

/**
 * Makes the graph of a synaptic network: layers `input`, `hidden1` and so on, `output`, with synaptic's loss mse. In files of
 * versions up to 1.0.11, layers and neurons are texts, such as `"0"`. Throws `bad-file`; `unsupported` for a gate, a
 * connection back in time, and HLIM.
 */
export function fromSynaptic(json: object): Graph {
  const file = open(json, "fromSynaptic");
  const read = array(file.neurons, "neurons").map((value, i) => {
    const path = `neurons[${i}]`;
    const { layer, squash, bias } = members(value, path);
    const kind = layer === "input" || layer === "output" ? layer : "hidden";
    const rank = layer === "input" ? -1 : layer === "output" ? 2 ** 32 : place(layer, `${path}.layer`);
    const activation = kind === "input" ? "linear" : lookup(squashes, squash, `${path}.squash`);
    const neuron: Neuron = { kind, activation, bias: number(bias, `${path}.bias`), gain: 1 };
    return { i, rank, neuron };
  });
  // Layer by layer, the order of computation.
  read.sort((a, b) => a.rank - b.rank || a.i - b.i);
  const places = new Array<number>(read.length);
  for (const [at, { i }] of read.entries()) places[i] = at;
  const wires = array(file.connections, "connections").map((value, k): Wire => {
    const path = `connections[${k}]`;
    const { from, to, weight, gater } = members(value, path);
    const [source, target] = [from, to].map((end) => places[place(end, path, places.length - 1)]!);
    if (gater !== null && gater !== undefined)
      throw unsupported(path, `is gated by the neuron ${show(gater)}`);
    if (source! >= target!) throw unsupported(path, `is recurrent: it leads back from ${from} to ${to}`);
    return { from: source!, to: target!, weight: number(weight, `${path}.weight`) };
  });
  return fromNeurons(
    read.map(({ neuron }) => neuron),
    wires,
  );
}
