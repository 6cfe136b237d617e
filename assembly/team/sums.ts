// The sums of a team's step over all samples: the gradients of biases, gains, initial values and weights. They are divided by
// the elements of a gradient, or by pieces of the samples, which the tree of `overSamples` joins.

import { BLOCK_SAMPLES, LayerFlag, SynapseKind } from "../abi";
import { Columns, add } from "../kernel/fold";
import { Along } from "../kernel/norm";
import { bytes } from "../kernel/part";
import { weightGradient, weightGradientPart } from "../link/bring";
import { isFactored } from "../link/dense";
import * as select from "../link/select";
import * as link from "../link/table";
import { hasOwnGradient, inputBiasGradient, inputBiasPart, isDirect, needsSums, sumsOf } from "../pass/backward";
import { initialGradient } from "../pass/past";
import { Layer, Pass, Synapse, at, owner } from "../record";
import { keepsFinite } from "../rule/bound";
import { addPenalty } from "../rule/penalty";
import { blockOf, overRows, rowsOf } from "../times";
import { sumCosts } from "./costs";
import { Team, begin, fail, isMine, meet, member, take } from "./team";

/** Least units of the source in a chunk of a dense gradient: the height of a product's block. */
const UNITS = 48;
/** Least weights in a chunk of the bias gradient of a linear input. */
const PART = 16384;
/** Weights of a chunk of a sum that is joined, or of a penalty. */
const WEIGHTS = 16384;

/** Prepares the records of a copied pass over all samples: outputs, stamps, and the weights whose gradient is skipped. */
export function beginSums<T>(team: Team, whole: Pass, samples: i32, stamp: u64): void {
  const noisy = whole.noise != 0;
  for (let i = 0; i < whole.layerCount; i++) {
    const layer = at<Layer>(whole.layers, i);
    layer.output = noisy && layer.droppedPost ? layer.droppedPost : layer.post;
    layer.stamp = stamp;
  }
  for (let i = 0; i < whole.layerCount; i++) {
    const layer = at<Layer>(whole.layers, i);
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (skips<T>(team, whole, synapse, samples, i)) synapse.stamp = 0;
      else owner(synapse).stamp = 1;
    }
  }
}

/** Returns a bound of a layer over all parts, the sum of the members' bounds. which: 0 of outputs, 1 of deltas, 2 of pres */
export function boundOf(team: Team, layer: i32, which: i32): f64 {
  let sum: f64 = 0;
  for (let m = 0; m < team.size; m++) sum += load<f64>(member(m).bounds + <usize>(layer * 24 + which * 8));
  return sum;
}

/** Returns the place of a layer in a pass. */
function placeOf(pass: Pass, layer: Layer): i32 {
  let i = 0;
  while (at<Layer>(pass.layers, i) != layer) i++;
  return i;
}

/** Returns whether plain descent updates a synapse without its gradient, as `skipsWeightGradient` does. to: its target's place */
function skips<T>(team: Team, whole: Pass, synapse: Synapse, samples: i32, to: i32): bool {
  const rows = rowsOf(whole, synapse.to, samples), o = whole.optimizer;
  if (!o.plain || synapse.frozen || synapse.to.flags & LayerFlag.noGradient || rows > BLOCK_SAMPLES) return false;
  const factored = isFactored(synapse, rows);
  if (!factored && !select.isListed(synapse, rows)) return false;
  const delta = boundOf(team, to, 1);
  const bound = factored ? boundOf(team, placeOf(whole, synapse.from), 0) * delta : delta;
  return keepsFinite<T>(o.rate, bound) && boundOf(team, to, 2) < Infinity;
}

/** Returns whether the gradient of a synapse's weights is computed by pieces of samples: of a conv, without steps. */
@inline
function isPieced(pass: Pass, synapse: Synapse): bool {
  if (pass.times || owner(synapse).shared) return false;
  return synapse.kind == SynapseKind.conv || synapse.kind == SynapseKind.convTranspose;
}

/** Returns the samples of a piece: 2^i blocks, so that a piece is a part of the tree. */
function pieceOf(synapse: Synapse, samples: i32, size: i32): i32 {
  const block = link.blockSize(synapse);
  let piece = block;
  while (piece * size * 2 < samples) piece *= 2;
  return piece;
}

/** Returns the units of the source in a chunk of a dense gradient: two for each member, since each packs the target anew. */
export function unitsOf(synapse: Synapse, size: i32): i32 {
  const share = (synapse.from.size + 2 * size - 1) / (2 * size);
  return max(UNITS, (share + 7) & -8);
}

