// Frames of the worker, drawn at most once for each frame of the screen. Drawings listen here, since no reactive value could
// follow thousands of numbers.

import type { Frame } from "../worker/message.ts";

/** A frame with the parts that it left out, as they were before. */
type Whole = Frame & Required<Pick<Frame, "changes">>;

export interface Frames {
  /** The newest frame. */
  readonly latest: Whole | undefined;
  push(frame: Frame): void;
  /** Draws all anew, such as after a change of the theme. */
  redraw(): void;
  /**
   * Calls a drawing with each frame, or with each `every`-th one and the last before a rest; returns the function that ends it.
   * Drawings of the same `every` take turns.
   */
  listen(draw: (frame: Frame) => void, every?: number): () => void;
  /** Drops all frames so far, which are another graph's. Their drawings stay until the next one. */
  forget(): void;
}

export function createFrames(arrived: (frames: readonly Frame[]) => void): Frames {
  const drawings = new Map<(frame: Frame) => void, { readonly every: number; readonly turn: number }>();
  let turns = 0;
  let count = 0;
  /** Whether all drawings are asked for, such as after an edit. */
  let isWhole = true;
  let latest: Whole | undefined;
  let waiting: Whole[] = [];
  let kept: Pick<Frame, "surfaces" | "large"> = { surfaces: {} };
  let asked = false;
  const draw = () => {
    asked = false;
    if (waiting.length > 0) arrived(waiting);
    waiting = [];
    if (latest === undefined) return;
    count++;
    const all = isWhole || !latest.running;
    isWhole = false;
    for (const [each, { every, turn }] of drawings) if (all || (count + turn) % every === 0) each(latest);
  };
  const ask = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  };
  return {
    get latest() {
      return latest;
    },
    push(next) {
      // Surfaces that take long come with some frames only; the former ones stay in view.
      const changes = next.changes ?? latest?.changes ?? [];
      const frame = { ...next, changes, ...(Object.keys(next.surfaces).length === 0 && kept) };
      kept = { surfaces: frame.surfaces, ...(frame.large !== undefined && { large: frame.large }) };
      latest = frame;
      waiting.push(frame);
      ask();
    },
    redraw() {
      isWhole = true;
      ask();
    },
    listen(drawing, every = 1) {
      drawings.set(drawing, { every, turn: turns++ });
      isWhole = true;
      ask();
      return () => drawings.delete(drawing);
    },
    forget() {
      latest = undefined;
      waiting = [];
      kept = { surfaces: {} };
    },
  };
}
