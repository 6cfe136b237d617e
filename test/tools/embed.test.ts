// The cores as text in dist/: it is ASCII that no tool has to escape, and rebuilding keeps it.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";
import { describe, expect, it } from "vitest";
import { embed, interleave } from "../../tools/embed.js";
import { Random } from "../support/helpers.js";

const index = readFileSync(new URL("../../dist/index.js", import.meta.url), "utf8");

/** Returns the bytes of a text, by the list of all codes. */
function bytesOf(text: string, { characters, common }: ReturnType<typeof embed>): number[] {
  const all = Array.from(common, (_, byte) => byte);
  const order = ["1", "0"].flatMap((isCommon) => all.filter((byte) => common[byte] === isCommon));
  const codes = ["", "}", "~"].flatMap((begin) => [...characters].map((character) => begin + character));
  const values = new Map(order.map((byte, i) => [codes[i]!, byte]));
  return (text.match(/[}~]?[^}~]/g) ?? []).map((code) => values.get(code)!);
}

describe("a module as text", () => {
  const every = Uint8Array.from({ length: 512 }, (_, i) => i);
  const random = new Random(5);
  const drawn = Uint8Array.from({ length: 2000 }, () => Math.floor(random.next() ** 3 * 256));

  it.each([
    ["every byte", [every]],
    ["one byte alone", [Uint8Array.of(255)]],
    ["two modules", [drawn, every]],
    ["no byte", [new Uint8Array()]],
  ])("has %s again", (_, modules) => {
    const made = embed(modules);
    expect(made.common).toMatch(/^[01]{256}$/);
    made.texts.forEach((text, i) => {
      expect(bytesOf(text, made)).toEqual([...modules[i]!]);
    });
  });

  it("has no character that a tool escapes", () => {
    for (const text of embed([every, drawn]).texts) expect(text).toMatch(/^[ !#%&()-;=-[\]-_a-~]*$/);
  });

  it("has one character for a common byte", () => {
    const [text] = embed([Uint8Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? i : 200))]).texts;
    expect(text!.length).toBeLessThan(1100);
  });
});

describe("texts in slices", () => {
  it.each([
    ["of one text", ["a".repeat(50_000)]],
    ["of texts of different lengths", ["ab".repeat(20_000), "c".repeat(17), ""]],
  ])("have the texts again: %s", (_, texts) => {
    const slices = interleave(texts);
    expect(texts.map((_, i) => slices.map((slice) => slice[i]).join(""))).toEqual(texts);
    for (const slice of slices) for (const part of slice) expect(part.length).toBeLessThanOrEqual(16_000);
  });
});

describe("dist/index.js", () => {
  const graph = `new Graph({ seed: 1, inputs: { x: 2 }, hidden: { h: 4 }, outputs: { y: 1 }, synapses: [["x", "h"], ["h", "y"]] })`;
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

  it("computes the same bits when esbuild or terser has rebuilt it", async () => {
    const built = await Promise.all([
      esbuild.transform(index, { minify: true }),
      esbuild.transform(index, { minify: true, charset: "utf8" }),
      minify(index, { module: true }),
      minify(index, { module: true, format: { ascii_only: true } }),
    ]);
    const values = await Promise.all(
      [index, ...built.map(({ code }) => code!)].map(async (code) => {
        const { Graph } = (await import(url(code))) as typeof import("plexus-nn");
        return new Function("Graph", `return ${graph}`)(Graph).predict({ x: [0.5, -1] }).y[0];
      }),
    );
    expect(values).toEqual(values.map(() => values[0]));
  });

  it("compresses to the sizes that tools/README.md has", () => {
    const page = readFileSync(new URL("../../tools/README.md", import.meta.url), "utf8");
    const row = /\| \*\*a character or a pair for a byte\*\* \|([^\n]*)\|/.exec(page)![1]!;
    const [raw, gzip, brotli] = row.split("|").map(Number);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    const sizes = [index, gzipSync(index, { level: 9 }), brotliCompressSync(index, { params })];
    for (const [i, wanted] of [raw, gzip, brotli].entries())
      expect(Math.abs(sizes[i]!.length / 1000 / wanted! - 1)).toBeLessThan(0.1);
  });
});
