// Norms of a layer's sums, with gain and bias.

import { EPSILON, groupsOf } from "../../../rules/norm.js";
import { normalized } from "../form.js";
import type { ExportedLayer } from "./graph.js";
import { arrangedUnits, isPlanar } from "./values.js";
import type { Writer } from "./writer.js";

/** Returns bias + gain ⊙ normalized(sum). In float64 a norm is written out, since an operator's epsilon is a float32. */
export function normed(w: Writer, exported: ExportedLayer, gain: ArrayLike<number>, sum: string): string {
  const { name, size, shape, norm } = exported;
  const bias = exported.bias ?? new Float64Array(gain.length);
  const isWhole = norm === "layer" && !isPlanar(exported);
  if (isWhole && w.precision === "float32") {
    const numbers = [w.constant(`${name}.gain`, [size], gain), w.constant(`${name}.bias`, [size], bias)];
    return w.op("LayerNormalization", [sum, ...numbers], { epsilon: EPSILON, axis: 1 });
  }
  const found = isWhole ? normalized(w, sum, EPSILON) : grouped(w, exported, sum);
  const constant = (what: string, numbers: ArrayLike<number>) => {
    const { dims, values } = arrangedUnits(shape, numbers);
    return w.constant(`${name}.${what}`, dims, values);
  };
  return w.op("Add", [w.op("Mul", [found, constant("gain", gain)]), constant("bias", bias)]);
}

/** Normalizes runs of channels, each over all positions. In planes such a run has its numbers side by side. */
function grouped(w: Writer, { size, shape, norm }: ExportedLayer, sum: string): string {
  const groups = groupsOf(norm!);
  const extents = shape.length === 1 ? [size] : [shape.at(-1)!, ...shape.slice(0, -1)];
  const split = w.op("Reshape", [sum, w.whole([-1, groups, size / groups])]);
  const back = w.whole([-1, ...extents]);
  if (w.precision === "float32") {
    const [ones, zeros] = [1, 0].map((fill) => {
      return w.constant(fill === 1 ? "ones" : "zeros", [groups], new Float64Array(groups).fill(fill));
    });
    const normed = w.op("InstanceNormalization", [split, ones!, zeros!], { epsilon: EPSILON });
    return w.op("Reshape", [normed, back]);
  }
  const last = {
    op: (...given: Parameters<Writer["op"]>) => w.op(...given),
    reduce: (opType: string, x: string) => w.op(opType, [x, w.whole([2], "axis")]),
  };
  return w.op("Reshape", [normalized(last, split, EPSILON), back]);
}
