// Imports of the core point one way: lane ← kernel ← rule ← record ← link ← pass ← index.

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, it } from "vitest";

const root = new URL("../../assembly/", import.meta.url);

/** Folders, and files beside them, each after those that it may import. */
const order = [
  "abi",
  "memory",
  "lane",
  "random",
  "kernel",
  "start",
  "rule",
  "record",
  "link",
  "pass",
  "index",
];
const rank = (file: string) => order.indexOf(file.split("/")[0]!);

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts") && !/^(__tests__|pack)\b/.test(file))
  .map((file) => file.slice(0, -".ts".length));

const imports = new Map(
  files.map((file) => {
    const text = readFileSync(new URL(`${file}.ts`, root), "utf8");
    const paths = [...text.matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, path]) =>
      posix.join(posix.dirname(file), path!),
    );
    return [file, paths] as const;
  }),
);

it("every file of the core has its place in the order", () => {
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) expect(rank(file), file).toBeGreaterThanOrEqual(0);
});

it("no file imports one of a later place", () => {
  for (const [file, paths] of imports) {
    for (const path of paths) expect(rank(path), `${file} imports ${path}`).toBeLessThanOrEqual(rank(file));
  }
});

it("no file imports itself by way of others", () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    expect(way, [...way, file].join(" → ")).not.toContain(file);
    if (done.has(file)) return;
    for (const path of imports.get(file) ?? []) visit(path, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});
