// The state that a run carries from window to window, and with `carry` from batch to batch.

import { GraphError } from "../base/error.js";
import { plain } from "../base/plain.js";
import type { Network } from "../calls/network.js";
import { Past } from "../calls/past.js";
import { stateFromJSON, stateToJSON } from "../format/state.js";
import type { Pass } from "../memory/pass.js";
import type { WindowPlace } from "./batches.js";
import type { FitSettings } from "./options.js";

/** Options of a run over sequences. */
export type WindowOptions = Pick<FitSettings, "window" | "carry">;

/** Returns whether a run carries a state. */
export function hasWindows({ window, carry = false }: WindowOptions): boolean {
  return window !== undefined || carry;
}

/** Makes a past for batches of `samples` samples. Throws `bad-option` for a pass that no state can continue. */
export function makePast({ topology, memory }: Network, pass: Pass, samples: number): Past {
  const past = new Past(topology, memory, samples);
  past.checkPass(pass, samples, samples);
  return past;
}

/** Refuses to carry a state over shuffled batches, or batches of different sizes. Throws `bad-option`. */
export function checkCarried(samples: number, batchSize: number, shuffle: boolean): void {
  if (shuffle) {
    const why = "each sample of a batch continues one of the last batch";
    throw new GraphError("bad-option", `\`carry\` needs \`shuffle: false\`: ${why}.`);
  }
  if (samples % batchSize === 0) return;
  const found = `${samples} samples are no multiple of \`batchSize\`, ${batchSize}`;
  throw new GraphError("bad-option", `\`carry\` needs batches of equally many samples, but ${found}.`);
}

/** The window where a resumed epoch begins. */
export interface ResumedPlace {
  readonly batch: number;
  readonly window: number;
  readonly past: Past;
}

/** Returns a window's place as plain data. */
export function writePlace({ memory }: Network, batch: number, window: number, past: Past): WindowPlace {
  return { batch, window, state: stateToJSON(past, memory.precision) };
}

/** Reads the place of a window from a checkpoint, with a state of so many samples, if known. Throws `bad-file`. */
export function readPlace(network: Network, place: WindowPlace | undefined, samples?: number): ResumedPlace {
  if (place === undefined) throw new GraphError("bad-file", "The checkpoint has no state of its window.");
  const { batch, window, state } = place;
  const past = stateFromJSON(network, plain(state, "bad-file", "The state"));
  if (samples === undefined || past.rows === samples) return { batch, window, past };
  throw new GraphError(
    "bad-file",
    `The checkpoint has a state of ${past.rows} samples, for batches of ${samples}.`,
  );
}
