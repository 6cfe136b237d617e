// Public calls of sequences, states and cells with one of their values in the caller's hands. The world's graph has a loop.

import { type Graph, State } from "plexus-nn";
import { type Call, row, withOptions } from "./calls.js";
import type { Loose, World } from "./world.js";

const x = () => [
  [
    [0.1, 0.2],
    [0.3, 0.4],
  ],
  [[0.5, 0.6]],
];
const ts = () => ({
  y: [[[1], [0]], [[1]]],
  z: [
    [0.5, 0.25, 1, 0],
    [1, 1],
  ],
});
const lengths = () => [2, 1];

/** Returns a state of the world's graph after a step, and what `call` makes of it. */
const withState = (world: World, call: (state: Loose) => unknown) => {
  const state = world.graph.state(2);
  world.graph.predict(world.xs, { state });
  return call(state);
};

const data: readonly Call[] = [
  row("predict: a sequence", x, ({ graph }, value) => graph.predict({ x: value })),
  row(
    "predict: a sample",
    () => x()[0],
    ({ graph }, value) => graph.predict({ x: [[[1, 2]], value] }),
  ),
  row(
    "predict: a step",
    () => [0.1, 0.2],
    ({ graph }, value) => graph.predict({ x: [[[1, 2], value]] }),
  ),
  ...withOptions(
    "predict",
    { steps: () => [1, 1], state: ({ graph }) => graph.state(2), outputs: () => ["y"] },
    ({ graph, xs }, options) => graph.predict(xs, options),
    [],
    () => ({ steps: 1 }),
  ),
  ...(["train", "gradients", "evaluate", "gradCheck"] as const).flatMap((call) => [
    row(`${call}: sequences`, x, ({ graph }, value) => graph[call]({ x: value }, ts())),
    row(
      `${call}: targets of steps`,
      () => ts().y,
      ({ graph }, value) => graph[call]({ x: x() }, { ...ts(), y: value }),
    ),
    ...withOptions(
      call,
      {
        steps: lengths,
        state: ({ graph }) => graph.state(2),
        sampleWeights: () => [1, 0.5, 1, 0],
        mask: () => ({ y: [1, 0, 1, 1] }),
      },
      ({ graph }, options) => graph[call]({ x: x() }, ts(), options),
    ),
  ]),
];

const states: readonly Call[] = [
  row(
    "state: rows",
    () => 2,
    ({ graph }, value) => graph.state(value),
  ),
  row(
    "State.reset",
    () => [1],
    (world, value) => withState(world, (state) => state.reset(value)),
  ),
  ...(["get", "set"] as const).map((call) =>
    row(
      `State.${call}: layer`,
      () => "h",
      (world, value) =>
        withState(world, (state) => state[call](value, call === "get" ? 1 : [1, 2, 3, 4, 5, 6])),
    ),
  ),
  row(
    "State.get: delay",
    () => 1,
    (world, value) => withState(world, (state) => state.get("h", value)),
  ),
  row(
    "State.set: values",
    () => [
      [1, 2, 3],
      [4, 5, 6],
    ],
    (world, value) => withState(world, (state) => state.set("h", value)),
  ),
  row(
    "State.set: delay",
    () => 1,
    (world, value) => withState(world, (state) => state.set("h", [1, 2, 3, 4, 5, 6], value)),
  ),
  row(
    "State.fromJSON",
    ({ graph }) => graph.state(2).toJSON(),
    ({ graph }, value) => State.fromJSON(value, graph),
  ),
  ...["format", "version", "precision", "rows", "steps", "outputs", "layers"].map((member) =>
    row(
      `State.fromJSON: ${member}`,
      ({ graph }) => graph.state(2).toJSON()[member],
      ({ graph }, value) => State.fromJSON({ ...graph.state(2).toJSON(), [member]: value }, graph),
    ),
  ),
  row(
    "State.fromJSON: graph",
    ({ graph }) => graph,
    ({ graph }, value) => State.fromJSON(graph.state(2).toJSON(), value as Graph),
  ),
];

const cells: readonly Call[] = (["addLstm", "addGru"] as const).flatMap((add) => [
  row(
    `${add}: name`,
    () => "new",
    ({ graph }, value) => graph[add](value, 2, "x"),
  ),
  row(
    `${add}: size`,
    () => 2,
    ({ graph }, value) => graph[add]("new", value, "x"),
  ),
  row(
    `${add}: from`,
    () => ["x", "h"],
    ({ graph }, value) => graph[add]("new", 2, value),
  ),
  ...withOptions(
    add,
    {
      activation: () => "tanh",
      gate: () => "sigmoid",
      backward: () => true,
      initial: () => true,
      dropout: () => 0.5,
      norm: () => "layer",
      init: () => "he",
      recurrentInit: () => "orthogonal",
      l1: () => 0.1,
      l2: () => 0.1,
      ...(add === "addLstm" ? { forgetBias: () => 1, peephole: () => true } : { reset: () => "before" }),
    },
    ({ graph }, options) => graph[add]("new", 2, "x", options),
  ),
]);

const training: readonly Call[] = [
  row("fit: sequences", x, ({ graph }, value) => graph.fit({ xs: { x: value }, ts: ts() }, { window: 1 })),
  row("fit: steps", lengths, ({ graph }, value) =>
    graph.fit({ xs: { x: x() }, ts: ts(), steps: value }, { window: 1 }),
  ),
  row(
    "fit: a state in the data",
    ({ graph }) => graph.state(2),
    ({ graph }, value) => graph.fit({ xs: { x: x() }, ts: ts(), state: value }),
  ),
  row(
    "fit: window",
    () => 1,
    ({ graph }, value) => graph.fit({ xs: { x: x() }, ts: ts() }, { window: value }),
  ),
  row(
    "fit: carry",
    () => true,
    ({ graph }, value) => graph.fit({ xs: { x: x() }, ts: ts() }, { carry: value, shuffle: false }),
  ),
  row(
    "fit: a batch of steps",
    () => ({ xs: { x: x() }, ts: ts(), steps: [2, 1] }),
    ({ graph }, value) => graph.fit([value], { window: 1, carry: true }),
  ),
];

const others: readonly Call[] = [
  row(
    "a layer's initial",
    () => [1, 2, 3],
    ({ graph }, value) => {
      graph.layer("h").initial = value;
    },
  ),
  row(
    "synapse: delay",
    () => 1,
    ({ graph }, value) => graph.synapse("h", "h", value),
  ),
];

export const stepCalls: readonly Call[] = [...data, ...states, ...cells, ...training, ...others].map(
  (call) => ({ ...call, name: `${call.name}, in time`, isLooped: true }),
);
