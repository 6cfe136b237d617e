// A picture of a graph of layers, for the terminal. Layers stand in rows by their depth, the longest path from a layer
// without sources. Each layer has one line, which leaves at its bottom and branches to all its targets. A skip, a line to a
// row beyond the next, passes the rows between in a lane of its own, right of the boxes. Where lines cross without touching,
// one passes over the other: ─│─. Where a line branches or turns, it has a corner or an arm.

/**
 * The drawn members of a graph: a `Graph` has them.
 *
 * @typedef {object} Shape
 * @property {readonly { name: string, size: number, activation: string | { name: string } }[]} layers
 * @property {readonly { from: { name: string }, to: { name: string } }[]} synapses
 */

/**
 * A layer's box and line, in columns.
 *
 * @typedef {object} Box
 * @property {string} label
 * @property {number} row
 * @property {number} left
 * @property {number} right
 * @property {number} exit where its line leaves
 * @property {number} lane where its line passes rows
 * @property {Box[]} feeds the box of each synapse's target
 * @property {number} last the row of the last of them
 */

/**
 * A line's stretch between two rows: down from `tops` to a track, along it, and down to `bottoms`.
 * @typedef {{ tops: number[], bottoms: number[], left: number, right: number, track: number }} Stretch
 */

/** Columns between boxes, and between lanes. */
const GAP = 3;

/**
 * Draws the picture, as lines of text.
 * @param {Shape} graph
 */
