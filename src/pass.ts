// A pass as the wrapper sees it, and which shorter way through the core it may take.

import { type Small, SmallLayer } from "../assembly/abi.js";
import { type Layer, type LayerState, learnsBias } from "./layer.js";

/** A pass over the ancestors of some outputs, as the wrapper sees it. */
export interface Pass {
  readonly record: number;
  /** In the order of their creation. */
  readonly outputs: readonly Layer[];
  readonly layers: readonly Layer[];
  readonly inputs: readonly Layer[];
  /** What a call gives: values for the inputs, then targets for the outputs. */
  readonly slots: readonly Slot[];
  /** The same, then what each unit of each sample counts in the outputs' costs. */
  readonly weighed: readonly Slot[];
  /** The shorter way that the core has for one sample, if it has one. */
  readonly small: Small;
  /** Blocks to free with it. */
  readonly blocks: number[];
  /** The rows that it has room for, with and without targets. */
  room: number;
  targetRoom: number;
  deltaRoom: number;
  weighedRoom: number;
}

/** Where the data of a call goes. */
export interface Slot {
  readonly layer: Layer;
  readonly name: string;
  readonly size: number;
  readonly matrix: "given" | "target" | "emphasis";
  /** Whether its targets may be class numbers. */
  readonly classes: boolean;
  /** What the caller gave, during a call. */
  data: unknown;
}

export function slot(layer: Layer, matrix: Slot["matrix"]): Slot {
  const { name, loss, size } = layer.$;
  const classes = matrix === "target" && loss?.name === "crossEntropy" && size > 1;
  return { layer, name, size, matrix, classes, data: undefined };
}

/** Whether a layer is small, and has nothing that only the general way knows. */
export function isSmall({ $: l }: Layer): boolean {
  const { size, incoming } = l;
  if (l.norm !== undefined || l.dropout > 0 || !learnsBias(l) || l.weight !== 1) return false;
  if (
    incoming.some(({ $: s }) => s.kind !== "dense" || s.frozen || s.isShared || s.l1 + s.l2 > 0 || s.maxNorm)
  )
    return false;
  return incoming.reduce((sum, { $: s }) => sum + s.from.$.size * size, 0) <= SmallLayer.weights;
}

/** What `Small.chain` says. */
export function isChain(layers: readonly Layer[], outputs: readonly Layer[]): boolean {
  if (layers.length !== 3 || outputs.length !== 1 || outputs[0] !== layers[2]) return false;
  const [x, h, y] = layers.map(({ $ }) => $) as [LayerState, LayerState, LayerState];
  const inRow = h.incoming.length === 1 && y.incoming.length === 1 && y.incoming[0]!.$.from.$ === h;
  const common = y.size === 1 && (y.loss?.name === "mse" || y.loss?.name === "entropy");
  return inRow && common && [x, h, y].map((l) => l.activation.name).join() === "linear,sigmoid,sigmoid";
}
