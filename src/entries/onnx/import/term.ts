// A tensor whose rows are samples: a bias and a sum of linear maps of layers.

import type { ActivationOption } from "../../../index.js";
import type { Shape } from "../../../rules/shape.js";
import type { WindowKind } from "../../../rules/window.js";
import type { Numbers } from "./tensor.js";

/** Places of the batch and of the steps in a tensor's shape. All other axes are units. */
export interface Axes {
  /** The place of the batch; -1 in a file of one sample. */
  readonly batch: number;
  /** The place of the steps; -1 without steps, and the batch's place if one axis has both. */
  readonly time: number;
  /** Whether an axis of both has all samples of a step together; otherwise all steps of a sample. */
  readonly isStepwise?: boolean;
}

/** Axes of a tensor whose first axis is the batch. */
export const BATCH_FIRST: Axes = { batch: 0, time: -1 };

/** Returns the places that are no units, in order. */
export function placesOf({ batch, time }: Axes): number[] {
  const found = [batch, time].filter((place) => place >= 0);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Steps outside the sequence that a value has too, or, where negative, steps that it lacks. */
export interface Span {
  readonly before: number;
  readonly after: number;
  /** The row at the steps outside; undefined before one is given. */
  readonly outside: Numbers | undefined;
}

/** A layer to be made. */
export interface LayerPlan {
  /** The tensor that it computes. */
  readonly label: string;
  readonly size: number;
  readonly activation: ActivationOption;
  terms: readonly Term[];
  bias: Numbers | undefined;
  /** Gain of a layer norm, if there is one. */
  readonly gain: Numbers | undefined;
  readonly isProduct?: boolean;
  /** For an input: whether it has one value for all steps. */
  readonly isTimeless?: boolean;
  /** The values outside the sequence, once a delay needs them. */
  initial?: Numbers;
  /** Whether it is an input of class numbers; and how many there are, once a table tells. */
  readonly isClasses?: boolean;
  classes?: number;
  /** Dimensions of the units in the file. */
  readonly dims?: readonly number[];
  /** The shape of the graph's layer, with its channels last, once something needs one. */
  shape?: Shape;
  /** For each unit of that shape the unit here; undefined where the order is the same. */
  order?: Int32Array | undefined;
  /** Whether windows asked for its shape. */
  isImage?: boolean;
  /** The axes of windows that take it for one position. */
  rank?: number;
  /** The group of each unit over which its norm goes, unless that is all units; and its softmax. */
  readonly groups?: Int32Array | undefined;
  readonly rows?: Int32Array | undefined;
  /** Whether it stands for a state variable of a body, until the body is read. */
  readonly isState?: boolean;
  kind: "input" | "hidden" | "output";
  name: string;
}

/** A source layer's term: its units picked and scaled, multiplied by a dense matrix, or mapped otherwise. */
export interface Term {
  readonly from: LayerPlan;
  readonly map: Pick | Dense | Windowed | Table;
  /** Steps by which the source comes later; 0 if left out. */
  readonly delay?: number;
  /** The one step of the source that it has. */
  readonly at?: "last" | "first" | undefined;
}

/** y[j] = scale[j] · x[index[j]], and 0 where the index is -1; without an index, x[j]. */
export interface Pick {
  readonly index: Int32Array | undefined;
  readonly scale: Numbers | undefined;
  /** Whether the scale is the file's, and so learns. */
  readonly learns?: boolean;
}

/** (units of the source, units here), row-major. */
export interface Dense {
  readonly matrix: Numbers;
  /** Whether the matrix belongs to an operator and not to the file, and so doesn't learn. */
  readonly fixed?: boolean;
}

/** A map by windows between layers of two shapes, whose channels are last. In the file they are first at both ends. */
export interface Windowed {
  readonly kind: WindowKind;
  readonly from: Shape;
  readonly to: Shape;
  readonly window: {
    readonly kernel?: readonly number[];
    readonly stride?: readonly number[];
    readonly dilation?: readonly number[];
    readonly padding?: readonly (readonly [number, number])[];
    readonly groups?: number;
    readonly countPadding?: boolean;
  };
  /** Weights of a conv or its transpose in the order of the graph: (…kernel, channels of a group, channels). */
  readonly weights?: Numbers;
}

/** Rows of a table by class numbers: (classes, columns), row-major. */
export interface Table {
  readonly table: Numbers;
}

/**
 * bias + Σ terms; with a gain, bias + gain ⊙ (Σ terms, normed over the units). A product has Π instead of Σ. The number of units
 * is the product of dims.
 */
export interface Value {
  /** Dimensions of the units; `axes` has the places of the others. */
  readonly dims: readonly number[];
  readonly axes: Axes;
  readonly isProduct?: boolean;
  readonly span?: Span;
  readonly terms: readonly Term[];
  readonly bias: Numbers | undefined;
  readonly gain: Numbers | undefined;
  /** The group of each unit over which its norm goes, unless that is all units. */
  readonly groups?: Int32Array | undefined;
}

export function isPick(map: Term["map"]): map is Pick {
  return "index" in map;
}

export function isDense(map: Term["map"]): map is Dense {
  return "matrix" in map;
}

export function isWindowed(map: Term["map"]): map is Windowed {
  return "window" in map;
}

export function isTable(map: Term["map"]): map is Table {
  return "table" in map;
}