/** Returns whether a layer of the pass has a gradient of its own weights to compute for a synapse. */
@inline
function learns(synapse: Synapse): bool {
  const held = owner(synapse);
  return link.weightCount(synapse) != 0 && !held.frozen && held.stamp != 0;
}

/** Computes the sums that need no other sum. */
export function computeSums<T>(team: Team, whole: Pass, samples: i32, stamp: u64): void {
  let pieces = team.pieces;
  begin();
  if (isMine()) {
    if (!isFinite(sumCosts(team, whole, samples))) fail();
    take();
  }
  for (let i = whole.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(whole.layers, i);
    if (layer.flags & LayerFlag.noGradient) continue;
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (!learns(synapse)) continue;
      if (isPieced(whole, synapse)) pieces = computePieces<T>(team, whole, synapse, samples, pieces);
      else if (owner(synapse).shared) computeShared<T>(team, whole, synapse, samples, i, s);
      else computeWeights<T>(team, whole, synapse, samples);
    }
    if (isDirect(whole, layer, stamp)) continue;
    if (isMine()) {
      computeOwn<T>(whole, layer, samples);
      take();
    }
  }
  meet();
}

/** Computes the gradients of a layer's bias, gain and initial values, and the sums of its delta. */
function computeOwn<T>(whole: Pass, layer: Layer, samples: i32): void {
  const b = layer.biases, n = layer.size, p = layer.positions, size = blockOf(p) * p, rows = rowsOf(whole, layer, samples);
  const dpre = layer.dpre ? layer.dpre : layer.delta;
  if (hasOwnGradient(layer)) overRows<Columns, T>(whole, layer, layer.dbias, b, 0, dpre, rows, 0, b, p, size);
  if (!(layer.flags & LayerFlag.frozen)) {
    if (layer.gain) overRows<Along, T>(whole, layer, layer.dgain, b, layer.normalized, dpre, rows, b, b, p, size);
    if (layer.initial) initialGradient<T>(whole, layer, samples);
  }
  const sums = sumsOf(layer);
  if (sums != layer.dbias && needsSums(layer)) {
    overRows<Columns, T>(whole, layer, sums, n, 0, layer.delta, rows, 0, n, 1, BLOCK_SAMPLES);
  }
}

/** Computes the gradient of a synapse's weights, of a dense one by units of its source. */
function computeWeights<T>(team: Team, whole: Pass, synapse: Synapse, samples: i32): void {
  const rows = rowsOf(whole, synapse.to, samples);
  if (synapse.kind != SynapseKind.dense) {
    if (!isMine()) return;
    weightGradient<T>(whole, synapse, synapse.dweights, rows, samples);
    return take();
  }
  const units = unitsOf(synapse, team.size), m = synapse.from.size, n = synapse.to.size;
  for (let first = 0; first < m; first += units) {
    if (!isMine()) continue;
    const out = synapse.dweights + bytes<T>(first * n);
    weightGradientPart<T>(whole, synapse, out, rows, samples, first, min(units, m - first));
    take();
  }
}

/** Computes the gradient of shared weights, at the first synapse in the pass's order that has them. */
function computeShared<T>(team: Team, whole: Pass, synapse: Synapse, samples: i32, layer: i32, place: i32): void {
  const held = owner(synapse);
  if (!isFirst(whole, held, layer, place) || !isMine()) return;
  let again = false;
  for (let i = layer; i >= 0; i--) {
    const target = at<Layer>(whole.layers, i);
    if (target.flags & LayerFlag.noGradient) continue;
    for (let s = 0; s < target.incomings; s++) {
      const other = at<Synapse>(target.incoming, s);
      if (owner(other) != held) continue;
      const out = again ? whole.sharedGradient : held.dweights;
      weightGradient<T>(whole, other, out, rowsOf(whole, target, samples), samples);
      if (again) add<T>(held.dweights, out, link.weightCount(other));
      again = true;
    }
  }
  take();
}

/** Returns whether no synapse before a place, in the order of gradients, has the same weights. */
function isFirst(whole: Pass, held: Synapse, layer: i32, place: i32): bool {
  for (let i = whole.layerCount - 1; i >= layer; i--) {
    const target = at<Layer>(whole.layers, i);
    if (target.flags & LayerFlag.noGradient) continue;
    for (let s = 0; s < (i == layer ? place : target.incomings); s++) {
      if (owner(at<Synapse>(target.incoming, s)) == held) return false;
    }
  }
  return true;
}

