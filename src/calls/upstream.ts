// Upstream gradients: dJ/dy for values y that `predict` returns, of a cost J that the caller computes.

import { GraphError } from "../base/error.js";
import { formsText, hasSteps, unfold } from "../base/nested.js";
import { reading } from "../base/options.js";
import { holds, type Precision } from "../base/precision.js";
import { bad, type Data, detached, isRecord, rowsOf, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import type { Times } from "../memory/times.js";
import type { SomeOf } from "../model/declaration.js";
import type { LayerNode } from "../model/node.js";
import { needsTime } from "../model/time.js";
import { nestings, unitName } from "../rules/shape.js";
import { bindInputs } from "./bind.js";
import type { Bound } from "./bound.js";
import { carry } from "./carry.js";
import { derivatives, type Gradients } from "./derivatives.js";
import { acceptStep } from "./diverged.js";
import type { Network } from "./network.js";
import { acceptTargets } from "./range.js";
import { uneven } from "./slots.js";
import { type RowName, rowsFrom } from "./status.js";
import { placeIn, stepDataOf, writeSteps } from "./stepdata.js";
import { lossWeightsByStep } from "./stepweights.js";
import { checkSchedule } from "./train.js";
import { type CallOptions, type DataOptions, lossWeights, readCall } from "./weighting.js";

/** Upstream gradients by outputs' names. */
interface Upstream {
  /** As they were given: in a call with steps they are read once these are known. */
  readonly given: ReadonlyMap<string, unknown>;
  readonly read: CallOptions;
  /** In a call without steps, each (rows, size), read and weighted. */
  readonly values?: ReadonlyMap<string, Float64Array>;
  readonly rows: number;
}

/**
 * Reads upstream gradients by outputs' names, times the weights of samples and units. May run the caller's code. Throws
 * `missing-target`, `not-an-output`, `unknown-layer`, `bad-shape`, `not-finite`.
 */
function readUpstream(net: Network, xs: unknown, given: unknown, read: CallOptions): Upstream {
  return reading("bad-shape", "The gradients of the outputs", () => {
    const all = named(net, given);
    const isStepped = read.timing !== undefined || needsSteps(net, all) || hasStepsIn(net, xs);
    if (!isStepped) return readByOutputs(net, all, read);
    const { buffer } = net.memory.core;
    const copies = Array.from(all, ([name, data]) => [name, detached(data, buffer)] as const);
    return { given: new Map(copies), read, rows: 0 };
  });
}

/** Returns upstream gradients by the names of outputs. Throws `missing-target`, `not-an-output`, `unknown-layer`. */
function named({ topology }: Network, given: unknown): ReadonlyMap<string, unknown> {
  if (!isRecord(given)) {
    const wanted = "dJ/dy by outputs' names, as { y: [0.1, -0.2] }";
    throw new GraphError("missing-target", `The gradients of the outputs are ${wanted}, not ${show(given)}.`);
  }
  const all = Object.entries(given);
  if (all.length === 0) {
    throw new GraphError("missing-target", "No gradient is given: name at least one output.");
  }
  for (const [name, data] of all) {
    topology.output(name);
    if (data !== undefined) continue;
    throw new GraphError("missing-target", `There is no gradient for the output ${show(name)}.`);
  }
  return new Map(all);
}

/** Returns whether the outputs of upstream gradients depend on a layer by a delay or an `at`. */
function needsSteps({ topology }: Network, given: ReadonlyMap<string, unknown>): boolean {
  const { hasDelays, picks } = topology.counts;
  if (!hasDelays && picks === 0) return false;
  return needsTime(topology.ancestors(topology.outputsOf([...given.keys()])));
}

function hasStepsIn({ topology }: Network, xs: unknown): boolean {
  if (!isRecord(xs)) return false;
  const shapeOf = (name: string) => topology.find(name)?.shape ?? [1];
  return Object.entries(xs).some(([name, data]) => hasSteps(data, nestings(shapeOf(name))));
}

function readByOutputs(
  { topology, memory }: Network,
  given: ReadonlyMap<string, unknown>,
  read: CallOptions,
): Upstream {
  const values = new Map<string, Float64Array>();
  let rows = 0;
  for (const [name, one] of given) {
    const layer = topology.output(name);
    const { size } = layer;
    const data = unfoldGradient(one, layer);
    const found = rowsOf(data, name, size);
    if (values.size > 0 && found !== rows) throw uneven([...given.keys()][0]!, rows, name, found);
    rows = found;
    const gradient = zeros(rows * size, `the gradient of ${show(name)}`);
    write(data, name, rows, size, gradient, 0);
    if (read.weighting !== undefined) {
      weigh(gradient, lossWeights(read.weighting, layer, rows, memory.precision));
    }
    values.set(name, gradient);
  }
  return { given, read, values, rows };
}

/** Returns upstream gradients with nested samples as rows. Throws `bad-shape`. */
function unfoldGradient(data: unknown, { name, size, shape }: LayerNode): unknown {
  const nests = nestings(shape);
  return unfold(data, nests, (fault) => bad(name, fault, size, "", formsText(nests, undefined)));
}

/** Multiplies gradients by weights. A value of weight 0 becomes 0, even if it is NaN. */
function weigh(gradient: Float64Array, weights: Float64Array): void {
  weights.forEach((weight, i) => {
    gradient[i] = weight === 0 ? 0 : gradient[i]! * weight;
  });
}

/** Writes values, and gradients in the place of targets, to the pass over the gradients' outputs. */
function bindUpstream(net: Network, xs: unknown, upstream: Upstream): Bound {
  const { memory, training } = net;
  const { rows, given, read, values = new Map<string, Float64Array>() } = upstream;
  const bound = bindInputs(net, xs, [...given.keys()], false, read.timing);
  const { pass } = bound;
  const { times } = pass;
  if (times !== undefined) {
    training.ensureSteps(pass, times, "gradients", false, read.timing?.past !== undefined);
    training.useLossWeights(pass, false);
    const stepped = memory.read("bad-shape", "The gradients of the outputs", () =>
      pass.outputs.map((layer) =>
        gradientBySteps(pass, times, layer, given.get(layer.name), read, memory.precision),
      ),
    );
    stepped.forEach((gradient, o) => {
      const span = { times, first: 0, step: 0 };
      const isTimed = pass.isTimed(pass.outputs[o]!);
      enterGradient(memory, pass.outputs[o]!, gradient, (row) => placeIn(isTimed, times, span, row));
    });
    return bound;
  }
  if (pass.inputs.length > 0 && bound.rows !== rows) {
    throw uneven(pass.inputs[0]!.name, bound.rows, pass.outputs[0]!.name, rows);
  }
  training.ensure(pass, rows, "gradients");
  training.useLossWeights(pass, false);
  for (const layer of pass.outputs) {
    const { name, size } = layer;
    const gradient = values.get(name)!;
    if (gradient.length !== rows * size) throw uneven(name, rows, name, gradient.length / size);
    enterGradient(memory, layer, gradient, rowsFrom(0));
  }
  return { pass, rows };
}

/** Reads the upstream gradients of an output in a call with steps, (rows, size), in the core's order. */
function gradientBySteps(
  pass: Pass,
  times: Times,
  layer: LayerNode,
  given: unknown,
  { weighting }: CallOptions,
  precision: Precision,
): Float64Array {
  const { name, size } = layer;
  const isTimed = pass.isTimed(layer);
  const weights = weighting && lossWeightsByStep(weighting, layer, isTimed, times, precision);
  const what = `The gradient of the output ${show(name)}`;
  const first = pass.inputs[0]?.name ?? name;
  const data = stepDataOf(
    { data: unfoldGradient(given, layer), name, size, what },
    isTimed,
    times,
    first,
    weights,
  );
  const gradient = zeros(pass.rowsOf(layer, times.samples) * size, `the gradient of ${show(name)}`);
  writeSteps(data, times, { times, first: 0, step: 0 }, gradient, 0);
  if (weights !== undefined) weigh(gradient, weights);
  return gradient;
}

/** Writes gradients in the place of an output's targets. Throws `not-finite`. */
function enterGradient(
  { core, states, precision }: Memory,
  layer: LayerNode,
  gradient: Float64Array,
  rowName: RowName,
): void {
  const { name, size, shape, scaler } = layer;
  // predict returns y · divisor + offset.
  const scaled = gradient.map((value, i) => value * (scaler?.divisor[i % scaler.divisor.length] ?? 1));
  const wrong = scaled.findIndex((value) => !holds(precision, value));
  if (wrong >= 0) {
    const place = `${gradient[wrong]} in ${rowName(Math.floor(wrong / size))}, ${unitName(shape, wrong % size)}`;
    const sentence = `The gradient of the output ${show(name)} has ${place}, in ${precision}.`;
    throw new GraphError("not-finite", sentence);
  }
  core.numbers.set(scaled, states.of(layer).target / core.bytes);
}

/** Options of `gradients` for a cost J that the caller computes. */
export interface UpstreamOptions<Out extends string = string> extends DataOptions {
  /** By outputs' names: dJ/dy for the values y that `predict` returns, (rows, size). */
  readonly outputs: SomeOf<Out, Data>;
}

/** Returns the derivatives of a cost J that the caller computes, from dJ/dy. Makes no step. */
export function upstreamGradients(
  net: Network,
  xs: unknown,
  given: unknown,
  read: CallOptions,
): Gradients<Precision> {
  const { memory } = net;
  const upstream = readUpstream(net, xs, given, read);
  memory.still();
  const { pass, rows } = bindUpstream(net, xs, upstream);
  const { call } = memory.core;
  acceptTargets(memory, pass, rows, call.checkUpstream(pass.record, rows));
  call.upstreamGradients(pass.record, rows);
  return derivatives(net, pass, rows, 0);
}

/** Makes one step along gradients of a cost that the caller computes. `given` are the options of the call. */
export function backward(net: Network, xs: unknown, gradients: unknown, given: unknown): void {
  const read = readCall(net.topology, given, "backward");
  const upstream = readUpstream(net, xs, gradients, read);
  checkSchedule(net);
  net.training.askRate();
  const bound = bindUpstream(net, xs, upstream);
  const { pass, rows } = bound;
  const { call } = net.memory.core;
  if (Number.isNaN(call.backward(pass.record, rows))) {
    acceptStep(net, pass, rows, call.fault(), {}, call.upstreamGradients);
  }
  pass.setRows(rows);
  carry(net.memory, bound);
}
