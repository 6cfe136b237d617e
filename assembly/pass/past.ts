// The values of layers outside a sequence, from a state or from `initial`, and the gradient of `initial`.

import { BLOCK_SAMPLES } from "../abi";
import { Columns, overSamples } from "../kernel/fold";
import { bytes } from "../kernel/part";
import { repeat } from "../kernel/unit";
import { Layer, Pass, Synapse, Times, at } from "../record";
import { firstRow, listOf, stepsOf, width } from "../times";

/** Fills the past of each layer that has one, before a pass. samples: of the call */
export function beginPast<T>(pass: Pass, samples: i32): void {
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    layer.flows = 0;
    if (!layer.past) continue;
    const n = layer.size;
    if (!pass.stateful) {
      repeat<T>(layer.past, layer.initial, min(samples, BLOCK_SAMPLES), n);
      layer.flows = 1;
      continue;
    }
    for (let r = 0; r < layer.depth * samples; r++) {
      if (load<u8>(layer.begun + r)) continue;
      repeat<T>(layer.past + bytes<T>(r * n), layer.initial, 1, n);
    }
  }
  if (!pass.stateful) return;
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    for (let s = 0; s < layer.incomings; s++) {
      const synapse = at<Synapse>(layer.incoming, s);
      if (synapse.delay > 0 && isNew(pass, synapse, samples)) synapse.from.flows = 1;
    }
  }
}

/** Returns whether a synapse brings `initial` to some row, where a state remembers no step. */
function isNew(pass: Pass, synapse: Synapse, samples: i32): bool {
  const blocks = changetype<Times>(pass.times).blocks;
  for (let block = 0; block < blocks; block++) {
    const list = listOf(pass.times, block), steps = stepsOf(pass.times, block);
    for (let step = 0; step < min(steps, synapse.delay); step++) {
      const begun = synapse.from.begun + <usize>((synapse.delay - step - 1) * samples + block * BLOCK_SAMPLES);
      for (let r = width(list, step) - 1; r >= 0; r--) if (!load<u8>(begun + r)) return true;
    }
  }
  return false;
}

/** Computes the gradient of a layer's `initial`, after those of the layer. samples: of the call */
export function initialGradient<T>(pass: Pass, layer: Layer, samples: i32): void {
  if (!layer.flows) return;
  const n = layer.size;
  overSamples<Columns, T>(layer.dinitial, n, 0, layer.dpast, samples, 0, n, pass.partialSums, BLOCK_SAMPLES);
}

/** Shifts the past by the steps of the call, after its pass. */
export function carryPast<T>(pass: Pass, samples: i32): void {
  const blocks = changetype<Times>(pass.times).blocks;
  for (let i = 0; i < pass.layerCount; i++) {
    const layer = at<Layer>(pass.layers, i);
    if (!layer.past || !layer.depth) continue;
    for (let block = 0; block < blocks; block++) {
      const list = listOf(pass.times, block);
      let length = stepsOf(pass.times, block);
      const first = block * BLOCK_SAMPLES;
      for (let r = first; r < min(first + BLOCK_SAMPLES, samples); r++) {
        while (width(list, length - 1) <= r - first) length--;
        carrySample<T>(layer, list, r, r - first, length, samples);
      }
    }
  }
}

/** Shifts the past of a sample, the `place`-th of its block, by `length` steps. */
function carrySample<T>(layer: Layer, list: usize, sample: i32, place: i32, length: i32, samples: i32): void {
  const n = layer.size, size = bytes<T>(n);
  // The oldest step first, since each is overwritten by a newer one.
  for (let slot = layer.depth - 1; slot >= 0; slot--) {
    const to = slot * samples + sample;
    const old = (slot - length) * samples + sample;
    const row = slot >= length ? 0 : layer.timed ? firstRow(list, length - 1 - slot) + place : sample;
    const from = slot < length ? layer.output + <usize>row * size : layer.past + <usize>old * size;
    memory.copy(layer.past + <usize>to * size, from, size);
    store<u8>(layer.begun + to, slot < length ? 1 : load<u8>(layer.begun + old));
  }
}
