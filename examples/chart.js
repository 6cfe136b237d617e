// Lines in a terminal.

const WIDTH = 76;
const HEIGHT = 15;

/**
 * Draws a series, and over its end another one. Each character stands for some values.
 * @param {readonly number[]} series
 * @param {readonly number[]} end
 */
export function chart(series, end) {
  const all = [...series, ...end];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const rows = Array.from({ length: HEIGHT }, () => new Array(WIDTH).fill(" "));
  /** @type {(values: readonly number[], from: number, mark: string) => void} */
  const draw = (values, from, mark) => {
    values.forEach((value, i) => {
      const column = Math.floor(((from + i) / series.length) * WIDTH);
      const row = Math.round(((high - value) / (high - low)) * (HEIGHT - 1));
      const line = rows[row];
      if (line !== undefined) line[column] = mark;
    });
  };
  draw(series, 0, "·");
  draw(end, series.length - end.length, "█");
  return rows.map((row, i) => {
    const label = i === 0 ? high : i === HEIGHT - 1 ? low : undefined;
    return `${(label?.toFixed(1) ?? "").padStart(3)} ${row.join("").trimEnd()}`.trimEnd();
  });
}
