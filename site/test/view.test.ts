// Parts of the view that need no page: typed sizes and seeds, colours, and widths of lines.

import { describe, expect, it } from "vitest";
import { proposed, table } from "../playground/data/table.ts";
import { move } from "../playground/model/edit.ts";
import { linkOf, sketchOfLink } from "../playground/model/link.ts";
import { flowOf, type Sketch } from "../playground/model/sketch.ts";
import { tileOf, tintOf } from "../playground/view/canvas/portrait.ts";
import { drawWires, type Wire } from "../playground/view/canvas/wires.ts";
import { figureOf, unitsOf } from "../playground/view/figure.ts";
import { columnsOf, textsOf, typed, valuesOf } from "../playground/view/output/columns.ts";
import { routeOf } from "../playground/view/route.ts";
import { adapted, first } from "../playground/view/starting.ts";
import { seedOf, sizeOf } from "../playground/view/words.ts";

describe("columns", () => {
  const text = `size;kind;kind = of;price\n1,5;a;x;3\n2;b;x = y;4\n${"2;b;x = y;5\n".repeat(20)}`;
  const data = { ...proposed(text), outputs: ["price"], inputs: ["size", "kind", "kind = of"] };
  const made = table({ ...data, classes: ["kind", "kind = of"], share: 0 });
  const columns = columnsOf(made, ["kind", "kind = of"])!;

  it("of classes have their words, of numbers their bounds", () => {
    expect(columns).toEqual([
      { name: "size", classes: [], bounds: [1.5, 2] },
      { name: "kind", classes: ["a", "b"], bounds: [0, 1] },
      { name: "kind = of", classes: ["x", "x = y"], bounds: [0, 1] },
    ]);
    expect(columnsOf({ ...made, inputs: [{ name: "x", size: 784, shape: [28, 28], labels: [] }] }, [])).toBe(
      undefined,
    );
  });

  it("of a row are texts, from which the same values come back", () => {
    for (let row = 0; row < made.training.count; row++) {
      const texts = textsOf(made, columns, "training", row);
      const values = [...made.training.xs.x!.subarray(5 * row, 5 * row + 5)];
      expect(valuesOf(made, columns, texts)).toEqual({ x: values });
    }
  });

  it("take points and commas, and no words", () => {
    expect(["1.5", " -2,5 ", "−3", "1e3"].map(typed)).toEqual([1.5, -2.5, -3, 1000]);
    expect(["", "heavy", "1e999", "1.2.3"].map(typed)).toEqual(Array(4).fill(Number.NaN));
    expect(valuesOf(made, columns, ["heavy", "a", "x"])).toBe(undefined);
  });
});

describe("texts of people", () => {
  it("are sizes and shapes", () => {
    expect(sizeOf("8")).toBe(8);
    expect(sizeOf(" 1e3 ")).toBe(1000);
    expect(sizeOf("-1")).toBe(-1);
    expect(sizeOf("28×28×1")).toEqual([28, 28, 1]);
    expect(sizeOf("3x3")).toEqual([3, 3]);
    expect(sizeOf("2, 3")).toEqual([2, 3]);
    expect(sizeOf("many")).toEqual([]);
  });

  it("are seeds in the bounds that a link has", () => {
    expect(seedOf("7")).toBe(7);
    expect(seedOf("1.7")).toBe(1);
    expect(seedOf("-5")).toBe(0);
    expect(seedOf("none")).toBe(0);
    expect(seedOf("1e20")).toBe(2 ** 32 - 1);
    expect(seedOf(2 ** 32)).toBe(2 ** 32 - 1);
  });
});

describe("colours", () => {
  it("leave a share of 0 pale", () => {
    const [factor, term] = tintOf(Float32Array.of(0, 1), "share");
    expect([0 * factor + term, 1 * factor + term]).toEqual([0, 1]);
    expect(tintOf(Float32Array.of(-2, 1), "any")).toEqual([0.5, 0]);
  });

  it("leave the ground of an image pale, and an image without ink as a whole", () => {
    const [factor, term] = tintOf(Float32Array.of(-0.5, 1.5), "ink");
    expect([-0.5 * factor + term, 1.5 * factor + term]).toEqual([0, 1]);
    expect(tintOf(Float32Array.of(-0.5, -0.5), "ink")).toEqual([0, 0]);
  });
});

