// A graph of layers in plain loops: the mathematics of the README word for word, one sample after the other, without a
// thought of speed. The engine is tested against it.

import type { ActivationOption, LossOption } from "plexus-nn";
import { activate, cost, derivative, isJoint, pull } from "./rules.js";

export interface NaiveLayer {
  readonly name: string;
  readonly kind: "input" | "hidden" | "output";
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
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
