// A graph to begin with for each kind of data, none of them a mere stack.

import { alphabetOf } from "../data/characters.ts";
import { load } from "../data/lesson.ts";
import { layout } from "../model/layout.ts";
import type { DataSketch, LayerSketch, Settings, Sketch, SynapseSketch } from "../model/sketch.ts";
import type { Lesson } from "../work/message.ts";
import { figureOf } from "./canvas/figure.ts";

type Kind = DataSketch["kind"];
type Data<K extends Kind> = Extract<DataSketch, { readonly kind: K }>;
type Options = Readonly<Record<string, unknown>>;

const TEXT =
  "the cat sat on the mat. the dog sat on the log. the cat saw the dog, and the dog saw the cat. " +
  "the sun set on the sea, and the cat and the dog sat on the sand. ";

/** Data of each kind to begin with. */
export const usualData: { readonly [K in Exclude<Kind, "table" | "none">]: Data<K> } = {
  plane: { kind: "plane", name: "circles", noise: 0.1, share: 0.3, seed: 1 },
  curve: { kind: "curve", formula: "sin(2x) + x/3", noise: 0.1, share: 0.2, seed: 1 },
  digits: { kind: "digits", count: 1000, share: 0.2, seed: 1 },
  iris: { kind: "iris", share: 0.3, seed: 1 },
  series: { kind: "series", name: "beats", noise: 0.02, share: 0.2, seed: 1 },
  characters: { kind: "characters", text: TEXT.repeat(4), steps: 24, share: 0.1, seed: 1 },
};

function layer(name: string, kind: LayerSketch["kind"], size: LayerSketch["size"], options: Options = {}): LayerSketch {
  return { name, kind, size, options, x: 0, y: 0 };
}

function synapse(from: string, to: string, options: Options = {}): SynapseSketch {
  return { from, to, options };
}

function settings(rate: number, batchSize: number, name = "adam"): Settings {
  return { optimizer: { name, rate }, batchSize, dropout: 0, l1: 0, l2: 0 };
}

function sketch(
  data: DataSketch,
  layers: readonly LayerSketch[],
  synapses: readonly SynapseSketch[],
  chosen: Settings,
  precision: Sketch["precision"] = "float64",
): Sketch {
  const plain: Sketch = { version: 1, layers, synapses, data, seed: 1, precision, settings: chosen, changes: [], steps: 0 };
  const surfaces = data.kind === "plane" || data.kind === "curve";
  return layout(plain, (one) => figureOf(one, surfaces));
}

const tanh = { activation: "tanh" };

const makers: { readonly [K in Exclude<Kind, "table" | "none">]: (data: Data<K>) => Sketch } = {
  plane: (data) =>
    sketch(
      data,
      [layer("x", "input", 2), layer("h1", "hidden", 6, tanh), layer("h2", "hidden", 4, tanh), layer("y", "output", 1, { activation: "sigmoid" })],
      [synapse("x", "h1"), synapse("h1", "h2"), synapse("h2", "y"), synapse("x", "y")],
      settings(0.01, 10),
    ),
  curve: (data) =>
    sketch(
      data,
      [layer("x", "input", 1), layer("h1", "hidden", 8, tanh), layer("h2", "hidden", 6, tanh), layer("y", "output", 1, { activation: "linear" })],
      [synapse("x", "h1"), synapse("h1", "h2"), synapse("h2", "y"), synapse("x", "y")],
      settings(0.01, 10),
    ),
  digits: (data) =>
    sketch(
      data,
      [
        layer("x", "input", [28, 28, 1]),
        layer("c1", "hidden", [12, 12, 6], { activation: "relu" }),
        layer("c2", "hidden", [4, 4, 8], { activation: "relu" }),
        layer("y", "output", 10, { activation: "softmax" }),
      ],
      [
        synapse("x", "c1", { kind: "conv", kernel: 5, stride: 2, init: "he" }),
        synapse("c1", "c2", { kind: "conv", kernel: 5, stride: 2, init: "he" }),
        synapse("c2", "y"),
        synapse("c1", "y"),
      ],
      settings(0.002, 20),
      "float32",
    ),
  iris: (data) =>
    sketch(
      data,
      [layer("x", "input", 4), layer("h1", "hidden", 8, tanh), layer("y", "output", 3, { activation: "softmax" })],
      [synapse("x", "h1"), synapse("h1", "y"), synapse("x", "y")],
      settings(0.01, 10),
    ),
  series: (data) =>
    sketch(
      data,
      [layer("x", "input", 1), layer("h1", "hidden", 12, tanh), layer("y", "output", 1, { activation: "linear" })],
      [synapse("x", "h1"), synapse("h1", "h1", { delay: 1, init: "orthogonal" }), synapse("h1", "y"), synapse("x", "y")],
      settings(0.005, 16),
    ),
  characters: (data) => {
    const size = alphabetOf(data.text).length;
    return sketch(
      data,
      [layer("x", "input", size), layer("h1", "hidden", 48, tanh), layer("y", "output", size, { activation: "softmax" })],
      [synapse("x", "h1"), synapse("h1", "h1", { delay: 1, init: "orthogonal" }), synapse("h1", "y")],
      settings(0.005, 16),
    );
  },
};

