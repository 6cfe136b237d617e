// The geometry of windows: the reference's cases, a count position by position, the messages and bad values.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GraphError } from "../../src/base/error.js";
import { plain } from "../../src/base/plain.js";
import { readWindow, type WindowKind, windowOptions, wordsOf } from "../../src/rules/window.js";
import { Random, seed } from "../support/helpers.js";

type Options = Readonly<Record<string, unknown>>;
interface Resolved {
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  readonly pads: [number, number][];
}
interface Case {
  readonly kind: WindowKind;
  readonly from: number[];
  readonly to: number[];
  readonly options: Options;
  readonly resolved?: Resolved;
  readonly error?: string;
}
interface Reference {
  readonly geometry: Case[];
  readonly graphs: {
    readonly name: string;
    readonly layers: { readonly name: string; readonly shape: number[] }[];
    readonly synapses: ({ readonly from: string; readonly to: string; readonly kind: string } & Options)[];
  }[];
}

const reference: Reference = JSON.parse(
  readFileSync(new URL("../reference/maps.json", import.meta.url), "utf8"),
);

/** Reads a window between layers that are called a and b. */
function read(kind: WindowKind, from: readonly number[], to: readonly number[], given: Options = {}) {
  const options = plain(given, "bad-option", "The options of a synapse") as Options;
  return readWindow(kind, options, { name: "a", shape: from }, { name: "b", shape: to });
}

/** Returns the message of the refusal of a window. */
function refusal(...window: Parameters<typeof read>): string {
  try {
    read(...window);
  } catch (error) {
    if (error instanceof GraphError && error.code === "bad-option") return error.message;
    throw new Error("another error was thrown", { cause: error });
  }
  throw new Error(`nothing was thrown for ${JSON.stringify(window)}`);
}

const resolvedOf = (...window: Parameters<typeof read>): Resolved => {
  const { kernel, stride, dilation, padding } = read(...window);
  return { kernel, stride, dilation, pads: padding } as unknown as Resolved;
};

describe("the reference's", () => {
  it.each(reference.geometry)(
    "$kind from $from to $to, $options",
    ({ kind, from, to, options, ...wanted }) => {
      if (wanted.error !== undefined) refusal(kind, from, to, options);
      else expect(resolvedOf(kind, from, to, options)).toEqual(wanted.resolved);
    },
  );

  it("windows of all graphs", () => {
    let count = 0;
    for (const { layers, synapses } of reference.graphs) {
      const shapeOf = (name: string) => layers.find((layer) => layer.name === name)!.shape;
      for (const synapse of synapses) {
        if (synapse.kind !== "upsample" && synapse.resolved === undefined) continue;
        const names = Object.keys(windowOptions).filter((name) => synapse[name] !== undefined);
        const options = Object.fromEntries(names.map((name) => [name, synapse[name]]));
        const ends = [shapeOf(synapse.from), shapeOf(synapse.to)] as const;
        const found = resolvedOf(synapse.kind as WindowKind, ...ends, options);
        if (synapse.resolved) expect(found).toEqual(synapse.resolved);
        count++;
      }
    }
    expect(count).toBeGreaterThan(50);
  });
});

