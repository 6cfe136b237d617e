// A pass: checks, then forward, the cost, backward and the update. A refused call has changed no parameter.

import { BLOCK_NUMBERS, Path, Status } from "../abi";
import { Columns, firstNotFinite, firstOutside } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { beginTree, endTree, grow } from "../kernel/tree";
import * as link from "../link/table";
import { measure } from "../rule/loss";
import { penalty } from "../rule/penalty";
import { measureWeighted } from "../rule/weighted";
import { backward } from "./backward";
import { locateNonFinite } from "./locate";
import * as twolayer from "./twolayer";
import { forward } from "./forward";
import { Feed, Layer, Pass, Synapse, at, lossForm, parts } from "../record";
import { blockOf, overRows, rowsOf } from "../times";
import * as sample from "./sample";
import { schedule, update } from "./update";

/** Number of passes so far: the stamp of the layers that a pass computes. */
let passes: u64 = 0;

/** Counts some passes, and returns the stamp of the first. */
export function takeStamps(count: i32): u64 {
  const first = passes + 1;
  passes += count;
  return first;
}

/**
 * Returns whether all input values, and all targets if `targets` says so, are finite and in range; notes the first that isn't.
 */
export function check<T>(pass: Pass, rows: i32, targets: bool): Status {
  if (targets && rows == 1 && pass.path && !pass.upstream && sound<T>(pass)) return Status.ok;
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    const count = rowsOf(pass, layer, rows) * layer.size;
    if (layer.isInput && fault(pass, layer, firstNotFinite<T>(layer.input, count))) return Status.input;
  }
  if (!targets) return Status.ok;
  for (let o = 0; o < pass.outputCount; o++) {
    const layer = at<Layer>(pass.outputs, o);
    const count = rowsOf(pass, layer, rows) * layer.size;
    if (fault(pass, layer, firstNotFinite<T>(layer.target, count))) return Status.target;
    if (!layer.bounded || pass.upstream) continue;
    if (fault(pass, layer, firstOutside<T>(layer.target, count))) return Status.range;
  }
  return Status.ok;
}

/** Returns whether one sample of a small graph is finite and in range. If not, the loops of `check` find the value. */
@inline
function sound<T>(pass: Pass): bool {
  return pass.path == Path.twoLayer ? twolayer.sound<T>(pass) : sample.sound<T>(pass);
}

/** Notes the place of a fault and returns true, if there is one. index: -1 if there is none */
function fault(pass: Pass, layer: Layer, index: i32): bool {
  if (index < 0) return false;
  pass.faultLayer = changetype<usize>(layer);
  pass.faultIndex = index;
  return true;
}

/** Computes the outputs. */
export function predict<T>(pass: Pass, rows: i32): void {
  if (rows == 1 && pass.path) sample.forward<T>(pass, ++passes);
  else forward<T>(pass, rows, ++passes, false);
}

/**
 * Returns the cost: the weighted sum over outputs of the mean over samples of the sum over units, and the penalties of weights.
 * For upstream gradients it is 0.
 */
export function cost<T>(pass: Pass, samples: i32): f64 {
  let total: f64 = 0;
  for (let o = 0; o < pass.outputCount; o++) {
    measureRows<T>(pass, at<Layer>(pass.outputs, o), samples, pass.costs);
    total += addOutput(pass, o, samples, pass.costs);
  }
  return pass.penalisedCount == 0 || pass.upstream ? total : total + penalties<T>(pass);
}

/** Computes the cost of each row of an output. costs: (rows, parts), float64 */
export function measureRows<T>(pass: Pass, layer: Layer, samples: i32, costs: usize): void {
  const kind = lossForm(pass, layer);
  const z = layer.pre, y = layer.post, t = layer.target, n = layer.mixed, a = layer.lossParameter;
  const count = rowsOf(pass, layer, samples) * parts(layer);
  if (layer.lossWeights) measureWeighted<T>(kind, z, y, t, layer.lossWeights, costs, count, n, a, pass.weightedScratch);
  else measure<T>(kind, z, y, t, costs, count, n, a);
}

