// The declaration of a graph, and its readers.

import { GraphError } from "../base/error.js";
import { choice, options } from "../base/options.js";
import { show } from "../base/text.js";
import type { ActivationOption } from "../rules/activation.js";
import type { LossOption } from "../rules/loss.js";
import type { Size } from "../rules/shape.js";
import {
  type CellKind,
  type CellParts,
  cellOptions,
  cells,
  type GruOptions,
  type LstmOptions,
} from "./cell.js";
import {
  type InputOptions,
  type LayerKind,
  type LayerOptions,
  layerOptions,
  type OutputOptions,
} from "./layer.js";

/** Reads a seed, or draws one. Throws `bad-option`. */
export function readSeed(given: unknown): number {
  if (given === undefined) return Math.floor(Math.random() * 2 ** 32); // Node would take 3 ms to load its `crypto`
  if (typeof given === "number" && Number.isInteger(given) && given >= 0 && given < 2 ** 32)
    return given >>> 0;
  throw new GraphError("bad-option", `A seed is a whole number from 0 to 2³² - 1, not ${show(given)}.`);
}

/** A layer of a declaration, whose members are still to be read. */
interface DeclaredLayer {
  readonly name: string;
  readonly size: unknown;
  readonly activation?: unknown;
  readonly loss?: unknown;
  readonly options?: unknown;
}

/** A cell of a declaration, whose members but its kind are still to be read. */
interface DeclaredCell {
  readonly name: string;
  readonly cell: CellKind;
  readonly size: unknown;
  readonly from: unknown;
  readonly options: unknown;
}

/** Reads the layers and cells of a declaration. Throws `bad-option`. */
export function readLayers(kind: LayerKind, given: unknown): (DeclaredLayer | DeclaredCell)[] {
  const what = kind === "hidden" ? "hidden layers" : `${kind}s`;
  if (given === undefined) return [];
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw new GraphError("bad-option", `The ${what} are an object of sizes by name, not ${show(given)}.`);
  }
  const more = { input: [], hidden: ["cell"], output: ["loss"] }[kind];
  const known = ["size", "activation", ...more, ...layerOptions[kind]];
  return Object.entries(given).map(([name, spec]: [string, unknown]) => {
    if (typeof spec !== "object" || spec === null || Array.isArray(spec)) return { name, size: spec };
    if (kind === "hidden" && "cell" in spec && spec.cell !== undefined) return readCell(name, spec);
    const { size, activation, loss, cell: _, ...rest } = options(spec, known, `the layer ${show(name)}`);
    return { name, size, activation, loss, options: rest };
  });
}

/** Reads a cell of a declaration. Throws `bad-option`. */
function readCell(name: string, spec: { readonly cell?: unknown }): DeclaredCell {
  const cell = choice(spec.cell, cells, `The cell of ${show(name)}`);
  const known = ["cell", "size", "from", ...cellOptions(cell)];
  const { cell: _, size, from, ...rest } = options(spec, known, `the ${cell} ${show(name)}`);
  if (from === undefined) {
    const why = "it is the layer that the cell receives from, or several";
    throw new GraphError("bad-option", `The ${cell} ${show(name)} needs \`from\`: ${why}.`);
  }
  return { name, cell, size, from, options: rest };
}

/** Yields the synapses of a declaration: from, to, options. Throws `bad-option`. */
export function* readSynapses(given: unknown): Iterable<readonly unknown[]> {
  if (given === undefined) return;
  if (!Array.isArray(given)) {
    throw new GraphError("bad-option", `The synapses are an array, not ${show(given)}.`);
  }
  for (const pair of given as unknown[]) {
    if (!Array.isArray(pair) || pair.length < 2 || pair.length > 3) {
      throw new GraphError("bad-option", `A synapse is declared as [from, to, options?], not ${show(pair)}.`);
    }
    yield pair;
  }
}

/** An input in a declaration: its size or shape alone, or with options. */
export type InputSpec =
  | Size
  | (InputOptions & { readonly size: Size; readonly activation?: ActivationOption });

/** A layer in a declaration: its size or shape alone, or with options. */
export type LayerSpec = Size | LayerFacts;

type LayerFacts = LayerOptions & { readonly size: Size; readonly activation?: ActivationOption };

/** A hidden layer in a declaration, which has no option of a cell. */
export type HiddenSpec =
  | Size
  | (LayerFacts & {
      readonly [K in Exclude<
        keyof LstmOptions | keyof GruOptions | "cell" | "from",
        keyof LayerFacts
      >]?: never;
    });

/** A cell in a declaration: an LSTM or a GRU, with the names of its sources. */
export type CellSpec<Source extends string = string, Cell extends CellKind = CellKind> =
  | (LstmOptions & CellFacts<Source> & { readonly cell: Cell & "lstm" })
  | (GruOptions & CellFacts<Source> & { readonly cell: Cell & "gru" });

interface CellFacts<Source extends string> {
  readonly size: number;
  /** The layer that it receives from, or several: inputs, or hidden layers that are declared before it. */
  readonly from: Sources<Source>;
}

/** A layer that a cell receives from, or several. */
export type Sources<Source> = Source | readonly Source[];

/** Names of layers: those of hidden layers and cells, and those of the inner layers of cells. */
export type HiddenName<Hidden extends string, Cell extends CellKind> =
  | Hidden
  | (Cell extends CellKind ? `${Hidden}.${CellParts[Cell]}` : never);

/** An output in a declaration: its size or shape alone, or with options. */
export type OutputSpec =
  | Size
  | (OutputOptions & {
      readonly size: Size;
      readonly activation?: ActivationOption;
      readonly loss?: LossOption;
    });

/** Kinds of cell if none was declared: none if the hidden layers are known, any if they are not. */
export type UndeclaredCell<Hidden extends string> = string extends Hidden ? CellKind : never;

/** Some of a record's keys, at least one. */
export type SomeOf<N extends string, V> = string extends N
  ? Readonly<Record<string, V>>
  : { [K in N]: Readonly<Record<K, V> & Partial<Record<N, V>>> }[N];

/** Names of hidden layers if none was declared: none if the other names are known, any if they are not. */
export type Undeclared<Known extends string> = string extends Known ? string : never;
