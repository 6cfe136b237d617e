// Takes the place of base/synonym.ts in builds without the names of other libraries: files have our own names.

/** Returns no meaning of a name. */
export function meaning(): { readonly name?: string; readonly form?: string } {
  return {};
}
