// A graph's parameters without padding, layer by layer and then synapse by synapse: an order that doesn't depend on the order
// of creation.

import type { FloatArray, Precision } from "../base/precision.js";
import type { Block } from "../model/block.js";
import type { Memory } from "./memory.js";

/** Yields the blocks of all parameters in packed order, each once. */
export function* parametersOf(memory: Memory): Iterable<Block> {
  memory.place();
  for (const l of memory.topology.layers) {
    yield l.bias;
    if (l.gain !== undefined) yield l.gain;
    if (l.initial !== undefined) yield l.initial;
  }
  for (const s of memory.topology.synapses) {
    if (s.weights !== undefined && s.share === undefined) yield s.weights;
  }
}

/** Returns the count of all parameters. */
export function packedLength(memory: Memory): number {
  let length = 0;
  for (const { count } of parametersOf(memory)) length += count;
  return length;
}

/** Packs numbers that are laid out like the graph's parameters. */
export function pack(memory: Memory, all: FloatArray<Precision>): FloatArray<Precision> {
  const length = packedLength(memory);
  const packed = memory.core.bytes === 8 ? new Float64Array(length) : new Float32Array(length);
  let end = 0;
  for (const { offset, count } of parametersOf(memory)) {
    packed.set(all.subarray(offset, offset + count), end);
    end += count;
  }
  return packed;
}

/** Unpacks numbers to the layout of the graph's parameters. */
export function unpack(memory: Memory, packed: FloatArray<Precision>, all: FloatArray<Precision>): void {
  let begin = 0;
  for (const { offset, count } of parametersOf(memory)) {
    all.set(packed.subarray(begin, begin + count), offset);
    begin += count;
  }
}
