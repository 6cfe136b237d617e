// Edits of a sketch. Each returns a new one; where the graph or its data change, its training begins anew.

import { check } from "./build.ts";
import { withChange } from "./changes.ts";
import type { Refusal } from "./refusal.ts";
import type { DataSketch, Kind, LayerSketch, Settings, Sketch, SynapseSketch } from "./sketch.ts";

type Options = Readonly<Record<string, unknown>>;

/** Returns the sketch before its first step, with the settings that are now in force. */
function untrained(sketch: Sketch): Sketch {
  return { ...sketch, settings: settingsOf(sketch), changes: [], steps: 0 };
}

/** Returns the settings of the next step. */
export function settingsOf({ settings, changes }: Sketch): Settings {
  return changes.at(-1)?.settings ?? settings;
}

const letters: Readonly<Record<Kind, string>> = { input: "x", hidden: "h", output: "y" };

/** Returns a short name that no layer has: h1, h2 and so on; for the first input x, for the first output y. */
function freeName({ layers }: Sketch, kind: Kind): string {
  const taken = new Set(layers.map(({ name }) => name));
  const letter = letters[kind];
  if (kind !== "hidden" && !taken.has(letter)) return letter;
  for (let number = kind === "hidden" ? 1 : 2; ; number++) {
    if (!taken.has(`${letter}${number}`)) return `${letter}${number}`;
  }
}

/** Adds a layer at a place, with a free name unless one is given. It is the last of the layers. */
export function addLayer(
  sketch: Sketch,
  kind: Kind,
  given: Partial<Omit<LayerSketch, "kind">> & { readonly x: number; readonly y: number },
): Sketch {
  const size = given.size ?? (kind === "hidden" ? 4 : 1);
  const usual: Options = kind === "hidden" ? { activation: "tanh" } : {};
  const { name = freeName(sketch, kind), options = usual, x, y } = given;
  const layer = { name, kind, size, options, x, y };
  return untrained({ ...sketch, layers: [...sketch.layers, layer] });
}

/** Removes a layer with its synapses. */
export function removeLayer(sketch: Sketch, name: string): Sketch {
  const layers = sketch.layers.filter((layer) => layer.name !== name);
  return untrained({
    ...sketch,
    layers,
    synapses: kept(sketch.synapses, ({ from, to }) => from !== name && to !== name),
  });
}

/** Removes several layers, and synapses by their places. */
export function remove(sketch: Sketch, names: readonly string[], places: readonly number[] = []): Sketch {
  const gone = new Set(places.map((place) => sketch.synapses[place]));
  const synapses = kept(sketch.synapses, (synapse) => !gone.has(synapse));
  return names.reduce(removeLayer, untrained({ ...sketch, synapses }));
}

/** Filters synapses. Synapses that share the weights of a removed one get their own; numbers of others are updated. */
function kept(
  synapses: readonly SynapseSketch[],
  stays: (synapse: SynapseSketch) => boolean,
): SynapseSketch[] {
  const places = new Map<number, number>();
  for (const [place, synapse] of synapses.entries()) if (stays(synapse)) places.set(place, places.size);
  return synapses.filter(stays).map((synapse) => {
    const { share, ...rest } = synapse.options;
    if (typeof share !== "number") return synapse;
    const place = places.get(share);
    return { ...synapse, options: place === undefined ? rest : { ...rest, share: place } };
  });
}

/** Changes a layer by its name. */
function changed(sketch: Sketch, name: string, change: (layer: LayerSketch) => LayerSketch): Sketch {
  const layers = sketch.layers.map((layer) => (layer.name === name ? change(layer) : layer));
  return { ...sketch, layers };
}

/**
 * Renames a layer, also at the ends of its synapses. Training stays unless names decide what is learnt: those of inputs and
 * outputs lead to data, and a file's lead to its parameters. Another layer's name leads to a sketch that `check` refuses.
 */
export function renameLayer(sketch: Sketch, from: string, to: string): Sketch {
  const renamed = (name: string) => (name === from ? to : name);
  const layer = sketch.layers.find(({ name }) => name === from);
  const isClash = sketch.layers.some(({ name }) => name === to);
  if (layer === undefined || from === to) return sketch;
  const made = changed(sketch, from, (one) => ({ ...one, name: to }));
  // With two layers of a name, synapses would join the wrong one.
  if (isClash) return untrained(made);
  const synapses = sketch.synapses.map((one) => ({ ...one, from: renamed(one.from), to: renamed(one.to) }));
  const next = { ...made, synapses };
  return layer.kind === "hidden" && sketch.start === undefined ? next : untrained(next);
}

