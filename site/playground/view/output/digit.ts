// Pictures of digits: drawn from values, and read from strokes as those of MNIST were.

import { type Palette, stepOf } from "../palette.ts";

export const SIDE = 28;

/** Draws values from 0 to 1 as ink, and over it the derivatives of an output, if there are any, as colours. */
export function drawDigit(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  colors: Palette,
  gradient?: ArrayLike<number>,
): void {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(SIDE, SIDE);
  const [ground, ink] = colors.dark ? [29, 232] : [245, 24];
  let most = 0;
  for (let place = 0; place < (gradient?.length ?? 0); place++)
    most = Math.max(most, Math.abs(gradient![place]!));
  const packed = new Uint32Array(image.data.buffer);
  for (let place = 0; place < SIDE * SIDE; place++) {
    const share = Math.max(0, Math.min(1, values[place] ?? 0));
    const gray = Math.round(ground + (ink - ground) * share);
    if (gradient === undefined || most === 0) {
      packed[place] = (0xff000000 | (gray << 16) | (gray << 8) | gray) >>> 0;
      continue;
    }
    // The ink shows faintly below the colours.
    const color = colors.packed[stepOf(gradient[place]! / most)]!;
    const mixed = (shift: number) => Math.round(0.28 * gray + 0.72 * ((color >>> shift) & 255));
    packed[place] = (0xff000000 | (mixed(16) << 16) | (mixed(8) << 8) | mixed(0)) >>> 0;
  }
  context.putImageData(image, 0, 0);
}

/** Returns the first of a canvas's rows or columns with ink, and the last. */
function extent(
  alpha: Uint8ClampedArray,
  size: number,
): readonly [number, number, number, number] | undefined {
  let [left, top, right, bottom] = [size, size, -1, -1];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (alpha[(y * size + x) * 4 + 3]! < 16) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0 ? undefined : [left, top, right, bottom];
}

/**
 * Returns strokes as 784 values: scaled into 20 by 20 pixels, with their centre of mass in the middle of 28 by 28, as MNIST
 * was made (LeCun et al., 1998). Returns zeros without strokes.
 */
export function readDigit(drawing: HTMLCanvasElement): number[] {
  const size = drawing.width;
  const { data } = drawing.getContext("2d")!.getImageData(0, 0, size, size);
  const found = extent(data, size);
  if (found === undefined) return new Array<number>(SIDE * SIDE).fill(0);
  const [left, top, right, bottom] = found;
  const [width, height] = [right - left + 1, bottom - top + 1];
  const scale = 20 / Math.max(width, height);
  const small = document.createElement("canvas");
  small.width = SIDE;
  small.height = SIDE;
  const context = small.getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  const place = (x: number, y: number): Uint8ClampedArray => {
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(drawing, left, top, width, height, x, y, width * scale, height * scale);
    return context.getImageData(0, 0, SIDE, SIDE).data;
  };
  const [x, y] = [(SIDE - width * scale) / 2, (SIDE - height * scale) / 2];
  const first = place(x, y);
  let [mass, across, down] = [0, 0, 0];
  for (let index = 0; index < SIDE * SIDE; index++) {
    const ink = first[index * 4 + 3]!;
    mass += ink;
    across += ink * (index % SIDE);
    down += ink * Math.floor(index / SIDE);
  }
  const middle = (SIDE - 1) / 2;
  const centred = place(x + Math.round(middle - across / mass), y + Math.round(middle - down / mass));
  return Array.from({ length: SIDE * SIDE }, (_, index) => centred[index * 4 + 3]! / 255);
}
