// Thousands of random calls of the public API, each made beside a graph of plain objects. Results, every derivative and every
// parameter agree after each; a refused call changes nothing.

import { Graph, type GraphError, type Layer, Scaler, type Synapse } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { type AnyGraph, everything, expectClose, Random, seed, wrong } from "../support/helpers.js";
import { block, type Matrix, Model, type ModelLayer, type ModelSynapse } from "../support/model.js";
import type { NaiveGradients, Values } from "../support/naive.js";
import type { Options } from "../support/steps.js";

const TOLERANCE = 1e-10;

/** Epsilons are so large that no optimizer turns the last bits of a gradient into a step. */
const optimizers: readonly Options[] = [
  { name: "sgd", rate: 0.05 },
  { name: "sgd", rate: 0.02, momentum: 0.8, weightDecay: 0.01 },
  { name: "sgd", rate: 0.05, momentum: 0.5, nesterov: true, clipNorm: 0.3 },
  { name: "rmsprop", rate: 0.01, epsilon: 1e-2, momentum: 0.5, centered: true },
  { name: "adagrad", rate: 0.05, epsilon: 1e-2, clipValue: 0.1 },
  { name: "adam", rate: 0.01, epsilon: 1e-2, clipNorm: 0.5 },
  { name: "adamw", rate: 0.01, epsilon: 1e-2, weightDecay: 0.1 },
  { name: "nadam", rate: 0.01, epsilon: 1e-2, weightDecay: 0.01 },
];
const hidden = ["linear", "tanh", "sigmoid", "softplus", "gelu"] as const;
const pairs = [
  ["linear", "mse"],
  ["tanh", "logCosh"],
  ["sigmoid", "entropy"],
  ["softmax", "crossEntropy"],
  ["softplus", "poisson"],
] as const;
const inits = ["glorot", "normal", "orthogonal", "zeros"] as const;

class Play {
  readonly random: Random;
  graph: AnyGraph;
  readonly model: Model;
  made = 0;
  /** How often each call was made, and refused. */
  readonly counts: Record<string, number> = {};

  constructor(random: Random) {
    this.random = random;
    this.model = new Model(random.pick(optimizers));
    this.graph = new Graph({ seed: random.whole(0, 1e6), optimizer: wrong(this.model.optimizer) });
    this.add("input");
    this.add("hidden");
    this.add("output");
    for (let i = 0; i < 6; i++) this.connect();
  }

  // ------------------------------------------------------------------------------------------- structure

  add(kind: "input" | "hidden" | "output"): void {
    const { random, graph, model } = this;
    if (model.layers.length > 12) return;
    const name = `${kind}${this.made++}`;
    const [last, loss] = random.pick(pairs);
    const activation = kind === "output" ? last : kind === "hidden" ? random.pick(hidden) : "linear";
    const size = random.whole(activation === "softmax" ? 2 : 1, 4);
    const norm = kind !== "input" && size > 1 && random.chance(0.2);
    const hasBias = random.chance(0.8);
    const weight = kind === "output" && random.chance(0.3) ? 0.5 : 1;
    const values = hasBias && random.chance(0.5) ? random.numbers(size) : undefined;
    const options = {
      ...(norm ? { norm: "layer" as const } : {}),
      ...(hasBias ? (values === undefined ? {} : { bias: values }) : { bias: false }),
    };
    if (kind === "input") graph.addInput(name, size, activation, options);
    else if (kind === "hidden") graph.addHidden(name, size, activation, options);
    else graph.addOutput(name, size, activation, loss, { ...options, ...(weight === 1 ? {} : { weight }) });
    model.layers.push({
      name,
      kind,
      size,
      activation,
      ...(kind === "output" ? { loss } : {}),
      hasBias,
      weight,
      frozen: false,
      bias: block([1, size], values ?? new Array<number>(size).fill(0)),
      gain: norm ? block([1, size], new Array<number>(size).fill(1)) : undefined,
    });
  }

