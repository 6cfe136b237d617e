// The product join: a layer multiplies the values that its synapses bring, its factors, unit by unit in connection order.
//
//     join     = f₁ ⊙ f₂ ⊙ …
//     dfactor  = djoin ⊙ (product of the factors before it) ⊙ (product of those behind it)
//
// There is no division by a factor, so factors of 0 are exact. A synapse with weights stores its factor; any other factor is
// read in place.

import { bytes } from "../kernel/part";
import { multiplyUnits } from "../kernel/unit";
import { isAligned } from "../link/bring";
import * as span from "../link/span";
import { Layer, Pass, Synapse, at } from "../record";
import { Rows } from "./rows";

/** Computes or multiplies rows by a synapse's factor. y: (rows, size), of these rows */
function apply<T>(pass: Pass, synapse: Synapse, y: usize, rows: Rows, samples: i32, begins: bool): void {
  const n = synapse.to.size;
  if (synapse.factor || isAligned(pass, synapse)) {
    const values = synapse.factor ? synapse.factor : synapse.from.output;
    return take<T>(y, values + bytes<T>(rows.first * n), rows.count * n, begins);
  }
  span.begin(pass, synapse, rows.block, rows.from, rows.to, samples);
  while (span.next<T>()) take<T>(y + bytes<T>((span.row - rows.first) * n), span.values, span.count * n, begins);
}

/** Computes y = x, or y = y ⊙ x. y, x: (count) */
@inline
function take<T>(y: usize, x: usize, count: i32, begins: bool): void {
  if (begins) memory.copy(y, x, bytes<T>(count));
  else multiplyUnits<T>(y, y, x, count);
}

/** Computes the product of all factors in some rows of the layer's sums. y: (rows, size), of these rows */
export function multiplyFactors<T>(pass: Pass, layer: Layer, y: usize, rows: Rows, samples: i32): void {
  for (let s = 0; s < layer.incomings; s++) apply<T>(pass, at<Synapse>(layer.incoming, s), y, rows, samples, s == 0);
}

/**
 * Computes the gradients with respect to all factors in some rows, from `delta`. With more than two factors, `delta` holds the
 * running product afterwards.
 */
export function splitDelta<T>(pass: Pass, layer: Layer, rows: Rows, samples: i32): void {
  const last = layer.incomings - 1;
  const offset = bytes<T>(rows.first * layer.size), numbers = rows.count * layer.size;
  const delta = layer.delta + offset;
  // First the products of the factors behind each one, then the running product of delta and the factors before it.
  for (let s = last - 1; s >= 0; s--) {
    const to = at<Synapse>(layer.incoming, s).dfactor + offset;
    const next = at<Synapse>(layer.incoming, s + 1);
    if (s < last - 1) memory.copy(to, next.dfactor + offset, bytes<T>(numbers));
    apply<T>(pass, next, to, rows, samples, s == last - 1);
  }
  for (let s = 0; s <= last; s++) {
    const synapse = at<Synapse>(layer.incoming, s);
    const to = synapse.dfactor + offset;
    take<T>(to, delta, numbers, s == last);
    if (last == 1 && s == 1) apply<T>(pass, at<Synapse>(layer.incoming, 0), to, rows, samples, false);
    else if (last > 1 && s < last) apply<T>(pass, synapse, delta, rows, samples, false);
  }
}
