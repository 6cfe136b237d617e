// The state of the playground: the sketch with its history, the worker that trains it, the selection and the notices.

import { computed, type InjectionKey, inject, ref, type ShallowRef, shallowRef, watch } from "vue";
import type { TableSketch } from "../data/table.ts";
import { check } from "../model/build.ts";
import * as edits from "../model/edit.ts";
import { SketchHistory } from "../model/history.ts";
import { refusalOf } from "../model/refusal.ts";
import type { DataSketch, Kind, LayerSketch, Part, Settings, Sketch } from "../model/sketch.ts";
import type { Failure, Frame, Lesson, Look, Refusal } from "../work/message.ts";
import { figureOf, unitsOf } from "./canvas/figure.ts";
import { type Box, type Point, type Route, routeOf } from "./canvas/route.ts";
import { type Client, createClient, RefusedError } from "./client.ts";
import { createFrames } from "./frames.ts";
import { createScores } from "./scores.ts";
import { arranged, begun, isSpread, isUnchanged } from "./starting.ts";
import { figure, percent } from "./words.ts";

export type Selection =
  | { readonly kind: "none" }
  | { readonly kind: "layer"; readonly name: string }
  | { readonly kind: "unit"; readonly name: string; readonly unit: number }
  | { readonly kind: "synapse"; readonly index: number };

/** A place of the page at which a refusal is shown. */
export type Place =
  | { readonly kind: "layer"; readonly name: string }
  | { readonly kind: "synapse"; readonly index: number }
  | { readonly kind: "pair"; readonly from: string; readonly to: string }
  | { readonly kind: "data" | "settings" | "graph" };

export interface Notice {
  readonly place: Place;
  readonly code: string;
  readonly message: string;
  /** Whether the code is the engine's own, with an entry on the page of errors. */
  readonly known: boolean;
  readonly offer?: { readonly text: string; act(): void } | undefined;
}

export interface Status {
  readonly running: boolean;
  readonly step: number;
  readonly epoch: number;
  readonly speed: number;
}

/** A sample by its row, or values of one's own. */
export type Sample = NonNullable<Look["sample"]>;
export interface UnitPlace {
  readonly layer: string;
  readonly unit: number;
}

/** Codes that the engine's page of errors has none of. */
const own = new Set(["bad-data", "bad-link", "bad-formula", "no-data", "replaced", "failed", "worker"]);
const RESTING: Status = { running: false, step: 0, epoch: 0, speed: 0 };
/** Milliseconds between two texts of the counters. */
const COUNTED = 50;
/** Points on a side of the surfaces in boxes. */
export const POINTS = 32;
const LARGE = 96;

/** Steps a second at which one can watch. */
export const NORMAL = 400;

