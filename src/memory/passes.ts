// A graph's passes: records of what is computed for which outputs, made when those are first asked for.

import { OWN_RUN_WEIGHTS, PassWord, RunWord } from "../../assembly/abi.js";
import type { Block } from "../model/block.js";
import { type LayerNode, owner, type SynapseNode } from "../model/node.js";
import { Pass } from "./pass.js";
import { Records } from "./records.js";

/** Limit of the passes that are kept; not enforced during `fit`, which holds some. */
const MOST = 64;

export abstract class Passes extends Records {
  /** Where noisy steps are counted: 64 bits; 0 before a layer drops units. */
  #noise = 0;

  override dispose(): void {
    super.dispose();
    this.forget();
    this.state.free();
  }

  /** The pass over the ancestors of some outputs, which are in the order of their creation. Throws `unconnected`. */
  pass(outputs: readonly LayerNode[]): Pass {
    this.settle();
    if (outputs === this.last?.outputs) return this.last;
    const key = outputs.length === 1 ? `${outputs[0]!.index}` : outputs.map((o) => o.index).join();
    const known = this.passes.get(key);
    if (known !== undefined) {
      this.last = known;
      return known;
    }
    this.live();
    this.learn();
    const layers = this.topology.ancestors(outputs);
    const [record, layerList, outputList, outputCosts] = this.take([
      [PassWord.words * 4, "a pass"],
      [layers.length * 4, "a pass"],
      [outputs.length * 4, "a pass"],
      [outputs.length * 8, "a pass"],
    ]) as [number, number, number, number];
    const { u32 } = this.core;
    const at = record >>> 2;
    layers.forEach((layer, i) => {
      u32[(layerList >>> 2) + i] = this.layerRecord(layer);
    });
    outputs.forEach((layer, i) => {
      u32[(outputList >>> 2) + i] = this.layerRecord(layer);
    });
    u32[at + PassWord.layers] = layerList;
    u32[at + PassWord.layerCount] = layers.length;
    u32[at + PassWord.outputs] = outputList;
    u32[at + PassWord.outputCount] = outputs.length;
    u32[at + PassWord.outputCosts] = outputCosts;
    u32[at + PassWord.optimizer] = this.state.record;
    u32[at + PassWord.seed] = this.seed;
    const pass = new Pass(layers, outputs, [record, layerList, outputList, outputCosts]);
    u32[at + PassWord.path] = pass.path;
    try {
      this.#recordBeside(pass);
    } catch (error) {
      pass.free(this.arena);
      throw error;
    }
    this.passes.set(key, pass);
    this.last = pass;
    // No sooner: a pass that was refused must have changed nothing. The new one is the newest, and stays.
    if (!this.busy) this.#trim();
    return pass;
  }

