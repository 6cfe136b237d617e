// 1,200 random edits, with training in between. After each, a graph's file is the file before with that edit made on plain
// arrays. A graph that is built anew from it continues with the same bits.

import { Graph, type Layer, type Optimizer, type Precision, type Synapse } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, Random, refusal, seed } from "../support/helpers.js";
import { optimizers } from "../support/optimizers.js";

interface Entry {
  [member: string]: unknown;
  name?: string;
  size?: number;
  kind?: string;
  from?: string;
  to?: string;
  share?: number;
}

interface File {
  seed: number;
  generators: { shuffles: number; noises?: number; connections?: number };
  layers: Entry[];
  synapses: Entry[];
}

const inits = ["glorot", "zeros", "normal", "orthogonal", { name: "constant", value: 0.25 }] as const;

const fileOf = (graph: AnyGraph): File => JSON.parse(JSON.stringify(graph));

/** Reads the numbers of a file's text. */
function numbersOf(text: unknown, precision: Precision): number[] {
  const { buffer } = Uint8Array.from(Buffer.from(text as string, "base64"));
  return [...(precision === "float64" ? new Float64Array(buffer) : new Float32Array(buffer))];
}
function textOf(values: readonly number[], precision: Precision): string {
  const { buffer } = precision === "float64" ? Float64Array.from(values) : Float32Array.from(values);
  return Buffer.from(buffer).toString("base64");
}

/** Removes some synapses from a file: shared weights go to the first that is left. */
function without(file: File, isGone: (synapse: Entry) => boolean): void {
  const old = file.synapses;
  const owners = old.map((synapse, i) => synapse.share ?? i);
  const gone = old.map(isGone);
  const heirs = new Map<number, number>();
  const places = new Map<number, number>();
  const left: Entry[] = [];
  old.forEach((synapse, i) => {
    if (gone[i]) return;
    places.set(i, left.length);
    const owner = owners[i]!;
    const { share: _, ...own } = synapse;
    if (owner === i) left.push(synapse);
    else if (!gone[owner]) left.push({ ...own, share: places.get(owner)! });
    else if (heirs.has(owner)) left.push({ ...own, share: heirs.get(owner)! });
    else {
      heirs.set(owner, left.length);
      const { name, from, to, ...kept } = old[owner]!;
      left.push({ ...kept, ...own });
    }
  });
  file.synapses = left;
}

/** A run of a turn. */
class Run {
  readonly random: Random;
  readonly precision: Precision;
  graph: AnyGraph;
  count = 0;
  /** Numbers that weights were drawn by. */
  connections = 0;

  constructor(random: Random, precision: Precision, optimizer: Optimizer) {
    this.random = random;
    this.precision = precision;
    this.graph = new Graph({ seed: random.whole(0, 1e6), precision, optimizer });
    this.graph.addInput("x", 3);
    this.addOutput();
    this.graph.connect("x", this.graph.outputs[0]!);
    this.connections++;
  }

  layer(kinds: readonly string[] = ["input", "hidden", "output"]): Layer | undefined {
    const fitting = (this.graph.layers as Layer[]).filter(({ kind }) => kinds.includes(kind));
    return fitting.length === 0 ? undefined : this.random.pick(fitting);
  }

  options(): object {
    const { random } = this;
    return {
      ...(random.chance(0.2) ? { norm: "layer" } : {}),
      ...(random.chance(0.2) ? { dropout: 0.3 } : {}),
      ...(random.chance(0.1) ? { bias: false } : random.chance(0.3) ? { bias: 0.1 } : {}),
      ...(random.chance(0.1) ? { frozen: true } : {}),
    };
  }

  addHidden(): void {
    const activation = this.random.pick(["tanh", "relu", "linear", "sigmoid"] as const);
    this.graph.addHidden(`h${this.count++}`, this.random.whole(1, 5), activation, this.options());
  }

  addOutput(): void {
    const activation = this.random.pick(["linear", "sigmoid", "softmax"] as const);
    const size = this.random.whole(activation === "softmax" ? 2 : 1, 5);
    this.graph.addOutput(`y${this.count++}`, size, activation, undefined, this.options());
  }

