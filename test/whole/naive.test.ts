// The engine against plain loops: three steps of training on random graphs.

import { describe, expect, it } from "vitest";
import { activations } from "../../src/rules/activation.js";
import { losses } from "../../src/rules/loss.js";
import { expectClose, Random, seed } from "../support/helpers.js";
import { build, dressedCase, expectParameters, randomCase } from "../support/random.js";
import { nameOf } from "../support/rules.js";

const GRAPHS = 120;
/** Low enough for the random graphs not to run away, which would blow up the rounding of float32. */
const RATE = 0.01;

describe.each([
  ["float64", 1e-11],
  ["float32", 1e-4],
] as const)("%s", (precision, tolerance) => {
  it.each([
    ["plain", (random: Random) => ({ ...randomCase(random), counts: undefined, options: undefined })],
    ["with options of layers, synapses and calls", dressedCase],
  ] as const)(`agrees over three steps on ${GRAPHS} random graphs, %s, PLEXUS_SEED=${seed}`, (_, draw) => {
    for (let i = 0; i < GRAPHS; i++) {
      const { naive, xs, ts, counts, options } = draw(new Random(seed * 100_003 + i));
      const graph = build(naive, precision);
      const outputs = naive.layers.filter(({ kind }) => kind === "output").map(({ name }) => name);
      graph.rate = RATE;
      for (let step = 0; step < 3; step++) {
        const what = `graph ${i}, step ${step}`;
        const ys = graph.predict(xs);
        const { pre, post } = naive.forward(xs, outputs);
        for (const name of outputs) expectClose(ys[name]!, post[name]!.flat(), tolerance, `${what}: ${name}`);
        for (const { name } of naive.reached(outputs)) {
          expectClose(graph.layer(name).pre, pre[name]!.flat(), tolerance, `${what}: pre of ${name}`);
          expectClose(graph.layer(name).post, post[name]!.flat(), tolerance, `${what}: post of ${name}`);
        }
        const wanted = naive.gradients(xs, ts, counts);
        const scores = graph.evaluate(xs, ts, options);
        expectClose([scores.cost], [wanted.cost], tolerance, `${what}: evaluate`);
        expect(Object.keys(scores.outputs).sort()).toEqual(Object.keys(ts).sort());
        for (const [name, cost] of Object.entries(wanted.costs)) {
          expectClose([scores.outputs[name]!.cost], [cost], tolerance, `${what}: cost of ${name}`);
        }
        const [cost, naively] = [graph.train(xs, ts, options), naive.train(xs, ts, RATE, counts)];
        expectClose([cost], [naively], tolerance, `${what}: cost`);
        expectParameters(graph, naive, tolerance, what);
      }
      graph.dispose();
    }
  });
});

describe("the random graphs", () => {
  it(`have every activation and every loss, PLEXUS_SEED=${seed}`, () => {
    const drawn = new Set<string>();
    for (let i = 0; i < GRAPHS; i++) {
      for (const { activation, loss } of randomCase(new Random(seed * 100_003 + i)).naive.layers) {
        drawn.add(nameOf(activation));
        if (loss !== undefined) drawn.add(nameOf(loss));
      }
    }
    expect([...drawn].sort()).toEqual([...Object.keys(activations), ...Object.keys(losses)].sort());
  });
});

describe("gradients", () => {
  it.each([
    ["plain", (random: Random) => ({ ...randomCase(random), counts: undefined, options: undefined })],
    ["with options", dressedCase],
  ] as const)(
    `agree on ${GRAPHS} random graphs, %s, in shape and order too, PLEXUS_SEED=${seed}`,
    (_, draw) => {
      for (let i = 0; i < GRAPHS; i++) {
        const { naive, xs, ts, counts, options } = draw(new Random(seed * 200_003 + i));
        const graph = build(naive);
        const found = graph.gradients(xs, ts, options);
        const wanted = naive.gradients(xs, ts, counts);
        expectClose([found.cost], [wanted.cost], 1e-11, `graph ${i}: cost`);
        for (const part of ["inputs", "bias", "gain"] as const) {
          expect(Object.keys(found[part]).sort()).toEqual(Object.keys(wanted[part]).sort());
          for (const [name, values] of Object.entries(wanted[part])) {
            expectClose(found[part][name]!, values.flat(), 1e-11, `graph ${i}: ${part} of ${name}`);
          }
        }
        const reached = naive.synapses.flatMap((synapse, at) =>
          wanted.weights[at] ? [{ synapse, at }] : [],
        );
        expect(found.weights.map(({ name, from, to }) => ({ name, from, to }))).toEqual(
          reached.map(({ synapse: { name, from, to } }) => ({ name, from, to })),
        );
        reached.forEach(({ synapse, at }, k) => {
          const { shape, values } = found.weights[k]!;
          expect(shape).toEqual([naive.layer(synapse.from).size, naive.layer(synapse.to).size]);
          expectClose(values, wanted.weights[at]!, 1e-11, `graph ${i}: weights ${at}`);
        });
        graph.dispose();
      }
    },
  );
});
