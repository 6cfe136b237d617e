// A graph in time in plain loops: each layer at each step of each sample on its own, found from the outputs back. The engine is
// tested against it. It computes values and costs; central differences have the gradients.

import type { ActivationOption, LossOption } from "plexus-nn";
import { activate, costs, isJoint } from "./rules.js";

export interface TimedLayer {
  readonly name: string;
  readonly kind: "input" | "hidden" | "output";
  readonly size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  readonly bias: readonly number[] | false;
  readonly gain?: readonly number[];
  readonly initial?: readonly number[];
  readonly join?: "product";
  readonly time?: false;
  readonly weight?: number;
}

export interface TimedSynapse {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly kind: "dense" | "identity" | "oneToOne";
  readonly delay: number;
  readonly at?: "last" | "first";
  readonly weights: readonly number[];
  readonly l1?: number;
  readonly l2?: number;
  /** Index of the synapse that owns the weights. */
  readonly share?: number;
}

/** A value for each unit; for a layer with time, one for each step. */
export type Sample = readonly number[] | readonly (readonly number[])[];
/** Samples by a layer's name. */
// biome-ignore lint/suspicious/noExplicitAny: data of any depth, as a caller has it
export type Samples = Record<string, any>;

/** Normalizes sums. */
function normalised(sums: readonly number[]): number[] {
  const mean = sums.reduce((a, b) => a + b) / sums.length;
  const variance = sums.reduce((total, s) => total + (s - mean) ** 2, 0) / sums.length;
  return sums.map((s) => (s - mean) / Math.sqrt(variance + 1e-5));
}

export class Unrolled {
  readonly #timed = new Set<string>();

  constructor(
    readonly layers: readonly TimedLayer[],
    readonly synapses: readonly TimedSynapse[],
  ) {
    for (const { name, kind, time } of layers) if (kind === "input" && time !== false) this.#timed.add(name);
    for (const _ of layers) {
      for (const { from, to, delay, at } of synapses) {
        if (at === undefined && (delay !== 0 || this.#timed.has(from))) this.#timed.add(to);
      }
    }
  }

  isTimed(name: string): boolean {
    return this.#timed.has(name);
  }

  layer(name: string): TimedLayer {
    return this.layers.find((layer) => layer.name === name)!;
  }

  /** Returns pre and post of an output at each step of each sample; one step for an output without time. */
  forward(xs: Samples, lengths: readonly number[], output: string): { pre: number[]; post: number[] }[][] {
    return lengths.map((length, r) => {
      const nodes = new Map<string, { pre: number[]; post: number[] }>();
      const sent = (synapse: TimedSynapse, t: number): readonly number[] => {
        const { from, at, delay } = synapse;
        const u = at === "last" ? length - 1 : at === "first" ? 0 : t - delay;
        if (!this.isTimed(from) && (delay === 0 || (u >= 0 && u < length))) return node(from, 0).post;
        if (u >= 0 && u < length) return node(from, u).post;
        const { initial, size } = this.layer(from);
        return initial ?? new Array<number>(size).fill(0);
      };
      const brought = (synapse: TimedSynapse, t: number): number[] => {
        const values = sent(synapse, t);
        const { kind, share, to } = synapse;
        const { weights } = share === undefined ? synapse : this.synapses[share]!;
        if (kind === "identity") return [...values];
        if (kind === "oneToOne") return values.map((value, j) => value * weights[j]!);
        const { size } = this.layer(to);
        return Array.from({ length: size }, (_, j) =>
          values.reduce((sum, value, i) => sum + value * weights[i * size + j]!, 0),
        );
      };
      const node = (name: string, t: number): { pre: number[]; post: number[] } => {
        const key = `${t} ${name}`;
        const known = nodes.get(key);
        if (known !== undefined) return known;
        const layer = this.layer(name);
        const parts = this.synapses.filter(({ to }) => to === name).map((synapse) => brought(synapse, t));
        const given = this.isTimed(name) ? (xs[name]?.[r] as number[][])?.[t] : (xs[name]?.[r] as number[]);
        const joined = Array.from({ length: layer.size }, (_, j) =>
          layer.kind === "input"
            ? given![j]!
            : layer.join === "product"
              ? parts.reduce((product, part) => product * part[j]!, 1)
              : parts.reduce((sum, part) => sum + part[j]!, 0),
        );
        const { gain, bias } = layer;
        const sums = gain === undefined ? joined : normalised(joined).map((h, j) => gain[j]! * h);
        const pre = sums.map((sum, j) => sum + (bias === false ? 0 : bias[j]!));
        const made = { pre, post: activate(layer.activation, pre) };
        nodes.set(key, made);
        return made;
      };
      // From the first step on, or from the last one: neither order can end the stack, since sequences are short.
      return Array.from({ length: this.isTimed(output) ? length : 1 }, (_, t) => node(output, t));
    });
  }

  /** Returns the cost of an output: the mean over its rows of the weighted losses. `weightOf` is that of a unit of a row. */
  cost(
    xs: Samples,
    ts: Samples,
    lengths: readonly number[],
    output: string,
    weightOf: (sample: number, step: number, unit: number) => number = () => 1,
  ): number {
    const { activation, loss } = this.layer(output);
    const joint = isJoint(activation, loss);
    let [rows, total] = [0, 0];
    this.forward(xs, lengths, output).forEach((steps, r) => {
      steps.forEach(({ pre, post }, t) => {
        const target = this.isTimed(output)
          ? (ts[output]![r] as number[][])[t]!
          : (ts[output]![r] as number[]);
        rows++;
        costs(loss!, joint, pre, post, target).forEach((one, j) => {
          const weight = weightOf(r, this.isTimed(output) ? t : lengths[r]! - 1, j);
          if (weight !== 0) total += weight * one;
        });
      });
    });
    return total / rows;
  }
}
