// Inverted dropout: a unit is dropped with probability p, and kept units are scaled by 1 / (1 - p), so that predicting needs no
// scaling. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.

import { Stream } from "../abi";
import { bytes } from "../kernel/part";
import { philoxLanes, wordLanes } from "../random";

/**
 * Draws a mask of 0 and 1 / (1 - p). Its number i depends on the seed, the layer's place, the number of the noisy step and i
 * only. Number 16 · block + 4 · w + lane is the word w of the counter 4 · block + lane. The first is number `from`, a multiple
 * of 16. mask: (count)
 */
export function drawMask<T>(mask: usize, from: i32, count: i32, p: f64, seed: u32, place: u32, step: u64): void {
  const threshold = i32x4.splat(<i32>(<u32>min(p * 4294967296 + 0.5, 4294967295)));
  const scale = v128.splat<T>(<T>(1 / (1 - p)));
  for (let i = 0; i < count; i += 16) {
    philoxLanes(<u32>(from + i) >>> 2, place, <u32>step, <u32>(step >> 32), seed, Stream.noise);
    for (let w = 0; w < 4; w++) {
      const first = i + (w << 2);
      if (first >= count) break;
      const kept = i32x4.ge_u(wordLanes(w), threshold);
      const at = mask + bytes<T>(first);
      if (sizeof<T>() == 4) {
        v128.store(at, v128.and(kept, scale));
      } else {
        v128.store(at, v128.and(i64x2.extend_low_i32x4_s(kept), scale));
        if (first + 2 >= count) break;
        v128.store(at, v128.and(i64x2.extend_high_i32x4_s(kept), scale), 16);
      }
    }
  }
}