  /** Frees the oldest of too many passes. */
  #trim(): void {
    for (const [key, pass] of this.passes) {
      if (this.passes.size <= MOST) return;
      pass.free(this.arena);
      this.passes.delete(key);
    }
  }

  /** Records parts that only some passes have: penalties, bounds on norms, noise. */
  #recordBeside(pass: Pass): void {
    const at = pass.record >>> 2;
    const held = this.weights(pass, ({ l1, l2, maxNorm }) => l1 > 0 || l2 > 0 || maxNorm !== undefined);
    for (const [word, count, synapses] of [
      [PassWord.penalised, PassWord.penalisedCount, held.filter((s) => s.l1 > 0 || s.l2 > 0)],
      [PassWord.limited, PassWord.limitedCount, held.filter((s) => s.maxNorm !== undefined)],
    ] as const) {
      if (synapses.length === 0) continue;
      this.replace(pass, word, synapses.length * 4, "a pass");
      const { u32 } = this.core; // no sooner: the memory may have grown
      u32[at + count] = synapses.length;
      u32.set(
        synapses.map((synapse) => this.synapseRecord(synapse)),
        u32[at + word]! >>> 2,
      );
    }
    if (!pass.layers.some((layer) => layer.dropout > 0)) return;
    const noise = this.#noiseCount();
    this.core.u32[at + PassWord.noise] = noise;
  }

  /** The synapses whose weights a pass uses, or those of them that are wanted, each once, in connection order. */
  weights({ layers }: Pass, isWanted?: (synapse: SynapseNode) => boolean): SynapseNode[] {
    const held = new Set<SynapseNode>();
    for (const l of layers) {
      for (const synapse of l.incoming) {
        const own = owner(synapse);
        // The test comes first: of many synapses, few or none are wanted.
        if (own.weights !== undefined && (isWanted === undefined || isWanted(own))) held.add(own);
      }
    }
    return [...held].sort((a, b) => a.index - b.index);
  }

  /** The address of the count of noisy steps. */
  #noiseCount(): number {
    if (this.#noise === 0) this.#noise = this.arena.alloc(8, "a generator");
    return this.#noise;
  }

  /** Noisy steps so far: the state of that stream. */
  get noises(): number {
    const at = this.#noise >>> 2;
    return at === 0 ? 0 : this.core.u32[at]! + this.core.u32[at + 1]! * 2 ** 32;
  }

  set noises(count: number) {
    if (count === this.noises) return;
    const at = this.#noiseCount() >>> 2;
    this.core.u32[at] = count % 2 ** 32;
    this.core.u32[at + 1] = Math.floor(count / 2 ** 32);
  }

  /** A word of the pass's record. */
  passWord(pass: Pass, word: PassWord): number {
    return this.core.u32[(pass.record >>> 2) + word]!;
  }

  /** The cost of an output of the pass, from its last `evaluate`. */
  outputCost(pass: Pass, output: number): number {
    return this.core.f64[this.passWord(pass, PassWord.outputCosts) / 8 + output]!;
  }

  /** A larger block for a word of a pass. */
  protected replace(pass: Pass, word: PassWord, bytes: number, what: string): void {
    const block = this.arena.alloc(bytes, what);
    const old = this.passWord(pass, word);
    this.arena.free(old);
    if (pass.blocks.includes(old)) pass.blocks.splice(pass.blocks.indexOf(old), 1);
    pass.blocks.push(block);
    this.core.u32[(pass.record >>> 2) + word] = block;
  }

  /**
   * Yields the parameters that a pass reaches, each once, wherever they lie: layer by layer in the order of creation, then
   * synapses in connection order.
   */
  *parts(pass: Pass): Iterable<Part> {
    const layers = [...pass.layers].sort((a, b) => a.index - b.index);
    for (const l of layers) {
      const { bias, gain, frozen } = l;
      if (l.hasBias) yield { kind: "bias", layer: l, block: bias, frozen };
      if (gain !== undefined) yield { kind: "gain", layer: l, block: gain, frozen };
    }
    for (const synapse of this.weights(pass)) {
      const { weights, frozen } = synapse;
      yield { kind: "weights", synapse, block: weights!, frozen };
    }
  }

  /**
   * Records the trainable ones in the order above, in which a norm of all gradients is summed. For plain descent, small
   * neighbours are joined into as few runs as possible.
   */
  protected recordRuns(pass: Pass): void {
    const { isPlain } = this.state;
    const parts = [...this.parts(pass)]
      .filter(({ frozen }) => !frozen)
      .map((part): Run => {
        const synapse = part.kind === "weights" ? part.synapse : undefined;
        const { block } = part;
        return { block, offset: block.offset, count: this.blocks.round(block.count), synapse };
      });
    if (isPlain) parts.sort((a, b) => a.offset - b.offset);
    const runs: Run[] = [];
    for (const part of parts) {
      const last = runs.at(-1);
      const joins = isPlain && last !== undefined && last.offset + last.count === part.offset;
      if (!joins || isLarge(last) || isLarge(part)) runs.push(part);
      else runs[runs.length - 1] = { ...last, count: last.count + part.count, synapse: undefined };
    }
    const list = this.arena.alloc(runs.length * RunWord.words * 4, "a pass");
    pass.blocks.push(list);
    const { u32 } = this.core;
    runs.forEach(({ block, offset, count, synapse }, i) => {
      const at = (list >>> 2) + i * RunWord.words;
      u32[at + RunWord.values] = this.parametersAt + offset * this.bytes;
      u32[at + RunWord.gradients] = this.gradientsAt + offset * this.bytes;
      u32[at + RunWord.count] = count;
      u32[at + RunWord.block] = isPlain ? 0 : this.state.block(block);
      u32[at + RunWord.synapse] = synapse === undefined ? 0 : this.synapseRecord(synapse);
    });
    u32[(pass.record >>> 2) + PassWord.runs] = list;
    u32[(pass.record >>> 2) + PassWord.runCount] = runs.length;
  }
}

/** The parameters of a layer or a synapse. */
export type Part = {
  readonly block: Block;
  readonly frozen: boolean;
} & (
  | { readonly kind: "bias" | "gain"; readonly layer: LayerNode }
  | { readonly kind: "weights"; readonly synapse: SynapseNode }
);

/** Parameters that lie one after the other, from a block's `offset` on; whole lanes. Of one synapse, if it is given. */
interface Run {
  readonly block: Block;
  readonly offset: number;
  readonly count: number;
  readonly synapse?: SynapseNode | undefined;
}

/** Whether it is a matrix that takes its step alone. */
function isLarge({ count, synapse }: Run): boolean {
  return synapse !== undefined && count >= OWN_RUN_WEIGHTS;
}
