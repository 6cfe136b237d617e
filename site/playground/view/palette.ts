// The colours of values: from amber for the least over the page's own ground to petrol for the greatest, in light and dark.

type Rgb = readonly [red: number, green: number, blue: number];

/** Steps from the least to the greatest value. */
const STEPS = 512;

const stops: Readonly<Record<"light" | "dark", readonly Rgb[]>> = {
  light: [
    [200, 98, 16],
    [236, 146, 62],
    [250, 210, 168],
    [245, 246, 247],
    [166, 214, 230],
    [60, 158, 192],
    [12, 112, 146],
  ],
  dark: [
    [232, 146, 74],
    [194, 108, 44],
    [112, 66, 30],
    [29, 37, 42],
    [20, 72, 90],
    [36, 130, 158],
    [92, 188, 218],
  ],
};

/** A paler scale for the large picture, on which points of the same colours stand. */
const pale: Readonly<Record<"light" | "dark", readonly Rgb[]>> = {
  light: [
    [240, 170, 102],
    [246, 198, 148],
    [250, 226, 200],
    [249, 249, 249],
    [206, 231, 240],
    [146, 204, 224],
    [96, 180, 208],
  ],
  dark: [
    [150, 86, 34],
    [110, 66, 32],
    [66, 46, 32],
    [26, 33, 37],
    [22, 52, 63],
    [24, 84, 104],
    [30, 112, 138],
  ],
};

/** Colours of classes, which have no order; each differs from the others by its lightness, too. */
const classColors: Readonly<Record<"light" | "dark", readonly string[]>> = {
  light: [
    "#d9751f",
    "#1787ab",
    "#7a4fb5",
    "#5a8a1e",
    "#c23b66",
    "#a08a10",
    "#3a5fc0",
    "#7d6250",
    "#158a6a",
    "#68747c",
  ],
  dark: [
    "#f0a05a",
    "#52b6d3",
    "#b596ea",
    "#a2cf62",
    "#ec7c9f",
    "#d9c653",
    "#8aa8f5",
    "#c4a690",
    "#58cfa8",
    "#a9b7be",
  ],
};

/** Returns the colour of a share from 0 to 1 on a scale. */
function mix(scale: readonly Rgb[], share: number): Rgb {
  const place = share * (scale.length - 1);
  const low = Math.min(Math.floor(place), scale.length - 2);
  const part = place - low;
  const channel = (index: 0 | 1 | 2) =>
    Math.round(scale[low]![index] * (1 - part) + scale[low + 1]![index] * part);
  return [channel(0), channel(1), channel(2)];
}

/** Colours of one theme: packed for pictures, and as texts for lines. */
export interface Palette {
  readonly dark: boolean;
  /** The paler scale, packed. */
  readonly pale: Uint32Array;
  /** Little-endian RGBA of each step. */
  readonly packed: Uint32Array;
  readonly texts: readonly string[];
  readonly classes: readonly string[];
  readonly ink: string;
  readonly faint: string;
  readonly ground: string;
}

function scaleOf(scale: readonly Rgb[]): Rgb[] {
  return Array.from({ length: STEPS }, (_, step) => mix(scale, step / (STEPS - 1)));
}

function packedOf(colors: readonly Rgb[]): Uint32Array {
  return Uint32Array.from(
    colors,
    ([red, green, blue]) => (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0,
  );
}

function paletteOf(theme: "light" | "dark"): Palette {
  const colors = scaleOf(stops[theme]);
  return {
    dark: theme === "dark",
    packed: packedOf(colors),
    pale: packedOf(scaleOf(pale[theme])),
    texts: colors.map(([red, green, blue]) => `rgb(${red} ${green} ${blue})`),
    classes: classColors[theme],
    ink: theme === "dark" ? "#e6edf0" : "#18242b",
    faint: theme === "dark" ? "#7f8f98" : "#7b8a92",
    ground: theme === "dark" ? "#1a2226" : "#ffffff",
  };
}

const palettes = { light: paletteOf("light"), dark: paletteOf("dark") };

/** Returns the colours of the page's theme, which is the class of its root. */
export function palette(): Palette {
  return palettes[document.documentElement.classList.contains("dark") ? "dark" : "light"];
}

/** Returns the step of a value from -1 to 1; others are cut. */
export function stepOf(value: number): number {
  const step = Math.round(((value + 1) / 2) * (STEPS - 1));
  return step < 0 ? 0 : step >= STEPS ? STEPS - 1 : step | 0;
}

/** Returns the colour of a value from -1 to 1 as text. */
export function colorOf(value: number, { texts }: Palette): string {
  return texts[stepOf(value)]!;
}

/** The values that a layer has: in [0, 1], in [-1, 1], any, or ink on the ground of an image, whose least value is no colour. */
export type Range = "share" | "signed" | "any" | "ink";

const ranges: Readonly<Record<string, Range>> = {
  sigmoid: "share",
  softmax: "share",
  hardSigmoid: "share",
  tanh: "signed",
  softsign: "signed",
  sin: "signed",
};

/** Returns the range of an activation, given by its name or as an object with it. */
export function rangeOf(activation: unknown): Range {
  const name =
    typeof activation === "string" ? activation : (activation as { name?: string } | undefined)?.name;
  return ranges[name ?? ""] ?? "any";
}

/** Returns the factor and the term that bring values into [-1, 1]. */
export function spanOf(
  values: ArrayLike<number>,
  range: Range,
  from = 0,
  to = values.length,
): readonly [number, number] {
  if (range === "share") return [2, -1];
  if (range === "signed") return [1, 0];
  if (range === "ink") {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let index = from; index < to; index++) {
      least = Math.min(least, values[index]!);
      most = Math.max(most, values[index]!);
    }
    return most > least ? [1 / (most - least), -least / (most - least)] : [0, 0];
  }
  let most = 0;
  for (let index = from; index < to; index++) most = Math.max(most, Math.abs(values[index]!));
  return [most > 1e-12 ? 1 / most : 1, 0];
}

/** Paints a picture of values, the last row on top, into packed pixels. */
export function paint(
  pixels: Uint32Array,
  values: ArrayLike<number>,
  start: number,
  [width, height]: readonly [number, number],
  range: Range,
  packed: Uint32Array,
): void {
  const [factor, term] = spanOf(values, range, start, start + width * height);
  for (let row = 0; row < height; row++) {
    const source = start + row * width;
    const target = (height - 1 - row) * width;
    for (let column = 0; column < width; column++) {
      pixels[target + column] = packed[stepOf(values[source + column]! * factor + term)]!;
    }
  }
}
