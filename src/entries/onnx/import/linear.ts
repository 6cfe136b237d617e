// Products with matrices, and other linear maps of a row's units.

import { damaged } from "../wire.js";
import { add } from "./arithmetic.js";
import { along, full, isSteps, isTaken, moved, type Operator, offsets, unitsOf } from "./arrange.js";
import type { Call } from "./call.js";
import { overAll } from "./convolution.js";
import { isValue } from "./plan.js";
import { inherit } from "./shapes.js";
import {
  broadcast,
  type Constant,
  constant,
  count,
  type Numbers,
  places,
  shape,
  spread,
  steps,
  strides,
  tabulate,
} from "./tensor.js";
import { type Axes, isWindowed, placesOf, type Value } from "./term.js";
import { size } from "./value.js";
import { unitDims } from "./window.js";

/**
 * Applies the linear map that `fill` writes as a matrix of (units of v, units of dims). The matrix isn't from the file and
 * doesn't learn: a mean would not stay a mean.
 */
function mapped(
  call: Call,
  v: Value,
  dims: readonly number[],
  fill: (put: (i: number, j: number, by: number) => void) => void,
) {
  const width = count(dims);
  call.plan.charge(size(v) * width);
  const matrix = new Float64Array(size(v) * width);
  fill((i, j, by) => {
    matrix[i * width + j]! += by;
  });
  return call.plan.product(v, { matrix, fixed: true }, dims, call.label);
}

const matmul: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)];
  if (isValue(a) === isValue(b)) {
    throw call.refuse(isValue(a) ? "multiplies two layers" : "multiplies two constants");
  }
  return isValue(a) ? right(call, a, b as Constant) : left(call, a, b as Value);
};

/** Multiplies a value (N, …, l, k) by a constant (…, k, m); for one sample, the value is (…, l, k). */
function right(call: Call, v: Value, matrix: Constant): Value {
  checkInner(call, v, 1);
  const flat = matrix.dims.length === 1;
  const by = flat ? [...matrix.dims, 1] : matrix.dims;
  const [k, m] = [by.at(-2) ?? 0, by.at(-1) ?? 0];
  if (v.dims.at(-1) !== k || by.length < 2)
    throw damaged(`(N, ${v.dims}) can't be multiplied by ${shape(matrix.dims)}`);
  if (by.length === 2 && size(v) === k) {
    const dims = [...v.dims.slice(0, -1), ...(flat ? [] : [m])];
    return call.plan.product(v, { matrix: matrix.values }, dims, call.label);
  }
  if (v.dims.length === 1 && call.plan.batched) throw call.refuse(OTHER);
  const l = v.dims.at(-2) ?? 1;
  if (v.axes.time >= 0 || v.axes.batch > 0) throw call.refuse(OTHER);
  const { dims, blocks } = stacked(call, v.dims.slice(0, -2), by);
  return mapped(call, v, [...dims, ...(v.dims.length === 1 ? [] : [l]), ...(flat ? [] : [m])], (put) => {
    blocks((out, from, start) => {
      for (let i = 0; i < l; i++) {
        for (let p = 0; p < k; p++) {
          for (let j = 0; j < m; j++) {
            put((from * l + i) * k + p, (out * l + i) * m + j, matrix.values[start + p * m + j]!);
          }
        }
      }
    });
  });
}

/** Multiplies a constant (…, m, k) by a value (N, …, k, l); for one sample, the value is (…, k, l) or (k). */
function left(call: Call, matrix: Constant, given: Value): Value {
  const column = !call.plan.batched && given.dims.length === 1;
  const v = column ? { ...given, dims: [...given.dims, 1] } : given;
  checkInner(call, v, 2);
  if (v.axes.time >= 0 || v.axes.batch > 0) throw call.refuse(OTHER);
  const flat = matrix.dims.length === 1;
  const by = flat ? [1, ...matrix.dims] : matrix.dims;
  const [m, k] = [by.at(-2) ?? 0, by.at(-1) ?? 0];
  const l = v.dims.at(-1)!;
  if (v.dims.at(-2) !== k || by.length < 2)
    throw damaged(`${shape(matrix.dims)} can't be multiplied by (N, ${v.dims})`);
  const { dims, blocks } = stacked(call, v.dims.slice(0, -2), by);
  if (column && by.length === 2) {
    // A matrix of the file, which can learn.
    const turned = transposed(call, { ...matrix, dims: [m, k] });
    return call.plan.product(given, { matrix: turned }, flat ? [] : [m], call.label);
  }
  return mapped(call, v, [...dims, ...(flat ? [] : [m]), ...(column ? [] : [l])], (put) => {
    blocks((out, from, start) => {
      for (let i = 0; i < m; i++) {
        for (let p = 0; p < k; p++) {
          for (let j = 0; j < l; j++) {
            put((from * k + p) * l + j, (out * m + i) * l + j, matrix.values[start + i * k + p]!);
          }
        }
      }
    });
  });
}

