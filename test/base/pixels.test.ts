// Pixels of an image as a sample.

import { pixels } from "plexus-nn";
import { describe, expect, it } from "vitest";
import { expectRefusal, expectSame, wrong } from "../support/helpers.js";

const data = Uint8ClampedArray.of(
  255,
  0,
  0,
  255,
  10,
  20,
  30,
  40,
  0,
  0,
  0,
  0,
  255,
  255,
  255,
  255,
  1,
  2,
  3,
  4,
  9,
  8,
  7,
  6,
);
const image = { data, width: 3, height: 2 };

describe("pixels", () => {
  it("are the values over 255, without alpha, or with it", () => {
    const rgb = [...data].filter((_, i) => i % 4 < 3).map((value) => value / 255);
    expectSame(pixels(image), Float32Array.from(rgb), "rgb");
    expectSame(pixels(image, 3), Float32Array.from(rgb), "rgb");
    expectSame(
      pixels({ ...image, data: [...data] }, 4),
      Float32Array.from(data, (value) => value / 255),
      "rgba",
    );
  });

  it("are gray by Rec. 601", () => {
    const gray = [0, 1, 2, 3, 4, 5].map((p) => {
      const [r, g, b] = data.subarray(p * 4, p * 4 + 3) as never as [number, number, number];
      return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
    });
    expectSame(pixels(image, 1), Float32Array.from(gray), "gray");
    expect(pixels(image, 1)[3]).toBe(1);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["no data", { width: 1, height: 1 }],
    ["an image of another size", { ...image, width: 2 }],
    ["a width of 0", { data: [], width: 0, height: 2 }],
    ["a broken width", { ...image, width: 1.5, height: 4 }],
    ["text", { data: ["1", "2", "3", "4"], width: 1, height: 1 }],
    ["a number above 255", { data: [1, 2, 256, 4], width: 1, height: 1 }],
    ["a number below 0", { data: [1, 2, -1, 4], width: 1, height: 1 }],
    ["NaN", { data: [Number.NaN, 2, 3, 4], width: 1, height: 1 }],
    ["a hole", { data: Object.assign(new Array(4), [1, 2, 3]), width: 1, height: 1 }],
    ["BigInts", { data: new BigInt64Array(4), width: 1, height: 1 }],
    [
      "a getter that throws",
      {
        ...image,
        get data() {
          throw new Error("no");
        },
      },
    ],
  ])("refuse %s", (_, given) => {
    expectRefusal(() => pixels(wrong(given)), "bad-shape", "image");
  });

  it.each([0, 2, 5, "3", null])("refuse %s channels", (channels) => {
    expectRefusal(() => pixels(image, wrong(channels)), "bad-option", "1, 3 or 4");
  });
});
