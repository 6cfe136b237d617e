// The values of layers in a file, as rows for its operators on a row and as steps for its operators along time. A layer with
// time has N · T rows, sample by sample, and steps of shape (N, T, size); one without time has N rows.

import { show } from "../../../base/text.js";
import { GraphError, type Layer, type Synapse } from "../../../index.js";
import type { ExportedLayer } from "./graph.js";
import { Values } from "./values.js";
import type { Writer } from "./writer.js";

/** End of a slice beyond any length. */
const END = 2 ** 52;

export class Series {
  /** The weights that are written, by the synapse that has them and their arrangement. */
  readonly #weights = new Map<Synapse, Map<string, string>>();
  readonly #w: Writer;
  readonly #layers: ReadonlyMap<Layer, ExportedLayer>;
  /** The largest positive and negative delay of each delayed layer's synapses. */
  readonly #depths = new Map<Layer, [number, number]>();
  /** An input of the file with time, whose shape has N and T. */
  readonly #clock: string | undefined;
  readonly #states: boolean;
  readonly #values = new Map<Layer, Values>();
  readonly #steps = new Map<Layer, string>();
  /** Tensors that other tensors determine, by a text of their own. */
  readonly #made = new Map<string, string>();

  /** With `states`, each delayed layer has an input `state.<name>`. */
  constructor(w: Writer, layers: readonly ExportedLayer[], states: boolean) {
    this.#w = w;
    this.#layers = new Map(layers.map((one) => [one.layer, one]));
    this.#clock = layers.find(({ kind, timed }) => kind === "input" && timed)?.name;
    this.#states = states;
    for (const { from, delay } of layers.flatMap(({ incoming }) => incoming)) {
      if (delay === 0) continue;
      const [later, earlier] = this.#depths.get(from) ?? [0, 0];
      this.#depths.set(from, [Math.max(later, delay), Math.max(earlier, -delay)]);
    }
  }

