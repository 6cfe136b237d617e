// A graph with its structure, parameters and optimizer as plain objects, changed beside the engine, call by call. It computes
// by the loops of naive.ts; an edit makes other objects.

import type { ActivationOption, LossOption } from "plexus-nn";
import { type NaiveGradients, NaiveGraph, type NaiveLayer, type NaiveSynapse, type Values } from "./naive.js";
import { naiveStep, type Options } from "./steps.js";

/** Parameters that move together, with their moments. */
export interface Block {
  /** Rows and columns; a bias is one row. */
  shape: readonly [number, number];
  values: number[];
  moments: Record<string, number>[];
  steps: number;
}

export interface ModelLayer {
  readonly name: string;
  readonly kind: NaiveLayer["kind"];
  size: number;
  readonly activation: ActivationOption;
  readonly loss?: LossOption;
  readonly hasBias: boolean;
  readonly weight: number;
  frozen: boolean;
  readonly bias: Block;
  readonly gain: Block | undefined;
  scaler?: { readonly offset: readonly number[]; readonly divisor: readonly number[] } | undefined;
}

/** Weights that synapses share. */
export interface Matrix extends Block {
  frozen: boolean;
  readonly l1: number;
  readonly l2: number;
  readonly maxNorm: number;
}

export interface ModelSynapse {
  readonly from: ModelLayer;
  readonly to: ModelLayer;
  readonly name: string | undefined;
  /** None for an identity. */
  readonly matrix: Matrix | undefined;
}

export function block(shape: readonly [number, number], values: ArrayLike<number>): Block {
  return { shape, values: Array.from(values), moments: Array.from(values, () => ({})), steps: 0 };
}

/** Keeps the first rows and columns; new numbers come from `fresh`, without moments. */
function reshape(block: Block, shape: readonly [number, number], fresh: ArrayLike<number>): void {
  const [{ values, moments }, [rows, columns]] = [block, block.shape];
  const from = (i: number) => {
    const [row, column] = [Math.floor(i / shape[1]), i % shape[1]];
    return row < rows && column < columns ? row * columns + column : -1;
  };
  block.values = Array.from(fresh, (value, i) => (from(i) < 0 ? value : values[from(i)]!));
  // nadam's product depends on the steps, which the whole block has made.
  const { product } = moments[0]!;
  const begun = product === undefined ? {} : { product };
  block.moments = Array.from(fresh, (_, i) => (from(i) < 0 ? { ...begun } : moments[from(i)]!));
  block.shape = shape;
}

export class Model {
  layers: ModelLayer[] = [];
  synapses: ModelSynapse[] = [];
  optimizer: Options;

  constructor(optimizer: Options) {
    this.optimizer = optimizer;
  }

  named(name: string): ModelLayer {
    return this.layers.find((layer) => layer.name === name)!;
  }

  blocks(): Block[] {
    const matrices = this.synapses.flatMap(({ matrix }) => (matrix === undefined ? [] : [matrix]));
    return [
      ...this.layers.flatMap(({ bias, gain }) => (gain === undefined ? [bias] : [bias, gain])),
      ...new Set<Block>(matrices),
    ];
  }

  forget(): void {
    for (const block of this.blocks()) {
      block.steps = 0;
      block.moments = block.values.map(() => ({}));
    }
  }

  /** Returns whether a path leads from a layer to another. */
  leads(from: ModelLayer, to: ModelLayer): boolean {
    return (
      from === to || this.synapses.some((synapse) => synapse.from === from && this.leads(synapse.to, to))
    );
  }

  /** Returns whether a layer depends on inputs alone: every ancestor that is no input has a source. */
  isFed(layer: ModelLayer): boolean {
    if (layer.kind === "input") return true;
    const before = this.synapses.filter(({ to }) => to === layer);
    return before.length > 0 && before.every(({ from }) => this.isFed(from));
  }

  removeLayer(layer: ModelLayer): void {
    this.layers = this.layers.filter((one) => one !== layer);
    this.synapses = this.synapses.filter(({ from, to }) => from !== layer && to !== layer);
  }

  removeSynapse(synapse: ModelSynapse): void {
    this.synapses = this.synapses.filter((one) => one !== synapse);
  }

  /** Returns the matrices that have a layer's size as a side. */
  around(layer: ModelLayer): Set<Matrix> {
    const touching = this.synapses.filter(({ from, to }) => from === layer || to === layer);
    return new Set(touching.flatMap(({ matrix }) => (matrix === undefined ? [] : [matrix])));
  }

  /**
   * Returns whether a layer can't be resized: because of an identity, a scaler, or weights that synapses of other layers
   * share.
   */
  isBound(layer: ModelLayer): boolean {
    if (layer.kind === "input" || layer.scaler !== undefined) return true;
    const touching = this.synapses.filter(({ from, to }) => from === layer || to === layer);
    if (touching.some(({ matrix }) => matrix === undefined)) return true;
    return [...this.around(layer)].some((matrix) => {
      const sharers = this.synapses.filter((synapse) => synapse.matrix === matrix);
      return !sharers.every(({ to }) => to === layer) && !sharers.every(({ from }) => from === layer);
    });
  }

  /** Resizes a layer. `fresh` returns the weights of a resized matrix, from which the new ones are taken. */
  resize(layer: ModelLayer, size: number, fresh: (matrix: Matrix) => ArrayLike<number>): void {
    const sides = [...this.around(layer)].map((matrix) => {
      return [matrix, this.synapses.find((synapse) => synapse.matrix === matrix)!] as const;
    });
    layer.size = size;
    reshape(layer.bias, [1, size], new Array<number>(size).fill(0));
    if (layer.gain !== undefined) reshape(layer.gain, [1, size], new Array<number>(size).fill(1));
    for (const [matrix, { from, to }] of sides) reshape(matrix, [from.size, to.size], fresh(matrix));
  }

