// Files of other tools that are dropped on the page: their graphs are drawn, and predict the data that they fit.

import { toOnnx } from "plexus-nn/onnx";
import { describe, expect, it } from "vitest";
import { openFiles } from "../../playground/files/open.ts";
import { firstData, starter } from "../../playground/model/starter.ts";
import { useSite } from "../support/browser.ts";
import { lessonOf, opened } from "../support/host.ts";
import { accuracy, drop, layer, ready } from "../support/lab.ts";

const open = useSite();
/** Patience on a loaded machine. */
const soon = { timeout: 60_000 };
const data = firstData.plane;

/** Four walls around the circle in the middle: each hidden unit is on beyond one of them, and turns the output off. */
const walls = [
  [2, 0],
  [-2, 0],
  [0, 2],
  [0, -2],
] as const;
const [inward, outward, base] = [-6, -12, 6];

function brainJs(): string {
  const hidden = walls.map(([first, second]) => ({ bias: inward, weights: { 0: first, 1: second } }));
  const output = { bias: base, weights: { 0: outward, 1: outward, 2: outward, 3: outward } };
  const layers = [{ 0: {}, 1: {} }, { ...hidden }, { 0: output }];
  return JSON.stringify({ sizes: [2, 4, 1], layers, outputLookup: false, inputLookup: false });
}

function synaptic(): string {
  const neuron = (of: string, bias: number) => ({ layer: of, bias, squash: "LOGISTIC" });
  const neurons = [
    neuron("input", 0),
    neuron("input", 0),
    ...walls.map(() => neuron("0", inward)),
    neuron("output", base),
  ];
  const connections = walls.flatMap((weights, unit) => [
    ...weights.map((weight, from) => ({ from, to: 2 + unit, weight, gater: null })),
    { from: 2 + unit, to: 6, weight: outward, gater: null },
  ]);
  return JSON.stringify({ neurons, connections });
}

async function onnx(): Promise<Uint8Array> {
  const session = await opened({ ...starter(data, await lessonOf(data)), steps: 600 });
  return toOnnx(session.graph);
}

describe("a file that is dropped on the page", () => {
  it.each([
    ["ONNX", "circles.onnx", onnx],
    ["brain.js", "brain.json", brainJs],
    ["synaptic", "synaptic.json", synaptic],
  ] as const)("of %s is drawn, and predicts as it does outside of it", async (format, name, make) => {
    const content = await make();
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const found = await openFiles([{ name, bytes }], data);
    if (found.kind !== "sketch") throw new Error("no sketch");
    expect(found).toMatchObject({ format, sketch: { data } });
    const session = await opened(found.sketch);
    const wanted = 100 * session.score().heldOut!.accuracy!;
    expect(wanted).toBeGreaterThan(90);

    const { page, errors } = await open("", { viewport: { width: 1440, height: 900 } });
    await ready(page);
    await drop(page, name, bytes);
    await page.locator('[role="status"]', { hasText: `${name} is open` }).waitFor({ state: "attached" });
    const names = found.sketch.layers.map((one) => one.name);
    await expect.poll(() => page.locator(".vue-flow__node").count(), soon).toBe(names.length);
    for (const one of names) await layer(page, one).waitFor();
    await expect.poll(() => accuracy(page), soon).toBeCloseTo(wanted, 0);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
