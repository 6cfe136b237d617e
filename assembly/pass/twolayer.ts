// A step of training over one sample for one hidden layer before one unit, whatever their activations and the loss. sample.ts
// looks up each layer; here the layers are known. A few hidden sigmoid units stay in registers from their sum to the step of
// their weights. The bits, and the contents of memory afterwards, are those of sample.ts.
//
// Its time as a share of that of sample.ts, in float64 on Node 20, by calls of `train` and inside `fit`:
//
//     2-4-1, sigmoid and mse     0.70 and 0.54        2-4-1, tanh, linear and mse        0.79 and 0.63
//     2-16-1, sigmoid and mse    0.83 and 0.83        2-16-1, relu, sigmoid and entropy  0.80 and 0.81
//     2-64-1, sigmoid and mse    0.77 and 0.79        XOR has 2-4-1: bench/RESULTS.md

import { ActivationKind, LossKind } from "../abi";
import { across, lift } from "../kernel/fold";
import { bytes, lanes, mask, storePart } from "../kernel/part";
import { grow } from "../kernel/tile";
import { Layer, Pass, Synapse, at, lossForm } from "../record";
import { Sigmoid, activate, deactivate } from "../rule/activation";
import { keepsFinite } from "../rule/bound";
import { EntropyOnSigmoid } from "../rule/entropy";
import { Mse, addGradient, isJoint, measure } from "../rule/loss";
import { Sgd, moved, stepBias } from "../rule/optimizer";
import { along, dots, stepSurely } from "./sample";

/** Returns whether all values and the target are finite and in range; `check` of pass.ts finds the one that isn't. */
export function sound<T>(pass: Pass): bool {
  const input = at<Layer>(pass.layers, 0), output = at<Layer>(pass.layers, 2);
  const t = load<T>(output.target);
  if (output.bounded && !(t >= 0 && t <= 1)) return false;
  let bad = <T>(t * 0); // 0, but NaN after an infinity or a NaN
  const end = input.input + bytes<T>(input.size);
  for (let x = input.input; x < end; x += sizeof<T>()) bad = <T>(bad + <T>(load<T>(x) * 0));
  return bad == 0;
}

/**
 * Computes every layer's delta and returns the cost. Plain descent makes its step, too, and stores no gradient. If the cost is
 * not finite, or a parameter might not stay finite, it makes no step and returns NaN. values: (inputs); target: (1)
 */
export function learn<T>(pass: Pass, values: usize, target: usize, stamp: u64): f64 {
  const n = at<Layer>(pass.layers, 1).size;
  if (n <= lanes<T>()) return run<T>(1, true, pass, values, target, stamp);
  if (n <= 2 * lanes<T>()) return run<T>(2, true, pass, values, target, stamp);
  return run<T>(1, false, pass, values, target, stamp);
}

/**
 * Does `learn` by `wide` vectors of hidden units at a time. `whole`: these are all units. Both are constants where this is
 * inlined.
 */
