// Evaluating a table in pieces, so that the event loop can turn between them: the bits of `evaluate`. Each piece is a pass like
// any other, of which what the outputs compute is copied aside, since others may use their matrices meanwhile.

import type { GraphError } from "../error.js";
import { precisions } from "../rule.js";
import type { Evaluation, Metric } from "../types.js";
import type { Pause } from "./pause.js";
import type { Place, Trainee } from "./source.js";
import type { Table } from "./table.js";

/** Samples to a piece. */
const PIECE = 64;

export class Survey {
  readonly #trainee: Trainee;
  readonly #table: Table;
  /** Of each output: pointers of all rows before and after the activation, (rows, size). */
  readonly #kept: readonly { readonly pre: number; readonly post: number; readonly bytes: number }[];

  /** Throws `out-of-memory`. */
  constructor(trainee: Trainee, table: Table) {
    const { memory } = trainee;
    const { pass, rows } = table;
    this.#trainee = trainee;
    this.#table = table;
    memory.ensure(pass, Math.min(PIECE, rows), "states");
    memory.ensureCosts(pass, rows, table.isWeighed);
    this.#kept = pass.outputs.map(({ $: l }) => {
      const bytes = l.size * precisions[memory.precision];
      const take = () => table.take(rows * bytes, `the predictions of ${l.name}`);
      const pre = take();
      return { pre, post: l.post === l.pre ? pre : take(), bytes };
    });
  }

  /** The error of scores that are not finite. The gradient that it tells is that of the first piece. */
  diverged(what: string, { outputs }: Evaluation, place: Partial<Place>): GraphError {
    const { memory } = this.#trainee;
    const { pass, rows, feeds, slots, isWeighed } = this.#table;
    const count = Math.min(PIECE, rows);
    this.#table.live();
    memory.ensure(pass, count, "gradients", isWeighed);
    memory.weigh(pass, isWeighed);
    memory.core.call.gather(feeds, slots.length, 0, 0, count);
    this.#trainee.reached(pass, count);
    const layer = Object.keys(outputs).find((name) => !Number.isFinite(outputs[name]!.cost));
    const name = layer ?? pass.outputs[0]!.$.name;
    return this.#trainee.diverged(what, name, pass, count, place);
  }

  /** Undefined where `stopped` says so on the way. */
  async run(
    metrics: readonly Metric[] | undefined,
    pause: Pause,
    stopped: () => boolean,
  ): Promise<Evaluation | undefined> {
    const { memory } = this.#trainee;
    const { call } = memory.core;
    const { pass, rows, feeds, sources } = this.#table;
    for (let from = 0; from < rows; from += PIECE) {
      const count = Math.min(PIECE, rows - from);
      this.#table.live();
      call.gather(feeds, pass.inputs.length, 0, from, count);
      call.predict(pass.record, count);
      this.#trainee.reached(pass, count);
      pass.outputs.forEach(({ $: l }, o) => {
        const { pre, post, bytes } = this.#kept[o]!;
        for (const [to, at] of [
          [pre, l.pre],
          [post, l.post],
        ] as const) {
          memory.core.u8.copyWithin(to + from * bytes, at, at + count * bytes);
        }
      });
      if (!pause.due) continue;
      await pause.give();
      memory.live();
      if (stopped()) return undefined;
    }
    const { isWeighed } = this.#table;
    const all = this.#kept.map(({ pre, post }, o) => {
      const target = pass.inputs.length + o;
      const emphasis = sources[target + pass.outputs.length];
      return { pre, post, target: sources[target]!, ...(emphasis === undefined ? {} : { emphasis }) };
    });
    this.#table.live();
    return memory.redirect(pass.outputs, all, () => {
      memory.weigh(pass, isWeighed);
      return this.#trainee.score(pass, rows, call.cost(pass.record, rows), metrics, isWeighed);
    });
  }
}
