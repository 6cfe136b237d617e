// The state matrices of layers, (rows, width) each, in one table. Room for them is taken before a pass, never inside one.

import { LayerWord } from "../../assembly/abi.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { LayerNode } from "../model/node.js";
import type { Arena, Core } from "./core.js";
import type { Records } from "./records.js";

/** Matrices that are enlarged together: for a forward pass, the deltas of training, targets, loss weights. */
type Room = "state" | "delta" | "target" | "lossWeights";

interface Row {
  /** The word of a layer's record that points to the matrix. */
  readonly word: LayerWord;
  readonly room: Room;
  /** Returns the numbers of a sample. */
  width(layer: LayerNode): number;
  /** Returns whether a layer has the matrix. */
  has(layer: LayerNode): boolean;
  /** Whether its rows stay when it is enlarged, since views show them. */
  readonly isShown?: true;
  /** Whether its word is written only for calls with weights of samples or units. */
  readonly isOptional?: true;
}

const units = ({ size }: LayerNode) => size;
const always = () => true;
const hasNorm = ({ norm }: LayerNode) => norm !== undefined;
const drops = ({ dropout }: LayerNode) => dropout > 0;

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
  rstd: { word: LayerWord.rstd, room: "state", width: () => 1, has: hasNorm },
  dropoutMask: { word: LayerWord.dropoutMask, room: "state", width: units, has: drops },
  droppedPost: { word: LayerWord.droppedPost, room: "state", width: units, has: drops },
  delta: { word: LayerWord.delta, room: "delta", width: units, has: always },
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

const table = Object.entries(matrices) as [Matrix, Row][];

/** Returns the word of a layer's record that points to a matrix. */
export function wordOf(matrix: Matrix): LayerWord {
  return matrices[matrix].word;
}

/** Returns the numbers of a sample in the states of some layers. */
export function widthOf(layers: readonly LayerNode[]): number {
  const rows = table.map(([, row]) => row).filter(({ room }) => room === "state");
  return layers.reduce(
    (sum, layer) => rows.reduce((n, row) => n + (row.has(layer) ? row.width(layer) : 0), sum),
    0,
  );
}

/** The states of a layer: pointers of the matrices, 0 for one without room yet. */
export class LayerStates implements Record<Matrix, number> {
  /** The rows of the last pass that computed it. */
  rows = 0;
  pre = 0;
  post = 0;
  input = 0;
  normalized = 0;
  rstd = 0;
  dropoutMask = 0;
  droppedPost = 0;
  delta = 0;
  target = 0;
  lossWeights = 0;
  /** Rows that there is room for. */
  readonly room: Record<Room, number> = { state: 0, delta: 0, target: 0, lossWeights: 0 };
}

export class States {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #records: Records;
  /** States by the layers' indices. */
  readonly #list: LayerStates[] = [];

  constructor(core: Core, arena: Arena, records: Records) {
    this.#core = core;
    this.#arena = arena;
    this.#records = records;
  }

  of({ index }: LayerNode): LayerStates {
    for (let i = this.#list.length; i <= index; i++) this.#list.push(new LayerStates());
    return this.#list[index]!;
  }

  /** Views the rows of a layer's matrix. */
  view(layer: LayerNode, matrix: Matrix): FloatArray<Precision> {
    const states = this.of(layer);
    return this.#core.view(states[matrix], states.rows * layer.size);
  }

  /** Enlarges the matrices of some layers: all of them or, if memory ends, none. Throws `out-of-memory`. */
  enlarge(layers: readonly LayerNode[], rows: number, room: Room): void {
    const small = layers.filter((layer) => this.of(layer).room[room] < rows);
    const growing = small.flatMap((layer) =>
      table
        .filter(([, row]) => row.room === room && row.has(layer))
        .map(([name, row]) => ({ layer, name, row })),
    );
    const blocks = this.#arena.take(
      growing.map(
        ({ layer, row }) =>
          [rows * row.width(layer) * this.#core.bytes, `${rows} rows of ${layer.name}`] as const,
      ),
    );
    growing.forEach(({ layer, name, row }, i) => {
      const states = this.of(layer);
      const old = states[name];
      if (row.isShown) {
        this.#core.u8.copyWithin(blocks[i]!, old, old + states.rows * row.width(layer) * this.#core.bytes);
      }
      this.#arena.free(old);
      states[name] = blocks[i]!;
    });
    for (const layer of small) {
      const states = this.of(layer);
      states.room[room] = rows;
      if (layer.activation.name === "linear") states.post = states.pre;
      this.writeRecord(layer);
    }
  }

  /** Writes the pointers of a layer's matrices to its record. */
  writeRecord(layer: LayerNode): void {
    const states = this.of(layer);
    const { u32 } = this.#core;
    for (const [name, { word, isOptional }] of table) {
      if (!isOptional) u32[this.#records.word(layer, word) >>> 2] = states[name];
    }
  }

  /** Frees a layer's states, as before its first pass. */
  free(layer: LayerNode): void {
    const states = this.of(layer);
    for (const [name] of table) this.#arena.free(states[name]);
    this.#list[layer.index] = new LayerStates();
  }

  /** Frees the states of layers before their removal. */
  remove(layers: ReadonlySet<LayerNode>): void {
    const gone = new Set(Array.from(layers, ({ index }) => index));
    for (const layer of layers) this.free(layer);
    const left = this.#list.filter((_, index) => !gone.has(index));
    this.#list.splice(0, this.#list.length, ...left);
  }
}
