// Undo and redo over sketches, which are plain data: a history is two lists of them.

import type { Sketch } from "./sketch.ts";

/** Most sketches that can be undone. */
const MOST = 200;

export class SketchHistory {
  #now: Sketch;
  #past: Sketch[] = [];
  #future: Sketch[] = [];
  /** Whether the newest entry is a move, with which a further move of the same layers is joined. */
  #moved: string | undefined;

  constructor(sketch: Sketch) {
    this.#now = sketch;
  }

  get now(): Sketch {
    return this.#now;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Adds a sketch, after which nothing can be redone. Moves of the same layers one after the other are one entry. */
  push(sketch: Sketch): void {
    if (sketch === this.#now) return;
    const moved = movedOf(this.#now, sketch);
    if (moved === undefined || moved !== this.#moved || this.#future.length > 0) {
      this.#past.push(this.#now);
      if (this.#past.length > MOST) this.#past.shift();
    }
    this.#now = sketch;
    this.#moved = moved;
    this.#future = [];
  }

  /** Replaces the present sketch without an entry, such as after steps of training. */
  replace(sketch: Sketch): void {
    this.#now = sketch;
  }

  /** Ends a move, so that the next one is an entry of its own. */
  settle(): void {
    this.#moved = undefined;
  }

  /** Returns to the sketch before, and returns it; the present one if there is none. */
  undo(): Sketch {
    return this.#step(this.#past, this.#future);
  }

  /** Returns to the sketch that was undone last. */
  redo(): Sketch {
    return this.#step(this.#future, this.#past);
  }

  #step(from: Sketch[], to: Sketch[]): Sketch {
    const sketch = from.pop();
    if (sketch === undefined) return this.#now;
    to.push(this.#now);
    this.#now = sketch;
    this.#moved = undefined;
    return sketch;
  }
}

/** Returns the names of the layers whose places alone tell two sketches apart; undefined if they differ otherwise. */
function movedOf(before: Sketch, after: Sketch): string | undefined {
  const { layers: old, ...rest } = before;
  const { layers, ...others } = after;
  if (layers.length !== old.length) return undefined;
  const keys = Object.keys({ ...rest, ...others }) as (keyof typeof rest)[];
  if (keys.some((key) => rest[key] !== others[key])) return undefined;
  const moved: string[] = [];
  for (const [index, layer] of layers.entries()) {
    const { x, y, ...facts } = layer;
    const { x: oldX, y: oldY, ...oldFacts } = old[index]!;
    const names = Object.keys({ ...facts, ...oldFacts }) as (keyof typeof facts)[];
    if (names.some((name) => facts[name] !== oldFacts[name])) return undefined;
    if (x !== oldX || y !== oldY) moved.push(layer.name);
  }
  return moved.length === 0 ? undefined : JSON.stringify(moved);
}
