// A state as a caller holds it: the last steps of layers, by which the next call continues a sequence.

import { GraphError } from "../base/error.js";
import { counted, printAs } from "../base/inspect.js";
import { number, reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Data } from "../base/read.js";
import { MARK, mark, show } from "../base/text.js";
import { checkClasses } from "../calls/classes.js";
import type { Network } from "../calls/network.js";
import { Past, type Remembered } from "../calls/past.js";
import { stateFromJSON, stateToJSON } from "../format/state.js";
import { checkValues, readValues } from "../memory/values.js";
import type { Layer } from "./layer.js";
import { findLayer } from "./structure.js";

/** A graph, as the maker of states. */
interface StateMaker<P extends Precision> {
  state(rows?: number): State<P>;
}

/**
 * Past values of layers with delayed synapses, for some samples, made by `graph.state()`. `predict`, `evaluate`, `train` and
 * `backward` continue from it and move it on; `gradients` and `gradCheck` only read it. A refused call leaves it as it was.
 * Before a sample's first step, the layer's `initial` stands. A state follows one set of outputs, until the topology changes.
 */
export class State<P extends Precision = Precision> {
  static {
    printAs(State, "State", (state) => `${counted(state.rows, "row")}, ${counted(state.steps, "step")}`);
  }

  readonly #net: Network;
  readonly #past: Past;

  /** @internal */
  get [MARK]() {
    return mark("State", (given) => #past in given);
  }

  /** @internal */
  constructor(net: Network, past: Past) {
    if (!(past instanceof Past)) {
      throw new GraphError("bad-option", "A State is made by `graph.state()`, or by `State.fromJSON`.");
    }
    this.#net = net;
    this.#past = past;
    past.hold(this);
    Object.seal(this);
  }

  /** Number of samples. */
  get rows(): number {
    return this.#past.rows;
  }

  /** Steps seen so far, by the sample that has seen the most. */
  get steps(): number {
    return this.#past.steps.reduce((most, steps) => Math.max(most, steps), 0);
  }

  /**
   * Resets all rows to before their first step, or the listed ones. Without a list, other outputs may follow. Throws
   * `bad-option`, `busy`, `disposed`.
   */
  reset(rows?: readonly number[]): void {
    const past = this.#live;
    if (rows === undefined) {
      past.reset();
      return;
    }
    const read = plain(rows, "bad-option", "The rows of reset");
    if (!Array.isArray(read)) {
      throw new GraphError("bad-option", `\`reset\` takes an array of rows, not ${show(rows)}.`);
    }
    const most = past.rows - 1;
    const chosen = Array.from(read, (row) =>
      number(row, { least: 0, most, whole: true }, "A row of a state"),
    );
    this.#live.reset(chosen);
  }

  /**
   * Returns a copy of a layer's values `delay` steps before the next step, (rows, size). Throws `unknown-layer`,
   * `foreign-layer`, `disposed`; `bad-option` for a layer without a synapse of such a delay.
   */
  get(layer: string | Layer, delay = 1): FloatArray<P> {
    const past = this.#live;
    const part = this.#find(layer, delay);
    const { size, initial } = part.layer;
    const { memory } = this.#net;
    const start = initial === undefined ? undefined : memory.viewOf(initial);
    const first = (delay - 1) * past.rows;
    const found = part.values.slice(first * size, (first + past.rows) * size);
    for (let row = 0; row < past.rows; row++) {
      if (part.begun[first + row] === 1) continue;
      if (start === undefined) found.fill(0, row * size, (row + 1) * size);
      else found.set(start, row * size);
    }
    return found as FloatArray<P>;
  }

  /**
   * Sets a layer's values `delay` steps before the next step, or at all remembered steps, to (rows, size) numbers. Throws as
   * `get` does; `bad-shape`, `not-finite`, `bad-input`, `busy`.
   */
  set(layer: string | Layer, values: Data, delay?: number): void {
    const one = delay === undefined ? 1 : delay;
    const { layer: node } = this.#find(layer, one);
    const { rows } = this.#live;
    const place = { what: `the state of ${show(node.name)}`, rows, size: node.size };
    const read = readValues(values, place);
    checkValues(read, place, this.#net.memory.precision);
    const { classes, name, size } = node;
    if (classes !== undefined) checkClasses(read, classes, name, size, (row) => `row ${row} of the state`);
    // Reading a caller's array may have run code that changed the graph.
    const { values: to, begun, depth } = this.#find(node.name, one);
    this.#live.still();
    for (let slot = delay === undefined ? 0 : delay - 1; slot < (delay ?? depth); slot++) {
      to.set(read, slot * rows * node.size);
      begun.fill(1, slot * rows, (slot + 1) * rows);
    }
  }

  /** Returns an independent state with the same steps. Throws `out-of-memory`, `disposed`; `bad-option` after an edit. */
  clone(): State<P> {
    return new State<P>(this.#net, this.#live.clone());
  }

  /** Returns the state as plain data for `JSON.stringify`. Throws as `clone` does. */
  toJSON(): object {
    return stateToJSON(this.#live, this.#net.memory.precision);
  }

  /** Rebuilds a state for a graph from the data of `toJSON`, also after `JSON.parse`. Throws `bad-file`, `disposed`. */
  static fromJSON<P extends Precision>(json: object, graph: StateMaker<P>): State<P> {
    const made: unknown = reading("bad-option", "The graph", () =>
      typeof graph?.state === "function" ? graph.state() : undefined,
    );
    if (typeof made !== "object" || made === null || !(#past in made)) {
      throw new GraphError("bad-option", `\`State.fromJSON\` takes a Graph, not ${show(graph)}.`);
    }
    const net = (made as State).#net;
    return new State<P>(net, stateFromJSON(net, plain(json, "bad-file", "The state")));
  }

  /** The numbers, if they can be used. Throws `disposed`, `busy`; `bad-option` after an edit of the topology. */
  get #live(): Past {
    this.#past.still();
    return this.#past;
  }

  /** Returns the remembered steps of a layer. Throws as `get` does. */
  #find(given: string | Layer, delay: number): Remembered {
    const past = this.#live;
    const layer = findLayer(this.#net, given);
    const part = past.layers.find((one) => one.layer === layer);
    if (part === undefined) {
      const known = past.layers.map(({ layer: { name } }) => show(name)).join(", ") || "nothing";
      const why = `${show(layer.name)} has no synapse with a delay`;
      throw new GraphError("bad-option", `A state remembers ${known}: ${why}.`);
    }
    number(delay, { least: 1, most: part.depth, whole: true }, `The delay of ${show(layer.name)} in a state`);
    return part;
  }
}
