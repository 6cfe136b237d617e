// The host's WebAssembly, and the reasons of its refusals.

import { GraphError } from "../base/error.js";

/** The smallest module with an instruction of SIMD: i8x16.splat. */
const simd = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

const PROGRAM =
  "A small graph also predicts without the engine: toSource of plexus-nn/draw writes it as a program.";

/** Returns the exports of a new instance of a module, compiled here if it is bytes. Throws `no-wasm`. */
export function instance(
  module: Uint8Array<ArrayBuffer> | WebAssembly.Module,
  imports?: WebAssembly.Imports,
): WebAssembly.Exports {
  try {
    const compiled = module instanceof Uint8Array ? new WebAssembly.Module(module) : module;
    return new WebAssembly.Instance(compiled, imports).exports;
  } catch (cause) {
    throw refused(cause);
  }
}

/** Returns the refusal for an error of WebAssembly, with a remedy for its cause. */
export function refused(cause: unknown): GraphError {
  const said = String((cause as Partial<Error> | null)?.message ?? cause);
  return new GraphError("no-wasm", `${reason(said)} ${PROGRAM}`, { cause });
}

function reason(said: string): string {
  if (typeof WebAssembly === "undefined") {
    return "This host has no WebAssembly, in which the engine runs: it is too old, or has it turned off (iOS does in Lockdown Mode).";
  }
  // "Wasm code generation disallowed by embedder" is V8's message for a host without a reason of its own, such as workerd.
  if (/embedder|code generation/i.test(said)) {
    return (
      "This host refuses to compile WebAssembly at run time, as Cloudflare's workerd does: import plexus-nn/float64.wasm as a " +
      "module that is compiled ahead, and hand it to setCore of plexus-nn/slim. (In a page, its Content-Security-Policy must " +
      "have 'wasm-unsafe-eval' in its script-src.)"
    );
  }
  if (/policy|CSP|unsafe-eval/i.test(said)) {
    return (
      "This page's policy refuses to compile WebAssembly: its Content-Security-Policy must have 'wasm-unsafe-eval' in its " +
      "script-src. It is the same with a core that is handed in; a worker or a frame with a policy of its own can have it."
    );
  }
  if (!hasSimd()) {
    return "This host's WebAssembly lacks SIMD, of which the engine is made: Chromium 91, Firefox 89, Safari 16.4 and Node 16.4 have it.";
  }
  return `This host refuses the engine: ${said}.`;
}

function hasSimd(): boolean {
  try {
    return WebAssembly.validate(simd);
  } catch {
    return true; // another reason
  }
}
