// An ONNX file as a graph.

import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { choice, options } from "../../base/options.js";
import { plain } from "../../base/plain.js";
import { precisions } from "../../base/precision.js";
import { show } from "../../base/text.js";
import { type Graph, GraphError, type Precision, type Vector } from "../../index.js";
import { build, chargePicks, nameOutputs } from "./import/build.js";
import { misreadings } from "./import/call.js";
import type { Reading } from "./import/inputs.js";
import type { Obstacle } from "./import/obstacle.js";
import { type Meet, Program, type Options as ProgramOptions } from "./import/program.js";
import { type Computed, run } from "./import/run.js";
import { AXES, type Constant, constant, count } from "./import/tensor.js";
import { checkWire, damaged } from "./wire.js";

/** Options of `fromOnnx`. */
export interface FromOnnxOptions {
  /** Names of tensors that become the graph's outputs: any of the file. The file's own outputs by default. */
  readonly outputs?: readonly string[];
  /**
   * Whether axis 0 of the inputs is the batch; `true` by default. With `false` the file is made for one sample, whose axes
   * are all units, and the graph predicts any number of samples.
   */
  readonly batch?: boolean;
  /** Values for inputs that become constants, by name: row-major, of a shape. */
  readonly bind?: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Vector }>>;
  /**
   * The order of images, which the graph computes with their channels last: `"nhwc"` by default, in which callers give and get
   * them so. With `"nchw"` inputs and outputs keep the file's order, by a gather at each.
   */
  readonly layout?: "nhwc" | "nchw";
  /** Precision of the graph; that of the file's inputs by default. */
  readonly precision?: Precision;
  /** Most bytes of a file; 2³⁰ by default. */
  readonly maxBytes?: number;
}

/**
 * Makes a graph of layers from an ONNX file. Inputs and outputs keep their names; axis 0 is the batch, all others are units.
 * Nodes and inputs that no output needs are not read. Throws `unsupported`, with node and reason, for a file that is no graph
 * of layers. Throws `bad-file` for a damaged file, or one larger than `maxBytes`; `bad-option`, `out-of-memory`.
 */
export function fromOnnx(bytes: Uint8Array, given?: FromOnnxOptions): Graph {
  const { computed, precision, found } = readFile(bytes, given, "fromOnnx");
  if (found.length > 0) throw found[0]!.error;
  const { plan, outputs } = computed!;
  return build(plan, nameOutputs(plan, outputs), precision ?? computed!.precision);
}

/**
 * Lists all obstacles to making a graph of layers from a file, in the order of the computation. `fromOnnx` with the same
 * options throws the first. Nodes after an obstacle are looked at as far as possible. Throws `bad-file`, `bad-option`.
 */
export function obstacles(bytes: Uint8Array, given?: FromOnnxOptions): Obstacle[] {
  const { computed, found } = readFile(bytes, given, "obstacles");
  const list = found.map(({ obstacle }) => obstacle);
  if (computed === undefined || list.length > 0) return list;
  try {
    chargePicks(computed.plan, nameOutputs(computed.plan, computed.outputs));
  } catch (error) {
    list.push(met(error, "", "file").obstacle);
  }
  return list;
}

/** An obstacle, and the error that it is. */
interface Met {
  readonly error: unknown;
  readonly obstacle: Obstacle;
}

/** Returns an obstacle; throws any other error. */
function met(error: unknown, node: string, operator: string, title?: string): Met {
  if (!(error instanceof GraphError) || error.code !== "unsupported") throw error;
  const { message } = error;
  const reason = title !== undefined && message.startsWith(title) ? message.slice(title.length + 1) : message;
  return { error, obstacle: { node, operator, reason } };
}

interface Read {
  readonly computed: Computed | undefined;
  readonly found: readonly Met[];
}

/** Counts the obstacles of a wrong way to read the inputs. */
function misread({ found }: Read): number {
  return found.filter(({ error }) => misreadings.has(error as GraphError)).length;
}

/**
 * Computes a file by each way to read its inputs' axes, and returns the first without an obstacle, else the one with the
 * fewest. Throws the error of a damaged file if each way meets one.
 */
