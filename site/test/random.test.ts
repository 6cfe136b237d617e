// Random graphs, drawn as a person draws: each replays to the same bits, and has a link, code and a layout.

import { GraphError } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { Random } from "../playground/data/random.ts";
import { openFiles } from "../playground/files/open.ts";
import { take } from "../playground/files/take.ts";
import { type AnyGraph, check } from "../playground/model/build.ts";
import { addLayer, setLayer, setSynapse, tryConnect } from "../playground/model/edit.ts";
import { layout } from "../playground/model/layout.ts";
import { linkOf, sketchOfLink } from "../playground/model/link.ts";
import type { DataSketch, Settings, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import { Session } from "../playground/worker/session.ts";
import { lessonOf, opened } from "./support/host.ts";
import { imported } from "./support/module.ts";

const seed = Number(process.env.PLEXUS_SEED ?? Math.floor(Math.random() * 2 ** 32));
const random = new Random(seed);
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;

const kinds: readonly DataSketch[] = [
  { ...firstData.plane, noise: 0.3 },
  firstData.curve,
  firstData.iris,
  firstData.series,
  { ...firstData.characters, steps: 5, text: "a rose is a rose is a rose " },
];

const layerOptions: readonly Record<string, unknown>[] = [
  { activation: "relu" },
  { activation: "gelu", norm: "layer" },
  { activation: { name: "elu", alpha: 0.5 }, dropout: 0.3 },
  { bias: false },
  { frozen: true },
  { initial: true },
  { join: "product" },
  { cell: "gru" },
];

const synapseOptions: readonly Record<string, unknown>[] = [
  { l2: 0.01 },
  { maxNorm: 2 },
  { init: "orthogonal" },
  { kind: "sparse", density: 0.5 },
  { frozen: true },
  { delay: 1 },
];

/** Returns an edited sketch if the engine takes it, or else the sketch. */
function tried(sketch: Sketch, edited: Sketch): Sketch {
  return check(edited) === undefined ? edited : sketch;
}

async function drawn(): Promise<Sketch> {
  const data = pick(kinds);
  let sketch = starter(data, await lessonOf(data), random.below(2 ** 32));
  sketch = { ...sketch, precision: pick(["float64", "float32"]) };
  for (let count = random.below(4); count > 0; count--) {
    const more = addLayer(sketch, "hidden", { x: 0, y: 0, size: 1 + random.below(6) });
    const { name } = more.layers.at(-1)!;
    const names = sketch.layers.map((layer) => layer.name);
    const into = tryConnect(more, pick(names), name);
    const out = "sketch" in into ? tryConnect(into.sketch, name, pick(names)) : into;
    sketch = tried(sketch, "sketch" in out ? out.sketch : (out.offer ?? sketch));
  }
  for (let count = random.below(5); count > 0; count--) {
    const layer = pick(sketch.layers);
    sketch = tried(sketch, setLayer(sketch, layer.name, pick(layerOptions)));
    sketch = tried(sketch, setSynapse(sketch, random.below(sketch.synapses.length), pick(synapseOptions)));
  }
  return sketch;
}

/** Returns the layers and synapses of a graph with all bits, but for the names of initial weights. */
function partsOf(graph: AnyGraph): unknown {
  const { layers, synapses } = graph.toJSON({ optimizer: false }) as {
    layers: unknown;
    synapses: { init?: unknown }[];
  };
  return [layers, synapses.map(({ init: _, ...rest }) => rest)];
}

function bits(graph: AnyGraph): string {
  return Buffer.from(graph.save()).toString("base64");
}

/** Makes steps up to the first that diverges, such as of a loop around a cell whose values grow. That step changes nothing. */
function trained(session: Session, steps: number): void {
  for (let count = 0; count < steps; count++) {
    const [step, before] = [session.step, bits(session.graph)];
    try {
      session.train();
    } catch (error) {
      if (!(error instanceof GraphError && error.code === "diverged")) throw error;
      expect([session.step, bits(session.graph)]).toEqual([step, before]);
      return;
    }
  }
}

function settings(now: Settings): Settings {
  return pick<() => Settings>([
    () => ({ ...now, optimizer: { ...now.optimizer, rate: random.uniform() * 0.01 } }),
    () => ({ ...now, optimizer: { name: pick(["sgd", "lion", "adam", "adam"]), rate: 0.001 } }),
    () => ({ ...now, batchSize: 1 + random.below(40) }),
    () => ({ ...now, dropout: pick([0, 0.1, 0.5]) }),
    () => ({ ...now, l1: random.uniform() * 1e-3, l2: pick([0, 1e-3]) }),
  ])();
}

describe(`random graphs (PLEXUS_SEED=${seed})`, () => {
  it.each(Array.from({ length: 20 }, (_, place) => place))("number %d replays to the same bits", async () => {
    const sketch = await drawn();
    const session = new Session(sketch, await lessonOf(sketch.data));
    for (let part = 0; part < 4; part++) {
      trained(session, random.below(9));
      for (let count = random.below(4); count > 0; count--) session.change(settings(session.settings));
    }
    const link = await linkOf(layout(session.now()));
    const again = await opened(await sketchOfLink(link));
    expect(bits(again.graph)).toBe(bits(session.graph));
    expect(again.score()).toEqual(session.score());
    again.dispose();
    session.dispose();
  });

  it.each(Array.from({ length: 10 }, (_, place) => place))(
    "number %d is the same as code, and as a file",
    async () => {
      const sketch = await drawn();
      const session = new Session(sketch, await lessonOf(sketch.data));
      trained(session, 5);
      session.change(settings(session.settings));
      const { graph, lesson } = session;
      const taken = { sketch: session.now(), saved: graph.save(), lesson };
      for (const name of ["declared", "imperative"] as const) {
        const module = await imported(await take(name, taken));
        expect(partsOf(module.default)).toEqual(partsOf(graph));
        expect(module.default.optimizer).toEqual(graph.optimizer);
      }
      const [file] = await take("safetensors", taken);
      const found = await openFiles([{ name: file!.name, bytes: taken.saved }], { kind: "none" });
      if (found.kind !== "sketch") throw new Error("no sketch");
      const again = await opened(found.sketch);
      const { training, steps } = lesson;
      const xs = Object.fromEntries(
        Object.entries(training.xs).map(([name, all]) => [
          name,
          all.slice(0, (all.length / training.count) * 2),
        ]),
      );
      const timed = steps === undefined ? {} : { steps };
      expect(again.graph.predict(xs, timed)).toEqual(graph.predict(xs, timed));
    },
  );
});
