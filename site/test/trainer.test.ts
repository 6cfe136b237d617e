// Orders of the page and the messages that answer them.

import { Graph } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { sketchOf } from "../playground/files/draft.ts";
import type { AnyGraph } from "../playground/model/build.ts";
import { addLayer, connect, renameLayer, withDelay } from "../playground/model/edit.ts";
import type { DataSketch, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import type { Failure, Look } from "../playground/worker/message.ts";
import type { Session } from "../playground/worker/session.ts";
import { Desk, lessonOf, opened } from "./support/host.ts";

async function desk(data: DataSketch, edit: (sketch: Sketch) => Sketch = (sketch) => sketch) {
  const made = new Desk();
  const sketch = edit(starter(data, await lessonOf(data)));
  const reply = await made.ask({ kind: "open", sketch });
  if (reply.kind !== "opened") throw new Error(JSON.stringify(reply));
  return { desk: made, sketch, lesson: reply.lesson };
}

/** Returns the frame after a look. */
async function seen(made: Desk, look: Look) {
  made.clear();
  await made.ask({ kind: "look", look });
  return made.until((message) => message.kind === "frame");
}

const rate = (sketch: Sketch, name: string, value: number) => ({
  ...sketch.settings,
  optimizer: { name, rate: value },
});

describe("a trainer", () => {
  it("trains steps and epochs, and posts a frame after each", async () => {
    const { desk: made, lesson } = await desk(firstData.plane);
    expect(lesson.training.count).toBe(280);
    await made.ask({ kind: "step", steps: 3 });
    expect(made.frames.at(-1)).toMatchObject({ step: 3, epoch: 0, running: false });
    await made.ask({ kind: "epoch" });
    expect(made.frames.at(-1)).toMatchObject({ step: 28, epoch: 1 });
  });

  it("runs until it is paused, with at most 60 frames a second", async () => {
    const { desk: made } = await desk(firstData.plane);
    made.clear();
    const begun = performance.now();
    await made.ask({ kind: "run" });
    await made.behind(3000);
    await made.ask({ kind: "pause" });
    const seconds = (performance.now() - begun) / 1000;
    expect(made.frames.at(-1)!.running).toBe(false);
    expect(made.frames.length).toBeLessThanOrEqual(seconds * 60 + 3);
    expect(made.frames.at(-2)!.samplesPerSecond).toBeGreaterThan(1000);
  });

  it("keeps a pace of steps a second", async () => {
    const { desk: made } = await desk(firstData.plane);
    await made.ask({ kind: "run", pace: 200 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    await made.ask({ kind: "pause" });
    expect(made.trainer.session!.step).toBeLessThan(130);
    expect(made.trainer.session!.step).toBeGreaterThan(20);
  });

  it("shows surfaces of all units over the plane, and one of them larger", async () => {
    const { desk: made } = await desk(firstData.plane);
    const look = { surfaces: true, points: 8, large: { layer: "y", unit: 0, points: 15 } };
    const { surfaces, large, weights, biases } = await seen(made, look);
    const { graph } = made.trainer.session!;
    expect(Object.keys(surfaces)).toEqual(["x", "h1", "h2", "y"]);
    expect(surfaces.h1).toHaveLength(6 * 64);
    expect(Array.from(surfaces.x!.subarray(0, 3))).toEqual([
      -6,
      Math.fround(-6 + 12 / 7),
      Math.fround(-6 + 24 / 7),
    ]);
    expect(surfaces.x![64 + 8]).toBe(Math.fround(-6 + 12 / 7));
    expect(large![0]).toBe(Math.fround(graph.predict({ x: [-6, -6] }).y![0]!));
    expect(large![224]).toBe(Math.fround(graph.predict({ x: [6, 6] }).y![0]!));
    expect(weights.map((one) => one?.length)).toEqual([12, 24, 4, 6]);
    expect(biases.h2).toHaveLength(4);
    const few = await seen(made, { ...look, units: 2 });
    expect(few.surfaces.h1).toEqual(surfaces.h1!.subarray(0, 2 * 64));
    expect(few.surfaces.y).toEqual(surfaces.y);
  });

  it("shows the same for a row and for its typed values, also through a loop in time", async () => {
    for (const edit of [(sketch: Sketch) => sketch, (sketch: Sketch) => withDelay(sketch, "h2", "h1")]) {
      const { desk: made, lesson } = await desk(firstData.iris, edit);
      const { xs } = lesson.heldOut;
      const by = await seen(made, { surfaces: false, points: 0, sample: { rows: "heldOut", row: 0 } });
      const values = { x: [...xs.x!.subarray(0, 4)] };
      const typed = await seen(made, { surfaces: false, points: 0, sample: { values } });
      const last = ({ predictions }: typeof by) => [...predictions.species!].slice(-3);
      expect(last(typed)).toEqual(last(by));
      expect(typed.states).toEqual(by.states);
    }
  });

  it.each(["x", "h1", "y"])("shows and trains %s by the name __proto__", async (name) => {
    const { desk: made } = await desk(firstData.plane, (sketch) => renameLayer(sketch, name, "__proto__"));
    await made.ask({ kind: "step", steps: 2 });
    const { surfaces } = await seen(made, { surfaces: true, points: 5 });
    expect(Object.keys(surfaces)).toContain("__proto__");
    expect(made.frames.at(-1)!.step).toBe(2);
  });

  it("shows surfaces over the line of a curve, and of a graph with a loop on a plane", async () => {
    const { desk: line } = await desk(firstData.curve);
    expect((await seen(line, { surfaces: true, points: 30 })).surfaces.y).toHaveLength(30);
    const { desk: loop } = await desk(firstData.plane, (sketch) => withDelay(sketch, "h2", "h1"));
    const { surfaces } = await seen(loop, { surfaces: true, points: 5 });
    expect(surfaces.y).toHaveLength(25);
    const { graph } = loop.trainer.session!;
    const corner = graph.predict({ x: Array.from({ length: 4 }, () => [-6, -6]).flat() }, { steps: 4 });
    expect(surfaces.y![0]).toBe(Math.fround(corner.y![3]!));
  });

  it("shows states, predictions and the input gradient of a sample", async () => {
    const { desk: made, lesson } = await desk(firstData.iris);
    const gradient = { output: "species", unit: 2 };
    const look = { surfaces: false, points: 0, sample: { rows: "heldOut", row: 4 }, gradient } as const;
    const { states, predictions, gradients } = await seen(made, look);
    const x = Array.from(lesson.heldOut.xs.x!.subarray(16, 20));
    const { graph } = made.trainer.session!;
    expect(Array.from(predictions.species!)).toEqual(Array.from(graph.predict({ x }).species!, Math.fround));
    expect(states.h1).toHaveLength(6);
    const bumped = graph.predict({ x: x.map((value, k) => value + (k === 1 ? 1e-6 : 0)) }).species![2]!;
    const slope = (bumped - graph.predict({ x }).species![2]!) / 1e-6;
    expect(gradients.x![1]).toBeCloseTo(slope, 4);
    const byValues = await seen(made, { ...look, sample: { values: { x } } });
    expect(byValues.predictions).toEqual(predictions);
    const wrong = await seen(made, { ...look, sample: { values: { x: [1] } } });
    expect(wrong.states).toEqual({});
  });

  it("shows all steps of a series' prediction, and states of the last one", async () => {
    const { desk: made } = await desk(firstData.series);
    const look = {
      surfaces: true,
      points: 8,
      sample: { rows: "heldOut", row: 0 },
      gradient: { output: "y", unit: 0 },
    } as const;
    const { states, predictions, gradients } = await seen(made, look);
    expect([states.h1!.length, predictions.y!.length, gradients.x!.length]).toEqual([12, 32, 32]);
    expect(states.y![0]).toBe(predictions.y![31]);
  });

  it("returns to the best step of a run that diverges, with the engine's advice", async () => {
    const { desk: made, sketch } = await desk(firstData.curve);
    await made.ask({ kind: "step", steps: 50 });
    const { session } = made.trainer;
    const before = session!.graph.predict({ x: [1, 2, 3] });
    await made.ask({ kind: "settings", settings: rate(sketch, "sgd", 1e6) });
    await made.ask({ kind: "run" });
    const failed = await made.until((message): message is Failure => message.kind === "failed");
    expect(failed.refusal.code).toBe("diverged");
    expect(failed.hint).toMatch(/rate/);
    expect(failed.back).toBe(50);
    expect(made.frames.at(-1)).toMatchObject({ running: false, step: 50 });
    expect(session!.graph.predict({ x: [1, 2, 3] })).toEqual(before);
    expect(session!.settings.optimizer.rate).toBe(1e6);
    await made.ask({ kind: "settings", settings: sketch.settings });
    expect(session!.changes).toHaveLength(2);
    await made.ask({ kind: "step", steps: 5 });
    expect(made.frames.at(-1)!.step).toBe(55);
  });

  it("returns to the best score of a short run, whose settings changed before and behind it", async () => {
    const { desk: made, sketch } = await desk({ ...firstData.curve, noise: 0 });
    await made.ask({ kind: "run" });
    await made.behind(40);
    await made.ask({ kind: "settings", settings: { ...sketch.settings, batchSize: 30, dropout: 0.05 } });
    await made.ask({ kind: "settings", settings: { ...sketch.settings, l2: 1e-4, batchSize: 7 } });
    const { changes } = made.trainer.session!;
    const from = changes.at(-1)!.step;
    await made.behind(from + 60);
    await made.ask({ kind: "settings", settings: { ...rate(sketch, "sgd", 1e9), l2: 1e-4 } });
    const { step } = made.trainer.session!;
    const failed = await made.until((message): message is Failure => message.kind === "failed");
    // All of it takes less time than lies between two snapshots. Costs with the new penalty count alone.
    const scores = made.frames.flatMap((frame) => frame.scores);
    const best = scores
      .filter((score) => score.step > from && score.step <= step)
      .map((score) => ({ step: score.step, cost: score.training.cost }))
      .reduce((one, other) => (other.cost <= one.cost ? other : one), {
        step: from,
        cost: (await opened({ ...sketch, changes, steps: from })).cost(),
      });
    expect(failed.back).toBe(best.step);
    const { session } = made.trainer;
    const link = session!.now();
    expect(link.changes.at(-1)).toMatchObject({ step: best.step, settings: { optimizer: { rate: 1e9 } } });
    const again = await opened(link);
    expect(Buffer.from(again.graph.save()).equals(Buffer.from(session!.graph.save()))).toBe(true);
    expect(again.isDue).toBe(session!.isDue);
    // Both are scored at the same steps from then on.
    for (const one of [again, session!]) one.change({ ...sketch.settings, batchSize: 7 });
    const due = (one: Session) =>
      Array.from({ length: 80 }, () => {
        one.train();
        return one.isDue && one.score();
      });
    expect(due(again)).toEqual(due(session!));
  });

  it("returns to the step of other penalties, under which no better score was", async () => {
    const { desk: made, sketch } = await desk(firstData.curve);
    await made.ask({ kind: "run" });
    await made.behind(40);
    await made.ask({ kind: "settings", settings: { ...rate(sketch, "sgd", 1e9), l1: 1e-3 } });
    const failed = await made.until((message): message is Failure => message.kind === "failed");
    expect(failed.back).toBe(made.trainer.session!.changes[0]!.step);
  });

  it("refuses settings and sketches in the engine's words, and keeps the present one", async () => {
    const { desk: made, sketch } = await desk(firstData.plane);
    const wrong = await made.ask({ kind: "settings", settings: rate(sketch, "adam", -1) });
    expect(wrong).toMatchObject({ kind: "refused", refusal: { code: "bad-option" } });
    const dropped = await made.ask({ kind: "settings", settings: { ...sketch.settings, dropout: 1 } });
    expect(dropped).toMatchObject({
      refusal: { code: "bad-option", message: expect.stringMatching(/dropout/) },
    });
    const loop = await made.ask({ kind: "open", sketch: connect(sketch, "h2", "h1") });
    expect(loop).toMatchObject({ kind: "refused", refusal: { code: "cycle", part: { synapse: 4 } } });
    const narrow = {
      ...sketch,
      layers: sketch.layers.map((layer) => ({ ...layer, size: layer.kind === "input" ? 3 : layer.size })),
    };
    const reply = await made.ask({ kind: "open", sketch: narrow });
    expect(reply).toMatchObject({
      refusal: { code: "bad-data", part: { layer: "x" }, message: expect.stringMatching(/x \(2\).*x \(3\)/) },
    });
    await made.ask({ kind: "step", steps: 1 });
    expect(made.trainer.session!.step).toBe(1);
  });

  it("saves the graph, and writes characters", async () => {
    const { desk: made } = await desk({
      ...firstData.characters,
      text: "the cat sat on the mat ".repeat(20),
    });
    await made.ask({ kind: "step", steps: 150 });
    const reply = await made.ask({ kind: "write", text: "the c", count: 20, temperature: 0 });
    expect(reply).toMatchObject({ kind: "done", text: "the cat sat on the mat th" });
    const drawn = await made.ask({ kind: "write", text: "the c", count: 9, temperature: 0.5 });
    expect(drawn).toMatchObject({ text: expect.stringMatching(/^the c.{9}$/) });
    expect(await made.ask({ kind: "save" })).toMatchObject({ bytes: expect.any(Uint8Array) });
  });

  it("shows the surfaces and states of a graph that was opened without data", async () => {
    const graph = new Graph({
      seed: 1,
      inputs: { a: 1, b: 1 },
      outputs: { y: 1 },
      synapses: [
        ["a", "y"],
        ["b", "y"],
      ],
    });
    const made = new Desk();
    await made.ask({ kind: "open", sketch: sketchOf(graph as AnyGraph, { kind: "none" }) });
    const { surfaces, states } = await seen(made, {
      surfaces: true,
      points: 3,
      sample: { values: { a: [1], b: [-1] } },
    });
    expect(surfaces.y![2]).toBe(Math.fround(graph.predict({ a: [1], b: [-1] }).y[0]!));
    expect(states.y).toEqual(Float32Array.of(surfaces.y![2]!));
  });

  it("shows nothing of a graph without an output, and trains the next one", async () => {
    const { desk: made } = await desk({ kind: "none" }, (one) => addLayer(one, "input", { x: 0, y: 0 }));
    const look = { surfaces: true, points: 4, sample: { values: { x: [1] } } };
    expect(await seen(made, look)).toMatchObject({ surfaces: {}, states: {} });
    await made.ask({ kind: "open", sketch: starter(firstData.plane, await lessonOf(firstData.plane)) });
    await made.ask({ kind: "step", steps: 2 });
    expect(made.frames.at(-1)!.step).toBe(2);
  });

  it("scores no held-out rows where none are held out", async () => {
    const { desk: made, lesson } = await desk({ ...firstData.iris, share: 0 });
    expect([lesson.training.count, lesson.heldOut.count]).toEqual([150, 0]);
    const { scores } = made.frames.at(-1)!;
    expect(scores).toEqual([
      { step: 0, epoch: 0, training: expect.objectContaining({ cost: expect.any(Number) }) },
    ]);
  });

  it("has nothing to train on without data", async () => {
    const { desk: made } = await desk({ kind: "none" });
    expect(await made.ask({ kind: "run" })).toMatchObject({ refusal: { code: "no-data" } });
    expect(await new Desk().ask({ kind: "run" })).toMatchObject({ refusal: { code: "no-data" } });
  });
});
