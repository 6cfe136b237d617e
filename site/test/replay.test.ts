// The same sketch leads to the same bits: in one run, in pieces with pauses and changed settings, and when a link is opened.

import { describe, expect, it } from "vitest";
import { addLayer, connect, setLayer, setSynapse } from "../playground/model/edit.ts";
import type { DataSketch, Settings, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import type { Failure, Reply } from "../playground/worker/message.ts";
import type { Session } from "../playground/worker/session.ts";
import { Desk, lessonOf, opened } from "./support/host.ts";

/** Returns the bits of all that a session has learnt: the file has generators and the optimizer's state, too. */
function bits({ graph }: Session): string {
  return Buffer.from(graph.save()).toString("base64");
}

async function first(data: DataSketch, more: Partial<Sketch> = {}): Promise<Sketch> {
  return { ...starter(data, await lessonOf(data)), ...more };
}

const cases: readonly (readonly [string, DataSketch, Partial<Sketch>, Partial<Settings>])[] = [
  ["a plane in float64", firstData.plane, {}, {}],
  ["a plane in float32 with dropout", firstData.plane, { precision: "float32", seed: 9 }, { dropout: 0.2 }],
  ["irises with penalties", firstData.iris, { seed: 3 }, { l1: 1e-4, l2: 1e-3 }],
  ["a series with a loop", firstData.series, {}, { dropout: 0.1 }],
  ["characters by an LSTM", { ...firstData.characters, steps: 8 }, {}, { dropout: 0.1 }],
];

describe("a sketch", () => {
  it.each(cases)(
    "of %s has the same bits in pieces, with changed settings, as when it is opened",
    async (_, data, more, changed) => {
      const sketch = await first(data, more);
      const desk = new Desk();
      const opening = await desk.ask({ kind: "open", sketch });
      const output = (opening as Extract<Reply, { kind: "opened" }>).lesson.outputs[0]!.name;
      // Looks compute much with the graph, and change nothing.
      const sample = { rows: "heldOut", row: 1 } as const;
      const look = { surfaces: true, points: 8, sample, gradient: { output, unit: 0 } };
      await desk.ask({ kind: "look", look });
      await desk.ask({ kind: "step", steps: 7 });
      const slower = { ...sketch.settings, optimizer: { ...sketch.settings.optimizer, rate: 0.004 } };
      await desk.ask({ kind: "settings", settings: slower });
      await desk.ask({ kind: "run" });
      await desk.behind(20);
      await desk.ask({ kind: "pause" });
      await desk.ask({ kind: "settings", settings: { ...slower, ...changed, batchSize: 13 } });
      await desk.ask({ kind: "epoch" });
      await desk.ask({
        kind: "settings",
        settings: { ...slower, optimizer: { name: "sgd", rate: 0.01, momentum: 0.5 } },
      });
      await desk.ask({ kind: "step", steps: 11 });
      await desk.ask({ kind: "settings", settings: slower });

      const session = desk.trainer.session!;
      const link = session.now();
      expect(link.steps).toBeGreaterThan(32);
      expect(link.changes).toHaveLength(4);
      const anew = await opened(structuredClone(link));
      expect(bits(anew)).toBe(bits(session));
      expect(anew.now()).toEqual(link);
      // Both continue alike, and the page's scores are the same.
      for (const one of [session, anew]) for (let step = 0; step < 5; step++) one.train();
      expect(bits(anew)).toBe(bits(session));
      expect(anew.score()).toEqual(session.score());
    },
  );

  it.each([
    ["layers and synapses", firstData.plane, (sketch: Sketch) => sketch],
    ["an LSTM", firstData.characters, (sketch: Sketch) => sketch],
    [
      "a cell that receives from a layer behind it",
      firstData.series,
      (sketch: Sketch) => {
        const cell = setLayer(sketch, "h1", { cell: "gru", activation: undefined });
        return connect(connect(addLayer(cell, "hidden", { x: 0, y: 0 }), "x", "h2"), "h2", "h1");
      },
    ],
    [
      "a synapse with a penalty of its own",
      firstData.iris,
      (sketch: Sketch) => setSynapse(sketch, 0, { l2: 0.5 }),
    ],
    [
      "a layer with a dropout of its own",
      firstData.iris,
      (sketch: Sketch) => setLayer(sketch, "h1", { dropout: 0.4 }),
    ],
  ] as const)("gives %s the same options by settings at first and later", async (_, data, edit) => {
    const sketch = edit(await first(data));
    const settings = { ...sketch.settings, dropout: 0.25, l1: 1e-3, l2: 1e-4 };
    const options = ({ graph }: Session) => {
      const { layers, synapses } = graph.toJSON() as Record<"layers" | "synapses", Record<string, unknown>[]>;
      return [layers.map(({ dropout }) => dropout), synapses.map(({ l1, l2 }) => [l1, l2])];
    };
    const [early, late] = [await opened({ ...sketch, settings }), await opened(sketch)];
    const plain = options(late);
    late.change(settings);
    expect(options(late)).toEqual(options(early));
    expect(options(late)).not.toEqual(plain);
    // Penalties reach all weights that are trained, inside cells, too.
    const trained = late.graph.synapses.filter(({ weights, frozen }) => weights.length > 0 && !frozen);
    expect(trained.filter(({ l1, l2 }) => l1 === 0 || l2 === 0)).toEqual([]);
    late.change(sketch.settings);
    expect(options(late)).toEqual(plain);
  });

  it("has the same bits where settings changed to and fro at one step, also after a failure", async () => {
    const sketch = await first(firstData.curve);
    const desk = new Desk();
    await desk.ask({ kind: "open", sketch });
    await desk.ask({ kind: "step", steps: 30 });
    const wild = { ...sketch.settings, optimizer: { name: "sgd", rate: 1e6 } };
    const faster = { ...sketch.settings, optimizer: { ...sketch.settings.optimizer, rate: 0.03 } };
    await desk.ask({ kind: "settings", settings: wild });
    await desk.ask({ kind: "run" });
    await desk.until((message): message is Failure => message.kind === "failed");
    await desk.ask({ kind: "settings", settings: sketch.settings });
    await desk.ask({ kind: "settings", settings: faster });
    await desk.ask({ kind: "step", steps: 9 });
    const session = desk.trainer.session!;
    expect(session.now()).toMatchObject({
      steps: 39,
      changes: [{ step: 30 }, { step: 30, settings: faster }],
    });
    expect(bits(await opened(session.now()))).toBe(bits(session));
  });

  it("that is opened has the scores of the run, at the same steps", async () => {
    const sketch = await first(firstData.plane);
    const [live, replayed] = [new Desk(), new Desk()];
    await live.ask({ kind: "open", sketch });
    for (let part = 0; part < 10; part++) await live.ask({ kind: "step", steps: 33 });
    await replayed.ask({ kind: "open", sketch: live.trainer.session!.now() });
    const scores = ({ frames }: Desk) => frames.flatMap((frame) => frame.scores);
    expect(scores(live).length).toBeGreaterThan(10);
    expect(scores(replayed)).toEqual(scores(live));
    expect(scores(live)[0]).toMatchObject({ step: 0, epoch: 0 });
  });

  it("that is opened while another one is in a replay replaces it", async () => {
    const sketch = await first(firstData.plane);
    const desk = new Desk();
    const [long, short] = await Promise.all([
      desk.ask({ kind: "open", sketch: { ...sketch, steps: 1e6 } }),
      desk.ask({ kind: "open", sketch }),
    ]);
    expect(long).toMatchObject({ kind: "refused", refusal: { code: "replaced" } });
    expect(short.kind).toBe("opened");
    expect(desk.trainer.session!.step).toBe(0);
  });
});