  /** Joins two layers, if that may be; a refusal has changed nothing. */
  connect(): void {
    const { random, graph } = this;
    const [from, to] = [this.layer()!, this.layer(["hidden", "output"])];
    if (to === undefined) return;
    const twins = (graph.synapses as Synapse[]).filter(
      ({ kind, shape }) => kind === "dense" && shape[0] === from.size && shape[1] === to.size,
    );
    const share = twins.length > 0 && random.chance(0.5) ? random.pick(twins) : undefined;
    const isIdentity = from.size === to.size && random.chance(0.2);
    const own = share === undefined && !isIdentity;
    const options = {
      ...(random.chance(0.5) ? { name: `s${this.count++}` } : {}),
      ...(isIdentity ? { kind: "identity" as const } : share === undefined ? {} : { share }),
      ...(own && random.chance(0.3) ? { l2: 0.01 } : {}),
      ...(own && random.chance(0.2) ? { maxNorm: 0.8 } : {}),
      ...(own && random.chance(0.1) ? { frozen: true } : {}),
      ...(own && random.chance(0.3) ? { init: random.pick(inits) } : {}),
    };
    try {
      graph.connect(from, to, options);
      this.connections++;
    } catch (error) {
      expect(["cycle", "duplicate-synapse"]).toContain((error as { code: string }).code);
    }
  }

  /** Removes a part from the graph, and from its file. */
  remove(): void {
    const { graph, random } = this;
    const file = fileOf(graph);
    const synapses = graph.synapses as Synapse[];
    if (random.chance(0.5) && synapses.length > 0) {
      const place = random.whole(0, synapses.length - 1);
      const gone = synapses[place]!;
      without(file, (synapse) => synapse === file.synapses[place]);
      graph.remove(gone);
      expect(refusal(() => gone.weights).code).toBe("disposed");
      expect(refusal(() => graph.remove(gone)).code).toBe("disposed");
    } else {
      if (graph.layers.length < 3) return;
      const gone = this.layer()!;
      const { name } = gone;
      without(file, ({ from, to }) => from === name || to === name);
      file.layers = file.layers.filter((layer) => layer.name !== name);
      const parts = synapses.filter(({ from, to }) => from === gone || to === gone);
      graph.remove(random.chance(0.5) ? gone : name);
      for (const synapse of parts) expect(refusal(() => synapse.from).code).toBe("disposed");
      expect(refusal(() => gone.bias).code).toBe("disposed");
      expect(refusal(() => graph.layer(name)).code).toBe("unknown-layer");
    }
    this.expectFile(file);
  }

