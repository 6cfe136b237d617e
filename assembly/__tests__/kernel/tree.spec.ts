import { beginTree, endTree, grow } from "../../kernel/tree";
import { Columns, overSamples } from "../../kernel/fold";

/** Returns the sum of numbers by the tree. */
function treeOf(numbers: f64[]): f64 {
  beginTree();
  for (let i = 0; i < numbers.length; i++) grow(unchecked(numbers[i]));
  return endTree();
}

describe("a tree of numbers", () => {
  it("joins pairs, pairs of pairs, and the rest behind them", () => {
    const a: f64 = 1e16, b: f64 = 1, c: f64 = -1e16, d: f64 = 3, e: f64 = 0.1;
    expect<f64>(treeOf([a, b, c, d, e])).toBe(((a + b) + (c + d)) + e);
    expect<f64>(treeOf([a, b, c])).toBe((a + b) + c);
    expect<f64>(treeOf([e])).toBe(e);
    expect<f64>(treeOf([])).toBe(0);
  });

  it("has the order of sums over samples", () => {
    const room = heap.alloc(1024), out = heap.alloc(64), numbers: f64[] = [], rows = heap.alloc(100 * 8);
    for (let i = 0; i < 100; i++) {
      numbers.push(1 / <f64>(3 * i + 1) - 0.01 * <f64>(i % 7));
      store<f64>(rows + (<usize>i << 3), numbers[i]);
      overSamples<Columns, f64>(out, 1, 0, rows, i + 1, 0, 1, room, 1);
      expect<f64>(treeOf(numbers)).toBe(load<f64>(out));
    }
  });
});
