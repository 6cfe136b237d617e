// Dropout in a pass. A mask has a row for each sample, which holds for all its steps: Gal and Ghahramani, "A theoretically
// grounded application of dropout in recurrent neural networks", 2016.

import { BLOCK_SAMPLES } from "../abi";
import { bytes } from "../kernel/part";
import { multiplyUnits } from "../kernel/unit";
import { firstSample, isPart } from "../part";
import { Layer, Pass } from "../record";
import { drawMask } from "../rule/dropout";
import { listOf, width } from "../times";
import { Rows } from "./rows";

/** Draws the mask of a layer, for the samples in the caller's order, and sorts it into the order of the call. */
export function drawMasks<T>(pass: Pass, layer: Layer, samples: i32): void {
  if (ASC_FEATURE_THREADS && isPart && pass.times) return; // they were drawn for the whole call
  const n = layer.size, order = pass.order;
  // `droppedPost` is written later.
  const drawn = order ? layer.droppedPost : layer.dropoutMask;
  const from = ASC_FEATURE_THREADS && isPart ? firstSample * n : 0;
  drawMask<T>(drawn, from, samples * n, layer.dropout, pass.seed, layer.place, load<u64>(pass.noise));
  if (!order) return;
  for (let i = 0; i < samples; i++) {
    const from = load<u32>(order + ((<usize>i) << 2));
    memory.copy(layer.dropoutMask + bytes<T>(i * n), drawn + bytes<T>(from * n), bytes<T>(n));
  }
}

/** Computes y = x ⊙ the mask, at some rows of a layer. y, x: (rows of the layer, size) */
export function hideRows<T>(pass: Pass, layer: Layer, y: usize, x: usize, rows: Rows): void {
  const n = layer.size;
  let offset = bytes<T>(rows.first * n);
  if (!pass.times || !layer.timed) return multiplyUnits<T>(y + offset, x + offset, layer.dropoutMask + offset, rows.count * n);
  const mask = layer.dropoutMask + bytes<T>(rows.block * BLOCK_SAMPLES * n);
  const list = listOf(pass.times, rows.block);
  for (let step = rows.from; step < rows.to; step++) {
    const numbers = width(list, step) * n;
    multiplyUnits<T>(y + offset, x + offset, mask, numbers);
    offset += bytes<T>(numbers);
  }
}
