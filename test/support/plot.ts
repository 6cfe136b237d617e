// Pictures for the pages, as texts of SVG: curves, and a plane in two colours. They are light or dark as their reader is.

const STYLE = `text{font:12px Helvetica,Arial,sans-serif;fill:#475569}
.page{fill:#fff}.grid{stroke:#e2e8f0}.axis{stroke:#94a3b8}
.line{fill:none;stroke-width:2}.dots{stroke:#fff;stroke-width:1}
.c0{--c:#2563eb}.c1{--c:#c2410c}.c2{--c:#15803d}.c3{--c:#7e22ce}.c4{--c:#475569}
.line,.dashed{stroke:var(--c)}.dots,.word{fill:var(--c)}.dashed{stroke-dasharray:6 4}
@media (prefers-color-scheme:dark){text{fill:#cbd5e1}.page{fill:#0f172a}.grid{stroke:#1e293b}.axis{stroke:#64748b}.dots{stroke:#0f172a}
.c0{--c:#60a5fa}.c1{--c:#fb923c}.c2{--c:#4ade80}.c3{--c:#d8b4fe}.c4{--c:#cbd5e1}}`;

/** A row of points, joined by a line or drawn as dots. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly form?: "line" | "dashed" | "dots";
}

/** A chart's words and scales. */
export interface ChartOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly range?: readonly [low: number, high: number];
}

const [WIDTH, HEIGHT] = [560, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 16, 34, 40];

/** Returns a number with at most one digit behind the point. */
function short(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** Returns a text for a document. */
function plain(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function document(title: string, width: number, height: number, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
  const page = `<rect class="page" width="${width}" height="${height}" rx="8"/>`;
  return `${[head, `<title>${plain(title)}</title>`, `<style>${STYLE}</style>`, page, ...parts].join("\n")}\n</svg>\n`;
}

/** Returns round numbers from low to high, 4 to 9 of them. */
function ticksOf(low: number, high: number): number[] {
  const power = 10 ** Math.floor(Math.log10(high - low));
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((one) => (high - low) / one <= 8)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Draws series over common axes. */
export function chart(series: readonly Series[], { title, x, y, range }: ChartOptions): string {
  const all = series.flatMap(({ points }) => points);
  const [left, right] = [Math.min(...all.map(([at]) => at)), Math.max(...all.map(([at]) => at))];
  const values = all.map(([, value]) => value);
  const [low, high] = range ?? [Math.min(...values), Math.max(...values)];
  const across = (at: number) => LEFT + ((at - left) / (right - left)) * (WIDTH - LEFT - RIGHT);
  const down = (value: number) => TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (const tick of ticksOf(low, high)) {
    const at = short(down(tick));
    parts.push(`<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/>`);
    parts.push(`<text x="${LEFT - 6}" y="${short(down(tick) + 4)}" text-anchor="end">${tick}</text>`);
  }
  for (const tick of ticksOf(left, right)) {
    parts.push(`<text x="${short(across(tick))}" y="${HEIGHT - 22}" text-anchor="middle">${tick}</text>`);
  }
  parts.push(`<path class="axis" d="M${LEFT} ${HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>`);
  parts.push(`<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${plain(x)}</text>`);
  parts.push(`<text x="8" y="18">${plain(y)}</text>`);
  let legend = WIDTH - RIGHT;
  series.forEach(({ points, form = "line" }, i) => {
    const inside = points.filter(([, value]) => value >= low && value <= high);
    const places = inside.map(([at, value]) => `${short(across(at))} ${short(down(value))}`);
    if (form === "dots") {
      const dots = inside.map(
        ([at, value]) => `<circle cx="${short(across(at))}" cy="${short(down(value))}" r="3.5"/>`,
      );
      parts.push(`<g class="dots c${i}">${dots.join("")}</g>`);
    } else parts.push(`<path class="line ${form} c${i}" d="M${places.join("L")}"/>`);
  });
  for (let i = series.length - 1; i >= 0; i--) {
    const { name } = series[i]!;
    parts.push(`<text class="word c${i}" x="${legend}" y="18" text-anchor="end">${plain(name)}</text>`);
    legend -= 14 + 6.4 * name.length;
  }
  return document(title, WIDTH, HEIGHT, parts);
}

/** Places along each side of a plane. */
const CELLS = 72;
const SIDE = 360;
const SHADES = ["#8fb3f7", "#b9cff9", "#e0e9fc", "#fdeadd", "#fbcfae", "#f5ab73"];

/** Draws the values of a function over the square from −1 to 1, from blue at 0 to orange at 1, with points of two classes over it. */
export function plane(
  title: string,
  valuesOf: (points: number[][]) => ArrayLike<number>,
  points: readonly (readonly number[])[],
  classes: readonly number[],
): string {
  const at = (i: number) => (2 * (i + 0.5)) / CELLS - 1;
  const grid = Array.from({ length: CELLS * CELLS }, (_, i) => [at(i % CELLS), -at(Math.floor(i / CELLS))]);
  const shades = Array.from(valuesOf(grid), (value) => Math.min(5, Math.max(0, Math.floor(value * 6))));
  const cell = SIDE / CELLS;
  const parts = SHADES.map((shade, of) => {
    let path = "";
    for (let row = 0; row < CELLS; row++) {
      for (let from = 0; from < CELLS; from++) {
        if (shades[row * CELLS + from] !== of) continue;
        let to = from;
        while (to < CELLS && shades[row * CELLS + to] === of) to++;
        path += `M${from * cell} ${row * cell}h${(to - from) * cell}v${cell}h${(from - to) * cell}z`;
        from = to;
      }
    }
    return `<path fill="${shade}" d="${path}"/>`;
  });
  const dots = points.map(([x = 0, y = 0], i) => {
    const fill = classes[i] === 1 ? "#c2410c" : "#1d4ed8";
    return `<circle cx="${short(((x + 1) * SIDE) / 2)}" cy="${short(((1 - y) * SIDE) / 2)}" r="3.5" fill="${fill}"/>`;
  });
  parts.push(`<g stroke="#fff" stroke-width="1.2">${dots.join("")}</g>`);
  return document(title, SIDE, SIDE, parts);
}
