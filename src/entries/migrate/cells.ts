// The inner layers of recurrent cells: gates, products and sums, named after the cell, as docs/migrate.md lists them.

import type { ActivationOption, Graph, Layer, LayerOptions } from "../../index.js";
import type { Squash } from "./activations.js";

/** The place of a cell: where its layers go, and how its loop runs. */
export interface Place {
  readonly graph: Graph;
  /** Name of the cell; the names of its inner layers begin with it. */
  readonly name: string;
  readonly size: number;
  /** 1, or -1 for a cell that reads its steps backwards. */
  readonly delay: number;
  /** Returns the name of an inner layer. */
  part(name: string): string;
  /** Joins two layers by a matrix (size of from, size of to), which calls of one layer may share. */
  dense(from: Layer, to: Layer, matrix: Float64Array, delay: number): void;
}

/** A gate's layer, which has its sources already, and its matrix for the cell's own values, (size, size). */
export interface Gate {
  readonly layer: Layer;
  readonly own: Float64Array;
}

/** A source of a sum or a product, unit by unit: a layer, or a layer's values of an earlier step. */
type Source = Layer | readonly [layer: Layer, delay: number];

const PRODUCT: LayerOptions = { bias: false, join: "product" };
const SUM: LayerOptions = { bias: false };

function layer(place: Place, name: string, options: LayerOptions, activation: ActivationOption = "linear") {
  return place.graph.addHidden(name, place.size, activation, options);
}

/** Joins sources to a layer, each of its size. */
function join({ graph }: Place, to: Layer, ...sources: readonly Source[]): void {
  for (const source of sources) {
    const [from, delay] = "size" in source ? [source, 0] : source;
    graph.connect(from, to, { kind: "identity", delay });
  }
}

/** Joins a layer to another by one number for all units, which doesn't learn. */
function multiply({ graph, size }: Place, from: Layer, to: Layer, factor: number): void {
  const values = new Float64Array(size).fill(factor);
  graph.connect(from, to, { kind: "oneToOne", init: { values }, frozen: true });
}

function recur(place: Place, cell: Layer, gates: readonly Gate[]): void {
  for (const { layer, own } of gates) place.dense(cell, layer, own, place.delay);
}

/** Adds a cell of one layer, which is its own gate. */
export function simpleCell(place: Place, gate: Gate): Layer {
  recur(place, gate.layer, [gate]);
  return gate.layer;
}

export interface LstmGates {
  readonly input: Gate;
  readonly forget: Gate;
  readonly candidate: Gate;
  readonly output: Gate;
}

/**
 * Adds an LSTM behind its gates: cell = output ⊙ squash, squash = activation(state), state = forget ⊙ state(t - 1) + input ⊙
 * candidate.
 */
export function lstmCell(place: Place, gates: LstmGates, { activation, scale }: Squash): Layer {
  const { input, forget, candidate, output } = gates;
  const write = layer(place, place.part("write"), PRODUCT);
  const keep = layer(place, place.part("keep"), PRODUCT);
  const state = layer(place, place.part("state"), SUM);
  const squash = layer(place, place.part("squash"), SUM, activation);
  const cell = layer(place, place.name, PRODUCT);
  recur(place, cell, [input, forget, candidate, output]);
  join(place, write, input.layer, candidate.layer);
  join(place, keep, forget.layer, [state, place.delay]);
  join(place, state, keep, write);
  if (scale === 1) join(place, squash, state);
  else multiply(place, state, squash, scale);
  join(place, cell, output.layer, squash);
  return cell;
}

/**
 * Adds the LSTM of brain.js, which keeps its own output in place of a state: cell = output ⊙ tanh(forget ⊙ cell(t - 1) + input ⊙
 * candidate).
 */
export function statelessLstmCell(place: Place, gates: LstmGates): Layer {
  const { input, forget, candidate, output } = gates;
  const write = layer(place, place.part("write"), PRODUCT);
  const keep = layer(place, place.part("keep"), PRODUCT);
  const squash = layer(place, place.part("squash"), SUM, "tanh");
  const cell = layer(place, place.name, PRODUCT);
  recur(place, cell, [input, forget, candidate, output]);
  join(place, write, input.layer, candidate.layer);
  join(place, keep, forget.layer, [cell, place.delay]);
  join(place, squash, keep, write);
  join(place, cell, output.layer, squash);
  return cell;
}

export interface GruGates {
  readonly update: Gate;
  readonly reset: Gate;
  readonly candidate: Gate;
  /** Bias of the cell's part in the candidate, where the reset comes after its matrix; `undefined` where it comes before. */
  readonly recall?: Float64Array | false;
}

/**
 * Adds a GRU behind its gates: cell = (1 - update) ⊙ candidate + update ⊙ cell(t - 1). The candidate receives (reset ⊙ cell(t -
 * 1)) · own, or with `recall` reset ⊙ (cell(t - 1) · own + recall).
 */
export function gruCell(place: Place, { update, reset, candidate, recall: bias }: GruGates): Layer {
  const { delay } = place;
  const recall = bias === undefined ? undefined : layer(place, place.part("recall"), { bias });
  const gated = layer(place, place.part("gated"), PRODUCT);
  const open = layer(place, place.part("open"), { bias: 1, frozen: true });
  const write = layer(place, place.part("write"), PRODUCT);
  const keep = layer(place, place.part("keep"), PRODUCT);
  const cell = layer(place, place.name, SUM);
  recur(place, cell, [update, reset]);
  if (recall === undefined) {
    join(place, gated, reset.layer, [cell, delay]);
    place.dense(gated, candidate.layer, candidate.own, 0);
  } else {
    place.dense(cell, recall, candidate.own, delay);
    join(place, gated, reset.layer, recall);
    join(place, candidate.layer, gated);
  }
  multiply(place, update.layer, open, -1);
  join(place, write, open, candidate.layer);
  join(place, keep, update.layer, [cell, delay]);
  join(place, cell, keep, write);
  return cell;
}
