// Upstream gradients: dJ/dy for values y that `predict` returns, of a cost J that the caller computes.

import { GraphError } from "../base/error.js";
import { holds, type Precision } from "../base/precision.js";
import { type Data, isRecord, rowsOf, write, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Pass } from "../memory/pass.js";
import type { SomeOf } from "../model/declaration.js";
import { bindInputs } from "./bind.js";
import { derivatives, type Gradients } from "./derivatives.js";
import { acceptStep } from "./diverged.js";
import type { Network } from "./network.js";
import { acceptTargets } from "./range.js";
import { uneven } from "./slots.js";
import { checkSchedule } from "./train.js";
import { type DataOptions, lossWeights, readWeighting, type Weighting } from "./weighting.js";

/** Upstream gradients by outputs' names, each (rows, size), read and weighted. */
interface Upstream {
  readonly rows: number;
  readonly values: ReadonlyMap<string, Float64Array>;
}

/**
 * Reads upstream gradients by outputs' names, times the weights of samples and units. May run the caller's code. Throws
 * `missing-target`, `not-an-output`, `unknown-layer`, `bad-shape`, `not-finite`.
 */
export function readUpstream(net: Network, given: unknown, weighting: Weighting | undefined): Upstream {
  try {
    return readByOutputs(net, given, weighting);
  } catch (cause) {
    if (cause instanceof GraphError) throw cause;
    throw new GraphError("bad-shape", "The gradients of the outputs can't be read.", { cause });
  }
}

function readByOutputs(
  { topology, memory }: Network,
  given: unknown,
  weighting: Weighting | undefined,
): Upstream {
  if (!isRecord(given)) {
    const wanted = "dJ/dy by outputs' names, as { y: [0.1, -0.2] }";
    throw new GraphError("missing-target", `The gradients of the outputs are ${wanted}, not ${show(given)}.`);
  }
  const all = Object.entries(given);
  if (all.length === 0) {
    throw new GraphError("missing-target", "No gradient is given: name at least one output.");
  }
  const values = new Map<string, Float64Array>();
  let rows = 0;
  for (const [name, data] of all) {
    const { size } = topology.output(name);
    if (data === undefined) {
      throw new GraphError("missing-target", `There is no gradient for the output ${show(name)}.`);
    }
    const found = rowsOf(data, name, size);
    if (values.size > 0 && found !== rows) throw uneven(all[0]![0], rows, name, found);
    rows = found;
    const gradient = zeros(rows * size, `the gradient of ${show(name)}`);
    write(data, name, rows, size, gradient, 0);
    if (weighting !== undefined) {
      const weights = lossWeights(weighting, name, rows, size, memory.precision);
      // A value of weight 0 is not looked at: it may be NaN.
      weights.forEach((weight, i) => {
        gradient[i] = weight === 0 ? 0 : gradient[i]! * weight;
      });
    }
    values.set(name, gradient);
  }
  return { rows, values };
}

/** Writes values, and gradients in the place of targets, to the pass over the gradients' outputs. Returns that pass. */
function bindUpstream(net: Network, xs: unknown, upstream: Upstream): Pass {
  const { memory, training } = net;
  const { rows, values } = upstream;
  const { pass, rows: given } = bindInputs(net, xs, [...values.keys()]);
  if (pass.inputs.length > 0 && given !== rows) {
    throw uneven(pass.inputs[0]!.name, given, pass.outputs[0]!.name, rows);
  }
  training.ensure(pass, rows, "gradients");
  training.useLossWeights(pass, false);
  for (const layer of pass.outputs) {
    const { name, size, scaler } = layer;
    const gradient = values.get(name)!;
    if (gradient.length !== rows * size) throw uneven(name, rows, name, gradient.length / size);
    // predict returns y · divisor + offset.
    const scaled = gradient.map((value, i) => value * (scaler?.divisor[i % size] ?? 1));
    const wrong = scaled.findIndex((value) => !holds(memory.precision, value));
    if (wrong >= 0) {
      const place = `${gradient[wrong]} in row ${Math.floor(wrong / size)}, unit ${wrong % size}`;
      const sentence = `The gradient of the output ${show(name)} has ${place}, in ${memory.precision}.`;
      throw new GraphError("not-finite", sentence);
    }
    memory.core.view(memory.states.of(layer).target, rows * size).set(scaled);
  }
  return pass;
}

/** Options of `gradients` for a cost J that the caller computes. */
export interface UpstreamOptions<Out extends string = string> extends DataOptions {
  /** By outputs' names: dJ/dy for the values y that `predict` returns, (rows, size). */
  readonly outputs: SomeOf<Out, Data>;
}

/** Returns the derivatives of a cost J that the caller computes, from dJ/dy. Makes no step. */
export function upstreamGradients(net: Network, xs: unknown, upstream: Upstream): Gradients<Precision> {
  const { memory } = net;
  const { rows } = upstream;
  memory.still();
  const pass = bindUpstream(net, xs, upstream);
  const { call } = memory.core;
  acceptTargets(memory, pass, rows, call.checkUpstream(pass.record, rows));
  call.upstreamGradients(pass.record, rows);
  return derivatives(net, pass, rows, 0);
}

/** Makes one step along gradients of a cost that the caller computes. `given` are the options of the call. */
export function backward(net: Network, xs: unknown, gradients: unknown, given: unknown): void {
  const weighting = readWeighting(net.topology, given, "backward");
  const upstream = readUpstream(net, gradients, weighting);
  checkSchedule(net);
  net.training.askRate();
  const pass = bindUpstream(net, xs, upstream);
  const { rows } = upstream;
  const { call } = net.memory.core;
  if (Number.isNaN(call.backward(pass.record, rows))) {
    acceptStep(net, pass, rows, call.fault(), {}, call.upstreamGradients);
  }
  pass.setRows(rows);
}
