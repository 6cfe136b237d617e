// The cells of gated networks: the layers and synapses that make up an LSTM or a GRU. calls/cell.ts adds them to a graph.

import { choice, flag, number, options } from "../base/options.js";
import type { ActivationOption } from "../rules/activation.js";
import type { Init } from "../rules/init.js";
import type { LayerOptions } from "./layer.js";
import type { WeightOptions } from "./synapse.js";

/**
 * A kind of cell by its name.
 *
 * @useDeclaredType
 */
export type CellKind = keyof CellParts;

/** For each cell, the last parts of the names of its inner layers. */
export interface CellParts {
  readonly lstm: "input" | "forget" | "candidate" | "output" | "write" | "keep" | "state" | "squash";
  readonly gru: "update" | "reset" | "recall" | "gated" | "candidate" | "open" | "write" | "keep";
}

/** A layer of a cell: an inner one, or `""`, the layer that has the cell's own name. */
type Part<K extends CellKind> = CellParts[K] | "";

/** The sources of a cell, at the place of a synapse's source. */
export const SOURCES = Symbol("sources");

/** A layer of a cell: its activation, linear if left out, and its options. */
export type PlannedLayer = LayerOptions & { readonly activation?: ActivationOption };

/** The layers of a cell in the order of their creation, and its synapses in connection order. */
export interface CellPlan<P extends string = string> {
  readonly layers: Readonly<Partial<Record<P, PlannedLayer>>>;
  readonly synapses: readonly (readonly [from: P | typeof SOURCES, to: P, options: WeightOptions])[];
}

/** The cells, each with the options that it alone has, and its plan. */
export const cells: { readonly [K in CellKind]: Cell<K> } = {
  lstm: { own: ["forgetBias", "peephole"], plan: lstm },
  gru: { own: ["reset"], plan: gru },
};

interface Cell<K extends CellKind> {
  readonly own: readonly string[];
  plan(read: Readonly<Record<string, unknown>>, of: string): CellPlan<Part<K>>;
}

const shared = [
  "activation",
  "gate",
  "backward",
  "initial",
  "dropout",
  "norm",
  "init",
  "recurrentInit",
  "l1",
  "l2",
];

/**
 * Returns the names of a cell's options.
 * @internal
 */
export function cellOptions(kind: CellKind): readonly string[] {
  return [...shared, ...cells[kind].own];
}

/**
 * Reads a cell's options and plans its layers and synapses, whose own options are read when these are added. `of` names the
 * cell in errors. Throws `bad-option`.
 * @internal
 */
export function planCell(kind: CellKind, given: unknown, of: string): CellPlan {
  return cells[kind].plan(options(given, cellOptions(kind), of), of);
}

/** A synapse of the kind identity, whose target receives the same step. */
const same = { kind: "identity" } as const;

/** A product of incoming values. */
const product = { bias: false, join: "product" } as const;

/** Reads the options that all cells have. */
function readShared(read: Readonly<Record<string, unknown>>, of: string) {
  const { activation = "tanh", gate = "sigmoid", recurrentInit = "orthogonal" } = read;
  const { backward = false, initial = false, dropout, norm, init, l1, l2 } = read;
  const delay = flag(backward, "backward", of) ? -1 : 1;
  // Options of layers and synapses are passed on unread.
  const squashed = { activation } as { readonly activation: ActivationOption };
  const normed = norm === undefined ? {} : ({ norm } as LayerOptions);
  const penalties = {
    ...(l1 === undefined ? {} : { l1 }),
    ...(l2 === undefined ? {} : { l2 }),
  } as Pick<WeightOptions, "l1" | "l2">;
  return {
    delay,
    squashed,
    gate: { ...normed, activation: gate as ActivationOption },
    candidate: { ...normed, ...squashed },
    /** Options of a layer whose past values the cell receives. */
    remembered: { initial: flag(initial, "initial", of) },
    /** Options of the layer that has the cell's own name. */
    own: dropout === undefined ? {} : ({ dropout } as LayerOptions),
    /** Options of the synapses from the sources, and from the cell's past values. */
    first: init === undefined ? penalties : { ...penalties, init: init as Init },
    recurrent: { ...penalties, delay, init: recurrentInit as Init },
    /** Options of all synapses with weights that are trained. */
    penalties,
    /** Options of the synapses from past values of a layer to the same units. */
    past: { kind: "identity", delay } as const,
  };
}

/**
 * Plans an LSTM: state = forget ⊙ state(t−1) + input ⊙ candidate, and the cell is output ⊙ tanh(state) (Gers et al. 2000).
 * Peepholes are diagonal (Gers and Schmidhuber 2000).
 */
