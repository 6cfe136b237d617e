// The table of the state matrices of layers, (rows, width) each.

import { LayerWord, SynapseWord } from "../../assembly/abi.js";
import type { LayerNode, SynapseNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { groupsOf } from "../rules/norm.js";
import { biasesOf } from "../rules/shape.js";

/**
 * Matrices that are enlarged together: for a forward pass, the deltas of training, targets, loss weights, the values before the
 * first step, their gradients.
 */
export type Room = "state" | "delta" | "target" | "lossWeights" | "past" | "dpast";

export interface Row {
  /** The word of a layer's record that points to the matrix; for factors it is a word of synapses' records. */
  readonly word?: LayerWord;
  readonly factorWord?: SynapseWord;
  readonly room: Room;
  /** Returns the numbers of a row. */
  width(layer: LayerNode): number;
  /** Returns whether a layer has the matrix. */
  has(layer: LayerNode, topology: Topology): boolean;
  /** Whether it has one row, whatever the call. */
  readonly isOneRow?: true;
  /** Whether its rows stay when it is enlarged, since views show them. */
  readonly isShown?: true;
  /** Whether its word is written only for calls with weights of samples or units. */
  readonly isOptional?: true;
}

const units = ({ size }: LayerNode) => size;
const always = () => true;
const hasNorm = ({ norm }: LayerNode) => norm !== undefined;
const drops = ({ dropout }: LayerNode) => dropout > 0;
const isDelayed = ({ outgoing }: LayerNode) => outgoing.some(({ delay }) => delay !== 0);

/** Returns the synapses whose values a product layer keeps as factors: all but identities. */
export function weighted({ join, incoming }: LayerNode): readonly SynapseNode[] {
  return join === "product" ? incoming.filter(({ kind }) => kind !== "identity") : [];
}

/** Returns the synapses into a product layer, which need gradients of their own. */
export function factors({ join, incoming }: LayerNode): readonly SynapseNode[] {
  return join === "product" ? incoming : [];
}

/** The state matrices. A linear layer's post is its pre. */
export const matrices = {
  pre: { word: LayerWord.pre, room: "state", width: units, has: always, isShown: true },
  post: {
    word: LayerWord.post,
    room: "state",
    width: units,
    has: ({ activation }) => activation.name !== "linear",
    isShown: true,
  },
  input: { word: LayerWord.input, room: "state", width: units, has: ({ kind }) => kind === "input" },
  normalized: { word: LayerWord.normalized, room: "state", width: units, has: hasNorm },
  rstd: { word: LayerWord.rstd, room: "state", width: ({ norm }) => groupsOf(norm!), has: hasNorm },
  dropoutMask: { word: LayerWord.dropoutMask, room: "state", width: units, has: drops },
  droppedPost: { word: LayerWord.droppedPost, room: "state", width: units, has: drops },
  delta: { word: LayerWord.delta, room: "delta", width: units, has: always },
  /** In one row the sums of `delta` over samples, where its biases are fewer than its units. */
  sums: {
    word: LayerWord.sums,
    room: "delta",
    width: units,
    has: (layer) => biasesOf(layer) < layer.size && !hasNorm(layer),
    isOneRow: true,
  },
  /** For a norm in a loop, or a product of more than two factors, whose `delta` doesn't keep them. */
  dpre: {
    word: LayerWord.dpre,
    room: "delta",
    width: units,
    has: (layer, { loops }) =>
      (hasNorm(layer) || factors(layer).length > 2) && loops.loopOf(layer) !== undefined,
  },
  /** A matrix for each synapse, one behind the other. */
  factor: {
    factorWord: SynapseWord.factor,
    room: "state",
    width: (layer) => layer.size * weighted(layer).length,
    has: (layer) => weighted(layer).length > 0,
  },
  dfactor: {
    factorWord: SynapseWord.dfactor,
    room: "delta",
    width: (layer) => layer.size * factors(layer).length,
    has: (layer) => factors(layer).length > 0,
  },
  past: { word: LayerWord.past, room: "past", width: units, has: isDelayed },
  begun: { word: LayerWord.begun, room: "past", width: () => 1, has: isDelayed },
  dpast: { word: LayerWord.dpast, room: "dpast", width: units, has: isDelayed },
  target: { word: LayerWord.target, room: "target", width: units, has: always },
  lossWeights: {
    word: LayerWord.lossWeights,
    room: "lossWeights",
    width: units,
    has: always,
    isOptional: true,
  },
} as const satisfies Readonly<Record<string, Row>>;

export type Matrix = keyof typeof matrices;

export const table = Object.entries(matrices) as [Matrix, Row][];

/** The matrices that synapses of a layer decide on, which edits can add or remove. */
export const linked = [
  "factor",
  "dfactor",
  "dpre",
  "past",
  "begun",
  "dpast",
] as const satisfies readonly Matrix[];

/** Returns the word of a layer's record that points to a matrix. */
export function wordOf(matrix: "input" | "target" | "lossWeights"): LayerWord {
  return matrices[matrix].word;
}

/** Returns the numbers of a row in the states of some layers. */
export function widthOf(layers: readonly LayerNode[], topology: Topology): number {
  const rows = table.map(([, row]) => row).filter(({ room }) => room === "state");
  return layers.reduce(
    (sum, layer) => rows.reduce((n, row) => n + (row.has(layer, topology) ? row.width(layer) : 0), sum),
    0,
  );
}