  connect(): void {
    const { random, graph, model } = this;
    const from = random.pick(model.layers);
    const to = random.pick(model.layers.filter(({ kind }) => kind !== "input"));
    const name = random.chance(0.3) ? `s${this.made++}` : undefined;
    const owner = model.synapses.find(
      ({ matrix, ...ends }) =>
        matrix !== undefined && ends.from.size === from.size && ends.to.size === to.size,
    );
    const isIdentity = from.size === to.size && random.chance(0.15);
    const share = !isIdentity && owner !== undefined && random.chance(0.3) ? owner : undefined;
    const own = { l1: 0, l2: 0, maxNorm: Infinity };
    if (!isIdentity && share === undefined) {
      if (random.chance(0.2)) own.l2 = 0.01;
      if (random.chance(0.2)) own.maxNorm = 0.9;
    }
    const options = {
      ...(name === undefined ? {} : { name }),
      ...(isIdentity ? { kind: "identity" as const } : {}),
      ...(share === undefined ? {} : { share: graph.synapses[model.synapses.indexOf(share)]! as Synapse }),
      ...(own.l2 > 0 ? { l2: own.l2 } : {}),
      ...(own.maxNorm < Infinity ? { maxNorm: own.maxNorm } : {}),
    };
    const isCycle = model.leads(to, from);
    const isTwin = model.synapses.some((one) => one.from === from && one.to === to && one.name === name);
    if (isCycle || isTwin) {
      this.refused(() => graph.connect(from.name, to.name, options), ["cycle", "duplicate-synapse"]);
      return;
    }
    const synapse = graph.connect(from.name, to.name, options);
    const matrix: Matrix | undefined = isIdentity
      ? undefined
      : (share?.matrix ?? {
          ...block([from.size, to.size], synapse.weights),
          ...own,
          frozen: false,
        });
    model.synapses.push({ from, to, name, matrix });
  }

  remove(): void {
    const { random, graph, model } = this;
    if (random.chance(0.6) && model.synapses.length > 0) {
      const place = random.whole(0, model.synapses.length - 1);
      graph.remove(graph.synapses[place]! as Synapse);
      model.removeSynapse(model.synapses[place]!);
      return;
    }
    const layer = random.pick(model.layers);
    const isLast = (kind: string) => model.layers.filter((one) => one.kind === kind).length === 1;
    if (isLast(layer.kind)) return;
    graph.remove(random.chance(0.5) ? layer.name : graph.layer(layer.name));
    model.removeLayer(layer);
  }

  resize(): void {
    const { random, graph, model } = this;
    const layer = random.pick(model.layers);
    const size = random.whole(1, 5);
    const init = random.chance(0.5) ? random.pick(inits) : undefined;
    const call = () => graph.resize(layer.name, size, init === undefined ? {} : { init });
    const isSame = size === layer.size && layer.kind !== "input";
    if (size !== layer.size || layer.kind === "input") {
      if (model.isBound(layer) || (layer.activation === "softmax" && size === 1)) {
        this.refused(call, ["bad-option"]);
        return;
      }
    }
    if (layer.gain !== undefined && size === 1) return; // whose norm is 0 but for the last bits
    if (isSame && model.isBound(layer)) return;
    call();
    if (!isSame) model.resize(layer, size, (matrix) => this.weights(matrix));
  }

  weights(matrix: Matrix): ArrayLike<number> {
    return this.graph.synapses[this.model.synapses.findIndex((one) => one.matrix === matrix)]!.weights;
  }

  // ------------------------------------------------------------------------------------------- parameters

  set(): void {
    const { random, graph, model } = this;
    const layer = random.pick(model.layers);
    const own = graph.layer(layer.name);
    if (random.chance(0.5)) {
      const values = random.numbers(layer.size);
      const given = random.chance(0.3) ? [values] : random.chance(0.5) ? Float64Array.from(values) : values;
      const set = () => {
        own.bias = given as number[];
      };
      if (!layer.hasBias) this.refused(set, ["bad-option"]);
      else {
        set();
        layer.bias.values = values;
      }
    } else if (layer.gain !== undefined && random.next() < 0.5) {
      const values = random.numbers(layer.size);
      own.gain = values;
      layer.gain.values = values;
    } else if (model.synapses.length > 0) {
      const place = random.whole(0, model.synapses.length - 1);
      const { matrix, from } = model.synapses[place]!;
      const synapse = graph.synapses[place]! as Synapse;
      const rows = random.rows(from.size, matrix?.shape[1] ?? 1);
      const set = () => {
        synapse.weights = random.chance(0.5) ? rows : rows.flat();
      };
      if (matrix === undefined) this.refused(set, ["bad-option"]);
      else {
        set();
        matrix.values = rows.flat();
      }
    }
  }