function lstm(read: Readonly<Record<string, unknown>>, of: string): CellPlan<Part<"lstm">> {
  const { forgetBias = 1, peephole = false } = read;
  const { gate, candidate, squashed, remembered, own, first, recurrent, penalties, past } = readShared(
    read,
    of,
  );
  const bias = number(forgetBias, {}, `The forgetBias of ${of}`);
  const peeps = flag(peephole, "peephole", of);
  const peep = (delay: number) => ({ ...penalties, kind: "oneToOne", init: "zeros", delay }) as const;
  return {
    layers: {
      input: gate,
      forget: { ...gate, bias },
      candidate,
      output: gate,
      write: product,
      keep: product,
      state: { ...remembered, bias: false },
      squash: { ...squashed, bias: false },
      "": { ...product, ...remembered, ...own },
    },
    synapses: [
      ...(["input", "forget", "candidate", "output"] as const).flatMap((to) => [
        [SOURCES, to, first] as const,
        ["", to, recurrent] as const,
        ...(peeps && to !== "candidate"
          ? [["state", to, peep(to === "output" ? 0 : recurrent.delay)] as const]
          : []),
      ]),
      ["input", "write", same],
      ["candidate", "write", same],
      ["forget", "keep", same],
      ["state", "keep", past],
      ["keep", "state", same],
      ["write", "state", same],
      ["state", "squash", same],
      ["output", "", same],
      ["squash", "", same],
    ],
  };
}

/**
 * Plans a GRU: the cell is update ⊙ cell(t−1) + (1 − update) ⊙ candidate (Cho et al. 2014). The reset gate acts after the
 * product with the recurrent weights, as in cuDNN and PyTorch, or before it.
 */
function gru(read: Readonly<Record<string, unknown>>, of: string): CellPlan<Part<"gru">> {
  const { gate, candidate, remembered, own, first, recurrent, penalties, past } = readShared(read, of);
  const { reset = "after" } = read;
  const resetsAfter = choice(reset, { after: true, before: true }, `The reset of ${of}`) === "after";
  return {
    layers: {
      update: gate,
      reset: gate,
      ...(resetsAfter ? { recall: {} } : {}),
      gated: product,
      candidate,
      open: { bias: 1, frozen: true },
      write: product,
      keep: product,
      "": { ...remembered, ...own, bias: false },
    },
    synapses: [
      [SOURCES, "update", first],
      ["", "update", recurrent],
      [SOURCES, "reset", first],
      ["", "reset", recurrent],
      [SOURCES, "candidate", first],
      ...(resetsAfter
        ? ([
            ["", "recall", recurrent],
            ["reset", "gated", same],
            ["recall", "gated", same],
            ["gated", "candidate", same],
          ] as const)
        : ([
            ["reset", "gated", same],
            ["", "gated", past],
            ["gated", "candidate", { ...penalties, init: recurrent.init }],
          ] as const)),
      ["update", "open", { kind: "oneToOne", init: { name: "constant", value: -1 }, frozen: true }],
      ["open", "write", same],
      ["candidate", "write", same],
      ["update", "keep", same],
      ["", "keep", past],
      ["keep", "", same],
      ["write", "", same],
    ],
  };
}

/** Options of a cell, an LSTM or a GRU. */
export interface CellOptions {
  /** Activation of the candidate, and of an LSTM's state on its way out; `"tanh"` by default. */
  readonly activation?: ActivationOption;
  /** Activation of the gates; `"sigmoid"` by default. */
  readonly gate?: ActivationOption;
  /** Whether it runs from the last step to the first; `false` by default. Two cells make a bidirectional network. */
  readonly backward?: boolean;
  /** Whether its values before the first step are learnt, starting at 0; `false` by default: zeros. */
  readonly initial?: boolean;
  /** Dropout of the cell's values, which also hides them from its own gates; 0 by default. */
  readonly dropout?: number;
  /** Norm of the gates and of the candidate. */
  readonly norm?: "layer";
  /** Initial weights from the sources, each matrix by its own sizes; the graph's `init` by default. */
  readonly init?: Init;
  /** Initial weights from the cell's own past values; `"orthogonal"` by default. */
  readonly recurrentInit?: Init;
  /** Adds the penalty l1 · Σ |w| over all trained weights of the cell to the whole cost; non-negative, 0 by default. */
  readonly l1?: number;
  /** Adds the penalty l2 · Σ w² over all trained weights of the cell to the whole cost; non-negative, 0 by default. */
  readonly l2?: number;
}

export interface LstmOptions extends CellOptions {
  /** Initial bias of the forget gate; 1 by default, which keeps the state at first. */
  readonly forgetBias?: number;
  /** Whether the gates also receive the state, each unit its own, by weights that start at 0; `false` by default. */
  readonly peephole?: boolean;
}

export interface GruOptions extends CellOptions {
  /**
   * Whether the reset gate acts `"after"` the product with the recurrent weights, as in PyTorch and Keras, or `"before"` it,
   * as in brain.js (Cho et al. 2014). `"after"` by default.
   */
  readonly reset?: "after" | "before";
}