export function picture(graph) {
  const boxes = place(graph);
  const rows = Math.max(-1, ...boxes.map((box) => box.row)) + 1;
  const lines = [];
  for (let row = 0; row < rows; row++) {
    const entries = row === 0 ? [] : enter(boxes, row);
    if (row > 0) lines.push(...between(boxes, row, entries));
    lines.push(...drawRow(boxes, row, entries));
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

/**
 * Places every layer in a row and columns, and skips in lanes.
 * @param {Shape} graph
 */
function place({ layers, synapses }) {
  /** @type {Map<string, Box>} */
  const named = new Map();
  for (const { name, size, activation } of layers) {
    const kind = typeof activation === "string" ? activation : activation.name;
    const label = ` ${name} ${size} ${kind} `;
    named.set(name, { label, row: 0, left: 0, right: 0, exit: 0, lane: 0, feeds: [], last: 0 });
  }
  const boxes = [...named.values()];
  for (const { from, to } of synapses) {
    const [source, target] = [named.get(from.name), named.get(to.name)];
    if (source !== undefined && target !== undefined) source.feeds.push(target);
  }
  for (const box of boxes) for (const target of box.feeds) sink(target, box.row + 1);
  for (const box of boxes) box.last = Math.max(box.row, ...box.feeds.map((target) => target.row));
  const rows = [...new Set(boxes.map((box) => box.row))].map((row) => boxes.filter((box) => box.row === row));
  const widths = rows.map((row) => row.reduce((sum, box) => sum + box.label.length + 2 + GAP, -GAP));
  const width = Math.max(0, ...widths);
  rows.forEach((row, i) => {
    let left = Math.floor((width - (widths[i] ?? 0)) / 2);
    for (const box of row) {
      box.left = left;
      box.right = left + box.label.length + 1;
      box.exit = Math.floor((box.left + box.right) / 2);
      left = box.right + 1 + GAP;
    }
  });
  giveLanes(boxes, width);
  return boxes;
}

/**
 * Moves a box, and its targets, down to a row at least.
 * @param {Box} box
 * @param {number} row
 */
function sink(box, row) {
  if (box.row >= row) return;
  box.row = row;
  for (const target of box.feeds) sink(target, row + 1);
}

/**
 * Assigns to each skip the first lane that is free from its row to its last.
 * @param {Box[]} boxes
 * @param {number} width
 */
function giveLanes(boxes, width) {
  /** @type {number[]} the row up to which each lane is taken */
  const taken = [];
  const skipping = boxes.filter((box) => box.last > box.row + 1).sort((a, b) => a.row - b.row);
  for (const box of skipping) {
    const free = taken.findIndex((last) => last <= box.row);
    const lane = free === -1 ? taken.length : free;
    taken[lane] = box.last;
    box.lane = width + GAP - 1 + lane * GAP;
  }
}

/**
 * Returns the columns where lines enter the boxes of a row, each as near as possible to its source.
 * @param {Box[]} boxes
 * @param {number} row
 */
function enter(boxes, row) {
  /** @type {{ from: Box, at: number }[]} */
  const entries = [];
  for (const box of boxes.filter((one) => one.row === row)) {
    const sources = boxes.flatMap((from) => from.feeds.filter((to) => to === box).map(() => from));
    for (const from of sources.sort((a, b) => start(a, row) - start(b, row))) {
      const wish = Math.min(Math.max(start(from, row), box.left + 2), box.right - 2);
      let at = wish;
      for (let away = 1; !isFree(at, from) && away < box.label.length; away++) {
        at = [wish - away, wish + away].find((x) => x > box.left && x < box.right && isFree(x, from)) ?? at;
      }
      entries.push({ from, at });
    }
  }
  return entries;

  /**
   * Returns whether a column is free: no other line leaves above, and none enters there or next to it.
   * @param {number} x
   * @param {Box} from
   */
  function isFree(x, from) {
    const leaves = boxes.some((one) => one !== from && one.row === row - 1 && one.exit === x);
    return !leaves && entries.every(({ at }) => Math.abs(at - x) > 1);
  }
}

/**
 * Returns the column in which a layer's line enters the space above a row.
 * @param {Box} box
 * @param {number} row
 */
function start(box, row) {
  return box.row === row - 1 ? box.exit : box.lane;
}

/**
 * Returns the lines in the space above a row.
 * @param {Box[]} boxes
 * @param {number} row
 * @param {{ from: Box, at: number }[]} entries
 */
function between(boxes, row, entries) {
  const stretches = boxes
    .filter((box) => box.row < row && box.last >= row)
    .map((box) => {
      const tops = [start(box, row)];
      const bottoms = entries.filter(({ from }) => from === box).map(({ at }) => at);
      if (box.last > row) bottoms.push(box.lane);
      return {
        tops,
        bottoms,
        left: Math.min(...tops, ...bottoms),
        right: Math.max(...tops, ...bottoms),
        track: 0,
      };
    })
    .sort((a, b) => a.left - b.left);
  const tracks = giveTracks(stretches);
  const width = Math.max(0, ...stretches.map(({ right }) => right + 1));
  return Array.from({ length: tracks }, (_, track) =>
    Array.from({ length: width }, (_, x) => cell(stretches, track, x)).join(""),
  );
}

/**
 * Assigns tracks to lines, so that none runs over another. Returns the number of tracks.
 * @param {Stretch[]} stretches
 */
function giveTracks(stretches) {
  /** @type {number[]} the column up to which each track is taken */
  const taken = [];
  for (const stretch of stretches) {
    if (stretch.left === stretch.right) continue; // straight down: it needs no track
    const free = taken.findIndex((right) => right < stretch.left);
    stretch.track = free === -1 ? taken.length : free;
    taken[stretch.track] = stretch.right;
  }
  return Math.max(1, taken.length);
}

/**
 * Returns the character in a column of a track.
 *
 * @param {Stretch[]} stretches
 * @param {number} track
 * @param {number} x
 */
function cell(stretches, track, x) {
  let along = " ";
  for (const { tops, bottoms, left, right, track: own } of stretches) {
    const above = tops.includes(x);
    const below = bottoms.includes(x);
    const up = own >= track && above;
    const down = (own <= track && below) || (own > track && above);
    const joins = own === track && left !== right && x >= left && x <= right;
    if (joins && (above || below)) {
      return corner(above, below, x > left, x < right);
    }
    if ((up && down) || (above && own > track) || (below && own < track)) return "│";
    if (joins) along = "─";
  }
  return along;
}

/**
 * Returns the character with these arms.
 * @param {boolean} up
 * @param {boolean} down
 * @param {boolean} left
 * @param {boolean} right
 */
function corner(up, down, left, right) {
  const arms = (up ? 8 : 0) + (down ? 4 : 0) + (left ? 2 : 0) + (right ? 1 : 0);
  return " ╶╴─╷┌┐┬╵└┘┴│├┤┼".charAt(arms);
}

/**
 * Draws a row of boxes, and the lanes that pass it.
 * @param {Box[]} boxes
 * @param {number} row
 * @param {{ from: Box, at: number }[]} entries
 */
function drawRow(boxes, row, entries) {
  const width = Math.max(...boxes.map((box) => Math.max(box.right, box.lane))) + 1;
  const [top, middle, bottom] = [0, 1, 2].map(() => /** @type {string[]} */ (Array(width).fill(" ")));
  if (top === undefined || middle === undefined || bottom === undefined) return [];
  for (const box of boxes.filter((one) => one.row < row && one.last > row)) {
    for (const line of [top, middle, bottom]) line[box.lane] = "│";
  }
  for (const { label, left, feeds, exit } of boxes.filter((one) => one.row === row)) {
    const edge = "─".repeat(label.length);
    top.splice(left, label.length + 2, ...`┌${edge}┐`);
    middle.splice(left, label.length + 2, ..."│", ...label, "│");
    bottom.splice(left, label.length + 2, ...`└${edge}┘`);
    if (feeds.length > 0) bottom[exit] = "┬";
  }
  for (const { at } of entries) top[at] = "▼";
  return [top.join(""), middle.join(""), bottom.join("")];
}
