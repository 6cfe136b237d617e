// Takes the place of modules with hints in the builds that predict: base/synonym.ts, base/advice.ts, format/foreign.ts,
// model/spell.ts. Messages then lack the hint.

/** Returns no meaning of a name. */
export function meaning(): { readonly name?: string; readonly form?: string } {
  return {};
}

/** Returns no sentence after a space. */
function empty(): string {
  return "";
}

/** Returns no sentence. */
function nothing(): undefined {}

export {
  empty as advice,
  empty as foreignTensors,
  empty as spellUndelayed,
  empty as spellWalk,
  nothing as foreign,
  nothing as notBytes,
  nothing as notJSON,
};