describe("a window", () => {
  it("is frozen, and has one element for each axis", () => {
    const window = read("conv", [8, 6, 4], [4, 3, 2], { kernel: 3, stride: 2, padding: "same", groups: 2 });
    expect(window).toEqual({
      kernel: [3, 3],
      stride: [2, 2],
      dilation: [1, 1],
      padding: [[0, 1], [0, 1]], // biome-ignore format: pairs
      groups: 2,
      countPadding: false,
    });
    const parts = [window, window.kernel, window.stride, window.dilation, window.padding, ...window.padding];
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
  });

  it("that was resolved is read to the same window", () => {
    const cases: Parameters<typeof read>[] = [
      ["conv", [7, 9, 2], [4, 5, 4], { kernel: [3, 2], stride: 2, groups: 2 }],
      ["averagePool", [9, 9, 3], [5, 5, 3], { kernel: 2, padding: [[0, 1], 1], countPadding: true }],
      ["maxPool", [8, 3], [4, 3]],
    ];
    for (const [kind, from, to, options] of cases) {
      const window = read(kind, from, to, options);
      const own = Object.entries(window).filter(([name]) =>
        windowOptions[name as keyof typeof window].includes(kind),
      );
      expect(read(kind, from, to, Object.fromEntries(own))).toEqual(window);
    }
  });

  it("beside a shape takes a plain size for one position", () => {
    expect(resolvedOf("averagePool", [7, 5, 64], [64]).kernel).toEqual([7, 5]);
    expect(resolvedOf("upsample", [16], [4, 3, 16]).stride).toEqual([4, 3]);
    expect(resolvedOf("convTranspose", [16], [4, 4, 3], { kernel: 4 }).pads).toEqual([[0, 0], [0, 0]]); // biome-ignore format: pairs
    expect(resolvedOf("conv", [5, 3], [9], { kernel: 5 }).kernel).toEqual([5]);
  });

  it("may be causal", () => {
    expect(resolvedOf("conv", [9, 1], [9, 4], { kernel: 3, padding: [[2, 0]] }).pads).toEqual([[2, 0]]);
  });

  it("has words for the core", () => {
    const conv = { kernel: [3, 2], stride: [2, 1], dilation: [1, 2], padding: [[1, 2], [0, 1]], groups: 2 }; // biome-ignore format: pairs
    const ends = [[8, 6, 4], [5, 5, 6]] as const; // biome-ignore format: pairs
    const words = [8, 6, 4, 5, 5, 6, 3, 2, 2, 1, 1, 2, 1, 0, 2, 0];
    expect(wordsOf(read("conv", ...ends, conv), "conv", ...ends)).toEqual(words);
    const turned = [ends[1], ends[0]] as const;
    expect(wordsOf(read("convTranspose", ...turned, conv), "convTranspose", ...turned)).toEqual(words);
    const pool = { kernel: 3, stride: 2, padding: [[2, 1]], countPadding: true };
    const flat = read("averagePool", [9, 5], [5, 5], pool);
    const one = [1, 9, 5, 1, 5, 5, 1, 3, 1, 2, 1, 1, 0, 2, 1, 1];
    expect(wordsOf(flat, "averagePool", [9, 5], [5, 5])).toEqual(one);
    const up = wordsOf(read("upsample", [7], [6, 7]), "upsample", [7], [6, 7]);
    expect(up).toEqual([1, 6, 7, 1, 1, 7, 1, 6, 1, 1, 1, 1, 0, 0, 1, 0]);
  });
});