/** Stores the mean of an output's costs in the pass. Returns it times the output's weight. costs: as above */
export function addOutput(pass: Pass, o: i32, samples: i32, costs: usize): f64 {
  const layer = at<Layer>(pass.outputs, o), rows = rowsOf(pass, layer, samples), p = parts(layer);
  const sum = pass.outputCosts + ((<usize>o) << 3);
  overRows<Columns, f64>(pass, layer, sum, 1, 0, costs, rows, 0, 1, p, blockOf(p) * p);
  store<f64>(sum, load<f64>(sum) / <f64>rows);
  return layer.weight * load<f64>(sum);
}

/** Returns the penalties of all weights, summed over blocks of weights. */
function penalties<T>(pass: Pass): f64 {
  beginTree();
  for (let p = 0; p < pass.penalisedCount; p++) {
    const synapse = at<Synapse>(pass.penalised, p);
    for (let from = 0, all = link.weightCount(synapse); from < all; from += BLOCK_NUMBERS) {
      grow(penalty<T>(synapse.weights + bytes<T>(from), min(all - from, BLOCK_NUMBERS), synapse.l1, synapse.l2));
    }
  }
  return endTree();
}

/** Computes every gradient that learning needs, or every one if `full`. Returns the cost. */
export function gradients<T>(pass: Pass, rows: i32, full: bool): f64 {
  const total = costAndDeltas<T>(pass, rows, full);
  if (rows == 1 && pass.path) sample.gradients<T>(pass, full);
  return total;
}

/** Computes every layer's delta, and in the general path every gradient. Returns the cost. */
@inline
function costAndDeltas<T>(pass: Pass, rows: i32, full: bool): f64 {
  const stamp = ++passes;
  for (let o = 0; o < pass.outputCount; o++) at<Layer>(pass.outputs, o).targetStamp = stamp;
  if (rows == 1 && pass.path) {
    sample.forward<T>(pass, stamp);
    const total = sample.cost<T>(pass);
    sample.backward<T>(pass, stamp, full);
    return total;
  }
  forward<T>(pass, rows, stamp, !full && pass.noise != 0);
  const total = cost<T>(pass, rows);
  backward<T>(pass, rows, stamp, full);
  return total;
}

/** Makes one step of the optimizer. Returns the cost before it, or NaN if no step was made; `status` then has the reason. */
export function train<T>(pass: Pass, rows: i32): f64 {
  const optimizer = pass.optimizer;
  schedule(optimizer);
  const isTwoLayer = rows == 1 && pass.path == Path.twoLayer && !pass.upstream;
  let total = isTwoLayer ? learn<T>(pass) : NaN;
  if (optimizer.plain && !isNaN(total)) return total;
  if (isNaN(total)) total = costAndDeltas<T>(pass, rows, false);
  if (!isFinite(total)) {
    locateNonFinite<T>(pass, rows, 0);
    return refuse(Status.cost);
  }
  const isOneSample = rows == 1 && pass.path != Path.general;
  if (!(isOneSample && optimizer.plain && sample.step<T>(pass, optimizer.rate))) {
    if (isOneSample) sample.gradients<T>(pass, false);
    if (!update<T>(pass, rows)) return refuse(Status.update);
  }
  finishStep<T>(pass);
  optimizer.steps += 1;
  return total;
}

/** Computes cost and deltas in the path of two layers, and makes the step of plain descent. Returns the cost, or NaN. */
@inline
function learn<T>(pass: Pass): f64 {
  return twolayer.learn<T>(pass, at<Layer>(pass.layers, 0).input, at<Layer>(pass.outputs, 0).target, ++passes);
}