@inline
function run<T>(wide: i32, whole: bool, pass: Pass, values: usize, target: usize, stamp: u64): f64 {
  const none = i64x2.splat(0);
  const input = at<Layer>(pass.layers, 0), hidden = at<Layer>(pass.layers, 1), output = at<Layer>(pass.layers, 2);
  const into = at<Synapse>(hidden.incoming, 0).weights, out = at<Synapse>(output.incoming, 0).weights;
  const n = hidden.size, row = bytes<T>(n), width = bytes<T>(input.size);
  const part = wide > 1 ? n - lanes<T>() : n; // lanes of the last vector, if `whole`
  const x = input.post, bias = input.bias, dbias = input.dbias;
  const kind = hidden.activation, isSigmoid = kind == ActivationKind.sigmoid;

  let posts = v128.splat<T>(1); // Σ |x| of pres and posts; 1 for the biases
  let y0 = none, y1 = none, w0 = none, w1 = none;
  let j: usize = 0;
  if (!whole) {
    for (let k: usize = 0; k < width; k += 16) {
      const v = v128.add<T>(v128.load(values + k), v128.load(bias + k));
      v128.store(x + k, v);
      posts = v128.add<T>(posts, v128.abs<T>(v));
    }
  }
  do {
    let s0 = v128.load(hidden.bias + j), s1 = wide > 1 ? v128.load(hidden.bias + j, 16) : none;
    for (let k: usize = 0, w = into + j; k < width; k += sizeof<T>(), w += row) {
      let v: v128;
      if (whole) {
        const sum = <T>(load<T>(values + k) + load<T>(bias + k));
        store<T>(x + k, sum);
        v = v128.splat<T>(sum);
        posts = v128.add<T>(posts, v128.abs<T>(v));
      } else {
        v = v128.load_splat<T>(x + k);
      }
      s0 = grow<T>(s0, v, v128.load(w));
      if (wide > 1) s1 = grow<T>(s1, v, v128.load(w, 16));
    }
    keep(wide, hidden.pre + j, s0, s1);
    posts = v128.add<T>(posts, v128.abs<T>(s0));
    if (wide > 1) posts = v128.add<T>(posts, v128.abs<T>(s1));
    if (isSigmoid) {
      y0 = changetype<Sigmoid>(0).value<T>(s0, none);
      if (wide > 1) y1 = changetype<Sigmoid>(0).value<T>(s1, none);
      keep(wide, hidden.post + j, y0, y1);
    }
    j += 16;
  } while (!whole && j < row);
  if (!isSigmoid && kind != ActivationKind.linear) {
    activate<T>(kind, hidden.pre, hidden.post, 1, n, hidden.activationParameter);
  }
  let z = load<T>(output.bias);
  j = 0;
  do {
    if (!whole || !isSigmoid) {
      y0 = v128.load(hidden.post + j);
      if (wide > 1) y1 = v128.load(hidden.post + j, 16);
    }
    posts = v128.add<T>(posts, v128.abs<T>(y0));
    if (wide > 1) posts = v128.add<T>(posts, v128.abs<T>(y1));
    w0 = v128.load(out + j);
    if (wide > 1) w1 = v128.load(out + j, 16);
    z = along<T>(z, v128.mul<T>(y0, w0), count<T>(row - j));
    if (wide > 1) z = along<T>(z, v128.mul<T>(y1, w1), part);
    j += 16;
  } while (!whole && j < row);
  const pre = v128.splat<T>(z), own = v128.splat<T>(<T>output.lossParameter);
  v128.store(output.pre, pre);
  let total: f64;
  let d: v128;
  if (output.activation == ActivationKind.sigmoid && output.loss == LossKind.mse) {
    const y = changetype<Sigmoid>(0).value<T>(pre, none), t = v128.load_splat<T>(target);
    v128.store(output.post, y);
    total = <f64>v128.extract_lane<T>(changetype<Mse>(0).value<T>(pre, y, t, own), 0);
    const slope = v128.add<T>(none, changetype<Mse>(0).slope<T>(pre, y, t, own));
    d = v128.mul<T>(slope, changetype<Sigmoid>(0).slope<T>(pre, y, own));
    v128.store(output.delta, d);
    store<f64>(pass.outputCosts, total);
  } else {
    total = finish<T>(pass, output, target);
    d = v128.load_splat<T>(output.delta);
  }

  let d0 = none, d1 = none;
  let deltas = v128.abs<T>(d); // Σ |delta|
  j = 0;
  do {
    if (!whole) {
      y0 = v128.load(hidden.post + j);
      w0 = v128.load(out + j);
    }
    d0 = grow<T>(none, d, w0);
    if (wide > 1) d1 = grow<T>(none, d, w1);
    if (isSigmoid) {
      d0 = v128.mul<T>(d0, changetype<Sigmoid>(0).slope<T>(pre, y0, own));
      if (wide > 1) d1 = v128.mul<T>(d1, changetype<Sigmoid>(0).slope<T>(pre, y1, own));
    }
    keep(wide, hidden.delta + j, d0, d1);
    deltas = v128.add<T>(deltas, v128.abs<T>(d0));
    if (wide > 1) deltas = v128.add<T>(deltas, v128.abs<T>(d1));
    j += 16;
  } while (!whole && j < row);
  if (!isSigmoid && kind != ActivationKind.linear) {
    deactivate<T>(kind, hidden.pre, hidden.post, hidden.delta, 1, n, hidden.activationParameter);
    j = 0;
    do {
      d0 = v128.load(hidden.delta + j);
      if (wide > 1) d1 = v128.load(hidden.delta + j, 16);
      deltas = v128.add<T>(deltas, v128.abs<T>(d0));
      if (wide > 1) deltas = v128.add<T>(deltas, v128.abs<T>(d1));
      j += 16;
    } while (!whole && j < row);
  }
  if (!whole) {
    for (let k: usize = 0; k < width; k += 16) v128.store(dbias + k, none);
    dots<T>(dbias, hidden.delta, into, n, input.size);
  }
  for (let k: usize = 0, w = into; k < width; k += sizeof<T>(), w += row) {
    let sum = whole ? along<T>(0, v128.mul<T>(d0, v128.load(w)), n) : load<T>(dbias + k);
    if (wide > 1) sum = along<T>(sum, v128.mul<T>(d1, v128.load(w, 16)), part);
    if (whole) store<T>(dbias + k, sum);
    deltas = v128.add<T>(deltas, v128.abs<T>(v128.splat<T>(sum)));
  }
  input.stamp = hidden.stamp = output.stamp = stamp;

  // No gradient is larger than the product of both sums.
  const optimizer = pass.optimizer, rate = optimizer.rate;
  const most = across(lift<T>(v128.add<T>(posts, v128.abs<T>(pre)))) * across(lift<T>(deltas));
  if (!optimizer.plain) return total;
  if (!isFinite(total) || !keepsFinite<T>(rate, most)) return NaN;

  optimizer.steps += 1;
  if (!whole) {
    stepSurely<T>(pass, rate);
    return total;
  }
  const rates = v128.splat<T>(<T>rate);
  stepBias<T>(output.bias, output.delta, 1, rates);
  if (part < lanes<T>()) {
    // The padding behind the hidden units stays as it is.
    const within = mask<T>(part);
    if (wide > 1) y1 = v128.and(y1, within);
    else y0 = v128.and(y0, within);
    if (wide > 1) d1 = v128.and(d1, within);
    else d0 = v128.and(d0, within);
  }
  for (let k: usize = 0, w = into; k < width; k += sizeof<T>(), w += row) {
    store<T>(bias + k, <T>(load<T>(bias + k) - <T>(<T>rate * load<T>(dbias + k))));
    const v = v128.load_splat<T>(x + k);
    if (wide > 1) v128.store(w, moved<T>(v128.load(w), v, d0, rates));
    const end = wide > 1 ? w + 16 : w;
    const last = moved<T>(v128.load(end), v, wide > 1 ? d1 : d0, rates);
    if (part == lanes<T>()) v128.store(end, last);
    else storePart<T>(end, last, part);
  }
  keep(wide, out, moved<T>(w0, y0, d, rates), wide > 1 ? moved<T>(w1, y1, d, rates) : none);
  const b1 = wide > 1 ? v128.load(hidden.bias, 16) : none;
  const sgd = changetype<Sgd>(0);
  keep(wide, hidden.bias, sgd.value<T>(v128.load(hidden.bias), d0, rates), wide > 1 ? sgd.value<T>(b1, d1, rates) : none);
  return total;
}

