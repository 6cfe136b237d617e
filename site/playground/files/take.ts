// Files to take away: a trained graph in the formats of Plexus and of others, and the sketch itself.

import { Graph } from "plexus-nn";
import { type AnyGraph, hasTime } from "../model/build.ts";
import type { Lesson } from "../model/lesson.ts";
import { readSketch } from "../model/read.ts";
import type { Sketch } from "../model/sketch.ts";
import { declared, imperative } from "./code.ts";

/** A file to save: its name, its media type, and a text or bytes. */
export type TakenFile = { readonly name: string; readonly type: string } & (
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
);

/** A trained graph: its sketch, the bytes that the worker's order `save` returns, and its data. */
export interface Taken {
  readonly sketch: Sketch;
  readonly saved: Uint8Array;
  readonly lesson: Lesson;
}

interface Format {
  /** Its name for people, and a line about its use. */
  readonly title: string;
  readonly use: string;
  /** Whether it is a text to be shown and copied. */
  readonly isText: boolean;
  files(taken: Taken, graph: AnyGraph): Promise<TakenFile[]> | TakenFile[];
}

const JAVASCRIPT = "text/javascript";
const BYTES = "application/octet-stream";

/** Returns a module, and the file of parameters that it reads if it has none of its own. */
function code(name: string, text: string, { saved }: Taken): TakenFile[] {
  const module = { name, type: JAVASCRIPT, text };
  return text.includes("model.safetensors")
    ? [module, { name: "model.safetensors", type: BYTES, bytes: saved }]
    : [module];
}

const formats = {
  declared: {
    title: "Plexus, declared",
    use: "A module that declares the graph in one piece, with its parameters.",
    isText: true,
    files: (taken, graph) => code("graph.js", declared(taken.sketch, graph), taken),
  },
  imperative: {
    title: "Plexus, call by call",
    use: "The same graph by calls, layer by layer.",
    isText: true,
    files: (taken, graph) => code("graph.js", imperative(taken.sketch, graph), taken),
  },
  json: {
    title: "JSON",
    use: "For Graph.fromJSON: the graph, the optimizer and their generators, bit for bit.",
    isText: true,
    files: (_, graph) => [
      { name: "model.json", type: "application/json", text: JSON.stringify(graph.toJSON(), undefined, 1) },
    ],
  },
  safetensors: {
    title: "safetensors",
    use: "For Graph.load, and for other tools that read tensors.",
    isText: false,
    files: ({ saved }) => [{ name: "model.safetensors", type: BYTES, bytes: saved }],
  },
  onnx: {
    title: "ONNX",
    use: "For ONNX Runtime and servers, in any language.",
    isText: false,
    async files(_, graph) {
      const { toOnnx } = await import("plexus-nn/onnx");
      return [{ name: "model.onnx", type: BYTES, bytes: toOnnx(graph) }];
    },
  },
  source: {
    title: "A program without the engine",
    use: "A module with predict alone, which depends on nothing, and its types.",
    isText: true,
    async files(_, graph) {
      const { toSource } = await import("plexus-nn/draw");
      const { code: text, types } = toSource(graph);
      return [
        { name: "model.js", type: JAVASCRIPT, text },
        { name: "model.d.ts", type: "text/plain", text: types },
      ];
    },
  },
  torch: {
    title: "PyTorch",
    use: "A program that trains the graph on any number of machines, its parameters, and the training data.",
    isText: true,
    async files({ lesson }, graph) {
      const { toTorch } = await import("plexus-nn/torch");
      const { module, weights, data } = toTorch(graph);
      const { count, xs, ts } = lesson.training;
      // A graph without delays takes each step as a row.
      const timed = lesson.steps === undefined || !hasTime(graph) ? {} : { steps: lesson.steps };
      const files: TakenFile[] = [
        { name: "model.py", type: "text/x-python", text: module },
        { name: "model.safetensors", type: BYTES, bytes: weights },
      ];
      if (count === 0) return files;
      return [
        ...files,
        { name: "data.safetensors", type: BYTES, bytes: data({ xs, ts, ...timed } as never) },
      ];
    },
  },
  svg: {
    title: "SVG",
    use: "A drawing of the graph for a page or a paper.",
    isText: false,
    async files(_, graph) {
      const { toSvg } = await import("plexus-nn/draw");
      return [{ name: "graph.svg", type: "image/svg+xml", text: toSvg(graph) }];
    },
  },
  sketch: {
    title: "Sketch",
    use: "A file of this playground: graph, data, seed and steps, to be opened here again.",
    isText: false,
    files({ sketch }) {
      const text = JSON.stringify({ format: "plexus-sketch", ...readSketch(sketch) }, undefined, 1);
      return [{ name: "sketch.plexus.json", type: "application/json", text }];
    },
  },
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof formats;

/** The formats in the order of a list for people. */
export const formatList: readonly (Pick<Format, "title" | "use" | "isText"> & {
  readonly name: FormatName;
})[] = (Object.entries(formats) as [FormatName, Format][]).map(([name, { title, use, isText }]) => ({
  name,
  title,
  use,
  isText,
}));

/**
 * Returns the files of a format, the main one first. Throws the engine's `GraphError`, as `unsupported` for a graph that a format
 * can't express.
 */
export async function take(name: FormatName, taken: Taken): Promise<TakenFile[]> {
  const graph: AnyGraph = Graph.load(taken.saved as Uint8Array<ArrayBuffer>);
  try {
    return await formats[name].files(taken, graph);
  } finally {
    graph.dispose();
  }
}