export function createStore(initial: Sketch, makeWorker: () => Worker) {
  const history = new SketchHistory(initial);
  const sketch = shallowRef(initial);
  const settings = shallowRef(edits.settingsOf(initial));
  const canUndo = ref(false);
  const canRedo = ref(false);
  const lesson = shallowRef<Lesson>();
  const ready = ref(false);
  const replay = shallowRef<{ step: number; steps: number }>();
  const status = shallowRef(RESTING);
  const selection = shallowRef<Selection>({ kind: "none" });
  const notice = shallowRef<Notice>();
  const failure = shallowRef<Failure>();
  const hovered = shallowRef<UnitPlace>();
  const sample = shallowRef<Sample>();
  const gradient = shallowRef<NonNullable<Look["gradient"]>>();
  const link = shallowRef<{ source: string; target: string }>();
  const dragged = shallowRef<ReadonlyMap<string, Point>>(new Map());
  /** Counts the layouts after which the whole graph is shown. */
  const fitting = ref(0);
  const spoken = ref("");
  /** Most steps a second; undefined for as many as possible. */
  const pace = ref<number | undefined>(NORMAL);
  const scores = createScores();

  const frames = createFrames(arrive);
  const client: Client = createClient(makeWorker(), frames.push, fail, (step, steps) => {
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

  // ---- Sketches -------------------------------------------------------------------------------------------------

  /** Returns the sketch with the steps of training so far. */
  function trained(): Sketch {
    const frame = frames.latest;
    if (frame === undefined || !ready.value) return sketch.value;
    return { ...sketch.value, changes: frame.changes, steps: frame.step };
  }

  function show(next: Sketch) {
    sketch.value = next;
    settings.value = edits.settingsOf(next);
    canUndo.value = history.canUndo;
    canRedo.value = history.canRedo;
    const chosen = selection.value;
    if (chosen.kind === "synapse" && next.synapses[chosen.index] === undefined) select({ kind: "none" });
    if ("name" in chosen && !next.layers.some(({ name }) => name === chosen.name)) select({ kind: "none" });
  }

  function notify(place: Place, { code, message }: Refusal, offer?: Notice["offer"]) {
    notice.value = { place, code, message, known: !own.has(code), offer };
    spoken.value = message;
  }

  function placeOf(part: Part | undefined): Place {
    if (part === undefined) return { kind: "graph" };
    return "layer" in part ? { kind: "layer", name: part.layer } : { kind: "synapse", index: part.synapse };
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
    const placed = places ? next : arranged(next);
    history.push(placed);
    selection.value = { kind: "none" };
    sample.value = undefined;
    gradient.value = undefined;
    scores.clear();
    show(placed);
    fitting.value++;
    await reopen(false);
  }

  function travel(step: "undo" | "redo") {
    const wasRunning = isRunning();
    const before = sketch.value;
    history.replace(trained());
    const next = history[step]();
    const isMove = next.synapses === before.synapses && next.data === before.data && samePlan(next, before);
    show(next);
    if (isMove) return;
    scores.clear();
    void reopen(wasRunning);
  }

  // ---- Geometry -------------------------------------------------------------------------------------------------

  const hasSurfaces = computed(() => isSpread(sketch.value.data, lesson.value));

  // Boxes have other heights with surfaces, which a table shows once its rows are read.
  watch(hasSurfaces, () => {
    fitting.value++;
  });

  const boxes = computed<ReadonlyMap<string, Box>>(() => {
    const found = new Map<string, Box>();
    for (const layer of sketch.value.layers) {
      const { x, y } = dragged.value.get(layer.name) ?? layer;
      const { width, height, pins } = figureOf(layer, hasSurfaces.value);
      found.set(layer.name, { x, y, width, height, pins });
    }
    return found;
  });

  const routes = computed<readonly (Route | undefined)[]>(() => {
    const ranks = new Map<string, number>();
    let detours = 0;
    return sketch.value.synapses.map(({ from, to }) => {
      const [start, end] = [boxes.value.get(from), boxes.value.get(to)];
      if (start === undefined || end === undefined) return undefined;
      const others = [...boxes.value.values()].filter((box) => box !== start && box !== end);
      const twin = ranks.get(`${from}>${to}`) ?? 0;
      ranks.set(`${from}>${to}`, twin + 1);
      const route = routeOf(start, end, others, detours, twin === 0);
      if (!route.direct) detours++;
      return route;
    });
  });

  /** Returns the bounds of all boxes and ways. */
  function bounds() {
    const all = [...boxes.value.values()];
    const points = routes.value.flatMap((route) => route?.curves ?? []);
    return {
      left: Math.min(...all.map(({ x }) => x), ...points.map(({ x }) => x)),
      top: Math.min(...all.map(({ y }) => y), ...points.map(({ y }) => y)),
      right: Math.max(...all.map(({ x, width }) => x + width), ...points.map(({ x }) => x)),
      bottom: Math.max(...all.map(({ y, height }) => y + height), ...points.map(({ y }) => y)),
    };
  }

  function anchorOf(place: Place): Point | undefined {
    if (place.kind === "layer") {
      const box = boxes.value.get(place.name);
      return box && { x: box.x + box.width / 2, y: box.y + box.height };
    }
    if (place.kind === "synapse") return routes.value[place.index]?.label;
    if (place.kind === "pair") {
      const [from, to] = [boxes.value.get(place.from), boxes.value.get(place.to)];
      if (from === undefined || to === undefined) return undefined;
      const y = Math.max(from.y + from.height / 2, to.y + to.height / 2);
      return { x: (from.x + from.width / 2 + to.x + to.width / 2) / 2, y: y + 12 };
    }
    return undefined;
  }

  function freePlace(): Point {
    const all = [...boxes.value.values()];
    const inputs = sketch.value.layers.filter(({ kind }) => kind !== "output");
    const right = Math.max(0, ...inputs.map(({ name }) => boxes.value.get(name)!.x));
    const bottom = Math.max(0, ...all.map(({ y, height }) => y + height));
    return { x: right === 0 ? 208 : right, y: bottom + 40 };
  }

  // ---- Selection and looks --------------------------------------------------------------------------------------

  function select(next: Selection) {
    selection.value = next;
  }

  const spotlight = computed<UnitPlace | undefined>(() => {
    if (hovered.value !== undefined) return hovered.value;
    const chosen = selection.value;
    return chosen.kind === "unit" ? { layer: chosen.name, unit: chosen.unit } : undefined;
  });
  /** The unit whose surface is drawn large: the spotlight's, or the first of the outputs. */
  const shownUnit = computed<UnitPlace | undefined>(() => {
    if (spotlight.value !== undefined) return spotlight.value;
    const output = sketch.value.layers.find(({ kind }) => kind === "output");
    return output && { layer: output.name, unit: 0 };
  });

  /** The place of the chosen sample in the pictures, as shares of their sides. */
  const mark = computed(() => {
    const place = sample.value;
    const data = lesson.value;
    if (place === undefined || data === undefined || !hasSurfaces.value || data.bounds.length === 0)
      return undefined;
    const values = data.inputs.flatMap(({ name, size }) =>
      "values" in place
        ? [...(place.values[name] ?? [])]
        : [...data[place.rows].xs[name]!.subarray(place.row * size, (place.row + 1) * size)],
    );
    return data.bounds.map(([low, high], axis) => (values[axis]! - low) / (high - low));
  });

  const look = computed<Look>(() => {
    const unit = shownUnit.value;
    const isDrawn = hasSurfaces.value && lesson.value !== undefined;
    const rows = lesson.value?.heldOut.count ? "heldOut" : "training";
    const shown = sample.value ?? (isDrawn ? undefined : ({ rows, row: 0 } as const));
    return {
      surfaces: isDrawn,
      points: isDrawn ? POINTS : 0,
      ...(isDrawn && unit !== undefined && { large: { ...unit, points: LARGE } }),
      ...(shown !== undefined && { sample: shown }),
      ...(gradient.value !== undefined && { gradient: gradient.value }),
    };
  });
  watch([look, ready], () => {
    if (ready.value) client.look(look.value).catch(ignore);
  });

  // ---- Connecting by keyboard -----------------------------------------------------------------------------------

  function targets(): LayerSketch[] {
    return sketch.value.layers
      .filter(({ kind }) => kind !== "input")
      .toSorted((one, other) => one.x - other.x || one.y - other.y);
  }
  function startLink(source: string) {
    const all = targets();
    const at = sketch.value.layers.find(({ name }) => name === source);
    const next = all.find(({ x }) => x > (at?.x ?? 0)) ?? all[0];
    if (next === undefined) return;
    link.value = { source, target: next.name };
    spoken.value = `Connect ${source} to ${next.name}`;
  }
  function stepLink(step: number) {
    const all = targets();
    const now = link.value;
    if (now === undefined) return;
    const place = all.findIndex(({ name }) => name === now.target);
    const { name } = all[(place + step + all.length) % all.length]!;
    link.value = { ...now, target: name };
    spoken.value = `Connect ${now.source} to ${name}`;
  }
  function endLink(takes: boolean) {
    const now = link.value;
    link.value = undefined;
    if (takes && now !== undefined) connect(now.source, now.target);
  }

  // ---- Edits ----------------------------------------------------------------------------------------------------

  function connect(from: string, to: string, options: Readonly<Record<string, unknown>> = {}): boolean {
    const made = edits.tryConnect(trained(), from, to, options);
    if ("sketch" in made) {
      const isTaken = edit(made.sketch, { kind: "pair", from, to });
      if (isTaken) spoken.value = `${from} leads to ${to}`;
      return isTaken;
    }
    const { offer } = made;
    notify(
      { kind: "pair", from, to },
      made.refusal,
      offer && {
        text: "Connect with a delay",
        act: () => {
          edit(offer, { kind: "pair", from, to });
        },
      },
    );
    return false;
  }

  async function addLayer(kind: Kind, given?: Point): Promise<string | undefined> {
    const at = given ?? freePlace();
    const next = edits.addLayer(trained(), kind, { x: Math.round(at.x), y: Math.round(at.y) });
    const { name } = next.layers.at(-1)!;
    if (!edit(next, { kind: "graph" })) return undefined;
    select({ kind: "layer", name });
    if (given === undefined) fitting.value++;
    spoken.value = `Layer ${name} added`;
    return name;
  }

  function move(places: ReadonlyMap<string, Point>) {
    dragged.value = new Map();
    const rounded = [...places].map(
      ([name, { x, y }]) => [name, { x: Math.round(x), y: Math.round(y) }] as const,
    );
    // From the sketch as it is in the history, so that moves one after the other are one entry.
    const next = edits.move(sketch.value, Object.fromEntries(rounded));
    history.push(next);
    show(next);
  }

  function setSettings(next: Settings) {
    settings.value = next;
    const taken = () => {
      if (notice.value?.place.kind === "settings") notice.value = undefined;
    };
    client.settings(next).then(taken, (error: unknown) => {
      if (!(error instanceof RefusedError)) return;
      notify({ kind: "settings" }, error.refusal);
      settings.value = frames.latest?.settings ?? edits.settingsOf(sketch.value);
    });
  }

  const ignore = () => {};
  const run = () => {
    failure.value = undefined;
    if (ready.value) client.run(pace.value).catch(ignore);
  };
  const pause = () => client.pause().catch(ignore);

  return {
    sketch: sketch as Readonly<ShallowRef<Sketch>>,
    settings,
    lesson,
    ready,
    replay,
    status,
    selection,
    notice,
    failure,
    sample,
    gradient,
    link,
    spoken,
    scores,
    frames,
    fitting,
    canUndo,
    canRedo,
    boxes,
    routes,
    hasSurfaces,
    spotlight,
    shownUnit,
    mark,
    client,
    trained,
    edit,
    open,
    reopen,
    bounds,
    anchorOf,
    notify,
    noticeAt(place: Place): Notice | undefined {
      const now = notice.value;
      return now !== undefined && JSON.stringify(now.place) === JSON.stringify(place) ? now : undefined;
    },
    dismiss() {
      notice.value = undefined;
    },
    select,
    hoverUnit(place: UnitPlace | undefined) {
      const now = hovered.value;
      if (now?.layer !== place?.layer || now?.unit !== place?.unit) hovered.value = place;
    },
    startLink,
    stepLink,
    endLink,
    connect,
    addLayer,
    removeLayer(name: string) {
      if (edit(edits.removeLayer(trained(), name), { kind: "layer", name }))
        spoken.value = `Layer ${name} removed`;
    },
    removeSynapse(index: number) {
      if (edit(edits.disconnect(trained(), index), { kind: "synapse", index }))
        spoken.value = "Synapse removed";
    },
    place(name: string, at: Point) {
      dragged.value = new Map([...dragged.value, [name, { x: at.x, y: at.y }]]);
    },
    move,
    tidy() {
      const next = arranged(trained(), hasSurfaces.value);
      move(new Map(next.layers.map(({ name, x, y }) => [name, { x, y }])));
      history.settle();
      fitting.value++;
    },
    setData(data: DataSketch) {
      sample.value = undefined;
      gradient.value = undefined;
      edit(edits.setData(trained(), data), { kind: "data" });
    },
    /** Begins with other data, and with the first graph for them unless the present one fits or is one's own. */
    async begin(data: DataSketch, keeps = false) {
      try {
        const now = sketch.value;
        if (keeps && !(await isUnchanged(now)))
          return void edit(edits.setData(trained(), data), { kind: "data" });
        await open(await begun(data), true);
      } catch (error) {
        notify({ kind: "data" }, refusalOf(error));
      }
    },
    /** Chooses other columns of a table; the graph stays where it fits them. */
    async setTable(data: TableSketch) {
      try {
        const next = edits.setData(trained(), data);
        const now = await begun(data);
        const ends = ({ layers }: Sketch) =>
          JSON.stringify(
            layers.filter(({ kind }) => kind !== "hidden").map(({ name, kind, size }) => [name, kind, size]),
          );
        if (ends(now) === ends(next)) edit(next, { kind: "data" });
        else await open(now, true);
      } catch (error) {
        notify({ kind: "data" }, refusalOf(error));
      }
    },
    setPrecision(precision: Sketch["precision"]) {
      edit(edits.setPrecision(trained(), precision), { kind: "settings" });
    },
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
    reset(seed = sketch.value.seed) {
      const wasRunning = isRunning();
      const next = edits.setSeed(trained(), seed);
      history.replace(next);
      scores.clear();
      show(next);
      void reopen(wasRunning);
    },
    undo: () => travel("undo"),
    redo: () => travel("redo"),
    unitsOf,
  };
}

/** Returns whether two sketches have the same layers but for their places, and the same seed and precision. */
function samePlan(one: Sketch, other: Sketch): boolean {
  const plan = ({ layers, seed, precision }: Sketch) =>
    JSON.stringify([seed, precision, layers.map(({ x: _, y: __, ...rest }) => rest)]);
  return plan(one) === plan(other);
}

export type Store = ReturnType<typeof createStore>;
export const storeKey: InjectionKey<Store> = Symbol("playground");

/** Returns the playground's state in a component of it. */
export function useStore(): Store {
  const store = inject(storeKey);
  if (store === undefined) throw new Error("A part of the playground stands outside of it.");
  return store;
}
