import { convolve, convolveBack, convolveOuter, convolveRoom } from "../../kernel/conv";
import * as naive from "../../kernel/naive";
import { Window } from "../../kernel/window";

const ROOM: i32 = 1 << 20;
const GUARD: usize = 64;
const a = memory.data(ROOM, 64);
const b = memory.data(ROOM, 64);
const fast = memory.data(ROOM, 64);
const slow = memory.data(ROOM, 64);
const room = memory.data(ROOM, 64);
const w = changetype<Window>(memory.data(offsetof<Window>(), 16));

const FORWARD = 0, BACK = 1, OUTER = 2, FRESH = 3, KINDS = 4;

let state: u32 = 1;

/** Returns a whole number from `low` to `high`. */
function draw(low: i32, high: i32): i32 {
  state = state * 1664525 + 1013904223;
  return low + <i32>((state >> 10) % <u32>(high - low + 1));
}

/** Fills a matrix with numbers of many magnitudes, so that another order changes the bits, and NaN behind it. */
function fill<T>(to: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const value = <f64>draw(-1000, 1000) / 1000.0 * <f64>(1 << draw(0, 15));
    store<T>(to + <usize>i * sizeof<T>(), <T>(draw(0, 20) ? value : 0));
  }
  for (let i = 0; i < 2; i++) store<T>(to + <usize>(count + i) * sizeof<T>(), <T>NaN);
}

/** Returns whether numbers are the same, −0 and +0 included. */
function same<T>(left: usize, right: usize, count: i32): bool {
  for (let i: usize = 0; i < <usize>count * sizeof<T>(); i += sizeof<T>()) {
    const x = load<T>(left + i), y = load<T>(right + i);
    if (x != y && !(isNaN<T>(x) && isNaN<T>(y))) return false;
  }
  return true;
}

/** Returns whether a convolution is the naive one's, and nothing beside its result and its workspace changes. */
function agrees<T>(kind: i32, rows: i32, shift: i32): bool {
  const big = rows * w.bigHeight * w.bigWidth * w.bigChannels, small = rows * w.smallHeight * w.smallWidth * w.smallChannels;
  const weights = w.kernelHeight * w.kernelWidth * (w.bigChannels / w.groups) * w.smallChannels;
  const count = kind == FORWARD ? small : kind == BACK ? big : weights;
  const move = <usize>shift * sizeof<T>(), guards = 2 * <i32>GUARD / <i32>sizeof<T>();
  fill<T>(a + move, kind == BACK ? small : big);
  fill<T>(b + move, kind < OUTER ? weights : small);
  fill<T>(fast + move, count + guards);
  memory.copy(slow, fast + move, <usize>(count + guards) * sizeof<T>());
  const c = fast + move + GUARD, d = slow + GUARD, needs = <usize>convolveRoom<T>(w);
  assert(needs + 8 <= <usize>ROOM);
  store<u64>(room + needs, 0x1234567);
  if (kind == FORWARD) {
    convolve<T>(w, c, a + move, b + move, rows, room);
    naive.convolve<T>(w, d, a + move, b + move, rows);
  } else if (kind == BACK) {
    convolveBack<T>(w, c, a + move, b + move, rows, room);
    naive.convolveBack<T>(w, d, a + move, b + move, rows);
  } else {
    convolveOuter<T>(w, c, a + move, b + move, rows, kind == FRESH, room);
    naive.convolveOuter<T>(w, d, a + move, b + move, rows, kind == FRESH);
  }
  return same<T>(fast + move, slow, count + guards) && load<u64>(room + needs) == 0x1234567;
}

/** Sets the extents along an axis, from its words in the record; with pads, if `isPadded`. */
function axis(big: usize, most: i32, isPadded: bool): void {
  const at = changetype<usize>(w), kernel = draw(1, 4), stride = draw(1, 3), dilation = draw(1, 3);
  const span = dilation * (kernel - 1) + 1;
  const before = isPadded ? draw(0, span) : 0, after = isPadded ? draw(0, span) : 0;
  const size = max(draw(1, most), span - before - after);
  store<i32>(at + big, size);
  store<i32>(at + big + 12, (size + before + after - span) / stride + 1);
  store<i32>(at + big + 24, kernel);
  store<i32>(at + big + 32, stride);
  store<i32>(at + big + 40, dilation);
  store<i32>(at + big + 48, before);
}

/** Returns the first case of many random ones that differs, plus 1; 0 if none differs. */
function differing<T>(): i32 {
  for (let i = 0; i < 200; i++) {
    const isPadded = draw(0, 1) == 1;
    axis(offsetof<Window>("bigHeight"), 7, isPadded);
    if (draw(0, 3) == 0) {
      w.bigHeight = w.smallHeight = w.kernelHeight = w.strideHeight = w.dilationHeight = 1;
      w.top = 0;
    }
    axis(offsetof<Window>("bigWidth"), 9, isPadded);
    const way = draw(0, 4), near = draw(1, 6), far = draw(1, 6);
    w.groups = way == 0 ? draw(2, 4) : way == 1 ? draw(2, 11) : 1;
    w.bigChannels = way < 2 ? w.groups * (way ? 1 : near) : draw(1, 19);
    w.smallChannels = way < 2 ? w.groups * (way ? draw(1, 2) : far) : draw(1, 19);
    for (let kind = 0; kind < KINDS; kind++) if (!agrees<T>(kind, draw(1, 6), i & 3)) return i + 1;
  }
  return 0;
}

/** Returns whether more units than a list holds agree, with and without groups. */
function agreesForMany<T>(): bool {
  w.bigHeight = w.smallHeight = 13;
  w.bigWidth = w.smallWidth = 14;
  w.kernelHeight = w.kernelWidth = 3;
  w.strideHeight = w.strideWidth = w.dilationHeight = w.dilationWidth = w.top = w.left = 1;
  for (let groups = 1; groups <= 5; groups += 4) {
    w.groups = w.bigChannels = w.smallChannels = groups;
    for (let kind = 0; kind < KINDS; kind++) if (!agrees<T>(kind, 40, 0)) return false;
  }
  return true;
}

describe("convolutions and their derivatives equal the naive sums bit for bit", () => {
  it("in float64", () => { expect(differing<f64>()).toBe(0); });
  it("in float32", () => { expect(differing<f32>()).toBe(0); });
  it("for many units", () => { expect(agreesForMany<f64>() && agreesForMany<f32>()).toBe(true); });
});