/** Sets the size, or the shape, of a layer. */
export function resizeLayer(sketch: Sketch, name: string, size: LayerSketch["size"]): Sketch {
  return untrained(changed(sketch, name, (layer) => ({ ...layer, size })));
}

/** Returns options with others in their places; those that are undefined are removed. */
function merged(options: Options, given: Options): Options {
  return Object.fromEntries(
    Object.entries({ ...options, ...given }).filter(([, value]) => value !== undefined),
  );
}

/** Sets options of a layer; undefined removes one. */
export function setLayer(sketch: Sketch, name: string, options: Options): Sketch {
  return untrained(changed(sketch, name, (layer) => ({ ...layer, options: merged(layer.options, options) })));
}

/** Turns a layer into one of another kind. Synapses into a new input are removed; a loss stays with outputs alone. */
export function setKind(sketch: Sketch, name: string, kind: Kind): Sketch {
  const {
    loss: _,
    weight: __,
    time: ___,
    classes: ____,
    cell: _____,
    ...rest
  } = Object(sketch.layers.find((layer) => layer.name === name)?.options) as Record<string, unknown>;
  const made = changed(sketch, name, (layer) => ({ ...layer, kind, options: kind === "input" ? {} : rest }));
  const synapses = kind === "input" ? kept(sketch.synapses, ({ to }) => to !== name) : sketch.synapses;
  return untrained({ ...made, synapses });
}

/** Adds a synapse. The engine may refuse the result: see `tryConnect`. */
export function connect(sketch: Sketch, from: string, to: string, options: Options = {}): Sketch {
  return untrained({ ...sketch, synapses: [...sketch.synapses, { from, to, options }] });
}

/** Adds a synapse with a delay of one step, which a loop needs. */
export function withDelay(sketch: Sketch, from: string, to: string, options: Options = {}): Sketch {
  return connect(sketch, from, to, { ...options, delay: 1 });
}

/** The result of connecting two layers: a sketch, or the engine's refusal, and the same synapse with a delay if that helps. */
export type Connected =
  | { readonly sketch: Sketch }
  | { readonly refusal: Refusal; readonly offer: Sketch | undefined };

/** Adds a synapse if the engine takes it. */
export function tryConnect(sketch: Sketch, from: string, to: string, options: Options = {}): Connected {
  const place = sketch.synapses.length;
  // A graph that has other faults, such as a layer without a source, still may be drawn on.
  const isOwn = (refusal: Refusal | undefined): refusal is Refusal =>
    refusal?.part !== undefined && "synapse" in refusal.part && refusal.part.synapse === place;
  const made = connect(sketch, from, to, options);
  const refusal = check(made);
  if (!isOwn(refusal)) return { sketch: made };
  const delayed = withDelay(sketch, from, to, options);
  const helps = refusal.code === "cycle" && !isOwn(check(delayed));
  return { refusal, offer: helps ? delayed : undefined };
}

/** Removes a synapse by its place. */
export function disconnect(sketch: Sketch, place: number): Sketch {
  return remove(sketch, [], [place]);
}

/** Sets options of a synapse by its place; undefined removes one. */
export function setSynapse(sketch: Sketch, place: number, options: Options): Sketch {
  const synapses = sketch.synapses.map((synapse, at) =>
    at === place ? { ...synapse, options: merged(synapse.options, options) } : synapse,
  );
  return untrained({ ...sketch, synapses });
}

/** Moves layers to other places of the drawing; training stays. */
export function move(
  sketch: Sketch,
  places: Readonly<Record<string, { readonly x: number; readonly y: number }>>,
): Sketch {
  const layers = sketch.layers.map((layer) => {
    if (!Object.hasOwn(places, layer.name)) return layer;
    const { x, y } = places[layer.name]!;
    return { ...layer, x, y };
  });
  return { ...sketch, layers };
}

/** Sets the data. */
export function setData(sketch: Sketch, data: DataSketch): Sketch {
  return untrained({ ...sketch, data });
}

/** Sets the seed, of the parameters and of the order of rows. */
export function setSeed(sketch: Sketch, seed: number): Sketch {
  return untrained({ ...sketch, seed });
}

export function setPrecision(sketch: Sketch, precision: Sketch["precision"]): Sketch {
  return untrained({ ...sketch, precision });
}

/** Changes the settings of all further steps. */
export function setSettings(sketch: Sketch, settings: Settings): Sketch {
  const { steps } = sketch;
  if (steps === 0) return { ...sketch, settings, changes: [] };
  return { ...sketch, changes: withChange(sketch, steps, settings) };
}
