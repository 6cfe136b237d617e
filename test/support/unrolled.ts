// A graph in time in plain loops: each layer at each step of each sample on its own, found from the outputs back. The engine is
// tested against it. It computes values and costs; central differences have the gradients.

import type { ActivationOption, LossOption } from "plexus-nn";
import { type Brought, channelsOf, mapper, type NaiveMap } from "./maps.js";
import { activate, costs, isJoint } from "./rules.js";

export interface TimedLayer {
  readonly name: string;
  readonly kind: "input" | "hidden" | "output";
  readonly size: number;
  /** Left out for a plain size. */
  readonly shape?: readonly number[];
  readonly classes?: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  /** One for each unit, or for each channel of a shape. */
  readonly bias: readonly number[] | false;
  readonly gain?: readonly number[];
  /** Groups of channels of the norm. */
  readonly groups?: number;
  readonly initial?: readonly number[];
  readonly join?: "product";
  readonly time?: false;
  readonly weight?: number;
}

export interface TimedSynapse {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly map: NaiveMap;
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

type Rows = [pre: number[], post: number[], target: number[]];

/** Returns the shape of a layer. */
export const shapeOf = ({ shape, size }: TimedLayer): readonly number[] => shape ?? [size];

/** Normalizes sums, over all positions of each group of channels. */
function normalised(sums: readonly number[], channels: number, groups: number): number[] {
  const groupOf = (j: number) => Math.floor(((j % channels) * groups) / channels);
  const moments = Array.from({ length: groups }, (_, g) => {
    const own = sums.filter((_, j) => groupOf(j) === g);
    const mean = own.reduce((a, b) => a + b) / own.length;
    const variance = own.reduce((total, s) => total + (s - mean) ** 2, 0) / own.length;
    return { mean, deviation: Math.sqrt(variance + 1e-5) };
  });
  return sums.map((s, j) => (s - moments[groupOf(j)]!.mean) / moments[groupOf(j)]!.deviation);
}

/** Returns the results of a function of rows of `width` numbers. */
const byRows = (width: number, count: number, row: (from: number, to: number) => number[]): number[] =>
  Array.from({ length: count / width }, (_, p) => row(p * width, (p + 1) * width)).flat();

/** A layer at a step. `lead` is the least lead of the largest unit in a window of its maxPools. */
export interface Node {
  readonly pre: number[];
  readonly post: number[];
  readonly lead: number;
}

export class Unrolled {
  readonly #timed = new Set<string>();
  readonly #maps: readonly ((values: readonly number[], weights: readonly number[]) => Brought)[];

  constructor(
    readonly layers: readonly TimedLayer[],
    readonly synapses: readonly TimedSynapse[],
  ) {
    this.#maps = synapses.map(({ map }) => mapper(map));
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

  /** Returns the nodes of each sample, which are computed when they are first asked for. */
  samples(xs: Samples, lengths: readonly number[]): ((name: string, t: number) => Node)[] {
    return lengths.map((length, r) => {
      const nodes = new Map<string, Node>();
      const sent = (synapse: TimedSynapse, t: number): readonly number[] => {
        const { from, at, delay } = synapse;
        const u = at === "last" ? length - 1 : at === "first" ? 0 : t - delay;
        if (!this.isTimed(from) && (delay === 0 || (u >= 0 && u < length))) return node(from, 0).post;
        if (u >= 0 && u < length) return node(from, u).post;
        const { initial, size } = this.layer(from);
        return initial ?? new Array<number>(size).fill(0);
      };
      const brought = (synapse: TimedSynapse, t: number): Brought => {
        const { weights } = synapse.share === undefined ? synapse : this.synapses[synapse.share]!;
        return this.#maps[this.synapses.indexOf(synapse)]!(sent(synapse, t), weights);
      };
      const node = (name: string, t: number): Node => {
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
              ? parts.reduce((product, part) => product * part.sums[j]!, 1)
              : parts.reduce((sum, part) => sum + part.sums[j]!, 0),
        );
        const { gain, bias, groups = 1, size } = layer;
        const channels = channelsOf(shapeOf(layer));
        const each = (list: readonly number[], j: number) => list[list.length === size ? j : j % channels]!;
        const sums =
          gain === undefined ? joined : normalised(joined, channels, groups).map((h, j) => each(gain, j) * h);
        const pre = sums.map((sum, j) => sum + (bias === false ? 0 : each(bias, j)));
        // Softmax is over the channels of each position.
        const post = byRows(channels, size, (from, to) => activate(layer.activation, pre.slice(from, to)));
        const made = { pre, post, lead: Math.min(...parts.map(({ lead }) => lead), Infinity) };
        nodes.set(key, made);
        return made;
      };
      return node;
    });
  }

  /** Returns pre and post of an output at each step of each sample; one step for an output without time. */
  forward(
    xs: Samples,
    lengths: readonly number[],
    output: string,
    samples = this.samples(xs, lengths),
  ): Node[][] {
    // From the first step on, or from the last one: neither order can end the stack, since sequences are short.
    return samples.map((node, r) =>
      Array.from({ length: this.isTimed(output) ? lengths[r]! : 1 }, (_, t) => node(output, t)),
    );
  }

  /** Returns the cost of an output: the mean over its rows of the weighted losses. `weightOf` is that of a unit of a row. */
  cost(
    xs: Samples,
    ts: Samples,
    lengths: readonly number[],
    output: string,
    weightOf: (sample: number, step: number, unit: number) => number = () => 1,
  ): number {
    const layer = this.layer(output);
    const { activation, loss, size } = layer;
    const joint = isJoint(activation, loss);
    let [rows, total] = [0, 0];
    this.forward(xs, lengths, output).forEach((steps, r) => {
      steps.forEach(({ pre, post }, t) => {
        const target = this.isTimed(output)
          ? (ts[output]![r] as number[][])[t]!
          : (ts[output]![r] as number[]);
        rows++;
        const row = (from: number, to: number) =>
          costs(loss!, joint, ...([pre, post, target].map((list) => list.slice(from, to)) as Rows));
        byRows(channelsOf(shapeOf(layer)), size, row).forEach((one, j) => {
          const weight = weightOf(r, this.isTimed(output) ? t : lengths[r]! - 1, j);
          if (weight !== 0) total += weight * one;
        });
      });
    });
    return total / rows;
  }
}
