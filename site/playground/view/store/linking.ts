// Connecting by keyboard: from a layer, the keys step through the others, and the last one is taken.

import { shallowRef } from "vue";
import { flowOf, type LayerSketch } from "../../model/sketch.ts";
import type { GraphEdits } from "./graph.ts";
import type { State } from "./state.ts";

/** Returns the link that is being made; there is none at first. */
export function createLinking({ sketch, spoken }: State, { connect }: GraphEdits) {
  const link = shallowRef<{ source: string; target: string }>();

  /** Returns the layers that a synapse can lead to, in the direction of the drawing. */
  function targets(): LayerSketch[] {
    const [first, second] = axes();
    return sketch.value.layers
      .filter(({ kind }) => kind !== "input")
      .toSorted((one, other) => one[first] - other[first] || one[second] - other[second]);
  }

  /** Returns the axis of the drawing's direction, and the other one. */
  function axes() {
    return flowOf(sketch.value) === "right" ? (["x", "y"] as const) : (["y", "x"] as const);
  }

  return {
    link,
    startLink(source: string) {
      const all = targets();
      const at = sketch.value.layers.find(({ name }) => name === source);
      const [axis] = axes();
      const next = all.find((layer) => layer[axis] > (at?.[axis] ?? 0)) ?? all[0];
      if (next === undefined) return;
      link.value = { source, target: next.name };
      spoken.value = `Connect ${source} to ${next.name}`;
    },
    stepLink(step: number) {
      const all = targets();
      const now = link.value;
      if (now === undefined) return;
      const place = all.findIndex(({ name }) => name === now.target);
      const { name } = all[(place + step + all.length) % all.length]!;
      link.value = { ...now, target: name };
      spoken.value = `Connect ${now.source} to ${name}`;
    },
    endLink(takes: boolean) {
      const now = link.value;
      link.value = undefined;
      if (takes && now !== undefined) connect(now.source, now.target);
    },
  };
}
