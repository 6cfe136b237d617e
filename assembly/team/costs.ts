// The costs of a team's pass: of each row, of blocks of penalised weights, and their sums.

import { BLOCK_NUMBERS } from "../abi";
import { bytes } from "../kernel/part";
import { beginTree, endTree, grow } from "../kernel/tree";
import * as link from "../link/table";
import { addOutput } from "../pass/pass";
import { Layer, Pass, Synapse, at, parts } from "../record";
import { penalty } from "../rule/penalty";
import { rowsOf } from "../times";
import { Team, isMine, take } from "./team";

/** Returns the place of the costs of an output's rows, float64 (rows, parts). */
export function costsOf(team: Team, pass: Pass, output: i32, samples: i32): usize {
  let to = team.costs;
  for (let o = 0; o < output; o++) {
    const layer = at<Layer>(pass.outputs, o);
    to += <usize>(rowsOf(pass, layer, samples) * parts(layer)) << 3;
  }
  return to;
}

/** Stores the penalties of blocks of weights, which are chunks of the phase. */
export function measurePenalties<T>(team: Team, pass: Pass): void {
  let to = team.blocks;
  for (let p = 0; p < pass.penalisedCount; p++) {
    const synapse = at<Synapse>(pass.penalised, p);
    for (let from = 0, all = link.weightCount(synapse); from < all; from += BLOCK_NUMBERS, to += 8) {
      if (!isMine()) continue;
      const w = synapse.weights + bytes<T>(from);
      store<f64>(to, penalty<T>(w, min(all - from, BLOCK_NUMBERS), synapse.l1, synapse.l2));
      take();
    }
  }
}

/** Returns the sum of the penalties of all blocks. */
function sumPenalties(team: Team, pass: Pass): f64 {
  let from = team.blocks;
  beginTree();
  for (let p = 0; p < pass.penalisedCount; p++) {
    const all = link.weightCount(at<Synapse>(pass.penalised, p));
    for (let block = 0; block < all; block += BLOCK_NUMBERS, from += 8) grow(load<f64>(from));
  }
  return endTree();
}

/** Sums the costs of all outputs and the penalties. Stores the sum, and returns it. */
export function sumCosts(team: Team, pass: Pass, samples: i32): f64 {
  let total: f64 = 0;
  for (let o = 0; o < pass.outputCount; o++) total += addOutput(pass, o, samples, costsOf(team, pass, o, samples));
  if (pass.penalisedCount) total += sumPenalties(team, pass);
  store<f64>(team.total, total);
  return total;
}
