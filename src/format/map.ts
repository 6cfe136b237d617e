// The options that only some kinds of synapse have, in a file: windows, connections, units. All are checked before anything is
// made from them.

import type { Precision } from "../base/precision.js";
import { zeros } from "../base/read.js";
import { show } from "../base/text.js";
import { mapTensors, pathOf } from "../memory/tensor.js";
import { checkSizes } from "../model/joint.js";
import type { SynapseNode } from "../model/node.js";
import { type End, isWindow, type Joined, type SynapseKind, USUAL_KIND } from "../rules/link.js";
import { checkPairs, readUnits } from "../rules/pattern.js";
import { readWindow } from "../rules/window.js";
import type { Entry } from "./description.js";
import { type SynapseEntry, windowMembers } from "./entry.js";
import type { Numbers } from "./numbers.js";
import { at, bad } from "./path.js";

/** The facts of a synapse that the options of its kind have come to. */
export type MapFacts = Pick<Joined, "window" | "pattern" | "units">;

/** A synapse's entry, and all that was read before it. */
interface Place {
  readonly entry: SynapseEntry;
  readonly index: number;
  readonly path: string;
  readonly from: End;
  readonly to: End;
  /** The synapse whose weights it shares. */
  readonly shared: SynapseNode | undefined;
  readonly numbers: Numbers;
  readonly precision: Precision;
}

/** Reads the facts of a synapse's kind. Throws `bad-file`. */
export function readMap(place: Place): MapFacts {
  const { entry, path, from, to, shared } = place;
  const kind = (entry.kind ?? USUAL_KIND) as SynapseKind;
  at(path, () => checkSizes(kind, from, to));
  if (isWindow(kind)) {
    const given: Entry = { ...entry };
    const window = at(path, () => readWindow(kind, given, from, to));
    for (const name of kind === "upsample" ? [] : windowMembers) {
      const wanted = JSON.stringify(window[name]);
      // A caller's other forms, such as one number for all axes, are in no file.
      if (JSON.stringify(given[name]) !== wanted) throw bad(`${path}.${name}`, `is not ${wanted}`);
    }
    return { window };
  }
  if (kind !== "sparse") return kind === "gather" ? { units: readGather(place) } : {};
  at(path, () => checkPairs(from, to, "the connections"));
  if (shared === undefined) return { pattern: readConnections(place) };
  if (shared.pattern !== undefined) return { pattern: shared.pattern };
  throw bad(`${path}.share`, `is ${show(entry.share)}, the number of a synapse without connections`);
}

function readGather(place: Place): Int32Array {
  const { view, where } = readWhole(place);
  const units = new Int32Array(view.buffer, 0, view.length);
  return at(where, () => readUnits(units, place.from, place.to));
}

/** Reads connections, pairs of units, which are sorted by source, then target. */
function readConnections(place: Place): Uint32Array {
  const { view, where } = readWhole(place);
  if (view.length === 0 || view.length % 2 > 0) throw bad(where, `has ${view.length} numbers, not pairs`);
  for (let i = 0; i < view.length; i += 2) {
    const [source, target] = [view[i]!, view[i + 1]!];
    const [before, last] = i === 0 ? [-1, 0] : [view[i - 2]!, view[i - 1]!];
    const isNext = source > before || (source === before && target > last);
    if (isNext && source < place.from.size && target < place.to.size) continue;
    const why = isNext ? "a unit that its layer lacks" : "which is not after the pair before";
    throw bad(where, `has [${source}, ${target}] as pair ${i / 2}, ${why}`);
  }
  return view;
}

/** Reads the whole numbers of a synapse, as a view of a buffer of its own, and returns their place in errors. */
function readWhole({ entry, index, from, to, numbers, precision }: Place) {
  const [tensor] = mapTensors(index, { from, to }, entry.kind, undefined);
  const where = pathOf(tensor!);
  const given = (entry as unknown as Entry)[tensor!.member];
  const count = numbers.check(tensor!, precision, given);
  const view = new Uint32Array(zeros(Math.ceil(count / 2), where).buffer, 0, Math.floor(count));
  numbers.fill(tensor!, view, given);
  return { view, where };
}
