// The store of a page with its worker: settings, edits, links and refusals in an order that people have.

import { describe, expect, it } from "vitest";
import { check } from "../playground/model/build.ts";
import { connect, disconnect, settingsOf } from "../playground/model/edit.ts";
import type { DataSketch, Settings, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import type { Store } from "../playground/view/store.ts";
import { lessonOf, opened } from "./support/host.ts";
import { paged } from "./support/page.ts";

async function first(data: DataSketch = firstData.plane, more: Partial<Sketch> = {}): Promise<Sketch> {
  return { ...starter(data, await lessonOf(data)), ...more };
}

/** Returns settings with another rate. */
function paced({ optimizer, ...rest }: Settings, rate: number): Settings {
  return { ...rest, optimizer: { ...optimizer, rate } };
}

const soon = { timeout: 20_000, interval: 5 };

/** Waits until the page shows a step behind another. */
async function behind(store: Store, step: number): Promise<void> {
  await expect.poll(() => store.status.value.step, soon).toBeGreaterThan(step);
}

describe("the settings of a page", () => {
  it("stay where they change while a graph is refused", async () => {
    const { store, trainer } = await paged(await first());
    const cut = disconnect(store.trained(), 0);
    expect(check(cut)?.code).toBe("unconnected");
    store.edit(cut, { kind: "graph" });
    await expect.poll(() => store.ready.value, soon).toBe(false);
    const changed = { ...paced(store.settings.value, 0.123), l2: 0.01, batchSize: 7 };
    store.setSettings(changed);
    store.edit(connect(store.trained(), "x", "h1"), { kind: "graph" });
    await expect.poll(() => store.ready.value, soon).toBe(true);
    expect(store.settings.value).toEqual(changed);
    expect(settingsOf(store.sketch.value)).toEqual(changed);
    expect(trainer.session!.settings).toEqual(changed);
  });

  it("stay where they change just before an edit, a move or an undo", async () => {
    const { store, trainer } = await paged(await first());
    void store.run();
    await behind(store, 5);
    store.setSettings(paced(store.settings.value, 0.2));
    store.edit(connect(store.trained(), "x", "y"), { kind: "graph" });
    expect(store.settings.value.optimizer.rate).toBe(0.2);
    await store.save();
    store.setSettings(paced(store.settings.value, 0.3));
    store.move(new Map([["h1", { x: 300, y: 9 }]]));
    expect(store.settings.value.optimizer.rate).toBe(0.3);
    store.setSettings(paced(store.settings.value, 0.4));
    store.undo();
    expect(store.settings.value.optimizer.rate).toBe(0.4);
    await expect.poll(() => trainer.session!.settings.optimizer.rate, soon).toBe(0.4);
    await store.pause();
  });

  it("that change in a replay are those of the step behind it", async () => {
    const { store, trainer } = await paged(await first());
    const other = await first(firstData.iris, { steps: 400 });
    const opening = store.open(other);
    store.setSettings(paced(other.settings, 0.007));
    await opening;
    await expect.poll(() => trainer.session!.changes.length, soon).toBe(1);
    expect(trainer.session!.changes[0]).toMatchObject({
      step: 400,
      settings: { optimizer: { rate: 0.007 } },
    });
  });

  it("that a slider moves through are some ten a second of the link", async () => {
    const { store, trainer } = await paged(await first());
    void store.run();
    await behind(store, 5);
    const begun = performance.now();
    let rate = 0.01;
    while (performance.now() - begun < 450) {
      rate += 1e-5;
      store.setSettings(paced(store.settings.value, rate));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    await store.pause();
    const { changes } = trainer.session!;
    expect(changes.length).toBeLessThanOrEqual((performance.now() - begun) / 100 + 2);
    expect(changes.at(-1)!.settings.optimizer.rate).toBe(rate);
    // Frames have the list where it is another one.
    void store.run();
    await behind(store, trainer.session!.step);
    await store.pause();
    expect(store.trained()).toEqual(trainer.session!.now());
  });
});

describe("settings that the engine refuses", () => {
  it("leave no trace in the sketch, also where a layer is moved before the answer", async () => {
    const { store, trainer } = await paged(await first());
    const good = store.settings.value;
    store.reset();
    store.setSettings({ ...good, dropout: 1 });
    await expect.poll(() => store.ready.value && store.trained().steps === 0, soon).toBe(true);
    store.setSettings({ ...good, dropout: 1 });
    store.move(new Map([["h1", { x: 300, y: 9 }]]));
    await expect.poll(() => store.notice.value?.place, soon).toEqual({ kind: "settings" });
    expect(store.settings.value).toEqual(good);
    await store.step();
    await expect.poll(() => store.trained().steps, soon).toBe(1);
    expect(store.trained().changes).toEqual([]);
    const moved = store.sketch.value.layers;
    expect(store.trained()).toEqual({ ...trainer.session!.now(), layers: moved });
  });

  it("are mended by others, with which the sketch opens", async () => {
    const { store } = await paged(await first());
    const good = store.settings.value;
    store.setSettings(paced(good, -1));
    store.reset();
    await expect.poll(() => store.ready.value, soon).toBe(false);
    store.setSettings(paced(good, 0.02));
    await expect.poll(() => store.ready.value, soon).toBe(true);
    expect(store.trained().settings).toEqual(paced(good, 0.02));
  });
});

describe("a sketch that is refused", () => {
  it("has its refusal shown again at the wish to train it", async () => {
    const { store } = await paged(await first());
    void store.run();
    await behind(store, 5);
    store.edit(disconnect(store.trained(), 0), { kind: "graph" });
    await expect.poll(() => store.isRefused.value, soon).toBe(true);
    const { place, message } = store.notice.value!;
    expect(place).toEqual({ kind: "layer", name: "h1" });
    store.dismiss();
    expect(store.notice.value).toBeUndefined();
    store.toggle();
    expect(store.notice.value).toMatchObject({ place, message });
    // The edit that mends the sketch resumes the training all the same.
    store.edit(connect(store.trained(), "x", "h1"), { kind: "graph" });
    await expect.poll(() => store.status.value.running, soon).toBe(true);
    expect(store.isRefused.value).toBe(false);
    store.toggle();
    await expect.poll(() => store.status.value.running, soon).toBe(false);
  });
});

describe("a sketch that is opened", () => {
  it("is the one of links and edits while its steps are made again, and not the former one", async () => {
    const { store, trainer } = await paged(await first());
    void store.run();
    await behind(store, 20);
    const other = await first(firstData.iris, { steps: 3000 });
    const opening = store.open(other);
    await expect.poll(() => store.replay.value !== undefined, soon).toBe(true);
    expect(store.ready.value).toBe(false);
    expect(store.status.value.running).toBe(false);
    expect(store.trained().steps).toBe(3000);
    void store.step();
    await opening;
    expect(trainer.session!.step).toBe(3000);
    expect(store.ready.value).toBe(true);
  });

  it("is ended in its replay by an edit, whose settings are its own", async () => {
    const { store, trainer } = await paged(await first());
    void store.run();
    await behind(store, 5);
    store.setSettings(paced(store.settings.value, 0.5));
    await store.pause();
    const other = await first(firstData.iris, { steps: 1e6 });
    const opening = store.open(other);
    await expect.poll(() => (store.replay.value?.step ?? 0) > 0, soon).toBe(true);
    store.reset();
    await opening;
    await expect.poll(() => store.ready.value, soon).toBe(true);
    expect([trainer.session!.step, store.replay.value]).toEqual([0, undefined]);
    expect(store.settings.value).toEqual(other.settings);
  });

  it("is saved as its steps end, with the sketch in view", async () => {
    const { store } = await paged(await first());
    const other = await first(firstData.iris, { steps: 300 });
    void store.open(other);
    const bytes = await store.save();
    const session = await opened(store.trained());
    expect(Buffer.from(bytes).equals(Buffer.from(session.graph.save()))).toBe(true);
    expect(store.trained().steps).toBe(300);
  });
});

describe("a run", () => {
  it("rests where an edit is refused, and resumes with the one that mends it", async () => {
    const { store, trainer } = await paged(await first());
    void store.run();
    await behind(store, 5);
    store.edit(disconnect(store.trained(), 0), { kind: "graph" });
    await expect.poll(() => store.ready.value, soon).toBe(false);
    const { step } = trainer.session!;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([trainer.session!.step, store.status.value.running]).toEqual([step, false]);
    store.edit(connect(store.trained(), "x", "h1"), { kind: "graph" });
    await expect.poll(() => store.status.value.running, soon).toBe(true);
    await behind(store, 5);
    await store.pause();
    await expect.poll(() => store.status.value.running, soon).toBe(false);
    expect(store.trained().steps).toBe(trainer.session!.step);
  });
});
