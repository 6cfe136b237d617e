// A compiled core that a caller hands in, for plexus-nn/slim and plexus-nn/predict. It serves hosts that only compile ahead of time, compilation
// during the download, and the smallest download.

import { GraphError } from "../base/error.js";
import { options } from "../base/options.js";
import type { Precision } from "../base/precision.js";
import { show } from "../base/text.js";
import { instance, refused } from "./host.js";

/**
 * A core of this package, plexus-nn/float64.wasm or plexus-nn/float32.wasm: a `WebAssembly.Module`, its bytes, a `Response`
 * or a promise of one, or a URL to fetch it from.
 */
export type CoreSource = object | string;

/** Set by the build: the mark of each core, which its own section has. */
declare const marks: { readonly [P in Precision]: string };

const modules: { [P in Precision]?: WebAssembly.Module } = {};

/** Returns the exports of a core that was handed in; undefined if there is none. Throws `no-wasm`. */
export function given(precision: Precision): Record<string, unknown> | undefined {
  const module = modules[precision];
  return module && { ...instance(module) };
}

/**
 * Sets the core for graphs of one precision, or of both. A module or bytes serve at once, and nothing is returned. Any other
 * source is fetched, and a promise is returned. Throws, or rejects with, `bad-option` for a core of another version or
 * precision, or anything else; `bad-file` for a source that can't be fetched, or is no WebAssembly; `no-wasm`.
 */
export function setCore(
  core: CoreSource | { readonly float64?: CoreSource; readonly float32?: CoreSource },
): void | Promise<void> {
  const asked: [Precision | undefined, unknown][] = isRecord(core)
    ? Object.entries(options(core, ["float64", "float32"], "setCore")).flatMap(([name, source]) =>
        source === undefined ? [] : [[name as Precision, source]],
      )
    : [[undefined, core]];
  if (asked.length === 0) throw new GraphError("bad-option", "setCore is given no core.");
  const found = asked.map(([precision, source]) => [precision, module(source)] as const);
  const ready = found.flatMap(([precision, one]) =>
    one instanceof Promise ? [] : [[precision, one] as const],
  );
  if (ready.length === found.length) return store(ready);
  return Promise.all(found.map(async ([precision, one]) => [precision, await one] as const)).then(store);
}

/** Stores modules by the precisions that they were given for, or have. Throws `bad-option`, with none stored. */
function store(found: readonly (readonly [Precision | undefined, WebAssembly.Module])[]): void {
  const known = found.map(([precision, one]) => [precisionOf(one, precision), one] as const);
  for (const [precision, one] of known) modules[precision] = one;
}

/** Returns the kind of an object by its class, also of another realm. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** Returns whether a value names cores by their precisions. */
function isRecord(core: unknown): boolean {
  return kindOf(core) === "Object" && typeof (core as { then?: unknown }).then !== "function";
}

/** Returns the module of a source, or a promise of it. */
function module(source: unknown): WebAssembly.Module | Promise<WebAssembly.Module> {
  const kind = kindOf(source);
  if (kind === "WebAssembly.Module") return source as WebAssembly.Module;
  if (ArrayBuffer.isView(source)) {
    return compiled(
      new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength),
      "The core",
    );
  }
  if (/^(Shared)?ArrayBuffer$/.test(kind)) return compiled(new Uint8Array(source as ArrayBuffer), "The core");
  if (typeof source === "string" || kind === "URL") return fetched(String(source));
  if (kind === "Response") return answered(source as Response, "The core's response");
  if (typeof (source as { then?: unknown } | null)?.then === "function") {
    return Promise.resolve(source as PromiseLike<unknown>).then(module);
  }
  const wanted =
    "a WebAssembly.Module, a Response, a URL, or bytes, or an object of those by `float64` and `float32`";
  throw new GraphError("bad-option", `A core is ${wanted}, not ${show(source)}.`);
}

function compiled(bytes: Uint8Array<ArrayBuffer>, what: string): WebAssembly.Module {
  checkStart(bytes, what);
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw refused(cause);
  }
}

/** Throws `bad-file` for bytes that are no WebAssembly, such as an error page. */
function checkStart(bytes: Uint8Array, what: string): void {
  if ([0, 0x61, 0x73, 0x6d].every((byte, i) => bytes[i] === byte)) return;
  const start = String.fromCharCode(...bytes.subarray(0, 20));
  throw new GraphError("bad-file", `${what} is no WebAssembly: it starts with ${show(start)}.`);
}

async function fetched(url: string): Promise<WebAssembly.Module> {
  const what = `The core at ${url.slice(0, 200)}`;
  let response: Response;
  try {
    // Node's fetch can't read files.
    const files = url.startsWith("file:")
      ? globalThis.process?.getBuiltinModule?.("node:fs/promises")
      : undefined;
    if (files !== undefined) return compiled(new Uint8Array(await files.readFile(new URL(url))), what);
    response = await fetch(url);
  } catch (cause) {
    if (cause instanceof GraphError) throw cause;
    throw new GraphError("bad-file", `${what} can't be fetched: ${(cause as Error).message}.`, { cause });
  }
  return answered(response, what);
}

async function answered(response: Response, what: string): Promise<WebAssembly.Module> {
  if (!response.ok) {
    throw new GraphError("bad-file", `${what} can't be fetched: the answer's status is ${response.status}.`);
  }
  const isTyped = /^application\/wasm$/i.test(response.headers.get("content-type") ?? "");
  if (isTyped && typeof WebAssembly.compileStreaming === "function") {
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (cause) {
      throw refused(cause);
    }
  }
  let bytes: ArrayBuffer;
  try {
    bytes = await response.arrayBuffer();
  } catch (cause) {
    throw new GraphError("bad-file", `${what} can't be read: ${(cause as Error).message}.`, { cause });
  }
  checkStart(new Uint8Array(bytes), what);
  return WebAssembly.compile(bytes).catch((cause) => {
    throw refused(cause);
  });
}

/** Returns the precision of a core, by its mark. Throws `bad-option`. */
function precisionOf(core: WebAssembly.Module, wanted: Precision | undefined): Precision {
  const [section] = WebAssembly.Module.customSections(core, "plexus");
  if (section === undefined) {
    throw new GraphError(
      "bad-option",
      "This module is no core of plexus-nn, such as plexus-nn/float64.wasm.",
    );
  }
  const mark = String.fromCharCode(...new Uint8Array(section));
  const precision = (["float64", "float32"] as const).find((one) => mark.startsWith(one));
  if (precision === undefined || mark !== marks[precision]) {
    throw new GraphError("bad-option", `This core is of another build of plexus-nn: ${show(mark)}.`);
  }
  if (wanted !== undefined && wanted !== precision) {
    throw new GraphError("bad-option", `\`${wanted}\` is given the core for ${precision}.`);
  }
  return precision;
}
