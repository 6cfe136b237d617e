// The keys of the drawing: they add, join, choose, move and remove the layer or synapse that has the focus.

import type { ShallowRef } from "vue";
import { useStore } from "../store.ts";

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

  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { layer, synapse } = focused(event);
    const arrow = arrows[event.key];
    const taken = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (store.link.value !== undefined) {
      if (arrow !== undefined) {
        taken();
        store.stepLink(arrow[0] + arrow[1] > 0 ? 1 : -1);
      } else if (event.key === "Enter" || event.key === " ") {
        taken();
        store.endLink(true);
      } else if (event.key === "Escape") {
        taken();
        store.endLink(false);
      }
      return;
    }
    if (event.key === "a" || event.key === "A") {
      taken();
      void store.addLayer("hidden").then((name) => name !== undefined && focusNode(name));
    } else if (layer !== undefined && (event.key === "c" || event.key === "C")) {
      taken();
      store.startLink(layer);
    } else if (layer !== undefined && (event.key === "Enter" || event.key === " ")) {
      taken();
      store.select({ kind: "layer", name: layer });
    } else if (synapse !== undefined && (event.key === "Enter" || event.key === " ")) {
      taken();
      store.select({ kind: "synapse", index: synapse });
    } else if (event.key === "Delete" || event.key === "Backspace") {
      taken();
      if (layer !== undefined) store.removeLayer(layer);
      else if (synapse !== undefined) store.removeSynapse(synapse);
      root.value?.focus();
    } else if (layer !== undefined && arrow !== undefined) {
      taken();
      const now = store.sketch.value.layers.find(({ name }) => name === layer)!;
      store.move(new Map([[layer, { x: now.x + arrow[0], y: now.y + arrow[1] }]]));
    } else if (event.key === "Escape") {
      if (store.notice.value !== undefined) store.dismiss();
      else store.select({ kind: "none" });
    }
  }

  /** Focuses the box of a layer, which Vue Flow may draw a few frames later. */
  function focusNode(name: string, tries = 20) {
    const node = root.value?.querySelector<HTMLElement>(`.vue-flow__node[data-id="${CSS.escape(name)}"]`);
    node?.focus();
    if (tries > 0 && (node == null || document.activeElement !== node))
      requestAnimationFrame(() => focusNode(name, tries - 1));
  }

  return press;
}

/** Returns the name of the layer that has the focus, or the place of the synapse. */
function focused(event: KeyboardEvent): { layer?: string; synapse?: number } {
  const element = event.target as HTMLElement;
  const node = element.closest<HTMLElement>(".vue-flow__node");
  if (node?.dataset.id !== undefined) return { layer: node.dataset.id };
  const edge = element.closest<HTMLElement>(".vue-flow__edge");
  const index = edge?.dataset.id?.split(":")[0];
  return index === undefined ? {} : { synapse: Number(index) };
}
