// The pictures on docs/draw.md: the first is drawn by the code on that page. After a change: npx vitest run test/entries/draw/page.test.ts -u

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Graph } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { expect, it } from "vitest";
import { cellGraph } from "./graphs.js";

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url));

it("docs/draw.svg is the drawing of the graph on docs/draw.md", async () => {
  const [, declaration] = /const graph = new Graph\((\{[\s\S]*?\n\})\);/.exec(
    readFileSync(`${docs}draw.md`, "utf8"),
  )!;
  const graph = new Graph(new Function(`return ${declaration}`)());
  await expect(toSvg(graph)).toMatchFileSnapshot(`${docs}draw.svg`);
});

it("docs/cell.svg is the drawing of a cell", async () => {
  await expect(toSvg(cellGraph())).toMatchFileSnapshot(`${docs}cell.svg`);
});
