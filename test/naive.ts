// A graph of layers in plain loops: the mathematics of the README word for word, one sample after the other, without a
// thought of speed. The engine is tested against it.

import type { Activation, Loss } from "plexus-nn";

export interface NaiveLayer {
  readonly name: string;
  readonly kind: "input" | "hidden" | "output";
  readonly size: number;
  readonly activation: Activation;
  readonly loss?: Loss;
  bias: number[];
}

export interface NaiveSynapse {
  readonly from: string;
  readonly to: string;
  readonly name?: string;
  /** (size of from, size of to), row-major */
  weights: number[];
}

/** Rows of numbers by a layer's name. */
export type Values = Record<string, number[][]>;

export interface NaiveGradients {
  cost: number;
  costs: Record<string, number>;
  inputs: Values;
  bias: Record<string, number[]>;
  /** By the synapse's place; undefined where the pass did not come by. */
  weights: (number[] | undefined)[];
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

  /** The outputs and their ancestors, sources first. */
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

  forward(xs: Values, outputs: readonly string[]): { pre: Values; post: Values } {
    const pre: Values = {};
    const post: Values = {};
    const rows = Object.values(xs)[0]!.length;
    for (const layer of this.reached(outputs)) {
      const incoming = this.synapses.filter(({ to }) => to === layer.name);
      pre[layer.name] = Array.from({ length: rows }, (_, r) =>
        layer.bias.map((bias, j) => {
          let z = bias + (layer.kind === "input" ? xs[layer.name]![r]![j]! : 0);
          for (const { from, weights } of incoming) {
            post[from]![r]!.forEach((y, i) => {
              z += y * weights[i * layer.size + j]!;
            });
          }
          return z;
        }),
      );
      post[layer.name] = pre[layer.name]!.map((z) => activate(layer.activation, z));
    }
    return { pre, post };
  }

  gradients(xs: Values, ts: Values): NaiveGradients {
    const { pre, post } = this.forward(xs, Object.keys(ts));
    const rows = Object.values(xs)[0]!.length;
    const reached = this.reached(Object.keys(ts));
    const result: NaiveGradients = { cost: 0, costs: {}, inputs: {}, bias: {}, weights: [] };
    const dpre: Values = {};
    for (const layer of reached.toReversed()) {
      const { name, size, activation, loss } = layer;
      const dpost = Array.from({ length: rows }, () => new Array<number>(size).fill(0));
      this.synapses.forEach(({ from, to, weights }) => {
        if (from !== name || dpre[to] === undefined) return;
        dpost.forEach((row, r) => {
          for (let i = 0; i < size; i++) {
            dpre[to]![r]!.forEach((d, j, { length }) => {
              row[i]! += d * weights[i * length + j]!;
            });
          }
        });
      });
      const [z, y, t] = [pre[name]!, post[name]!, ts[name]];
      const joint = isJoint(activation, loss);
      if (t !== undefined) {
        const sum = z.reduce((sum, _, r) => sum + cost(loss!, joint, z[r]!, y[r]!, t[r]!), 0);
        result.costs[name] = sum / rows;
        result.cost += sum / rows;
      }
      dpre[name] = dpost.map((d, r) => {
        const slope = t === undefined ? undefined : derivative(loss!, joint, y[r]!, t[r]!);
        const own = (j: number) => slope![j]! / rows;
        const through = d.map((value, j) => (slope === undefined || joint ? value : value + own(j)));
        const pulled = pull(activation, z[r]!, y[r]!, through);
        return slope !== undefined && joint ? pulled.map((value, j) => value + own(j)) : pulled;
      });
      if (layer.kind === "input") result.inputs[name] = dpre[name]!;
      result.bias[name] = layer.bias.map((_, j) => dpre[name]!.reduce((sum, row) => sum + row[j]!, 0));
    }
    result.weights = this.synapses.map(({ from, to, weights }) => {
      const d = dpre[to];
      if (d === undefined) return undefined;
      const size = this.layer(to).size;
      return weights.map((_, at) => {
        const [i, j] = [Math.floor(at / size), at % size];
        return d.reduce((sum, row, r) => sum + post[from]![r]![i]! * row[j]!, 0);
      });
    });
    return result;
  }

  /** One step of descent. Gives the cost before it. */
  train(xs: Values, ts: Values, rate: number): number {
    const { cost, bias, weights } = this.gradients(xs, ts);
    const step = (values: number[], by: readonly number[] | undefined) =>
      by === undefined ? values : values.map((value, i) => value - rate * by[i]!);
    for (const layer of this.layers) layer.bias = step(layer.bias, bias[layer.name]);
    this.synapses.forEach((synapse, i) => {
      synapse.weights = step(synapse.weights, weights[i]);
    });
    return cost;
  }
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

export function activate(activation: Activation, z: readonly number[]): number[] {
  if (activation === "sigmoid") return z.map(sigmoid);
  if (activation === "tanh") return z.map(Math.tanh);
  if (activation === "relu") return z.map((value) => Math.max(value, 0));
  if (activation === "linear") return [...z];
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

/** Jᵀ · d */
function pull(
  activation: Activation,
  z: readonly number[],
  y: readonly number[],
  d: readonly number[],
): number[] {
  if (activation === "sigmoid") return d.map((value, j) => value * sigmoid(z[j]!) * sigmoid(-z[j]!));
  if (activation === "tanh") return d.map((value, j) => value * (1 - y[j]! * y[j]!));
  if (activation === "relu") return d.map((value, j) => (z[j]! > 0 ? value : 0));
  if (activation === "linear") return [...d];
  const product = d.reduce((sum, value, j) => sum + value * y[j]!, 0);
  return d.map((value, j) => y[j]! * (value - product));
}

/** Where activation and loss are computed as one, so that a saturated unit still learns. */
export function isJoint(activation: Activation, loss: Loss | undefined): boolean {
  const pair = `${loss} on ${activation}`;
  return pair === "entropy on sigmoid" || pair === "crossEntropy on softmax";
}

type Row = readonly number[];

/** The cost of one sample at one output. */
export function cost(loss: Loss, joint: boolean, z: Row, y: Row, t: Row): number {
  const sum = (term: (j: number) => number) => y.reduce((total, _, j) => total + term(j), 0);
  const log = (value: number) => Math.max(Math.log(value), -100);
  if (loss === "mse") return sum((j) => (y[j]! - t[j]!) ** 2);
  if (loss === "entropy") {
    if (joint) return sum((j) => Math.max(z[j]!, 0) - t[j]! * z[j]! + Math.log1p(Math.exp(-Math.abs(z[j]!))));
    return sum((j) => -t[j]! * log(y[j]!) - (1 - t[j]!) * log(1 - y[j]!));
  }
  if (!joint) return sum((j) => -t[j]! * log(y[j]!));
  const top = Math.max(...z);
  const logSumExp = top + Math.log(z.reduce((total, value) => total + Math.exp(value - top), 0));
  return sum((j) => t[j]! * (logSumExp - z[j]!));
}

/** By the post-activation; in a joint form, by the pre-activation. */
export function derivative(loss: Loss, joint: boolean, y: Row, t: Row): number[] {
  if (loss === "mse") return y.map((value, j) => 2 * (value - t[j]!));
  if (loss === "entropy") {
    return y.map((value, j) => (value - t[j]!) / (joint ? 1 : Math.max(value * (1 - value), 1e-12)));
  }
  const mass = t.reduce((a, b) => a + b);
  return y.map((value, j) => (joint ? value * mass - t[j]! : -t[j]! / Math.max(value, 1e-12)));
}
