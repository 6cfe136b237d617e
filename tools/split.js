// Splits a compiled core in two modules: what some of its exports need, and the rest, which is given what it uses of the first. So
// a program that predicts compiles half of its core. The functions are those of the whole, instruction by instruction.

import binaryen from "binaryen";

/** The name that the rest knows the first module by. */
const FIRST = "first";

/** Returns the match of a pattern's group. @type {(text: string, pattern: RegExp) => string[]} */
const found = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? "");

/** A field's name. @param {string} field */
const nameOf = (field) => /^\(\w+ ([^\s)]+)/.exec(field)?.[1] ?? "";

/** Returns the parameters and results of a function type, or of a function's first line. @param {string} head */
function signatureOf(head) {
  const takes = found(head, /\(param(?: \$\S+)? ([^)$]+)\)/g).join(" ");
  return `${takes} -> ${found(head, /\(result ([^)]+)\)/g)}`;
}

/** All that some names lead to. @type {(roots: Iterable<string>, next: (name: string) => Iterable<string>) => Set<string>} */
function reached(roots, next) {
  const known = new Set(roots);
  for (const name of known) for (const one of next(name)) known.add(one);
  return known;
}

/** @param {readonly string[]} fields */
function assembled(fields) {
  const module = binaryen.parseText(`(module ${fields.join("\n")})`);
  module.setFeatures(binaryen.Features.All);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** A core's fields in WebAssembly's text format. @param {Uint8Array} core */
function read(core) {
  const module = binaryen.readBinary(core);
  const text = module.emitText().trim();
  module.dispose();
  const fields = text.slice("(module".length, -1).split(/\n (?=\()/);
  const named = fields.map((field) => /** @type {[string, string]} */ ([nameOf(field.trim()), field.trim()]));
  /** @param {string} kind */
  const of = (kind) => new Map(named.filter(([, field]) => field.startsWith(`(${kind} `)));
  return { of, functions: of("func"), globals: of("global"), exports: of("export") };
}

/**
 * The two modules. `wanted` names functions that the first exports, with its memory and numbers; the rest exports the other
 * functions, and imports from "first". A name that begins with __ is for hosts that make managed objects: nobody has it.
 * @param {Uint8Array} core
 * @param {readonly string[]} wanted
 * @returns {[first: Uint8Array, rest: Uint8Array]}
 */
export function split(core, wanted) {
  const { of, functions, globals, exports } = read(core);
  const body = (/** @type {string} */ name) => functions.get(name) ?? "";
  const head = (/** @type {string} */ name) => /^.*/.exec(body(name))?.[0] ?? "";
  const calls = (/** @type {string} */ name) => found(body(name), /\(call (\$[^\s)]+)/g);
  const listed = [...of("elem").values()].flatMap((field) => found(field, /(\$[^\s)]+)/g).slice(1));
  const types = new Map([...of("type")].map(([name, field]) => [name, signatureOf(field)]));
  /** Returns the functions that a function calls. By the table it may call each function of the type that it asks for. */
  const next = (/** @type {string} */ name) => {
    const asked = found(body(name), /\(call_indirect \(type (\$[^\s)]+)\)/g).map((type) => types.get(type));
    return [...calls(name), ...listed.filter((other) => asked.includes(signatureOf(head(other))))];
  };

  const entries = [...exports].flatMap(([quoted, field]) => {
    const name = JSON.parse(quoted);
    const [entry] = found(field, /\(func (\$[^\s)]+)\)/g);
    return name.startsWith("__")
      ? []
      : [{ field, entry, isFirst: entry === undefined || wanted.includes(name) }];
  });
  const roots = (/** @type {boolean} */ first) =>
    entries.flatMap(({ entry, isFirst }) => (entry !== undefined && isFirst === first ? [entry] : []));
  const inFirst = reached([...of("start").keys(), ...roots(true)], next);
  const inRest = reached(roots(false), next);
  for (const name of inFirst) inRest.delete(name);

  const uses = (/** @type {Set<string>} */ names) =>
    new Set([...names].flatMap((name) => found(body(name), /\(global\.[gs]et (\$[^\s)]+)/g)));
  const [mine, theirs] = [uses(inFirst), uses(inRest)];
  const lent = [...theirs].filter((name) => mine.has(name));
  const called = [...new Set([...inRest].flatMap(calls))].filter((name) => inFirst.has(name));

  /** The runs of a table's functions that a module has. @param {Set<string>} names */
  const elements = (names) =>
    listed.flatMap((one, i) => {
      if (!names.has(one) || names.has(listed[i - 1] ?? "")) return [];
      const end = listed.findIndex((other, k) => k > i && !names.has(other));
      return [`(elem (i32.const ${i + 1}) ${listed.slice(i, end < 0 ? undefined : end).join(" ")})`];
    });
  const globalsOf = (/** @type {(name: string, field: string) => boolean} */ has) =>
    [...globals].filter(([name, field]) => has(name, field)).map(([, field]) => field);
  const exportsOf = (/** @type {boolean} */ first) =>
    entries.filter(({ isFirst }) => isFirst === first).map(({ field }) => field);
  const bodies = (/** @type {Set<string>} */ names) =>
    [...functions].flatMap(([name, field]) => (names.has(name) ? [field] : []));
  const [table] = [...of("table").values()].flatMap((field) => found(field, /( \d+(?: \d+)? funcref)/g));
  const [pages] = [...of("memory").values()].flatMap((field) => found(field, /( \d+(?: \d+)?)\)/g));

  // Imports of the rest have numbers for names.
  const shared = [
    ...called.map((name) => ({
      thing: `func ${name}`,
      type: found(head(name), /(\((?:param|result) [^)]*\))/g).join(" "),
    })),
    ...lent.map((name) => ({
      thing: `global ${name}`,
      type: /\(mut \w+\)/.exec(globals.get(name) ?? "")?.[0],
    })),
  ];
  const first = [
    ...of("type").values(),
    ...globalsOf((name, field) => mine.has(name) || !field.includes("(mut ")),
    ...of("memory").values(),
    ...of("data").values(),
    `(table $table${table})`,
    ...elements(inFirst),
    ...exportsOf(true),
    `(export "table" (table $table))`,
    ...shared.map(({ thing }, i) => `(export "${i}" (${thing}))`),
    ...of("start").values(),
    ...bodies(inFirst),
  ];
  const rest = [
    ...of("type").values(),
    `(import "${FIRST}" "memory" (memory $memory${pages}))`,
    `(import "${FIRST}" "table" (table $table${table}))`,
    ...shared.map(({ thing, type }, i) => `(import "${FIRST}" "${i}" (${thing} ${type}))`),
    ...globalsOf((name) => theirs.has(name) && !mine.has(name)),
    ...elements(inRest),
    ...exportsOf(false),
    ...bodies(inRest),
  ];
  return [assembled(first), assembled(rest)];
}