/** Bounds the norms of weights after a step, and counts a step with dropout. */
@inline
function finishStep<T>(pass: Pass): void {
  for (let l = 0; l < pass.limitedCount; l++) {
    const synapse = at<Synapse>(pass.limited, l);
    if (!synapse.frozen) link.constrain<T>(synapse);
  }
  if (pass.noise) store<u64>(pass.noise, load<u64>(pass.noise) + 1);
}

/** Reason of the last refused step. */
export let status: Status = Status.ok;

/** Notes the reason of a refusal. Returns NaN. */
export function refuse(why: Status): f64 {
  status = why;
  return NaN;
}

/**
 * Copies rows of a dataset into the layers' matrices. It takes the rows listed in `order`, beginning at `first`, or all in
 * turn if `order` is 0.
 */
export function gather(feeds: usize, feedCount: i32, order: usize, first: i32, rows: i32): void {
  for (let f = 0; f < feedCount; f++) {
    const feed = changetype<Feed>(feeds + (<usize>f) * offsetof<Feed>());
    let to = load<usize>(feed.word);
    if (order == 0) {
      copy(to, feed.source + (<usize>first) * feed.bytes, (<usize>rows) * feed.bytes);
      continue;
    }
    for (let r = first; r < first + rows; r++) {
      copy(to, feed.source + (<usize>load<u32>(order + ((<usize>r) << 2))) * feed.bytes, feed.bytes);
      to += feed.bytes;
    }
  }
}

/**
 * Copies `bytes` bytes, and up to 15 more that are not read. The host's copy is a call out of the engine, which pays off for
 * many bytes only. Whole vectors are stored, since a vector read of narrower stores waits for the cache.
 */
@inline
export function copy(to: usize, from: usize, bytes: usize): void {
  if (bytes > 256) {
    memory.copy(to, from, bytes);
  } else {
    for (const end = to + bytes; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  }
}

/** Does `learn` for a sample of the dataset, read where it lies. The pass has two feeds, values and targets. */
@inline
function learnFrom<T>(pass: Pass, feeds: usize, sample: usize): f64 {
  const xs = changetype<Feed>(feeds), ts = changetype<Feed>(feeds + offsetof<Feed>());
  schedule(pass.optimizer);
  return twolayer.learn<T>(pass, xs.source + sample * xs.bytes, ts.source + sample * ts.bytes, ++passes);
}

/** Adds a value to the float64 at an address. */
@inline
function add(sum: usize, value: f64): void {
  store<f64>(sum, load<f64>(sum) + value);
}

/**
 * Makes a step for each of the batches [from, to) of `rows` samples in `order`, `size` samples to a batch. Returns `to`, or
 * the index of the refused batch.
 *
 * sums: float64 (2 + outputs): the cost of the last batch; Σ rows · cost over batches; the same for each output
 */
export function batches<T>(
  pass: Pass, feeds: usize, feedCount: i32, order: usize, rows: i32, size: i32, from: i32, to: i32, sums: usize,
): i32 {
  const isTwoLayer = size == 1 && pass.path == Path.twoLayer && pass.optimizer.plain != 0;
  for (let batch = from; batch < to; batch++) {
    const first = batch * size;
    const taken = min(size, rows - first);
    let cost = isTwoLayer ? learnFrom<T>(pass, feeds, order ? load<u32>(order + ((<usize>batch) << 2)) : batch) : NaN;
    if (isNaN(cost)) {
      gather(feeds, feedCount, order, first, taken);
      cost = train<T>(pass, taken);
      if (isNaN(cost)) return batch;
    }
    tally(pass, sums, taken, cost);
  }
  return to;
}

/** Adds the costs of a step over some rows to the sums of `batches`. */
@inline
export function tally(pass: Pass, sums: usize, rows: i32, cost: f64): void {
  store<f64>(sums, cost);
  add(sums + 8, <f64>rows * cost);
  for (let o = 0; o < pass.outputCount; o++) {
    const place = (<usize>o) << 3;
    add(sums + 16 + place, <f64>rows * load<f64>(pass.outputCosts + place));
  }
}
