// Pieces of resident data, evaluated one after another: some rows, or some time steps of some sequences.

import type { Network } from "../calls/network.js";
import type { OutputRows } from "../calls/outputs.js";
import { Past } from "../calls/past.js";
import type { Span } from "../calls/sequence.js";
import { spansOf } from "../calls/spans.js";
import { dropSteps, ensureSteps, useSteps } from "../memory/steps.js";
import type { Times } from "../memory/times.js";
import { findAcausal } from "../model/time.js";
import { Gatherer } from "./gather.js";
import type { ResidentData } from "./resident.js";

/** The pieces of some data. */
export interface Pieces {
  readonly count: number;
  /** Begins an evaluation. */
  begin(): void;
  /** Computes the outputs of a piece, and copies them. */
  compute(piece: number, outputs: OutputRows): void;
  /** Takes room for the gradients of the first piece, and enters its data. Returns its samples. */
  enterFirst(): number;
}

/** Samples of a piece without steps. */
const PIECE = 64;

/** Pieces of data without steps. */
export class RowPieces implements Pieces {
  readonly count: number;
  readonly #network: Network;
  readonly #data: ResidentData;

  /** Throws `out-of-memory`. */
  constructor(network: Network, data: ResidentData) {
    this.#network = network;
    this.#data = data;
    this.count = Math.ceil(data.rows / PIECE);
    network.memory.ensure(data.pass, Math.min(PIECE, data.rows));
  }

  begin(): void {}

  compute(piece: number, outputs: OutputRows): void {
    const { memory } = this.#network;
    const { call } = memory.core;
    const { pass, rows, feeds } = this.#data;
    const from = piece * PIECE;
    const count = Math.min(PIECE, rows - from);
    // A call of the caller's, between two pieces, may have had steps.
    dropSteps(memory, pass);
    call.gather(feeds, pass.inputs.length, 0, from, count);
    call.predict(pass.record, count);
    pass.setRows(count);
    outputs.copy(from, count);
  }

  enterFirst(): number {
    const { memory, training } = this.#network;
    const { pass, rows, feeds, slots, isWeighted } = this.#data;
    const count = Math.min(PIECE, rows);
    training.ensure(pass, count, "gradients", isWeighted);
    dropSteps(memory, pass);
    memory.core.call.gather(feeds, slots.length, 0, 0, count);
    return count;
  }
}

/** Pieces of sequences. If no value depends on later steps, a state is carried from piece to piece. */
export class SpanPieces implements Pieces {
  readonly #network: Network;
  readonly #data: ResidentData;
  readonly #spans: readonly Span[];
  readonly #gatherer: Gatherer;
  /** Present if a piece has a step before it. */
  readonly #past: Past | undefined;

  /** Throws `out-of-memory`. */
  constructor(network: Network, data: ResidentData, times: Times) {
    const { memory, topology } = network;
    const { pass } = data;
    this.#network = network;
    this.#data = data;
    const isCausal = findAcausal(pass.layers, (layer) => pass.isTimed(layer)) === undefined;
    this.#spans = [...spansOf(times, pass.piece, isCausal)];
    if (this.#spans.some(({ step }) => step > 0)) this.#past = new Past(topology, memory, times.samples);
    for (const span of this.#spans) ensureSteps(memory, pass, span.times, this.#past !== undefined);
    const most = { rows: 0, samples: 0 };
    for (const { times } of this.#spans) {
      most.rows = Math.max(most.rows, times.rows);
      most.samples = Math.max(most.samples, times.samples);
    }
    this.#gatherer = new Gatherer(memory, data, most);
  }

  get count(): number {
    return this.#spans.length;
  }

  begin(): void {
    this.#past?.reset();
  }

  compute(piece: number, outputs: OutputRows): void {
    const { memory } = this.#network;
    const { pass, times: whole } = this.#data;
    const span = this.#spans[piece]!;
    const { times, step } = span;
    const places = placesOf(span);
    const past = this.#past;
    useSteps(memory, pass, times, past !== undefined);
    past?.enter(memory, pass, times, places);
    this.#gatherer.gather({ times, step, places }, true);
    memory.core.call.predict(pass.record, times.samples);
    pass.setRows(times.samples);
    outputs.copySpan(whole!, span);
    past?.carry(memory, pass, times, places);
  }

  enterFirst(): number {
    const { memory, training } = this.#network;
    const { pass, isWeighted } = this.#data;
    const span = this.#spans[0]!;
    const { times, step } = span;
    training.ensureSteps(pass, times, "gradients", isWeighted, false);
    useSteps(memory, pass, times, false);
    this.#gatherer.gather({ times, step, places: placesOf(span) }, false);
    return times.samples;
  }
}

/** Returns the places of a span's samples in the order of the data. */
function placesOf({ times, first }: Span): number[] {
  return Array.from({ length: times.samples }, (_, i) => first + i);
}
