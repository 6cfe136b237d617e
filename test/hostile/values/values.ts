// Hostile values: each row makes one for a world, from a sound value that it may wrap.

import * as plexus from "plexus-nn";
import type { Loose, World } from "./world.js";

/** The error of a caller's function: it may come out as it is where the function is a callback. */
export class Thrown extends Error {}

const thrower = (): never => {
  throw new Thrown("thrown by the caller's code");
};
const traps = (handler: object) => (sound: unknown) => new Proxy(Object(sound), handler);
const revoked = (target: object) => () => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const length = (value: unknown) =>
  traps({ get: (target: Loose, name: PropertyKey) => (name === "length" ? value : target[name]) });
const cyclic = (made: Loose) => {
  made.a = made;
  made[0] = made;
  return made;
};
const detached = () => {
  const { buffer } = new Float64Array(4);
  const view = new Float64Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
};
/** Makes a view that follows its buffer's length, which is then cut. */
const resized = (bytes: number) => () => {
  const buffer = new (ArrayBuffer as Loose)(32, { maxByteLength: 64 });
  const view = new Float64Array(buffer);
  (buffer as Loose).resize(bytes);
  return view;
};

type Make = (sound: unknown, world: World) => unknown;

/** Makes values anew for each call, which may keep or change them. */
const plainValues = (): readonly unknown[] => [
  ...[undefined, null, Number.NaN, -0, Number.POSITIVE_INFINITY, -1, 0.5, 2 ** 53, 1n, "", "text", true],
  ...[
    Symbol("s"),
    [],
    [[]],
    [[], []],
    [null],
    [[Symbol("s")]],
    [1n, 2n],
    ["1", "2"],
    {},
    { x: {} },
    { y: null },
  ],
];

const objects: Readonly<Record<string, Make>> = {
  "a function that throws": () => thrower,
  "a map": () => new Map([["x", [1, 2]]]),
  "a date": () => new Date(0),
  "a promise": () => Promise.resolve(1),
  "an object that is its own member": () => cyclic({}),
  "an array that is its own element": () => cyclic([]),
  "a deep array": () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    return deep;
  },
  "an object whose text can't be made": () => ({
    toString: thrower,
    valueOf: thrower,
    [Symbol.toPrimitive]: thrower,
  }),
  "numbers whose text can't be made": () => [{ valueOf: thrower }, { [Symbol.toPrimitive]: thrower }],
  "an object with a hostile tag": () => Object.defineProperty({}, Symbol.toStringTag, { get: thrower }),
  "a long sparse array": () => {
    const array: unknown[] = [1];
    array.length = 2 ** 32 - 1;
    return array;
  },
  "an array with a getter": () => Object.defineProperty([1, 2, 3, 4], 1, { get: thrower }),
  "an array whose iterator throws": (sound) =>
    Object.assign(Array.isArray(sound) ? [...sound] : [1, 2], { [Symbol.iterator]: thrower }),
  "an array with hostile methods": (sound) =>
    Object.assign(Array.isArray(sound) ? [...sound] : [1, 2], {
      map: thrower,
      slice: thrower,
      sort: thrower,
    }),
};

const proxies: Readonly<Record<string, Make>> = {
  "a revoked object": revoked({}),
  "a revoked array": revoked([]),
  "a revoked function": revoked(() => {}),
  "a function that can't be read": () =>
    new Proxy(() => {}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower }),
  "a proxy whose get throws": traps({ get: thrower }),
  "a proxy whose get throws null": traps({
    get: () => {
      throw null;
    },
  }),
  "a proxy that throws a hostile error": traps({
    get: () => {
      throw Object.defineProperty({}, "message", { get: thrower });
    },
  }),
  "a proxy whose keys throw": traps({ ownKeys: thrower }),
  "a proxy whose descriptors throw": traps({ getOwnPropertyDescriptor: thrower }),
  "a proxy whose prototype throws": traps({ getPrototypeOf: thrower }),
  "a proxy whose has throws": traps({ has: thrower }),
  "a proxy of an array": () => new Proxy([0.1, 0.2, 0.3, 0.4], {}),
  "an array of length -2": () => length(-2)([1, 2]),
  "an array of length NaN": () => length(Number.NaN)([1, 2]),
  "an array of length 1.5": () => length(1.5)([1, 2]),
  "an array of length 2^53": () => length(2 ** 53)([1, 2]),
  "an array of a text as length": () => length("2")([1, 2]),
  "an array of an object as length": () => length({ valueOf: thrower })([1, 2]),
  "a proxy of a typed array": () => new Proxy(new Float64Array(4), {}),
  "a proxy of bytes": () => new Proxy(new Uint8Array(16), {}),
};