  assign(): void {
    const { random, graph, model } = this;
    const tensors: Record<string, { shape: number[]; values: number[] }> = {};
    const transpose = random.chance(0.5);
    const then: (() => void)[] = [];
    for (const { name, size, bias, hasBias } of model.layers) {
      if (!hasBias || random.chance(0.5)) continue;
      const values = random.numbers(size);
      tensors[`bias.${name}`] = { shape: [size], values };
      then.push(() => {
        bias.values = values;
      });
    }
    const seen = new Set<Matrix>();
    model.synapses.forEach(({ from, to, matrix }, k) => {
      if (matrix === undefined || seen.has(matrix) || random.chance(0.5)) return;
      seen.add(matrix);
      const first = model.synapses.findIndex((one) => one.matrix === matrix);
      if (first !== k) return;
      const rows = random.rows(from.size, to.size);
      const columns = Array.from({ length: to.size }, (_, j) => rows.map((row) => row[j]!));
      tensors[`weight.${k}.${from.name}.${to.name}`] = {
        shape: transpose ? [to.size, from.size] : [from.size, to.size],
        values: (transpose ? columns : rows).flat(),
      };
      then.push(() => {
        matrix.values = rows.flat();
      });
    });
    if (random.chance(0.2)) {
      this.refused(
        () => graph.assign({ ...tensors, nothing: { shape: [1], values: [1] } }, { transpose }),
        ["bad-option"],
      );
      return;
    }
    expect(graph.assign(tensors, { transpose })).toEqual(Object.keys(tensors));
    for (const set of then) set();
  }

  copy(): void {
    const { random, graph, model } = this;
    const other = graph.clone();
    const tau = random.pick([1, 1, 0.25, 0]);
    for (const layer of model.layers) {
      if (layer.hasBias) other.layer(layer.name).bias = random.numbers(layer.size);
    }
    (other.synapses as Synapse[]).forEach((synapse, i) => {
      const { matrix } = model.synapses[i]!;
      if (matrix !== undefined) synapse.weights = random.numbers(matrix.values.length);
    });
    const blend = (values: number[], q: ArrayLike<number>) =>
      values.map((p, i) => (tau === 1 ? q[i]! : p + tau * (q[i]! - p)));
    for (const { name, bias, gain } of model.layers) {
      bias.values = blend(bias.values, other.layer(name).bias);
      if (gain !== undefined) gain.values = blend(gain.values, other.layer(name).gain!);
    }
    const all = new Map(model.synapses.map(({ matrix }, i) => [matrix, i]));
    for (const [matrix, i] of all) {
      if (matrix !== undefined) matrix.values = blend(matrix.values, other.synapses[i]!.weights);
    }
    graph.copyFrom(other, { tau });
    if (random.chance(0.3)) {
      other.addHidden("more", 1);
      this.refused(() => graph.copyFrom(other), ["bad-option"]);
    }
    other.dispose();
  }