/** Computes the unit from its pre: post, cost and delta. Returns the cost. target: (1) */
function finish<T>(pass: Pass, output: Layer, target: usize): f64 {
  const kind = output.activation, pre = output.pre, post = output.post, delta = output.delta;
  const own = output.lossParameter, costs = pass.outputCosts;
  if (kind == ActivationKind.sigmoid && output.loss == LossKind.entropy) {
    const none = v128.splat<T>(<T>own), z = v128.load(pre), t = v128.load_splat<T>(target);
    const y = changetype<Sigmoid>(0).value<T>(z, none);
    v128.store(post, y);
    v128.store(delta, v128.add<T>(v128.splat<T>(0), changetype<EntropyOnSigmoid>(0).slope<T>(z, y, t, none)));
    const cost = <f64>v128.extract_lane<T>(changetype<EntropyOnSigmoid>(0).value<T>(z, y, t, none), 0) + 0;
    store<f64>(costs, cost);
    return cost;
  }
  const form = lossForm(pass, output);
  if (kind != ActivationKind.linear) activate<T>(kind, pre, post, 1, 1, output.activationParameter);
  measure<T>(form, pre, post, target, costs, 1, 1, own);
  v128.store(delta, v128.splat<T>(0));
  if (!isJoint(form)) addGradient<T>(form, pre, post, target, delta, 1, 1, 1, own);
  if (kind != ActivationKind.linear) deactivate<T>(kind, pre, post, delta, 1, 1, output.activationParameter);
  if (isJoint(form)) addGradient<T>(form, pre, post, target, delta, 1, 1, 1, own);
  return load<f64>(costs);
}

/** Stores `wide` vectors. */
@inline
function keep(wide: i32, to: usize, v0: v128, v1: v128): void {
  v128.store(to, v0);
  if (wide > 1) v128.store(to, v1, 16);
}

/** Returns the number of numbers in some bytes. */
@inline
function count<T>(bytes: usize): i32 {
  return <i32>(bytes / sizeof<T>());
}
