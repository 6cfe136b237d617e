// Files of old versions, which old.js made of those versions: old.json has what they compute.

import { readFileSync } from "node:fs";
import { type Brain, fromBrain, fromNeataptic, fromSynaptic } from "plexus-nn/migrate";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectClose, expectRefusal } from "../../support/helpers.js";

interface Old {
  readonly name: string;
  readonly what: string;
  readonly json: object;
  readonly xs: readonly (number[] | Record<string, number> | string)[];
  readonly ys: readonly (number[] | Record<string, number> | string | number)[];
}

const files: readonly Old[] = JSON.parse(readFileSync(new URL("old.json", import.meta.url), "utf8"));
const of = (library: string) =>
  files.filter(({ name }) => name.startsWith(library)).map((file) => [file.name, file.what, file] as const);

function expectSame(graph: AnyGraph, { xs, ys }: Old, error: number): void {
  for (const [i, x] of xs.entries()) {
    expectClose(graph.predict({ input: x as number[] }).output!, ys[i] as number[], error, `row ${i}`);
  }
}

describe("files of old versions of synaptic predict as they did", () => {
  it.each(of("synaptic"))("%s, %s", (_, what, file) => {
    const first = (file.json as { neurons: { layer: unknown }[] }).neurons.find(
      ({ layer }) => layer !== "input",
    );
    expect(first!.layer).toBe("0");
    const graph: AnyGraph = fromSynaptic(file.json);
    if (what !== "LSTM") expectSame(graph, file, 1e-12);
    else {
      const { output } = graph.predict({ input: (file.xs as number[][]).flat() }, { steps: file.xs.length });
      expectClose(output!, (file.ys as number[][]).flat(), 1e-12, "steps");
    }
  });

  it("layers from the tenth on come after the ninth", () => {
    const neuron = (layer: string) => ({ layer, squash: "TANH", bias: 0.5 });
    const layers = ["input", ...Array.from({ length: 12 }, (_, i) => `${11 - i}`), "output"];
    const wires = layers
      .slice(2)
      .map((_, i) => ({ from: `${i + 2}`, to: `${i + 1}`, weight: 1, gater: null }));
    const ends = [
      { from: "0", to: "12", weight: 1, gater: null },
      { from: "1", to: "13", weight: 1, gater: null },
    ];
    const connections = [...wires.slice(0, -1), ...ends];
    const graph: AnyGraph = fromSynaptic({ neurons: layers.map(neuron), connections });
    let value = 0.25;
    for (let i = 0; i < 13; i++) value = Math.tanh(value + 0.5);
    expectClose(graph.predict({ input: [0.25] }).output!, [value], 1e-12, "the last");
  });

  it("texts that are no numbers are bad files", () => {
    const [, , { json }] = of("synaptic@1.0.1")[0]!;
    for (const wrong of ["", "00", "-1", "1.0", "1e0", "999999999999", "x", " 1", null, true]) {
      const file = structuredClone(json) as { neurons: { layer: unknown }[]; connections: { to: unknown }[] };
      file.connections[0]!.to = wrong;
      expectRefusal(() => fromSynaptic(file), "bad-file", "connections[0]");
      file.connections[0]!.to = "3";
      file.neurons[3]!.layer = wrong;
      expectRefusal(() => fromSynaptic(file), "bad-file", "neurons[3].layer");
    }
  });
});

const isRecurrent = (what: string) => /^(RNN|LSTM|GRU)/.test(what);

describe("recurrent networks of old versions of brain.js run as they did", () => {
  it.each(of("brain").filter(([, what]) => isRecurrent(what)))("%s, %s", (_, what, { json, xs, ys }) => {
    const { graph, run } = fromBrain(json) as { graph: AnyGraph } & Pick<Brain, "run">;
    for (const [i, x] of xs.entries()) {
      if (!what.endsWith("TimeStep")) expect(run!(x as string)).toBe(ys[i]);
      else {
        const { output } = graph.predict({ input: x as number[] }, { steps: (x as number[]).length });
        expectClose(output!.slice(-1), [ys[i] as number], 1e-6, what);
      }
    }
  });
});

describe("files of old versions of brain.js predict as they did", () => {
  it.each(of("brain").filter(([, what]) => !isRecurrent(what)))("%s, of %s", (_, what, file) => {
    const { graph, inputs, outputs } = fromBrain(file.json);
    if (what === "arrays") expect([inputs, outputs]).toEqual([undefined, undefined]);
    else expect(outputs).toEqual(what === "names" ? ["dark", "light"] : ["3", "4"]);
    const rows = file.xs.map((x) =>
      Array.isArray(x) ? x : inputs!.map((key) => (x as Record<string, number>)[key] ?? 0),
    );
    const known = file.ys.map((y) =>
      outputs === undefined || Array.isArray(y)
        ? Object.values(y as number[])
        : outputs.map((key) => (y as Record<string, number>)[key]!),
    );
    expectSame(graph, { ...file, xs: rows, ys: known }, 1e-6);
  });
});

describe("files of old versions of neataptic predict as they did", () => {
  it.each(of("neataptic"))("%s, %s", (_, _what, file) => {
    expectSame(fromNeataptic(file.json), file, 1e-12);
  });

  it("without the fields that it sets by itself", () => {
    const [, , file] = of("neataptic@1.2.6")[0]!;
    const { nodes, connections, ...sizes } = file.json as Record<string, Record<string, unknown>[]>;
    const bare = {
      ...sizes,
      nodes: nodes!.map(({ bias, squash, type }) => ({
        ...(type === "input" ? {} : { bias }),
        ...(squash === "LOGISTIC" ? {} : { squash }),
      })),
      connections: connections!.map(({ from, to, weight }) => ({ from, to, weight })),
    };
    expectSame(fromNeataptic(bare), file, 1e-12);
    expectRefusal(() => fromNeataptic({ ...bare, input: undefined }), "bad-file", "input");
    expectRefusal(() => fromNeataptic({ ...bare, output: -1 }), "bad-file", "output");
  });
});
