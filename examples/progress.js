// The progress of training as text: a bar while an epoch runs, a row of a table after it.

/**
 * Returns the progress of training in one line.
 * @param {import("plexus-nn").Progress} progress
 * @param {number} steps to an epoch
 */
export function progressLine({ epoch, epochs, step, cost, samplesPerSecond, seconds }, steps) {
  const share = step / (epochs * steps);
  const left = Math.ceil((seconds / share) * (1 - share));
  const start = `${`${epoch}/${epochs}`.padStart(5)}  ${bar(share, 26)} ${percent(share, 0).padStart(5)}`;
  return `${start}  cost ${cost.toFixed(3)}  ${number(samplesPerSecond)} samples/s  ${left} s`;
}

/**
 * Returns a bar that is filled to a share between 0 and 1.
 * @param {number} share
 * @param {number} width
 */
function bar(share, width) {
  const full = Math.round(share * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

/** The head of the table of epochs. */
export const TABLE_HEAD = [
  "                learning     digit, held out     even, held out",
  "epoch    rate       cost     cost      right     cost     right   samples/s",
];

/**
 * Returns a row of the table of epochs.
 * @typedef {import("plexus-nn").OutputScore} Score
 * @param {import("plexus-nn").Progress} progress
 * @param {Readonly<Record<string, Score>>} scores
 */
export function tableRow({ epoch, epochs, rate, cost, samplesPerSecond }, { digit, even }) {
  const start = `${epoch}/${epochs}`.padStart(5) + rate.toFixed(3).padStart(8) + cost.toFixed(4).padStart(11);
  const cells = [digit, even].map((score) => [(score?.cost ?? 0).toFixed(4), percent(score?.accuracy)]);
  const [first = [], second = []] = cells;
  const scored = [
    first[0]?.padStart(9),
    first[1]?.padStart(11),
    second[0]?.padStart(9),
    second[1]?.padStart(10),
  ];
  return start + scored.join("") + number(samplesPerSecond).padStart(12);
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
