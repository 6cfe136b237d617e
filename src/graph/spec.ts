// The declaration of a graph in one piece, with the types of a caller's object; model/declaration.ts reads it.

import type { Precision } from "../base/precision.js";
import type { CellKind } from "../model/cell.js";
import type { CellSpec, HiddenName, HiddenSpec, InputSpec, OutputSpec } from "../model/declaration.js";
import type { NamedInit } from "../rules/init.js";
import type { Optimizer } from "../rules/optimizer.js";
import type { SynapseOptions } from "./synapse.js";

/** The declarative form, whose names are inferred from the keys of its three records. */
export interface GraphSpec<
  In extends string,
  Out extends string,
  Hidden extends string,
  P extends Precision,
  Cell extends CellKind,
> {
  /** An integer from 0 to 2³² - 1; drawn if none is given. */
  readonly seed?: number;
  /** `"float64"` by default. */
  readonly precision?: P;
  /** `{ name: "sgd", rate: 0.1 }` by default. */
  readonly optimizer?: Optimizer;
  /** Initial weights of synapses that name none; `"glorot"` by default. */
  readonly init?: NamedInit;
  /** Inputs, by name. */
  readonly inputs?: Readonly<Record<In, InputSpec>>;
  /** Hidden layers and cells, by name. */
  readonly hidden?: Readonly<
    Record<Hidden, HiddenSpec | CellSpec<NoInfer<In | HiddenName<Hidden, Cell>>, Cell>>
  >;
  /** Outputs, by name. */
  readonly outputs?: Readonly<Record<Out, OutputSpec>>;
  /** Synapses, each with its source, its target and its options. */
  readonly synapses?: readonly (readonly [
    from: NoInfer<In | HiddenName<Hidden, Cell> | Out>,
    to: NoInfer<HiddenName<Hidden, Cell> | Out>,
    options?: SynapseOptions,
  ])[];
}
