// Edits of the graph: layers are added, moved and removed, and synapses join them.

import * as edits from "../../model/edit.ts";
import type { Kind } from "../../model/sketch.ts";
import type { Point } from "../route.ts";
import { arranged } from "../starting.ts";
import type { Editing } from "./editing.ts";
import type { Geometry } from "./geometry.ts";
import type { Notices } from "./notices.ts";
import type { State } from "./state.ts";
import type { Training } from "./training.ts";

/** Returns the edits of the graph in the state's sketch. */
export function createGraphEdits(
  { sketch, selection, fitting, spoken }: State,
  { notify }: Notices,
  { trained }: Training,
  { history, rearrange, edit }: Editing,
  { dragged, hasSurfaces, freePlace }: Geometry,
) {
  function connect(from: string, to: string, options: Readonly<Record<string, unknown>> = {}): boolean {
    const made = edits.tryConnect(trained(), from, to, options);
    if ("sketch" in made) {
      const isTaken = edit(made.sketch, { kind: "pair", from, to });
      if (isTaken) spoken.value = `${from} leads to ${to}`;
      return isTaken;
    }
    const { offer } = made;
    notify(
      { kind: "pair", from, to },
      made.refusal,
      offer && {
        text: "Connect with a delay",
        act: () => {
          edit(offer, { kind: "pair", from, to });
        },
      },
    );
    return false;
  }

  function move(places: ReadonlyMap<string, Point>) {
    dragged.value = new Map();
    const rounded = [...places].map(
      ([name, { x, y }]) => [name, { x: Math.round(x), y: Math.round(y) }] as const,
    );
    const next = edits.move(sketch.value, Object.fromEntries(rounded));
    history.push(next);
    rearrange(next);
  }

  return {
    connect,
    move,
    /** Adds a layer at a point, or where there is room, and selects it. Returns its name, unless it was refused. */
    async addLayer(kind: Kind, given?: Point): Promise<string | undefined> {
      const at = given ?? freePlace();
      const next = edits.addLayer(trained(), kind, { x: Math.round(at.x), y: Math.round(at.y) });
      const { name } = next.layers.at(-1)!;
      if (!edit(next, { kind: "graph" })) return undefined;
      selection.value = { kind: "layer", name };
      if (given === undefined) fitting.value++;
      spoken.value = `Layer ${name} added`;
      return name;
    },
    removeLayer(name: string) {
      if (edit(edits.removeLayer(trained(), name), { kind: "layer", name }))
        spoken.value = `Layer ${name} removed`;
    },
    removeSynapse(index: number) {
      if (edit(edits.disconnect(trained(), index), { kind: "synapse", index }))
        spoken.value = "Synapse removed";
    },
    /** Shows a box at a point while it is dragged; `move` ends that. */
    place(name: string, at: Point) {
      dragged.value = new Map([...dragged.value, [name, { x: at.x, y: at.y }]]);
    },
    tidy() {
      const next = arranged(sketch.value, hasSurfaces.value);
      history.push(next);
      history.settle();
      rearrange(next);
      fitting.value++;
    },
  };
}

export type GraphEdits = ReturnType<typeof createGraphEdits>;
