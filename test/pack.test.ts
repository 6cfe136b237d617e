// The packer of the compiled core: the packed text yields its bytes again, whatever they are.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as constants from "../assembly/pack/context.js";
import { pack } from "../tools/pack.js";
import { Random, seed } from "./helpers.js";

const format = constants as Parameters<typeof pack>[1];
const module = new WebAssembly.Module(readFileSync(new URL("../build/unpack.wasm", import.meta.url)));

function back(text: string, size: number): Uint8Array {
  const { exports } = new WebAssembly.Instance(module) as unknown as {
    exports: {
      memory: WebAssembly.Memory;
      text: WebAssembly.Global;
      begin(at: number): void;
      unpack(end: number): void;
    };
  };
  const bytes = new Uint8Array(exports.memory.buffer);
  new TextEncoder().encodeInto(text, bytes.subarray(exports.text.value));
  const at = exports.text.value + text.length + 8;
  exports.begin(at);
  // In two turns, as a core's halves are.
  exports.unpack(Math.floor(size / 3));
  exports.unpack(size);
  return bytes.slice(at, at + size);
}

const random = new Random(seed);
const bytes = (count: number, most: number) =>
  Uint8Array.from({ length: count }, () => random.whole(0, most));

describe("the packed text", () => {
  it.each([
    ["nothing", new Uint8Array(0)],
    ["a byte", Uint8Array.of(255)],
    ["one byte over and over", new Uint8Array(3000).fill(7)],
    ["noise", bytes(5000, 255)],
    ["few letters", bytes(4000, 3)],
    [
      "noise that comes again",
      Uint8Array.from([...bytes(3000, 255), ...bytes(100, 1)].flatMap((b) => [b, b ^ 1, b])),
    ],
  ])("gives back %s", (_, wanted) => {
    const text = pack(wanted, format);
    expect(text).toMatch(/^[#-[\]-c]*$/);
    expect(back(text, wanted.length)).toEqual(wanted);
  });

  it("is smaller than the bytes where they say little, and hardly larger where they are noise", () => {
    expect(pack(new Uint8Array(3000).fill(7), format).length).toBeLessThan(60);
    expect(pack(bytes(20_000, 255), format).length * 6).toBeLessThan(20_000 * 8 * 1.1);
  });
});
