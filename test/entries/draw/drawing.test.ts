// The three drawings: their contents, and their safety against hostile names.

import { Graph } from "plexus-nn";
import { toDot, toMermaid, toSvg } from "plexus-nn/draw";
import { describe, expect, it } from "vitest";
import { type AnyGraph, expectRefusal, wrong } from "../../support/helpers.js";
import { cellGraph, hostile, hostileGraph, meshGraph, richGraph, timeGraph } from "./graphs.js";
import { type Element, parseXml } from "./xml.js";

const formats: readonly (readonly [string, (graph: AnyGraph) => string])[] = [
  ["toDot", toDot],
  ["toMermaid", toMermaid],
  ["toSvg", toSvg],
];

const skip = () =>
  new Graph({
    seed: 7,
    inputs: { x: 2 },
    hidden: { h: { size: 4, activation: "tanh" } },
    outputs: { y: 1 },
    synapses: [
      ["x", "h"],
      ["h", "y"],
      ["x", "y"],
    ],
  });

describe.each(formats)("%s", (_, draw) => {
  it("shows names, sizes, activations, losses and parameters", () => {
    const text = draw(skip());
    for (const shown of [
      "4 units · tanh",
      "1 unit · sigmoid",
      "loss entropy",
      "12 parameters",
      "2 × 4",
      "4 × 1",
      "2 × 1",
    ]) {
      expect(text).toContain(shown);
    }
    // Linear is not worth a word.
    expect(text).not.toContain("linear");
  });

  it("shows what else layers and synapses have", () => {
    const text = draw(richGraph());
    const wanted = [
      "layer norm · dropout 0",
      "scaled",
      "frozen",
      "loss entropy × 0",
      "identity",
      "weights of x → a",
      "last · 4 × 1 · frozen",
      "no parameters",
    ];
    for (const shown of wanted) expect(text).toContain(shown);
  });

  it("shows the steps that synapses bring, products, initial values and inputs without steps", () => {
    const text = draw(timeGraph()).replaceAll("#43;", "+");
    for (const shown of [
      "t−1 · 6 × 6",
      "slow · t−3 · oneToOne 6",
      "t+1 · 6 × 6",
      "t−2 · 4 × 2",
      "last · 6 × 3",
      "first · 6 × 3",
      "no steps",
      "initial",
    ])
      expect(text).toContain(shown);
    expect(draw(cellGraph())).toContain("4 units · ×");
    expect(draw(cellGraph())).toContain("t−1 · identity");
    expect(draw(cellGraph())).not.toContain("linear");
  });

  it("has no frame whose name leaves its place", () => {
    for (const name of hostile) {
      const graph = new Graph({
        inputs: { [name]: 1, [`${name}.in`]: 1, [`${name}.`]: 1, ".": 1, "..a": 1 },
      });
      const text = draw(graph);
      expect(text).toMatch(/subgraph|class="frame"/);
      expect(text).not.toMatch(/<\/script|<img|<!--|\]\]>/i);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e\ufffe]/u);
      for (const line of text.split("\n")) expect(line.length).toBeLessThan(3000);
    }
  });

  it("is the same text for the same graph", () => {
    expect(draw(skip())).toBe(draw(skip()));
    const first = skip();
    draw(hostileGraph());
    expect(draw(first)).toBe(draw(skip()));
  });

  it("has no name that leaves its place, nor one that can't be seen", () => {
    const text = draw(hostileGraph());
    expect(text).not.toMatch(/<\/script|<img|<!--|\]\]>/i);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e\ufffe]/u);
    // A long name is cut: none takes more than a few hundred characters.
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(3000);
  });

  it("is of an empty graph too", () => {
    expect(draw(new Graph())).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("refuses what is no graph, and one that was disposed of", () => {
    expectRefusal(() => draw(wrong({})), "bad-option", "Graph");
    const graph = new Graph();
    graph.dispose();
    expectRefusal(() => draw(graph), "disposed");
  });
});

