// The kinds of synapse whose units join by windows, as operators on planes: (R, channels, …extents).

import type { Synapse } from "../../../index.js";
import { channels, extents, product } from "../../../rules/shape.js";
import type { Series } from "./series.js";
import type { Tensors, Term } from "./values.js";
import type { Attributes, Writer } from "./writer.js";

/** Returns the number of extents. */
const rankOf = ({ kernel }: Synapse) => kernel!.length;

/** Returns the attributes of a window; `dilations` where the operator has them. */
function attributesOf({ kernel, stride, dilation, padding }: Synapse): Record<string, readonly number[]> {
  const isDilated = dilation!.some((distance) => distance > 1);
  return {
    kernel_shape: kernel!,
    strides: stride!,
    pads: [...padding!.map(([before]) => before), ...padding!.map(([, after]) => after)],
    ...(isDilated ? { dilations: dilation! } : {}),
  };
}

/** Writes the weights of a conv or of its transpose, which are the same tensor: (small channels, big channels / groups, …kernel). */
function weightsOf(series: Series, synapse: Synapse): string {
  return series.weights(synapse, "kernels", ({ shape, weights }) => {
    const [inner, outer] = [shape.at(-2)!, shape.at(-1)!];
    const taps = shape.slice(0, -2);
    const count = product(taps);
    const values = new Float64Array(weights.length);
    for (let t = 0, at = 0; t < count; t++) {
      for (let i = 0; i < inner; i++)
        for (let o = 0; o < outer; o++) values[(o * inner + i) * count + t] = weights[at++]!;
    }
    return { dims: [outer, inner, ...taps], values };
  });
}

/** Writes an operator with weights, whose bias has a number for each channel. */
function weighted(
  opType: string,
  w: Writer,
  { synapse, source }: Term,
  series: Series,
  bias: string | undefined,
  more: Attributes = {},
): Tensors {
  const inputs = [
    source.planes(rankOf(synapse)),
    weightsOf(series, synapse),
    ...(bias === undefined ? [] : [bias]),
  ];
  const grouped = synapse.groups! > 1 ? { group: synapse.groups! } : {};
  return { planes: w.op(opType, inputs, { ...attributesOf(synapse), ...grouped, ...more }) };
}

export function conv(w: Writer, term: Term, series: Series, bias: string | undefined): Tensors {
  return weighted("Conv", w, term, series, bias);
}

/** Writes a transposed conv. Its `output_padding` is what the target has beyond the last window. */
export function convTranspose(w: Writer, term: Term, series: Series, bias: string | undefined): Tensors {
  const { from, to, kernel, stride, dilation, padding } = term.synapse;
  const rank = kernel!.length;
  const [small, big] = [extents(from.shape, rank), extents(to.shape, rank)];
  const beyond = big.map((extent, i) => {
    const span = dilation![i]! * (kernel![i]! - 1) + 1;
    const [before, after] = padding![i]!;
    return extent - (stride![i]! * (small[i]! - 1) + span - before - after);
  });
  const more = beyond.some((count) => count > 0) ? { output_padding: beyond } : {};
  return weighted("ConvTranspose", w, term, series, bias, more);
}

/** Writes an average. Of opset 18 the operator has no dilation: a conv of ones has, and a division by the counts follows. */
export function averagePool(w: Writer, term: Term): Tensors {
  const { synapse, source } = term;
  const { countPadding, dilation } = synapse;
  const planes = source.planes(rankOf(synapse));
  const attributes = attributesOf(synapse);
  if (dilation!.every((distance) => distance === 1)) {
    const counts = countPadding ? { count_include_pad: 1 } : {};
    return { planes: w.op("AveragePool", [planes], { ...attributes, ...counts }) };
  }
  const { kernel, to } = synapse;
  const each = channels(to.shape);
  const ones = w.constant("ones", [each, 1, ...kernel!], new Float64Array(each * product(kernel!)).fill(1));
  const sums = w.op("Conv", [planes, ones], { ...attributes, group: each });
  return { planes: w.op("Div", [sums, countsOf(w, synapse)]) };
}

/** Writes the number of cells in each window: (1, 1, …extents). */
function countsOf(w: Writer, { from, to, kernel, stride, dilation, padding, countPadding }: Synapse): string {
  const rank = kernel!.length;
  const [big, small] = [extents(from.shape, rank), extents(to.shape, rank)];
  let counts = [1];
  small.forEach((extent, axis) => {
    const along = Array.from({ length: extent }, (_, p) => {
      if (countPadding) return kernel![axis]!;
      const first = p * stride![axis]! - padding![axis]![0];
      const cells = Array.from({ length: kernel![axis]! }, (_, t) => first + t * dilation![axis]!);
      return cells.filter((at) => at >= 0 && at < big[axis]!).length;
    });
    counts = counts.flatMap((count) => along.map((one) => count * one));
  });
  return w.constant("cells", [1, 1, ...small], counts);
}

export function maxPool(w: Writer, { synapse, source }: Term): Tensors {
  return { planes: w.op("MaxPool", [source.planes(rankOf(synapse))], attributesOf(synapse)) };
}

/** Writes an upsample: position p has the values of ⌊p / factor⌋. */
export function upsample(w: Writer, { synapse, source }: Term): Tensors {
  const scales = w.singles([1, 1, ...synapse.kernel!], "scales");
  return {
    planes: w.op("Resize", [source.planes(rankOf(synapse)), "", scales], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
  };
}
