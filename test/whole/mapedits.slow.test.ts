// 1,000 random edits of graphs with shapes and all kinds of synapse, with steps in between. After each, untouched parts have the
// numbers from before, and a pruned or rewired synapse those that plain lists pick. Graphs built anew continue with the same bits.

import { Graph, type Layer, type Precision } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { Growing } from "../support/growing.js";
import { type AnyGraph, expectClose, Random, seed } from "../support/helpers.js";
import { optimizers } from "../support/optimizers.js";
import { rebuilt } from "../support/rebuilt.js";

type Entry = Record<string, unknown>;
interface File {
  generators: { connections?: number };
  layers: Entry[];
  synapses: Entry[];
}

const EDITS = 63; // of each optimizer in each precision

const fileOf = (graph: AnyGraph): File => JSON.parse(JSON.stringify(graph));

/** Returns what a call returns, or the message of its refusal, as text. */
function outcome(call: () => unknown): string {
  try {
    return JSON.stringify(call());
  } catch (error) {
    return (error as Error).message;
  }
}

class Run extends Growing {
  /** Compares all of a file but the entries of some parts, which changed. */
  expectRest(before: File, layers: readonly string[], synapses: readonly number[], more = 0): void {
    const rest = (file: File) => ({
      ...file,
      version: 0, // a file with a sparse synapse has a later one
      generators: { ...file.generators, connections: 0 },
      layers: file.layers.filter(({ name }) => !layers.includes(name as string)),
      synapses: file.synapses.filter((_, i) => !synapses.includes(i)),
    });
    const after = fileOf(this.graph);
    expect(rest(after)).toEqual(rest(before));
    const drawn = (file: File) => file.generators.connections ?? file.synapses.length;
    expect(drawn(after)).toBe(drawn(before) + more);
  }