  freeze(): void {
    const { random, graph, model } = this;
    const isFrozen = random.chance(0.4);
    const names = random
      .shuffled(model.layers)
      .slice(0, random.whole(1, 2))
      .map(({ name }) => name);
    const kind = random.next();
    if (kind < 0.4) {
      if (isFrozen) graph.freeze(...names);
      else graph.unfreeze(...names);
      for (const name of names) model.named(name).frozen = isFrozen;
      for (const { to, matrix } of model.synapses) {
        if (matrix !== undefined && names.includes(to.name)) matrix.frozen = isFrozen;
      }
    } else if (kind < 0.5) {
      this.refused(() => graph.freeze(...names, "nobody"), ["unknown-layer"]);
    } else if (kind < 0.6) {
      graph.unfreeze();
      for (const layer of model.layers) layer.frozen = false;
      for (const { matrix } of model.synapses) if (matrix !== undefined) matrix.frozen = false;
    } else if (kind < 0.8 || model.synapses.length === 0) {
      graph.layer(names[0]!).frozen = isFrozen;
      model.named(names[0]!).frozen = isFrozen;
    } else {
      const place = random.whole(0, model.synapses.length - 1);
      const { matrix } = model.synapses[place]!;
      if (matrix === undefined) return;
      (graph.synapses[place]! as Synapse).frozen = isFrozen;
      matrix.frozen = isFrozen;
    }
  }

  optimize(): void {
    const { random, graph, model } = this;
    if (random.chance(0.5)) {
      const rate = random.pick([0, 0.01, 0.03]);
      graph.rate = random.chance(0.5) ? rate : () => rate;
      model.optimizer = { ...model.optimizer, rate };
      return;
    }
    model.optimizer = random.pick(optimizers);
    graph.optimizer = wrong(model.optimizer);
    model.forget();
  }

  scale(): void {
    const { random, graph, model } = this;
    const fitting = model.layers.filter(
      ({ kind, activation }) => kind === "input" || activation === "linear",
    );
    const layer = random.pick(fitting.filter(({ kind }) => kind !== "hidden"));
    if (layer === undefined) return;
    if (random.chance(0.5)) {
      graph.scale(layer.name, null);
      layer.scaler = undefined;
      return;
    }
    const scaler = Scaler.fit(
      random.rows(5, layer.size).map((row) => row.map((v) => 3 * v + 1)),
      layer.size,
    );
    graph.scale(layer.name, scaler);
    layer.scaler = { offset: scaler.offset, divisor: scaler.divisor };
  }

  // ------------------------------------------------------------------------------------------- data

  targets(layer: ModelLayer, rows: number): number[][] {
    const { random } = this;
    if (layer.loss === "mse" || layer.loss === "logCosh") return random.rows(rows, layer.size);
    if (layer.loss === "poisson")
      return random.rows(rows, layer.size).map((row) => row.map(() => random.whole(0, 3)));
    return Array.from({ length: rows }, () => {
      const place = random.whole(0, layer.size - 1);
      return Array.from({ length: layer.size }, (_, j) => Number(j === place));
    });
  }

  data() {
    const { random, model } = this;
    const rows = random.chance(0.4) ? 1 : random.whole(2, 5);
    const xs: Values = {};
    for (const { name, kind, size } of model.layers) if (kind === "input") xs[name] = random.rows(rows, size);
    const outputs = model.layers.filter(({ kind }) => kind === "output");
    const chosen = random.shuffled(outputs).slice(0, random.whole(1, outputs.length));
    const ts: Values = {};
    for (const layer of chosen) ts[layer.name] = this.targets(layer, rows);
    const counts: Values = {};
    let options = {};
    if (random.chance(0.3)) {
      const sampleWeights = random.numbers(rows);
      const mask: Record<string, number[]> = {};
      for (const { name, size } of chosen) {
        if (random.chance(0.5)) mask[name] = random.numbers(rows * size).map(Math.abs);
        counts[name] = sampleWeights.map((w, r) =>
          Array.from({ length: size }, (_, j) => w * (mask[name]?.[r * size + j] ?? 1)),
        );
      }
      options = { sampleWeights, mask };
    }
    const isFed = chosen.every((layer) => model.isFed(layer));
    return { rows, xs, ts, chosen, counts, options, isFed };
  }

