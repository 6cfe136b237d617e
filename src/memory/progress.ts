// A team seen from outside its threads: its progress, and its end.

import { DISMISSED, TeamLine } from "../../assembly/abi.js";

/** The words of a team's progress: the job, the chunk that is next, the meetings, and the members that wait at one. */
export interface TeamProgress {
  readonly words: string;
  readonly isWaiting: boolean;
}

/** Returns the progress of the team at a place of a shared memory. */
export function progressOf({ buffer }: WebAssembly.Memory, place: number): TeamProgress {
  const words = new Int32Array(buffer, place, TeamLine.record);
  const [arrived, ...others] = [TeamLine.arrived, TeamLine.job, TeamLine.ticket, TeamLine.meetings].map(
    (word) => Atomics.load(words, word),
  );
  return { words: `${arrived} ${others.join(" ")}`, isWaiting: arrived! > 0 };
}

/** Has all threads of a team end their waits and return, since not every host ends a thread that waits. */
export function dismiss({ buffer }: WebAssembly.Memory, place: number): void {
  const words = new Int32Array(buffer, place, TeamLine.record);
  Atomics.store(words, TeamLine.job, DISMISSED);
  for (const word of [TeamLine.job, TeamLine.meetings]) Atomics.notify(words, word);
}