  #once(key: string, write: () => string): string {
    let found = this.#made.get(key);
    if (found === undefined) {
      found = write();
      this.#made.set(key, found);
    }
    return found;
  }

  /** Returns the tensor whose shape starts with N and T. Throws `unsupported` where no input has time. */
  get clock(): string {
    if (this.#clock !== undefined) return this.#clock;
    const why = "no input has time, and so a file would not know the number of steps";
    throw new GraphError("unsupported", `These outputs depend on steps, but ${why}.`);
  }

  #isTimed(layer: Layer): boolean {
    return this.#layers.get(layer)!.timed;
  }

  setValues(layer: Layer, values: Values): void {
    this.#values.set(layer, values);
  }

  setSteps(layer: Layer, steps: string): void {
    this.#steps.set(layer, steps);
  }

  /** Returns a synapse's weights in an arrangement. Shared weights are written once. */
  weights(
    synapse: Synapse,
    arrangement: string,
    arranged: (own: Synapse) => { dims: readonly number[]; values: ArrayLike<number> },
  ): string {
    const own = synapse.share ?? synapse;
    const written = this.#weights.get(own) ?? new Map<string, string>();
    this.#weights.set(own, written);
    let found = written.get(arrangement);
    if (found === undefined) {
      const { dims, values } = arranged(own);
      found = this.#w.constant(own.name ?? `${own.from.name}.${own.to.name}.weights`, dims, values);
      written.set(arrangement, found);
    }
    return found;
  }

  /** Returns a layer's steps, if they are computed as such. */
  ownSteps(layer: Layer): string | undefined {
    return this.#steps.get(layer);
  }

  /** Returns the shape (N, …, size), or (N, T, size), as a tensor. */
  shape(dims: readonly number[], isTimed = false): string {
    return this.#once(`shape ${isTimed} ${dims}`, () => {
      const first = this.#once(`first ${isTimed}`, () =>
        this.#w.op("Shape", [this.clock], { start: 0, end: isTimed ? 2 : 1 }),
      );
      return this.#w.op("Concat", [first, this.#w.whole(dims)], { axis: 0 });
    });
  }

  /** Returns rows of steps. */
  flat(steps: string, size: number): string {
    return this.#once(`flat ${steps}`, () => this.#w.op("Reshape", [steps, this.#w.whole([-1, size])]));
  }

  /** Writes the steps of rows, or of values channels last. */
  unflat(rows: string, size: number, shape: readonly number[] = [size]): string {
    return this.#w.op("Reshape", [rows, this.shape(shape, true)]);
  }

  /** Returns the steps of one row for each sample. */
  #spread(rows: string, size: number): string {
    return this.#once(`spread ${rows}`, () => {
      const one = this.#w.op("Unsqueeze", [rows, this.#w.whole([1])]);
      return this.#w.op("Expand", [one, this.shape([size], true)]);
    });
  }

  /** Returns a layer's values, with rows of its own: N · T for one with time, else N. */
  values(layer: Layer): Values {
    let found = this.#values.get(layer);
    if (found === undefined) {
      found = new Values(this.#w, layer.shape, { rows: this.flat(this.#steps.get(layer)!, layer.size) });
      this.#values.set(layer, found);
    }
    return found;
  }

  /** Returns a layer's steps, (N, T, size); those of one without time are equal. */
  steps(layer: Layer): string {
    const steps = this.#steps.get(layer);
    if (steps !== undefined) return steps;
    const { rows } = this.values(layer);
    if (!this.#isTimed(layer)) return this.#spread(rows, layer.size);
    return this.#once(`unflat ${rows}`, () => this.unflat(rows, layer.size));
  }

  /** Returns the values that a synapse brings into its target's rows. */
  arriving(synapse: Synapse): Values {
    const { from, to, delay, at } = synapse;
    const isMoved = delay !== 0 || (at !== undefined && this.#isTimed(from));
    if (!isMoved && this.#isTimed(from) === this.#isTimed(to)) return this.values(from);
    return new Values(this.#w, from.shape, { rows: this.#arrivingRows(synapse) });
  }

  #arrivingRows({ from, to, delay, at }: Synapse): string {
    const { size } = from;
    if (at !== undefined && this.#isTimed(from)) {
      const step = this.#once(`${at} ${from.name}`, () => {
        const index = this.#w.whole(at === "last" ? -1 : 0);
        return this.#w.op("Gather", [this.steps(from), index], { axis: 1 });
      });
      return this.#isTimed(to) ? this.flat(this.#spread(step, size), size) : step;
    }
    if (delay !== 0) return this.flat(this.#shifted(from, delay), size);
    return this.#isTimed(to) ? this.flat(this.steps(from), size) : this.values(from).rows;
  }

  /** Returns a layer's steps moved by a delay. */
  #shifted(from: Layer, delay: number): string {
    if (from.classes !== undefined) {
      const why = "class numbers have no values before the first step";
      throw new GraphError("unsupported", `The input ${show(from.name)} can't come with a delay: ${why}.`);
    }
    return this.#once(`shifted ${delay} ${from.name}`, () => {
      const all = this.extended(from, delay < 0);
      const depth = this.depth(from, delay < 0);
      const start = delay < 0 ? -delay : depth - delay;
      const end = delay < 0 ? (-delay === depth ? END : -delay - depth) : -delay;
      return this.#slice(all, start, end);
    });
  }

  #slice(steps: string, start: number, end: number, step = 1): string {
    const [from, to, axis, by] = [[start], [end], [1], [step]].map((values) => this.#w.whole(values));
    return this.#w.op("Slice", [steps, from!, to!, axis!, by!]);
  }

  /** Returns the largest delay of a layer's synapses in the file, positive or negative. */
  depth(layer: Layer, isNegative = false): number {
    return this.#depths.get(layer)?.[isNegative ? 1 : 0] ?? 0;
  }

  /** Returns a layer's steps with those before the first one, oldest first, or with those after the last one. */
  extended(layer: Layer, isAfter = false): string {
    return this.#once(`extended ${isAfter} ${layer.name}`, () => {
      const depth = this.depth(layer, isAfter);
      const steps = this.steps(layer);
      if (isAfter) return this.#w.op("Concat", [steps, this.initial(layer, depth)], { axis: 1 });
      const past = this.past(layer, depth);
      const before = this.#states && depth > 1 ? this.#slice(past, -1, -END, -1) : past;
      return this.#w.op("Concat", [before, steps], { axis: 1 });
    });
  }

  /** Returns the values of a layer before the first step, newest first: (N, depth, size). */
  past(layer: Layer, depth: number): string {
    return this.#states ? `state.${layer.name}` : this.initial(layer, depth);
  }

  /** Returns a layer's `initial` for each sample: (N, depth, size). */
  initial(layer: Layer, depth: number): string {
    const { name, size } = layer;
    return this.#once(`initial ${depth} ${name}`, () => {
      const { initial } = this.#layers.get(layer)!;
      const row = this.#once(`initial ${name}`, () =>
        this.#w.constant(`${name}.initial`, [1, 1, size], initial),
      );
      return this.#w.op("Expand", [row, this.shape([depth, size])]);
    });
  }

  /** Returns the values of a layer before the step after the last one, newest first: (N, depth, size). */
  next(layer: Layer, depth: number): string {
    return this.#slice(this.extended(layer), -1, -depth - 1, -1);
  }
}
