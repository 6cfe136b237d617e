// A team: threads of one memory that compute a step together. All run the same code over the same work, which is divided into
// chunks. A thread takes a chunk by its number, so a slow one takes fewer. At the end of a phase all meet.

import { DISMISSED, Job, TeamLine, TeamWord } from "../abi";

/** The record of a team: `TeamWord`. */
@unmanaged @final
export class Team {
  kind: Job;
  pass: usize;
  samples: i32;
  size: i32;
  stamp: u64;
  feeds: usize;
  feedCount: i32;
  order: usize;
  batch: i32;
  from: i32;
  to: i32;
  sums: usize;
  layers: usize;
  layerCount: i32;
  synapses: usize;
  synapseCount: i32;
  lists: usize;
  costs: usize;
  blocks: usize;
  total: usize;
  pieces: usize;
  pages: i32;
  delays: u32;
}

/** A thread: `MemberWord`. */
@unmanaged @final
export class Member {
  away: usize;
  part: usize;
  whole: usize;
  room: usize;
  partialSums: usize;
  sharedGradient: usize;
  bounds: usize;
  slopes: usize;
  arena: usize;
  joined: i32;
}

// Places of the words that several threads write, and of the records.
const JOB: usize = TeamLine.job * 4, TICKET: usize = TeamLine.ticket * 4, ARRIVED: usize = TeamLine.arrived * 4;
const MEETINGS: usize = TeamLine.meetings * 4, FAULT: usize = TeamLine.fault * 4;
const FOUND: usize = TeamLine.found * 4, HELPERS: usize = TeamLine.helpers * 4;
const RECORD: usize = TeamLine.record * 4, MEMBERS = RECORD + TeamWord.words * 4;

/** Turns of a wait before the thread sleeps: about 20 µs. */
const TURNS = 4000;
/** Nanoseconds of a sleep, after which a thread looks again. */
const SLEEP: i64 = 5_000_000_000;

/** The team of this thread, and its place there; the leader's is 0. */
let words: usize = 0;
export let index: i32 = 0;
/** Chunks of the phase that this thread has come to, and the number of the one that it has taken. */
let chunk: i32 = 0;
let taken: i32 = 0;
/** State of the random delays. */
let state: u32 = 0;

/** Takes the leader's place in a team. */
export function lead(team: usize): void {
  words = team;
  index = 0;
}

/** Takes the next helper's place in a team: places have no gap, whoever is late or lacking. */
export function enter(team: usize): void {
  words = team;
  index = atomic.add<i32>(words + HELPERS, 1) + 1;
}

/** Returns the team. */
@inline
export function team(): Team {
  return changetype<Team>(words + RECORD);
}

/** Returns a member of the team. */
@inline
export function member(place: i32): Member {
  return changetype<Member>(words + MEMBERS + <usize>place * offsetof<Member>());
}

/** Marks this thread as joined. */
export function join(): void {
  atomic.store<i32>(changetype<usize>(member(index)) + offsetof<Member>("joined"), 1);
}

// ------------------------------------------------------------------------------------------------------------- chunks

/** Begins a phase: takes the first chunk. */
@inline
export function begin(): void {
  chunk = 0;
  take();
}

/** Takes the next chunk. */
@inline
export function take(): void {
  if (team().delays) delay();
  taken = atomic.add<i32>(words + TICKET, 1);
}

/** Returns whether this thread has taken the chunk that the phase comes to now. If so, it must `take` another after it. */
@inline
export function isMine(): bool {
  return chunk++ == taken;
}

/** Waits for some random time. */
function delay(): void {
  if (state == 0) state = team().delays + index * 0x9E3779B9;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  for (let turns = state & 8191; turns > 0; turns--) atomic.load<i32>(words + MEETINGS);
}

// ----------------------------------------------------------------------------------------------------------- meetings

/**
 * Waits until the word at a place has another value than the one given. The address is computed for each sleep: V8's first
 * compiler loses a local that is the address of `memory.atomic.wait32` (seen in Node 20).
 */
@noinline
function wait(place: usize, old: i32): void {
  for (let turns = TURNS; turns > 0; turns--) if (atomic.load<i32>(words + place) != old) return;
  while (atomic.load<i32>(words + place) == old) {
    if (isDismissed()) unreachable();
    atomic.wait<i32>(words + place, old, SLEEP);
  }
}

/** Returns whether the run has ended. A thread must not wait any more then: not every host ends one that does. */
@inline
function isDismissed(): bool {
  return atomic.load<i32>(words + JOB) == DISMISSED;
}

/** Waits for all members at the end of a phase. */
export function meet(): void {
  const meetings = atomic.load<i32>(words + MEETINGS);
  if (atomic.add<i32>(words + ARRIVED, 1) < team().size - 1) wait(MEETINGS, meetings);
  else {
    atomic.store<i32>(words + ARRIVED, 0);
    atomic.store<i32>(words + TICKET, 0);
    atomic.store<i32>(words + FOUND, atomic.load<i32>(words + FAULT));
    atomic.store<i32>(words + MEETINGS, meetings + 1);
    if (team().size > 1) atomic.notify(words + MEETINGS);
  }
  if (team().delays) delay();
}

/** Marks the step as one that the team can't make. */
export function fail(): void {
  atomic.store<i32>(words + FAULT, 1);
}

/** Returns whether a member had failed by the last meeting, whatever fails since: so all members go the same way. */
@inline
export function hasFailed(): bool {
  return atomic.load<i32>(words + FOUND) != 0;
}

/** Takes the mark away. */
export function forgive(): void {
  atomic.store<i32>(words + FAULT, 0);
  atomic.store<i32>(words + FOUND, 0);
}

// --------------------------------------------------------------------------------------------------------------- jobs

/** Calls the first `size` members to the job that the leader has written. */
export function call(): void {
  const size = team().size;
  const last = atomic.load<i32>(words + JOB);
  const next = ((last & -256) + 256 & i32.MAX_VALUE) + size;
  // The page may dismiss the team at any time, also between these two.
  if (last == DISMISSED || atomic.cmpxchg<i32>(words + JOB, last, next) != last) unreachable();
  if (size > 1) atomic.notify(words + JOB);
}

/** Waits for the next job of this member, after the one given. Returns it, or `DISMISSED`. */
export function nextJob(last: i32): i32 {
  do {
    wait(JOB, last);
    last = atomic.load<i32>(words + JOB);
    // Only a member at work may read the record: the leader writes it for the next job when these are done.
  } while (last != DISMISSED && (last & 255) <= index);
  return last;
}
