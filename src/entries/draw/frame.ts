// The frames of a drawing, each around the layers of one cell.

import type { Drawing } from "./drawing.js";

export interface Frame {
  readonly name: string;
  /** Indices of its layers, in the order of their creation. */
  readonly layers: readonly number[];
}

/** Returns the frames: a layer, such as `cell`, with the layers whose names begin with its name and a dot, as `cell.forget`. */
export function framesOf({ layers }: Drawing): Frame[] {
  const places = new Map(layers.map(({ name }, i) => [name, i]));
  const members = new Map<string, number[]>();
  layers.forEach(({ name }, i) => {
    const head = headOf(name, places);
    if (head === undefined) return;
    if (!members.has(head)) members.set(head, [places.get(head)!]);
    members.get(head)!.push(i);
  });
  return Array.from(members, ([name, found]) => ({ name, layers: found.sort((a, b) => a - b) }));
}

/** Returns the shortest beginning of a name, up to a dot, that is a layer's name. */
function headOf(name: string, places: ReadonlyMap<string, number>): string | undefined {
  for (let dot = name.indexOf(".", 1); dot >= 0 && dot < name.length - 1; dot = name.indexOf(".", dot + 1)) {
    const head = name.slice(0, dot);
    if (places.has(head)) return head;
  }
  return undefined;
}

/** Returns the lines of all layers in the order of their creation; those of a frame's layers lie together, inside its own lines. */
export function framed(
  frames: readonly Frame[],
  lines: readonly string[],
  open: (frame: Frame, place: number) => readonly string[],
  close: string,
): string[] {
  const frameOf = new Map(frames.flatMap((frame, place) => frame.layers.map((i) => [i, { frame, place }])));
  return lines.flatMap((line, i) => {
    const found = frameOf.get(i);
    if (found === undefined) return [line];
    const { frame, place } = found;
    if (frame.layers[0] !== i) return [];
    return [...open(frame, place), ...frame.layers.map((layer) => `  ${lines[layer]}`), close];
  });
}
