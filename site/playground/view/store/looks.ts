// The selection and the unit under the pointer, and the pictures that the worker draws for them.

import { computed, ref, shallowRef, watch } from "vue";
import type { Look } from "../../worker/message.ts";
import type { Client } from "../client.ts";
import { MOST } from "../figure.ts";
import type { Geometry } from "./geometry.ts";
import type { Selection, State } from "./state.ts";

export interface UnitPlace {
  readonly layer: string;
  readonly unit: number;
}

/** Points on a side of the surfaces in boxes. */
export const POINTS = 32;
/** Points on a side of the one surface that is drawn large. */
const LARGE = 96;

/** Returns the looks into the graph, which the worker is asked for as they change. */
export function createLooks(state: State, { hasSurfaces }: Geometry, client: Client) {
  const { sketch, lesson, ready, selection, sample, gradient } = state;
  const hovered = shallowRef<UnitPlace>();
  /** The place of the synapse whose button has the focus. */
  const focusedSynapse = ref<number>();

  const spotlight = computed<UnitPlace | undefined>(() => {
    if (hovered.value !== undefined) return hovered.value;
    const chosen = selection.value;
    return chosen.kind === "unit" ? { layer: chosen.name, unit: chosen.unit } : undefined;
  });
  /** The unit whose surface is drawn large: the spotlight's, or the first of the outputs. */
  const shownUnit = computed<UnitPlace | undefined>(() => {
    if (spotlight.value !== undefined) return spotlight.value;
    const output = sketch.value.layers.find(({ kind }) => kind === "output");
    return output && { layer: output.name, unit: 0 };
  });

  /** The place of the chosen sample in the pictures, as shares of their sides. */
  const mark = computed(() => {
    const place = sample.value;
    const data = lesson.value;
    if (place === undefined || data === undefined || !hasSurfaces.value || data.bounds.length === 0)
      return undefined;
    const values = data.inputs.flatMap(({ name, size }) =>
      "values" in place
        ? [...(place.values[name] ?? [])]
        : [...data[place.rows].xs[name]!.subarray(place.row * size, (place.row + 1) * size)],
    );
    return data.bounds.map(([low, high], axis) => (values[axis]! - low) / (high - low));
  });

  const look = computed<Look>(() => {
    const unit = shownUnit.value;
    const isDrawn = hasSurfaces.value && lesson.value !== undefined;
    const rows = lesson.value?.heldOut.count ? "heldOut" : "training";
    const shown = sample.value ?? (isDrawn ? undefined : ({ rows, row: 0 } as const));
    return {
      surfaces: isDrawn,
      points: isDrawn ? POINTS : 0,
      units: MOST,
      ...(isDrawn && unit !== undefined && { large: { ...unit, points: LARGE } }),
      ...(shown !== undefined && { sample: shown }),
      ...(gradient.value !== undefined && { gradient: gradient.value }),
    };
  });
  watch([look, ready], () => {
    if (ready.value) client.look(look.value).catch(() => {});
  });

  return {
    spotlight,
    shownUnit,
    mark,
    focusedSynapse,
    focusSynapse(index: number | undefined) {
      focusedSynapse.value = index;
    },
    select(next: Selection) {
      selection.value = next;
    },
    hoverUnit(place: UnitPlace | undefined) {
      const now = hovered.value;
      if (now?.layer !== place?.layer || now?.unit !== place?.unit) hovered.value = place;
    },
  };
}
