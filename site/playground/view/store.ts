// The store of the playground, put together from its parts, and its way to the components.

import { type InjectionKey, inject, type ShallowRef } from "vue";
import type { Sketch } from "../model/sketch.ts";
import { unitsOf } from "./figure.ts";
import { createDataEdits } from "./store/data.ts";
import { createEditing } from "./store/editing.ts";
import { createGeometry } from "./store/geometry.ts";
import { createGraphEdits } from "./store/graph.ts";
import { createLinking } from "./store/linking.ts";
import { createLooks } from "./store/looks.ts";
import { createNotices } from "./store/notices.ts";
import { createState } from "./store/state.ts";
import { createTraining } from "./store/training.ts";

/** Returns the store of a page that begins with a sketch. */
export function createStore(initial: Sketch, makeWorker: () => Worker) {
  const state = createState(initial);
  const notices = createNotices(state);
  const training = createTraining(state, notices, makeWorker());
  const editing = createEditing(state, notices, training);
  const geometry = createGeometry(state);
  const graph = createGraphEdits(state, notices, training, editing, geometry);

  // The components receive all but the members that only the parts use.
  const { isRunning, ...orders } = training;
  const { history, show, rearrange, ...changes } = editing;
  const { dragged, freePlace, ...places } = geometry;
  return {
    ...state,
    sketch: state.sketch as Readonly<ShallowRef<Sketch>>,
    ...notices,
    ...orders,
    ...changes,
    ...places,
    ...createLooks(state, geometry, training.client),
    ...graph,
    ...createLinking(state, graph),
    ...createDataEdits(state, notices, training, editing),
    unitsOf,
  };
}

export type Store = ReturnType<typeof createStore>;
export const storeKey: InjectionKey<Store> = Symbol("playground");

/** Returns the playground's state in a component of it. */
export function useStore(): Store {
  const store = inject(storeKey);
  if (store === undefined) throw new Error("A part of the playground stands outside of it.");
  return store;
}
