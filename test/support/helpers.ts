// Shared by the specs: a seeded generator, comparisons, and the check of a refusal.

import {
  type ActivationOption,
  type ErrorCode,
  Graph,
  GraphError,
  type LossOption,
  type Rate,
} from "plexus-nn";
import { expect } from "vitest";

/** The seed of everything random in the specs; PLEXUS_SEED=… repeats a run, or tries another. */
export const seed = Number(process.env.PLEXUS_SEED ?? 20);
if (!Number.isInteger(seed)) throw new Error(`PLEXUS_SEED is not a whole number: ${process.env.PLEXUS_SEED}`);

export { Random } from "./mulberry.js";

/** Expects numbers within a tolerance relative to the larger of 1 and the expected value. */
export function expectClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  if (actual.length !== wanted.length) {
    throw new Error(`${what}: ${actual.length} numbers, not ${wanted.length}`);
  }
  for (let i = 0; i < wanted.length; i++) {
    const [a, w] = [actual[i]!, wanted[i]!];
    // The comparison is negated, so that a NaN on either side fails.
    if (!(Math.abs(a - w) <= tolerance * Math.max(1, Math.abs(w)))) {
      throw new Error(`${what}[${i}] is ${a}, not ${w} (off by ${Math.abs(a - w)})`);
    }
  }
}

/** Expects the same bits: -0 is not 0. */
export function expectSame(actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  if (actual.length !== wanted.length) {
    throw new Error(`${what}: ${actual.length} numbers, not ${wanted.length}`);
  }
  for (let i = 0; i < wanted.length; i++) {
    if (!Object.is(actual[i], wanted[i])) throw new Error(`${what}[${i}] is ${actual[i]}, not ${wanted[i]}`);
  }
}

/** Any graph, whatever its names and precision. */
// biome-ignore lint/suspicious/noExplicitAny: a graph of unknown names takes any
export type AnyGraph = Graph<any, any, any, any>;

/** Returns all that a refused call must not change, as text: a graph's file and every layer's states. */
export function everything(graph: AnyGraph): string {
  return JSON.stringify({
    graph,
    states: graph.layers.map(({ name, pre, post }) => [
      name,
      Array.from(pre, String),
      Array.from(post, String),
    ]),
    synapses: graph.synapses.map(({ name, shape }) => [name, shape]),
    inputs: graph.inputs.map(({ name }) => name),
    outputs: graph.outputs.map(({ name }) => name),
    seed: graph.seed,
    rate: graph.rate,
    optimizer: graph.optimizer,
  });
}

/** Returns a graph whose output has other rules: pairs that no call declares any more, but files of earlier releases have. */
export function filed<G extends AnyGraph>(
  graph: G,
  name: string,
  activation: ActivationOption,
  loss: LossOption,
): G {
  const json = JSON.parse(JSON.stringify(graph)) as { layers: { name: string }[] };
  Object.assign(json.layers.find((layer) => layer.name === name)!, { activation, loss });
  return Graph.fromJSON(json) as G;
}

/** Returns the refusal of a call. */
export function refusal(call: () => unknown): GraphError {
  try {
    call();
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw new Error("another error than a GraphError was thrown", { cause: error });
  }
  throw new Error("nothing was thrown");
}

/** Returns the error that a promise is rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<GraphError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw new Error("another error than a GraphError rejected", { cause: error });
  }
  throw new Error("nothing was rejected");
}

/** Expects a call to be refused with a code and a message that holds all of `mentions`. */
export function expectRefusal(call: () => unknown, code: ErrorCode, ...mentions: readonly string[]): void {
  const error = refusal(call);
  expect(`${error.code}: ${error.message}`).toContain(`${code}: `);
  for (const mention of mentions) expect(error.message).toContain(mention);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe("GraphError");
}

/** A wrong use of a graph: the call, the code, and texts that the message must hold. */
export type WrongUse<G> = readonly [
  name: string,
  use: (graph: G) => unknown,
  code: ErrorCode,
  ...mentions: string[],
];

/** Returns a value as another type than the compiler allows, for tests of the run time. */
export function wrong(value: unknown): never {
  return value as never;
}

/** Returns the rates of the first steps as they act: each step has a gradient of 1 at a bias of 0. */
export function ratesOf(rate: Rate, steps: number): number[] {
  const graph: AnyGraph = new Graph({ optimizer: { name: "sgd", rate } });
  graph.addInput("x", 1);
  graph.addOutput("y", 1, "linear");
  graph.connect("x", "y");
  return Array.from({ length: steps }, () => stepOf(graph));
}

/** Returns the rate of one step of a graph of `ratesOf`. */
export function stepOf(graph: AnyGraph): number {
  graph.synapses[0]!.weights[0] = 0;
  graph.layer("x").bias[0] = 0;
  graph.layer("y").bias[0] = 0;
  graph.train({ x: [0] }, { y: [-0.5] });
  return -graph.layer("y").bias[0]!;
}