/** Refuses a product that sums over the batch or the steps: they are among the last axes. */
function checkInner(call: Call, v: Value, axes: number): void {
  const rank = full(v).length;
  const wrong = placesOf(v.axes).find((place) => place >= rank - axes);
  if (wrong !== undefined) throw call.refuse(`sums over the ${isSteps(v, wrong) ? "steps" : "batch"}`);
  if (v.dims.length < axes) throw call.refuse("sums over the batch");
}

const OTHER = "has other weights for each row, or moves the batch to another axis";

type Block = (out: number, from: number, start: number) => void;

/** Broadcasts the axes before the last two. Returns their shape, and which block of the value meets which matrix. */
function stacked(call: Call, before: readonly number[], by: readonly number[]) {
  const more = by.slice(0, -2);
  const first = more.length - before.length - 1;
  const { batched } = call.plan;
  if (batched && (first > 0 || (first === 0 && more[0] !== 1))) throw call.refuse(OTHER);
  const inner = batched && first === 0 ? more.slice(1) : more;
  const dims = broadcast(before, inner);
  if (dims === undefined) throw damaged(`shapes (N, ${before}) and ${shape(more)} don't fit`);
  const [from, starts] = [spread(before, dims), spread(inner, dims)];
  const stride = by.at(-1)! * by.at(-2)!;
  const blocks = (each: Block) => {
    for (let out = 0; out < from.length; out++) each(out, from[out]!, starts[out]! * stride);
  };
  return { dims, blocks };
}

const gemm: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)];
  if (!isValue(a) || isValue(b)) throw call.refuse("multiplies by a matrix that is no constant");
  const { plan } = call;
  const across = call.whole("transA", 0) !== 0;
  if (across && plan.batched) throw call.refuse("sums over the batch");
  const turned = call.whole("transB", 0) !== 0;
  const [k, m] = turned ? [b.dims[1], b.dims[0]] : b.dims;
  const rank = plan.batched ? 1 : 2;
  if (placesOf(a.axes).some((place) => place > 0)) throw call.refuse("sums over the batch");
  const x = across && a.dims.length === 2 ? acrossed(call, a) : a;
  if (
    x.dims.length !== rank ||
    b.dims.length !== 2 ||
    k === undefined ||
    x.dims.at(-1) !== k ||
    m === undefined
  ) {
    throw damaged(`(N, ${a.dims}) can't be multiplied by ${shape(b.dims)}${turned ? ", transposed" : ""}`);
  }
  const matrix = turned ? transposed(call, b) : b.values;
  const product = plan.times(right(call, x, constant([k, m], matrix)), call.float("alpha", 1));
  const beta = call.float("beta", 1);
  if (!call.has(2) || beta === 0) return product;
  const c = call.input(2);
  const added = isValue(c)
    ? plan.times(c, beta)
    : beta === 1
      ? c
      : constant(
          c.dims,
          c.values.map((value) => value * beta),
        );
  const sum = add(call, product, added);
  if (isValue(sum) && size(sum) !== size(product)) {
    throw damaged(`${shape(full(c))} is no bias of ${m} units`);
  }
  return sum;
};

/** Exchanges the two axes of a value. */
function acrossed(call: Call, v: Value): Value {
  const [first, second] = offsets(call, v);
  return along(call, v, [second!, first!]) as Value;
}

/** Transposed matrices by their rows: a matrix can have been reshaped. */
const turned = new WeakMap<Numbers, Map<number, Numbers>>();

/** Transposes a matrix, once, so that nodes that share a matrix share its transpose. */
function transposed(call: Call, { dims, values }: Constant): Numbers {
  const [rows, columns] = dims as [number, number];
  const shapes = turned.get(values) ?? new Map<number, Numbers>();
  const known = shapes.get(rows);
  if (known !== undefined) return known;
  call.plan.charge(values.length);
  const result = values.slice();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!;
  turned.set(values, shapes.set(rows, result));
  return result;
}

/** Returns places without some axes. */
function movedBy(places: Axes, gone: ReadonlySet<number>): Axes {
  return moved(places, (axis) => axis - [...gone].filter((one) => one < axis).length);
}

/** Removes axes of 1. */
function withoutAxes(v: Value, gone: ReadonlySet<number>): Value {
  const dims = full(v).filter((_, axis) => !gone.has(axis));
  const axes = movedBy(v.axes, gone);
  return { ...v, dims: unitsOf(axes, dims), axes };
}

