// The state matrices of layers. Room for them is taken before a pass, never inside one.

import type { FloatArray, Precision } from "../base/precision.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import type { Arena, Core } from "./core.js";
import { factors, linked, type Matrix, matrices, type Room, type Row, table, weighted } from "./matrices.js";
import type { Records } from "./records.js";
import type { Times } from "./times.js";

/** The states of a layer: pointers of the matrices, 0 for one without room yet. */
export class LayerStates implements Record<Matrix, number> {
  /** The rows of the last pass that computed it; below 0 for a pass with steps. */
  rows = 0;
  /** The steps of the last pass with steps, and whether its rows are steps of samples. */
  times: Times | undefined = undefined;
  isTimed = false;
  pre = 0;
  post = 0;
  input = 0;
  normalized = 0;
  rstd = 0;
  dropoutMask = 0;
  droppedPost = 0;
  delta = 0;
  sums = 0;
  dpre = 0;
  factor = 0;
  dfactor = 0;
  past = 0;
  begun = 0;
  dpast = 0;
  target = 0;
  lossWeights = 0;
  /** Rows that there is room for. */
  readonly room: Record<Room, number> = { state: 0, delta: 0, target: 0, lossWeights: 0, past: 0, dpast: 0 };
  /** Numbers of a row in the matrices that synapses decide on, at the last layout. */
  readonly widths: Partial<Record<Matrix, number>> = {};
}

/** A number of rows for all layers, or one for each. */
export type RowsOf = number | ((layer: LayerNode) => number);

export class States {
  readonly #core: Core;
  readonly #arena: Arena;
  readonly #topology: Topology;
  readonly #records: Records;
  /** States by the layers' indices. */
  readonly #list: LayerStates[] = [];

  constructor(core: Core, arena: Arena, topology: Topology, records: Records) {
    this.#core = core;
    this.#arena = arena;
    this.#topology = topology;
    this.#records = records;
  }

  of({ index }: LayerNode): LayerStates {
    for (let i = this.#list.length; i <= index; i++) this.#list.push(new LayerStates());
    return this.#list[index]!;
  }

  /** Views the rows of a layer's matrix; of a pass with steps, each sample's last one. */
  view(layer: LayerNode, matrix: Matrix): FloatArray<Precision> {
    const { size } = layer;
    const states = this.of(layer);
    const { times, isTimed } = states;
    const rows = Math.abs(states.rows);
    const all = this.#core.view(states[matrix], rows * size);
    if (times === undefined || states.rows >= 0) return all;
    const { samples, order } = times;
    const first = rows - samples;
    if (order === undefined && (!isTimed || times.isInStep)) return all.subarray(first * size);
    const copy = all.slice(0, samples * size);
    for (let place = 0; place < samples; place++) {
      const sample = times.sampleAt(place);
      const row = isTimed ? times.row(place, times.lengthOf(sample) - 1) : place;
      copy.set(all.subarray(row * size, (row + 1) * size), sample * size);
    }
    return copy;
  }

  /**
   * Enlarges the matrices of some layers to a number of rows, or to one for each layer: all of them or, if memory ends, none.
   * Throws `out-of-memory`.
   */
  enlarge(layers: readonly LayerNode[], rows: RowsOf, room: Room): void {
    const wanted = typeof rows === "number" ? () => rows : rows;
    // After an edit of a layer's synapses it may show more rows than the next pass has.
    const shown = (layer: LayerNode) => (room === "state" ? Math.abs(this.of(layer).rows) : 0);
    const rowsOf = (layer: LayerNode) => Math.max(wanted(layer), shown(layer));
    const small = layers.filter((layer) => this.of(layer).room[room] < wanted(layer));
    const growing = small.flatMap((layer) =>
      table
        .filter(([, row]) => row.room === room && row.has(layer, this.#topology))
        .map(([name, row]) => ({ layer, name, row })),
    );
    const { bytes } = this.#core;
    const blocks = this.#arena.take(
      growing.map(({ layer, row }) => {
        const count = row.isOneRow ? 1 : rowsOf(layer);
        return [count * row.width(layer) * bytes, `${count} rows of ${layer.name}`] as const;
      }),
    );
    growing.forEach(({ layer, name, row }, i) => {
      const states = this.of(layer);
      const old = states[name];
      if (row.isShown) {
        this.#core.u8.copyWithin(blocks[i]!, old, old + Math.abs(states.rows) * row.width(layer) * bytes);
      }
      this.#arena.free(old);
      states[name] = blocks[i]!;
    });
    for (const layer of small) {
      const states = this.of(layer);
      states.room[room] = rowsOf(layer);
      if (layer.activation.name === "linear") states.post = states.pre;
      this.writeRecord(layer);
    }
  }

  /** Follows an edit of the topology: frees matrices of a layer that its synapses no longer ask for, or in another width. */
  follow(layer: LayerNode): void {
    const states = this.of(layer);
    for (const name of linked) {
      const row: Row = matrices[name];
      const width = row.has(layer, this.#topology) ? row.width(layer) : 0;
      const before = states.widths[name] ?? 0;
      if (width === before) continue;
      states.widths[name] = width;
      this.#arena.free(states[name]);
      states[name] = 0;
      states.room[row.room] = 0;
    }
    this.writeRecord(layer);
  }

  /** Writes the pointers of a layer's matrices to its record, and those of factors to the records of synapses. */
  writeRecord(layer: LayerNode): void {
    const states = this.of(layer);
    const { u32, bytes } = this.#core;
    for (const [name, { word, isOptional }] of table) {
      if (word !== undefined && !isOptional) u32[this.#records.word(layer, word) >>> 2] = states[name];
    }
    if (layer.join !== "product") return;
    for (const [name, list] of [
      ["factor", weighted(layer)],
      ["dfactor", factors(layer)],
    ] as const) {
      const { factorWord, room } = matrices[name];
      list.forEach((synapse, i) => {
        const place = states[name] === 0 ? 0 : states[name] + i * states.room[room] * layer.size * bytes;
        u32[(this.#records.synapse(synapse) >>> 2) + factorWord] = place;
      });
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
