// The geometry of a synapse whose units join by windows of positions: conv, convTranspose, pools and upsample.
//
// One end, `big`, has the positions that lie in windows. The other, `small`, has one position for each window, on each axis
// ⌊(big + before + after − dilation · (kernel − 1) − 1) / stride⌋ + 1.

import { flag, number } from "../base/options.js";
import { list, show } from "../base/text.js";
import {
  type Axis,
  checkPads,
  fits,
  MOST,
  type Pads,
  perAxis,
  readForms,
  refuse,
  spellForms,
} from "./padding.js";
import { channels, extents, product, type Shape, spellShape } from "./shape.js";

const convs = ["conv", "convTranspose"] as const;
const moving = [...convs, "averagePool", "maxPool"] as const;

export type WindowKind = (typeof moving)[number] | "upsample";

/** The options of a window, each with the kinds of synapse that have it. */
export const windowOptions: Readonly<Record<keyof Window, readonly WindowKind[]>> = {
  kernel: moving,
  stride: moving,
  dilation: moving,
  padding: moving,
  groups: convs,
  countPadding: ["averagePool"],
};

/** A window as resolved. Arrays have an element for each axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly Pads[];
  readonly groups: number;
  readonly countPadding: boolean;
}

/** A layer at one end. */
interface End {
  readonly name: string;
  readonly shape: Shape;
}

/** A window to be read. */
interface Task {
  readonly kind: WindowKind;
  readonly given: { readonly [O in keyof Window]?: unknown };
  readonly from: End;
  readonly to: End;
  /** Name of the synapse in errors. */
  readonly of: string;
}

/** Reads the options of a window, which are plain values, and resolves them. Throws `bad-option`. */
export function readWindow(kind: WindowKind, given: Task["given"], from: End, to: End): Window {
  const of = `the ${kind} from ${show(from.name)} to ${show(to.name)}`;
  const task = { kind, given, from, to, of };
  for (const [name, kinds] of Object.entries(windowOptions)) {
    if (given[name as keyof Window] === undefined || kinds.includes(kind)) continue;
    refuse(`\`${name}\` of ${of} can't be given: it is an option of ${list(kinds)}.`);
  }
  const axes = readAxes(task);
  const groups = readGroups(task);
  const countPadding = given.countPadding !== undefined && flag(given.countPadding, "countPadding", of);
  const padding = readPadding(task, axes);
  const each = (name: keyof Axis) => Object.freeze(axes.map((axis) => axis[name]));
  return Object.freeze({
    kernel: each("kernel"),
    stride: each("stride"),
    dilation: each("dilation"),
    padding: Object.freeze(padding.map((pads) => Object.freeze(pads))),
    groups,
    countPadding,
  });
}

/** Most numbers of a padded sample: the core counts its bytes in 32 bits. */
const MOST_PADDED = 2 ** 28;

/**
 * Returns the words of a window's record in the core: `Window` in assembly/kernel/window.ts. A stride between no two windows,
 * or a dilation between no two taps, may be too large for the core, and is left out.
 */
export function wordsOf(window: Window, kind: WindowKind, from: Shape, to: Shape): number[] {
  const rank = window.kernel.length;
  /** Returns two axes. The first is missing in one dimension. */
  const both = (each: readonly number[], missing = 1) => (rank === 1 ? [missing, ...each] : each);
  /** Returns distances, with 1 where there is one thing alone. */
  const between = (counts: readonly number[], each: readonly number[]) =>
    both(each.map((distance, axis) => (counts[axis] === 1 ? 1 : distance)));
  const ends = endsOf(kind, from, to);
  return [
    ...ends.flatMap((shape) => [...both(extents(shape, rank)), channels(shape)]),
    ...both(window.kernel),
    ...between(extents(ends[1], rank), window.stride),
    ...between(window.kernel, window.dilation),
    ...both(
      window.padding.map(([before]) => before),
      0,
    ),
    window.groups,
    Number(window.countPadding),
  ];
}

function isConv(kind: WindowKind): boolean {
  return kind === "conv" || kind === "convTranspose";
}

/** Returns whether the target is the big end. */
function isTurned(kind: WindowKind): boolean {
  return kind === "convTranspose" || kind === "upsample";
}

function endsOf(kind: WindowKind, from: Shape, to: Shape): [big: Shape, small: Shape] {
  return isTurned(kind) ? [to, from] : [from, to];
}

