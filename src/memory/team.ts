// A team of threads in a shared memory: its records, and the room that its members need. assembly/team/ has the core's part, and
// only the core of a thread has it.

import {
  BLOCK_NUMBERS,
  BLOCK_SAMPLES,
  LayerWord,
  MemberWord,
  PassWord,
  SynapseWord,
  TeamLine,
  TeamWord,
} from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { type LayerNode, mixedOf } from "../model/node.js";
import { depthOf } from "../model/time.js";
import { factors } from "./matrices.js";
import type { Memory } from "./memory.js";
import type { Pass } from "./pass.js";
import type { Times } from "./times.js";

/** The exports of assembly/team/index.ts that a core of one thread lacks. */
export interface TeamExports {
  ownBytes(): number;
  beginTeam(team: number): void;
  joinTeam(team: number): void;
  teamBatches(
    size: number,
    pass: number,
    feeds: number,
    feedCount: number,
    order: number,
    rows: number,
    batch: number,
    from: number,
    to: number,
    sums: number,
  ): number;
  teamTrain(size: number, pass: number, samples: number): number;
  teamPredict(size: number, pass: number, samples: number): number;
}

/** A line of a cache, on which no other thread's numbers lie. */
const LINE = 64;
/** Matrices of a layer that a part of a call with steps has, one row for each of its own. */
const MATRICES: readonly LayerWord[] = [
  LayerWord.input,
  LayerWord.target,
  LayerWord.lossWeights,
  LayerWord.pre,
  LayerWord.post,
  LayerWord.delta,
  LayerWord.dpre,
  LayerWord.normalized,
  LayerWord.rstd,
  LayerWord.droppedPost,
];
/** Bytes of a record of the pass and of its layers and synapses, with what rounds them up. */
const SPARE = 6 * 16;

/** Room that a pass has for a team. */
interface Prepared {
  readonly pass: Pass;
  readonly times: Times | undefined;
  readonly rows: number;
}

/** The records and the room of a team, in the memory of its network. */
export class Team {
  readonly #memory: Memory;
  readonly threads: number;
  /** Pointer of the team's record. */
  readonly place: number;
  /** Bytes of each block that a word of the record, or of a member's, points to, by the word's address. */
  readonly #blocks = new Map<number, { at: number; bytes: number }>();
  /** The room of passes, by their records. */
  readonly #prepared = new Map<number, Prepared>();

  /**
   * Takes room for the records of a team of so many threads. `delays`, if not 0, is a seed of random waits before each chunk of
   * work. Throws `out-of-memory`.
   */
  constructor(memory: Memory, threads: number, delays = 0) {
    this.#memory = memory;
    this.threads = threads;
    memory.layout();
    const { core, arena, records, topology } = memory;
    const { ownBytes, beginTeam } = core.call as unknown as TeamExports;
    const bytes = (TeamLine.record + TeamWord.words + threads * MemberWord.words) * 4 + LINE;
    this.place = (arena.alloc(bytes, "the threads") + LINE - 1) & -LINE;
    const { layers, synapses } = topology;
    const mirror =
      (PassWord.words + layers.length * (LayerWord.words + 2) + synapses.length * (SynapseWord.words + 2)) *
      4;
    for (let member = 0; member < threads; member++) {
      if (member > 0) {
        const workspace = arena.alloc(ownBytes() + LINE, "a thread's workspace");
        core.u32[this.#word(member, MemberWord.away)] = (workspace + LINE - 1) & -LINE;
      }
      this.#reserve(this.#word(member, MemberWord.part), mirror + SPARE);
      this.#reserve(this.#word(member, MemberWord.whole), mirror + SPARE);
      this.#reserve(this.#word(member, MemberWord.bounds), layers.length * 24 + LINE);
      this.#reserve(this.#word(member, MemberWord.slopes), LINE);
    }
    this.#reserve((this.place >>> 2) + TeamLine.record + TeamWord.total, LINE);
    const { u32 } = core;
    const at = (this.place >>> 2) + TeamLine.record;
    u32[at + TeamWord.layers] = records.layer(layers[0]!);
    u32[at + TeamWord.layerCount] = layers.length;
    u32[at + TeamWord.synapseCount] = synapses.length;
    if (synapses.length > 0) u32[at + TeamWord.synapses] = records.synapse(synapses[0]!);
    u32[at + TeamWord.lists] = u32[records.word(layers[0]!, LayerWord.incoming) >>> 2]!;
    u32[at + TeamWord.delays] = delays;
    beginTeam(this.place);
  }

  /** Number of members that have joined, and the leader. */
  get joined(): number {
    const { u32 } = this.#memory.core;
    let count = 1;
    while (count < this.threads && u32[this.#word(count, MemberWord.joined)] === 1) count++;
    return count;
  }

  /** Returns the index of a member's word. */
  #word(member: number, word: MemberWord): number {
    return (this.place >>> 2) + TeamLine.record + TeamWord.words + member * MemberWord.words + word;
  }

  /** Takes room for the block of a word, unless it has so many bytes. Throws `out-of-memory`. */
  #reserve(word: number, bytes: number): void {
    const { arena, core } = this.#memory;
    const old = this.#blocks.get(word);
    if (old !== undefined && old.bytes >= bytes) return;
    const at = arena.alloc(bytes + LINE, "a thread's workspace");
    if (old !== undefined) arena.free(old.at);
    this.#blocks.set(word, { at, bytes });
    core.u32[word] = (at + LINE - 1) & -LINE;
  }

  /** Takes the room that a pass over so many samples needs. Returns whether there is room. */
  prepare(record: number, samples: number): boolean {
    try {
      this.#prepare(record, samples);
      return true;
    } catch (error) {
      if (error instanceof GraphError && error.code === "out-of-memory") return false;
      throw error;
    }
  }

  #prepare(record: number, rows: number): void {
    const memory = this.#memory;
    const known = this.#prepared.get(record);
    const pass = known?.pass ?? [...memory.passes].find((pass) => pass.record === record)!;
    if (known !== undefined && known.times === pass.times && known.rows >= rows) return;
    const { core } = memory;
    const at = (this.place >>> 2) + TeamLine.record;
    const rowsOf = (layer: LayerNode) => pass.rowsOf(layer, rows);
    const costs = pass.outputs.reduce((sum, layer) => sum + rowsOf(layer) * (layer.size / mixedOf(layer)), 0);
    this.#reserve(at + TeamWord.costs, costs * 8);
    const weights = memory.parameters.blocks.reduce((sum, { count }) => sum + blocksOf(count), 0);
    this.#reserve(at + TeamWord.blocks, weights * 8);
    this.#reserve(at + TeamWord.pieces, this.#bytesOfPieces(pass));
    for (const layer of pass.layers) this.#prepareLayer(layer, rowsOf(layer));
    const room = memory.topology.synapses.reduce(
      (most, synapse) => Math.max(most, core.call.room(memory.records.synapse(synapse)) >>> 0),
      0,
    );
    for (let member = 0; member < this.threads; member++) {
      const word = (word: MemberWord) => this.#word(member, word);
      this.#reserve(word(MemberWord.room), room);
      this.#reserve(word(MemberWord.partialSums), pass.reserved.get(PassWord.partialSums) ?? 0);
      this.#reserve(word(MemberWord.sharedGradient), pass.reserved.get(PassWord.sharedGradient) ?? 0);
      if (pass.times !== undefined)
        this.#reserve(word(MemberWord.arena), this.#bytesOfPart(pass, pass.times));
    }
    const most = known?.times === pass.times ? Math.max(rows, known?.rows ?? 0) : rows;
    this.#prepared.set(record, { pass, times: pass.times, rows: most });
  }

