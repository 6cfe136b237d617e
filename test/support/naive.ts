// A graph of layers in plain loops: the mathematics of the README word for word, one sample after the other, without regard
// to speed. The engine is tested against it.

import type { ActivationOption, LossOption } from "plexus-nn";
import { activate, costs, derivative, isJoint, links, pull } from "./rules.js";

export interface NaiveLayer {
  readonly name: string;
  readonly kind: "input" | "hidden" | "output";
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  bias: number[];
  /** Gain of a norm; undefined without one. */
  gain?: number[];
  readonly hasBias?: false;
  readonly frozen?: true;
  readonly weight?: number;
  /** For `build`, since the loops here draw no noise. */
  readonly dropout?: number;
}

export interface NaiveSynapse {
  readonly from: string;
  readonly to: string;
  readonly name?: string;
  /** (size of from, size of to), row-major; none for a kind without, the same array where they are shared */
  weights: number[];
  readonly kind?: keyof typeof links;
  /** Index of the synapse that owns these weights. */
  readonly share?: number;
  readonly frozen?: true;
  readonly l1?: number;
  readonly l2?: number;
  readonly maxNorm?: number;
}

/** Rows of numbers by a layer's name. */
export type Values = Record<string, number[][]>;

export interface NaiveGradients {
  cost: number;
  costs: Record<string, number>;
  inputs: Values;
  bias: Record<string, number[]>;
  gain: Record<string, number[]>;
  /** By the synapse's index; undefined outside the pass, and for weights of another synapse. */
  weights: (number[] | undefined)[];
}

/** Normalizes the sums of one sample. */
function normalised(sums: readonly number[]): { hat: number[]; deviation: number } {
  const mean = sums.reduce((a, b) => a + b) / sums.length;
  const variance = sums.reduce((total, s) => total + (s - mean) ** 2, 0) / sums.length;
  const deviation = Math.sqrt(variance + 1e-5);
  return { hat: sums.map((s) => (s - mean) / deviation), deviation };
}

export class NaiveGraph {
  constructor(
    readonly layers: readonly NaiveLayer[],
    readonly synapses: readonly NaiveSynapse[],
  ) {}

  layer(name: string): NaiveLayer {
    const found = this.layers.find((layer) => layer.name === name);
    if (found === undefined) throw new Error(`no layer ${name}`);
    return found;
  }

  /** Returns the outputs and their ancestors, sources first. */
  reached(outputs: readonly string[]): NaiveLayer[] {
    const order: NaiveLayer[] = [];
    const visit = (name: string) => {
      const layer = this.layer(name);
      if (order.includes(layer)) return;
      for (const { from, to } of this.synapses) if (to === name) visit(from);
      order.push(layer);
    };
    outputs.forEach(visit);
    return order;
  }