/** Returns the mean over the positions of an image as a pool; `undefined` for another mean. The reduced axes stay as 1. */
function averaged(call: Call, v: Value, axes: ReadonlySet<number>): Value | undefined {
  const from = full(v);
  for (const { from } of v.terms) inherit(from, call.plan.keepsOrder);
  const isImage = v.terms.some(({ from, map }) => isWindowed(map) || from.shape !== undefined);
  const kept = from.flatMap((_, axis) => (axes.has(axis) || isTaken(v, axis) ? [] : [axis]));
  const isFirst = placesOf(v.axes).every((place) => place === 0);
  if (!isImage || !isFirst || kept.length !== 1 || axes.size > 2 || isTaken(v, 0) === axes.has(0))
    return undefined;
  const order = [...(isTaken(v, 0) ? [0] : []), ...kept, ...axes].map((axis) => offsets(call, v)[axis]!);
  const turned = along(call, v, order) as Value;
  const channels = from[kept[0]!]!;
  const dims = unitsOf(
    v.axes,
    from.map((dim, axis) => (axes.has(axis) ? 1 : dim)),
  );
  const pooled = overAll(call, { ...turned, dims: unitDims(v, turned.dims) }, "averagePool");
  return size(pooled) === channels ? { ...pooled, dims } : undefined;
}

/** The sum over some axes of a row, or their mean. */
const reduction =
  (mean: boolean): Operator =>
  (call) => {
    const v = call.value(0);
    const from = full(v);
    const input = call.opset >= (mean ? 18 : 13) ? 1 : undefined;
    const given = call.wholes("axes", input) ?? [];
    if (given.length === 0 && call.whole("noop_with_empty_axes", 0) !== 0) return v;
    const all = call.plan.batched ? [] : from.map((_, i) => i);
    const axes = new Set(given.length === 0 ? all : given.map((axis) => call.axis(axis, from.length)));
    if (call.plan.batched && (axes.size === 0 || axes.has(v.axes.batch)))
      throw call.refuse("sums over the batch");
    if (axes.has(v.axes.time)) throw call.refuse("sums over the steps");
    const kept = from.map((dim, i) => (axes.has(i) ? 1 : dim));
    const pooled = mean ? averaged(call, v, axes) : undefined;
    if (pooled !== undefined) return call.whole("keepdims", 1) === 0 ? withoutAxes(pooled, axes) : pooled;
    const dims = call.whole("keepdims", 1) === 0 ? from.filter((_, i) => !axes.has(i)) : kept;
    const by = strides(kept);
    call.plan.charge(size(v));
    const to = places(from.map((dim, i) => (axes.has(i) ? new Int32Array(dim) : steps(dim, by[i]!))));
    const weight = mean ? count(kept) / count(from) : 1;
    const isKept = call.whole("keepdims", 1) !== 0;
    const left = isKept ? v.axes : movedBy(v.axes, axes);
    const sums = mapped(call, v, unitsOf(left, dims), (put) => {
      to.forEach((j, i) => {
        put(i, j, weight);
      });
    });
    return { ...sums, axes: left };
  };

/** Returns the numbers of the channels, axis 1 of a value, as one number for each unit. */
export function channelwise(call: Call, v: Value, { values }: Constant): Numbers {
  if (isTaken(v, 1)) throw call.refuse("has its channels on an axis of samples or steps");
  const channels = full(v)[1];
  if (channels !== values.length) throw damaged(`${values.length} numbers are given for (N, ${v.dims})`);
  const each = count(full(v).slice(2));
  call.plan.charge(size(v));
  return tabulate(size(v), (i) => values[Math.floor(i / each) % channels]!);
}

const batchNorm: Operator = (call) => {
  const old = call.opset < 7 && call.whole("is_test", 0) === 0;
  if (old || call.whole("training_mode", 0) !== 0) throw call.refuse("is in training mode");
  if (call.whole("spatial", 1) !== 1) throw call.refuse("has a mean for each place");
  const v = call.value(0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => channelwise(call, v, call.constant(i)));
  const epsilon = call.float("epsilon", 1e-5);
  const factor = tabulate(size(v), (i) => scale![i]! / Math.sqrt(variance![i]! + epsilon));
  const shift = tabulate(size(v), (i) => bias![i]! - mean![i]! * factor[i]!);
  return call.plan.shifted(call.plan.scaled(v, factor), shift);
};

export const linear: Readonly<Record<string, Operator>> = {
  MatMul: matmul,
  Gemm: gemm,
  ReduceSum: reduction(false),
  ReduceMean: reduction(true),
  BatchNormalization: batchNorm,
};
