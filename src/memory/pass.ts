// A pass as the wrapper sees it, and which shorter way through the core it may take.

import { Path, SMALL_LAYER_WEIGHTS } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { type LayerNode, learnsBias } from "../model/node.js";
import type { Arena } from "./core.js";

/**
 * A pass over the ancestors of some outputs, as the wrapper sees it. Whoever keeps a pass after it was freed gets an error, and
 * never the memory of another graph.
 */
export class Pass {
  /** In the order of their creation. */
  readonly outputs: readonly LayerNode[];
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly LayerNode[];
  /** Slots of a call's data: values for the inputs, then targets for the outputs. */
  readonly slots: readonly Slot[];
  /** The same, then what each unit of each sample counts in the outputs' costs. */
  readonly weighed: readonly Slot[];
  /** The shorter way that the core has for one sample, if it has one. */
  readonly path: Path;
  /** Blocks to free with it. */
  readonly blocks: number[];
  /** The rows that are computed at once where nothing is learnt: more go in pieces, so that states take some MB at most. */
  readonly piece: number;
  /** The rows of the call that gave data to it last. */
  rows = 0;
  /** The rows that it has room for, with and without targets. */
  room = 0;
  targetRoom = 0;
  deltaRoom = 0;
  weighedRoom = 0;
  /** Pointer; 0 once it is freed. */
  #record: number;

  /** `blocks`: the first is the record. */
  constructor(layers: readonly LayerNode[], outputs: readonly LayerNode[], blocks: number[]) {
    this.layers = layers;
    this.outputs = outputs;
    this.inputs = layers.filter((layer) => layer.kind === "input");
    this.slots = [
      ...this.inputs.map((layer) => slot(layer, "input")),
      ...outputs.map((layer) => slot(layer, "target")),
    ];
    this.weighed = [...this.slots, ...outputs.map((layer) => slot(layer, "lossWeights"))];
    this.path = !layers.every(isSmall)
      ? Path.general
      : isTwoLayer(layers, outputs)
        ? Path.twoLayer
        : Path.oneSample;
    this.piece = pieceOf(layers);
    this.blocks = blocks;
    this.#record = blocks[0]!;
  }

  /** The pointer of its record. Throws `disposed` once it is freed. */
  get record(): number {
    if (this.#record !== 0) return this.#record;
    throw new GraphError("disposed", "This pass was freed: its graph was disposed of, or has changed.");
  }

  free(arena: Arena): void {
    this.#record = 0;
    for (const block of this.blocks.splice(0)) arena.free(block);
  }
}

/** Numbers of all states of a piece together, and its rows at least, which keep products fast. */
const PIECE = { numbers: 2 ** 20, rows: 16 } as const;

function pieceOf(layers: readonly LayerNode[]): number {
  const width = layers.reduce((sum, l) => {
    const matrices =
      2 + Number(l.kind === "input") + Number(l.norm !== undefined) + 2 * Number(l.dropout > 0);
    return sum + l.size * matrices;
  }, 0);
  return Math.max(PIECE.rows, Math.floor(PIECE.numbers / width));
}

/** Where the data of a call goes. */
export interface Slot {
  readonly layer: LayerNode;
  readonly name: string;
  readonly size: number;
  readonly matrix: "input" | "target" | "lossWeights";
  /** Whether its targets may be class numbers. */
  readonly classes: boolean;
  /** The caller's data, during a call. */
  data: unknown;
}

function slot(layer: LayerNode, matrix: Slot["matrix"]): Slot {
  const { name, loss, size } = layer;
  const classes = matrix === "target" && loss?.name === "crossEntropy" && size > 1;
  return { layer, name, size, matrix, classes, data: undefined };
}

/** Whether a layer is small, and has nothing that only the general way knows. */
function isSmall(l: LayerNode): boolean {
  const { size, incoming } = l;
  if (l.norm !== undefined || l.dropout > 0 || !learnsBias(l) || l.weight !== 1) return false;
  if (incoming.some((s) => s.kind !== "dense" || s.frozen || s.isShared || s.l1 + s.l2 > 0 || s.maxNorm))
    return false;
  return incoming.reduce((sum, s) => sum + s.from.size * size, 0) <= SMALL_LAYER_WEIGHTS;
}

/** Returns whether `Path.twoLayer` computes them: a linear input, one hidden layer and one unit, in a row. */
function isTwoLayer(layers: readonly LayerNode[], outputs: readonly LayerNode[]): boolean {
  if (layers.length !== 3 || outputs.length !== 1 || outputs[0] !== layers[2]) return false;
  const [x, h, y] = layers as [LayerNode, LayerNode, LayerNode];
  const inRow = h.incoming.length === 1 && y.incoming.length === 1 && y.incoming[0]!.from === h;
  return inRow && y.size === 1 && x.activation.name === "linear";
}
