import { alloc, free } from "../memory";
import { normal, philox, philoxLanes, shuffle, uniform, word, wordLanes } from "../random";

function expectWords(a: u32, b: u32, c: u32, d: u32): void {
  expect<u32>(word(0)).toBe(a);
  expect<u32>(word(1)).toBe(b);
  expect<u32>(word(2)).toBe(c);
  expect<u32>(word(3)).toBe(d);
}

describe("philox", () => {
  it("returns the known answers of Random123", () => {
    philox(0, 0, 0, 0, 0, 0);
    expectWords(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    philox(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff);
    expectWords(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
    expectWords(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  });
});

function moments<T>(): void {
  const count = 100001;
  const values = alloc(<usize>count * sizeof<T>());
  uniform<T>(values, count, 7, 3, -1, 1);
  let sum: f64 = 0;
  let squares: f64 = 0;
  let inside = true;
  for (let i = 0; i < count; i++) {
    const value = <f64>load<T>(values + <usize>i * sizeof<T>());
    inside = inside && value > -1 && value < 1;
    sum += value;
    squares += value * value;
  }
  expect<bool>(inside).toBe(true);
  // The mean of n draws deviates by 1/√(3n) = 0.0018, the mean square by √(4/45n) = 0.00094.
  expect<bool>(Math.abs(sum / count) < 0.01).toBe(true);
  expect<bool>(Math.abs(squares / count - 1.0 / 3) < 0.005).toBe(true);
  free(values);
}

describe("uniform weights", () => {
  it("lie in the open interval and have its moments", () => {
    moments<f64>();
    moments<f32>();
  });

  it("depend on nothing but the seed, the index and the place", () => {
    const a = alloc(800);
    const b = alloc(800);
    uniform<f64>(a, 100, 7, 3, -1, 1);
    uniform<f64>(b, 50, 7, 3, -1, 1);
    expect<i32>(memory.compare(a, b, 400)).toBe(0);
    uniform<f64>(b, 100, 7, 4, -1, 1);
    expect<i32>(memory.compare(a, b, 800)).not.toBe(0);
    uniform<f64>(b, 100, 8, 3, -1, 1);
    expect<i32>(memory.compare(a, b, 800)).not.toBe(0);
    free(a);
    free(b);
  });

  it("start the same in both precisions", () => {
    const wide = alloc(8);
    const narrow = alloc(4);
    uniform<f64>(wide, 1, 1, 0, -1, 1);
    uniform<f32>(narrow, 1, 1, 0, -1, 1);
    expect<bool>(Math.abs(load<f64>(wide) - <f64>load<f32>(narrow)) < 2.4e-7).toBe(true);
    free(wide);
    free(narrow);
  });
});

describe("four counters at once", () => {
  it("return the words of each", () => {
    const words = alloc(64);
    philoxLanes(0xfffffffe, 7, 1 << 31, 9, 0xdeadbeef, 2);
    for (let w: u32 = 0; w < 4; w++) v128.store(words + (<usize>w << 4), wordLanes(w));
    for (let lane: u32 = 0; lane < 4; lane++) {
      philox(0xfffffffe + lane, 7, 1 << 31, 9, 0xdeadbeef, 2);
      for (let w: u32 = 0; w < 4; w++) expect<u32>(load<u32>(words + (<usize>w << 4) + (<usize>lane << 2))).toBe(word(w));
    }
    free(words);
  });
});

function between<T>(low: f64, high: f64, only: f64): void {
  const values = alloc(1000 * sizeof<T>());
  uniform<T>(values, 1000, 7, 3, low, high);
  for (let i = 0; i < 1000; i++) {
    const value = <f64>load<T>(values + <usize>i * sizeof<T>());
    if (value != only) expect<f64>(value).toBe(only);
  }
  expect<f64>(<f64>load<T>(values)).toBe(only);
  free(values);
}

describe("uniform weights of an interval", () => {
  it("are the only number between the ends, if there is one", () => {
    between<f64>(1, 1 + 4.440892098500626e-16, 1 + 2.220446049250313e-16);
    between<f64>(-5e-324, 5e-324, 0);
    between<f32>(1, 1 + 2.384185791015625e-7, 1 + 1.1920928955078125e-7);
    between<f32>(0.99999997, 1.0000001, 1);
  });

  it("fill it", () => {
    const values = alloc(80000);
    uniform<f64>(values, 10000, 7, 3, -1e308, 1.5e308);
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < 10000; i++) {
      least = min(least, load<f64>(values + (<usize>i << 3)));
      most = max(most, load<f64>(values + (<usize>i << 3)));
    }
    expect<bool>(least > -1e308 && least < -0.998e308).toBe(true);
    expect<bool>(most < 1.5e308 && most > 1.498e308).toBe(true);
    free(values);
  });
});

/** Checks the moments of n normal numbers, which deviate by √(1/n), √(2/n), √(15/n) and √(96/n): four deviations are allowed. */
function normalMoments<T>(): void {
  const count = 100001;
  const values = alloc(<usize>count * sizeof<T>());
  normal<T>(values, count, 7, 3, 2, 0.5);
  let m1: f64 = 0, m2: f64 = 0, m3: f64 = 0, m4: f64 = 0, within = 0;
  for (let i = 0; i < count; i++) {
    const z = (<f64>load<T>(values + <usize>i * sizeof<T>()) - 2) * 2;
    m1 += z;
    m2 += z * z;
    m3 += z * z * z;
    m4 += z * z * z * z;
    within += i32(abs(z) < 1);
  }
  const root = Math.sqrt(<f64>count);
  expect<bool>(Math.abs(m1 / count) < 4 / root).toBe(true);
  expect<bool>(Math.abs(m2 / count - 1) < 4 * Math.sqrt(2) / root).toBe(true);
  expect<bool>(Math.abs(m3 / count) < 4 * Math.sqrt(15) / root).toBe(true);
  expect<bool>(Math.abs(m4 / count - 3) < 4 * Math.sqrt(96) / root).toBe(true);
  // The share within one deviation is erf(1/√2).
  expect<bool>(Math.abs(<f64>within / count - 0.6826894921370859) < 4 * 0.466 / root).toBe(true);
  free(values);
}

describe("normal weights", () => {
  it("have the moments asked for", () => {
    normalMoments<f64>();
    normalMoments<f32>();
  });

  it("are Box and Muller's, and float32 is float64 rounded", () => {
    const wide = alloc(80);
    const narrow = alloc(40);
    normal<f64>(wide, 9, 5, 2, 1, 3);
    normal<f32>(narrow, 9, 5, 2, 1, 3);
    expect<f64>(load<f64>(wide, 72)).toBe(0);
    for (let i = 0; i < 9; i++) {
      philox(i >>> 1, 0, 2, 0, 5, 0);
      const u = (<f64>word(0) + <f64>word(1) / 4294967296) / 4294967296;
      const v = (<f64>word(2) + <f64>word(3) / 4294967296) / 4294967296;
      const radius = Math.sqrt(-2 * Math.log(u));
      const turn = 2 * Math.PI * v;
      const naive = 1 + 3 * radius * (i & 1 ? Math.sin(turn) : Math.cos(turn));
      const value = load<f64>(wide + (<usize>i << 3));
      expect<bool>(Math.abs(value - naive) < 1e-13).toBe(true);
      expect<f32>(load<f32>(narrow + (<usize>i << 2))).toBe(<f32>value);
    }
    free(wide);
    free(narrow);
  });
});

describe("shuffle", () => {
  it("is a permutation, another for each index, and favours no place", () => {
    const count = 10;
    const order = alloc(count * 4);
    const seen = new StaticArray<i32>(count * count);
    for (let index = 0; index < 10000; index++) {
      shuffle(order, count, 5, index);
      let places = 0;
      for (let i = 0; i < count; i++) {
        const value = load<u32>(order + <usize>i * 4);
        places |= 1 << value;
        seen[i * count + value] += 1;
      }
      if (places != 1023) expect<i32>(places).toBe(1023);
    }
    // Each count is binomial: mean 1000, deviation 30.
    for (let i = 0; i < count * count; i++) {
      if (seen[i] < 850 || seen[i] > 1150) expect<i32>(seen[i]).toBe(1000);
    }
    expect<i32>(seen[0] > 0 ? 1 : 0).toBe(1);
    free(order);
  });
});
