// Binds a call's arguments: the outputs that it names, and the way of its data to the layers of a pass.

import { GraphError } from "../base/error.js";
import { form } from "../base/form.js";
import { options, unreadable } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Precision } from "../base/precision.js";
import { isFlat, rowsOf, settled, write } from "../base/read.js";
import { show } from "../base/text.js";
import type { Memory, Need } from "../memory/memory.js";
import type { Pass, Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { enter } from "./enter.js";
import { checkValues } from "./status.js";
import { type Counts, type DataOptions, emphasis, masked, oneHot } from "./weighting.js";

export class Binding {
  /** In the order of their creation. */
  readonly inputs: LayerNode[] = [];
  readonly outputs: LayerNode[] = [];
  readonly #topology: Topology;
  readonly #memory: Memory;

  constructor(topology: Topology, memory: Memory) {
    this.#topology = topology;
    this.#memory = memory;
  }

  /** The outputs that `predict` was asked for by plain values, in the order of their creation. */
  asked(outputs: unknown): readonly LayerNode[] {
    if (outputs === undefined) {
      if (this.outputs.length === 0) throw new GraphError("not-an-output", "This graph has no output.");
      return this.outputs;
    }
    if (!Array.isArray(outputs) || outputs.length === 0) {
      const wanted = "an array of at least one output's name";
      throw new GraphError("bad-option", `The outputs are ${wanted}, not ${show(outputs)}.`);
    }
    return this.#inOrder(outputs);
  }

  #inOrder(names: readonly unknown[]): readonly LayerNode[] {
    const asked = new Set(Array.from(names, (name) => this.output(name)));
    return asked.size === this.outputs.length ? this.outputs : [...asked].sort((a, b) => a.index - b.index);
  }

  output(name: unknown): LayerNode {
    const layer = typeof name === "string" ? this.#topology.find(name) : undefined;
    if (layer?.kind === "output") return layer;
    if (layer !== undefined) {
      throw new GraphError(
        "not-an-output",
        `The layer ${show(name)} is not an output but ${kinds[layer.kind]}.`,
      );
    }
    throw this.#topology.unknown(name, "output", namesOf(this.outputs));
  }

  /** An input or an output. */
  scalable(name: unknown): LayerNode {
    const layer = typeof name === "string" ? this.#topology.find(name) : undefined;
    return layer?.kind === "input" ? layer : this.output(name);
  }

  /** The options of a call with targets; undefined where nothing is weighed. `isScored`: whether metrics are computed. */
  counts(given: unknown, of: string, isScored = false): Counts | undefined {
    if (given === undefined) return undefined;
    const read = plain(given, "bad-option", `The options of ${of}`);
    const { sampleWeights, mask } = options(read, ["sampleWeights", "mask"], of);
    if (mask !== undefined && !isRecord(mask)) {
      throw new GraphError("bad-option", `A mask is an object by outputs' names, not ${show(mask)}.`);
    }
    for (const name of Object.keys(mask ?? {})) this.output(name);
    if (sampleWeights === undefined && mask === undefined) return undefined;
    return { sampleWeights, mask, isScored };
  }

  /** The same, of a dataset. */
  countsOf({ sampleWeights, mask }: DataOptions, isScored = false): Counts | undefined {
    if (sampleWeights === undefined && mask === undefined) return undefined;
    return this.counts({ sampleWeights, mask }, "a dataset", isScored);
  }

  /** Spells a call, with targets or without. */
  #form(hasTargets: boolean): string {
    return form(this.inputs, hasTargets ? this.outputs : undefined);
  }

  /** The outputs that targets are given for, in the order of their creation. */
  aims(ts: unknown): readonly LayerNode[] {
    if (!isRecord(ts)) {
      const wrong = `The targets are an object by outputs' names, not ${show(ts)}`;
      throw new GraphError("missing-target", `${wrong}, as in \`${this.#form(true)}\`.`);
    }
    if (this.outputs.length === 0) throw new GraphError("not-an-output", "This graph has no output.");
    if (names(ts, this.outputs)) return this.outputs;
    const given = Object.keys(ts);
    if (given.length === 0) {
      throw new GraphError("missing-target", "No target is given: name at least one output.");
    }
    return this.#inOrder(given);
  }

  // Each of the three keeps the graph from being used by what is read, by a flag that `Store.still` asks for. To give the reading
  // to a function that does so would cost a small graph's step a sixth of its time.

  /**
   * Writes a call's data to the pass towards the targets' outputs. Returns that pass, with the call's rows. Data of more rows
   * than a piece has stays in the slots where `isPieced`, for `inPieces`.
   */
  aim(xs: unknown, ts: unknown, need: Need, counts?: Counts, isPieced = false): Pass {
    const memory = this.#memory;
    let last: Pass | undefined = memory.last;
    memory.reading = true;
    try {
      if (!memory.isSettled) {
        [xs, ts] = [this.hold(xs), this.hold(ts)];
        last = undefined;
      }
      // Most often the targets are those of the last call: then one pass over them suffices.
      const from = last?.inputs.length;
      const again = last !== undefined && isRecord(ts) && taken(ts, last.slots, from!, last.slots.length);
      const pass = again ? last! : memory.pass(this.aims(ts));
      this.#give(pass, xs, ts, need, counts, again, isPieced);
      return pass;
    } catch (cause) {
      throw unreadable(cause, "bad-shape", "The data");
    } finally {
      memory.reading = false;
    }
  }

  /** Writes values to the inputs of the pass towards some outputs. Returns that pass, with the call's rows; `isPieced` as for `aim`. */
  give(xs: unknown, outputs: unknown, isPieced = false): Pass {
    const memory = this.#memory;
    memory.reading = true;
    try {
      const values = this.hold(xs);
      const pass = memory.pass(this.asked(outputs));
      this.#give(pass, values, undefined, "states", undefined, false, isPieced);
      return pass;
    } catch (cause) {
      throw unreadable(cause, "bad-shape", "The data");
    } finally {
      memory.reading = false;
    }
  }

  /** Puts the values for a pass's inputs and outputs into its slots; gives the rows. */
  read(pass: Pass, xs: unknown, ts: unknown, counts?: Counts): number {
    const memory = this.#memory;
    memory.reading = true;
    try {
      return this.#read(pass, xs, ts, counts);
    } catch (cause) {
      throw unreadable(cause, "bad-shape", "The data");
    } finally {
      memory.reading = false;
    }
  }

  /**
   * Takes the data that `aim` or `give` left in the slots: targets and weights at once, values of inputs piece by piece. Calls
   * `work` for each piece. All of it is checked before, so that a refusal has computed nothing.
   */
  inPieces(
    pass: Pass,
    isWeighed: boolean,
    hasTargets: boolean,
    work: (first: number, count: number) => void,
  ): void {
    const memory = this.#memory;
    const { rows, piece } = pass;
    const slots = !hasTargets ? [] : isWeighed ? pass.weighed : pass.slots;
    memory.ensure(pass, piece, "states");
    if (hasTargets) memory.ensureCosts(pass, rows, isWeighed);
    memory.read("bad-shape", "The data", () => {
      const give = (first: number, count: number, isChecked: boolean) => {
        for (const slot of pass.slots.slice(0, pass.inputs.length)) {
          const layer = slot.layer;
          enter(slot.data, slot.name, count, slot.size, memory, layer.input, layer.scaler, first);
          if (isChecked) checkValues(memory, slot, layer.input, count, layer.scaler, first);
        }
      };
      const each = (visit: (first: number, count: number) => void) => {
        for (let first = 0; first < rows; first += piece) visit(first, Math.min(piece, rows - first));
      };
      try {
        each((first, count) => give(first, count, true));
        for (const slot of slots.slice(pass.inputs.length)) {
          const layer = slot.layer;
          const isTarget = slot.matrix === "target";
          const to = isTarget ? layer.target : layer.lossWeights;
          enter(slot.data, slot.name, rows, slot.size, memory, to, isTarget ? layer.scaler : undefined);
          if (isTarget) checkValues(memory, slot, to, rows, layer.scaler);
        }
        each((first, count) => {
          give(first, count, false);
          work(first, count);
        });
      } finally {
        for (const slot of pass.weighed) slot.data = undefined;
      }
    });
  }

  /**
   * Data of a call that first gives the topology its place, which moves the memory: what lies there (live views) is copied.
   * Of `fit`, which takes memory for it, `always`.
   */
  hold(given: unknown, always = false): unknown {
    if (!isRecord(given) || (this.#memory.isSettled && !always)) return given;
    const { buffer } = this.#memory.core;
    return Object.fromEntries(Object.entries(given).map(([name, data]) => [name, settled(data, buffer)]));
  }

  /**
   * Reads all that a pass needs, makes room, and writes it to the layers, and the rows to the pass; `again`: the targets are
   * in their slots already.
   */
  #give(
    pass: Pass,
    xs: unknown,
    ts: unknown,
    need: Need,
    counts: Counts | undefined,
    again: boolean,
    isPieced: boolean,
  ): void {
    const memory = this.#memory;
    const slots = counts === undefined ? pass.slots : pass.weighed;
    const count = ts === undefined ? pass.inputs.length : slots.length;
    const rows = this.#read(pass, xs, ts, counts, again);
    pass.rows = rows;
    if (isPieced && rows > pass.piece) return;
    memory.ensure(pass, rows, need, counts !== undefined);
    memory.weigh(pass, counts !== undefined);
    // Looked up once, and again where reading made another graph, which moves the memory.
    let { numbers } = memory;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const layer = slot.layer;
      const { data, matrix } = slot;
      slot.data = undefined;
      // A word for a word: a name that is looked up costs more than all else here.
      const to = matrix === "input" ? layer.input : matrix === "target" ? layer.target : layer.lossWeights;
      const scaler = matrix === "lossWeights" ? undefined : layer.scaler;
      write(data, slot.name, rows, slot.size, numbers, memory.place(to), scaler);
      if (numbers.length > 0) continue;
      enter(data, slot.name, rows, slot.size, memory, to, scaler);
      numbers = memory.numbers;
    }
  }

  /** `again`: the targets are in their slots already; no `ts`: they aren't wanted. */
  #read(pass: Pass, xs: unknown, ts: unknown, counts?: Counts, again = false): number {
    const slots = counts === undefined ? pass.slots : pass.weighed;
    if (!isRecord(xs)) {
      const wrong = `The inputs' values are an object by inputs' names, not ${show(xs)}`;
      throw new GraphError("missing-input", `${wrong}, as in \`${this.#form(ts !== undefined)}\`.`);
    }
    const given = pass.inputs.length;
    const count = ts === undefined ? given : pass.slots.length;
    if (!taken(xs, slots, 0, given)) {
      if (!names(xs, this.inputs)) this.#checkInputs(xs);
      take(xs, slots, 0, given);
    }
    if (count > given && !again && !taken(ts as object, slots, given, count)) {
      take(ts as object, slots, given, count);
    }
    let rows = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const { name, size } = slot;
      if (i >= given && (counts !== undefined || slot.classes)) {
        aimed(slot, rows, counts, slots[i + pass.outputs.length], this.#memory.precision);
      }
      const { data } = slot;
      const found = rowsOf(data, name, size, slot.classes);
      if (i > 0 && found !== rows) throw uneven(slots[0]!.name, rows, slot, found);
      rows = found;
    }
    const grows = pass.room < rows || pass.targetRoom < rows || pass.deltaRoom < rows;
    if (grows || (counts !== undefined && pass.weighedRoom < rows)) {
      for (let i = 0; i < count; i++) slots[i]!.data = settled(slots[i]!.data, this.#memory.core.buffer);
    }
    return rows;
  }

  /** Refuses values for what is no input. */
  #checkInputs(xs: object): void {
    for (const name of Object.keys(xs)) {
      if (this.#topology.find(name)?.kind !== "input") {
        throw this.#topology.unknown(name, "input", namesOf(this.inputs));
      }
    }
  }
}

