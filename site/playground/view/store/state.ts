// The values that all parts of the store share: the sketch, its training and the choices of the person.

import { ref, shallowRef } from "vue";
import { settingsOf } from "../../model/edit.ts";
import type { Lesson } from "../../model/lesson.ts";
import type { Sketch } from "../../model/sketch.ts";
import type { Failure, Look } from "../../worker/message.ts";

export type Selection =
  | { readonly kind: "none" }
  | { readonly kind: "layer"; readonly name: string }
  | { readonly kind: "unit"; readonly name: string; readonly unit: number }
  | { readonly kind: "synapse"; readonly index: number };

export interface Status {
  readonly running: boolean;
  readonly step: number;
  readonly epoch: number;
  readonly speed: number;
}

/** A sample by its row, or values of one's own. */
export type Sample = NonNullable<Look["sample"]>;

const RESTING: Status = { running: false, step: 0, epoch: 0, speed: 0 };

/** Returns the values for a sketch that the worker has yet to open. */
export function createState(initial: Sketch) {
  return {
    sketch: shallowRef(initial),
    settings: shallowRef(settingsOf(initial)),
    /** The data of the open sketch, as the worker read them. */
    lesson: shallowRef<Lesson>(),
    /** Whether the worker has a sketch open. */
    ready: ref(false),
    /** The steps that are taken anew before a sketch is open. */
    replay: shallowRef<{ step: number; steps: number }>(),
    status: shallowRef(RESTING),
    /** The end of a training whose numbers are no longer finite. */
    failure: shallowRef<Failure>(),
    selection: shallowRef<Selection>({ kind: "none" }),
    sample: shallowRef<Sample>(),
    gradient: shallowRef<NonNullable<Look["gradient"]>>(),
    /** Counts the layouts after which the whole graph is shown. */
    fitting: ref(0),
    /** The text that screen readers say. */
    spoken: ref(""),
  };
}

export type State = ReturnType<typeof createState>;