  expectGradients(found: ReturnType<AnyGraph["gradients"]>, wanted: NaiveGradients): void {
    const { model } = this;
    expectClose([found.cost], [wanted.cost], TOLERANCE, "cost");
    for (const [name, rows] of Object.entries(wanted.inputs)) {
      expectClose(found.inputs[name]!, rows.flat(), TOLERANCE, `the input ${name}`);
    }
    // Frozen parameters have derivatives, too.
    for (const [name, values] of Object.entries(wanted.bias))
      expectClose(found.bias[name]!, values, TOLERANCE, `bias of ${name}`);
    for (const [name, values] of Object.entries(wanted.gain))
      expectClose(found.gain[name]!, values, TOLERANCE, `gain of ${name}`);
    const places = model.synapses.flatMap((_, i) => (wanted.weights[i] === undefined ? [] : [i]));
    expect(found.weights.length).toBe(places.length);
    for (const { from, to, name, values } of found.weights) {
      const at = model.synapses.findIndex(
        (one) => one.from.name === from && one.to.name === to && one.name === name,
      );
      expectClose(values, wanted.weights[at]!, TOLERANCE, `${from} → ${to}`);
    }
  }

  compute(): void {
    const { random, graph, model } = this;
    const { rows, xs, ts, chosen, counts, options, isFed } = this.data();
    const names = chosen.map(({ name }) => name);
    const given = random.chance(0.5)
      ? xs
      : Object.fromEntries(
          Object.entries(xs).map(([name, values]) => [name, Float64Array.from(values.flat())]),
        );
    const dy: Values = Object.fromEntries(chosen.map(({ name, size }) => [name, random.rows(rows, size)]));
    if (!isFed) {
      for (const call of [
        () => graph.predict(given, { outputs: names }),
        () => graph.train(given, ts, options),
        () => graph.gradients(given, ts, options),
        () => graph.evaluate(given, ts),
        () => graph.backward(given, dy),
      ]) {
        this.refused(call, ["unconnected"]);
      }
      return;
    }
    const kind = random.next();
    if (kind < 0.2) {
      const found = graph.predict(given, { outputs: names });
      for (const [name, values] of Object.entries(model.predict(xs, names)))
        expectClose(found[name]!, values.flat(), TOLERANCE, `prediction of ${name}`);
    } else if (kind < 0.35) {
      this.expectGradients(graph.gradients(given, ts, options), model.gradients(xs, ts, counts));
    } else if (kind < 0.45) {
      this.expectGradients(graph.gradients(given, null, { outputs: dy }), model.upstream(xs, dy));
    } else if (kind < 0.55) {
      const { cost, outputs } = graph.evaluate(given, ts, { metrics: ["mae"] });
      const wanted = model.gradients(xs, ts);
      const predicted = model.predict(xs, names);
      expectClose([cost], [wanted.cost], TOLERANCE, "cost");
      for (const { name, loss } of chosen) {
        expectClose([outputs[name]!.cost], [wanted.costs[name]!], TOLERANCE, `cost of ${name}`);
        const off = predicted[name]!.flatMap((row, r) => row.map((y, j) => Math.abs(y - ts[name]![r]![j]!)));
        if (loss !== undefined)
          expectClose(
            [outputs[name]!.mae!],
            [off.reduce((a, b) => a + b) / off.length],
            TOLERANCE,
            `mae of ${name}`,
          );
      }
    } else if (kind < 0.7) {
      const found = model.upstream(xs, dy);
      graph.backward(given, dy);
      model.step(found);
    } else {
      const found = model.gradients(xs, ts, counts);
      expectClose([graph.train(given, ts, options)], [found.cost], TOLERANCE, "cost of a step");
      model.step(found);
    }
  }