/** Makes targets of classes, and of what is weighed; `weighed` is then the slot of the weights. */
function aimed(
  slot: Slot,
  rows: number,
  counts: Counts | undefined,
  weighed: Slot | undefined,
  precision: Precision,
): void {
  const { name, size } = slot;
  const heed = counts && emphasis(counts, name, rows, size, precision);
  if (heed) weighed!.data = heed;
  if (slot.classes && isFlat(slot.data, rows)) slot.data = oneHot(slot.data, name, size, heed);
  else if (heed && rowsOf(slot.data, name, size) === rows) slot.data = masked(slot.data, heed, size);
}

/** An object by names. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Whether an object names some layers in their order, and nothing else: told without making a list of its names. */
function names(given: object, layers: readonly LayerNode[]): boolean {
  let next = 0;
  for (const name in given) {
    if (next === layers.length || layers[next]!.name !== name || !Object.hasOwn(given, name)) return false;
    next++;
  }
  return next === layers.length;
}

const own = Object.prototype.hasOwnProperty;

/** Puts an object's values into slots, if it names those in their order, and nothing else; tells whether it did. */
function taken(given: object, slots: readonly Slot[], from: number, to: number): boolean {
  if (given.hasOwnProperty !== own) return false;
  let next = from;
  // Written so that V8 asks and reads by a name's place, without looking it up: `own.call` and `Object.hasOwn` make it do so.
  for (const name in given) {
    // biome-ignore lint/suspicious/noPrototypeBuiltins: it is the one of Object
    if (next === to || slots[next]!.name !== name || !given.hasOwnProperty(name)) return false;
    slots[next]!.data = (given as Record<string, unknown>)[name];
    if (slots[next++]!.data === undefined) return false;
  }
  return next === to;
}