  /** Returns the matrix of a synapse for one sample, and for its gradient. */
  #matrix({ kind, from, to, weights }: NaiveSynapse): number[] {
    if (kind === undefined) return weights;
    const size = this.layer(to).size;
    return Array.from({ length: this.layer(from).size * size }, (_, k) =>
      links[kind].weight(Math.floor(k / size), k % size),
    );
  }

  forward(xs: Values, outputs: readonly string[]): { sum: Values; pre: Values; post: Values } {
    const [sum, pre, post]: [Values, Values, Values] = [{}, {}, {}];
    const rows = Object.values(xs)[0]!.length;
    for (const layer of this.reached(outputs)) {
      const { name, size, bias, gain } = layer;
      const incoming = this.synapses.filter(({ to }) => to === name);
      sum[name] = Array.from({ length: rows }, (_, r) =>
        bias.map((_, j) => {
          let s = layer.kind === "input" ? xs[name]![r]![j]! : 0;
          for (const synapse of incoming) {
            const weights = this.#matrix(synapse);
            post[synapse.from]![r]!.forEach((y, i) => {
              s += y * weights[i * size + j]!;
            });
          }
          return s;
        }),
      );
      pre[name] = sum[name].map((sums) => {
        const brought = gain === undefined ? sums : normalised(sums).hat.map((h, j) => gain[j]! * h);
        return brought.map((value, j) => bias[j]! + value);
      });
      post[name] = pre[name].map((z) => activate(layer.activation, z));
    }
    return { sum, pre, post };
  }

  /** Computes gradients. `counts` are the loss weights of each unit of each sample, 1 for an output without them. */
  gradients(xs: Values, ts: Values, counts: Values = {}): NaiveGradients {
    const { sum, pre, post } = this.forward(xs, Object.keys(ts));
    const rows = Object.values(xs)[0]!.length;
    const reached = this.reached(Object.keys(ts));
    const result: NaiveGradients = { cost: 0, costs: {}, inputs: {}, bias: {}, gain: {}, weights: [] };
    const dsum: Values = {};
    for (const layer of reached.toReversed()) {
      const { name, size, activation, loss, gain, weight = 1 } = layer;
      const dpost = Array.from({ length: rows }, () => new Array<number>(size).fill(0));
      for (const synapse of this.synapses) {
        if (synapse.from !== name || dsum[synapse.to] === undefined) continue;
        const weights = this.#matrix(synapse);
        dpost.forEach((row, r) => {
          for (let i = 0; i < size; i++) {
            dsum[synapse.to]![r]!.forEach((d, j, { length }) => {
              row[i]! += d * weights[i * length + j]!;
            });
          }
        });
      }
      const [z, y, t] = [pre[name]!, post[name]!, ts[name]];
      const joint = isJoint(activation, loss);
      const e = (r: number) => counts[name]?.[r] ?? new Array<number>(size).fill(1);
      if (t !== undefined) {
        let total = 0;
        for (let r = 0; r < rows; r++) {
          costs(loss!, joint, z[r]!, y[r]!, t[r]!).forEach((one, j) => {
            if (e(r)[j] !== 0) total += e(r)[j]! * one;
          });
        }
        result.costs[name] = total / rows;
        result.cost += (weight * total) / rows;
      }
      const dpre = dpost.map((d, r) => {
        const slope = t === undefined ? undefined : derivative(loss!, joint, y[r]!, t[r]!, e(r));
        const own = (j: number) => (weight * slope![j]!) / rows;
        const through = d.map((value, j) => (slope === undefined || joint ? value : value + own(j)));
        const pulled = pull(activation, z[r]!, y[r]!, through);
        return slope !== undefined && joint ? pulled.map((value, j) => value + own(j)) : pulled;
      });
      const over = (term: (r: number, j: number) => number) =>
        layer.bias.map((_, j) => dpre.reduce((total, _, r) => total + term(r, j), 0));
      if (layer.hasBias !== false) result.bias[name] = over((r, j) => dpre[r]![j]!);
      if (gain !== undefined)
        result.gain[name] = over((r, j) => dpre[r]![j]! * normalised(sum[name]![r]!).hat[j]!);
      dsum[name] = dpre.map((d, r) => {
        if (gain === undefined) return d;
        const { hat, deviation } = normalised(sum[name]![r]!);
        const g = d.map((value, j) => value * gain[j]!);
        const mean = g.reduce((a, b) => a + b) / size;
        const along = g.reduce((total, value, j) => total + value * hat[j]!, 0) / size;
        return g.map((value, j) => (value - mean - hat[j]! * along) / deviation);
      });
      if (layer.kind === "input") result.inputs[name] = dsum[name];
    }
    this.synapses.forEach(({ from, to, weights, kind, share }, at) => {
      const d = dsum[to];
      if (d === undefined || kind !== undefined) return;
      const size = this.layer(to).size;
      const held = result.weights[share ?? at] ?? new Array<number>(weights.length).fill(0);
      result.weights[share ?? at] = held;
      held.forEach((_, k) => {
        const [i, j] = [Math.floor(k / size), k % size];
        held[k]! += d.reduce((total, row, r) => total + post[from]![r]![i]! * row[j]!, 0);
      });
    });
    this.synapses.forEach(({ weights, l1 = 0, l2 = 0 }, at) => {
      const held = result.weights[at];
      if (held === undefined) return;
      weights.forEach((w, k) => {
        result.cost += l1 * Math.abs(w) + l2 * w * w;
        held[k]! += l1 * Math.sign(w) + 2 * l2 * w;
      });
    });
    return result;
  }

  /** Makes one step of descent. Returns the cost before it. */
  train(xs: Values, ts: Values, rate: number, counts: Values = {}): number {
    const { cost, bias, gain, weights } = this.gradients(xs, ts, counts);
    const step = (values: number[], by: readonly number[] | undefined) =>
      by === undefined ? values : values.map((value, i) => value - rate * by[i]!);
    for (const layer of this.layers) {
      if (layer.frozen) continue;
      layer.bias = step(layer.bias, bias[layer.name]);
      if (layer.gain !== undefined) layer.gain = step(layer.gain, gain[layer.name]);
    }
    this.synapses.forEach((synapse, i) => {
      if (synapse.frozen || weights[i] === undefined) return;
      synapse.weights = step(synapse.weights, weights[i]);
      const { maxNorm = Infinity, to } = synapse;
      const { size } = this.layer(to);
      for (let j = 0; j < size; j++) {
        const isOfColumn = (_: number, k: number) => k % size === j;
        const norm = Math.hypot(...synapse.weights.filter(isOfColumn));
        if (norm > maxNorm) {
          synapse.weights = synapse.weights.map((w, k) => (k % size === j ? (w * maxNorm) / norm : w));
        }
      }
    });
    for (const synapse of this.synapses) {
      if (synapse.share !== undefined) synapse.weights = this.synapses[synapse.share]!.weights;
    }
    return cost;
  }
}
