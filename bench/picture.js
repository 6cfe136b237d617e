// Pictures as SVG, on log scales, readable on light and dark pages.

/** @typedef {import("./report.js").TaskResult} TaskResult */

const WIDTH = 760;
const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #444 }
  .title { font-weight: 600 }
  .small { font-size: 11px }
  .grid { stroke: #8884; stroke-width: 1 }
  .own { fill: #2f7ed8 }
  .other { fill: #9aa5b1 }
  .line { fill: none; stroke: #2f7ed8; stroke-width: 2 }
  @media (prefers-color-scheme: dark) { text { fill: #ccc } .other { fill: #6b7682 } .own, .line { fill: #5aa0f2 } .line { fill: none; stroke: #5aa0f2 } }
</style>`;

/** @param {string} text */
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** @type {(x: number, y: number, text: string, more?: string) => string} */
const label = (x, y, text, more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(text)}</text>`;

/** @type {(height: number, parts: string[], title: string) => string} */
const svg = (height, parts, title) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(title)}</title>
${style}
${parts.join("\n")}
</svg>
`;

/** Returns a power of ten as 1 k, 10 M and the like. @param {number} value */
function power(value) {
  const [unit, name] = value >= 1e6 ? [1e6, " M"] : value >= 1e3 ? [1e3, " k"] : [1, ""];
  return `${Number((value / unit).toPrecision(3))}${name}`;
}

/**
 * Draws the samples a second of each contender at its better precision, a group of bars for each task.
 * @type {(tasks: TaskResult[], names: Record<string, string>, unit?: string) => string}
 */
export function bars(tasks, names, unit = "samples a second") {
  const [left, right, row] = [150, 70, 17];
  const groups = tasks.map(({ title, batch, scores }) => {
    /** @type {Map<string, { rate: number, precision: string }>} */
    const best = new Map();
    for (const { name, precision, seconds } of scores) {
      if (!seconds) continue;
      const rate = batch / seconds.median;
      const key = name === "plexus" ? `${name} ${precision}` : name;
      if (rate > (best.get(key)?.rate ?? 0)) best.set(key, { rate, precision });
    }
    return { title, rows: [...best].toSorted((a, b) => b[1].rate - a[1].rate) };
  });
  const rates = groups.flatMap(({ rows }) => rows.map(([, { rate }]) => rate));
  const low = Math.floor(Math.log10(Math.min(...rates)));
  const high = Math.ceil(Math.log10(Math.max(...rates)));
  /** @param {number} rate */
  const x = (rate) => left + ((Math.log10(rate) - low) / (high - low)) * (WIDTH - left - right);
  const parts = [];
  let y = 24;
  const top = y;
  for (const { title, rows } of groups) {
    y += 22;
    parts.push(label(8, y, title.replaceAll("`", ""), 'class="title"'));
    y += 6;
    for (const [key, { rate, precision }] of rows) {
      const [name = ""] = key.split(" ");
      const own = name === "plexus";
      parts.push(
        label(
          left - 8,
          y + 12,
          `${names[name] ?? name}${own ? ` ${precision.replace("float", "f")}` : ""}`,
          'class="small" text-anchor="end"',
        ),
      );
      parts.push(
        `<rect class="${own ? "own" : "other"}" x="${left}" y="${y + 2}" width="${Math.max(1, x(rate) - left).toFixed(1)}" height="${row - 5}" rx="2"/>`,
      );
      parts.push(label(x(rate) + 5, y + 12, power(rate), 'class="small"'));
      y += row;
    }
  }
  const grid = [];
  for (let e = low; e <= high; e++) {
    grid.push(
      `<line class="grid" x1="${x(10 ** e).toFixed(1)}" x2="${x(10 ** e).toFixed(1)}" y1="${top}" y2="${y + 4}"/>`,
    );
    grid.push(label(x(10 ** e), 16, power(10 ** e), 'class="small" text-anchor="middle"'));
  }
  return svg(
    y + 14,
    [...grid, label(8, 16, unit), ...parts],
    `${unit[0]?.toUpperCase()}${unit.slice(1)}, on a log scale: longer is better`,
  );
}

/** Draws the seconds of a step over a size, a panel for each line. @param {import("./growth.js").Line[]} lines */
export function curves(lines) {
  const [width, height, left, bottom] = [WIDTH / 2, 230, 62, 44];
  const parts = lines.map(({ title, unit, points, slope }, i) => {
    const [px, py] = [(i % 2) * width, Math.floor(i / 2) * height];
    const sizes = points.map(({ size }) => Math.log10(size));
    const times = points.map(({ seconds }) => Math.log10(seconds));
    const [x0, x1] = [Math.min(...sizes), Math.max(...sizes)];
    const [y0, y1] = [Math.floor(Math.min(...times)), Math.ceil(Math.max(...times))];
    /** @param {number} v */
    const x = (v) => px + left + ((v - x0) / (x1 - x0)) * (width - left - 24);
    /** @param {number} v */
    const y = (v) => py + height - bottom - ((v - y0) / (y1 - y0)) * (height - bottom - 34);
    const grid = [];
    for (let e = y0; e <= y1; e++) {
      grid.push(
        `<line class="grid" x1="${px + left}" x2="${px + width - 24}" y1="${y(e).toFixed(1)}" y2="${y(e).toFixed(1)}"/>`,
      );
      const name =
        e < -6
          ? `${10 ** (e + 9)} ns`
          : e < -3
            ? `${10 ** (e + 6)} µs`
            : e < 0
              ? `${10 ** (e + 3)} ms`
              : `${10 ** e} s`;
      grid.push(label(px + left - 6, y(e) + 4, name, 'class="small" text-anchor="end"'));
    }
    const ticks = points.filter((_, n) => points.length < 7 || n % 2 === 0);
    const names = ticks.map(({ size }) =>
      label(
        x(Math.log10(size)),
        py + height - bottom + 16,
        power(size),
        'class="small" text-anchor="middle"',
      ),
    );
    const path = points
      .map((_, n) => `${x(sizes[n] ?? 0).toFixed(1)},${y(times[n] ?? 0).toFixed(1)}`)
      .join(" ");
    return [
      label(px + 8, py + 18, title, 'class="title"'),
      ...grid,
      ...names,
      label(px + width - 24, py + height - bottom + 32, unit, 'class="small" text-anchor="end"'),
      `<polyline class="line" points="${path}"/>`,
      label(px + left + 8, py + 44, `slope ${slope.toFixed(2)}`, 'class="small"'),
    ].join("\n");
  });
  return svg(Math.ceil(lines.length / 2) * height, parts, "Time of a step of training, on log scales");
}
