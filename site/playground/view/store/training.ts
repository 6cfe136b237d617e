// The training in the worker: orders to it, and the frames, scores and counters that come back.

import { computed, ref, shallowRef, watch } from "vue";
import { check } from "../../model/build.ts";
import { settingsOf, setSettings as withSettings } from "../../model/edit.ts";
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

/** Milliseconds between two changes of settings, since a link lists each of them. */
const SETTLED = 100;

/** Returns the training of the state's sketch in a worker. */
export function createTraining(state: State, { notice, notify }: Notices, worker: Worker) {
  const { sketch, settings, lesson, ready, replay, status, failure, spoken } = state;
  /** Most steps a second; undefined for as many as possible. */
  const pace = ref<number | undefined>(NORMAL);
  const scores = createScores();

  const frames = createFrames(arrive);
  /** Whether the worker has the sketch in view open: frames, failures and orders are for it. */
  let isOpen = false;
  /** Shows the refusal of the sketch at its place; undefined unless it was refused. */
  const complain = shallowRef<() => void>();
  const client: Client = createClient(
    worker,
    (frame) => {
      if (isOpen) frames.push(frame);
    },
    (failed) => {
      if (isOpen) fail(failed);
    },
    (step, steps) => {
      replay.value = { step, steps };
      ready.value = false;
    },
  );

  let counted = 0;
  function arrive(all: readonly Frame[]) {
    if (!isOpen) return;
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

  /** Returns the sketch with the steps of training so far, and the settings in view. */
  function trained(): Sketch {
    const frame = isOpen ? frames.latest : undefined;
    const now =
      frame === undefined ? sketch.value : { ...sketch.value, changes: frame.changes, steps: frame.step };
    return isAlike(settingsOf(now), settings.value) ? now : withSettings(now, settings.value);
  }

  /** When settings were sent last, and the timer of those that wait. */
  let sent = Number.NEGATIVE_INFINITY;
  let timer: number | undefined;
  let turn = 0;
  let opening = Promise.resolve();
  /** Whether training resumes once a sketch is open: a second edit in the meantime finds it at rest. */
  let resuming = false;
  const isRunning = () => status.value.running || resuming;
  /** Sends the sketch to the worker, and resumes the training where it ran. */
  function reopen(resumes = isRunning()): Promise<void> {
    opening = open(sketch.value, ++turn, resumes);
    return opening;
  }

  async function open(given: Sketch, mine: number, resumes: boolean) {
    resuming = resumes;
    isOpen = false;
    complain.value = undefined;
    window.clearTimeout(timer);
    timer = undefined;
    failure.value = undefined;
    if (!resumes) status.value = { ...status.value, running: false };
    try {
      const opened = await client.open(given);
      if (mine !== turn) return;
      isOpen = true;
      if (given.steps === 0) scores.clear();
      frames.forget();
      lesson.value = opened;
      ready.value = true;
      if (notice.value?.place.kind !== "pair") notice.value = undefined;
      frames.redraw();
      // Settings may have changed in the meantime.
      if (!isAlike(settingsOf(given), settings.value)) sendSettings();
      if (resuming) await client.run(pace.value);
      resuming = false;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.refusal.code === "replaced" || mine !== turn) return;
      // The edit that mends the sketch resumes the training.
      ready.value = false;
      status.value = { ...status.value, running: false };
      const { refusal } = error;
      const place = refusal.code === "bad-formula" ? ({ kind: "data" } as const) : placeOf(refusal.part);
      complain.value = () => notify(place, refusal);
      complain.value();
    } finally {
      if (mine === turn) replay.value = undefined;
    }
  }

  /** Changes the settings: of the worker once it has the sketch open, at most once in some time. */
  function setSettings(next: Settings) {
    settings.value = next;
    // A sketch may have been refused for its settings.
    if (complain.value !== undefined && check(trained()) === undefined) {
      sketch.value = trained();
      void reopen();
    } else if (timer === undefined)
      timer = window.setTimeout(sendSettings, Math.max(0, sent + SETTLED - performance.now()));
  }

  /** Sends settings that wait, before an order that needs them. */
  function settle() {
    if (timer !== undefined) sendSettings();
  }

  function sendSettings() {
    window.clearTimeout(timer);
    timer = undefined;
    if (!isOpen) return;
    sent = performance.now();
    const taken = () => {
      if (notice.value?.place.kind === "settings") notice.value = undefined;
    };
    client.settings(settings.value).then(taken, (error: unknown) => {
      if (!(error instanceof RefusedError)) return;
      notify({ kind: "settings" }, error.refusal);
      settings.value = frames.latest?.settings ?? settingsOf(sketch.value);
    });
  }

  const ignore = () => {};
  /** Sends an order that trains, with the settings in view. */
  const train = (order: () => Promise<void>) => {
    settle();
    return isOpen ? order().catch(ignore) : undefined;
  };
  const run = () => {
    failure.value = undefined;
    resuming = !isOpen;
    void train(() => client.run(pace.value));
  };
  const pause = async () => {
    resuming = false;
    await train(() => client.pause());
  };

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
    /** Whether the sketch in view was refused. `toggle` then tells why. */
    isRefused: computed(() => complain.value !== undefined),
    toggle() {
      if (complain.value !== undefined) complain.value();
      else if (isRunning()) void pause();
      else run();
    },
    step: () => train(() => client.step(1)),
    epoch: () => train(() => client.epoch()),
    /** Returns the graph's file, once the worker has the sketch in view open. */
    async save() {
      for (let last: unknown; last !== opening; ) {
        last = opening;
        await opening;
      }
      settle();
      return client.save();
    },
  };
}

/** Checks whether two settings are the same. */
function isAlike(one: Settings, other: Settings): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export type Training = ReturnType<typeof createTraining>;
