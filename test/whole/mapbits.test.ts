// A sample has the same bits alone and among others, for every kind of synapse.

import type { Precision } from "plexus-nn";
import { describe, it } from "vitest";
import { loops } from "../runtimes/maps.js";
import { expectClose, expectSame, Random, seed } from "../support/helpers.js";
import { graphOfKind, kindCases, mapOf, samplesOf } from "../support/kinds.js";
import { mapper, product } from "../support/maps.js";

const precisions: readonly Precision[] = ["float64", "float32"];
const ROWS = [1, 2, 3, 4, 5, 7, 8, 31, 33, 127, 128, 129, 257, 300];
const titled = kindCases.map((one) => [one.title, one] as const);

describe.each(precisions)("a sample's bits in %s", (precision) => {
  it.each(titled)("are the same alone and among others: %s", (_, one) => {
    const random = new Random(seed);
    const graph = graphOfKind(one, precision);
    const samples = samplesOf(random, one, 300);
    const size = product(one.to);
    const wanted = random.rows(300, size);
    const run = (first: number, rows: number) => {
      const x = samples.slice(first, first + rows).flat();
      const dy = wanted.slice(first, first + rows).flat();
      const { inputs } = graph.gradients({ x }, null, { outputs: { y: dy } });
      const [pre, post] = [graph.layer("y").pre.slice(), graph.predict({ x }).y as ArrayLike<number>];
      return { pre, post, dx: inputs.x ?? [] };
    };
    const alone = samples.map((_, r) => run(r, 1));
    for (const rows of ROWS) {
      const first = random.whole(0, 300 - rows);
      const found = run(first, rows);
      for (const part of ["pre", "post", "dx"] as const) {
        const wide = alone.slice(first, first + rows).flatMap((each) => Array.from(each[part]));
        expectSame(found[part], wide, `${part} among ${rows}`);
      }
    }
    graph.dispose();
  });

  it("are the same alone and among others, in loops of convolutions and of sparse synapses", () => {
    const graph = loops(precision);
    const random = new Random(seed);
    const lengths = Array.from({ length: 300 }, () => random.whole(1, 7));
    const line = lengths.map((length) => random.rows(length, 14));
    const place = lengths.map(() => random.numbers(7));
    const word = lengths.map((length) => Array.from({ length }, () => [random.whole(0, 8)]));
    const run = (first: number, rows: number) => {
      const cutOut = <T>(list: readonly T[]) => list.slice(first, first + rows);
      const steps = cutOut(lengths);
      const part = { line: cutOut(line), word: cutOut(word), place: cutOut(place) };
      const longest = Math.max(...steps);
      const ys = graph.predict(part, { steps });
      // Beyond a sample's steps there are zeros.
      const dy = {
        step: new Array<number>(rows * longest * 14).fill(0.5),
        whole: new Array(rows * 3).fill(1),
      };
      const { inputs } = graph.gradients(part, null, { outputs: dy, steps });
      const cut = (values: ArrayLike<number>, size: number) =>
        steps.map((length, r) => {
          return Array.from(values).slice(r * longest * size, (r * longest + length) * size);
        });
      const each = (values: ArrayLike<number>, size: number) =>
        steps.map((_, r) => Array.from(values).slice(r * size, (r + 1) * size));
      const parts = [cut(ys.step!, 14), each(ys.whole!, 3), cut(inputs.line!, 14), each(inputs.place!, 7)];
      return steps.map((_, r) => parts.flatMap((one) => one[r]!));
    };
    const alone = lengths.map((_, r) => run(r, 1)[0]!);
    for (const rows of [2, 5, 31, 128, 129, 300]) {
      const first = random.whole(0, 300 - rows);
      run(first, rows).forEach((found, r) => {
        expectSame(found, alone[first + r]!, `sample ${first + r} among ${rows}`);
      });
    }
  });
});

it("the values of the cases are those of the definitions", () => {
  for (const one of kindCases) {
    const random = new Random(seed);
    const graph = graphOfKind(one);
    const bring = mapper(mapOf(one, graph));
    const samples = samplesOf(random, one, 6);
    graph.predict({ x: samples.flat() });
    const offset = one.classes === undefined ? 0.25 : 0;
    const { pre } = graph.layer("y");
    const wanted = samples.flatMap((sample) =>
      bring(
        sample.map((value) => value + offset),
        [...graph.synapses[0]!.weights],
      ).sums.map((sum) => sum - 0.125),
    );
    expectClose(pre, wanted, 1e-13, one.title);
    graph.dispose();
  }
});
