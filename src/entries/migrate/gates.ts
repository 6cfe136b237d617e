// Wires whose weight a neuron multiplies: layers that join by a product.

import type { Layer } from "../../index.js";
import { Matrix, pick } from "./matrices.js";
import { factorOf, type Layout, type Neuron, type Wire } from "./neuron.js";

/** Gated wires from one group to another, or from a group's states to its next ones, with gaters of one group. */
interface Bundle {
  readonly source: number;
  readonly target: number;
  readonly gater: number;
  readonly isOwn: boolean;
  /** Delays of the source's values, and of the gaters'. */
  readonly delay: number;
  readonly late: number;
  readonly wires: Wire[];
}

type Pair = readonly [a: number, b: number];

/** Adds the gated wires. */
export function addGates(neurons: readonly Neuron[], wires: readonly Wire[], layout: Layout): void {
  if (wires.every(({ gater }) => gater === undefined)) return;
  const gates = new Gates(neurons, layout);
  for (const bundle of bundles(wires, layout)) gates.add(bundle);
}

function bundles(wires: readonly Wire[], { groupOf }: Layout): Iterable<Bundle> {
  const found = new Map<string, Bundle>();
  for (const wire of wires) {
    const { from, to, gater } = wire;
    if (gater === undefined) continue;
    const [source, target, gate] = [groupOf[from]!, groupOf[to]!, groupOf[gater]!];
    const [isOwn, delay, late] = [from === to, from >= to ? 1 : 0, gater >= to ? 1 : 0];
    const key = [source, target, gate, isOwn, delay, late].join(" ");
    const known = found.get(key);
    if (known !== undefined) known.wires.push(wire);
    else found.set(key, { source, target, gater: gate, isOwn, delay, late, wires: [wire] });
  }
  return found.values();
}

class Gates {
  readonly #neurons: readonly Neuron[];
  readonly #layout: Layout;
  /** Layers of gaters' values, by their group, which are 1 before the first step. */
  readonly #last = new Map<number, Layer>();
  readonly #counts = new Map<Layer, number>();

  constructor(neurons: readonly Neuron[], layout: Layout) {
    this.#neurons = neurons;
    this.#layout = layout;
  }

  /** Adds a product of values and gates before the weights, or of weighted sums and gates: whichever has fewer units. */
  add(bundle: Bundle): void {
    const { place } = this.#layout;
    if (bundle.isOwn) {
      this.#own(bundle);
      return;
    }
    const [bySource, byTarget] = [new Pairs(), new Pairs()];
    for (const { from, to, gater } of bundle.wires) {
      bySource.add(place[from]!, place[gater!]!);
      byTarget.add(place[to]!, place[gater!]!);
    }
    if (bySource.size <= byTarget.size) this.#before(bundle, bySource);
    else this.#after(bundle, byTarget);
  }

