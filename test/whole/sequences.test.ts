// Graphs with delays, products and states against the values of another implementation, and of PyTorch's cells.

import { describe, expect, it } from "vitest";
import { expectClose } from "../support/helpers.js";
import {
  casesOf,
  graphOf,
  numbersOf,
  padded,
  type ReferenceCase,
  type ReferenceParameters,
} from "../support/sequences.js";

const cases = casesOf(new URL("../reference/time.json", import.meta.url));

/** Compares parameters, or their gradients, with those of a case. */
function expectParameters(
  found: {
    readonly bias: Record<string, ArrayLike<number>>;
    readonly gain: Record<string, ArrayLike<number>>;
    readonly initial: Record<string, ArrayLike<number>>;
    weights(index: number): ArrayLike<number> | undefined;
  },
  wanted: ReferenceParameters,
  tolerance: number,
  what: string,
): void {
  for (const kind of ["bias", "gain", "initial"] as const) {
    for (const [name, values] of Object.entries(wanted[kind] ?? {})) {
      // A layer that leads to no output is in no pass.
      expectClose(found[kind][name] ?? values.map(() => 0), values, tolerance, `${what}, ${kind} of ${name}`);
    }
  }
  wanted.weights.forEach((values, i) => {
    if (values === null) return;
    const wanted = numbersOf(values);
    expectClose(found.weights(i) ?? wanted.map(() => 0), wanted, tolerance, `${what}, synapse ${i}`);
  });
}

function run(one: ReferenceCase, precision: "float64" | "float32", tolerance: number): void {
  const graph = graphOf(one, precision);
  const isTimed = (name: string) => !one.timeless.includes(name);
  expect(graph.layers.filter((layer) => !layer.time).map(({ name }) => name)).toEqual(one.timeless);
  const rows = one.steps[0]!.lengths.length;
  const isStateful = one.carries || one.steps[0]!.past !== undefined;
  const state = isStateful ? graph.state(rows) : undefined;
  one.steps.forEach((step, number) => {
    const what = `step ${number}`;
    for (const [name, values] of Object.entries(step.past ?? {})) {
      for (let delay = 1; delay <= values[0]!.length; delay++) {
        state!.set(
          name,
          values.map((sample) => sample[delay - 1]!),
          delay,
        );
      }
    }
    const { lengths, xs, ts, mask, sampleWeights } = step;
    const options = () => ({
      steps: lengths,
      ...(mask && { mask }),
      ...(sampleWeights && { sampleWeights }),
      ...(state && { state: state.clone() }),
    });
    const { mask: _, sampleWeights: __, ...timing } = options() as Record<string, unknown>;
    const predicted = graph.predict(xs, timing) as Record<string, ArrayLike<number>>;
    for (const [name, values] of Object.entries(step.predict)) {
      expectClose(predicted[name]!, padded(values, lengths, isTimed(name)), tolerance, `${what}, ${name}`);
    }
    const derivatives = graph.gradients(xs, ts as never, options() as never);
    expectClose([derivatives.cost], [step.cost], tolerance, `${what}, cost`);
    const byIndex = new Map(derivatives.weights.map(({ name, values }) => [name, values]));
    expectParameters(
      { ...derivatives, weights: (i) => byIndex.get(`s${i}`) },
      step.gradients,
      tolerance,
      `${what}, gradient`,
    );
    for (const [name, values] of Object.entries(step.gradients.inputs)) {
      const wanted = padded(values, lengths, isTimed(name));
      expectClose(derivatives.inputs[name]!, wanted, tolerance, `${what}, gradient of input ${name}`);
    }
    const evaluation = graph.evaluate(xs, ts as never, { metrics: [], ...options() } as never);
    expectClose([evaluation.cost], [step.cost], tolerance, `${what}, evaluated cost`);
    for (const [name, cost] of Object.entries(step.costs ?? {})) {
      expectClose([evaluation.outputs[name]!.cost], [cost], tolerance, `${what}, cost of ${name}`);
    }
    if (step.after === undefined) return;
    const cost = graph.train(xs, ts as never, { ...options(), ...(state && { state }) } as never);
    expectClose([cost], [step.cost], tolerance, `${what}, cost in training`);
    for (const [name, values] of Object.entries(step.state ?? {})) {
      const depth = (values as number[][][])[0]!.length;
      for (let delay = 1; delay <= depth; delay++) {
        const wanted = (values as number[][][]).flatMap((sample) => sample[delay - 1]!);
        expectClose(state!.get(name, delay), wanted, tolerance, `${what}, state of ${name}, ${delay}`);
      }
    }
    const parameters = {
      bias: Object.fromEntries(graph.layers.map(({ name, bias }) => [name, bias])),
      gain: Object.fromEntries(graph.layers.map(({ name, gain }) => [name, gain!])),
      initial: Object.fromEntries(graph.layers.map(({ name, initial }) => [name, initial])),
      weights: (i: number) => graph.synapses[i]!.weights,
    };
    expectParameters(parameters, step.after, tolerance, `${what}, after`);
  });
}

describe("graphs over steps", () => {
  it.each(cases.map((one) => [one.name, one] as const))("equal the values of %s", (_, one) => {
    run(one, "float64", 1e-10);
  });

  it.each(cases.map((one) => [one.name, one] as const))("equal those of %s in float32", (_, one) => {
    run(one, "float32", 1e-4);
  });
});
