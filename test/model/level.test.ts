// Loops are found among layers that are joined in any order, and in how many steps.

import { describe, expect, it } from "vitest";
import { Levels } from "../../src/model/level.js";
import { Random, seed } from "../support/helpers.js";

interface Node {
  level: number;
  near: Node[];
  search: number;
  incoming: { readonly from: Node; readonly delay: number }[];
  outgoing: { readonly to: Node; readonly delay: number }[];
}

/** Layers whose searches are counted. */
class Net {
  readonly #levels = new Levels();
  readonly nodes: Node[];
  readonly edges: (readonly [Node, Node])[] = [];
  steps = 0;

  constructor(count: number) {
    const counted = () => {
      this.steps++;
    };
    this.nodes = Array.from({ length: count }, () => {
      let search = 0;
      return {
        ...{ level: 0, near: [], incoming: [], outgoing: [] },
        get search() {
          counted();
          return search;
        },
        set search(to) {
          search = to;
        },
      };
    });
  }

  /** Joins two layers, unless that closes a loop: then returns false. */
  join(from: Node, to: Node): boolean {
    if (this.#levels.closes(from, to, this.edges.length)) return false;
    const edge = { from, to, delay: 0 };
    from.outgoing.push(edge);
    to.incoming.push(edge);
    this.#levels.join(from, to);
    this.edges.push([from, to]);
    return true;
  }

  part(place: number): void {
    const [[from, to]] = this.edges.splice(place, 1) as [readonly [Node, Node]];
    from.outgoing.splice(
      from.outgoing.findIndex((edge) => edge.to === to),
      1,
    );
    to.incoming.splice(
      to.incoming.findIndex((edge) => edge.from === from),
      1,
    );
    this.#levels.part(to);
  }

  leads(from: Node, to: Node): boolean {
    const met = new Set([from]);
    for (const node of met) for (const edge of node.outgoing) met.add(edge.to);
    return met.has(to);
  }

  /** Checks whether no synapse leads to a lower level, and `near` has the sources of the same level. */
  check(): void {
    const sorted = (nodes: readonly Node[]) => nodes.map((node) => this.nodes.indexOf(node)).sort();
    for (const node of this.nodes) {
      const sources = node.incoming.map(({ from }) => from);
      expect(sources.every(({ level }) => level <= node.level)).toBe(true);
      const near = sources.filter(({ level }) => level === node.level);
      expect(sorted(node.near)).toEqual(sorted(near));
    }
  }
}

describe("levels", () => {
  it("tell whether a synapse closes a loop, after any that were made, refused and removed", () => {
    const random = new Random(seed);
    for (let turn = 0; turn < 40; turn++) {
      const net = new Net(random.whole(2, 60));
      for (let edit = 0; edit < 400; edit++) {
        if (net.edges.length > 0 && random.chance(turn % 4 === 0 ? 0.3 : 0.05)) {
          net.part(random.whole(0, net.edges.length - 1));
        } else {
          const [from, to] = [random.pick(net.nodes), random.pick(net.nodes)];
          const closes = net.leads(to, from);
          expect(net.join(from, to), `seed ${seed}, turn ${turn}, edit ${edit}`).toBe(!closes);
        }
        if (edit % 20 === 0) net.check();
      }
    }
  });

  it("take no more than 4 √m steps a synapse in a random order, and hardly any in a chain's own order", () => {
    const random = new Random(seed);
    const count = 20_000;
    const joined = (pairs: readonly (readonly [number, number])[], layers: number) => {
      const net = new Net(layers);
      for (const [from, to] of pairs) expect(net.join(net.nodes[from]!, net.nodes[to]!)).toBe(true);
      return net.steps / pairs.length;
    };
    const chain = Array.from({ length: count }, (_, i) => [i, i + 1] as const);
    const backwards = chain.map(([from, to]) => [to, from] as const);
    for (const pairs of [chain, [...chain].reverse(), backwards, [...backwards].reverse()]) {
      expect(joined(pairs, count + 1)).toBeLessThan(4);
    }
    const skips = (layers: number, reach: number) =>
      Array.from({ length: count }, (_, i) => {
        const from = i % (layers - 1);
        return [from, Math.min(layers - 1, from + random.whole(1, reach))] as const;
      });
    for (const pairs of [chain, skips(100, 99), skips(1000, 5), skips(1000, 999), skips(10_000, 5)]) {
      expect(joined(random.shuffled([...pairs]), count + 1)).toBeLessThan(4 * Math.sqrt(count));
    }
  });
});
