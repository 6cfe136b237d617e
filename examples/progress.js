// How training goes, as text: a bar while an epoch runs, a row of a table after it.

/**
 * How far training is, in one line.
 *
 * @param {{ epoch: number, epochs: number, done: number, count: number, cost: number, speed: number }} state
 *   `done` of the `count` samples of this epoch, the mean cost of those, samples a second
 */
export function progressLine({ epoch, epochs, done, count, cost, speed }) {
  const share = (epoch - 1 + done / count) / epochs;
  const left = Math.ceil(((1 - share) * epochs * count) / speed);
  const start = `${`${epoch}/${epochs}`.padStart(5)}  ${bar(share, 26)} ${percent(share, 0).padStart(5)}`;
  return `${start}  cost ${cost.toFixed(3)}  ${number(speed)} samples/s  ${left} s`;
}

/**
 * A bar that is filled to a share between 0 and 1.
 *
 * @param {number} share
 * @param {number} width
 */
function bar(share, width) {
  const full = Math.round(share * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

/** The head of the table of epochs. */
export const TABLE_HEAD = [
  "                learning   digit, kept apart   even, kept apart",
  "epoch    rate       cost     cost      right     cost     right   samples/s",
];

/**
 * A row of the table of epochs.
 *
 * @typedef {{ cost: number, accuracy?: number }} Score
 * @param {{ epoch: number, epochs: number, rate: number, cost: number, speed: number }} state
 * @param {{ digit: Score, even: Score }} scores
 */
export function tableRow({ epoch, epochs, rate, cost, speed }, { digit, even }) {
  const start = `${epoch}/${epochs}`.padStart(5) + rate.toFixed(3).padStart(8) + cost.toFixed(4).padStart(11);
  const first = digit.cost.toFixed(4).padStart(9) + percent(digit.accuracy).padStart(11);
  const second = even.cost.toFixed(4).padStart(9) + percent(even.accuracy).padStart(10);
  return start + first + second + number(speed).padStart(12);
}

/** @param {number} value */
export function number(value) {
  return Math.round(value).toLocaleString("en");
}

/**
 * @param {number} share
 * @param {number} places
 */
export function percent(share = Number.NaN, places = 1) {
  return `${(share * 100).toFixed(places)} %`;
}
