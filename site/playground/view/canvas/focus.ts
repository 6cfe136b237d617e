// The way of the focus between the parts of the drawing and the form of the chosen one.

import { nextTick } from "vue";
import type { Part } from "../../model/sketch.ts";

/** Frames to wait for a part, which Vue Flow may draw a little later. */
const TRIES = 20;

function selectorOf(part: Part): string {
  return "layer" in part
    ? `.vue-flow__node[data-id="${CSS.escape(part.layer)}"]`
    : `[data-synapse="${part.synapse}"]`;
}

/** Focuses a layer's box, or the button of a synapse. */
export function focusPart(part: Part, tries = TRIES): void {
  const element = document.querySelector<HTMLElement>(selectorOf(part));
  element?.focus();
  if (tries > 0 && (element === null || document.activeElement !== element))
    requestAnimationFrame(() => focusPart(part, tries - 1));
}

/** Focuses the title of the inspector, once it shows the chosen part: the Tab key leads from there to the fields. */
export async function focusForm(): Promise<void> {
  await nextTick();
  document.getElementById("inspector-title")?.focus();
}

/** Returns the part of the drawing in which an element stands. */
export function partOf(element: HTMLElement): Part | undefined {
  const synapse = element.closest<HTMLElement>("[data-synapse]")?.dataset.synapse;
  if (synapse !== undefined) return { synapse: Number(synapse) };
  const layer = element.closest<HTMLElement>(".vue-flow__node")?.dataset.id;
  return layer === undefined ? undefined : { layer };
}