  async fit(): Promise<void> {
    const { random, graph, model } = this;
    const { rows, xs, ts, isFed } = this.data();
    if (!isFed) return;
    const batchSize = random.whole(1, rows);
    const epochs = random.whole(1, 2);
    const run = graph.fit({ xs, ts }, { epochs, batchSize, shuffle: false });
    this.refused(() => graph.train(xs, ts), ["busy"]);
    this.refused(() => graph.remove(model.layers[0]!.name), ["busy"]);
    this.refused(() => graph.freeze(), ["busy"]);
    await run;
    const part = (values: Values, first: number) =>
      Object.fromEntries(
        Object.entries(values).map(([name, all]) => [name, all.slice(first, first + batchSize)]),
      );
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let first = 0; first < rows; first += batchSize) {
        model.step(model.gradients(part(xs, first), part(ts, first)));
      }
    }
  }

  /** Continues with a copy. */
  again(): void {
    const { random, graph, model } = this;
    const { rate } = graph;
    const optimizer = random.chance(0.7);
    const kind = random.next();
    const next =
      kind < 0.3 && optimizer
        ? graph.clone()
        : kind < 0.6
          ? Graph.load(graph.save({ optimizer }))
          : Graph.fromJSON(JSON.parse(JSON.stringify(graph.toJSON({ optimizer }))));
    if (typeof rate === "function") next.rate = rate;
    if (!optimizer) model.forget();
    graph.dispose();
    this.graph = next;
  }

  // ------------------------------------------------------------------------------------------- checks

  refused(call: () => unknown, codes: readonly string[]): void {
    const before = everything(this.graph);
    let code = "nothing";
    try {
      call();
    } catch (error) {
      code = (error as GraphError).code ?? String(error);
    }
    expect(codes).toContain(code);
    expect(everything(this.graph)).toBe(before);
    this.counts[code] = (this.counts[code] ?? 0) + 1;
  }

  /** Compares all parameters, and continues with the engine's: differences in the last bits don't add up. */
  compare(): void {
    const { graph, model } = this;
    expect(graph.layers.map(({ name, size, frozen }) => [name, size, frozen])).toEqual(
      model.layers.map(({ name, size, frozen }) => [name, size, frozen]),
    );
    expect(graph.synapses.length).toBe(model.synapses.length);
    const same = (block: { values: number[] }, values: ArrayLike<number>, what: string) => {
      expectClose(values, block.values, TOLERANCE, what);
      block.values = Array.from(values);
    };
    for (const { name, bias, gain } of model.layers) {
      const layer = graph.layer(name) as Layer;
      same(bias, layer.bias, `bias of ${name}`);
      if (gain !== undefined) same(gain, layer.gain!, `gain of ${name}`);
    }
    model.synapses.forEach(({ matrix, from, to }: ModelSynapse, i) => {
      if (matrix === undefined) return;
      const synapse = graph.synapses[i]! as Synapse;
      expect(synapse.frozen).toBe(matrix.frozen);
      same(matrix, synapse.weights, `${from.name} → ${to.name}`);
    });
  }

  /** Makes one random call. */
  async turn(): Promise<void> {
    const calls = [
      ["compute", 16, () => this.compute()],
      ["connect", 4, () => this.connect()],
      ["add", 1.5, () => this.add(this.random.pick(["input", "hidden", "hidden", "output"] as const))],
      ["remove", 1.5, () => this.remove()],
      ["resize", 2, () => this.resize()],
      ["set", 2, () => this.set()],
      ["assign", 1, () => this.assign()],
      ["copyFrom", 1, () => this.copy()],
      ["freeze", 2, () => this.freeze()],
      ["optimize", 0.7, () => this.optimize()],
      ["scale", 1, () => this.scale()],
      ["fit", 1, () => this.fit()],
      ["again", 1, () => this.again()],
    ] as const;
    let left = this.random.next() * calls.reduce((sum, [, weight]) => sum + weight, 0);
    const [name, , call] = calls.find(([, weight]) => {
      left -= weight;
      return left < 0;
    })!;
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    try {
      await call();
      this.compare();
    } catch (cause) {
      throw new Error(`${name}: ${(cause as Error).message}`, { cause });
    }
  }
}

describe(`random calls have the results of a model of plain objects, PLEXUS_SEED=${seed}`, () => {
  it.each(Array.from({ length: 8 }, (_, i) => i))("play %i", { timeout: 60_000 }, async (i) => {
    const play = new Play(new Random(seed * 900_007 + i));
    const turns = 400;
    for (let turn = 0; turn < turns; turn++) {
      try {
        await play.turn();
      } catch (cause) {
        throw new Error(`turn ${turn}: ${(cause as Error).message}`, { cause });
      }
    }
    play.graph.dispose();
    for (const name of ["compute", "connect", "remove", "resize", "fit", "again", "cycle"])
      expect(play.counts[name]).toBeGreaterThan(0);
  });
});
