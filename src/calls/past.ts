// The numbers of a state: the last steps of layers with delayed synapses, for each sample of a stream.

import { GraphError } from "../base/error.js";
import type { FloatArray, Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import type { Core } from "../memory/core.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import type { LayerStates } from "../memory/states.js";
import type { Times } from "../memory/times.js";
import type { LayerNode } from "../model/node.js";
import { depthOf, findAcausal } from "../model/time.js";
import type { Topology } from "../model/topology.js";
import { stepOf } from "../rules/step.js";

/** The remembered steps of a layer. */
export interface Remembered {
  readonly layer: LayerNode;
  /** Steps that are remembered. */
  readonly depth: number;
  /** (depth, rows, size), the last step first; where nothing is remembered, any numbers. */
  readonly values: FloatArray<Precision>;
  /** (depth, rows): 1 for a remembered step, 0 where the layer's `initial` stands. */
  readonly begun: Uint8Array;
}

/** Numbers of states, by the states that callers hold. */
const held = new WeakMap<object, Past>();

export class Past {
  readonly topology: Topology;
  readonly rows: number;
  /** Steps that each sample has had. */
  readonly steps: Float64Array;
  readonly layers: readonly Remembered[];
  /** Outputs of the calls so far; `undefined` before the first. */
  outputs: readonly LayerNode[] | undefined;
  readonly #memory: Memory;
  /** The layers of the last pass. */
  #last: { readonly pass: Pass; readonly parts: readonly (readonly [Remembered, LayerStates])[] } | undefined;
  /** Edits of the topology that it follows. */
  readonly #edits: number;

  /** Makes a past of `rows` samples, without a remembered step. Throws `out-of-memory`. */
  constructor(topology: Topology, memory: Memory, rows: number) {
    this.topology = topology;
    this.rows = rows;
    this.#memory = memory;
    this.#edits = topology.edits;
    try {
      this.steps = new Float64Array(rows);
      const Numbers = memory.precision === "float64" ? Float64Array : Float32Array;
      this.layers = topology.layers.flatMap((layer) => {
        const depth = depthOf(layer);
        if (depth === 0) return [];
        const values = new Numbers(depth * rows * layer.size);
        return [{ layer, depth, values, begun: new Uint8Array(depth * rows) }];
      });
    } catch (cause) {
      throw new GraphError("out-of-memory", `There is no room for a state of ${rows} samples.`, { cause });
    }
  }

  /** Returns the numbers of a caller's state; `undefined` for anything else. */
  static of(state: unknown): Past | undefined {
    return typeof state === "object" && state !== null ? held.get(state) : undefined;
  }

  /** Makes this the numbers of a caller's state. */
  hold(state: object): void {
    held.set(state, this);
  }

  /** Refuses a use while the graph reads data, or after its disposal, and after an edit of its topology. */
  still(): void {
    this.#memory.still();
    this.check(this.topology);
  }

  /** Throws `foreign-layer` for a state of another graph; `bad-option` after an edit of the topology. */
  check(topology: Topology): void {
    if (topology !== this.topology) {
      throw new GraphError(
        "foreign-layer",
        "The `state` is of another graph; a copy comes over by its `toJSON`.",
      );
    }
    if (topology.edits === this.#edits) return;
    const why = "the graph was changed after it was made";
    throw new GraphError(
      "bad-option",
      `The \`state\` is stale, since ${why}: make another by \`graph.state()\`.`,
    );
  }

  /**
   * Refuses a pass that can't continue from this state, or a call of another number of samples. Throws `bad-option`,
   * `bad-shape`.
   */
  checkPass(pass: Pass, samples: number, rows: number): void {
    if (samples !== rows) {
      const found = `the data has ${samples} samples, and the state ${rows}`;
      throw new GraphError("bad-shape", `A state has as many rows as the data has samples, but ${found}.`);
    }
    const { outputs } = this;
    if (outputs === pass.outputs) return;
    if (outputs === undefined) {
      refuseAcausal(pass);
      return;
    }
    if (
      outputs.length === pass.outputs.length &&
      outputs.every(({ index }, i) => index === pass.outputs[i]?.index)
    )
      return;
    const names = (list: readonly LayerNode[]) => list.map(({ name }) => show(name)).join(", ");
    const found = `this one has followed ${names(outputs)}, not ${names(pass.outputs)}`;
    throw new GraphError(
      "bad-option",
      `A state follows one set of outputs, and ${found}; its \`reset()\` frees it.`,
    );
  }

  /**
   * Copies the remembered steps to the matrices of a pass, in the order of its samples. `chosen` lists the rows that the
   * samples are, unless all are.
   */
  enter(memory: Memory, pass: Pass, times: Times, chosen?: ArrayLike<number>): void {
    for (const [part, to] of this.#partsOf(memory, pass)) {
      copyIn(memory.core, part, to, this.rows, placesOf(times, chosen));
    }
  }

  /** Follows a pass that was made: copies its last steps back. */
  carry(memory: Memory, pass: Pass, times: Times, chosen?: ArrayLike<number>): void {
    memory.core.call.carry(pass.record, times.samples);
    for (const [part, from] of this.#partsOf(memory, pass)) {
      copyOut(memory.core, part, from, this.rows, placesOf(times, chosen));
    }
    for (let i = 0; i < times.samples; i++) this.steps[chosen?.[i] ?? i]! += times.lengthOf(i);
    this.outputs = pass.outputs;
  }

  /** Returns the remembered steps of the layers that a pass reaches, with the states of these; a copy's layers are found, too. */
  #partsOf(memory: Memory, pass: Pass): readonly (readonly [Remembered, LayerStates])[] {
    const last = this.#last;
    if (last?.pass === pass) return last.parts;
    const reached = new Set(pass.layers.map(({ index }) => index));
    const parts = this.layers
      .filter(({ layer }) => reached.has(layer.index))
      .map((part) => [part, memory.states.of(memory.topology.layers[part.layer.index]!)] as const);
    this.#last = { pass, parts };
    return parts;
  }

  /** Returns a copy, which no state holds. Throws `out-of-memory`. */
  clone(): Past {
    const copy = new Past(this.topology, this.#memory, this.rows);
    copy.follow(this);
    return copy;
  }

  /** Takes the numbers of another past of the same graph and rows. */
  follow(other: Past): void {
    other.layers.forEach(({ values, begun }, i) => {
      this.layers[i]!.values.set(values);
      this.layers[i]!.begun.set(begun);
    });
    this.steps.set(other.steps);
    this.outputs = other.outputs;
  }

  /** Forgets the steps of all rows, and their outputs; or the steps of some rows. */
  reset(rows?: readonly number[]): void {
    if (rows === undefined) {
      for (const { begun } of this.layers) begun.fill(0);
      this.steps.fill(0);
      this.outputs = undefined;
      return;
    }
    for (const { begun } of this.layers) {
      for (let at = 0; at < begun.length; at += this.rows) for (const row of rows) begun[at + row] = 0;
    }
    for (const row of rows) this.steps[row] = 0;
  }
}

/** Returns the state's row of each sample, in the core's order; `undefined` where the two agree. */
function placesOf({ order }: Times, chosen: ArrayLike<number> | undefined): ArrayLike<number> | undefined {
  if (order === undefined || chosen === undefined) return order ?? chosen;
  return order.map((sample) => chosen[sample]!);
}

/** Numbers that a loop copies faster than a view of them. */
const FEW = 64;

/** Copies the remembered steps of a layer to the core. */
function copyIn(
  core: Core,
  part: Remembered,
  to: LayerStates,
  rows: number,
  places?: ArrayLike<number>,
): void {
  const { values, begun, layer, depth } = part;
  const { numbers, u8, bytes } = core;
  const at = to.past / bytes;
  if (places === undefined) {
    numbers.set(values, at);
    u8.set(begun, to.begun);
    return;
  }
  const { size } = layer;
  const samples = places.length;
  for (let slot = 0; slot < depth; slot++) {
    for (let i = 0; i < samples; i++) {
      const from = slot * rows + places[i]!;
      const place = slot * samples + i;
      numbers.set(values.subarray(from * size, (from + 1) * size), at + place * size);
      u8[to.begun + place] = begun[from]!;
    }
  }
}

/** Copies the past of a layer back from the core. */
function copyOut(
  core: Core,
  part: Remembered,
  from: LayerStates,
  rows: number,
  places?: ArrayLike<number>,
): void {
  const { values, begun, layer, depth } = part;
  const { numbers, u8, bytes } = core;
  const at = from.past / bytes;
  if (places === undefined) {
    if (values.length <= FEW) for (let i = 0; i < values.length; i++) values[i] = numbers[at + i]!;
    else values.set(numbers.subarray(at, at + values.length));
    for (let i = 0; i < begun.length; i++) begun[i] = u8[from.begun + i]!;
    return;
  }
  const { size } = layer;
  const samples = places.length;
  for (let slot = 0; slot < depth; slot++) {
    for (let i = 0; i < samples; i++) {
      const to = slot * rows + places[i]!;
      const place = slot * samples + i;
      values.set(numbers.subarray(at + place * size, at + (place + 1) * size), to * size);
      begun[to] = u8[from.begun + place]!;
    }
  }
}

/** Refuses a pass in which values depend on later steps. */
function refuseAcausal(pass: Pass): void {
  const found = findAcausal(pass.layers, (layer) => pass.isTimed(layer));
  if (found === undefined) return;
  const { from, to } = found;
  const why = `${show(to.name)} receives ${show(from.name)} (${stepOf(found) ?? "t"}), which depends on later steps`;
  throw new GraphError(
    "bad-option",
    `No \`state\`, \`window\` or \`carry\` can continue this graph: ${why}.`,
  );
}
