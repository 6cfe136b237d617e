// The options of a synapse, and their reader.

import { SynapseWord } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { amount, choice, flag } from "../base/options.js";
import type { Data } from "../base/read.js";
import { list, show } from "../base/text.js";
import type { Init } from "../rules/init.js";
import {
  type End,
  isWindow,
  type Joined,
  kindsWith,
  linkOf,
  links,
  type OwnOption,
  type SynapseKind,
  USUAL_KIND,
} from "../rules/link.js";
import type { Extents, Padding } from "../rules/padding.js";
import { type Drawing, type Pattern, readPattern, readUnits } from "../rules/pattern.js";
import { checkStep, type picks, readDelay, readPick } from "../rules/step.js";
import { readWindow } from "../rules/window.js";
import { checkShared, checkSizes, type Shared, spelt } from "./joint.js";
import { type Fields, type Row, reader } from "./option.js";

/** The fields of a synapse that are its options, except `init` and `share`. */
export type SynapseFields = Fields<typeof synapseRows>;

/** Needs of an option for the start or the learning of a synapse's own weights. */
const OWN_WEIGHTS = ["weights", "own"] as const;

/** The options of a synapse, in the order of their members in a file. */
export const synapseRows = {
  /** Read by calls/build.ts, since it depends on the precision. */
  init: { usual: undefined, needs: OWN_WEIGHTS },
  name: {
    usual: undefined as string | undefined,
    read(name: unknown) {
      if (typeof name === "string" && name !== "" && name.isWellFormed()) return name;
      throw new GraphError("bad-name", `A synapse's name is a string that is not empty, not ${show(name)}.`);
    },
  },
  kind: {
    usual: USUAL_KIND,
    read: (kind: unknown, of: string) => choice(kind, links, `The kind of ${of}`),
  },
  /** Read elsewhere: a caller names a handle, and a file the number of a synapse. */
  share: { usual: undefined, needs: ["weights"] },
  l1: {
    usual: 0,
    word: SynapseWord.l1,
    needs: OWN_WEIGHTS,
    read: (l1: unknown, of: string) => amount(l1, `The l1 of ${of}`, 0),
  },
  l2: {
    usual: 0,
    word: SynapseWord.l2,
    needs: OWN_WEIGHTS,
    read: (l2: unknown, of: string) => amount(l2, `The l2 of ${of}`, 0),
  },
  maxNorm: {
    usual: undefined as number | undefined,
    word: SynapseWord.maxNorm,
    needs: OWN_WEIGHTS,
    read(maxNorm: unknown, of: string) {
      const read = amount(maxNorm, `The maxNorm of ${of}`, 0);
      if (read > 0) return read;
      throw new GraphError("bad-option", `The maxNorm of ${of} is above 0, not 0.`);
    },
  },
  frozen: {
    usual: false,
    needs: ["own"],
    read: (frozen: unknown, of: string) => flag(frozen, "frozen", of),
  },
  delay: { usual: 0, read: readDelay },
  at: { usual: undefined as keyof typeof picks | undefined, read: readPick },
  // Options of some kinds, read together by `readMap`.
  kernel: { usual: undefined },
  stride: { usual: undefined },
  dilation: { usual: undefined },
  padding: { usual: undefined },
  groups: { usual: undefined },
  countPadding: { usual: undefined },
  connections: { usual: undefined },
  matrix: { usual: undefined },
  density: { usual: undefined },
  units: { usual: undefined },
} satisfies Readonly<Record<keyof WeightOptions | OwnOption | "share", Row<unknown>>>;

const readOptions = reader(synapseRows);
const rows: readonly (readonly [string, Row<unknown>])[] = Object.entries(synapseRows);
const names = rows.map(([name]) => name);
const needing = (need: "weights" | "own") =>
  rows.filter(([, row]) => row.needs?.includes(need)).map(([name]) => name);
const ofWeights = needing("weights");
const mapOptions = names.slice(names.indexOf("kernel"));

/** The fields that belong to weights, not to a synapse: they follow the weights. */
export const ownOptions = needing("own");

/**
 * Reads a synapse's options: the fields, the facts of its kind, and the caller's initial weights. `shared` is the synapse that
 * they name as `share`; `drawing` draws random connections. Throws `bad-option`, `bad-name`.
 * @internal
 */
export function readSynapse(
  given: unknown,
  shared: Shared | undefined,
  from: End,
  to: End,
  drawing: Drawing,
) {
  const of = spelt(from, to);
  const { read, fields } = readOptions(given, of, names);
  const { kind } = fields;
  const { title, weights } = linkOf(kind);
  checkSizes(kind, from, to);
  // A file's `share` is a number, and is not among the options.
  const found = { ...read, share: read.share ?? shared };
  const refuse = (options: readonly string[], why: string) => {
    const wrong = options.find((option) => found[option as keyof typeof found] !== undefined);
    if (wrong === undefined) return;
    throw new GraphError("bad-option", `\`${wrong}\` of ${of} can't be given: it is ${why}.`);
  };
  if (weights === undefined) refuse(ofWeights, `${title}, which has no weights`);
  else if (read.share !== undefined) refuse(ownOptions, "one that has another's weights");
  checkStep(fields, of);
  const map = readMap(kind, read, shared, from, to, drawing, of);
  if (shared !== undefined) checkShared(shared, { kind, from, to, ...map });
  return { fields, init: read.init, map };
}

