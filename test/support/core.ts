// The text of the core: its enums and its classes.

import { readFileSync } from "node:fs";

/** Returns the text of a file of assembly/. */
export function textOf(file: string): string {
  return readFileSync(new URL(`../../assembly/${file}`, import.meta.url), "utf8");
}

/** Returns the first groups of all places of a file where a pattern fits. */
export function found(file: string, pattern: RegExp): string[] {
  return [...textOf(file).matchAll(pattern)].map((match) => match[1]!);
}

/** Returns the members of an enum, in order. */
export function membersOf(name: string, file = "abi.ts"): string[] {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(textOf(file))![1]!;
  return body.match(/^ {2}\w+/gm)!.map((member) => member.trim());
}

/** Returns the fields of a class, in order, each with its type. */
export function fieldsOf(name: string, file: string): [field: string, type: string][] {
  const body = new RegExp(`class ${name} \\{([^}]*)\\}`).exec(textOf(file))![1]!;
  return [...body.matchAll(/^ {2}(\w+): (\w+);/gm)].map(([, field, type]) => [field!, type!]);
}
