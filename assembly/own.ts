// The workspace of an instance. Threads share a memory, and each has an instance of the core. Globals are an instance's own, and
// constants are the same for all. A workspace at fixed addresses is the first instance's; another has its own, `away` bytes on.

/** Bytes from the first instance's workspace to that of this one. */
let away: usize = 0;

/** Sets the distance of the workspace. */
export function setOwn(distance: usize): void {
  away = distance;
}

/** Returns the address of this instance's workspace, for an address of the first instance's. */
@inline
export function own(address: usize): usize {
  return ASC_FEATURE_THREADS ? address + away : address;
}
