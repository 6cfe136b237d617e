// The training in the worker: orders to it, and the frames, scores and counters that come back.

import { ref, watch } from "vue";
import { settingsOf } from "../../model/edit.ts";
import type { Settings, Sketch } from "../../model/sketch.ts";
import type { Failure, Frame } from "../../worker/message.ts";
import { type Client, createClient, RefusedError } from "../client.ts";
import { createFrames } from "../frames.ts";
import { createScores } from "../scores.ts";
import { figure, percent } from "../words.ts";
import { type Notices, placeOf } from "./notices.ts";
import type { State } from "./state.ts";

/** Milliseconds between two texts of the counters. */
const COUNTED = 50;

/** Steps a second at which one can watch. */
export const NORMAL = 400;

/** Returns the training of the state's sketch in a worker. */
export function createTraining(state: State, { notice, notify }: Notices, worker: Worker) {
  const { sketch, settings, lesson, ready, replay, status, failure, spoken } = state;
  /** Most steps a second; undefined for as many as possible. */
  const pace = ref<number | undefined>(NORMAL);
  const scores = createScores();

  const frames = createFrames(arrive);
  const client: Client = createClient(worker, frames.push, fail, (step, steps) => {
    replay.value = { step, steps };
  });

  let counted = 0;
  function arrive(all: readonly Frame[]) {
    for (const frame of all) scores.add(frame.scores, !frame.running);
    const { running, step, epoch, samplesPerSecond } = all.at(-1)!;
    const before = status.value;
    const now = performance.now();
    if (before.running !== running || (before.step !== step && (!running || now - counted >= COUNTED))) {
      counted = now;
      status.value = { running, step, epoch, speed: samplesPerSecond };
    }
  }

  watch(
    () => status.value.running,
    (running) => {
      const { accuracy, cost } = scores.last.value.heldOut ?? scores.last.value.training ?? {};
      const score = accuracy === undefined ? `cost ${figure(cost)}` : `accuracy ${percent(accuracy)}`;
      if (!running && failure.value === undefined)
        spoken.value = `Paused at step ${status.value.step}, ${score}`;
    },
  );

  function fail(failed: Failure) {
    failure.value = failed;
    scores.cut(failed.back);
    status.value = { ...status.value, running: false };
    spoken.value = `Training has stopped. ${failed.refusal.message}`;
  }

  /** Returns the sketch with the steps of training so far. */
  function trained(): Sketch {
    const frame = frames.latest;
    if (frame === undefined || !ready.value) return sketch.value;
    return { ...sketch.value, changes: frame.changes, steps: frame.step };
  }

  let turn = 0;
  /** Whether training resumes once the sketch is open: a second edit in the meantime finds it at rest. */
  let resuming = false;
  const isRunning = () => status.value.running || resuming;
  /** Sends the sketch to the worker, and resumes the training where it ran. */
  async function reopen(resumes = isRunning()) {
    const mine = ++turn;
    resuming = resumes;
    failure.value = undefined;
    try {
      const opened = await client.open(sketch.value);
      if (mine !== turn) return;
      const isOther = sketch.value.steps === 0;
      if (isOther) scores.clear();
      frames.forget();
      lesson.value = opened;
      ready.value = true;
      if (notice.value?.place.kind !== "pair") notice.value = undefined;
      frames.redraw();
      if (resumes) await client.run(pace.value);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.refusal.code === "replaced" || mine !== turn) return;
      ready.value = false;
      status.value = { ...status.value, running: false };
      const isFormula = error.refusal.code === "bad-formula";
      notify(isFormula ? { kind: "data" } : placeOf(error.refusal.part), error.refusal);
    } finally {
      if (mine === turn) {
        replay.value = undefined;
        resuming = false;
      }
    }
  }

  function setSettings(next: Settings) {
    settings.value = next;
    const taken = () => {
      if (notice.value?.place.kind === "settings") notice.value = undefined;
    };
    client.settings(next).then(taken, (error: unknown) => {
      if (!(error instanceof RefusedError)) return;
      notify({ kind: "settings" }, error.refusal);
      settings.value = frames.latest?.settings ?? settingsOf(sketch.value);
    });
  }

  const ignore = () => {};
  const run = () => {
    failure.value = undefined;
    if (ready.value) client.run(pace.value).catch(ignore);
  };
  const pause = () => client.pause().catch(ignore);

  return {
    client,
    frames,
    scores,
    trained,
    isRunning,
    reopen,
    setSettings,
    run,
    pause,
    pace,
    setPace(next: number | undefined) {
      pace.value = next;
      if (status.value.running) run();
    },
    toggle: () => (status.value.running ? pause() : run()),
    step: () => client.step(1).catch(ignore),
    epoch: () => client.epoch().catch(ignore),
  };
}

export type Training = ReturnType<typeof createTraining>;