/** Computes the partial gradients of a synapse's weights by pieces of samples. Returns the place behind the partial ones. */
function computePieces<T>(team: Team, whole: Pass, synapse: Synapse, samples: i32, pieces: usize): usize {
  const piece = pieceOf(synapse, samples, team.size), count = link.weightCount(synapse);
  const from = synapse.from, to = synapse.to, x = from.output, d = to.delta, f = synapse.dfactor;
  for (let first = 0; first < samples; first += piece) {
    const out = first == 0 ? synapse.dweights : pieces;
    if (first) pieces += round(bytes<T>(count));
    if (!isMine()) continue;
    from.output = x + bytes<T>(first * from.size);
    to.delta = d + bytes<T>(first * to.size);
    synapse.dfactor = f + bytes<T>(first * to.size);
    weightGradient<T>(whole, synapse, out, min(piece, samples - first), samples);
    from.output = x;
    to.delta = d;
    synapse.dfactor = f;
    take();
  }
  return pieces;
}

/** Returns a size rounded up to whole lanes, with one to spare. */
@inline
function round(size: usize): usize {
  return ((size + 15) & ~15) + 16;
}

/** Joins pieces, and computes the bias gradients of linear inputs, which follow from the sums of their targets. */
export function joinSums<T>(team: Team, whole: Pass, samples: i32, stamp: u64): void {
  if (hasJoins(whole, stamp)) {
    let pieces = team.pieces;
    begin();
    for (let i = whole.layerCount - 1; i >= 0; i--) {
      const layer = at<Layer>(whole.layers, i);
      if (layer.flags & LayerFlag.noGradient) continue;
      for (let s = 0; s < layer.incomings; s++) {
        const synapse = at<Synapse>(layer.incoming, s);
        if (learns(synapse) && isPieced(whole, synapse)) pieces = joinPieces<T>(team, synapse, samples, pieces);
      }
      if (isDirect(whole, layer, stamp)) computeInputBias<T>(layer, stamp);
    }
    meet();
  }
  if (whole.penalisedCount) addPenalties<T>(whole);
}

/** Returns whether a gradient is joined, or follows from others. A phase without a meeting must take no chunk. */
function hasJoins(whole: Pass, stamp: u64): bool {
  for (let i = whole.layerCount - 1; i >= 0; i--) {
    const layer = at<Layer>(whole.layers, i);
    if (layer.flags & LayerFlag.noGradient) continue;
    if (isDirect(whole, layer, stamp)) return true;
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (learns(synapse) && isPieced(whole, synapse)) return true;
    }
  }
  return false;
}

/** Computes the bias gradient of a linear input, by its units where all its targets are dense. */
function computeInputBias<T>(layer: Layer, stamp: u64): void {
  let weights = 0, divides = layer.biases == layer.size;
  for (let s = 0; s < layer.outgoings; s++) {
    const synapse = at<Synapse>(layer.outgoing, s);
    if (synapse.to.stamp != stamp) continue;
    weights += synapse.to.size;
    divides = divides && synapse.kind == SynapseKind.dense;
  }
  const n = layer.size, units = divides ? max(16, (PART / max(1, weights)) & -16) : n;
  for (let first = 0; first < n; first += units) {
    if (!isMine()) continue;
    if (divides) inputBiasPart<T>(layer, stamp, first, min(units, n - first));
    else inputBiasGradient<T>(layer, stamp);
    take();
  }
}

/** Joins the pieces of a synapse's gradient. Returns the place behind them. */
function joinPieces<T>(team: Team, synapse: Synapse, samples: i32, pieces: usize): usize {
  const piece = pieceOf(synapse, samples, team.size), count = link.weightCount(synapse);
  const parts = (samples + piece - 1) / piece, size = round(bytes<T>(count));
  for (let from = 0; from < count; from += WEIGHTS) {
    if (!isMine()) continue;
    const some = min(WEIGHTS, count - from), first = synapse.dweights + bytes<T>(from), others = pieces - size + bytes<T>(from);
    for (let wide = 1; wide < parts; wide *= 2) {
      for (let p = 0; p + wide < parts; p += 2 * wide) {
        add<T>(p == 0 ? first : others + <usize>p * size, others + <usize>(p + wide) * size, some);
      }
    }
    take();
  }
  return pieces + <usize>(parts - 1) * size;
}

/** Adds the gradients of penalties. */
function addPenalties<T>(whole: Pass): void {
  begin();
  for (let p = 0; p < whole.penalisedCount; p++) {
    const synapse = at<Synapse>(whole.penalised, p);
    if (synapse.frozen) continue;
    for (let from = 0, count = link.weightCount(synapse); from < count; from += WEIGHTS) {
      if (!isMine()) continue;
      const place = bytes<T>(from);
      addPenalty<T>(synapse.dweights + place, synapse.weights + place, min(WEIGHTS, count - from), synapse.l1, synapse.l2);
      take();
    }
  }
  meet();
}
