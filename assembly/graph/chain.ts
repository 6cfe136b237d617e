// A pass over one sample of the smallest networks in use: inputs, hidden sigmoid units and one sigmoid unit, in a row. What
// single.ts looks up and decides for each layer is known here, and a hidden vector goes from its sum to its share of the
// output's without leaving the registers. The bits, and all that is left in memory, are those of single.ts.

import { across, lift } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { grow } from "../kernel/tile";
import { Sigmoid } from "../rule/activation";
import { EntropyOnSigmoid } from "../rule/entropy";
import { MSE, Mse } from "../rule/loss";
import { harmless, stepBias, stepColumn, stepOuter } from "../rule/optimizer";
import { Layer, Pass, Synapse, at } from "./record";
import { along, dots } from "./single";

/** Σ |x| over posts, times Σ |x| over deltas: see single.ts. */
let reached: f64 = 0;

/** Whether all values and the target can be computed with; `check` of pass.ts finds the one that can't. */
export function sound<T>(pass: Pass): bool {
  const input = at<Layer>(pass.layers, 0), output = at<Layer>(pass.layers, 2);
  const t = load<T>(output.target);
  if (output.bounded && !(t >= 0 && t <= 1)) return false;
  let bad = <T>(t * 0); // 0, but NaN after an infinity or a NaN
  const end = input.given + bytes<T>(input.size);
  for (let x = input.given; x < end; x += sizeof<T>()) bad = <T>(bad + <T>(load<T>(x) * 0));
  return bad == 0;
}

/** The cost; every layer's delta. */
export function descend<T>(pass: Pass, stamp: u64): f64 {
  const input = at<Layer>(pass.layers, 0), hidden = at<Layer>(pass.layers, 1), output = at<Layer>(pass.layers, 2);
  const into = at<Synapse>(hidden.incoming, 0), out = at<Synapse>(output.incoming, 0);
  const width = bytes<T>(input.size), row = bytes<T>(hidden.size);
  const x = input.post;
  let posts = v128.splat<T>(1); // for the biases
  for (let k: usize = 0; k < width; k += 16) {
    const v = v128.add<T>(v128.load(input.given + k), v128.load(input.bias + k));
    v128.store(x + k, v);
    posts = v128.add<T>(posts, v128.abs<T>(v));
  }

  let z = load<T>(output.bias);
  for (let j: usize = 0; j < row; j += 16) {
    let sum = v128.load(hidden.bias + j);
    let w = into.weights + j;
    for (let k: usize = 0; k < width; k += sizeof<T>()) {
      sum = grow<T>(sum, v128.load_splat<T>(x + k), v128.load(w));
      w += row;
    }
    const y = changetype<Sigmoid>(0).value<T>(sum, posts);
    v128.store(hidden.pre + j, sum);
    v128.store(hidden.post + j, y);
    posts = v128.add<T>(posts, y);
    z = along<T>(z, v128.mul<T>(y, v128.load(out.weights + j)), <i32>((row - j) / sizeof<T>()));
  }
  const pre = v128.splat<T>(z);
  const y = changetype<Sigmoid>(0).value<T>(pre, posts);
  v128.store(output.pre, pre);
  v128.store(output.post, y);
  posts = v128.add<T>(posts, y);

  const t = v128.load_splat<T>(output.target);
  const own = v128.splat<T>(<T>output.margin);
  let cost: v128, d: v128;
  if (output.loss == MSE) {
    cost = changetype<Mse>(0).value<T>(pre, y, t, own);
    const slope = v128.add<T>(v128.splat<T>(0), changetype<Mse>(0).slope<T>(pre, y, t, own));
    d = v128.mul<T>(slope, changetype<Sigmoid>(0).slope<T>(pre, y, own));
  } else {
    cost = changetype<EntropyOnSigmoid>(0).value<T>(pre, y, t, own);
    d = v128.add<T>(v128.splat<T>(0), changetype<EntropyOnSigmoid>(0).slope<T>(pre, y, t, own));
  }
  v128.store(output.delta, d);
  let deltas = v128.abs<T>(d);
  for (let j: usize = 0; j < row; j += 16) {
    const slope = changetype<Sigmoid>(0).slope<T>(pre, v128.load(hidden.post + j), own);
    const e = v128.mul<T>(grow<T>(i64x2.splat(0), d, v128.load(out.weights + j)), slope);
    v128.store(hidden.delta + j, e);
    deltas = v128.add<T>(deltas, v128.abs<T>(e));
  }
  for (let k: usize = 0; k < width; k += 16) v128.store(input.dbias + k, v128.splat<T>(0));
  dots<T>(input.dbias, hidden.delta, into.weights, hidden.size, input.size);
  for (let k: usize = 0; k < width; k += 16) deltas = v128.add<T>(deltas, v128.abs<T>(v128.load(input.dbias + k)));

  input.stamp = hidden.stamp = output.stamp = stamp;
  reached = across(lift<T>(posts)) * across(lift<T>(deltas));
  const total = <f64>v128.extract_lane<T>(cost, 0) + 0;
  store<f64>(pass.outputCosts, total);
  return total;
}

/** The step of `single.ts`. */
export function step<T>(pass: Pass, rate: f64): bool {
  if (!harmless<T>(rate * reached)) return false;
  const input = at<Layer>(pass.layers, 0), hidden = at<Layer>(pass.layers, 1), output = at<Layer>(pass.layers, 2);
  const into = at<Synapse>(hidden.incoming, 0), out = at<Synapse>(output.incoming, 0);
  const rates = v128.splat<T>(<T>rate);
  stepBias<T>(output.bias, output.delta, 1, rates);
  stepColumn<T>(out.weights, hidden.post, output.delta, hidden.size, rates);
  stepBias<T>(hidden.bias, hidden.delta, hidden.size, rates);
  stepOuter<T>(into.weights, input.post, hidden.delta, input.size, hidden.size, rates);
  stepBias<T>(input.bias, input.dbias, input.size, rates);
  return true;
}
