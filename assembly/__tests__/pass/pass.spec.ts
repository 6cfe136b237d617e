import {
  ActivationKind, LayerWord, LossKind, OptimizerWord, PassWord, Path, RunWord, ScheduleKind, ScheduleWord, Status, SynapseWord,
} from "../../abi";
import { check, cost, gradients, predict, status, train } from "../../pass/pass";
import { Layer, Pass, Run, Synapse } from "../../record";
import { lanes } from "../../kernel/part";
import { alloc } from "../../memory";
import { uniform } from "../../random";
import { Optimizer } from "../../rule/optimizer";
import { Schedule } from "../../rule/schedule";

const ROWS = 5;

/** Returns a layer with room for ROWS samples, and for two synapses on either side. */
function layer<T>(size: i32, activation: i32, loss: i32, input: bool, parameters: usize): Layer {
  const made = changetype<Layer>(alloc(LayerWord.words * 4));
  const matrix = <usize>(ROWS * size) * sizeof<T>();
  made.size = size;
  made.biases = size;
  made.positions = 1;
  made.channels = size;
  made.mixed = size;
  made.activation = activation;
  made.loss = loss;
  made.isInput = u32(input);
  made.weight = 1;
  made.bias = parameters;
  made.dbias = alloc(<usize>size * sizeof<T>());
  if (input) made.input = alloc(matrix);
  made.target = alloc(matrix);
  made.pre = alloc(matrix);
  made.post = activation == ActivationKind.linear ? made.pre : alloc(matrix);
  made.delta = alloc(matrix);
  made.incoming = alloc(8);
  made.outgoing = alloc(8);
  uniform<T>(made.bias, size, 1, <u32>made.bias, -1, 1);
  return made;
}

function append(list: usize, index: i32, synapse: Synapse): void {
  store<usize>(list + ((<usize>index) << 2), changetype<usize>(synapse));
}

function join<T>(from: Layer, to: Layer): Synapse {
  const made = changetype<Synapse>(alloc(SynapseWord.words * 4));
  const count = from.size * to.size;
  made.from = from;
  made.to = to;
  made.rows = from.size;
  made.columns = to.size;
  made.weights = alloc(<usize>count * sizeof<T>());
  made.dweights = alloc(<usize>count * sizeof<T>());
  uniform<T>(made.weights, count, 2, <u32>made.weights, -1, 1);
  append(from.outgoing, from.outgoings, made);
  from.outgoings += 1;
  append(to.incoming, to.incomings, made);
  to.incomings += 1;
  return made;
}

/**
 * x → a, b → y and a → z: a diamond with two outputs.
 *
 *     x(3) ─┬─ a(4, tanh) ────┬─ y(2, sigmoid, entropy)
 *           │        └────────┼─ z(1, linear, mse)
 *           └─ b(5, sigmoid) ─┘
 */
class Diamond<T> {
  x: Layer = layer<T>(3, ActivationKind.linear, 0, true, alloc(64));
  a: Layer = layer<T>(4, ActivationKind.tanh, 0, false, alloc(64));
  b: Layer = layer<T>(5, ActivationKind.sigmoid, 0, false, alloc(64));
  y: Layer = layer<T>(2, ActivationKind.sigmoid, LossKind.entropy, false, alloc(64));
  z: Layer = layer<T>(1, ActivationKind.linear, LossKind.mse, false, alloc(64));
  xa: Synapse = join<T>(this.x, this.a);
  xb: Synapse = join<T>(this.x, this.b);
  ay: Synapse = join<T>(this.a, this.y);
  by: Synapse = join<T>(this.b, this.y);
  az: Synapse = join<T>(this.a, this.z);

  /** Returns the pass over y, or over y and z. */
  pass(both: bool): Pass {
    this.y.bounded = 1;
    const pass = changetype<Pass>(alloc(PassWord.words * 4));
    pass.optimizer = changetype<Optimizer>(alloc((OptimizerWord.words + ScheduleWord.words) * 4));
    pass.optimizer.plain = 1;
    changetype<Schedule>(changetype<usize>(pass.optimizer) + OptimizerWord.words * 4).kind = ScheduleKind.reduceOnPlateau;
    pass.layers = alloc(20);
    pass.outputs = alloc(8);
    pass.outputCosts = alloc(16);
    pass.costs = alloc(ROWS * 8);
    const order: StaticArray<Layer> = [this.x, this.a, this.b, this.y, this.z];
    pass.layerCount = both ? 5 : 4;
    for (let i = 0; i < 5; i++) store<usize>(pass.layers + ((<usize>i) << 2), changetype<usize>(order[i]));
    store<usize>(pass.outputs, changetype<usize>(this.y));
    store<usize>(pass.outputs, changetype<usize>(this.z), 4);
    pass.outputCount = both ? 2 : 1;
    uniform<T>(this.x.input, ROWS * 3, 3, 0, -1, 1);
    for (let i = 0; i < ROWS * 2; i++) store<T>(this.y.target + <usize>i * sizeof<T>(), <T>(i % 3) / 2);
    uniform<T>(this.z.target, ROWS, 3, 1, -1, 1);
    return pass;
  }
}

