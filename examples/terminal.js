// The example's output in a terminal: lines, colours, digits. `say` and `redraw` write; all other functions return text.

// A reader of a pipe may stop reading, as `head` does: then there is nothing more to do.
process.stdout.on("error", () => process.exit());

/**
 * Returns functions that colour text if wanted, and else return it unchanged. NO_COLOR: see https://no-color.org.
 * @param {boolean} wanted
 */
export function colours(wanted) {
  /** @param {number} code */
  const paint = (code) => (/** @type {string} */ text) => (wanted ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { bold: paint(1), red: paint(31), green: paint(32) };
}

/** @param {string[]} lines */
export function say(...lines) {
  for (const line of lines) console.log(line);
}

/**
 * Writes text over the terminal's last line. A line as wide as the terminal would wrap, and could not be overwritten.
 * @param {string} text
 */
export function redraw(text) {
  const width = Math.min(process.stdout.columns || 80, 80) - 1;
  process.stdout.write(`\r${text.slice(0, width).padEnd(width)}\r`);
}

/**
 * Sets columns of text side by side, as lines. Shorter ones end on the same last line.
 * @param {readonly (readonly string[])[]} columns
 * @param {number} width
 */
export function sideBySide(columns, width) {
  const height = Math.max(0, ...columns.map((column) => column.length));
  return Array.from({ length: height }, (_, y) => {
    const parts = columns.map((column) => column[y - height + column.length] ?? "");
    return parts
      .map((part) => part.padEnd(width))
      .join("")
      .trimEnd();
  });
}

/**
 * Draws the part of a square image that has ink, two pixels to a character, one above the other.
 *
 * @param {Float32Array} pixels
 * @param {number} side
 */
export function drawDigit(pixels, side) {
  /** @type {(x: number, y: number) => boolean} */
  const ink = (x, y) => y < side && (pixels[y * side + x] ?? 0) > 0.4;
  const places = Array.from({ length: side }, (_, i) => i);
  const columns = places.filter((x) => places.some((y) => ink(x, y)));
  const rows = places.filter((y) => places.some((x) => ink(x, y)));
  const [left = 0, right = 0] = [columns[0], columns.at(-1)];
  const [top = 0, bottom = 0] = [rows[0], rows.at(-1)];
  const lines = [];
  for (let y = top; y <= bottom; y += 2) {
    let line = "";
    for (let x = left; x <= right; x++) {
      line += " ▀▄█".charAt((ink(x, y) ? 1 : 0) + (ink(x, y + 1) ? 2 : 0));
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/**
 * Draws values between 0 and 1 in five shades. Characters are twice as high as wide: two stand for a value, or with `half` one for
 * a value and the one below it.
 *
 * @param {ArrayLike<number>} values row by row
 * @param {number} width
 * @param {{ half?: boolean }} options
 */
export function drawShades(values, width, { half = false } = {}) {
  /** @type {(x: number, y: number) => number} */
  const value = (x, y) => Math.min(Math.max(values[y * width + x] ?? 0, 0), 1);
  /** @param {number} share */
  const shade = (share) => " ░▒▓█".charAt(Math.round(share * 4));
  const places = Array.from({ length: width }, (_, x) => x);
  const lines = Array.from({ length: Math.ceil(values.length / width / (half ? 2 : 1)) }, (_, y) => y);
  return lines.map((y) =>
    places
      .map((x) => (half ? shade((value(x, 2 * y) + value(x, 2 * y + 1)) / 2) : shade(value(x, y)).repeat(2)))
      .join(""),
  );
}