describe("toDot", () => {
  it("is made of nodes and edges alone, whose labels are closed strings", () => {
    const text = '"(?:[^"\\\\]|\\\\[n"\\\\])*"';
    const node = new RegExp(`^  l\\d+ \\[[^"]*(?:"#[0-9a-f]{6}"[^"]*)+label=${text}, tooltip=${text}\\];$`);
    const edge = new RegExp(
      `^  l\\d+ -> l\\d+ \\[label=${text}(?:, style=dashed|, color="black:black")?\\];$`,
    );
    const lines = toDot(hostileGraph()).trimEnd().split("\n");
    expect(lines.slice(0, 4).join("\n")).toMatch(
      /^digraph \{\n {2}rankdir=TB;\n {2}node \[.*\];\n {2}edge \[.*\];$/,
    );
    expect(lines.at(-1)).toBe("}");
    const body = lines.slice(4, -1);
    expect(body.filter((line) => node.test(line)).length).toBe(hostile.length);
    expect(body.filter((line) => edge.test(line)).length).toBe(2 * hostile.length - 3);
    expect(body.length).toBe(3 * hostile.length - 3);
  });

  it("draws delays dashed, ranks by the other synapses of a loop, and puts a cell into a cluster", () => {
    const lines = toDot(cellGraph()).split("\n");
    const delayed = lines.filter((line) => line.includes("t−1"));
    expect(delayed).toHaveLength(7);
    for (const line of delayed) expect(line).toMatch(/, style=dashed, color="#d97706", constraint=false\];$/);
    const open = lines.indexOf("  subgraph cluster_0 {");
    expect(lines[open + 1]).toMatch(/label="cell";$/);
    const inside = lines.slice(open + 2, lines.indexOf("  }"));
    expect(inside.map((line) => /^ {4}l(\d+) /.exec(line)![1])).toEqual([
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
    ]);
    // Between loops, a delay is no way back.
    expect(toDot(timeGraph())).toMatch(/t−2 · 4 × 2 ", style=dashed, color="#d97706"\];/);
  });

  it("draws identities dashed and shared weights twice", () => {
    expect(toDot(richGraph()).match(/style=dashed/g)?.length).toBe(2);
    expect(toDot(richGraph()).match(/color="black:black"/g)?.length).toBe(1);
  });
});

describe("toMermaid", () => {
  it("is made of nodes, edges and styles alone, whose labels have no character with a meaning", () => {
    const text = '"(?:[\\p{L}\\p{N}\\p{M} (),·×→…]|(?<=\\d)\\.(?=\\d)|#\\d+;|<br/>)*"';
    const node = new RegExp(`^  l\\d+(?:\\(\\[${text}\\]\\)|\\[${text}\\]|\\[\\[${text}\\]\\])$`, "u");
    const edge = new RegExp(`^  l\\d+ (?:-->|-\\.->|==>)\\|${text}\\| l\\d+$`, "u");
    const lines = toMermaid(hostileGraph()).trimEnd().split("\n");
    expect(lines[0]).toBe("flowchart TB");
    expect(lines.filter((line) => node.test(line)).length).toBe(hostile.length);
    expect(lines.filter((line) => edge.test(line)).length).toBe(2 * hostile.length - 3);
    expect(lines.filter((line) => /^ {2}class(Def)? /.test(line)).length).toBe(6);
    expect(lines.length).toBe(1 + 3 * hostile.length - 3 + 6);
  });
});

describe("toMermaid of loops", () => {
  it("draws delays dotted, and puts a cell into a subgraph", () => {
    const lines = toMermaid(cellGraph()).split("\n");
    expect(lines.filter((line) => /^ {2}l\d+ -\.->\|"t−1 · /.test(line))).toHaveLength(7);
    const open = lines.indexOf('  subgraph f0["cell"]');
    const inside = lines.slice(open + 1, lines.indexOf("  end"));
    expect(inside.map((line) => /^ {4}l(\d)\[/.exec(line)![1]).join("")).toBe("123456789");
  });
});

describe("toSvg", () => {
  const all = (element: Element, name?: string): Element[] => [
    ...(name === undefined || element.name === name ? [element] : []),
    ...element.children.flatMap((child) => (typeof child === "string" ? [] : all(child, name))),
  ];
  const content = (element: Element): string =>
    element.children.map((child) => (typeof child === "string" ? child : content(child))).join("");

  it("is well-formed, with a title, a description and nothing from outside", () => {
    const text = toSvg(hostileGraph());
    const root = parseXml(text);
    expect([root.name, root.attributes.role]).toEqual(["svg", "img"]);
    expect(content(all(root, "title")[0]!)).toBe(`A graph of ${hostile.length} layers`);
    expect(content(all(root, "desc")[0]!)).toContain("synapses");
    const elements = all(root);
    expect(new Set(elements.map(({ name }) => name))).toEqual(
      new Set(["svg", "title", "desc", "style", "rect", "g", "path", "text"]),
    );
    expect(
      elements
        .flatMap(({ attributes }) => Object.keys(attributes))
        .filter((name) => /^on|href|id$/.test(name)),
    ).toEqual([]);
  });

  it("shows a hostile name as it is, but for what can't be seen", () => {
    const root = parseXml(toSvg(hostileGraph()));
    const texts = all(root, "text").map(content);
    for (const name of hostile.slice(0, 4))
      expect(texts).toContain(name.replace(/[\u2028\u2029]/g, "\ufffd"));
    expect(texts).toContain(`${"x".repeat(39)}…`);
  });

  /** Returns the rectangles of groups of some kinds. */
  const rects = (root: Element, kinds: string[]) =>
    all(root, "g")
      .filter(({ attributes }) => kinds.includes(attributes.class!.split(" ")[0]!))
      .flatMap((group) => all(group, "rect").slice(0, 1))
      .map(({ attributes: { x, y, width, height } }) => ({
        left: Number(x),
        top: Number(y),
        right: Number(x) + Number(width),
        bottom: Number(y) + Number(height),
      }));
  type Rect = ReturnType<typeof rects>[number];
  const isApart = (a: Rect, b: Rect) =>
    a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;

  const skips = () => {
    const graph = new Graph<string, string, string>({ seed: 1 });
    graph.addInput("x", 3);
    for (let i = 1; i < 12; i++) {
      if (i < 11) graph.addHidden(`h${i}`, i, "tanh");
      else graph.addOutput(`h${i}`, i, "softmax");
      graph.connect(i === 1 ? "x" : `h${i - 1}`, `h${i}`);
      for (let j = 2; j < i; j += 2) graph.connect(i === j + 1 ? "x" : `h${j - 1}`, `h${i}`);
    }
    return graph;
  };
  it.each([
    ["skips", skips],
    ["a cell", () => cellGraph()],
    ["a cell that runs backward", () => cellGraph(-1)],
    ["delays of both signs", timeGraph],
    ["a mesh", () => meshGraph(4)],
    ["a larger mesh", () => meshGraph(9)],
  ])("keeps boxes and labels apart, and edges off the boxes of other layers: %s", (_, make) => {
    const graph: AnyGraph = make();
    const root = parseXml(toSvg(graph));
    const boxes = rects(root, ["input", "hidden", "output"]);
    const labels = rects(root, ["edge"]);
    expect([boxes.length, labels.length]).toEqual([graph.layers.length, graph.synapses.length]);
    const page = { right: Number(root.attributes.width), bottom: Number(root.attributes.height) };
    const placed = [...boxes, ...labels];
    placed.forEach((a, i) => {
      expect(placed.slice(i + 1).filter((b) => !isApart(a, b))).toEqual([]);
      expect(a.left >= 0 && a.top >= 0 && a.right <= page.right && a.bottom <= page.bottom).toBe(true);
    });
    const paths = all(root, "path").filter(({ attributes }) => attributes.class === undefined);
    expect(paths.length).toBe(graph.synapses.length);
    for (const path of paths) {
      expect(path.attributes.d).not.toMatch(/NaN|undefined|Infinity/);
      const inside = points(path.attributes.d!).find(({ x, y }) =>
        boxes.some((box) => x > box.left + 1 && x < box.right - 1 && y > box.top + 1 && y < box.bottom - 1),
      );
      expect(inside).toBe(undefined);
    }
  });

  it("puts the layers of a cell into a frame, and no others", () => {
    const graph = cellGraph();
    const root = parseXml(toSvg(graph));
    const frame = rects(root, ["frame"]);
    expect(frame).toHaveLength(1);
    const boxes = rects(root, ["input", "hidden", "output"]);
    graph.layers.forEach(({ name }, i) => {
      const { left, right, top, bottom } = boxes[i]!;
      const isIn =
        left > frame[0]!.left &&
        right < frame[0]!.right &&
        top > frame[0]!.top + 20 &&
        bottom < frame[0]!.bottom;
      expect(isIn, name).toBe(name.startsWith("cell"));
      if (!isIn) expect(isApart(boxes[i]!, frame[0]!)).toBe(true);
    });
  });

  it("ranks by the synapses that don't return: a mesh is one row", () => {
    const boxes = rects(parseXml(toSvg(meshGraph(6))), ["hidden"]);
    expect(new Set(boxes.map(({ top }) => top)).size).toBe(1);
  });

  it("points from the end of a loop up to its beginning", () => {
    const graph = new Graph({
      inputs: { x: 1 },
      hidden: { a: 1, b: 1, c: 1 },
      synapses: [
        ["x", "a"],
        ["a", "b"],
        ["b", "c"],
        ["c", "a", { delay: 1 }],
      ],
    });
    const root = parseXml(toSvg(graph));
    const [a, , c] = rects(root, ["hidden"]);
    const delayed = all(root, "g").find(({ attributes }) => attributes.class === "edge delayed")!;
    const [line, head] = all(delayed, "path");
    expect(line!.attributes.d).toMatch(new RegExp(`^M[\\d.]+ ${c!.top}C.*V${a!.bottom + 6}$`));
    expect(head!.attributes.d).toMatch(new RegExp(`^M[\\d.]+ ${a!.bottom}l4 8h-8z$`));
  });

  /** Returns points along a path of M, V and C. */
  function points(path: string): { x: number; y: number }[] {
    const found: { x: number; y: number }[] = [];
    let [x, y] = [0, 0];
    for (const [, command, rest] of path.matchAll(/([MVC])([^MVC]*)/g)) {
      const numbers = rest!.trim().split(/\s+/).map(Number);
      const [fromX, fromY] = [x, y];
      if (command === "M") [x, y] = numbers as [number, number];
      else if (command === "V") y = numbers[0]!;
      else [x, y] = numbers.slice(4) as [number, number];
      for (let t = 0; t <= 1; t += 1 / 64) {
        const s = 1 - t;
        const cubic = (a: number, b: number, c: number, d: number) =>
          s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
        const [x1, y1, x2, y2] = command === "C" ? numbers : [fromX, fromY, x, y];
        if (command !== "M") found.push({ x: cubic(fromX, x1!, x2!, x), y: cubic(fromY, y1!, y2!, y) });
      }
    }
    return found;
  }

  it("draws hundreds of layers, and refuses what would take too long", () => {
    const chain = (count: number, skips: number) => {
      const graph = new Graph<string, string, string>({ seed: 1, inputs: { h0: 1 } });
      for (let i = 1; i < count; i++) {
        graph.addHidden(`h${i}`, 1);
        graph.connect(`h${i - 1}`, `h${i}`);
      }
      for (let i = 0; i < skips; i++) graph.connect(`h${i}`, `h${count - 1}`);
      return graph;
    };
    expect(parseXml(toSvg(chain(300, 0))).name).toBe("svg");
    expectRefusal(() => toSvg(chain(1001, 0)), "unsupported", "1001", "toDot");
    expectRefusal(() => toSvg(chain(900, 100)), "unsupported", "4000");
    expect(toDot(chain(20_000, 0)).split("\n").length).toBe(4 + 39_999 + 2);
    const ring: AnyGraph = chain(900, 0);
    ring.connect("h899", "h1", { delay: 1 });
    expect(parseXml(toSvg(ring)).name).toBe("svg");
    expect(parseXml(toSvg(meshGraph(28))).name).toBe("svg");
    expectRefusal(() => toSvg(meshGraph(40)), "unsupported", "1602 (more for frames and loops)");
  });
});