function number<T>(at: usize, index: i32): f64 {
  return <f64>load<T>(at + <usize>index * sizeof<T>());
}

/** Makes a step of plain descent. */
function step<T>(pass: Pass, rows: i32, rate: f64): f64 {
  pass.optimizer.rate = rate;
  return train<T>(pass, rows);
}

/** Compares the gradient of a parameter block with central differences of the cost. */
function differ<T>(pass: Pass, values: usize, found: usize, count: i32, step: f64, bound: f64): void {
  for (let i = 0; i < count; i++) {
    const at = values + <usize>i * sizeof<T>();
    const kept = load<T>(at);
    store<T>(at, kept + <T>step);
    predict<T>(pass, ROWS);
    const high = cost<T>(pass, ROWS);
    store<T>(at, kept - <T>step);
    predict<T>(pass, ROWS);
    const low = cost<T>(pass, ROWS);
    store<T>(at, kept);
    const slope = (high - low) / (2 * step);
    expect<bool>(Math.abs(number<T>(found, i) - slope) <= bound).toBe(true);
  }
}

function slopes<T>(step: f64, bound: f64): void {
  const graph = new Diamond<T>();
  const pass = graph.pass(true);
  gradients<T>(pass, ROWS, true);
  differ<T>(pass, graph.xa.weights, graph.xa.dweights, 12, step, bound);
  differ<T>(pass, graph.by.weights, graph.by.dweights, 10, step, bound);
  differ<T>(pass, graph.az.weights, graph.az.dweights, 4, step, bound);
  differ<T>(pass, graph.x.bias, graph.x.dbias, 3, step, bound);
  differ<T>(pass, graph.b.bias, graph.b.dbias, 5, step, bound);
  differ<T>(pass, graph.x.input, graph.x.delta, ROWS * 3, step, bound);
}

/** Returns Σ targets · posts over the rows of y and z: the cost whose derivatives by the posts are the targets. */
function product<T>(graph: Diamond<T>): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < ROWS * 2; i++) sum += number<T>(graph.y.post, i) * number<T>(graph.y.target, i);
  for (let i = 0; i < ROWS; i++) sum += number<T>(graph.z.post, i) * number<T>(graph.z.target, i);
  return sum;
}

/** Compares gradients from upstream gradients with central differences of `product`. */
function upstream<T>(step: f64, bound: f64): void {
  const graph = new Diamond<T>();
  const pass = graph.pass(true);
  graph.z.weight = 3; // counts in the graph's own cost only
  pass.upstream = 1;
  expect<f64>(gradients<T>(pass, ROWS, true)).toBe(0);
  const values: StaticArray<usize> = [graph.xa.weights, graph.by.weights, graph.az.weights, graph.x.bias, graph.x.input];
  const found: StaticArray<usize> = [graph.xa.dweights, graph.by.dweights, graph.az.dweights, graph.x.dbias, graph.x.delta];
  const counts: StaticArray<i32> = [12, 10, 4, 3, ROWS * 3];
  for (let b = 0; b < values.length; b++) {
    for (let i = 0; i < counts[b]; i++) {
      const at = values[b] + <usize>i * sizeof<T>();
      const kept = load<T>(at);
      store<T>(at, kept + <T>step);
      predict<T>(pass, ROWS);
      const high = product<T>(graph);
      store<T>(at, kept - <T>step);
      predict<T>(pass, ROWS);
      const slope = (high - product<T>(graph)) / (2 * step);
      store<T>(at, kept);
      expect<bool>(Math.abs(number<T>(found[b], i) - slope) <= bound).toBe(true, `block ${b}, number ${i}`);
    }
  }
}

