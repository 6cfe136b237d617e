// Orders of a person in any sequence, also before the worker has answered: page and worker end with one sketch. Its link has the
// same bits.

import { describe, expect, it } from "vitest";
import { Random } from "../playground/data/random.ts";
import * as edits from "../playground/model/edit.ts";
import { linkOf, sketchOfLink } from "../playground/model/link.ts";
import type { DataSketch, Settings, Sketch } from "../playground/model/sketch.ts";
import { firstData, starter } from "../playground/model/starter.ts";
import type { Store } from "../playground/view/store.ts";
import { lessonOf, opened } from "./support/host.ts";
import { paged } from "./support/page.ts";

const seed = Number(process.env.PLEXUS_SEED ?? Math.floor(Math.random() * 2 ** 32));
const random = new Random(seed);
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;

const kinds: readonly DataSketch[] = [
  firstData.plane,
  firstData.curve,
  firstData.iris,
  firstData.series,
  { ...firstData.characters, steps: 5, text: "a rose is a rose is a rose " },
];

async function first(data = pick(kinds), steps = 0): Promise<Sketch> {
  return { ...starter(data, await lessonOf(data)), steps };
}

const place = { kind: "graph" } as const;

/** Settings as panels change them, also to ones that the engine refuses, or that diverge. */
const settings: readonly ((now: Settings) => Settings)[] = [
  (now) => ({ ...now, optimizer: { ...now.optimizer, rate: random.uniform() * 0.02 } }),
  (now) => ({
    ...now,
    optimizer: pick([
      { name: "adam", rate: 0.01 },
      { name: "sgd", rate: 1e8 },
    ]),
  }),
  (now) => ({ ...now, l2: pick([0, 1e-3]), dropout: pick([0, 0.2, 1]), batchSize: 1 + random.below(30) }),
];

/** Returns the link of a page, opened in it; its replay may be ended by another order. */
async function relinked(store: Store): Promise<void> {
  const link = await linkOf(store.trained());
  void store.open(await sketchOfLink(link), true);
}

/** Orders by name, given the name of a layer. */
const orders: Readonly<Record<string, (store: Store, name: string) => unknown>> = {
  run: (store) => store.run(),
  pause: (store) => store.pause(),
  step: (store) => void store.step(),
  epoch: (store) => void store.epoch(),
  settings: (store) => store.setSettings(pick(settings)(store.settings.value)),
  more: (store) => store.setSettings(pick(settings)(store.settings.value)),
  connect: (store, name) => store.connect(name, pick(store.sketch.value.layers).name),
  cut: (store) => store.edit(edits.disconnect(store.trained(), random.below(6)), place),
  join: (store) => store.edit(edits.connect(store.trained(), "x", "h1"), place),
  resize: (store) => store.edit(edits.resizeLayer(store.trained(), "h1", 1 + random.below(5)), place),
  rename: (store, name) => store.edit(edits.renameLayer(store.trained(), name, "__proto__"), place),
  undo: (store) => store.canUndo.value && store.undo(),
  redo: (store) => store.canRedo.value && store.redo(),
  move: (store, name) => store.move(new Map([[name, { x: random.below(500), y: 3 }]])),
  tidy: (store) => store.tidy(),
  reset: (store) => store.reset(random.below(100)),
  precision: (store) => store.setPrecision(pick(["float32", "float64"])),
  data: (store) => void store.begin(pick(kinds)),
  open: async (store) => void store.open(await first(undefined, random.below(300)), true),
  link: relinked,
  save: (store) => store.save(),
};

/** Returns a sketch without places, which the worker need not know. */
function placeless({ flow: _, ...sketch }: Sketch): unknown {
  return { ...sketch, layers: sketch.layers.map((layer) => ({ ...layer, x: 0, y: 0 })) };
}

const pause = (most: number) => new Promise((resolve) => setTimeout(resolve, random.below(most)));

describe(`orders (PLEXUS_SEED=${seed})`, () => {
  it.each(Array.from({ length: 12 }, (_, number) => number))(
    "in sequence %d lead to one sketch",
    async () => {
      const { store, trainer } = await paged(await first());
      const given: string[] = [];
      for (let count = 0; count < 25; count++) {
        const name = pick(Object.keys(orders));
        given.push(name);
        await orders[name]!(store, pick(store.sketch.value.layers).name);
        if (random.uniform() < 0.6) await pause(20);
      }
      await store.pause();
      await store.save();
      await store.pause();
      const context = given.join(" ");
      // The last frame is drawn a while after the worker has posted it.
      await expect.poll(() => store.status.value.running, { timeout: 20_000 }).toBe(false);
      if (!store.ready.value) {
        expect(store.notice.value, context).toBeDefined();
        return;
      }
      const saved = await store.save();
      const sketch = store.trained();
      expect(placeless(sketch), context).toEqual(placeless(trainer.session!.now()));
      expect(store.settings.value, context).toEqual(trainer.session!.settings);
      const again = await opened(await sketchOfLink(await linkOf(sketch)));
      expect(Buffer.from(saved).equals(Buffer.from(again.graph.save())), context).toBe(true);
      again.dispose();
    },
  );
});