describe("drawings", () => {
  const wide = first("right");
  const places = ({ layers }: Sketch) => layers.map(({ x, y }) => [x, y]);

  it("of a wide screen are laid out anew on a narrow one, and come back", async () => {
    const tall = adapted(wide, "down");
    expect(flowOf(tall)).toBe("down");
    const ys = tall.layers.map(({ y }) => y);
    expect(ys).toEqual(ys.toSorted((a, b) => a - b));
    const { length } = ys;
    expect(new Set(ys).size).toBe(length);
    // Through a link, which has the places and the direction.
    expect(places(adapted(await sketchOfLink(await linkOf(tall)), "right"))).toEqual(places(wide));
  });

  it("stay as they are where a person has moved a layer", () => {
    const moved = move(wide, { h1: { x: 20, y: 300 } });
    expect(adapted(moved, "down")).toBe(moved);
    expect(adapted(wide, "right")).toBe(wide);
  });

  it("have pins where the lines of units end, in either direction", () => {
    const layer = { name: "h", kind: "hidden", size: 3, options: {}, x: 0, y: 0 } as const;
    const [right, down] = [figureOf(layer, true, "right"), figureOf(layer, true, "down")];
    expect([right.columns, down.columns]).toEqual([1, 3]);
    expect(down.width).toBeGreaterThan(right.width);
    for (const [unit, pin] of down.pins.entries()) {
      const tile = tileOf({ figure: down }, unit, down.width - 20);
      expect(10 + tile.x + tile.width / 2).toBe(pin);
    }
    // Bars and images have one pin; channels are no units.
    expect(figureOf({ ...layer, kind: "output", size: 10 }, false, "down").pins).toHaveLength(1);
    expect(figureOf({ ...layer, size: [5, 5, 4] }, false, "down").pins).toHaveLength(1);
  });

  it("lead down as they lead to the right, mirrored", () => {
    const box = (x: number, y: number) => ({ x, y, width: 100, height: 60, pins: [30] });
    const turned = ({ x, y, width, height, pins }: ReturnType<typeof box>) => ({
      x: y,
      y: x,
      width: height,
      height: width,
      pins,
    });
    const [from, between, to] = [box(0, 0), box(200, 10), box(400, 0)];
    for (const [start, end] of [
      [from, to],
      [to, from],
      [from, between],
    ] as const) {
      const others = [from, between, to].filter((one) => one !== start && one !== end);
      const routing = { rank: 0, straight: true } as const;
      const right = routeOf(start, end, others, { ...routing, flow: "right" });
      const down = routeOf(turned(start), turned(end), others.map(turned), { ...routing, flow: "down" });
      expect(down.curves.map(({ x, y }) => [y, x])).toEqual(right.curves.map(({ x, y }) => [x, y]));
      expect(down.direct).toBe(right.direct);
    }
  });
});

describe("lines", () => {
  it("past a box are as wide as those between neighbours", () => {
    const layer = (name: string, x: number) => {
      const sketch = { name, kind: "hidden", size: 2, options: {}, x, y: 0 } as const;
      const figure = figureOf(sketch, true, "right");
      const { width, height, pins } = figure;
      return { box: { x, y: 0, width, height, pins }, figure, units: unitsOf(sketch) };
    };
    const [from, between, to] = [layer("a", 0), layer("b", 200), layer("c", 400)];
    const weights = new Float32Array(4).fill(1);
    const wire = (end: typeof to, others: readonly (typeof from.box)[]): Wire => ({
      route: routeOf(from.box, end.box, others, { flow: "right", rank: 0, straight: true }),
      from,
      to: end,
      kind: "dense",
      weights,
      isChosen: false,
    });
    const widths = (one: Wire): number[] => {
      const found: number[] = [];
      const ignore = () => {};
      const context = {
        lineWidth: 0,
        beginPath: ignore,
        moveTo: ignore,
        bezierCurveTo: ignore,
        stroke() {
          found.push(this.lineWidth);
        },
      };
      const colors = { texts: new Array(512).fill("") } as never;
      drawWires(context as never, [one], undefined, colors);
      return found;
    };
    const fine = widths(wire(between, []));
    const cable = widths(wire(to, [between.box]));
    expect(fine).toHaveLength(4);
    expect(cable).toEqual([fine[0]]);
  });
});
