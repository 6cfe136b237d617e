// A sketch: all that the playground draws, trains and shares, as plain data. The same sketch shows the same numbers anywhere.

/** Kinds of layers, in the order of a drawing. */
export type Kind = "input" | "hidden" | "output";

/** A layer: its name, its place in the drawing in pixels, and the engine's own options. */
export interface LayerSketch {
  readonly name: string;
  readonly kind: Kind;
  readonly size: number | readonly number[];
  /** `activation`, `loss` and the other options of `addHidden` or `addOutput`, JSON-safe; none for an input. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: number;
  readonly y: number;
}

/** A synapse, with the engine's own options, such as `kind`, `delay`, `kernel`, JSON-safe. */
export interface SynapseSketch {
  readonly from: string;
  readonly to: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Data to learn, all drawn from a seed. `share` is the share of rows that is held out, `noise` from 0 to 1. */
export type DataSketch =
  | {
      readonly kind: "plane";
      readonly name: PlaneName;
      readonly noise: number;
      readonly share: number;
      readonly seed: number;
    }
  | {
      readonly kind: "curve";
      readonly formula: string;
      readonly noise: number;
      readonly share: number;
      readonly seed: number;
    }
  | { readonly kind: "digits"; readonly count: number; readonly share: number; readonly seed: number }
  | { readonly kind: "iris"; readonly share: number; readonly seed: number }
  | {
      readonly kind: "series";
      readonly name: SeriesName;
      readonly noise: number;
      readonly share: number;
      readonly seed: number;
    }
  | { readonly kind: "characters"; readonly text: string; readonly steps: number; readonly share: number }
  | {
      readonly kind: "table";
      /** The text of a CSV file. */
      readonly text: string;
      /** Names of columns. */
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
      readonly share: number;
      readonly seed: number;
    };

export type PlaneName = "circles" | "xor" | "spirals" | "gauss";
export type SeriesName = "sine" | "beats" | "logistic";

/** Settings that may change while a graph is in training. */
export interface Settings {
  /** An optimizer by name, with the options of the engine that differ from its defaults; `rate` is always there. */
  readonly optimizer: { readonly name: string; readonly rate: number } & Readonly<
    Record<string, number | boolean | string>
  >;
  readonly batchSize: number;
  /** Dropout of all hidden layers that set none of their own. */
  readonly dropout: number;
  /** Penalties of all synapses with weights. */
  readonly l1: number;
  readonly l2: number;
}

export interface Sketch {
  readonly version: 1;
  /** In order of creation, on which the parameters depend. */
  readonly layers: readonly LayerSketch[];
  readonly synapses: readonly SynapseSketch[];
  readonly data: DataSketch;
  readonly seed: number;
  readonly precision: "float64" | "float32";
  /** At the first step. */
  readonly settings: Settings;
  /** Settings that changed later, each from the step after `step` on, in order. */
  readonly changes: readonly { readonly step: number; readonly settings: Settings }[];
  /** Steps that the graph has been trained. */
  readonly steps: number;
}
