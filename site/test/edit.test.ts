// Edits of sketches, their refusals in the engine's words, undo, layout, and files of other libraries.

import { describe, expect, it } from "vitest";
import { check } from "../playground/model/build.ts";
import {
  addLayer,
  connect,
  disconnect,
  move,
  remove,
  removeLayer,
  renameLayer,
  resizeLayer,
  setKind,
  setLayer,
  setSettings,
  setSynapse,
  settingsOf,
  tryConnect,
  withDelay,
} from "../playground/model/edit.ts";
import { SketchHistory } from "../playground/model/history.ts";
import { layout } from "../playground/model/layout.ts";
import { flowOf, type LayerSketch, type Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import { lessonOf, opened } from "./support/host.ts";

const sketch = starter(firstData.plane, await lessonOf(firstData.plane));
const trained: Sketch = {
  ...sketch,
  steps: 40,
  changes: [{ step: 20, settings: { ...sketch.settings, batchSize: 5 } }],
};
const at = { x: 10, y: 20 };

function names({ layers }: Sketch): string[] {
  return layers.map(({ name }) => name);
}

describe("an edit", () => {
  it("adds layers with short names that no layer has", () => {
    const three = addLayer(addLayer(addLayer(sketch, "hidden", at), "input", at), "output", at);
    expect(names(three)).toEqual(["x", "h1", "h2", "y", "h3", "x2", "y2"]);
    expect(names(addLayer(removeLayer(three, "h1"), "hidden", at)).at(-1)).toBe("h1");
    expect(three.layers[4]).toEqual({
      name: "h3",
      kind: "hidden",
      size: 4,
      options: { activation: "tanh" },
      ...at,
    });
  });

  it("of the graph begins training anew, with the settings of now", () => {
    for (const edited of [
      addLayer(trained, "hidden", at),
      removeLayer(trained, "h2"),
      resizeLayer(trained, "h1", 7),
      setLayer(trained, "h1", { activation: "relu" }),
      setSynapse(trained, 0, { l2: 0.1 }),
      disconnect(trained, 1),
      connect(trained, "x", "y"),
    ]) {
      expect(edited).toMatchObject({ steps: 0, changes: [], settings: { batchSize: 5 } });
    }
    expect(trained.steps).toBe(40);
  });

  it("of places keeps the training, and a hidden layer's name does", () => {
    expect(move(trained, { h1: { x: 5, y: 6 } })).toMatchObject({ steps: 40, changes: trained.changes });
    const renamed = renameLayer(trained, "h1", "first");
    expect(renamed.steps).toBe(40);
    expect(renamed.synapses.map(({ from, to }) => `${from} ${to}`)).toEqual([
      "x first",
      "first h2",
      "h2 y",
      "first y",
    ]);
    expect(renameLayer(trained, "x", "point").steps).toBe(0);
  });

  it("renames a hidden layer without a change of what is learnt", async () => {
    const session = await opened(trained);
    const renamed = await opened(renameLayer(trained, "h1", "first"));
    const x = [1, 2, -3, 4];
    expect(renamed.graph.predict({ x })).toEqual(session.graph.predict({ x }));
  });

  it("removes a layer with its synapses, and keeps the numbers of shared weights right", () => {
    const twin = { ...sketch.layers[1]!, name: "twin" };
    const made = connect({ ...sketch, layers: [...sketch.layers, twin] }, "x", "twin", { share: 0 });
    const shared = connect(connect(made, "twin", "y"), "x", "y", { share: 3 });
    expect(removeLayer(shared, "h2").synapses.map(({ options }) => options.share)).toEqual([
      undefined,
      undefined,
      0,
      undefined,
      1,
    ]);
    expect(disconnect(shared, 0).synapses[3]!.options).toEqual({});
    expect(names(remove(sketch, ["h1", "h2"], [0]))).toEqual(["x", "y"]);
  });

  it("turns a layer into another kind", () => {
    const made = setKind(setLayer(sketch, "h2", { dropout: 0.1 }), "h2", "output");
    expect(made.layers[2]).toMatchObject({ kind: "output", options: { activation: "tanh", dropout: 0.1 } });
    expect(setKind(sketch, "h1", "input").synapses.map(({ to }) => to)).toEqual(["h2", "y", "y"]);
    expect(check(setKind(sketch, "h1", "input"))).toBeUndefined();
  });

  it("changes settings from now on", () => {
    const settings = { ...sketch.settings, batchSize: 7 };
    expect(setSettings(sketch, settings)).toMatchObject({ settings, changes: [] });
    const twice = setSettings(setSettings(trained, sketch.settings), settings);
    expect(twice.changes.map(({ step }) => step)).toEqual([20, 40]);
    expect(settingsOf(twice)).toEqual(settings);
  });
});

describe("a refusal", () => {
  it("of a loop is the engine's sentence, and offers a delay", () => {
    const made = tryConnect(sketch, "h2", "h1");
    if (!("refusal" in made)) throw new Error("no refusal");
    expect(made.refusal).toMatchObject({
      code: "cycle",
      message: expect.stringContaining("h1 → h2 → h1"),
      part: { synapse: 4 },
    });
    expect(made.offer).toEqual(withDelay(sketch, "h2", "h1"));
    expect(check(made.offer!)).toBeUndefined();
  });

  it.each([
    ["h1", "x", "not-a-target", false],
    ["x", "h1", "duplicate-synapse", false],
    ["h1", "h1", "cycle", true],
    ["y", "h2", "cycle", true],
  ])("of %s → %s is %s", (from, to, code, offers) => {
    expect(tryConnect(sketch, from, to)).toMatchObject({
      refusal: { code },
      offer: offers ? expect.anything() : undefined,
    });
  });

  it("names the layer or the synapse at fault", () => {
    expect(check(setLayer(sketch, "h2", { activation: "relo" }))).toMatchObject({
      code: "bad-option",
      part: { layer: "h2" },
    });
    expect(check(renameLayer(sketch, "h2", "h1"))).toMatchObject({
      code: "duplicate-layer",
      part: { layer: "h1" },
    });
    expect(check(resizeLayer(sketch, "h1", 0))).toMatchObject({ code: "bad-size", part: { layer: "h1" } });
    expect(check(setSynapse(sketch, 2, { kind: "identity" }))).toMatchObject({
      code: "bad-option",
      part: { synapse: 2 },
    });
    expect(check(disconnect(sketch, 0))).toMatchObject({ code: "unconnected", part: { layer: "h1" } });
  });

  it("isn't there for a graph that still lacks synapses, when one is added", () => {
    const lone = addLayer(sketch, "hidden", at);
    expect(tryConnect(lone, "h3", "y")).toHaveProperty("sketch");
  });

  it("lets a cell be drawn, whose sources are made before it or after", () => {
    const cell = addLayer(sketch, "hidden", { ...at, options: { cell: "gru" }, size: 5 });
    const late = addLayer(cell, "hidden", { ...at, size: 2 });
    const made = connect(connect(connect(connect(late, "x", "h3"), "h3", "y"), "x", "h4"), "h4", "h3");
    expect(check(made)).toBeUndefined();
    expect(check(setLayer(made, "h3", { forgetBias: 1 }))).toMatchObject({
      code: "bad-option",
      part: { layer: "h3" },
    });
  });
});

describe("the history", () => {
  it("undoes and redoes, and joins the moves of a layer", () => {
    const history = new SketchHistory(sketch);
    const wide = resizeLayer(sketch, "h1", 9);
    history.push(wide);
    for (let x = 1; x < 5; x++) history.push(move(history.now, { h1: { x, y: 0 } }));
    history.push(move(history.now, { h2: { x: 1, y: 1 } }));
    expect(history.now.layers[1]).toMatchObject({ x: 4 });
    history.undo();
    expect(history.undo()).toBe(wide);
    expect(history.undo()).toBe(sketch);
    expect([history.canUndo, history.canRedo]).toEqual([false, true]);
    expect(history.redo()).toBe(wide);
    expect(history.redo().layers[1]).toMatchObject({ x: 4 });
    history.replace({ ...history.now, steps: 9 });
    history.push(resizeLayer(history.now, "h2", 2));
    expect(history.canRedo).toBe(false);
    expect(history.undo().steps).toBe(9);
  });
});

describe("the layout", () => {
  const boxes = (made: Sketch) =>
    Object.fromEntries(made.layers.map((layer) => [layer.name, layer] as const)) as Record<
      string,
      LayerSketch
    >;

  it("leads from left to right, and keeps boxes apart", () => {
    const { x, h1, h2, y } = boxes(layout(connect(sketch, "x", "y")));
    expect([x!.x < h1!.x, h1!.x < h2!.x, h2!.x < y!.x]).toEqual([true, true, true]);
    const wide = boxes(layout(connect(sketch, "x", "y"), () => ({ width: 300, height: 200 })));
    expect(wide.h1!.x - wide.x!.x).toBeGreaterThanOrEqual(300);
  });

  it("takes layers of any name, and leaves the prototype of objects as it is", () => {
    const named = layout(renameLayer(renameLayer(sketch, "h1", "__proto__"), "h2", "constructor"));
    expect(named.layers.map(({ x, y }) => [x, y])).toEqual(layout(sketch).layers.map(({ x, y }) => [x, y]));
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("leads down where that is asked for, and says so in the sketch", () => {
    const made = layout(connect(sketch, "x", "y"), () => ({ width: 300, height: 200 }), "down");
    const { x, h1, h2, y } = boxes(made);
    expect([h1!.y - x!.y >= 200, h2!.y - h1!.y >= 200, y!.y - h2!.y >= 200]).toEqual([true, true, true]);
    expect([flowOf(made), flowOf(layout(made))]).toEqual(["down", "right"]);
  });

  it("takes loops and lone layers, and is the same each time", () => {
    const looped = withDelay(withDelay(addLayer(sketch, "hidden", at), "h2", "h1"), "h1", "h1");
    expect(layout(looped)).toEqual(layout(looped));
    for (const layer of layout(looped).layers)
      expect(Number.isInteger(layer.x) && Number.isInteger(layer.y)).toBe(true);
  });
});
