// Neurons that were wired one by one, their wires, and the layers that they become.

import type { ActivationOption, Graph, Layer } from "../../index.js";

/** A neuron: the values of `activation` at scale · state + shift, where the state is the bias and the sum of its wires. */
export interface Neuron {
  readonly kind: "input" | "hidden" | "output";
  readonly activation: ActivationOption;
  readonly scale: number;
  readonly shift: number;
  readonly bias: number;
  /** Factor of its value for other neurons. */
  readonly gain: number;
  /** Whether its bias and its wires don't learn. */
  readonly isFrozen: boolean;
  /** Its state and its value before the first step. */
  readonly before: { readonly state: number; readonly value: number };
}

/** The usual numbers of a neuron. */
export const plainNeuron = {
  scale: 1,
  shift: 0,
  gain: 1,
  isFrozen: false,
  before: { state: 0, value: 0 },
} as const;

/**
 * A connection from a neuron to another, by their indices. From a later neuron it brings the value of the last step. From the
 * neuron itself it brings the state of the last step, before the activation.
 */
export interface Wire {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  /**
   * A neuron whose value multiplies the weight: the value of this step, if it is earlier than `to`, else of the last one. Before
   * the first step it is 1. An input gates nothing.
   */
  readonly gater: number | undefined;
}

/** Neurons of one layer: they have one activation, and the same source layers and gates. */
export interface Group {
  readonly kind: Neuron["kind"];
  readonly activation: ActivationOption;
  /** Whether any of them receives anything. */
  hears: boolean;
  readonly members: number[];
}

export interface Grouping {
  /** The groups, each after those that it receives in the same step. */
  readonly groups: readonly Group[];
  /** The group of each neuron, and its place there. */
  readonly groupOf: readonly number[];
  readonly place: readonly number[];
}

/** The layers of a group of neurons. */
export interface Site {
  /** The layer that has their values. */
  readonly layer: Layer;
  /** The layer that has their states: the same, unless neurons of the group receive their own state. */
  readonly sums: Layer;
}

/** Returns the factor of what a neuron's layer receives: its scale, unless the activation is in another layer. */
export function factorOf({ scale }: Neuron, { layer, sums }: Site): number {
  return layer === sums ? scale : 1;
}

/** The layers of all groups, in a graph. */
export interface Layout extends Grouping {
  readonly graph: Graph;
  readonly sites: readonly Site[];
}