function compute(model: ModelProto, options: ProgramOptions, size: number): Read {
  const attempt = (reading: Reading | undefined): Read => {
    const found: Met[] = [];
    const meet: Meet = (...one) => {
      found.push(met(...one));
    };
    let program: Program;
    try {
      program = new Program(model, { ...options, reading });
    } catch (error) {
      meet(error, "", "file");
      return { computed: undefined, found };
    }
    return { computed: run(program, size, meet), found };
  };
  let ways: readonly Reading[] = [];
  try {
    ways = new Program(model, options).readings;
  } catch {
    // The attempt meets the error again.
  }
  if (ways.length === 0) return attempt(undefined);
  let best: Read | undefined;
  let failure: unknown;
  for (const reading of ways) {
    try {
      const read = attempt(reading);
      const fewer =
        best === undefined ? -1 : misread(read) - misread(best) || read.found.length - best.found.length;
      if (fewer < 0) best = read;
      if (read.found.length === 0) break;
    } catch (error) {
      failure ??= error;
    }
  }
  if (best === undefined || (failure !== undefined && misread(best) > 0)) throw failure;
  return best;
}

function readFile(
  bytes: Uint8Array,
  given: unknown,
  of: string,
): Read & { readonly precision: Precision | undefined } {
  const read = options(
    plain(given, "bad-option", `The options of ${of}`),
    ["outputs", "batch", "bind", "layout", "precision", "maxBytes"],
    of,
  );
  const { maxBytes = 2 ** 30, batch = true } = read;
  if (typeof maxBytes !== "number" || !(maxBytes > 0)) {
    throw new GraphError("bad-option", `The most bytes are a number above 0, not ${show(maxBytes)}.`);
  }
  if (typeof batch !== "boolean") {
    throw new GraphError("bad-option", `\`batch\` of ${of} is true or false, not ${show(batch)}.`);
  }
  const bound = readBound(read.bind);
  const keepsOrder = choice(read.layout ?? "nhwc", { nhwc: false, nchw: true }, "A layout") === "nchw";
  const outputs = readOutputs(read.outputs);
  const precision =
    read.precision === undefined ? undefined : choice(read.precision, precisions, "A precision");
  const model = decode(bytes, maxBytes);
  return { ...compute(model, { bound, outputs, batched: batch, keepsOrder }, bytes.length), precision };
}

/** Most names of outputs. */
const NAMES = 100_000;

/** Reads names of tensors, of which none occurs twice. Throws `bad-option`. */
function readOutputs(given: unknown): string[] | undefined {
  if (given === undefined) return undefined;
  const names: unknown[] = Array.isArray(given) && given.length <= NAMES ? Array.from(given) : [];
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw new GraphError(
      "bad-option",
      `\`outputs\` is an array of at least one tensor's name, not ${show(given)}.`,
    );
  }
  if (new Set(names).size < names.length)
    throw new GraphError("bad-option", "`outputs` names a tensor twice.");
  return names as string[];
}

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

function decode(bytes: Uint8Array, most: number): ModelProto {
  // Checked by the tag inside an array, since other realms have arrays, too.
  if (tagOf.call(bytes) !== "Uint8Array") throw damaged(`it is ${show(bytes)}, not a Uint8Array`);
  if (bytes.length > most)
    throw damaged(`it has ${bytes.length} bytes, more than the ${most} of \`maxBytes\``);
  if (bytes.length === 0) throw damaged("it is empty");
  checkWire(bytes, ModelProtoSchema);
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw damaged("its bytes are no message", error);
  }
}

/** Reads constants for inputs, by name. Throws `bad-option`. */
function readBound(given: unknown): Map<string, Constant> {
  const bound = new Map<string, Constant>();
  if (given === undefined) return bound;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new GraphError(
      "bad-option",
      `\`bind\` is an object of shapes and values by name, not ${show(given)}.`,
    );
  }
  for (const [name, entry] of Object.entries(given)) {
    const { shape, values } = options(entry, ["shape", "values"], `\`bind\` for ${show(name)}`);
    const dims = list(shape, AXES, (dim) => Number.isInteger(dim) && dim >= 0);
    const numbers = dims && list(values, count(dims), () => true);
    if (numbers?.length !== count(dims ?? [])) {
      throw new GraphError(
        "bad-option",
        `\`bind\` for ${show(name)} is a shape, and as many numbers as it has.`,
      );
    }
    bound.set(name, constant(dims!, Float64Array.from(numbers)));
  }
  return bound;
}

/** Copies at most so many numbers that fit. Returns undefined for anything else, such as an array with a hole. */
function list(given: unknown, most: number, fits: (number: number) => boolean): number[] | undefined {
  if (!Array.isArray(given) && !(given instanceof Float64Array) && !(given instanceof Float32Array))
    return undefined;
  if (given.length > most) return undefined;
  const numbers: number[] = [];
  for (let i = 0; i < given.length; i++) {
    const number: unknown = given[i];
    if (typeof number !== "number" || !fits(number)) return undefined;
    numbers.push(number);
  }
  return numbers;
}
