// Graphs for a hostile call, and whether it has left them as they should be.

import { Graph, Scaler } from "plexus-nn";
import { Thrown } from "./values.js";

/** Whatever it is: the rows of calls.ts pass what no type allows. */
export type Loose = ReturnType<typeof JSON.parse>;

const xs = { x: [0.1, 0.2, 0.3, 0.4] };
const ts = { y: [0, 1], z: [0.5, 0.25, 1, 0] };

/** Makes a graph, with a loop in time if `isLooped`. */
function make(seed: number, isLooped: boolean): Loose {
  const graph = new Graph({
    seed,
    inputs: { x: 2 },
    hidden: { h: 3 },
    outputs: { y: 1, z: { size: 2, activation: "linear" } },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["h", "z"],
    ],
  });
  if (isLooped) graph.connect("h", "h", { delay: 1 });
  return graph;
}

/** The graph that is called, one that must stay as it is, and what an attack does meanwhile. */
export class World {
  readonly graph: Loose;
  /** Its memory is what would be written to in error. */
  readonly bystander: Loose;
  readonly scaler = Scaler.fit([1, 2, 3, 5], 2);
  readonly xs: Loose = xs;
  readonly ts: Loose = ts;
  readonly data: Loose;
  /** Options of calls with data: a graph with a loop needs steps. */
  readonly options: { readonly steps?: number };
  /** Attacks that came through: they may change `graph`. */
  attacks = 0;
  #isSpent = false;
  readonly #before: string;
  readonly #bystander: string;
  readonly #made: Loose[] = [];
  readonly #runs: PromiseLike<unknown>[] = [];

  constructor(placed: boolean, isLooped = false) {
    this.graph = make(1, isLooped);
    this.bystander = make(2, isLooped);
    this.options = isLooped ? { steps: 1 } : {};
    this.data = { xs, ts, ...this.options };
    if (placed) for (const graph of [this.graph, this.bystander]) graph.train(xs, ts, this.options);
    this.#before = text(this.graph);
    this.#bystander = text(this.bystander);
  }

  /** Adds a graph to those that are disposed of with the world. */
  own<G>(graph: G): G {
    this.#made.push(graph);
    return graph;
  }

  another(): Loose {
    return this.own(make(3, false));
  }

  /** Calls that the caller's code may make while a call reads: each may be refused, and then throws or not. */
  readonly attack: Readonly<Record<string, () => void>> = {
    dispose: () => this.graph.dispose(),
    train: () => this.graph.train(xs, ts, this.options),
    fit: () => void this.#runs.push(this.graph.fit(this.data).then(undefined, () => {})),
    add: () => this.graph.addHidden(`new${this.attacks}`, 5),
    connect: () => this.graph.connect("x", "y"),
    freeze: () => (this.graph.layer("h").frozen = true),
    optimizer: () => (this.graph.optimizer = { name: "adam" }),
    predict: () => this.graph.predict({ x: Array(600).fill(0.5) }, { outputs: ["z"], ...this.options }),
    grow: () => {
      // Takes freed memory, and more, and writes to it: also to blocks that were freed in error.
      for (let i = 0; i < 3; i++) this.another().predict({ x: Array(6000).fill(0.5) });
    },
  };

  /** Runs an attack, of which a refusal is not told where it is quiet. */
  run(name: string, quiet: boolean): void {
    try {
      this.attack[name]!();
      this.attacks++;
    } catch (error) {
      if (!quiet) throw error;
    }
  }

  /** Whether a call or an attack may have changed the graph: the next call has a world of its own. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Returns the fault after a call, if there is one. */
  async verdict(refused: boolean): Promise<string | undefined> {
    await Promise.all(this.#runs);
    if (text(this.bystander) !== this.#bystander) return "another graph has changed";
    this.#isSpent = this.attacks > 0 || !refused;
    if (!this.#isSpent && text(this.graph) !== this.#before) {
      return "a call that was refused has changed the graph";
    }
    return this.#isSpent ? this.works() : undefined;
  }

  /** Checks whether both graphs still compute, and agree with their copies. Returns the fault, if there is one. */
  works(): string | undefined {
    for (const graph of [this.graph, this.bystander]) {
      if (text(graph) === "disposed") continue;
      const copy = this.own(graph.clone());
      const targets = graph.outputs.length === 2 ? ts : { y: ts.y };
      try {
        if (graph.train(xs, targets, this.options) !== copy.train(xs, targets, this.options))
          return "a graph computes something else than its copy";
      } catch (error) {
        // A call that succeeded may have left a graph that can't be trained with this data, or whose rate throws.
        if (!this.#isSpent || (!("code" in (error as object)) && !(error instanceof Thrown))) throw error;
      }
      if (text(graph) !== text(copy)) return "a graph learns something else than its copy";
    }
    return undefined;
  }

  dispose(): void {
    for (const graph of [this.graph, this.bystander, ...this.#made]) graph.dispose();
  }
}

function text(graph: Loose): string {
  try {
    return JSON.stringify(graph);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
