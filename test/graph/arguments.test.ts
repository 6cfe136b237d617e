// Every call about parameters is given every kind of thing: it succeeds, or is a GraphError that has changed nothing.

import { Graph, GraphError, readSafetensors } from "plexus-nn";
import { expect, it } from "vitest";
import { type AnyGraph, everything, wrong } from "../support/helpers.js";

function made(): AnyGraph {
  const graph: AnyGraph = new Graph({ seed: 1, optimizer: { name: "adam" } });
  graph.addInput("x", 2);
  graph.addHidden("h", 3, "tanh", { norm: "layer" });
  graph.addOutput("y", 1);
  graph.connect("x", "h");
  graph.connect("h", "y");
  graph.train({ x: [1, 2] }, { y: [1] });
  return graph;
}

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const fails = () => {
  throw new TypeError("mine");
};
const throwing = new Proxy({}, { get: fails, ownKeys: fails, has: fails, getPrototypeOf: fails });
const throwingList = new Proxy([1, 2, 3], { get: fails });
const ofLength = (length: number) =>
  new Proxy([1, 2, 3], { get: (list, key) => (key === "length" ? length : Reflect.get(list, key)) });
const circle: unknown[] = [];
circle.push(circle);
class Lying extends Float64Array {
  override get length(): number {
    throw new TypeError("mine");
  }
}

const things: readonly unknown[] = [
  ...[undefined, null, true, 0, 1, -1, Number.NaN, 1n, "", "y", "h", Symbol("s"), () => 1, fails],
  ...[{}, Object.create(null), [], [[]], [1], [1, 2, 3], [[1, 2, 3]], [null], [{}], [Symbol("s")], circle],
  ...[
    new Float64Array(3),
    new Lying(3),
    new BigInt64Array(3),
    new DataView(new ArrayBuffer(8)),
    new ArrayBuffer(8),
  ],
  ...[new Uint8Array(new SharedArrayBuffer(9)), new Date(0), new Map([["y", [1]]]), Promise.resolve(1)],
  ...[revoked({}), revoked([]), throwing, throwingList, ofLength(-2), ofLength(1e15), ofLength(Number.NaN)],
  ...[
    new Proxy(new Float64Array(3), {}),
    new Proxy([1, 2, 3], {}),
    new Proxy(made(), {}),
    made(),
    made().layers[1],
  ],
  ...[{ y: [1] }, { y: revoked([]) }, { y: throwingList }, { y: [1, 2] }, { h: [1] }, { x: [1, 2] }],
  ...[{ "bias.y": { shape: [1], values: [1] } }, { "bias.y": throwing }, { "bias.y": revoked({}) }],
  ...[{ "bias.y": { shape: throwingList, values: [1] } }, { "bias.y": { shape: [1], values: throwingList } }],
  ...[
    { tau: 1n },
    { tau: 0.5 },
    { optimizer: false },
    { optimizer: Symbol("s") },
    { map: () => Symbol("s") },
  ],
  ...[{ map: () => "bias.y", transpose: true }, { sampleWeights: [-1] }, { sampleWeights: revoked([]) }],
  ...[{ mask: throwing }, { mask: { y: throwingList } }, { outputs: { y: [1] } }, { outputs: throwing }],
];

const x = { x: [1, 2] };
const calls: readonly (readonly [string, (graph: AnyGraph, one: never, two: never) => unknown])[] = [
  ["layer.bias", (graph, one) => Object.assign(graph.layer("h"), { bias: one })],
  ["layer.gain", (graph, one) => Object.assign(graph.layer("h"), { gain: one })],
  ["synapse.weights", (graph, one) => Object.assign(graph.synapse("x", "h"), { weights: one })],
  ["copyFrom", (graph, one, two) => graph.copyFrom(one, two)],
  ["copyFrom a graph", (graph, one) => graph.copyFrom(graph, one)],
  ["assign", (graph, one, two) => graph.assign(one, two)],
  ["freeze", (graph, one, two) => graph.freeze(one, two)],
  ["unfreeze", (graph, one) => graph.unfreeze("h", one)],
  ["save", (graph, one) => graph.save(one)],
  ["toJSON", (graph, one) => graph.toJSON(one)],
  ["readSafetensors", (_, one) => readSafetensors(one)],
  ["load", (_, one) => Graph.load(one)],
  ["merge", (graph, one) => graph.merge(one)],
  ["backward", (graph, one, two) => graph.backward(x, one, two)],
  ["backward of inputs", (graph, one) => graph.backward(one, { y: [1] })],
  ["gradients", (graph, one, two) => graph.gradients(x, one, two)],
  ["gradients from outside", (graph, one) => graph.gradients(x, null, one)],
];

it.each(calls)("%s succeeds, or is refused and changes nothing, whatever it is given", (_, call) => {
  let graph = made();
  let before = everything(graph);
  const seconds = call.length > 2 ? things : [undefined];
  let refusals = 0;
  for (const one of things) {
    for (const two of seconds) {
      try {
        call(graph, wrong(one), wrong(two));
        graph.dispose();
        graph = made();
        before = everything(graph);
      } catch (error) {
        expect(error).toBeInstanceOf(GraphError);
        refusals++;
      }
    }
    expect(everything(graph)).toBe(before);
  }
  expect(refusals).toBeGreaterThan(10);
});
