// A sketch: all that the playground draws, trains and shares, as plain data. The same sketch shows the same numbers anywhere.

/** Kinds of layers, in the order of a drawing. */
export type Kind = "input" | "hidden" | "output";

/** A layer: its name, its place in the drawing in pixels, and the engine's own options. */
export interface LayerSketch {
  readonly name: string;
  readonly kind: Kind;
  readonly size: number | readonly number[];
  /**
   * `activation`, `loss` and the engine's other options of the layer, JSON-safe. A hidden layer with `cell`, `"lstm"` or
   * `"gru"`, is a cell with the options of `addLstm` or `addGru`. Plain synapses that lead to it are its sources.
   */
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
  | {
      readonly kind: "characters";
      readonly text: string;
      /** Characters of a row. */
      readonly steps: number;
      readonly share: number;
      readonly seed: number;
    }
  | {
      readonly kind: "table";
      /** The text of a CSV file. */
      readonly text: string;
      /** Names of columns. */
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
      /** Chosen columns whose values are classes, not numbers. */
      readonly classes: readonly string[];
      /** Scaling of the columns of numbers, fitted to the training rows. */
      readonly scaling: "standard" | "none";
      readonly share: number;
      readonly seed: number;
    }
  /** No data, as for a file that was opened: the graph can be seen and taken away, but not trained. */
  | { readonly kind: "none" };

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
  /** Penalties of the weights of all synapses and cells that set none of their own. */
  readonly l1: number;
  readonly l2: number;
}

/** A part of a sketch: a layer by its name, or a synapse by its place in the list. */
export type Part = { readonly layer: string } | { readonly synapse: number };

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
  /**
   * A safetensors file of the engine in base64, of a graph that was opened. Layers and synapses that it also has begin with
   * its parameters.
   */
  readonly start?: string;
  /** `"down"` where the drawing leads from top to bottom; without it from left to right. */
  readonly flow?: "down";
}

/** The direction of a drawing, from its inputs to its outputs. */
export type Flow = "right" | "down";

/** Returns the direction of a sketch's drawing. */
export function flowOf({ flow }: Pick<Sketch, "flow">): Flow {
  return flow ?? "right";
}