  /** Multiplies the states of a group by gates. */
  #own(bundle: Bundle): void {
    const { sites, graph, place } = this.#layout;
    const { sums } = sites[bundle.target]!;
    const values = new Float64Array(sums.size);
    const pairs: Pair[] = [];
    for (const { to, weight, gater } of bundle.wires) {
      values[place[to]!] = weight * (bundle.late === 1 ? 1 : this.#neurons[gater!]!.gain);
      pairs[place[to]!] = [place[gater!]!, place[to]!];
    }
    const product = this.#product(bundle, sums.size);
    const init = { values };
    graph.connect(sums, product, { kind: "oneToOne", delay: 1, init, frozen: this.#isFrozen(bundle) });
    this.#gate(bundle, product, pairs);
    graph.connect(product, sums, { kind: "identity" });
  }

  #before(bundle: Bundle, pairs: Pairs): void {
    const { sites, graph, place } = this.#layout;
    const { sums } = sites[bundle.target]!;
    const sorted = pairs.sorted();
    const product = this.#product(bundle, sorted.length);
    const from = sites[bundle.source]!.layer;
    pick(graph, from, product, units(sorted, 0), { delay: bundle.delay });
    this.#gate(bundle, product, units(sorted, 1));
    const matrix = new Matrix(sums.size);
    for (const wire of bundle.wires) {
      const unit = pairs.indexOf(place[wire.from]!, place[wire.gater!]!);
      matrix.add(unit, place[wire.to]!, this.#weight(bundle, wire));
    }
    matrix.connect(graph, product, sums, { frozen: this.#isFrozen(bundle) });
  }

  #after(bundle: Bundle, pairs: Pairs): void {
    const { sites, graph, place } = this.#layout;
    const { sums } = sites[bundle.target]!;
    const sorted = pairs.sorted();
    const product = this.#product(bundle, sorted.length);
    const from = sites[bundle.source]!.layer;
    const matrix = new Matrix(product.size);
    for (const wire of bundle.wires) {
      const unit = pairs.indexOf(place[wire.to]!, place[wire.gater!]!);
      matrix.add(place[wire.from]!, unit, this.#weight(bundle, wire));
    }
    const { delay } = bundle;
    matrix.connect(graph, from, product, { frozen: this.#isFrozen(bundle), delay });
    this.#gate(bundle, product, units(sorted, 1));
    pick(
      graph,
      product,
      sums,
      units(sorted, 0).map(([to, unit]) => [unit, to] as const),
    );
  }

  #product({ target }: Bundle, size: number): Layer {
    const { sites, graph } = this.#layout;
    const { layer } = sites[target]!;
    const count = (this.#counts.get(layer) ?? 0) + 1;
    this.#counts.set(layer, count);
    return graph.addHidden(`${layer.name}.gated${count}`, size, "linear", { bias: false, join: "product" });
  }

  /** Brings gaters to a product, by pairs (unit of the gaters, unit of the product). */
  #gate({ source, gater, late }: Bundle, product: Layer, pairs: readonly Pair[]): void {
    const { sites, graph } = this.#layout;
    const layer = late === 1 ? this.#lastOf(gater) : sites[gater]!.layer;
    // Neurons that gate wires of their own group join it to the product twice.
    pick(graph, layer, product, pairs, {
      delay: late,
      ...(source === gater ? { name: `${product.name}.gate` } : {}),
    });
  }

  /** Returns the layer that has the gaters' values in the last step: 1 before the first, where the gaters' own are not. */
  #lastOf(gater: number): Layer {
    const { graph, groups, sites } = this.#layout;
    const known = this.#last.get(gater);
    if (known !== undefined) return known;
    const { layer } = sites[gater]!;
    const { name, size } = layer;
    const last = graph.addHidden(`${name}.gate`, size, "linear", { bias: false, initial: 1, frozen: true });
    const values = Float64Array.from(groups[gater]!.members, (neuron) => this.#neurons[neuron]!.gain);
    if (values.every((gain) => gain === 1)) graph.connect(layer, last, { kind: "identity" });
    else graph.connect(layer, last, { kind: "oneToOne", init: { values }, frozen: true });
    this.#last.set(gater, last);
    return last;
  }

  #weight({ late, target }: Bundle, { from, to, gater, weight }: Wire): number {
    const gain = this.#neurons[from]!.gain * (late === 1 ? 1 : this.#neurons[gater!]!.gain);
    return weight * gain * factorOf(this.#neurons[to]!, this.#layout.sites[target]!);
  }

  #isFrozen({ target }: Bundle): boolean {
    return this.#neurons[this.#layout.groups[target]!.members[0]!]!.isFrozen;
  }
}

/** Distinct pairs of units. */
class Pairs {
  readonly #pairs = new Map<string, Pair>();
  #indices: Map<string, number> | undefined;

  get size(): number {
    return this.#pairs.size;
  }

  add(a: number, b: number): void {
    this.#pairs.set(`${a} ${b}`, [a, b]);
  }

  sorted(): Pair[] {
    return [...this.#pairs.values()].sort(([a, b], [c, d]) => a - c || b - d);
  }

  /** Returns the place of a pair among the sorted ones. */
  indexOf(a: number, b: number): number {
    this.#indices ??= new Map(this.sorted().map(([a, b], i) => [`${a} ${b}`, i]));
    return this.#indices.get(`${a} ${b}`)!;
  }
}

/** Returns one side of pairs, each with the place of its pair. */
function units(pairs: readonly Pair[], side: 0 | 1): Pair[] {
  return pairs.map((pair, i) => [pair[side], i]);
}
