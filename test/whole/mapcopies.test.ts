// Copies, files, resumed runs and workers of graphs of maps continue with the same bits.

import { type Checkpoint, type FitOptions, Graph } from "plexus-nn";
import { fit } from "plexus-nn/worker";
import { describe, expect, it } from "vitest";
import { imageData, images, loopData, loops } from "../runtimes/maps.js";
import { type AnyGraph, everything, expectSame, Random, seed, wrong } from "../support/helpers.js";
import { buildTangle, randomTangle } from "../support/tangle.js";

const copies: Readonly<Record<string, (graph: AnyGraph) => AnyGraph>> = {
  "a clone": (graph) => graph.clone(),
  "the text of a file": (graph) => Graph.fromJSON(JSON.parse(JSON.stringify(graph))) as AnyGraph,
  "the bytes of a file": (graph) => Graph.load(graph.save()) as AnyGraph,
};
const made = { images, loops } as const;
const data = { images: imageData(37), loops: loopData(21, 9) } as const;
const options: Readonly<Record<keyof typeof made, FitOptions>> = {
  images: { epochs: 3, batchSize: 10, validation: 0.2 },
  loops: { epochs: 3, batchSize: 8, window: 4, validation: 0.2 },
};

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  it(`random tangles train on as their copies do, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < 60; i++) {
      const { naive, xs, ts, lengths } = randomTangle(new Random(seed * 1_300_021 + i));
      const graph: AnyGraph = buildTangle(naive, precision);
      graph.optimizer = "adam";
      graph.train(xs, ts, { steps: lengths });
      const twins = Object.entries(copies).map(([name, copy]) => [name, copy(graph)] as const);
      const cost = graph.train(xs, ts, { steps: lengths });
      const ys = graph.predict(xs, { steps: lengths });
      for (const [name, twin] of twins) {
        expect(twin.train(xs, ts, { steps: lengths }), `tangle ${i}, ${name}`).toBe(cost);
        expect(JSON.stringify(twin), `tangle ${i}, ${name}`).toBe(JSON.stringify(graph));
        const same = twin.predict(xs, { steps: lengths });
        for (const output of Object.keys(ys)) expectSame(same[output]!, ys[output]!, `tangle ${i}, ${name}`);
        twin.dispose();
      }
      graph.dispose();
    }
  });

  it(`calls do not depend on earlier ones, of this graph or others, PLEXUS_SEED=${seed}`, () => {
    const random = new Random(seed);
    const graphs = [0, 1].flatMap(() => [made.images(precision), made.loops(precision)]);
    for (let i = 0; i < 40; i++) {
      const at = random.whole(0, 3);
      const graph = graphs[at]!;
      const rows = random.pick([1, 2, 3, 7, 20, 70]);
      const { xs, ts, ...timing } = at % 2 === 0 ? imageData(rows) : loopData(rows, random.whole(1, 9));
      const fresh = copies["a clone"]!(graph);
      const call = random.pick(["predict", "train", "gradients", "evaluate"] as const);
      const results = [graph, fresh].map((one) =>
        JSON.stringify(call === "predict" ? one.predict(xs, timing) : one[call](xs, ts, timing)),
      );
      expect(results[0] === results[1], `${call} of ${rows} rows, call ${i}`).toBe(true);
      expect(JSON.stringify(graph) === JSON.stringify(fresh), `${call}, call ${i}`).toBe(true);
      if (random.chance(0.3)) {
        // A part that comes and goes moves the others in memory.
        graph.addHidden("more", random.whole(1, 3000));
        graph.remove("more");
      }
      fresh.dispose();
    }
  });

  describe.each(["images", "loops"] as const)("a graph of %s", (kind) => {
    const make = () => made[kind](precision);

    it("goes on from any checkpoint as the whole run does", async () => {
      const whole = make();
      const saved: Checkpoint[] = [];
      const save = (one: Checkpoint) => void saved.push(JSON.parse(JSON.stringify(one)));
      await whole.fit(wrong(data[kind]), { ...options[kind], checkpoint: { everyEpochs: 1, save } });
      expect(saved.length).toBeGreaterThan(1);
      for (const resume of saved) {
        const graph = make();
        await graph.fit(wrong(data[kind]), { ...options[kind], resume });
        expect(JSON.stringify(graph)).toBe(JSON.stringify(whole));
        graph.dispose();
      }
    });

    it("is trained by a worker as on the main thread", async () => {
      const [here, there] = [make(), make()];
      const one = await here.fit(wrong(data[kind]), options[kind]);
      const two = await fit(there, wrong(data[kind]), options[kind]);
      const costs = ({ epochs }: typeof one) => epochs.map(({ cost, validation }) => [cost, validation]);
      expect(costs(two)).toEqual(costs(one));
      expect(JSON.stringify(there)).toBe(JSON.stringify(here));
    });

    it("takes all parameters of another", () => {
      const [graph, other] = [make(), make()];
      const { xs, ts, ...timing } = data[kind];
      other.train(xs, ts, timing);
      graph.copyFrom(other);
      const [ours, theirs] = [graph, other].map((one) => one.predict(xs, timing));
      for (const name of Object.keys(ours!)) expectSame(ours![name]!, theirs![name]!, name);
      expect(graph.evaluate(xs, ts, timing)).toEqual(other.evaluate(xs, ts, timing));
    });

    it("is not changed by a call that is refused", () => {
      const graph = make();
      const { xs, ts, ...timing } = data[kind];
      graph.train(xs, ts, timing);
      const before = everything(graph);
      const spoilt = Object.entries(xs).map(([name, values]) => {
        const copy = Array.from(values as ArrayLike<number>);
        copy[copy.length - 1] = Number.NaN;
        return { ...xs, [name]: copy };
      });
      for (const bad of spoilt) {
        expect(() => graph.train(bad, ts, timing)).toThrow(/NaN/);
        expect(() => graph.predict(bad, timing)).toThrow(/NaN/);
        expect(() => graph.gradients(bad, ts, timing)).toThrow(/NaN/);
      }
      expect(everything(graph)).toBe(before);
    });
  });
});
