// The pictures beside the pages of docs/guide are those of the programs on the pages. After a change: npx vitest run
// test/house/figures -u

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Graph } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { afterAll, expect, it, vi } from "vitest";
import { programsOf, root } from "../support/pages.js";
import { plane } from "../support/plot.js";

/** A picture of names that a program has in the end. */
interface Figure {
  readonly file: string;
  readonly page: string;
  /** The place of the program on its page. */
  readonly program: number;
  readonly names: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: a program's values have the types that it gives them.
  readonly draw: (values: any) => string;
}

const graphOf = ({ graph }: { graph: Graph }) => toSvg(graph);

const figures: readonly Figure[] = [
  { file: "01-first-graph.svg", page: "01-first-graph.md", program: 1, names: ["graph"], draw: graphOf },
  {
    file: "01-spirals.svg",
    page: "01-first-graph.md",
    program: 2,
    names: ["graph", "point", "arm"],
    draw: ({ graph, point, arm }) =>
      plane(
        "Two spirals, and the plane in the colours of the graph's predictions",
        (points) => graph.predict({ point: points }).arm,
        point,
        arm,
      ),
  },
];

// Inside the project, so that the package's own name leads to it.
mkdirSync(join(root, "build"), { recursive: true });
const folder = mkdtempSync(join(root, "build", "figures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program of a page silently, and returns its values of some names. */
async function valuesOf({ file, page, program, names }: Figure): Promise<unknown> {
  const path = join(folder, `${file}.mjs`);
  writeFileSync(
    path,
    `${programsOf(`docs/guide/${page}`)[program]!.code}\nexport { ${names.join(", ")} };\n`,
  );
  const silent = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    return await import(/* @vite-ignore */ pathToFileURL(path).href);
  } finally {
    silent.mockRestore();
  }
}

it.each(figures)("docs/guide/$file is drawn by program $program of $page", async (figure) => {
  const text = figure.draw(await valuesOf(figure));
  expect(text.length).toBeLessThan(200_000);
  await expect(text).toMatchFileSnapshot(join(root, "docs/guide", figure.file));
});

it("every picture of docs/guide is drawn here", () => {
  const pictures = readdirSync(join(root, "docs/guide")).filter((name) => !name.endsWith(".md"));
  expect(pictures.toSorted()).toEqual(figures.map(({ file }) => file).toSorted());
});