/** Compares the bits of states and gradients of one sample in both paths. */
function alone<T>(full: bool, fromUpstream: bool = false): void {
  const graph = new Diamond<T>();
  const pass = graph.pass(true);
  pass.upstream = u32(fromUpstream);
  graph.a.post = alloc(64); // numbers of a longer batch lie behind a row of the states
  memory.fill(graph.a.delta, 255, <usize>(ROWS * 4) * sizeof<T>());
  const places: StaticArray<usize> = [
    graph.a.post, graph.y.pre, graph.y.post, graph.z.post, graph.x.dbias, graph.a.dbias, graph.b.dbias, graph.y.dbias,
    graph.z.dbias, graph.xa.dweights, graph.xb.dweights, graph.ay.dweights, graph.by.dweights, graph.az.dweights,
    full ? graph.x.delta : graph.x.dbias,
  ];
  const counts: StaticArray<i32> = [4, 2, 2, 1, 3, 4, 5, 2, 1, 12, 15, 8, 10, 4, 3];
  const long = gradients<T>(pass, 1, full);
  const kept = new Array<u64>();
  for (let i = 0; i < places.length; i++) {
    for (let j = 0; j < counts[i]; j++) kept.push(reinterpret<u64>(number<T>(places[i], j)));
  }
  pass.path = Path.oneSample;
  expect<u64>(reinterpret<u64>(gradients<T>(pass, 1, full))).toBe(reinterpret<u64>(long));
  let next = 0;
  for (let i = 0; i < places.length; i++) {
    for (let j = 0; j < counts[i]; j++) expect<u64>(reinterpret<u64>(number<T>(places[i], j))).toBe(kept[next++]);
  }
}

/** Compares the bits of all parameters after a step on one sample in both paths. */
function stepped<T>(): void {
  const graph = new Diamond<T>();
  const pass = graph.pass(true);
  const blocks: StaticArray<usize> = [
    graph.x.bias, graph.a.bias, graph.b.bias, graph.y.bias, graph.z.bias, graph.xa.weights, graph.xb.weights,
    graph.ay.weights, graph.by.weights, graph.az.weights,
  ];
  const slopes: StaticArray<usize> = [
    graph.x.dbias, graph.a.dbias, graph.b.dbias, graph.y.dbias, graph.z.dbias, graph.xa.dweights, graph.xb.dweights,
    graph.ay.dweights, graph.by.dweights, graph.az.dweights,
  ];
  const counts: StaticArray<i32> = [3, 4, 5, 2, 1, 12, 15, 8, 10, 4];
  pass.runs = alloc(RunWord.words * 4 * 10);
  pass.runCount = 10;
  const before = new Array<T>();
  for (let b = 0; b < 10; b++) {
    const run = changetype<Run>(pass.runs + <usize>b * RunWord.words * 4);
    run.values = blocks[b];
    run.gradients = slopes[b];
    run.count = (counts[b] + lanes<T>() - 1) & -lanes<T>(); // the padding too, as src/memory/memory.ts counts
    for (let i = 0; i < counts[b]; i++) before.push(load<T>(blocks[b] + <usize>i * sizeof<T>()));
  }
  const long = step<T>(pass, 1, 0.5);
  const after = new Array<f64>();
  for (let b = 0, next = 0; b < 10; b++) {
    for (let i = 0; i < counts[b]; i++) {
      after.push(number<T>(blocks[b], i));
      store<T>(blocks[b] + <usize>i * sizeof<T>(), before[next++]);
    }
  }
  pass.path = Path.oneSample;
  expect<bool>(isNaN(step<T>(pass, 1, f64.MAX_VALUE * 10))).toBe(true);
  expect<u32>(status).toBe(Status.update);
  expect<f64>(number<T>(graph.xa.weights, 0)).toBe(<f64>before[15]);
  expect<f64>(step<T>(pass, 1, 0.5)).toBe(long);
  for (let b = 0, next = 0; b < 10; b++) {
    for (let i = 0; i < counts[b]; i++) {
      expect<u64>(reinterpret<u64>(number<T>(blocks[b], i))).toBe(reinterpret<u64>(after[next++]));
    }
  }
}

