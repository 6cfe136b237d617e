// Files that are taken away: code is run and predicts the same, and files that are opened again have the same graph.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { openFiles } from "../playground/files/open.ts";
import { type FormatName, formatList, take } from "../playground/files/take.ts";
import { connect, setLayer, withDelay } from "../playground/model/edit.ts";
import type { DataSketch, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import type { Session } from "../playground/worker/session.ts";
import { lessonOf, opened } from "./support/host.ts";
import { imported } from "./support/module.ts";

type Predict = (xs: object, steps?: unknown) => Record<string, ArrayLike<number>>;

const cases: readonly (readonly [string, DataSketch, (sketch: Sketch) => Sketch])[] = [
  ["a plane", firstData.plane, (sketch) => sketch],
  ["a plane in float32", firstData.plane, (sketch) => ({ ...sketch, precision: "float32" })],
  [
    "a curve with a scaler and a norm",
    firstData.curve,
    (sketch) => setLayer(sketch, "h1", { norm: "layer" }),
  ],
  ["irises with dropout, and shared weights", firstData.iris, shared],
  ["a series with two loops", firstData.series, (sketch) => withDelay(sketch, "y", "h1")],
  ["characters by an LSTM", { ...firstData.characters, steps: 6 }, (sketch) => sketch],
  ["digits by convolutions", { ...firstData.digits, count: 20 }, (sketch) => sketch],
];

/** Adds a synapse that shares the weights of another, and a dropout. */
function shared(sketch: Sketch): Sketch {
  const made = setLayer(sketch, "h1", { dropout: 0.1 });
  const twin = { ...made, layers: [...made.layers, { ...made.layers[1]!, name: "twin" }] };
  return connect(connect(twin, "x", "twin", { share: 0 }), "twin", "h2");
}

/** Returns a session of a case after some steps. */
async function trained([, data, edit]: (typeof cases)[number]): Promise<Session> {
  const sketch = edit(starter(data, await lessonOf(data)));
  return opened({ ...sketch, steps: 12 });
}

/** Returns predictions of the first held-out rows, or of training ones. */
function predictions({ lesson }: Session, predict: Predict): Record<string, ArrayLike<number>> {
  const { count, xs } = lesson.training;
  const first = Object.fromEntries(
    Object.entries(xs).map(([name, all]) => [name, all.slice(0, (all.length / count) * 3)]),
  );
  return lesson.steps === undefined ? predict(first) : predict(first, { steps: lesson.steps });
}

function of(graph: { predict(xs: never, options?: never): unknown }): Predict {
  return (xs, options) => graph.predict(xs as never, options as never) as never;
}

/** Imports the files of a format as a module. Returns its text, too. */
async function asModule(name: FormatName, session: Session) {
  const taken = await take(name, {
    sketch: session.now(),
    saved: session.graph.save(),
    lesson: session.lesson,
  });
  return { module: await imported(taken), text: (taken[0] as { text: string }).text };
}

describe.each(cases)("a graph of %s", (...given) => {
  it.each(["declared", "imperative"] as const)(
    "as %s code predicts the same to the last bit",
    async (name) => {
      const session = await trained(given);
      const { module, text } = await asModule(name, session);
      expect(predictions(session, of(module.default))).toEqual(predictions(session, of(session.graph)));
      expect(module.default.optimizer).toEqual(session.graph.optimizer);
      for (const line of text.split("\n").filter((one) => !one.startsWith("import")))
        expect(line.length).toBeLessThan(200);
      session.dispose();
    },
  );

  it("as a program without the engine predicts the same", async () => {
    const session = await trained(given);
    const { module } = await asModule("source", session);
    const own = predictions(session, (xs, options) =>
      module.predict(xs, (options as { steps?: number } | undefined)?.steps),
    );
    const expected = predictions(session, of(session.graph));
    const limit = session.sketch.precision === "float32" ? 5 : 10;
    for (const [name, values] of Object.entries(expected)) {
      for (let at = 0; at < values.length; at++) expect(own[name]![at]).toBeCloseTo(values[at]!, limit);
    }
    session.dispose();
  });

  it.each(["json", "safetensors", "sketch", "onnx"] as const)(
    "as %s opens as a sketch that predicts the same",
    async (name) => {
      const session = await trained(given);
      const { lesson, graph } = session;
      const [file] = await take(name, { sketch: session.now(), saved: graph.save(), lesson });
      const bytes = "text" in file! ? new TextEncoder().encode(file.text) : file!.bytes;
      const found = await openFiles([{ name: file!.name, bytes }], given[1]);
      if (found.kind !== "sketch") throw new Error("no sketch");
      const again = await opened(found.sketch);
      const [own, expected] = [predictions(session, of(again.graph)), predictions(session, of(graph))];
      if (name === "onnx") {
        for (const [output, values] of Object.entries(expected)) {
          for (let at = 0; at < values.length; at++) expect(own[output]![at]).toBeCloseTo(values[at]!, 5);
        }
      } else {
        expect(own).toEqual(expected);
        expect(found.sketch.layers.map((layer) => layer.name).sort()).toEqual(
          session.sketch.layers.map((layer) => layer.name).sort(),
        );
      }
      again.dispose();
      session.dispose();
    },
  );
});

describe("the formats", () => {
  it("all make files, with names and types", async () => {
    const session = await trained(cases[0]!);
    const taken = { sketch: session.now(), saved: session.graph.save(), lesson: session.lesson };
    for (const { name, isText } of formatList) {
      const made = await take(name, taken);
      expect(made[0]!.name).toMatch(/\.\w+$/);
      expect("text" in made[0]!).toBe(isText || ["svg", "sketch"].includes(name));
    }
    const torch = ["model.py", "model.safetensors", "data.safetensors"];
    expect((await take("torch", taken)).map(({ name }) => name)).toEqual(torch);
    expect(Graph.load(taken.saved).seed).toBe(session.sketch.seed);
    // Also of a series that a graph without loops learns.
    const series = starter(firstData.series, await lessonOf(firstData.series));
    const plain = await opened({
      ...series,
      synapses: series.synapses.filter(({ options }) => options.delay === undefined),
    });
    const { graph, lesson } = plain;
    const files = await take("torch", { sketch: plain.now(), saved: graph.save(), lesson });
    expect(files.map(({ name }) => name)).toEqual(torch);
  });
});
