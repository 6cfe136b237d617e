// The pixels of an image, as a sample of a layer with the shape [height, width, channels].

import { GraphError } from "./error.js";
import { reading } from "./options.js";
import { isTyped, lengthOfData } from "./read.js";
import { show } from "./text.js";

/** An image as a canvas's `getImageData` returns it: red, green, blue and alpha of each pixel, from 0 to 255. */
export interface Image {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/**
 * Returns the numbers of an image from 0 to 1, (height, width, channels). Of 3 channels (the default) alpha is left out; of 4 it
 * stays; a single one is gray, 0.299 red + 0.587 green + 0.114 blue. Throws `bad-shape`, `bad-option`.
 */
export function pixels(image: Image, channels: 1 | 3 | 4 = 3): Float32Array {
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new GraphError("bad-option", `The channels of pixels are 1, 3 or 4, not ${show(channels)}.`);
  }
  return reading("bad-shape", "The image", () => {
    const { data, width, height } = Object(image) as Partial<Image>;
    const isList = Array.isArray(data) || isTyped(data);
    const isImage = isList && isExtent(width) && isExtent(height);
    if (!isImage || lengthOfData(data) !== width * height * 4) {
      const found = isList ? `${lengthOfData(data)} numbers` : show(data);
      const wanted = "An image has `data` of width × height × 4 numbers, as `getImageData` returns it";
      throw new GraphError("bad-shape", `${wanted}, not ${found} for ${show(width)} × ${show(height)}.`);
    }
    const sample = new Float32Array(width * height * channels);
    for (let p = 0; p < width * height; p++) {
      const [r, g, b, a] = [0, 1, 2, 3].map((c) => valueAt(data, p * 4 + c)) as [
        number,
        number,
        number,
        number,
      ];
      const values = channels === 1 ? [0.299 * r + 0.587 * g + 0.114 * b] : [r, g, b, a];
      for (let c = 0; c < channels; c++) sample[p * channels + c] = values[c]! / 255;
    }
    return sample;
  });
}

function isExtent(given: unknown): given is number {
  return Number.isInteger(given) && (given as number) > 0;
}

/** Returns a number of an image. Throws `bad-shape` for anything but a number from 0 to 255. */
function valueAt(data: ArrayLike<number>, at: number): number {
  const value: unknown = data[at];
  if (typeof value === "number" && value >= 0 && value <= 255) return value;
  throw new GraphError(
    "bad-shape",
    `An image's numbers are from 0 to 255, but number ${at} is ${show(value)}.`,
  );
}