const buffers: Readonly<Record<string, Make>> = {
  "a detached array": detached,
  "an array of which the buffer was cut to nothing": resized(0),
  "an array of which the buffer was cut": resized(16),
  "an array that grew": resized(64),
  "a shared array": () => new Float64Array(new SharedArrayBuffer(32)),
  "a view of bytes": () => new DataView(new ArrayBuffer(32)),
  "big integers": () => new BigInt64Array(4),
  "an array that belies its length": () =>
    Object.defineProperty(new Float64Array(40), "length", { value: 2 }),
  "an array whose class throws": () => {
    class Own extends Float64Array {
      static get [Symbol.species](): Loose {
        return thrower();
      }
    }
    return new Own(4);
  },
  "an array with a hostile prototype": () =>
    Object.setPrototypeOf(
      new Float64Array(4),
      new Proxy(Float64Array.prototype, { getPrototypeOf: thrower, get: thrower }),
    ),
  "an object that passes for a typed array": () => Object.create(Float64Array.prototype),
  "an object that passes for a layer": (_, { graph }) =>
    Object.create(Object.getPrototypeOf(graph.layer("h"))),
  "an object that passes for a graph": () => Object.create(plexus.Graph.prototype),
  "an object that passes for a scaler": () => Object.create(plexus.Scaler.prototype),
  "a proxy of a layer": (_, { graph }) => new Proxy(graph.layer("h"), {}),
  "a proxy of a graph": (_, { graph }) => new Proxy(graph, {}),
  "another graph's layer": (_, world) => world.another().layer("h"),
  "another graph's synapse": (_, world) => world.another().synapses[0],
  "another graph": (_, world) => world.another(),
};

/** Makes objects of a second copy of the library, as a hot reload or two bundles do. */
export async function foreign(): Promise<Readonly<Record<string, Make>>> {
  const url = new URL("../../../dist/index.js?copy", import.meta.url).href;
  const copy = (await import(/* @vite-ignore */ url)) as typeof plexus;
  const make = (world: World): Loose =>
    world.own(new copy.Graph({ inputs: { x: 2 }, outputs: { y: 1 }, synapses: [["x", "y"]] }));
  return {
    "a graph of another copy": (_, world) => make(world),
    "a layer of another copy": (_, world) => make(world).layer("x"),
    "a synapse of another copy": (_, world) => make(world).synapses[0],
    "a scaler of another copy": () => copy.Scaler.fit([1, 2, 3, 5], 2),
  };
}

/** Returns sound values that attack when they are read, at each read or at the second, by every attack. */
function attacks(name: string): Record<string, Make> {
  const reading = (quiet: boolean, after: number) => (sound: unknown, world: World) => {
    if (typeof sound !== "object" || sound === null || ArrayBuffer.isView(sound)) return sound;
    let reads = 0;
    const made: Loose = Array.isArray(sound) ? [] : {};
    for (const [key, value] of Object.entries(sound)) {
      Object.defineProperty(made, key, {
        enumerable: true,
        get() {
          if (reads++ >= after) world.run(name, quiet);
          return value;
        },
      });
    }
    return made;
  };
  return {
    [`what would ${name} when it is read, and says so`]: reading(false, 0),
    [`what would ${name} when it is read`]: reading(true, 0),
    [`what would ${name} when it is read once more`]: reading(true, 1),
  };
}

export const values: readonly (readonly [string, Make])[] = [
  ...plainValues().map((_, i) => [`plain value ${i}`, () => plainValues()[i]] as const),
  ...Object.entries({ ...objects, ...proxies, ...buffers }),
  ...["dispose", "train", "fit", "add", "connect", "freeze", "optimizer", "predict", "grow"].flatMap((name) =>
    Object.entries(attacks(name)),
  ),
];
