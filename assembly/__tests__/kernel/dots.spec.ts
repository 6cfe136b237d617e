import { dotsInLanes } from "../../kernel/dots";
import * as naive from "../../kernel/naive";
import { lanes } from "../../kernel/part";

const MOST = 21 * 40;
const a = memory.data(40 * 8, 64), b = memory.data(MOST * 8, 64);
const fast = memory.data(24 * 8, 64), slow = memory.data(24 * 8, 64);

let state: u32 = 1;

function fill<T>(to: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    state = state * 1664525 + 1013904223;
    store<T>(to + <usize>i * sizeof<T>(), <T>(<f64>(<i32>state) / 2147483648.0 * <f64>(1 << ((state >> 12) & 15))));
  }
}

function agrees<T>(inner: i32, columns: i32): bool {
  fill<T>(a, inner);
  fill<T>(b, inner * columns);
  fill<T>(fast, 24);
  memory.copy(slow, fast, 24 * 8);
  dotsInLanes<T>(fast, a, b, inner, columns);
  const whole = columns & -8;
  naive.dotsInLanes<T>(slow, a, b, inner, whole);
  const done = <usize>whole * sizeof<T>();
  naive.multiplyTransposed<T>(slow + done, a, b + done * inner, 1, inner, columns - whole);
  return memory.compare(fast, slow, 24 * 8) == 0;
}

describe("dots in lanes", () => {
  test("are the sums of each lane, joined in pairs, and nothing beside the columns is written", () => {
    for (let columns = 0; columns <= 21; columns++) {
      for (let inner = 0; inner <= 40; inner += lanes<f64>()) expect(agrees<f64>(inner, columns)).toBe(true);
      for (let inner = 0; inner <= 40; inner += lanes<f32>()) expect(agrees<f32>(inner, columns)).toBe(true);
    }
  });
});
