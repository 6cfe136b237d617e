// The places of the graph's boxes and the ways of its synapses between them.

import { computed, shallowRef, watch } from "vue";
import { flowOf } from "../../model/sketch.ts";
import { type Figure, figureOf } from "../figure.ts";
import { type Box, type Point, type Route, routeOf } from "../route.ts";
import { isSpread } from "../starting.ts";
import type { Place } from "./notices.ts";
import type { State } from "./state.ts";

/** Returns the geometry of the state's sketch. */
export function createGeometry({ sketch, lesson, fitting }: State) {
  /** Places of boxes that are being moved, which the sketch has yet to take. */
  const dragged = shallowRef<ReadonlyMap<string, Point>>(new Map());
  const hasSurfaces = computed(() => isSpread(sketch.value.data, lesson.value));

  // Boxes have other heights with surfaces, which a table shows once its rows are read.
  watch(hasSurfaces, () => {
    fitting.value++;
  });

  const flow = computed(() => flowOf(sketch.value));
  const figures = computed<ReadonlyMap<string, Figure>>(
    () =>
      new Map(
        sketch.value.layers.map((layer) => [layer.name, figureOf(layer, hasSurfaces.value, flow.value)]),
      ),
  );

  const boxes = computed<ReadonlyMap<string, Box>>(() => {
    const found = new Map<string, Box>();
    for (const layer of sketch.value.layers) {
      const { x, y } = dragged.value.get(layer.name) ?? layer;
      const { width, height, pins } = figures.value.get(layer.name)!;
      found.set(layer.name, { x, y, width, height, pins });
    }
    return found;
  });

  const routes = computed<readonly (Route | undefined)[]>(() => {
    const ranks = new Map<string, number>();
    let detours = 0;
    return sketch.value.synapses.map(({ from, to }) => {
      const [start, end] = [boxes.value.get(from), boxes.value.get(to)];
      if (start === undefined || end === undefined) return undefined;
      const others = [...boxes.value.values()].filter((box) => box !== start && box !== end);
      const twin = ranks.get(`${from}>${to}`) ?? 0;
      ranks.set(`${from}>${to}`, twin + 1);
      const route = routeOf(start, end, others, {
        flow: flow.value,
        rank: detours,
        straight: twin === 0,
      });
      if (!route.direct) detours++;
      return route;
    });
  });

  return {
    dragged,
    hasSurfaces,
    flow,
    figures,
    boxes,
    routes,
    /** Returns the bounds of all boxes and ways. */
    bounds() {
      const all = [...boxes.value.values()];
      const points = routes.value.flatMap((route) => route?.curves ?? []);
      return {
        left: Math.min(...all.map(({ x }) => x), ...points.map(({ x }) => x)),
        top: Math.min(...all.map(({ y }) => y), ...points.map(({ y }) => y)),
        right: Math.max(...all.map(({ x, width }) => x + width), ...points.map(({ x }) => x)),
        bottom: Math.max(...all.map(({ y, height }) => y + height), ...points.map(({ y }) => y)),
      };
    },
    /** Returns the point at which a notice is shown; undefined for places outside of the graph. */
    anchorOf(place: Place): Point | undefined {
      if (place.kind === "layer") {
        const box = boxes.value.get(place.name);
        return box && { x: box.x + box.width / 2, y: box.y + box.height };
      }
      if (place.kind === "synapse") return routes.value[place.index]?.label;
      if (place.kind === "pair") {
        const [from, to] = [boxes.value.get(place.from), boxes.value.get(place.to)];
        if (from === undefined || to === undefined) return undefined;
        const y = Math.max(from.y + from.height / 2, to.y + to.height / 2);
        return { x: (from.x + from.width / 2 + to.x + to.width / 2) / 2, y: y + 12 };
      }
      return undefined;
    },
    /** Returns a place for another layer: beside all boxes, as far along as the last one that is no output. */
    freePlace(): Point {
      const all = [...boxes.value.values()];
      const sources = sketch.value.layers
        .filter(({ kind }) => kind !== "output")
        .map(({ name }) => boxes.value.get(name)!);
      const last = (axis: "x" | "y") => Math.max(0, ...sources.map((box) => box[axis]));
      if (flow.value === "down") {
        const right = Math.max(0, ...all.map(({ x, width }) => x + width));
        return { x: right + 40, y: last("y") || 160 };
      }
      const bottom = Math.max(0, ...all.map(({ y, height }) => y + height));
      return { x: last("x") || 208, y: bottom + 40 };
    },
  };
}

export type Geometry = ReturnType<typeof createGeometry>;
