// A graph that grows at random: layers of shapes, all kinds of synapse, and data for it.

import {
  Graph,
  type Layer,
  type Optimizer,
  type Precision,
  type Synapse,
  type SynapseOptions,
} from "plexus-nn";
import { expect } from "vitest";
import type { AnyGraph, Random } from "./helpers.js";

export class Growing {
  readonly random: Random;
  readonly precision: Precision;
  /** Whether the graph may have delays, and so its data has steps. */
  readonly isTimed: boolean;
  graph: AnyGraph;
  count = 0;

  constructor(random: Random, precision: Precision, optimizer: Optimizer) {
    this.random = random;
    this.precision = precision;
    this.isTimed = random.chance(0.4);
    this.graph = new Graph({ seed: random.whole(0, 1e6), precision, optimizer });
    this.graph.addInput("x", this.shape());
    this.addOutput();
    this.grow();
  }

  name(): string {
    return `n${this.count++}`;
  }

  shape(): number[] {
    const { random } = this;
    const rank = random.whole(1, 3);
    return [...Array.from({ length: rank - 1 }, () => random.whole(2, 5)), random.whole(1, 4)];
  }

  layer(fits: (layer: Layer) => boolean = () => true): Layer | undefined {
    const layers = (this.graph.layers as Layer[]).filter(fits);
    return layers.length === 0 ? undefined : this.random.pick(layers);
  }

  synapse(fits: (synapse: Synapse) => boolean): Synapse | undefined {
    const synapses = (this.graph.synapses as Synapse[]).filter(fits);
    return synapses.length === 0 ? undefined : this.random.pick(synapses);
  }

  addHidden(shape: readonly number[]): Layer {
    const { random } = this;
    const channels = shape.at(-1)!;
    const groups = random.pick([1, 2, 3, 4].filter((n) => channels % n === 0));
    const activation = random.pick(["tanh", "relu", "linear", "softmax"].slice(0, channels > 1 ? 4 : 3));
    return this.graph.addHidden(this.name(), shape, activation as "tanh", {
      ...(random.chance(0.15) ? { norm: random.chance(0.5) ? "layer" : { name: "group", groups } } : {}),
      ...(random.chance(0.15) ? { dropout: 0.3 } : {}),
      ...(random.chance(0.1) ? { bias: false } : {}),
      ...(random.chance(0.1) ? { frozen: true } : {}),
      ...(random.chance(0.1) ? { initial: true } : {}),
    });
  }

  addOutput(): void {
    const { random } = this;
    const shape = this.shape();
    const isMixed = shape.at(-1)! > 1 && random.chance(0.3);
    this.graph.addOutput(this.name(), shape, isMixed ? "softmax" : random.pick(["linear", "sigmoid"]));
  }

  addInput(): void {
    const classes = this.random.chance(0.4);
    if (classes) this.graph.addInput(this.name(), this.random.whole(1, 3), "linear", { classes: 5 });
    else this.graph.addInput(this.name(), this.shape());
  }

  own(): SynapseOptions {
    const { random } = this;
    return {
      ...(random.chance(0.3) ? { l2: 0.01 } : {}),
      ...(random.chance(0.2) ? { maxNorm: 0.8 } : {}),
      ...(random.chance(0.1) ? { frozen: true } : {}),
    };
  }

  /** Adds a hidden layer whose shape suits a kind that a layer can feed, and joins it with an output or a hidden layer. */
  grow(): void {
    const { random, graph } = this;
    const from = this.layer()!;
    const { shape } = from;
    const [extents, channels] = [shape.slice(0, -1), shape.at(-1)!];
    const [pick, own] = [random.whole(0, 5), this.own()];
    const kernel = Math.min(2, ...extents);
    let target: Layer;
    if (from.classes !== undefined) {
      target = this.addHidden([from.size, random.whole(1, 3)]);
      graph.connect(from, target, { kind: "embedding", ...own });
    } else if (extents.length === 0 || pick === 0) {
      target = this.addHidden(random.chance(0.3) ? shape : this.shape());
      if (target.size === from.size) graph.connect(from, target, { kind: "oneToOne", ...own });
      else graph.connect(from, target, { kind: "sparse", density: 0.4, ...own });
    } else if (pick === 1) {
      const factor = random.whole(1, 2);
      target = this.addHidden([...extents.map((n) => n * factor), channels]);
      graph.connect(from, target, { kind: "upsample" });
    } else if (pick === 2) {
      const kind = random.pick(["averagePool", "maxPool"] as const);
      target = this.addHidden([...extents.map((n) => n - kernel + 1), channels]);
      graph.connect(from, target, { kind, kernel, stride: 1 });
    } else if (pick === 3) {
      target = this.addHidden([...extents.map((n) => n + 1), random.whole(1, 3)]);
      graph.connect(from, target, { kind: "convTranspose", kernel: 2, ...own });
    } else {
      const groups = channels % 2 === 0 && random.chance(0.3) ? 2 : 1;
      target = this.addHidden([...extents.map((n) => n - kernel + 1), groups * random.whole(1, 3)]);
      graph.connect(from, target, { kind: "conv", kernel, groups, ...own });
    }
    const further = this.layer((layer) => layer.kind !== "input" && layer !== target);
    if (further !== undefined) this.join(target, further, {});
  }

  /** Joins two layers, if that may be; a refusal changes nothing. */
  join(from: Layer, to: Layer, options: SynapseOptions): void {
    const before = JSON.stringify(this.graph);
    try {
      this.graph.connect(from, to, { name: this.name(), ...options });
    } catch (error) {
      expect(["cycle", "bad-option"]).toContain((error as { code: string }).code);
      expect(JSON.stringify(this.graph)).toBe(before);
    }
  }

  connect(): void {
    const { random } = this;
    const to = this.layer((layer) => layer.kind !== "input");
    if (to === undefined) return;
    const kind = random.pick(["dense", "sparse", "sparse", "gather", "identity"] as const);
    const delay = this.isTimed && random.chance(0.5) ? { delay: random.whole(1, 2) } : {};
    const twin = this.synapse((s) => s.kind === kind && s.weights.length > 0);
    const from = this.layer(
      ({ size, classes }) => classes === undefined && (kind !== "identity" || size === to.size),
    );
    if (twin !== undefined && random.chance(0.4)) {
      const source = this.layer(({ size, classes }) => classes === undefined && size === twin.from.size);
      const target = this.layer((layer) => layer.kind !== "input" && layer.size === twin.to.size);
      this.join(source!, target!, { kind, share: twin, ...delay });
      return;
    }
    if (from === undefined) return;
    const units = Array.from({ length: to.size }, () => random.whole(-1, from.size - 1));
    const map = {
      sparse: { density: 0.5, ...this.own() },
      gather: { units },
      dense: this.own(),
      identity: {},
    }[kind];
    this.join(from, to, { kind, ...map, ...delay });
  }

  /** The options of calls with data. */
  get times(): object {
    return this.isTimed ? { steps: 2 } : {};
  }

  numbers(layer: Layer, rows: number, draw: () => number): number[] {
    const steps = this.isTimed && layer.time ? 2 : 1;
    return Array.from({ length: rows * steps * layer.size }, draw);
  }

  inputs(rows: number): Record<string, number[]> {
    const { random } = this;
    return Object.fromEntries(
      (this.graph.inputs as Layer[]).map((l) => {
        return [
          l.name,
          this.numbers(l, rows, () => (l.classes === undefined ? random.signed() : random.whole(0, 4))),
        ];
      }),
    );
  }
}
