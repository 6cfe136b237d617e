// A loop as a Scan: its body is a step, and its state variables have the values of delayed layers before it. A layer with a longer
// delay has a register of several steps, newest first.

import { create } from "@bufbuild/protobuf";
import { GraphProtoSchema } from "onnx-buf";
import type { Layer } from "../../../index.js";
import { type ExportedLayer, isInside, type Loop } from "./graph.js";
import { joinedTerms, writeValues } from "./layer.js";
import type { Series } from "./series.js";
import { owned, type Term, Values } from "./values.js";
import { tensorInfo, type Writer } from "./writer.js";

/** The values of a delayed layer before a step. */
interface Register {
  readonly layer: Layer;
  readonly depth: number;
  /** The state variable: (N, size), or (N, depth, size) for several steps. */
  readonly name: string;
}

/** The outputs of a Scan that others read. */
export interface Wanted {
  /** Layers whose steps other layers or the file need. */
  readonly layers: ReadonlySet<Layer>;
  /** Whether the file has states. */
  readonly states: boolean;
}

/** Writes a loop. Returns the layers whose next state it has written. */
export function writeScan(w: Writer, loop: Loop, series: Series, wanted: Wanted): Map<Layer, string> {
  const registers = registersOf(w, loop, series, wanted.states);
  const slices = outsides(w, loop, series);
  const [inputs, outer] = [[...slices.values()].map(({ slice }) => slice), [...slices.values()]];
  const clock = outer.length > 0 ? [] : [w.fresh("clock")];
  const results = loop.layers.filter(({ layer }) => wanted.layers.has(layer));
  const finals = new Map([...registers.values()].map((one) => [one, w.fresh(`${one.name}.final`)]));
  const sent = results.map(({ name, kind, shape, scaler }) => {
    return kind === "output" && scaler === undefined && shape.length === 1 ? name : w.fresh(`${name}.steps`);
  });
  const body = { input: [...finals].map(([{ name }]) => name), output: [] as string[] };
  const node = w.body(() => {
    const posts = new Map<Layer, Values>();
    for (const exported of loop.layers)
      posts.set(exported.layer, writeStep(w, exported, slices, posts, registers, series));
    for (const { layer, depth, name } of registers.values()) {
      body.output.push(moved(w, posts.get(layer)!.rows, name, depth));
    }
    for (const { layer } of results) body.output.push(w.op("Identity", [posts.get(layer)!.rows]));
  });
  const info = (name: string) => tensorInfo(name, undefined, w.precision);
  const step = create(GraphProtoSchema, {
    name: `${loop.layers[0]!.name}.step`,
    node,
    input: [...body.input, ...inputs, ...clock].map(info),
    output: body.output.map(info),
  });
  const initial = [...registers.values()].map((one) => before(one, series));
  const scanned = clock.length > 0 ? [series.clock] : outer.map(({ steps }) => steps);
  const each = (count: number, value: number) => new Array<number>(count).fill(value);
  w.add("Scan", [...initial, ...scanned], [...finals.values(), ...sent], {
    body: step,
    num_scan_inputs: scanned.length,
    scan_input_axes: each(scanned.length, 1),
    scan_input_directions: each(scanned.length, loop.reversed ? 1 : 0),
    ...(sent.length === 0
      ? {}
      : {
          scan_output_axes: each(sent.length, 1),
          scan_output_directions: each(sent.length, loop.reversed ? 1 : 0),
        }),
  });
  results.forEach(({ layer }, i) => {
    series.setSteps(layer, sent[i]!);
  });
  const next = new Map<Layer, string>();
  for (const [{ layer, depth }, final] of finals) {
    next.set(layer, depth > 1 ? final : w.op("Unsqueeze", [final, w.whole([1])]));
  }
  return wanted.states ? next : new Map();
}

/** Returns a register for each layer that a synapse of the loop delays. */
function registersOf(w: Writer, loop: Loop, series: Series, states: boolean): Map<Layer, Register> {
  const depths = new Map<Layer, number>();
  for (const synapse of loop.layers.flatMap(({ incoming }) => incoming)) {
    const { from, delay } = synapse;
    if (delay === 0 || !isInside(loop, synapse)) continue;
    depths.set(from, Math.max(depths.get(from) ?? 0, Math.abs(delay)));
  }
  return new Map(
    [...depths].map(([layer, inside]) => {
      const depth = states ? series.depth(layer) : inside;
      return [layer, { layer, depth, name: w.fresh(`${layer.name}.before`) }];
    }),
  );
}

/** Writes the start of a register. */
function before({ layer, depth }: Register, series: Series): string {
  const past = series.past(layer, depth);
  return depth > 1 ? past : series.flat(past, layer.size);
}

/** Writes the next content of a register: the newest step first, and the oldest left out. */
function moved(w: Writer, post: string, register: string, depth: number): string {
  if (depth === 1) return w.op("Identity", [post]);
  const newest = w.op("Unsqueeze", [post, w.whole([1])]);
  const [start, end, axis] = [[0], [depth - 1], [1]].map((values) => w.whole(values));
  return w.op("Concat", [newest, w.op("Slice", [register, start!, end!, axis!])], { axis: 1 });
}

/** The values of synapses from outside a loop, joined: steps of the file, and their slice in the body. */
interface Outside {
  readonly steps: string;
  readonly slice: string;
}

/** Joins what comes into each layer from outside the loop, for all steps at once. */
function outsides(w: Writer, loop: Loop, series: Series): Map<ExportedLayer, Outside> {
  const found = new Map<ExportedLayer, Outside>();
  for (const exported of loop.layers) {
    const terms = exported.incoming
      .filter((synapse) => !isInside(loop, synapse))
      .map((synapse) => ({ synapse, source: series.arriving(synapse) }));
    if (terms.length === 0) continue;
    const { size, shape } = exported;
    const { rows } = new Values(w, shape, owned(shape, joinedTerms(w, exported, terms, series)));
    const steps = series.unflat(rows, size);
    found.set(exported, { steps, slice: w.fresh(`${exported.name}.outside`) });
  }
  return found;
}

/** Writes a layer of a loop at a step. A hidden layer's value has its name. */
function writeStep(
  w: Writer,
  exported: ExportedLayer,
  slices: ReadonlyMap<ExportedLayer, Outside>,
  posts: ReadonlyMap<Layer, Values>,
  registers: ReadonlyMap<Layer, Register>,
  series: Series,
): Values {
  const { name, kind, shape, incoming, loop } = exported;
  const before = w.nodes.length;
  const terms = incoming
    .filter((synapse) => isInside(loop!, synapse))
    .map((synapse): Term => {
      const { from, delay } = synapse;
      if (delay === 0) return { synapse, source: posts.get(from)! };
      const { name, depth } = registers.get(from)!;
      const rows = depth === 1 ? name : w.op("Gather", [name, w.whole(Math.abs(delay) - 1)], { axis: 1 });
      return { synapse, source: new Values(w, from.shape, { rows }) };
    });
  const slice = slices.get(exported)?.slice;
  const outside = slice === undefined ? undefined : new Values(w, shape, { rows: slice }).own;
  const post = writeValues(w, exported, outside, terms, series);
  const named = w.assignName(post, kind === "output" ? w.fresh(`${name}.step`) : name, before);
  return new Values(w, shape, owned(shape, named));
}
