// The splitter of a core: its two modules together do the same as the whole.

import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { split } from "../tools/split.js";

// `total` is used by both halves, `last` by the second alone; `read` is called by both, and by the table `twice` in the first, of
// which `thrice` is the second's.
const module = binaryen.parseText(`(module
  (type $one (func (param i32) (result i32)))
  (memory 1) (data (i32.const 8) "\\05")
  (global $total (mut i32) (i32.const 0)) (global $last (mut f64) (f64.const 0)) (global $rows i32 (i32.const 7))
  (table 5 funcref) (elem (i32.const 1) $twice $thrice $half)
  (export "memory" (memory 0)) (export "rows" (global $rows))
  (export "first" (func $first)) (export "second" (func $second)) (export "last" (func $lastOf)) (export "__new" (func $unused))
  (start $begin)
  (func $begin (global.set $total (i32.const 100)))
  (func $unused (result i32) (i32.const 1))
  (func $read (result i32) (i32.load (i32.const 8)))
  (func $twice (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 2)))
  (func $thrice (param $x f64) (result f64) (f64.mul (local.get $x) (f64.const 3)))
  (func $half (param $x i32) (result i32) (i32.div_s (local.get $x) (i32.const 2)))
  (func $first (param $kind i32) (result i32)
    (global.set $total (i32.add (global.get $total) (call_indirect (type $one) (call $read) (local.get $kind))))
    (global.get $total))
  (func $second (param $x f64) (result f64)
    (global.set $last (call_indirect (param f64) (result f64) (local.get $x) (i32.const 2)))
    (i32.store (i32.const 8) (i32.add (call $read) (i32.const 1)))
    (f64.add (global.get $last) (f64.convert_i32_s (call $first (i32.const 1)))))
  (func $lastOf (result f64) (f64.add (global.get $last) (f64.convert_i32_s (global.get $total)))))`);
const core = Uint8Array.from(module.emitBinary());

type Calls = Record<"first" | "second" | "last", (x?: number) => number>;
const compiled = (bytes: Uint8Array) => new WebAssembly.Module(Uint8Array.from(bytes));

describe("the halves of a core", () => {
  const halves = split(core, ["first"]);

  it("export what was asked for, and the rest; nobody has what serves managed objects", () => {
    const [first, rest] = halves.map((half) =>
      WebAssembly.Module.exports(compiled(half)).map(({ name }) => name),
    );
    expect(first).toEqual(["memory", "rows", "first", "table", "0", "1", "2"]);
    expect(rest).toEqual(["second", "last"]);
    expect(WebAssembly.Module.imports(compiled(halves[0]))).toEqual([]);
  });

  it("do what the whole does, in whatever order they are called", () => {
    const whole = new WebAssembly.Instance(compiled(core)).exports as Calls;
    const first = new WebAssembly.Instance(compiled(halves[0])).exports;
    const early = (first as Calls).first(1);
    expect(early).toBe(whole.first(1));
    const rest = new WebAssembly.Instance(compiled(halves[1]), { first }).exports;
    const both = { ...first, ...rest } as Calls;
    for (const [name, x] of [
      ["second", 0.5],
      ["first", 3],
      ["last"],
      ["second", 7],
      ["first", 1],
      ["last"],
    ] as const) {
      expect(both[name](x), name).toBe(whole[name](x));
    }
  });
});
