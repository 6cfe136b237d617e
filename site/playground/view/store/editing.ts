// Edits of the sketch, with their history: each is checked, recorded, shown and sent to the worker.

import { ref } from "vue";
import { check } from "../../model/build.ts";
import { setPrecision, setSeed, settingsOf } from "../../model/edit.ts";
import { SketchHistory } from "../../model/history.ts";
import type { Sketch } from "../../model/sketch.ts";
import { adapted, arranged } from "../starting.ts";
import type { Notices, Place } from "./notices.ts";
import type { State } from "./state.ts";
import type { Training } from "./training.ts";

/** Returns the edits of the state's sketch, which begins the history. */
export function createEditing(state: State, { notice, notify }: Notices, training: Training) {
  const { sketch, settings, selection, sample, gradient, fitting } = state;
  const { scores, trained, isRunning, reopen } = training;
  const history = new SketchHistory(sketch.value);
  const canUndo = ref(false);
  const canRedo = ref(false);

  /** Shows the sketch with its layers at other places. The worker's graph stays, and so do the settings in view. */
  function rearrange(next: Sketch) {
    sketch.value = next;
    canUndo.value = history.canUndo;
    canRedo.value = history.canRedo;
  }

  function show(next: Sketch) {
    rearrange(next);
    settings.value = settingsOf(next);
    const chosen = selection.value;
    const isGone =
      (chosen.kind === "synapse" && next.synapses[chosen.index] === undefined) ||
      ("name" in chosen && !next.layers.some(({ name }) => name === chosen.name));
    if (isGone) selection.value = { kind: "none" };
  }

  /** Takes an edit, unless the engine refuses it. Returns whether it was taken. */
  function edit(next: Sketch, place: Place): boolean {
    const refusal = check(next);
    if (
      refusal !== undefined &&
      refusal.code !== "unconnected" &&
      check(sketch.value)?.code !== refusal.code
    ) {
      notify(place, refusal);
      return false;
    }
    notice.value = undefined;
    history.replace(trained());
    history.push(next);
    show(next);
    void reopen();
    return true;
  }

  /** Opens another sketch, such as from a link or a file. */
  async function open(next: Sketch, places = false) {
    history.replace(trained());
    const placed = places ? adapted(next) : arranged(next);
    history.push(placed);
    selection.value = { kind: "none" };
    sample.value = undefined;
    gradient.value = undefined;
    scores.clear();
    show(placed);
    fitting.value++;
    await reopen(false);
  }

  /** Lays the drawing out anew where the page has become narrow or wide, unless a person has moved a layer. */
  function adapt() {
    const next = adapted(sketch.value);
    if (next === sketch.value) return;
    history.replace(next);
    rearrange(next);
    fitting.value++;
  }

  function travel(step: "undo" | "redo") {
    const wasRunning = isRunning();
    const before = sketch.value;
    history.replace(trained());
    const next = history[step]();
    const isMove = next.synapses === before.synapses && next.data === before.data && samePlan(next, before);
    if (isMove) {
      const moved = withPlaces(before, next);
      history.replace(moved);
      rearrange(moved);
      return;
    }
    show(next);
    scores.clear();
    void reopen(wasRunning);
  }

  return {
    history,
    canUndo,
    canRedo,
    show,
    rearrange,
    edit,
    open,
    adapt,
    setPrecision(precision: Sketch["precision"]) {
      edit(setPrecision(trained(), precision), { kind: "settings" });
    },
    reset(seed = sketch.value.seed) {
      const wasRunning = isRunning();
      const next = setSeed(trained(), seed);
      history.replace(next);
      scores.clear();
      show(next);
      void reopen(wasRunning);
    },
    undo: () => travel("undo"),
    redo: () => travel("redo"),
  };
}

/** Returns a sketch with the places of another one's layers, which are the same but for these. */
function withPlaces({ flow: _, ...sketch }: Sketch, { layers, flow }: Sketch): Sketch {
  return { ...sketch, layers, ...(flow !== undefined && { flow }) };
}

/** Returns whether two sketches have the same layers but for their places, and the same seed and precision. */
function samePlan(one: Sketch, other: Sketch): boolean {
  const plan = ({ layers, seed, precision }: Sketch) =>
    JSON.stringify([seed, precision, layers.map(({ x: _, y: __, ...rest }) => rest)]);
  return plan(one) === plan(other);
}

export type Editing = ReturnType<typeof createEditing>;
