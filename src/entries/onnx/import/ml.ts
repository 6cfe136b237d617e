// Operators of the domain ai.onnx.ml that are linear, as scikit-learn's converter writes them.
// https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md

import { damaged } from "../wire.js";
import { full, type Operator } from "./arrange.js";
import type { Call } from "./call.js";
import { softmax } from "./nonlinear.js";
import { count, tabulate } from "./tensor.js";
import type { Value } from "./term.js";
import { layerOf, size } from "./value.js";

/** Returns a row of features, the last axis. */
function features(call: Call): Value {
  const v = call.value(0);
  const width = call.plan.batched ? count(v.dims) : v.dims.at(-1);
  if (v.axes.time >= 0 || v.axes.batch > 0) throw call.refuse("takes rows of features, and is given steps");
  if (width !== size(v) || width === 0)
    throw call.refuse("takes rows of features, and is given several rows at once");
  return v;
}

/** Computes (x - offset) scale, with one number for all features or one for each. */
const scaler: Operator = (call) => {
  const v = features(call);
  const each = (name: string, none: number) => {
    const given = call.floats(name) ?? [none];
    if (given.length !== 1 && given.length !== size(v)) {
      throw damaged(`"Scaler" has ${given.length} numbers in ${name} for ${size(v)} features`);
    }
    return tabulate(size(v), (i) => given[i % given.length]!);
  };
  const [offset, scale] = [each("offset", 0), each("scale", 1)];
  const moved = call.plan.shifted(
    v,
    offset.map((value) => -value),
  );
  return call.plan.scaled(moved, scale);
};

/** Returns the scores of some classes or targets, (features, scores). The file has the coefficients row by row. */
function scores(call: Call, width: number): Value {
  const v = features(call);
  const coefficients = call.floats("coefficients") ?? [];
  const intercepts = call.floats("intercepts") ?? [];
  const from = size(v);
  if (width === 0 || coefficients.length !== from * width) {
    throw damaged(
      `${call.node.opType} has ${coefficients.length} coefficients for ${from} features and ${width} scores`,
    );
  }
  if (intercepts.length !== 0 && intercepts.length !== width) {
    throw damaged(`${call.node.opType} has ${intercepts.length} intercepts for ${width} scores`);
  }
  call.plan.charge(coefficients.length);
  const matrix = tabulate(
    coefficients.length,
    (at) => coefficients[(at % width) * from + Math.floor(at / width)]!,
  );
  const dims = [...v.dims.slice(0, -1), width];
  const product = call.plan.product(v, { matrix }, dims, call.label);
  return intercepts.length === 0 ? product : call.plan.shifted(product, Float64Array.from(intercepts));
}

/** Applies the post_transform to scores. */
function transformed(call: Call, v: Value): Value {
  const transform = call.text("post_transform", "NONE");
  if (transform === "NONE") return v;
  if (transform === "LOGISTIC") return call.plan.activate(v, "sigmoid", scoresLabel(call));
  if (transform === "SOFTMAX") return softmax(call, v, [full(v).length - 1]);
  throw call.refuse(`has the post_transform ${transform}, which no activation computes`);
}

/** Returns the name of the last output, which has the scores. */
function scoresLabel({ node, label }: Call): string {
  return node.output.at(-1) || label;
}

const regressor: Operator = (call) => transformed(call, scores(call, call.whole("targets", 1)));

/** Computes the scores. The labels become no units of a layer. */
const classifier: Operator = (call) => {
  const classes = Math.max(call.length("classlabels_ints"), call.length("classlabels_strings"));
  const width = (call.floats("intercepts") ?? []).length || classes;
  const result = scores(call, width);
  if (width !== 1 || classes !== 2) return [undefined, transformed(call, result)];
  // One score for two classes is the second's; the first has 1 less the score, or its negative.
  const transform = call.text("post_transform", "NONE");
  if (transform !== "LOGISTIC" && transform !== "NONE")
    throw call.refuse(`has one score, and the post_transform ${transform}`);
  const both = (v: Value) => call.plan.pick(v, [...v.dims.slice(0, -1), 2], Int32Array.of(0, 0), call.label);
  const signs = Float64Array.of(-1, 1);
  if (transform === "NONE")
    return [undefined, call.plan.shifted(call.plan.scaled(both(result), signs), Float64Array.of(1, 0))];
  return [undefined, transformed(call, call.plan.scaled(both(result), signs))];
};

/**
 * Divides each row by its norm. That is no linear map, except for the sum of values of softmax, a sigmoid or e^x. Since σ(x)
 * = e^-softplus(-x), a row of sigmoids divided by its sum is the softmax of -softplus(-x).
 */
const normalizer: Operator = (call) => {
  const v = features(call);
  const layer = layerOf(v);
  const norm = call.text("norm", "MAX");
  if (norm !== "L1" || layer === undefined)
    throw call.refuse(`divides a row by its norm ${norm}, and isn't linear`);
  const { activation, terms, bias, gain } = layer;
  const { isProduct = false } = layer;
  const before: Value = { dims: v.dims, axes: v.axes, terms, bias, gain, isProduct };
  const axes = [full(v).length - 1];
  if (activation === "softmax") return v;
  if (activation === "exp") return softmax(call, before, axes);
  if (activation !== "sigmoid") throw call.refuse("divides a row by its sum, and isn't linear");
  const { plan, label } = call;
  const lost = plan.activate(plan.times(before, -1), "softplus", `${label}.log`);
  return softmax(call, plan.times(lost, -1), axes);
};

export const ml: Readonly<Record<string, Operator>> = {
  Scaler: scaler,
  LinearRegressor: regressor,
  LinearClassifier: classifier,
  Normalizer: normalizer,
};
