// The imports of the source, types included: each points to an earlier folder, and none closes a circle.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

function inView(name: string): string {
  return `view/${name}`;
}

/** The folders and files below a root, each of which may import those before it. */
const orders: Record<string, readonly string[]> = {
  src: ["base", "rules", "model", "memory", "calls", "format", "fit", "graph", "index.ts", "entries"],
  assembly: [
    ...[
      "abi.ts",
      "memory.ts",
      "own.ts",
      "lane",
      "random.ts",
      "kernel",
      "rule",
      "record.ts",
      "part.ts",
      "times.ts",
    ],
    ...["link", "pass", "start.ts", "index.ts", "predict.ts", "team"],
  ],
  "site/playground": [
    ...["model", "data", "files", "worker"],
    ...[
      "palette.ts",
      "figure.ts",
      "route.ts",
      "words.ts",
      "style.css",
      "client.ts",
      "frames.ts",
      "scores.ts",
    ].map(inView),
    ...["hash.ts", "starting.ts", "store", "store.ts", "reading.ts", "sheet.ts", "copy.ts"].map(inView),
    ...["parts", "canvas", "output", "panels", "Playground.vue"].map(inView),
  ],
};

const roots = Object.keys(orders);

/** Files of the core that src/ may import, and the folders that may. */
const crossings: Record<string, readonly string[]> = {
  "assembly/abi.ts": ["rules", "model", "memory", "calls", "fit"],
};

/** Returns the files of this repository that a file imports, or exports from. */
function importsOf(file: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|; *\/\/.*$/gm, "");
  const found = code.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, from]) => {
    const target = join(dirname(file), from!);
    return /\.(?:vue|css)$/.test(target) ? target : `${target.replace(/\.[jt]s$/, "")}.ts`;
  });
}

/** Returns the imports of each source file below a root. */
function read(root: string): Map<string, readonly string[]> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|vue|css)$/.test(entry.name))
    .map((entry) => relative(".", join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes("__tests__"));
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(file, "utf8"))]));
}

/** Returns the root of a file, and its path there. */
function homeOf(file: string): { readonly root: string; readonly rest: string } {
  const root = roots.find((one) => file.startsWith(`${one}/`))!;
  return { root, rest: file.slice(root.length + 1) };
}

/** Returns the index of a file's folder in the order of its root; -1 if it has none. */
function placeOf(file: string): number {
  const { root, rest } = homeOf(file);
  return orders[root]!.findIndex((room) => rest === room || rest.startsWith(`${room}/`));
}

/** Returns the imports that point to a later folder, or to another root where they may not. */
function wrong(imports: ReadonlyMap<string, readonly string[]>): string[] {
  return [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => {
        const { root, rest } = homeOf(file);
        if (!target.startsWith(`${root}/`)) return crossings[target]?.includes(rest.split("/")[0]!) !== true;
        return placeOf(target) > placeOf(file);
      })
      .map((target) => `${file} → ${target}`),
  );
}

/** Returns a circle of imports, as a list of its files; `undefined` if there is none. */
function circle(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const target of imports.get(file) ?? []) {
      const found = visit(target);
      if (found !== undefined) return found;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const found = visit(file);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe.each(roots)("the imports of %s", (root) => {
  const imports = read(root);

  it("are found, and lead to files that are there", () => {
    expect(imports.size).toBeGreaterThan(30);
    const targets = [...imports.values()].flat();
    expect(targets.length).toBeGreaterThan(100);
    const missing = targets.filter((target) => target.startsWith(`${root}/`) && !imports.has(target));
    expect(missing).toEqual([]);
  });

  it("point to earlier folders only", () => {
    expect([...imports.keys()].filter((file) => placeOf(file) < 0)).toEqual([]);
    expect(wrong(imports)).toEqual([]);
  });

  it("close no circle", () => {
    expect(circle(imports)).toBeUndefined();
  });
});

describe("the check of imports", () => {
  it("finds imports of every form", () => {
    const text = `
      import { a } from "./a.js";
      import type { B } from "./b.js";
      export * from "../rules/c.js";
      type D = import("./d.js").D;
      const e = await import("./e.js");
      import F from "./F.vue";
      import "node:fs"; // import { f } from "./f.js"
    `;
    const found = [
      "src/base/a.ts",
      "src/base/b.ts",
      "src/rules/c.ts",
      "src/base/d.ts",
      "src/base/e.ts",
      "src/base/F.vue",
    ];
    expect(importsOf("src/base/x.ts", text)).toEqual(found);
  });

  it("refuses an arrow against the order, from root to root, and from a file that has no place", () => {
    const arrows = new Map([
      ["src/base/a.ts", ["src/rules/b.ts", "assembly/abi.ts"]],
      ["src/memory/c.ts", ["src/base/a.ts", "assembly/abi.ts", "assembly/index.ts"]],
      ["assembly/lane/d.ts", ["assembly/kernel/e.ts", "src/base/a.ts"]],
      ["site/playground/data/f.ts", ["site/playground/model/g.ts", "site/playground/view/store.ts"]],
    ]);
    expect(wrong(arrows)).toEqual([
      "src/base/a.ts → src/rules/b.ts",
      "src/base/a.ts → assembly/abi.ts",
      "src/memory/c.ts → assembly/index.ts",
      "assembly/lane/d.ts → assembly/kernel/e.ts",
      "assembly/lane/d.ts → src/base/a.ts",
      "site/playground/data/f.ts → site/playground/view/store.ts",
    ]);
    expect(placeOf("src/new.ts")).toBe(-1);
  });

  it("finds a circle, and takes two ways to a file for none", () => {
    const two = new Map([
      ["a", ["b", "c"]],
      ["b", ["c"]],
      ["c", []],
    ]);
    expect(circle(two)).toBeUndefined();
    expect(circle(new Map([...two, ["c", ["a"]]]))).toEqual(["a", "b", "c", "a"]);
  });
});
