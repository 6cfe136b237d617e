// Memory: the runtime's allocator (TLSF), every block zeroed and rounded up to whole lanes with one lane to spare, so
// that a lane loop may read and write past the last number.

const LANE: usize = 16;

/** Gives `bytes` zeroed bytes; traps, with nothing changed, where the host has no more. */
export function alloc(bytes: usize): usize {
  const size = ((bytes + LANE - 1) & ~(LANE - 1)) + LANE;
  if (size < bytes) unreachable();
  const block = heap.alloc(size);
  memory.fill(block, 0, size);
  return block;
}

/** Traps, with nothing changed, where there is no room for `bytes`. Zeroes nothing: it takes as long for any size. */
export function probe(bytes: usize): void {
  heap.free(heap.alloc(bytes));
}

export function free(block: usize): void {
  heap.free(block);
}

/** What the runtime calls where it can't go on. The module imports nothing, so it stops here. */
export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