/** Returns the graph for a kind of data. */
export function starter<K extends Exclude<Kind, "table" | "none">>(kind: K, data: Data<K> = usualData[kind]): Sketch {
  return makers[kind](data);
}

/** Returns an output's options by its goal. */
function outputOptions({ goal, size }: Lesson["outputs"][number]): Options {
  if (goal === "number") return { activation: "linear" };
  return { activation: size === 1 ? "sigmoid" : "softmax" };
}

/** Returns the graph for a table, whose columns decide on the sizes. Throws `bad-data`. */
export async function tableStarter(data: Data<"table">): Promise<Sketch> {
  const { inputs, outputs } = await load(data);
  const ends = [
    ...inputs.map(({ name, size }) => layer(name, "input", size)),
    layer("h1", "hidden", 8, tanh),
    ...outputs.map((output) => layer(output.name, "output", output.size, outputOptions(output))),
  ];
  const synapses = [
    ...inputs.map(({ name }) => synapse(name, "h1")),
    ...outputs.flatMap(({ name }) => [synapse("h1", name), ...inputs.map((input) => synapse(input.name, name))]),
  ];
  return sketch(data, ends, synapses, settings(0.005, 16));
}

/** Returns a table's sketch whose inputs and outputs fit other columns; the hidden layers stay. */
export async function refitted(now: Sketch, data: Data<"table">): Promise<Sketch> {
  const { inputs, outputs } = await load(data);
  const old = now.layers.filter(({ kind }) => kind === "hidden");
  const fitted = (one: { readonly name: string; readonly size: number }, kind: "input" | "output") =>
    now.layers.find(({ name, kind: its }) => name === one.name && its === kind);
  const ends = [...inputs.map((one) => fitted(one, "input")), ...outputs.map((one) => fitted(one, "output"))];
  const ownEnds = now.layers.filter(({ kind }) => kind !== "hidden").length;
  if (ends.includes(undefined) || ends.length !== ownEnds || old.length === 0) return tableStarter(data);
  const sizes = new Map([...inputs, ...outputs].map(({ name, size }) => [name, size]));
  const goals = new Map(outputs.map((output) => [output.name, output]));
  const layers = now.layers.map((one) => {
    const size = sizes.get(one.name);
    if (size === undefined || one.kind === "hidden") return one;
    const goal = goals.get(one.name);
    return { ...one, size, ...(goal !== undefined && size !== one.size && { options: outputOptions(goal) }) };
  });
  return { ...now, layers, data, settings: now.changes.at(-1)?.settings ?? now.settings, changes: [], steps: 0 };
}