  /** Returns the most bytes of the matrices of a part of a call with steps. */
  #bytesOfPart(pass: Pass, { samples, steps, words }: Times): number {
    const { core, records } = this.#memory;
    const count = Math.min(16 * Math.ceil(samples / 32), BLOCK_SAMPLES);
    let bytes = words.length * 4;
    let widest = 0;
    for (const layer of pass.layers) {
      const rows = count * (pass.isTimed(layer) ? steps : 1);
      const has = (word: LayerWord) => core.u32[records.word(layer, word) >>> 2] !== 0;
      const past = has(LayerWord.past) ? count * Math.max(1, depthOf(layer)) : 0;
      const matrices = MATRICES.filter(has).length + 2 * layer.incoming.length;
      const numbers = layer.size * (rows * matrices + past + 2 * count);
      bytes += numbers * core.bytes + past + (matrices + 4) * 32;
      widest = Math.max(widest, layer.size);
    }
    return bytes + count * steps * widest * (16 + core.bytes) + 128;
  }

  /** Takes room for dpre, and for the sums of a delta, where one thread keeps neither. */
  #prepareLayer(layer: LayerNode, rows: number): void {
    const { core, records, states, topology } = this.#memory;
    const isFactored = factors(layer).length > 2;
    if (topology.loops.loopOf(layer) !== undefined || (layer.norm === undefined && !isFactored)) return;
    const take = (matrix: "dpre" | "sums", word: LayerWord, rows: number) => {
      const at = records.word(layer, word) >>> 2;
      this.#reserve(at, rows * layer.size * core.bytes);
      states.of(layer)[matrix] = core.u32[at]!;
    };
    take("dpre", LayerWord.dpre, rows);
    if (layer.norm !== undefined) take("sums", LayerWord.sums, 1);
  }

  /** Returns the bytes of partial gradients: of each conv as many as there are pieces, less one. */
  #bytesOfPieces({ layers }: Pass): number {
    let bytes = 0;
    for (const { incoming } of layers) {
      for (const { kind, weights } of incoming) {
        if (kind === "conv" || kind === "convTranspose")
          bytes += weights!.count * this.#memory.core.bytes + 32;
      }
    }
    return bytes * (2 * this.threads - 1);
  }
}

/** Returns the blocks of a sum over so many parameters, of an even number. */
function blocksOf(count: number): number {
  return 2 * Math.ceil((count + 16) / (2 * BLOCK_NUMBERS));
}
