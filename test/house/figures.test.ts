// The pictures beside the pages of docs/guide are those of the programs on the pages. After a change: npx vitest run
// test/house/figures -u

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Graph, Progress } from "plexus-nn";
import { toSvg } from "plexus-nn/draw";
import { expect, it, vi } from "vitest";
import { programFolder } from "../support/folder.js";
import { programsOf, root } from "../support/pages.js";
import { chart, plane } from "../support/plot.js";

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
  {
    file: "03-activations.svg",
    page: "03-activations-and-losses.md",
    program: 3,
    names: ["names", "at", "curves"],
    draw: ({ names, at, curves }: { names: string[]; at: number[]; curves: Record<string, number[]> }) => {
      const series = names.map((name) => ({
        name,
        points: at.map((x, i) => [x, curves[name]![i]!] as const),
      }));
      return chart(series, { title: "Five activations", x: "x", y: "", range: [-1, 3] });
    },
  },
  {
    file: "04-stopping.svg",
    page: "04-training.md",
    program: 2,
    names: ["epochs"],
    draw: ({ epochs }: { epochs: Progress[] }) => {
      const trained = epochs.map(({ epoch, cost }) => [epoch, cost] as const);
      const held = epochs.map(({ epoch, validation }) => [epoch, validation!.cost] as const);
      const series = [
        { name: "training", points: trained },
        { name: "held out", points: held },
      ];
      return chart(series, {
        title: "Costs over epochs",
        x: "epoch",
        y: "cost",
        range: [0, 1.2],
      });
    },
  },
  { file: "05-inputs.svg", page: "05-graphs.md", program: 2, names: ["graph"], draw: graphOf },
  { file: "05-shared.svg", page: "05-graphs.md", program: 4, names: ["graph"], draw: graphOf },
  { file: "06-loop.svg", page: "06-recurrent.md", program: 0, names: ["graph"], draw: graphOf },
  {
    file: "06-forecast.svg",
    page: "06-recurrent.md",
    program: 2,
    names: ["series", "forecast"],
    draw: ({ series, forecast }: { series: number[]; forecast: number[] }) => {
      const past = series.slice(120, 260).map((value, i) => [120 + i, value] as const);
      const ahead = forecast.map((value, i) => [200 + i, value] as const);
      const lines = [
        { name: "series", points: past },
        { name: "forecast", points: ahead, form: "dashed" as const },
      ];
      return chart(lines, { title: "A series and its forecast", x: "step", y: "" });
    },
  },
];

const folder = programFolder("figures");

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
