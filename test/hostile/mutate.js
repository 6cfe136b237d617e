// Random changes of valid files.

/** @typedef {import("../support/mulberry.js").Random} Random */

/** Numbers that are sizes, counts and places, or just aren't. */
const numbers = [
  ...[0, -0, 1, -1, 2, 3, 7, 8, 0.5, 255, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e308, -1e308, 5e-324],
];
const texts = [
  ...[
    "",
    "x",
    "h",
    "y",
    "__proto__",
    "constructor",
    "toString",
    "linear",
    "softmax",
    "mse",
    "entropy",
    "input",
  ],
  ...["F32", "F64", "BF16", "AAAA", "AAAAAAAA8D8=", "\ud800", "\u0000", "💡", "uniform", "plexus", "NaN"],
];

/** Draws any value, most often a small one. @param {Random} random @returns {unknown} */
function anything(random) {
  const kind = random.whole(0, 8);
  if (kind < 3) return random.pick(numbers);
  if (kind < 6) return random.pick(texts);
  return [null, true, [], {}, [1, 2], { name: "elu", alpha: 2 }, random.whole(0, 9)][random.whole(0, 6)];
}

/**
 * Changes one to three places of a value: replaced, left out, doubled, exchanged, a number or a text moved a little.
 * @param {unknown} value Plain data; it is changed in place.
 * @param {Random} random
 * @returns {unknown}
 */
export function mutated(value, random) {
  const box = { value };
  for (let left = random.whole(1, 3); left > 0; left--) {
    const places = list(box);
    const { parent, name } = random.pick(places);
    const other = random.pick(places);
    const old = parent[name];
    const kind = random.whole(0, 6);
    if (kind === 0 && parent !== box) remove(parent, name);
    else if (kind === 1) parent[name] = structuredClone(other.parent[other.name]);
    else if (kind === 2)
      set(parent, Array.isArray(parent) ? parent.length : random.pick(texts), structuredClone(old));
    else if (kind < 5 && typeof old === "number")
      parent[name] = old + random.pick([-1, 1, 0.5, 2 ** 32, -old * 2]);
    else if (kind < 5 && typeof old === "string" && old !== "") {
      const at = random.whole(0, old.length - 1);
      parent[name] =
        old.slice(0, at) + random.pick(["", "A", "=", "\u0000", old]) + old.slice(at + random.whole(0, 1));
    } else parent[name] = anything(random);
  }
  return box.value;
}

/** @param {any} parent @param {string | number} name */
function remove(parent, name) {
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
}

/** Sets a member of any name, `__proto__` too. @param {object} parent @param {string | number} name @param {unknown} value */
function set(parent, name, value) {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Lists every place of plain data. @param {object} root @returns {{ parent: any; name: string | number }[]} */
function list(root) {
  const places = [];
  const open = [/** @type {any} */ (root)];
  for (let parent = open.pop(); parent !== undefined && places.length < 10_000; parent = open.pop()) {
    for (const name of Object.keys(parent)) {
      places.push({ parent, name });
      if (typeof parent[name] === "object" && parent[name] !== null) open.push(parent[name]);
    }
  }
  return places;
}

/**
 * Returns bytes with some changed, left out, doubled or cut off, more often near the beginning, where a header is.
 * @param {Uint8Array} bytes
 * @param {Random} random
 */
export function mutatedBytes(bytes, random) {
  let changed = bytes.slice();
  for (let left = random.whole(1, 4); left > 0 && changed.length > 0; left--) {
    const at = Math.floor(changed.length * random.next() ** 2);
    const length = random.whole(1, 8);
    const kind = random.whole(0, 9);
    if (kind < 4) changed[at] = random.whole(0, 255);
    else if (kind < 6) changed[at] = /** @type {number} */ (changed[at]) ^ (1 << random.whole(0, 7));
    else if (kind === 6) changed = spliced(changed, at, length, new Uint8Array(0));
    else if (kind === 7) changed = spliced(changed, at, 0, changed.slice(at, at + length));
    else if (kind === 8) changed = spliced(changed, at, length, new TextEncoder().encode(random.pick(words)));
    else changed = changed.slice(0, at);
  }
  return changed;
}

const words = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "null",
  "0",
  "-1",
  "1e9",
  '"F32"',
  '"":',
  "99999999999",
];

/** @param {Uint8Array} bytes @param {number} at @param {number} length @param {Uint8Array} inside */
function spliced(bytes, at, length, inside) {
  const after = bytes.subarray(at + length);
  const joined = new Uint8Array(at + inside.length + after.length);
  joined.set(bytes.subarray(0, at));
  joined.set(inside, at);
  joined.set(after, at + inside.length);
  return joined;
}