describe("a pass", () => {
  it("makes the same step on one sample of small layers", () => {
    stepped<f64>();
    stepped<f32>();
  });

  it("computes the same bits for one sample of small layers", () => {
    alone<f64>(true);
    alone<f64>(false);
    alone<f32>(true);
    alone<f32>(false);
    alone<f64>(true, true);
    alone<f64>(false, true);
    alone<f32>(true, true);
    alone<f32>(false, true);
  });

  it("takes gradients from upstream, without a cost", () => {
    upstream<f64>(1e-5, 1e-9);
    upstream<f32>(1e-2, 2e-3);
  });

  it("takes any finite gradient from upstream, and steps or refuses as with a cost", () => {
    const graph = new Diamond<f64>();
    const pass = graph.pass(true);
    pass.upstream = 1;
    store<f64>(graph.y.target, -7);
    expect<u32>(check<f64>(pass, ROWS, true)).toBe(Status.ok);
    for (let small = 0; small < 2; small++) {
      pass.path = small;
      store<f64>(graph.z.target, NaN);
      expect<u32>(check<f64>(pass, 1, true)).toBe(Status.target);
      store<f64>(graph.z.target, 1);
    }
    const run = changetype<Run>(alloc(RunWord.words * 4));
    run.values = graph.az.weights;
    run.gradients = graph.az.dweights;
    run.count = 4;
    pass.runs = changetype<usize>(run);
    pass.runCount = 1;
    const before = load<f64>(graph.az.weights);
    expect<f64>(step<f64>(pass, 1, 0.5)).toBe(0);
    expect<f64>(load<f64>(graph.az.weights)).toBe(before - 0.5 * load<f64>(graph.a.post));
    const after = load<f64>(graph.az.weights);
    store<f64>(graph.z.target, f64.MAX_VALUE);
    for (let small = 0; small < 2; small++) {
      pass.path = small;
      expect<bool>(isNaN(step<f64>(pass, 1, 1e10))).toBe(true);
      expect<u32>(status).toBe(Status.update);
      expect<f64>(load<f64>(graph.az.weights)).toBe(after);
    }
  });

  it("has the gradients of central differences", () => {
    slopes<f64>(1e-5, 1e-9);
    slopes<f32>(1e-2, 2e-3);
  });

  it("computes the ancestors of its outputs and no other layer", () => {
    const graph = new Diamond<f64>();
    predict<f64>(graph.pass(false), ROWS);
    expect<u64>(graph.z.stamp).toBe(0);
    expect<u64>(graph.a.stamp).toBe(graph.y.stamp);
    // a's gradient comes from y only, although a has a synapse to z, too.
    const pass = graph.pass(false);
    gradients<f64>(pass, ROWS, true);
    differ<f64>(pass, graph.xa.weights, graph.xa.dweights, 12, 1e-5, 1e-9);
  });

  it("computes the same bits for a sample alone and in a batch", () => {
    const graph = new Diamond<f64>();
    const pass = graph.pass(true);
    predict<f64>(pass, ROWS);
    const last = load<f64>(graph.y.post, (ROWS * 2 - 1) * 8);
    memory.copy(graph.x.input, graph.x.input + (ROWS - 1) * 24, 24);
    predict<f64>(pass, 1);
    expect<f64>(load<f64>(graph.y.post, 8)).toBe(last);
  });

  it("steps along the gradient, or not at all", () => {
    const graph = new Diamond<f64>();
    const pass = graph.pass(true);
    const run = changetype<Run>(alloc(RunWord.words * 4));
    run.values = graph.xa.weights;
    run.gradients = graph.xa.dweights;
    run.count = 12;
    pass.runs = changetype<usize>(run);
    pass.runCount = 1;
    const before = load<f64>(graph.xa.weights);
    gradients<f64>(pass, ROWS, false);
    const slope = load<f64>(graph.xa.dweights);
    expect<bool>(isFinite(step<f64>(pass, ROWS, 0.5))).toBe(true);
    const after = load<f64>(graph.xa.weights);
    expect<f64>(after).toBe(before - 0.5 * slope);
    expect<bool>(isNaN(step<f64>(pass, ROWS, f64.MAX_VALUE * 10))).toBe(true);
    expect<u32>(status).toBe(Status.update);
    expect<f64>(load<f64>(graph.xa.weights)).toBe(after);
    store<f64>(graph.z.bias, NaN);
    expect<bool>(isNaN(step<f64>(pass, ROWS, 0.5))).toBe(true);
    expect<u32>(status).toBe(Status.cost);
    expect<f64>(load<f64>(graph.xa.weights)).toBe(after);
  });

  it("locates a value that is not finite or out of range", () => {
    const graph = new Diamond<f64>();
    const pass = graph.pass(true);
    expect<u32>(check<f64>(pass, ROWS, true)).toBe(Status.ok);
    store<f64>(graph.y.target, 1.5, 3 * 8);
    expect<u32>(check<f64>(pass, ROWS, true)).toBe(Status.range);
    expect<i32>(pass.faultIndex).toBe(3);
    store<f64>(graph.z.target, Infinity, 8);
    store<f64>(graph.y.target, 1, 3 * 8);
    expect<u32>(check<f64>(pass, ROWS, true)).toBe(Status.target);
    expect<usize>(pass.faultLayer).toBe(changetype<usize>(graph.z));
    store<f64>(graph.x.input, NaN, 14 * 8);
    expect<u32>(check<f64>(pass, ROWS, false)).toBe(Status.input);
    expect<i32>(pass.faultIndex).toBe(14);
  });
});
