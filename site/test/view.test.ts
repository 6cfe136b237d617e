// Parts of the view that need no page: typed sizes and seeds, colours, and widths of lines.

import { describe, expect, it } from "vitest";
import { figureOf, unitsOf } from "../playground/view/canvas/figure.ts";
import { tintOf } from "../playground/view/canvas/portrait.ts";
import { routeOf } from "../playground/view/canvas/route.ts";
import { drawWires, type Wire } from "../playground/view/canvas/wires.ts";
import { seedOf, sizeOf } from "../playground/view/words.ts";

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
});

describe("lines", () => {
  it("past a box are as wide as those between neighbours", () => {
    const layer = (name: string, x: number) => {
      const sketch = { name, kind: "hidden", size: 2, options: {}, x, y: 0 } as const;
      const figure = figureOf(sketch, true);
      const { width, height, pins } = figure;
      return { box: { x, y: 0, width, height, pins }, figure, units: unitsOf(sketch) };
    };
    const [from, between, to] = [layer("a", 0), layer("b", 200), layer("c", 400)];
    const weights = new Float32Array(4).fill(1);
    const wire = (end: typeof to, others: readonly (typeof from.box)[]): Wire => ({
      route: routeOf(from.box, end.box, others),
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