describe("a count position by position", () => {
  /** Returns the cells under the taps of each window on an axis; -1 for padding. */
  function cells(n: number, k: number, s: number, d: number, before: number, after: number): number[][] {
    const found: number[][] = [];
    for (let start = -before; start + d * (k - 1) < n + after; start += s) {
      found.push(
        Array.from({ length: k }, (_, t) => start + t * d).map((at) => (at < 0 || at >= n ? -1 : at)),
      );
    }
    return found;
  }

  it("allows the same windows", () => {
    const random = new Random(seed);
    let [fit, wrong] = [0, 0];
    for (let i = 0; i < 4000; i++) {
      const rank = random.whole(1, 2);
      const axes = Array.from({ length: rank }, () => ({
        n: random.whole(1, 9),
        k: random.whole(1, 5),
        s: random.whole(1, 4),
        d: random.whole(1, random.chance(0.2) ? 9 : 2),
        pads: [random.whole(0, 3), random.whole(0, 3)] as const,
      }));
      const seen = axes.map(({ n, k, s, d, pads }) => cells(n, k, s, d, ...pads));
      const big = [...axes.map(({ n }) => n), 2];
      const small = [...seen.map(({ length }) => length), 2];
      const options = {
        kernel: axes.map(({ k }) => k),
        stride: axes.map(({ s }) => s),
        dilation: axes.map(({ d }) => d),
        padding: axes.map(({ pads }) => pads),
      };
      const wanted = { ...options, pads: options.padding, padding: undefined };
      const other = small.with(random.whole(0, rank - 1), random.whole(1, 20));
      const beyond = axes.some(({ k, d, pads }) => Math.max(...pads) > d * (k - 1));
      const empty = seen.some((windows) => windows.some((taps) => taps.every((at) => at < 0)));
      if (small.includes(0)) {
        refusal("conv", big, other.map((n) => Math.max(n, 1)), options); // biome-ignore format: one line
        continue;
      }
      expect(resolvedOf("conv", big, small, options)).toEqual(wanted);
      expect(resolvedOf("convTranspose", small, big, options)).toEqual(wanted);
      if (`${other}` !== `${small}`) refusal("conv", big, other, options);
      if (beyond || empty) refusal("maxPool", big, small, options);
      else expect(resolvedOf("maxPool", big, small, options)).toEqual(wanted);
      if (beyond || empty) wrong++;
      else fit++;
    }
    expect(Math.min(fit, wrong)).toBeGreaterThan(400);
  });

  it("finds the padding of same", () => {
    for (let n = 1; n <= 9; n++) {
      for (let k = 1; k <= 5; k++) {
        for (const [s, d] of [
          [1, 1],
          [2, 1],
          [3, 1],
          [1, 2],
          [2, 3],
        ] as const) {
          // biome-ignore format: pairs
          const small = Math.ceil(n / s);
          let total = 0;
          while (cells(n, k, s, d, 0, total).length < small) total++;
          const options = { kernel: k, stride: s, dilation: d, padding: "same" };
          const wanted = [[Math.floor(total / 2), Math.ceil(total / 2)]];
          expect(resolvedOf("conv", [n, 1], [small, 1], options).pads).toEqual(wanted);
          expect(resolvedOf("conv", [n, 1], [small, 1], { ...options, padding: undefined }).pads).toEqual(
            wanted,
          );
        }
      }
    }
  });

  it("of a convTranspose allows the extents of the message, and no others", () => {
    for (let m = 1; m <= 4; m++) {
      for (const [k, s, d] of [
        [1, 1, 1],
        [3, 2, 1],
        [5, 3, 1],
        [2, 4, 2],
        [1, 3, 1],
      ] as const) {
        // biome-ignore format: triples
        for (const padding of ["valid", "same", 1, [[0, 2]]]) {
          const options = { kernel: k, stride: s, dilation: d, padding };
          const message = refusal("convTranspose", [m, 1], [99, 1], options);
          const [, least, most = least] = /gives (\d+)(?: to (\d+))? \(/.exec(message) ?? [];
          const fits = Array.from({ length: 30 }, (_, i) => i + 1).filter((n) => {
            try {
              return read("convTranspose", [m, 1], [n, 1], options);
            } catch {
              return false;
            }
          });
          expect([fits[0], fits.at(-1)], message).toEqual(least ? [Number(least), Number(most)] : [undefined, undefined]);
          expect(fits.length).toBe(least ? Number(most) - Number(least) + 1 : 0);
        }
      }
    }
  });
});

describe("the message", () => {
  const image = { name: "image", shape: [28, 28, 1] };
  const message = (...window: Parameters<typeof readWindow>) => {
    try {
      readWindow(...window);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it("spells the shapes that would fit", () => {
    const c1 = { name: "c1", shape: [26, 26, 8] };
    expect(message("conv", { kernel: 5 }, image, c1)).toBe(
      'The conv from "image" (28 × 28 × 1) with kernel 5 gives 24 × 24 ("valid") or 28 × 28 ("same"); "c1" is 26 × 26.',
    );
    expect(message("conv", { kernel: [3, 5], stride: 2, padding: [1, [0, 3]] }, image, c1)).toBe(
      'The conv from "image" (28 × 28 × 1) with kernel 3 × 5, stride 2 gives 14 × 14 (padding [1,[0,3]]); "c1" is 26 × 26.',
    );
    expect(message("maxPool", { kernel: 40, padding: "valid" }, image, { name: "p", shape: [1] })).toBe(
      'The maxPool from "image" (28 × 28 × 1) with kernel 40 gives nothing ("valid"); "p" is 1 × 1.',
    );
    expect(
      message("convTranspose", { kernel: 3, stride: 2 }, { name: "code", shape: [4, 4, 8] }, image),
    ).toBe(
      'The convTranspose from "code" (4 × 4 × 8) with kernel 3, stride 2 gives 9 × 9 to 10 × 10 ("valid") or 7 × 7 to 8 × 8 ("same"); "image" is 28 × 28.',
    );
  });

  const texts: readonly (readonly [string, Parameters<typeof read>])[] = [
    ['The conv from "a" to "b" needs a shape of two or three numbers: "a" is 10, "b" is 5.', ["conv", [10], [5], { kernel: 1 }]],
    ['The conv from "a" to "b" joins shapes of as many numbers: "a" is 4 × 2, "b" is 4 × 4 × 2.', ["conv", [4, 2], [4, 4, 2], { kernel: 1 }]],
    ['The kernel of the conv from "a" to "b" is missing: 5 × 3 fits without padding.', ["conv", [8, 6, 1], [4, 4, 2]]],
    ['The kernel of the conv from "a" to "b" is missing.', ["conv", [4, 2], [8, 2]]],
    ['The kernel of the maxPool from "a" to "b" must be given: 9 × 2 doesn\'t divide 9 × 5.', ["maxPool", [9, 5, 2], [9, 2, 2]]],
    ['The factor of the upsample from "a" to "b" is a whole number: 2 × 2 doesn\'t divide 4 × 5.', ["upsample", [2, 2, 3], [4, 5, 3]]],
    ['`stride` of the maxPool from "a" to "b" can\'t be given without `kernel`.', ["maxPool", [4, 2], [2, 2], { stride: 2 }]],
    ['`dilation` of the maxPool from "a" to "b" can\'t be given without `kernel`.', ["maxPool", [4, 2], [2, 2], { dilation: 1 }]],
    ['`padding` of the averagePool from "a" to "b" can\'t be given without `kernel`.', ["averagePool", [4, 2], [2, 2], { padding: "valid" }]],
    ['`groups` of the maxPool from "a" to "b" can\'t be given: it is an option of "conv" or "convTranspose".', ["maxPool", [4, 2], [2, 2], { groups: 1 }]],
    ['`countPadding` of the maxPool from "a" to "b" can\'t be given: it is an option of "averagePool".', ["maxPool", [4, 2], [2, 2], { countPadding: false }]],
    ['`kernel` of the upsample from "a" to "b" can\'t be given: it is an option of "conv", "convTranspose", "averagePool" or "maxPool".', ["upsample", [2, 2], [4, 2], { kernel: 2 }]],
    ['The groups of the conv from "a" to "b" divide its channels, 4 and 3: 2 can\'t.', ["conv", [4, 4], [4, 3], { kernel: 1, groups: 2 }]],
    ['The channels at both ends of the upsample from "a" to "b" are equal, not 4 and 3.', ["upsample", [4, 4], [4, 3]]],
    ['The kernel of the conv from "a" to "b" is a number for each axis: an array of 1, not an array of 2.', ["conv", [4, 4], [4, 3], { kernel: [1, 1] }]],
    ['The kernel of the conv from "a" to "b" is a whole number ≥ 1 and ≤ 2147483647, not 1.5.', ["conv", [4, 4], [4, 3], { kernel: [1.5] }]],
    ['The padding of the conv from "a" to "b" is a number or [before, after] for each axis: an array of 1, not an array of 2.', ["conv", [4, 4], [4, 3], { kernel: 3, padding: [1, 1] }]],
    ['The padding of the conv from "a" to "b" is a number or [before, after] for each axis, not an array of 3.', ["conv", [4, 4], [4, 3], { kernel: 3, padding: [[1, 1, 1]] }]],
    ['The padding of the conv from "a" to "b" is "valid" or "same", not "vald". Did you mean "valid"?', ["conv", [4, 4], [4, 3], { kernel: 3, padding: "vald" }]],
    ['The padding of the conv from "a" to "b" is "valid" or "same", not "causal". Write `padding: [[kernel - 1, 0]]`.', ["conv", [4, 4], [4, 3], { kernel: 3, padding: "causal" }]],
    ['The conv from "a" (3 × 32 × 32) with kernel 3 gives 3 × 32 ("same"); "b" is 16 × 32. Channels come last: 32 × 32 × 3.', ["conv", [3, 32, 32], [16, 32, 32], { kernel: 3, padding: "same" }]],
    ['The conv from "a" (64) with kernel 3 gives nothing ("valid"); "b" is 6 × 6. A plain size is one position, whose units are channels.', ["conv", [64], [6, 6, 4], { kernel: 3, padding: "valid" }]],
    ['The padding of the maxPool from "a" to "b" is below the span of its kernel, 2, not 2.', ["maxPool", [6, 1], [5, 1], { kernel: 2, stride: 2, padding: 2 }]],
    ['A window of the maxPool from "a" to "b" lies in its padding alone.', ["maxPool", [1, 1], [1, 1], { kernel: 2, dilation: 2 }]],
  ]; // biome-ignore format: a line each

  it.each(texts)("says: %s", (text, window) => {
    expect(refusal(...window)).toBe(text);
  });
});

describe("bad values", () => {
  const hole = new Array(2);
  const values: readonly unknown[] = [
    ...[null, NaN, Infinity, -1, 1.5, 2 ** 31, 2 ** 53, 1e300, "3", "", true, 3n, Symbol("3"), () => 3, {}, new Date(0)],
    ...[[], [3], [3, 3, 3], hole, [3, undefined], [3, null], [3, "3"], [3, 3n], [3, [3]], [3, NaN], [[3, 3], [3]], [[[3, 3]], [[3, 3]]]],
    ...[[[1, 1], [1, -1]], [[1, 1], [1, 2 ** 31]], [[1, 1], [1, 1, 1]], [[1, 1], hole], [[1, 1], {}], new Int32Array([1, 1])],
    ...[new Array(2 ** 32 - 1), { length: 2, 0: 1, 1: 1 }],
  ]; // biome-ignore format: lists

  it.each(["kernel", "stride", "dilation", "padding", "groups", "countPadding"])(
    "of %s are refused",
    (name) => {
      for (const value of values) {
        if (name === "countPadding" && value === true) continue;
        const kind = name === "countPadding" ? "averagePool" : "conv";
        const usual = { kernel: 5, padding: 2 };
        refusal(kind, [8, 8, 6], [8, 8, 6], { ...usual, [name]: value });
      }
    },
  );

  it("that throw when read are refused", () => {
    const thrower = {
      get kernel() {
        throw new TypeError("read");
      },
    };
    refusal("conv", [4, 4], [4, 4], thrower);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    refusal("conv", [4, 4], [4, 4], { kernel: proxy });
  });

  it("too large for the core are refused at once", () => {
    const most = 2 ** 31 - 1;
    const started = performance.now();
    refusal("conv", [4, 1], [4, 1], { kernel: most });
    refusal("conv", [4, 1], [4, 1], { kernel: most, dilation: most });
    refusal("conv", [4, 4, 1], [4, 4, 1], { kernel: most, dilation: most, padding: most, stride: most });
    refusal("conv", [4, 1], [2, 1], { kernel: 1, stride: most, padding: [[most, 0]] });
    refusal("conv", [4, 4, 1], [3, 3, 1], { kernel: 1, stride: 65_536, padding: 65_536 });
    refusal("maxPool", [4, 1], [4, 1], { kernel: most, stride: 1, padding: "same" });
    refusal("maxPool", [2 ** 32 - 1, 1], [1]);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("as negative zeros become zeros", () => {
    const { padding } = read("conv", [4, 1], [4, 1], { kernel: 1, padding: [[-0, -0]] });
    expect(Object.is(padding[0]![0], 0) && Object.is(padding[0]![1], 0)).toBe(true);
  });
});