/** The facts of a kind's options, and of a pattern its order and its first weights. */
export interface MapFacts extends Pick<Joined, "window" | "units">, Partial<Pattern> {}

/** Reads the options that only some kinds have. Throws `bad-option`. */
function readMap(
  kind: SynapseKind,
  read: Readonly<Record<string, unknown>>,
  shared: Shared | undefined,
  from: End,
  to: End,
  drawing: Drawing,
  of: string,
): MapFacts {
  const own: readonly string[] = linkOf(kind).options ?? [];
  for (const option of mapOptions) {
    if (read[option] === undefined || own.includes(option)) continue;
    const kinds = kindsWith(option);
    const has = `${list(kinds, 16)} ${kinds.length === 1 ? "has" : "have"} it`;
    throw new GraphError("bad-option", `\`${option}\` of ${of} can't be given: ${has}, and it is ${kind}.`);
  }
  if (isWindow(kind)) return { window: readWindow(kind, read, from, to) };
  if (kind === "gather") return { units: readUnits(read.units, from, to) };
  if (kind !== "sparse") return {};
  if (shared === undefined) return readPattern(read, from, to, drawing);
  const given = own.find((option) => read[option] !== undefined);
  if (given !== undefined) {
    const why = "it has those of the shared synapse";
    throw new GraphError("bad-option", `\`${given}\` of ${of} can't be given: ${why}.`);
  }
  if (shared.pattern !== undefined) return { pattern: shared.pattern };
  const why = `it shares those of a sparse synapse, not of ${linkOf(shared.kind).title}`;
  throw new GraphError("bad-option", `The weights of ${of} can't be shared: ${why}.`);
}

/** The options of a synapse but `share`. */
export interface WeightOptions {
  /** Distinguishes a synapse from others between the same layers. */
  readonly name?: string;
  /** Kind of the synapse: `"dense"` by default, a matrix of weights. docs/reference.md has the kinds. */
  readonly kind?: SynapseKind;
  /** Whether the weights are frozen; `false` by default. */
  readonly frozen?: boolean;
  /** Adds the penalty l1 · Σ |w| to the whole cost; non-negative, 0 by default. */
  readonly l1?: number;
  /** Adds the penalty l2 · Σ w² to the whole cost; non-negative, 0 by default. */
  readonly l2?: number;
  /** After each step, the incoming weights of each unit are scaled down to this norm, √(Σ w²), where it is larger. */
  readonly maxNorm?: number;
  /**
   * Number of steps by which the source's values come later: each step of the target receives the source's step t - delay; 0
   * by default. A loop needs one, and its delays have one sign. Negative delays bring later steps.
   */
  readonly delay?: number;
  /** Brings the source's `"last"` or `"first"` step to all steps of the target; not with a delay, or inside a loop. */
  readonly at?: "last" | "first";
  /**
   * Extent of a window along each axis, or one number for all: of conv, convTranspose and pools. A pool whose target divides
   * its source needs none.
   */
  readonly kernel?: Extents;
  /** Distance of neighbouring windows; 1 by default, for a pool its kernel. */
  readonly stride?: Extents;
  /** Distance of neighbouring positions in the window; 1 by default. */
  readonly dilation?: Extents;
  /**
   * Cells around the source: a number, `[before, after]` for each axis, `"valid"`: none, or `"same"`: ⌈n / stride⌉ positions. By
   * default the one of `"valid"` and `"same"` that gives the target's shape. Of a convTranspose, around its target.
   */
  readonly padding?: Padding;
  /**
   * Number of groups of channels: a conv sums inside a group alone; 1 by default. As many as the source's channels make it
   * depthwise.
   */
  readonly groups?: number;
  /** Whether an averagePool divides by the padding's cells, too; `false` by default. */
  readonly countPadding?: boolean;
  /** Of `sparse`: pairs of units [from, to], or flat in a typed array. */
  readonly connections?: readonly (readonly [from: number, to: number])[] | Uint32Array;
  /** Of `sparse`: a matrix, (from, to), whose zeros are no connections, and whose other numbers are the first weights. */
  readonly matrix?: Data;
  /** Of `sparse`: the share of all pairs, which are drawn from the synapse's own random stream. */
  readonly density?: number;
  /** Of `gather`: for each unit of the target the unit of the source, -1 for none. */
  readonly units?: readonly number[] | Int32Array;
  /**
   * Initial weights, the graph's `init` by default: `"glorot"` in ±√(6 / (from + to)); `"he"` in ±√(6 / from), for deep
   * chains of relu; `"uniform"` in (-1, 1); and others.
   */
  readonly init?: Init;
}