  /** Returns the same graph in plain loops. */
  naive(): NaiveGraph {
    const layers = this.layers.map(
      ({ name, kind, size, activation, loss, bias, gain, hasBias, frozen, weight }): NaiveLayer => ({
        name,
        kind,
        size,
        activation,
        bias: bias.values,
        weight,
        ...(loss === undefined ? {} : { loss }),
        ...(gain === undefined ? {} : { gain: gain.values }),
        ...(hasBias ? {} : { hasBias }),
        ...(frozen ? { frozen } : {}),
      }),
    );
    const first = (matrix: Matrix) => this.synapses.findIndex((synapse) => synapse.matrix === matrix);
    const synapses = this.synapses.map(({ from, to, matrix }, i): NaiveSynapse => {
      const ends = { from: from.name, to: to.name };
      if (matrix === undefined) return { ...ends, kind: "identity", weights: [] };
      const { values: weights, l1, l2 } = matrix;
      return { ...ends, weights, ...(first(matrix) === i ? { l1, l2 } : { share: first(matrix) }) };
    });
    return new NaiveGraph(layers, synapses);
  }

  scaled(values: Values, back = false): Values {
    return Object.fromEntries(
      Object.entries(values).map(([name, rows]) => {
        const { scaler } = this.named(name);
        if (scaler === undefined) return [name, rows];
        const { offset, divisor } = scaler;
        return [
          name,
          rows.map((row) =>
            row.map((value, j) =>
              back ? value * divisor[j]! + offset[j]! : (value - offset[j]!) / divisor[j]!,
            ),
          ),
        ];
      }),
    );
  }

  /** Returns derivatives by the caller's values, from those by scaled values. */
  unscaled(slopes: Values): Values {
    return Object.fromEntries(
      Object.entries(slopes).map(([name, rows]) => {
        const divisor = this.named(name).scaler?.divisor;
        return [name, rows.map((row) => row.map((d, j) => d / (divisor?.[j] ?? 1)))];
      }),
    );
  }

  predict(xs: Values, outputs: readonly string[]): Values {
    const { post } = this.naive().forward(this.scaled(xs), outputs);
    return this.scaled(Object.fromEntries(outputs.map((name) => [name, post[name]!])), true);
  }

  /** Returns the derivatives by the caller's values, as `gradients` does. */
  gradients(xs: Values, ts: Values, counts: Values = {}): NaiveGradients {
    const found = this.naive().gradients(this.scaled(xs), this.scaled(ts), counts);
    return { ...found, inputs: this.unscaled(found.inputs) };
  }

  /** Returns the derivatives of a cost by those by `predict`'s result: of mse towards y - dy / 2, weighted by the rows. */
  upstream(xs: Values, dy: Values): NaiveGradients {
    const names = Object.keys(dy);
    const rows = Object.values(xs)[0]!.length;
    const naive = this.naive();
    const { post } = naive.forward(this.scaled(xs), names);
    const ts = Object.fromEntries(
      names.map((name) => {
        const divisor = this.named(name).scaler?.divisor;
        const by = (r: number, j: number) => dy[name]![r]![j]! * (divisor?.[j] ?? 1);
        return [name, post[name]!.map((row, r) => row.map((y, j) => y - (rows * by(r, j)) / 2))];
      }),
    );
    const plain = naive.layers.map((layer) => ({ ...layer, loss: "mse" as const, weight: 1 }));
    const found = new NaiveGraph(plain, naive.synapses).gradients(this.scaled(xs), ts);
    return { ...found, cost: 0, inputs: this.unscaled(found.inputs) };
  }

  /** Makes one step of the optimizer along gradients. */
  step({ bias, gain, weights }: NaiveGradients): void {
    const moved: [Block, readonly number[]][] = [];
    for (const layer of this.layers) {
      if (layer.frozen) continue;
      const own = bias[layer.name];
      if (layer.hasBias && own !== undefined) moved.push([layer.bias, own]);
      if (layer.gain !== undefined && gain[layer.name] !== undefined)
        moved.push([layer.gain, gain[layer.name]!]);
    }
    this.synapses.forEach(({ matrix }, i) => {
      if (matrix !== undefined && !matrix.frozen && weights[i] !== undefined)
        moved.push([matrix, weights[i]]);
    });
    const o = this.optimizer;
    const norm = Math.sqrt(moved.reduce((sum, [, g]) => g.reduce((total, one) => total + one * one, sum), 0));
    const scale = o.clipNorm === undefined ? 1 : Math.min(1, Number(o.clipNorm) / (norm + 1e-6));
    const most = Number(o.clipValue ?? Infinity);
    for (const [block, slopes] of moved) {
      block.steps++;
      block.values = block.values.map((value, i) => {
        const slope = Math.min(Math.max(slopes[i]! * scale, -most), most);
        return naiveStep(o, value, slope, block.moments[i]!, block.steps);
      });
      const { maxNorm = Infinity } = block as Partial<Matrix>;
      const columns = block.shape[1];
      for (let j = 0; j < columns; j++) {
        const isOfColumn = (_: number, k: number) => k % columns === j;
        const length = Math.hypot(...block.values.filter(isOfColumn));
        if (length > maxNorm)
          block.values = block.values.map((w, k) => (k % columns === j ? (w * maxNorm) / length : w));
      }
    }
  }
}
