// Memory: the runtime's allocator (TLSF). Every block is zeroed and rounded up to whole lanes, with one lane to spare. So a
// loop over lanes may read and write past the last number.

const LANE: usize = 16;

/** Returns a block of `bytes` zeroed bytes. Traps, with nothing changed, if the host has no more memory. */
export function alloc(bytes: usize): usize {
  const size = ((bytes + LANE - 1) & ~(LANE - 1)) + LANE;
  if (size < bytes) unreachable();
  const block = heap.alloc(size);
  memory.fill(block, 0, size);
  return block;
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
