// Cores made smaller: they have the same data at the same places, and export what src/ calls alone.

import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { trim } from "../../tools/trim.js";
import { Random, seed } from "../support/helpers.js";

/** Returns the memory of a new instance, from its export. */
function memoryOf(bytes: Uint8Array): Buffer {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
  return Buffer.from((exports.memory as WebAssembly.Memory).buffer);
}

/** Assembles a module with segments of data. */
function moduleOf(segments: readonly (readonly [place: number, data: readonly number[]])[]): Uint8Array {
  const data = segments.map(([place, bytes]) => {
    const text = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    return `(data (i32.const ${place}) "${text}")`;
  });
  const text = `(module (memory (export "memory") 4) ${data.join(" ")} (func (export "__new")) (func (export "run")))`;
  return binaryen.parseText(text).emitBinary();
}

describe("a trimmed module", () => {
  it("has few segments, and the same data", () => {
    const bytes = moduleOf([
      [0, [1, 2, 3]],
      [16, [4]],
      [33, [5, 6]],
      [50, [7]],
      [65_500, Array.from({ length: 300 }, (_, i) => i % 256)],
      [200_000, [255]],
    ]);
    const trimmed = trim(bytes);
    expect(memoryOf(trimmed).equals(memoryOf(bytes))).toBe(true);
    // The gaps before the second, the third and the fourth are 13, 16 and 15 zeros.
    expect(binaryen.readBinary(trimmed).getNumMemorySegments()).toBe(3);
  });

  it(`has the same data, of 60 random modules, PLEXUS_SEED=${seed}`, () => {
    for (let i = 0; i < 60; i++) {
      const random = new Random(seed * 700_001 + i);
      let place = random.whole(0, 200);
      const segments = Array.from({ length: random.whole(0, 30) }, () => {
        const data = Array.from({ length: random.whole(1, 40) }, () => random.whole(0, 255));
        const at = place;
        place += data.length + random.whole(0, 40) * random.whole(0, 100);
        return [at, data] as const;
      });
      const bytes = moduleOf(segments);
      expect(memoryOf(trim(bytes)).equals(memoryOf(bytes)), `module ${i}`).toBe(true);
    }
  });

  it("exports nothing of the runtime", () => {
    const module = new WebAssembly.Module(Uint8Array.from(trim(moduleOf([]))));
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(["memory", "run"]);
  });
});

it.each(["float64", "float32"])("the core of %s exports nothing of the runtime", (precision) => {
  const module = new WebAssembly.Module(
    readFileSync(new URL(`../../dist/${precision}.wasm`, import.meta.url)),
  );
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("__"))).toEqual([]);
});
