// Memory: the runtime's allocator (TLSF). Every block is zeroed and rounded up to whole lanes, with one lane to spare. So a
// loop over lanes may read and write past the last number.

import { LANE } from "./abi";

/** Returns the bytes of a block. */
@inline
function sizeOf(bytes: usize): usize {
  return ((bytes + LANE - 1) & ~(LANE - 1)) + LANE;
}

/** Returns a block of `bytes` zeroed bytes. Traps, with nothing changed, if the host has no more memory. */
export function alloc(bytes: usize): usize {
  const block = claim(bytes);
  memory.fill(block, 0, sizeOf(bytes));
  return block;
}

/** Returns such a block before it is zeroed, which the caller does in slices: new memory takes long. Traps likewise. */
export function claim(bytes: usize): usize {
  const size = sizeOf(bytes);
  if (size < bytes) unreachable();
  return heap.alloc(size);
}

/**
 * Tries to allocate `bytes`. Traps, with nothing changed, if there is no room. Takes the same time for any size, since it
 * zeroes nothing.
 */
export function probe(bytes: usize): void {
  heap.free(heap.alloc(bytes));
}

/** Frees a block. */
export function free(block: usize): void {
  heap.free(block);
}

/** Stops the core. The runtime calls this on an error; the module imports nothing that could report it. */
export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
