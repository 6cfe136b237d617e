// The pictures on docs/draw.md: two are drawn by the code on that page. After a change: npx vitest run test/entries/draw/page.test.ts -u

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Graph } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { expect, it } from "vitest";
import { cellGraph } from "./graphs.js";

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url));

it.each([
  ["draw.svg", 0],
  ["shapes.svg", 1],
] as const)("docs/%s is the drawing of a graph on docs/draw.md", async (file, place) => {
  const page = readFileSync(`${docs}draw.md`, "utf8");
  const [, declaration] = [...page.matchAll(/const graph = new Graph\((\{[\s\S]*?\n\})\);/g)][place]!;
  const graph = new Graph(new Function(`return ${declaration}`)());
  await expect(toSvg(graph)).toMatchFileSnapshot(`${docs}${file}`);
});

it("docs/cell.svg is the drawing of a cell", async () => {
  await expect(toSvg(cellGraph())).toMatchFileSnapshot(`${docs}cell.svg`);
});
