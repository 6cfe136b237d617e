// The records of maps in the core's memory: windows, patterns and units. A record stays where it is while the facts that it is
// made of stay.

import { PatternWord, WindowWord } from "../../assembly/abi.js";
import type { SynapseNode } from "../model/node.js";
import { isWindow } from "../rules/link.js";
import { wordsOf } from "../rules/window.js";
import type { Arena, Core } from "./core.js";

/** A record, and the facts that it is made of. */
interface Held {
  readonly facts: object;
  readonly block: number;
}

export class Maps {
  readonly #core: Core;
  readonly #arena: Arena;
  #held = new Map<SynapseNode, Held>();
  #room = { block: 0, bytes: 0 };

  constructor(core: Core, arena: Arena) {
    this.#core = core;
    this.#arena = arena;
  }

  /** Takes room for the records of synapses. Throws `out-of-memory`, with nothing changed. */
  make(synapses: readonly SynapseNode[]): void {
    const held = new Map<SynapseNode, Held>();
    const fresh: [SynapseNode, object][] = [];
    for (const synapse of synapses) {
      const facts = synapse.window ?? synapse.pattern ?? synapse.units;
      if (facts === undefined) continue;
      const old = this.#held.get(synapse);
      if (old?.facts === facts) held.set(synapse, old);
      else fresh.push([synapse, facts]);
    }
    if (fresh.length === 0 && held.size === this.#held.size) return;
    const blocks = this.#arena.take(fresh.map(([synapse]) => [bytesOf(synapse), "a map"] as const));
    fresh.forEach(([synapse, facts], i) => {
      held.set(synapse, { facts, block: blocks[i]! });
      this.#fill(synapse, blocks[i]!);
    });
    for (const [synapse, { block }] of this.#held) {
      if (held.get(synapse)?.block !== block) this.#arena.free(block);
    }
    this.#held = held;
  }

  /** Writes the words of a window, which depend on the shapes of the layers. Returns the pointer of the record, or 0. */
  write(synapse: SynapseNode): number {
    const block = this.#held.get(synapse)?.block ?? 0;
    const { window, kind, from, to } = synapse;
    if (window !== undefined && isWindow(kind)) {
      this.#core.u32.set(wordsOf(window, kind, from.shape, to.shape), block >>> 2);
    }
    return block;
  }

  /** Returns the workspace for any of the synapses. `record` returns a synapse's record. Throws `out-of-memory`. */
  room(synapses: readonly SynapseNode[], record: (synapse: SynapseNode) => number): number {
    let bytes = 0;
    for (const synapse of synapses) {
      if (this.#held.has(synapse)) bytes = Math.max(bytes, this.#core.call.room(record(synapse)) >>> 0);
    }
    if (bytes > this.#room.bytes) {
      const block = this.#arena.alloc(bytes, "the workspace of the synapses");
      this.#arena.free(this.#room.block);
      this.#room = { block, bytes };
    }
    return this.#room.block;
  }

  /** Writes the lists of a pattern or a gather. */
  #fill({ pattern, units, from, to }: SynapseNode, block: number): void {
    const { u32 } = this.#core;
    const at = block >>> 2;
    if (units !== undefined) u32.set(units, at);
    if (pattern === undefined) return;
    const count = pattern.length / 2;
    u32[at + PatternWord.count] = count;
    u32[at + PatternWord.sources] = from.size;
    u32[at + PatternWord.targets] = to.size;
    let next = at + PatternWord.words;
    const list = (word: PatternWord, length: number) => {
      u32[at + word] = next * 4;
      next += length;
      return u32.subarray(next - length, next);
    };
    const starts = list(PatternWord.starts, from.size + 1);
    const targets = list(PatternWord.to, count);
    const startsInto = list(PatternWord.startsInto, to.size + 1);
    const place = list(PatternWord.place, count);
    const sources = list(PatternWord.from, count);
    starts.fill(0);
    startsInto.fill(0);
    for (let i = 0; i < count; i++) {
      const target = pattern[2 * i + 1]!;
      targets[i] = target;
      starts[pattern[2 * i]! + 1]!++;
      startsInto[target + 1]!++;
    }
    for (const sums of [starts, startsInto]) for (let i = 1; i < sums.length; i++) sums[i]! += sums[i - 1]!;
    const free = startsInto.slice();
    for (let i = 0; i < count; i++) {
      const into = free[pattern[2 * i + 1]!]!++;
      place[into] = i;
      sources[into] = pattern[2 * i]!;
    }
  }
}

/** Returns the bytes of a synapse's record. */
function bytesOf({ pattern, units, from, to }: SynapseNode): number {
  if (units !== undefined) return units.length * 4;
  if (pattern === undefined) return WindowWord.words * 4;
  return (PatternWord.words + from.size + 1 + to.size + 1 + (3 * pattern.length) / 2) * 4;
}