  /** Prunes or rewires a synapse, and the file before by plain lists. */
  rewire(): void {
    const { graph, random } = this;
    const isPruned = random.chance(0.5);
    const synapse = this.synapse(({ kind }) => kind === "sparse" || (kind === "dense" && isPruned));
    if (synapse === undefined) return;
    const file = fileOf(graph);
    const { to, from, connections } = synapse;
    const old = connections === undefined
      ? Array.from({ length: from.size * to.size }, (_, place) => place)
      : Array.from({ length: connections.length / 2 }, (_, i) => connections[2 * i]! * to.size + connections[2 * i + 1]!);
    let places: number[];
    if (isPruned) {
      const weights = [...synapse.weights];
      const share = 0.3 + random.next() * 0.7;
      const kept = Math.ceil(share * weights.length - 1e-9);
      const order = [...weights.keys()].sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!) || a - b);
      places = order.slice(0, kept).sort((a, b) => a - b).map((i) => old[i]!);
      expect(graph.prune(synapse, { share })).toBe(kept);
    } else {
      const all = random.shuffled(Array.from({ length: from.size * to.size }, (_, place) => place));
      places = all.slice(0, random.whole(1, all.length)).sort((a, b) => a - b);
      const pairs = places.map((place): [number, number] => [Math.floor(place / to.size), place % to.size]);
      graph.rewire(synapse, random.shuffled(pairs));
    }
    const owner = synapse.share ?? synapse;
    const group = graph.synapses.flatMap((one, i) => ((one.share ?? one) === owner ? [i] : []));
    this.expectRest(file, [], group);
    const after = fileOf(graph);
    const Numbers = this.precision === "float64" ? Float64Array : Float32Array;
    const textOf = ({ buffer }: { buffer: ArrayBufferLike }) => Buffer.from(buffer).toString("base64");
    for (const i of group) {
      const entry = file.synapses[i]!;
      entry.kind = "sparse";
      if (entry.share !== undefined) continue;
      entry.connections = textOf(Uint32Array.from(places.flatMap((p) => [Math.floor(p / to.size), p % to.size])));
      for (const [member, text] of Object.entries(entry)) {
        if (!/^weights(Mean|Square|Momentum)?$/.test(member)) continue;
        const before = new Numbers(Uint8Array.from(Buffer.from(text as string, "base64")).buffer);
        entry[member] = textOf(new Numbers(places.map((place) => before[old.indexOf(place)] ?? 0)));
      }
    }
    for (const i of group) expect(after.synapses[i]).toEqual(file.synapses[i]);
  } // biome-ignore format: expressions

  /** Widens a layer, or is refused. */
  widen(): void {
    const { graph, random, precision } = this;
    const layer = this.layer(({ kind }) => kind === "hidden");
    if (layer === undefined) return;
    const file = fileOf(graph);
    const xs = this.inputs(2);
    const before = outcome(() => graph.predict(xs, this.times));
    const shape = [...layer.shape.slice(0, -1), layer.shape.at(-1)! + random.whole(1, 3)];
    const touched = graph.synapses.flatMap((s, i) => (s.from === layer || s.to === layer ? [i] : []));
    try {
      graph.widen(layer, shape);
    } catch (error) {
      expect((error as Error).message).toMatch(/^The layer "\w+" can't be widened: /);
      this.expectRest(file, [], []);
      return;
    }
    expect(layer.shape).toEqual(shape);
    this.expectRest(file, [layer.name], touched, 1);
    const after = outcome(() => graph.predict(xs, this.times));
    if (!before.startsWith("{")) {
      expect(after).toBe(before);
      return;
    }
    const [one, other] = [before, after].map((text) => JSON.parse(text) as Record<string, Record<string, number>>);
    for (const name of Object.keys(one!)) {
      expectClose(Object.values(other![name]!), Object.values(one![name]!), precision === "float64" ? 1e-12 : 1e-4, name);
    }
  } // biome-ignore format: expressions

  resize(): void {
    const { graph, random } = this;
    const layer = this.layer(({ kind }) => kind !== "input");
    if (layer === undefined) return;
    const file = fileOf(graph);
    const touched = graph.synapses.flatMap((s, i) => (s.from === layer || s.to === layer ? [i] : []));
    try {
      graph.resize(layer, random.whole(2, 5));
    } catch (error) {
      expect((error as Error).message).toMatch(/^The layer "\w+" can't be resized: /);
      this.expectRest(file, [], []);
      return;
    }
    const drawn = (one: File) => one.generators.connections ?? one.synapses.length;
    this.expectRest(file, [layer.name], touched, drawn(fileOf(graph)) - drawn(file));
  }

  remove(): void {
    const { graph, random } = this;
    const synapse = this.synapse(() => random.chance(0.5));
    if (synapse !== undefined) graph.remove(synapse);
    else if (graph.layers.length > 3) graph.remove(this.layer(({ name }) => name !== "x")!);
  }

  freeze(): void {
    const layer = this.layer()!;
    if (this.random.chance(0.5)) this.graph.freeze(layer);
    else this.graph.unfreeze(layer);
  }

  /** Joins all layers that nothing comes into. */
  complete(): void {
    for (const layer of this.graph.layers as Layer[]) {
      const isFed = this.graph.synapses.some(({ to }) => to === layer);
      if (layer.kind !== "input" && !isFed) this.graph.connect("x", layer);
    }
  }

  /** Trains and predicts beside graphs that were built anew, from the file and by calls. */
  compare(): void {
    const { graph, random } = this;
    const rows = random.whole(1, 3);
    const xs = this.inputs(rows);
    const outputs = random.shuffled([...(graph.outputs as Layer[])]).slice(0, 2);
    const ts = Object.fromEntries(
      outputs.map((l) => {
        return [
          l.name,
          this.numbers(l, rows, () => (l.activation === "linear" ? random.signed() : random.next() / 4)),
        ];
      }),
    );
    const called = rebuilt(graph);
    for (const call of [
      (one: AnyGraph) => one.predict(xs, this.times),
      (one: AnyGraph) => one.gradients(xs, ts, this.times),
    ]) {
      expect(outcome(() => call(called))).toBe(outcome(() => call(graph)));
    }
    const anew = random.chance(0.5) ? Graph.fromJSON(fileOf(graph)) : Graph.load(graph.save());
    for (let step = 0; step < 2; step++) {
      const [one, other] = [graph, anew].map((each) => [
        outcome(() => each.train(xs, ts, this.times)),
        outcome(() => each.predict(xs, this.times)),
      ]);
      expect(one).toEqual(other);
    }
    expect(fileOf(graph)).toEqual(fileOf(anew as AnyGraph));
    for (const one of [anew, called]) one.dispose();
  }

  edit(): void {
    const { random } = this;
    const edits = [
      [4, () => this.grow()],
      [1, () => this.addOutput()],
      [1, () => this.addInput()],
      [5, () => this.connect()],
      [2, () => this.remove()],
      [6, () => this.rewire()],
      [4, () => this.widen()],
      [2, () => this.resize()],
      [1, () => this.freeze()],
    ] as const;
    let left = random.next() * edits.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of edits) {
      left -= weight;
      if (left >= 0) continue;
      make();
      return;
    }
  }
}

describe("random edits", () => {
  const precisions: readonly Precision[] = ["float64", "float32"];
  const cases = precisions.flatMap((precision) => optimizers.map((optimizer) => ({ precision, optimizer })));
  it.each(cases)(`in $precision with $optimizer.name, from seed ${seed}`, ({ precision, optimizer }) => {
    const index = cases.findIndex((one) => one.precision === precision && one.optimizer === optimizer);
    const random = new Random(seed + 100 * index);
    let run = new Run(random, precision, optimizer);
    for (let edit = 1; edit <= EDITS; edit++) {
      if (edit % 21 === 0) {
        run.graph.dispose();
        run = new Run(random, precision, optimizer);
      }
      run.edit();
      if (run.graph.outputs.length === 0) run.addOutput();
      if (random.chance(0.8)) run.complete();
      if (random.chance(0.5)) run.compare();
    }
    run.graph.dispose();
  });
});
