// The engine against plain loops: three steps of training on random graphs.

import { describe, expect, it } from "vitest";
import { activations, losses } from "../src/rule.js";
import { expectClose, Random, seed } from "./helpers.js";
import { build, expectParameters, randomCase } from "./random.js";
import { nameOf } from "./rules.js";

const GRAPHS = 120;
/** Low enough for the random graphs not to run away, which would blow up the rounding of float32. */
const RATE = 0.01;

describe.each([
  ["float64", 1e-11],
  ["float32", 1e-4],
] as const)("%s", (precision, tolerance) => {
  it(`agrees over three steps on ${GRAPHS} random graphs, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < GRAPHS; i++) {
      const { naive, xs, ts } = randomCase(new Random(seed * 100_003 + i));
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
        const wanted = naive.gradients(xs, ts);
        const scores = graph.evaluate(xs, ts);
        expectClose([scores.cost], [wanted.cost], tolerance, `${what}: evaluate`);
        expect(Object.keys(scores.outputs).sort()).toEqual(Object.keys(ts).sort());
        for (const [name, cost] of Object.entries(wanted.costs)) {
          expectClose([scores.outputs[name]!.cost], [cost], tolerance, `${what}: cost of ${name}`);
        }
        expectClose([graph.train(xs, ts)], [naive.train(xs, ts, RATE)], tolerance, `${what}: cost`);
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
  it(`agree on ${GRAPHS} random graphs, in shape and order too, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < GRAPHS; i++) {
      const { naive, xs, ts } = randomCase(new Random(seed * 200_003 + i));
      const graph = build(naive);
      const found = graph.gradients(xs, ts);
      const wanted = naive.gradients(xs, ts);
      expectClose([found.cost], [wanted.cost], 1e-11, `graph ${i}: cost`);
      expect(Object.keys(found.inputs).sort()).toEqual(Object.keys(wanted.inputs).sort());
      expect(Object.keys(found.bias).sort()).toEqual(Object.keys(wanted.bias).sort());
      for (const [name, values] of Object.entries(wanted.inputs)) {
        expectClose(found.inputs[name]!, values.flat(), 1e-11, `graph ${i}: input ${name}`);
      }
      for (const [name, values] of Object.entries(wanted.bias)) {
        expectClose(found.bias[name]!, values, 1e-11, `graph ${i}: bias of ${name}`);
      }
      const reached = naive.synapses.flatMap((synapse, at) => (wanted.weights[at] ? [{ synapse, at }] : []));
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
  });
});