  resize(): void {
    const { graph, random, precision } = this;
    const layer = this.layer(["hidden", "output"]);
    if (layer === undefined) return;
    const { name, size: before } = layer;
    const size = random.whole(layer.activation === "softmax" ? 2 : 1, 6);
    const file = fileOf(graph);
    const init = random.chance(0.5) ? undefined : random.pick(inits);
    try {
      graph.resize(name, size, init === undefined ? {} : { init });
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      expect(`${code} ${message}`).toMatch(/^bad-option The layer "\w+" can't be resized: /);
      expect(fileOf(graph)).toEqual(file);
      return;
    }
    const after = fileOf(graph);
    const find = (one: File) => one.layers.findIndex((entry) => entry.name === name);
    /** Returns a matrix of another shape; new numbers are `fill`, or those of the other file. */
    const reshaped = (text: unknown, from: readonly number[], to: readonly number[], fill: unknown) => {
      const old = numbersOf(text, precision);
      const fresh = typeof fill === "number" ? undefined : numbersOf(fill, precision);
      const values = Array.from({ length: to[0]! * to[1]! }, (_, i) => {
        const [row, column] = [Math.floor(i / to[1]!), i % to[1]!];
        const kept = row < from[0]! && column < from[1]!;
        return kept ? old[row * from[1]! + column]! : (fresh?.[i] ?? (fill as number));
      });
      return textOf(values, precision);
    };
    const entry = file.layers[find(file)]!;
    entry.size = size;
    for (const [member, value] of Object.entries(entry)) {
      if (!/^(bias|gain)(Mean|Square|Momentum)?$/.test(member)) continue;
      entry[member] = reshaped(value, [1, before], [1, size], member === "gain" ? 1 : 0);
    }
    const sizes = new Map(after.layers.map((one) => [one.name, one.size!]));
    let drawn = 0;
    file.synapses.forEach((synapse, i) => {
      if (synapse.from !== name && synapse.to !== name) return;
      if (synapse.share !== undefined || synapse.kind === "identity") return;
      drawn++;
      const to = [sizes.get(synapse.from)!, sizes.get(synapse.to)!];
      const from = synapse.from === name ? [before, to[1]!] : [to[0]!, before];
      for (const [member, value] of Object.entries(synapse)) {
        if (!/^weights(Mean|Square|Momentum)?$/.test(member)) continue;
        const fill = member !== "weights" || init === "zeros" ? 0 : after.synapses[i]!.weights;
        synapse[member] = reshaped(value, from, to, fill);
      }
    });
    if (size > before) this.connections += drawn;
    expect(layer.size).toBe(size);
    expect(layer.bias.length).toBe(size);
    this.expectFile(file);
  }

  /** Compares all but how many numbers drew weights, which is counted here. */
  expectFile(file: File): void {
    const { connections: _, ...generators } = file.generators;
    const counted = this.connections === file.synapses.length ? {} : { connections: this.connections };
    expect(fileOf(this.graph)).toEqual({ ...file, generators: { ...generators, ...counted } });
  }

  /** Trains and predicts beside a graph that was built anew. */
  compare(): void {
    const { graph, random } = this;
    const anew = Graph.fromJSON(fileOf(graph));
    const rows = random.whole(1, 3);
    const xs = Object.fromEntries(
      (graph.inputs as Layer[]).map(({ name, size }) => [name, random.numbers(rows * size)]),
    );
    const outputs = random.shuffled([...(graph.outputs as Layer[])]);
    const ts = Object.fromEntries(
      outputs.slice(0, random.whole(1, 2)).map(({ name, size, activation }) => {
        const values = random
          .numbers(rows * size)
          .map((value) => (activation === "linear" ? value : Math.abs(value) / 2));
        return [name, values];
      }),
    );
    const outcome = (call: () => unknown): string => {
      try {
        return JSON.stringify(call());
      } catch (error) {
        return (error as Error).message;
      }
    };
    const asked = { outputs: Object.keys(ts) };
    for (let step = 0; step < 2; step++) {
      const [one, other] = [graph, anew].map((each) => [
        outcome(() => each.train(xs, ts)),
        outcome(() => each.predict(xs)),
        outcome(() => each.predict(xs, asked)),
      ]);
      expect(one).toEqual(other);
    }
    expect(fileOf(graph)).toEqual(fileOf(anew));
    anew.dispose();
  }

  edit(): void {
    const { random } = this;
    const edits = [
      [2, () => this.addHidden()],
      [1, () => this.addOutput()],
      [1, () => this.graph.addInput(`x${this.count++}`, random.whole(1, 4))],
      [7, () => this.connect()],
      [4, () => this.remove()],
      [5, () => this.resize()],
      [0.5, () => this.again()],
    ] as const;
    let left = random.next() * edits.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of edits) {
      left -= weight;
      if (left >= 0) continue;
      make();
      return;
    }
  }

  /** Continues with the graph of a file. */
  again(): void {
    const graph = this.random.chance(0.5) ? Graph.load(this.graph.save()) : this.graph.clone();
    expect(fileOf(graph)).toEqual(fileOf(this.graph));
    this.graph.dispose();
    this.graph = graph;
  }
}

describe("random edits", () => {
  const precisions: readonly Precision[] = ["float64", "float32"];
  const cases = precisions.flatMap((precision) => optimizers.map((optimizer) => ({ precision, optimizer })));
  it.each(cases)(`in $precision with $optimizer.name, from seed ${seed}`, ({ precision, optimizer }) => {
    const random = new Random(
      seed + cases.findIndex((one) => one.precision === precision && one.optimizer === optimizer),
    );
    let run = new Run(random, precision, optimizer);
    for (let edit = 0; edit < 75; edit++) {
      if (edit % 25 === 24) {
        run.graph.dispose();
        run = new Run(random, precision, optimizer);
      }
      run.edit();
      if (run.graph.outputs.length === 0) run.addOutput();
      if (random.chance(0.5)) run.compare();
    }
    run.graph.dispose();
  });
});
