// Edits of the data: others of the same shape stay with the graph, and the rest begin with a graph of their own.

import type { TableSketch } from "../../data/table.ts";
import * as edits from "../../model/edit.ts";
import { refusalOf } from "../../model/refusal.ts";
import type { DataSketch, Sketch } from "../../model/sketch.ts";
import { begun, isUnchanged } from "../starting.ts";
import type { Editing } from "./editing.ts";
import type { Notices } from "./notices.ts";
import type { State } from "./state.ts";
import type { Training } from "./training.ts";

/** Returns the edits of the data in the state's sketch. */
export function createDataEdits(
  { sketch, sample, gradient }: State,
  { notify }: Notices,
  { trained }: Training,
  { edit, open }: Editing,
) {
  return {
    setData(data: DataSketch) {
      sample.value = undefined;
      gradient.value = undefined;
      edit(edits.setData(trained(), data), { kind: "data" });
    },
    /** Begins with other data, and with the first graph for them unless the present one fits or is one's own. */
    async begin(data: DataSketch, keeps = false) {
      try {
        const now = sketch.value;
        if (keeps && !(await isUnchanged(now)))
          return void edit(edits.setData(trained(), data), { kind: "data" });
        await open(await begun(data), true);
      } catch (error) {
        notify({ kind: "data" }, refusalOf(error));
      }
    },
    /** Chooses other columns of a table; the graph stays where it fits them. */
    async setTable(data: TableSketch) {
      try {
        const next = edits.setData(trained(), data);
        const now = await begun(data);
        if (endsOf(now) === endsOf(next)) edit(next, { kind: "data" });
        else await open(now, true);
      } catch (error) {
        notify({ kind: "data" }, refusalOf(error));
      }
    },
  };
}

/** Returns the inputs and outputs of a graph, as text to compare. */
function endsOf({ layers }: Sketch): string {
  return JSON.stringify(
    layers.filter(({ kind }) => kind !== "hidden").map(({ name, kind, size }) => [name, kind, size]),
  );
}
