// The picture on docs/draw.md is what the code on that page gives. After a change: npx vitest run test/entries/draw/page.test.ts -u

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Graph } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { expect, it } from "vitest";

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url));

it("docs/draw.svg is the drawing of the graph on docs/draw.md", async () => {
  const [, declaration] = /const graph = new Graph\((\{[\s\S]*?\n\})\);/.exec(
    readFileSync(`${docs}draw.md`, "utf8"),
  )!;
  const graph = new Graph(new Function(`return ${declaration}`)());
  await expect(toSvg(graph)).toMatchFileSnapshot(`${docs}draw.svg`);
});
