// The words of records that training adds for layers and synapses: losses, penalties, pointers of gradients, and trainable
// parts.

import { LayerFlag, LayerWord, SynapseWord } from "../../assembly/abi.js";
import type { Block } from "../model/block.js";
import { layerRows } from "../model/layer.js";
import { type LayerNode, learnsBias, owner } from "../model/node.js";
import { wordsOf } from "../model/option.js";
import { synapseRows } from "../model/synapse.js";
import { sorted, type Topology } from "../model/topology.js";
import { losses } from "../rules/loss.js";
import { kind } from "../rules/rule.js";
import type { Core } from "./core.js";
import type { Records } from "./records.js";

const layerWords = wordsOf(layerRows);
const synapseWords = wordsOf(synapseRows);

export class LearningRecords {
  readonly #core: Core;
  readonly #topology: Topology;
  readonly #records: Records;

  constructor(core: Core, topology: Topology, records: Records) {
    this.#core = core;
    this.#topology = topology;
    this.#records = records;
  }

  /** Writes losses and options to records that were made anew. */
  write(): void {
    const { u32, f64 } = this.#core;
    for (const l of this.#topology.layers) {
      const at = this.#records.layer(l) >>> 2;
      u32[at + LayerWord.loss] = l.loss === undefined ? 0 : kind(losses, l.loss.name);
      u32[at + LayerWord.bounded] = l.loss !== undefined && losses[l.loss.name].shares ? 1 : 0;
      f64[(at + LayerWord.lossParameter) / 2] = l.loss?.parameter ?? 0;
      for (const [field, word] of layerWords) f64[(at + word) / 2] = Number(l[field] ?? 0);
      u32[at + LayerWord.place] = l.index;
    }
    this.#records.list("outgoing");
    for (const s of this.#topology.synapses) {
      const at = this.#records.synapse(s) >>> 2;
      for (const [field, word] of synapseWords) f64[(at + word) / 2] = Number(s[field] ?? 0);
      u32[at + SynapseWord.shared] = s.isShared ? 1 : 0;
      if (s.share !== undefined) u32[at + SynapseWord.owner] = this.#records.synapse(s.share);
    }
  }

  /** Writes the pointers of gradients. `pointer` returns that of a block, or of the first one. */
  writeGradients(pointer: (block: Block | undefined) => number): void {
    const { u32 } = this.#core;
    for (const layer of this.#topology.layers) {
      u32[this.#records.word(layer, LayerWord.dbias) >>> 2] = pointer(layer.bias);
      u32[this.#records.word(layer, LayerWord.dgain) >>> 2] = pointer(layer.gain);
      const { initial } = layer;
      if (initial !== undefined) u32[this.#records.word(layer, LayerWord.dinitial) >>> 2] = pointer(initial);
    }
    for (const synapse of this.#topology.synapses) {
      u32[(this.#records.synapse(synapse) >>> 2) + SynapseWord.dweights] = pointer(synapse.weights);
    }
  }

  /** Writes the trainable parts, and the layers that need no gradient, since neither they nor their ancestors are trainable. */
  writeTrainable(): void {
    const { u32 } = this.#core;
    for (const synapse of this.#topology.synapses) {
      u32[(this.#records.synapse(synapse) >>> 2) + SynapseWord.frozen] = synapse.frozen ? 1 : 0;
    }
    const learning = new Uint8Array(this.#topology.layers.length);
    const isLearning = (l: LayerNode) =>
      learnsBias(l) ||
      ((l.norm !== undefined || l.initial !== undefined) && !l.frozen) ||
      l.incoming.some((s) => learning[s.from.index] === 1 || (s.weights !== undefined && !owner(s).frozen));
    const { loops } = this.#topology;
    for (const l of sorted(this.#topology)) {
      const loop = loops.loopOf(l);
      // Of a loop all layers learn, or none does: the first one decides.
      const learns =
        loop === undefined
          ? isLearning(l)
          : l === loop[0]
            ? loop.some(isLearning)
            : learning[loop[0]!.index] === 1;
      if (learns) learning[l.index] = 1;
      const asked = l.incoming.some(({ from }) => from.kind === "input" && learnsBias(from));
      u32[this.#records.word(l, LayerWord.flags) >>> 2] =
        (l.frozen ? LayerFlag.frozen : 0) |
        (l.hasBias ? 0 : LayerFlag.unbiased) |
        (asked ? LayerFlag.sumsNeeded : 0) |
        (learns ? 0 : LayerFlag.noGradient);
    }
  }
}
