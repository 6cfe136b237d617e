// Files of neataptic: `toJSON()` of a Network.

import type { ActivationOption, Graph } from "../../index.js";
import { type Neuron, plainNeuron, type Wire } from "./neuron.js";
import { fromNeurons } from "./neurons.js";
import { open } from "./open.js";
import { array, bad, lookup, members, number, place, unsupported } from "./read.js";

/** An activation here, of scale · x + shift. */
interface Squash {
  readonly activation: ActivationOption;
  readonly scale?: number;
  readonly shift?: number;
}

const squashes: Readonly<Record<string, Squash>> = {
  LOGISTIC: { activation: "sigmoid" },
  TANH: { activation: "tanh" },
  IDENTITY: { activation: "linear" },
  RELU: { activation: "relu" },
  SOFTSIGN: { activation: "softsign" },
  SINUSOID: { activation: "sin" },
  SELU: { activation: "selu" },
  /** 2 / (1 + e^-x) - 1 */
  BIPOLAR_SIGMOID: { activation: "tanh", scale: 0.5 },
  /** 1 - x */
  INVERSE: { activation: "linear", scale: -1, shift: 1 },
};

/**
 * Makes the graph of a neataptic network: layers `input`, `hidden1` and so on, `output`, with neataptic's loss mse. Throws
 * `bad-file`; `unsupported` for squashes without an activation here.
 */
export function fromNeataptic(json: object): Graph {
  const file = open(json, "fromNeataptic");
  const list = array(file.nodes, "nodes");
  const typeAt = (i: number) =>
    i < place(file.input, "input")
      ? "input"
      : i < list.length - place(file.output, "output")
        ? "hidden"
        : "output";
  const nodes = list.map((value, i): Neuron => {
    const path = `nodes[${i}]`;
    // Inputs come first and outputs last. Defaults of a node are the bias 0 and the squash LOGISTIC.
    const { type = typeAt(i), squash = "LOGISTIC", bias = 0, mask = 1 } = members(value, path);
    const kind = type === "input" || type === "output" ? type : "hidden";
    if (kind === "hidden" && type !== "hidden" && type !== "constant") {
      throw bad(`${path}.type`, "is none of input, hidden, constant and output");
    }
    const squashed = kind === "input" ? squashes.IDENTITY! : lookup(squashes, squash, `${path}.squash`);
    const gain = kind === "input" ? 1 : number(mask, `${path}.mask`);
    if (gain !== 1 && kind === "output") throw unsupported(`${path}.mask`, "is not 1, on an output");
    const isFrozen = type === "constant";
    const read = number(bias, `${path}.bias`);
    return { ...plainNeuron, ...squashed, kind, bias: read, gain, isFrozen };
  });
  const inputs = nodes.filter(({ kind }) => kind === "input").length;
  if (nodes.slice(0, inputs).some(({ kind }) => kind !== "input")) {
    throw bad("nodes", "has an input after other nodes");
  }
  const wires = array(file.connections, "connections").map((value, k): Wire => {
    const path = `connections[${k}]`;
    const connection = members(value, path);
    const [from, to] = [connection.from, connection.to].map((end) => place(end, path, nodes.length - 1));
    const { gater } = connection;
    return {
      from: from!,
      to: to!,
      weight: number(connection.weight, `${path}.weight`),
      gater: gater === null || gater === undefined ? undefined : place(gater, path, nodes.length - 1),
    };
  });
  return fromNeurons(nodes, wires);
}
