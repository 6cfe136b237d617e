// The synapses of a program as text, with the weights and the lists that they name.

import type { SynapseKind } from "../../index.js";
import { isWindow, linkOf } from "../../rules/link.js";
import { wordsOf } from "../../rules/window.js";
import type { DrawnSynapse } from "./drawing.js";
import type { ProgramPass } from "./pass.js";
import { literal } from "./types.js";
import { arrayText, textOf } from "./values.js";

export class Incoming {
  /** Kinds of synapse that occur. */
  readonly kinds = new Set<SynapseKind>();
  readonly #weights: string[] = [];
  /** Places of weights, by the synapse that owns them. */
  readonly #places = new Map<DrawnSynapse, number>();
  /** Places of the connections of sparse synapses and of the units of gathers, by their text. */
  readonly #lists = new Map<string, number>();
  readonly #placeOf: ProgramPass["placeOf"];

  constructor({ placeOf }: ProgramPass) {
    this.#placeOf = placeOf;
  }

  /** Returns the lines of the list of weights. */
  get weights(): string {
    return this.#weights.map((text) => `  ${text},\n`).join("");
  }

  /** Returns the lines of the list of connections and units; none for most programs. */
  get lists(): string {
    return [...this.#lists.keys()].map((text) => `  integers("${text}"),\n`).join("");
  }

  /** Returns the text of a synapse. */
  add(synapse: DrawnSynapse): string {
    const { kind, share, delay, at } = synapse;
    this.kinds.add(kind);
    const step = at === undefined ? (delay === 0 ? undefined : `${delay}`) : literal(at);
    const matrix = linkOf(kind).weights === undefined ? undefined : this.#placeOfWeights(share ?? synapse);
    const parts = [
      this.#adder(synapse),
      this.#placeOf(synapse.from),
      matrix ?? (step === undefined ? undefined : null),
      step,
    ];
    return `[${parts.filter((part) => part !== undefined).join(", ")}]`;
  }

  /** Returns the place of weights in their list. */
  #placeOfWeights(owner: DrawnSynapse): number {
    if (!this.#places.has(owner)) {
      this.#places.set(owner, this.#weights.length);
      this.#weights.push(arrayText(owner.weights));
    }
    return this.#places.get(owner)!;
  }

  /** Returns the expression of the function that adds a synapse. */
  #adder({ kind, node }: DrawnSynapse): string {
    const { window, pattern, units, from, to } = node;
    if (window !== undefined && isWindow(kind))
      return `${kind}(${wordsOf(window, kind, from.shape, to.shape).join(", ")})`;
    const list = pattern ?? units;
    if (list === undefined) return kind;
    const text = textOf(list);
    if (!this.#lists.has(text)) this.#lists.set(text, this.#lists.size);
    return `${kind}(lists[${this.#lists.get(text)}])`;
  }
}
