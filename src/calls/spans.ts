// Data with steps of more rows than a piece has, computed in spans. A span has some samples and, where no value depends on later
// steps, some of their steps. A past carries each sample to its next span, so that states take a piece's room for any length.

import { BLOCK_SAMPLES } from "../../assembly/abi.js";
import { ensureSteps, useSteps } from "../memory/steps.js";
import { Times } from "../memory/times.js";
import { findAcausal } from "../model/time.js";
import type { Bindable, Bound, BoundSteps } from "./bound.js";
import { Past } from "./past.js";
import type { Span } from "./sequence.js";
import { checkFinite } from "./status.js";
import { enterSteps, placeIn, rowsIn } from "./stepdata.js";

/** A call whose data has steps. */
export type Stepped = Bound & { readonly steps: BoundSteps };

/** Returns whether the data of a call is computed in spans. */
export function isSpanned({ pass, steps }: Stepped): boolean {
  return steps.times.rows > pass.piece;
}

/** The spans of a call, and the state that they carry. */
export class Spans {
  readonly #net: Bindable;
  readonly #bound: Stepped;
  readonly #spans: readonly Span[];
  /** Present if a span has a step before it. */
  readonly #past: Past | undefined;

  /** Takes room for the spans of a call whose data `bind` has left. Throws `out-of-memory`. */
  constructor(net: Bindable, bound: Stepped) {
    this.#net = net;
    this.#bound = bound;
    const { memory, topology } = net;
    const { pass, timing, steps } = bound;
    const isCausal = findAcausal(pass.layers, (layer) => pass.isTimed(layer)) === undefined;
    this.#spans = [...spansOf(steps.times, pass.piece, isCausal)];
    const isCarried = timing?.past !== undefined || this.#spans.some(({ step }) => step > 0);
    if (isCarried) this.#past = timing?.past?.clone() ?? new Past(topology, memory, steps.times.samples);
    for (const { times } of this.#spans) ensureSteps(memory, pass, times, isCarried);
  }

  /**
   * Writes the inputs span by span, and calls `work` for each. All data is checked first, so that a refusal has computed
   * nothing. `enterTargets` writes and checks targets.
   */
  run(work: (span: Span) => void, enterTargets?: () => void): void {
    const { memory } = this.#net;
    const { pass, timing, steps } = this.#bound;
    const { times: whole } = steps;
    const past = this.#past;
    memory.read("bad-shape", "The data", () => {
      for (const span of this.#spans) this.#enterInputs(span, true);
      enterTargets?.();
      for (const span of this.#spans) {
        const { times, first } = span;
        useSteps(memory, pass, times, past !== undefined);
        this.#enterInputs(span, false);
        const samples = Array.from({ length: times.samples }, (_, i) => whole.sampleAt(first + i));
        const chosen =
          timing?.chosen === undefined ? samples : samples.map((sample) => timing.chosen![sample]!);
        past?.enter(memory, pass, times, chosen);
        work(span);
        past?.carry(memory, pass, times, chosen);
      }
    });
  }

  /** Moves the state of the call. */
  finish(): void {
    const given = this.#bound.timing?.past;
    if (given !== undefined) given.follow(this.#past!);
  }

  #enterInputs(span: Span, isChecked: boolean): void {
    const { memory } = this.#net;
    const { pass, steps } = this.#bound;
    for (const data of steps.data.slice(0, pass.inputs.length)) {
      const { slot, isTimed } = data;
      const { input } = slot.states;
      enterSteps(data, steps.times, span, memory.core, input);
      if (!isChecked) continue;
      checkFinite(memory, slot, input, rowsIn(data, span), (row) => placeIn(isTimed, steps.times, span, row));
    }
  }
}

/** Yields the spans of a call, each of at most `most` rows, or one step of the least number of samples. */
export function* spansOf(whole: Times, most: number, isCausal: boolean): Iterable<Span> {
  const { samples } = whole;
  for (let first = 0; first < samples; ) {
    const longest = whole.lengthOf(whole.sampleAt(first));
    const fitting = Math.max(1, Math.floor(most / longest));
    const wanted = isCausal ? Math.max(fitting, Math.min(BLOCK_SAMPLES, most)) : fitting;
    const count = Math.min(wanted, samples - first);
    const steps = isCausal ? Math.max(1, Math.floor(most / count)) : longest;
    for (let step = 0; step < longest; step += steps) {
      const lengths: number[] = [];
      for (let place = first; place < first + count; place++) {
        const left = whole.lengthOf(whole.sampleAt(place)) - step;
        if (left > 0) lengths.push(Math.min(left, steps));
      }
      yield { times: new Times(lengths.length, lengths), first, step };
    }
    first += count;
  }
}
