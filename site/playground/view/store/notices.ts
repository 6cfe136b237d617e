// Refusals that are shown at the part of the page to which they belong.

import { shallowRef } from "vue";
import type { Refusal } from "../../model/refusal.ts";
import type { Part } from "../../model/sketch.ts";
import type { State } from "./state.ts";

/** A place of the page at which a refusal is shown. */
export type Place =
  | { readonly kind: "layer"; readonly name: string }
  | { readonly kind: "synapse"; readonly index: number }
  | { readonly kind: "pair"; readonly from: string; readonly to: string }
  | { readonly kind: "data" | "settings" | "graph" };

export interface Notice {
  readonly place: Place;
  readonly code: string;
  readonly message: string;
  /** Whether the code is the engine's own, with an entry on the page of errors. */
  readonly known: boolean;
  readonly offer?: { readonly text: string; act(): void } | undefined;
}

/** Codes that the engine's page of errors has none of. */
const own = new Set(["bad-data", "bad-link", "bad-formula", "no-data", "replaced", "failed", "worker"]);

/** Returns the place of a part of the sketch; the graph's if none is named. */
export function placeOf(part: Part | undefined): Place {
  if (part === undefined) return { kind: "graph" };
  return "layer" in part ? { kind: "layer", name: part.layer } : { kind: "synapse", index: part.synapse };
}

/** Returns the notice of the page, of which there is one at most. */
export function createNotices({ spoken }: State) {
  const notice = shallowRef<Notice>();
  return {
    notice,
    notify(place: Place, { code, message }: Refusal, offer?: Notice["offer"]) {
      notice.value = { place, code, message, known: !own.has(code), offer };
      spoken.value = message;
    },
    noticeAt(place: Place): Notice | undefined {
      const now = notice.value;
      return now !== undefined && JSON.stringify(now.place) === JSON.stringify(place) ? now : undefined;
    },
    dismiss() {
      notice.value = undefined;
    },
  };
}

export type Notices = ReturnType<typeof createNotices>;