/** Returns the number of axes. */
function rankOf({ from, to, of }: Task): number {
  const lengths = [from.shape.length, to.shape.length];
  const most = Math.max(...lengths);
  if (most > 1 && lengths.every((length) => length === 1 || length === most)) return most - 1;
  const needs = most === 1 ? "needs a shape of two or three numbers" : "joins shapes of as many numbers";
  const ends = [from, to].map(({ name, shape }) => `${show(name)} is ${spellShape(shape)}`);
  return refuse(`T${of.slice(1)} ${needs}: ${ends.join(", ")}.`);
}

/** Reads kernel, stride and dilation. A pool without a kernel has the quotient of its ends, as an upsample has. */
function readAxes(task: Task): Axis[] {
  const { kind, given, from, to, of } = task;
  const rank = rankOf(task);
  const [big, small] = endsOf(kind, from.shape, to.shape).map((shape) => extents(shape, rank)) as [
    number[],
    number[],
  ];
  const read = (name: "kernel" | "stride" | "dilation", usual?: unknown) => {
    const what = `The ${name} of ${of}`;
    const value = given[name] === undefined ? usual : given[name];
    return perAxis(value, rank, what, "a number", (one) =>
      number(one, { least: 1, most: MOST, whole: true }, what),
    );
  };
  let kernel = big.map((n, i) => n / small[i]!);
  if (given.kernel !== undefined) kernel = read("kernel");
  else {
    const lone = (["stride", "dilation", "padding"] as const).find((name) => given[name] !== undefined);
    if (lone) refuse(`\`${lone}\` of ${of} can't be given without \`kernel\`.`);
    if (isConv(kind)) {
      const valid = big.map((n, i) => n - small[i]! + 1);
      const fit = Math.min(...valid) > 0 ? `: ${spellShape(valid)} fits without padding` : "";
      refuse(`The kernel of ${of} is missing${fit}.`);
    }
    if (!kernel.every(Number.isInteger)) {
      const why = `${spellShape(small)} doesn't divide ${spellShape(big)}`;
      if (kind === "upsample") refuse(`The factor of ${of} is a whole number: ${why}.`);
      refuse(`The kernel of ${of} must be given: ${why}.`);
    }
  }
  const stride = read("stride", isConv(kind) ? 1 : kernel);
  const dilation = read("dilation", 1);
  return big.map((n, i) => {
    return { big: n, small: small[i]!, kernel: kernel[i]!, stride: stride[i]!, dilation: dilation[i]! };
  });
}

/** Finds the padding that gives the shapes, and checks it. */
function readPadding({ kind, given, from, to, of }: Task, axes: readonly Axis[]): readonly Pads[] {
  const forms = readForms(given.padding, axes, of);
  const form = forms.find((each) => fits(axes, each));
  if (form === undefined) {
    const options = (["kernel", "stride", "dilation"] as const)
      .filter((name) => given[name] !== undefined)
      .map((name) => `${name} ${spellShape([...new Set(axes.map((axis) => axis[name]))])}`);
    const source = `${show(from.name)} (${spellShape(from.shape)}) with ${options.join(", ")}`;
    const target = `${show(to.name)} is ${spellShape(extents(to.shape, axes.length))}`;
    const found = `The ${kind} from ${source} gives ${spellForms(axes, forms, isTurned(kind))}; ${target}.`;
    return refuse(`${found}${orderHint(from.shape)}`);
  }
  const { padding } = form;
  if (!isConv(kind)) checkPads(axes, padding, of);
  const [big] = endsOf(kind, from.shape, to.shape);
  const size = product(axes.map((axis, i) => axis.big + padding[i]![0] + padding[i]![1])) * channels(big);
  if (size > MOST_PADDED) {
    refuse(`A padded sample of ${of} has at most ${MOST_PADDED} numbers, not ${size}.`);
  }
  return padding;
}

/** Returns a sentence on the order of a shape that seems to have channels first, or no positions. */
function orderHint([first, second, third]: Shape): string {
  if (second === undefined) return " A plain size is one position, whose units are channels.";
  const isFirst = first! < second && second === third;
  return isFirst ? ` Channels come last: ${spellShape([second, third, first!])}.` : "";
}

/** Reads the number of groups, and checks the channels of both ends. */
function readGroups({ kind, given, from, to, of }: Task): number {
  const [first, second] = [channels(from.shape), channels(to.shape)];
  const { groups: count = 1 } = given;
  const groups = number(count, { least: 1, most: MOST, whole: true }, `The number of groups of ${of}`);
  if (!isConv(kind) && first !== second) {
    refuse(`The channels at both ends of ${of} are equal, not ${first} and ${second}.`);
  }
  if (first % groups === 0 && second % groups === 0) return groups;
  return refuse(`The groups of ${of} divide its channels, ${first} and ${second}: ${groups} can't.`);
}