/** Puts an object's own values into slots. Throws `missing-input`, `missing-target`. */
function take(given: object, slots: readonly Slot[], from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const slot = slots[i]!;
    slot.data = Object.hasOwn(given, slot.name) ? (given as Record<string, unknown>)[slot.name] : undefined;
    if (slot.data === undefined) throw missing(slot);
  }
}

function uneven(first: string, rows: number, { name, classes, data }: Slot, found: number): GraphError {
  const counts = `${show(first)} has ${rows} and ${show(name)} ${found}`;
  const numbers = `; as class numbers its ${(data as { length: number }).length} values would be a row each`;
  const flat = classes && isFlat(data, (data as { length: number }).length);
  return new GraphError(
    "bad-shape",
    `All names of a call have as many rows, but ${counts}${flat ? numbers : ""}.`,
  );
}

function missing(slot: Slot): GraphError {
  const name = show(slot.name);
  return slot.matrix === "input"
    ? new GraphError("missing-input", `There are no values for the input ${name}, which is needed.`)
    : new GraphError("missing-target", `There is no target for the output ${name}.`);
}

const kinds = { input: "an input", hidden: "a hidden layer", output: "an output" };

function* namesOf(layers: readonly LayerNode[]): Iterable<string> {
  for (const layer of layers) yield layer.name;
}
