// A first sketch for each kind of data, with a graph and settings that learn it well.

import { layout } from "./layout.ts";
import type { Lesson } from "./lesson.ts";
import type { DataSketch, LayerSketch, Settings, Sketch, SynapseSketch } from "./sketch.ts";

type Options = Readonly<Record<string, unknown>>;
type Parts = Pick<Sketch, "layers" | "synapses" | "settings" | "precision">;

/** The text of a first lesson of characters. */
const rhyme =
  "Twinkle, twinkle, little star, how I wonder what you are! Up above the world so high, like a diamond in the sky. ".repeat(
    4,
  );

/** First data of each kind. */
export const firstData: { readonly [K in DataSketch["kind"]]: Extract<DataSketch, { readonly kind: K }> } = {
  plane: { kind: "plane", name: "circles", noise: 0.1, share: 0.3, seed: 1 },
  curve: { kind: "curve", formula: "sin(x) + x / 4", noise: 0.1, share: 0.2, seed: 1 },
  digits: { kind: "digits", count: 2000, share: 0.2, seed: 1 },
  iris: { kind: "iris", share: 0.3, seed: 1 },
  series: { kind: "series", name: "sine", noise: 0.05, share: 0.2, seed: 1 },
  characters: { kind: "characters", text: rhyme, steps: 24, share: 0.1, seed: 1 },
  table: {
    kind: "table",
    text: "",
    inputs: [],
    outputs: [],
    classes: [],
    scaling: "standard",
    share: 0.2,
    seed: 1,
  },
  none: { kind: "none" },
};

const input = (name: string, size: LayerSketch["size"]) => layer(name, "input", size, {});
const hidden = (name: string, size: LayerSketch["size"], activation = "tanh", more: Options = {}) =>
  layer(name, "hidden", size, { activation, ...more });

function layer(
  name: string,
  kind: LayerSketch["kind"],
  size: LayerSketch["size"],
  options: Options,
): LayerSketch {
  return { name, kind, size, options, x: 0, y: 0 };
}

/** Returns synapses from pairs of names, or of names and options. */
function joined(
  ...pairs: readonly (readonly [from: string, to: string, options?: Options])[]
): SynapseSketch[] {
  return pairs.map(([from, to, options = {}]) => ({ from, to, options }));
}

function settings(rate: number, batchSize: number, more: Partial<Settings> = {}): Settings {
  return { optimizer: { name: "adam", rate }, batchSize, dropout: 0, l1: 0, l2: 0, ...more };
}

/** Returns an output of a lesson: its activation follows from the goal. */
function output({ name, size, goal }: Lesson["outputs"][number]): LayerSketch {
  const activation = goal === "number" ? "linear" : size === 1 ? "sigmoid" : "softmax";
  return layer(name, "output", size, { activation });
}

/** Returns two hidden layers of some units between the inputs and outputs of a lesson, with a skip. */
function dense(lesson: Lesson, units: readonly [number, number], learning: Settings): Parts {
  const sources = lesson.inputs.map(({ name, size }) => input(name, size));
  const targets = lesson.outputs.map(output);
  const taken = [...sources, ...targets].map(({ name }) => name);
  // A column of a table may have any name.
  const [first, second] = ["h1", "h2", "h3", "h4"].filter((name) => !taken.includes(name)) as [
    string,
    string,
  ];
  const pairs: [string, string][] = [
    ...sources.map(({ name }): [string, string] => [name, first]),
    [first, second],
    ...targets.flatMap(({ name }): [string, string][] => [
      [second, name],
      [first, name],
    ]),
  ];
  return {
    layers: [...sources, hidden(first, units[0]), hidden(second, units[1]), ...targets],
    synapses: joined(...pairs),
    settings: learning,
    precision: "float64",
  };
}

/** Returns the parts of a small convolutional network for images of a side that 4 divides. */
function convolutional(lesson: Lesson): Parts {
  const [{ name: image, shape }] = lesson.inputs as [Lesson["inputs"][number]];
  const [{ name: digit }] = lesson.outputs as [Lesson["outputs"][number]];
  return {
    layers: [
      input(image, shape),
      hidden("conv1", [12, 12, 8], "relu"),
      hidden("conv2", [5, 5, 16], "relu"),
      hidden("h1", 32, "relu"),
      ...lesson.outputs.map(output),
    ],
    synapses: joined(
      [image, "conv1", { kind: "conv", kernel: 5, stride: 2, padding: "valid", init: "he" }],
      ["conv1", "conv2", { kind: "conv", kernel: 4, stride: 2, padding: "valid", init: "he" }],
      ["conv2", "h1", { init: "he" }],
      ["h1", digit],
    ),
    settings: settings(0.005, 32),
    precision: "float32",
  };
}

/** Returns the parts of a recurrent graph: a cell, or a layer that receives its own values of the last step. */
function recurrent(lesson: Lesson, cell: LayerSketch, learning: Settings): Parts {
  const [{ name: x, size }] = lesson.inputs as [Lesson["inputs"][number]];
  const targets = lesson.outputs.map(output);
  const isCell = cell.options.cell !== undefined;
  const loop: [string, string, Options][] = isCell ? [] : [[cell.name, cell.name, { delay: 1 }]];
  return {
    layers: [input(x, size), cell, ...targets],
    synapses: joined(
      [x, cell.name],
      ...loop,
      ...targets.map(({ name }): [string, string] => [cell.name, name]),
    ),
    settings: learning,
    precision: "float64",
  };
}

/** Returns the graph and the settings for some data, whose lesson `load` has made. */
function partsOf(data: DataSketch, lesson: Lesson): Parts {
  switch (data.kind) {
    case "plane":
      return data.name === "spirals"
        ? dense(lesson, [16, 12], settings(0.02, 20))
        : dense(lesson, [6, 4], settings(0.03, 10));
    case "curve":
      return dense(lesson, [16, 12], settings(0.02, 20));
    case "digits":
      return convolutional(lesson);
    case "iris":
      return dense(lesson, [6, 4], settings(0.02, 10));
    case "series":
      return recurrent(lesson, hidden("h1", 12), settings(0.01, 8));
    case "characters":
      return recurrent(
        lesson,
        layer("cell", "hidden", 48, { cell: "lstm" }),
        settings(0.02, 4, { optimizer: { name: "adam", rate: 0.02, clipNorm: 1 } }),
      );
    case "table":
      return dense(lesson, [12, 8], settings(0.01, 16));
    case "none":
      return { layers: [], synapses: [], settings: settings(0.01, 16), precision: "float64" };
  }
}

/** Returns the first sketch for some data, laid out. `lesson` is the data's own, of `load`. */
export function starter(data: DataSketch, lesson: Lesson, seed = 1): Sketch {
  return layout({ version: 1, ...partsOf(data, lesson), data, seed, changes: [], steps: 0 });
}
