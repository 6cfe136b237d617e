/**
 * Returns a file with another value at a place, a path of members and indices; without the member if the value is undefined.
 */
export function spoilt(json: object, path: string, value: unknown): object {
  if (path === "") return value as object;
  const copy = structuredClone(json) as Record<string, unknown>;
  const names = path.split(".");
  let parent = copy;
  for (const name of names.slice(0, -1)) parent = parent[name] as typeof parent;
  const last = names.at(-1)!;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** The spoilt member, its value, and words of the refusal. */
export type Spoilt = readonly [name: string, path: string, value: unknown, code: string, mention: string];
