// The keys of the drawing: they add, join, choose, move and remove the layer or synapse that has the focus.

import type { ShallowRef } from "vue";
import { useStore } from "../store.ts";
import { focusForm, focusPart, partOf } from "./focus.ts";

/** Units of the graph by which an arrow key moves a box. */
const STEP = 16;
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** Returns the listener to keys within an element, the graph's own. */
export function useKeys(root: Readonly<ShallowRef<HTMLElement | null>>): (event: KeyboardEvent) => void {
  const store = useStore();

  /** Takes a key in the making of a link. Returns whether it means something there. */
  function pressInLink(key: string): boolean {
    const arrow = arrows[key];
    if (arrow !== undefined) store.stepLink(arrow[0] + arrow[1] > 0 ? 1 : -1);
    else if (key === "Enter" || key === " ") store.endLink(true);
    else if (key === "Escape") store.endLink(false);
    else return false;
    return true;
  }

  /** Takes a key on a layer, a synapse or the drawing. Returns whether it means something there. */
  function pressOn(part: ReturnType<typeof partOf>, key: string): boolean {
    const layer = part !== undefined && "layer" in part ? part.layer : undefined;
    const synapse = part !== undefined && "synapse" in part ? part.synapse : undefined;
    const arrow = arrows[key];
    if (key === "a" || key === "A") {
      void store.addLayer("hidden").then((name) => name !== undefined && focusPart({ layer: name }));
    } else if (layer !== undefined && (key === "c" || key === "C")) {
      store.startLink(layer);
    } else if (part !== undefined && (key === "Enter" || key === " ")) {
      store.select(
        layer === undefined ? { kind: "synapse", index: synapse! } : { kind: "layer", name: layer },
      );
      void focusForm();
    } else if (key === "Delete" || key === "Backspace") {
      if (layer !== undefined) {
        store.removeLayer(layer);
        root.value?.focus();
      } else if (synapse !== undefined) {
        const { from } = store.sketch.value.synapses[synapse]!;
        store.removeSynapse(synapse);
        focusPart({ layer: from });
      }
    } else if (layer !== undefined && arrow !== undefined) {
      const now = store.sketch.value.layers.find(({ name }) => name === layer)!;
      store.move(new Map([[layer, { x: now.x + arrow[0], y: now.y + arrow[1] }]]));
    } else return false;
    return true;
  }

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    // The buttons of the drawing, and of its notices, have keys of their own.
    if (target.closest("button:not([data-synapse]), a") !== null && event.key !== "Escape") return;
    const isTaken =
      store.link.value === undefined ? pressOn(partOf(target), event.key) : pressInLink(event.key);
    if (isTaken) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Escape") {
      if (store.notice.value !== undefined) store.dismiss();
      else store.select({ kind: "none" });
    }
  };
}
