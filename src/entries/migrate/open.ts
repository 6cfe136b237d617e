// The first check of every importer. A file of another library, or one that is wrapped in something, is refused with the call
// that reads it.

import { show } from "../../base/text.js";
import { isMemory, plain } from "./plain.js";
import { bad, members } from "./read.js";

type File = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is File =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isMemory(value);

const isList = (value: unknown): boolean => Array.isArray(value) && isObject(value[0]);

const first = (value: unknown): File => (isList(value) ? (value as File[])[0]! : Object.create(null));

/** For each call, whether it reads a file. */
const marks = {
  fromConvnet: ({ layers }: File) => typeof first(layers).layer_type === "string",
  fromBrain: ({ layers, type, sizes, trainOpts, outputConnector }: File) => {
    if (typeof type === "string" && (sizes ?? trainOpts ?? outputConnector) !== undefined) return true;
    const { class_name, layer_type } = first(layers);
    return isList(layers) && typeof class_name !== "string" && typeof layer_type !== "string";
  },
  fromSynaptic: ({ neurons, connections }: File) => Array.isArray(neurons) && Array.isArray(connections),
  fromNeataptic: ({ nodes, connections }: File) => Array.isArray(nodes) && Array.isArray(connections),
  fromTfjs: ({ modelTopology }: File) => isObject(modelTopology),
  "Graph.fromJSON": ({ format }: File) => format === "plexus",
} as const;

export type Call = keyof typeof marks;

/** Returns the members of a file, as plain data. Throws `bad-file`, naming the right call if there is one. */
export function open(given: unknown, call: Call): Record<string, unknown> {
  if (isLive(given)) throw bad("the file", `is a network, not its file; call ${call}(file.toJSON())`);
  const file = plain(given, "the file");
  if (isObject(file) && marks[call](file)) return members(file, "the file");
  const found = find(file, call);
  if (found !== undefined) {
    const kind =
      typeof file === "string" || Array.isArray(file)
        ? show(file)
        : "an object around one, or another library's";
    throw bad("the file", `is ${kind}; call ${found}`);
  }
  if (isMemory(file)) throw bad("the file", `is ${show(file)}, not what JSON.parse makes of its text`);
  return members(file, "the file");
}

/** Returns whether a value has a `toJSON`, such as a library's own network. */
function isLive(given: unknown): boolean {
  try {
    return (
      !isMemory(given) && typeof (given as { toJSON?: unknown } | null | undefined)?.toJSON === "function"
    );
  } catch {
    return false; // the next reader refuses it
  }
}

/** Most objects that are searched for a file. */
const LOOKS = 1000;

/** Returns the call that reads a value, or the first of its members that is a file. */
function find(file: unknown, call: Call): string | undefined {
  const places: [value: unknown, text: string][] = [[file, "file"]];
  for (const [value, text] of places) {
    const parsed = typeof value === "string" ? parse(value) : value;
    const at = typeof value === "string" ? `JSON.parse(${text})` : text;
    if (isObject(parsed)) {
      const known = Object.keys(marks) as Call[];
      const found = marks[call](parsed) ? call : known.find((one) => marks[one](parsed));
      if (found !== undefined) return `${found}(${at})`;
    }
    if (typeof parsed !== "object" || parsed === null || isMemory(parsed)) continue;
    for (const [name, inner] of Object.entries(parsed)) {
      if (places.length >= LOOKS) break;
      const step = Array.isArray(parsed)
        ? `[${name}]`
        : /^[a-z_$][\w$]*$/i.test(name)
          ? `.${name}`
          : `[${show(name)}]`;
      places.push([inner, at + step]);
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return plain(JSON.parse(text), "the file");
  } catch {
    return undefined;
  }
}
