// The synapses of planned terms.

import { show } from "../../../base/text.js";
import type { Graph, Layer, Precision, Synapse, SynapseOptions } from "../../../index.js";
import { inverted, isSame, normal, type Order } from "./shapes.js";
import type { Numbers } from "./tensor.js";
import { isPick, isTable, isWindowed, type LayerPlan, type Pick, type Term } from "./term.js";
import { isFixed } from "./value.js";

export type Loose = Graph<string, string, string, Precision>;

/** Numbers for a graph's parameter, written once all layers are there. */
export interface Parameter {
  readonly view: () => Float64Array | Float32Array;
  readonly numbers: Numbers;
  readonly what: string;
}

/** Synapses by the numbers that they have in the file, and by the orders of their ends. */
export type Owners = Map<Numbers, { synapse: Synapse; from: Order; to: Order }[]>;

interface Joint {
  readonly term: Term;
  readonly options: { readonly name?: string; readonly delay?: number; readonly at?: "last" | "first" };
  readonly planned: LayerPlan;
  readonly source: Layer;
  readonly target: Layer;
}

/**
 * Connects two layers: by the identity where units are passed unchanged, with shared weights where another synapse has the
 * same numbers.
 */
export function join(graph: Loose, joint: Joint, owners: Owners, parameters: Parameter[]): void {
  const { term, options, planned, source, target } = joint;
  const { map, from } = term;
  const frozen = isFixed(term) ? { frozen: true } : {};
  if (isPick(map)) {
    select(graph, joint, picked(map, from, planned), parameters);
    return;
  }
  if (isWindowed(map) && map.weights === undefined) {
    graph.connect(source, target, { ...options, kind: map.kind, ...map.window });
    return;
  }
  const more: SynapseOptions = isWindowed(map)
    ? { kind: map.kind, ...map.window }
    : { kind: isTable(map) ? "embedding" : "dense" };
  const numbers = isWindowed(map) ? map.weights! : isTable(map) ? map.table : map.matrix;
  const isMatrix = !isWindowed(map) && !isTable(map);
  const [rows, columns] = isMatrix ? [from.order, planned.order] : [undefined, undefined];
  const known = owners.get(numbers) ?? [];
  owners.set(numbers, known);
  for (const owner of known) {
    const { synapse } = owner;
    const isLike = synapse.kind === more.kind && (!isMatrix || synapse.shape[0] === source.size);
    if (!isLike || !isSame(owner.from, rows) || !isSame(owner.to, columns)) continue;
    graph.connect(source, target, { ...options, ...more, share: synapse });
    return;
  }
  const synapse = graph.connect(source, target, { ...options, ...more, ...frozen, init: "zeros" });
  known.push({ synapse, from: rows, to: columns });
  parameters.push({
    view: () => synapse.weights,
    numbers: isMatrix ? permuted(numbers, source.size, target.size, rows, columns) : numbers,
    what: weightsOf(source, target),
  });
}

function weightsOf(source: Layer, target: Layer): string {
  return `the weights from ${show(source.name)} to ${show(target.name)}`;
}

/** Returns a matrix whose rows and columns are in the order of the graph. */
function permuted(matrix: Numbers, height: number, width: number, rows: Order, columns: Order): Numbers {
  if (rows === undefined && columns === undefined) return matrix;
  const result = matrix.slice();
  for (let i = 0; i < height; i++) {
    const row = (rows?.[i] ?? i) * width;
    for (let j = 0; j < width; j++) result[i * width + j] = matrix[row + (columns?.[j] ?? j)]!;
  }
  return result;
}

/** Returns a pick between units in the order of the graph. */
function picked(map: Pick, from: LayerPlan, to: LayerPlan): Pick {
  if (from.order === undefined && to.order === undefined) return map;
  if (map.index === undefined && map.scale === undefined && isSame(from.order, to.order)) return map;
  const back = from.order === undefined ? undefined : inverted(from.order);
  const index = Int32Array.from({ length: to.size }, (_, at) => {
    const place = to.order?.[at] ?? at;
    const unit = map.index === undefined ? place : map.index[place]!;
    return unit < 0 ? -1 : (back?.[unit] ?? unit);
  });
  const scale = map.scale?.map((_, at) => map.scale![to.order?.[at] ?? at]!);
  return { ...map, scale, index: from.size === to.size ? normal(index) : index };
}

/** Connects two layers by a selection: an identity or a gather, or with factors a one-to-one or a sparse synapse. */
function select(
  graph: Loose,
  { options, source, target }: Joint,
  { index, scale, learns = false }: Pick,
  parameters: Parameter[],
): void {
  if (scale === undefined) {
    const how =
      index === undefined ? { kind: "identity" as const } : { kind: "gather" as const, units: index };
    graph.connect(source, target, { ...options, ...how });
    return;
  }
  const what = weightsOf(source, target);
  const frozen = learns ? {} : { frozen: true };
  if (index === undefined) {
    const synapse = graph.connect(source, target, { ...options, ...frozen, kind: "oneToOne", init: "zeros" });
    parameters.push({ view: () => synapse.weights, numbers: scale, what });
    return;
  }
  const targets = Uint32Array.from(index, (_, at) => at).filter((at) => index[at]! >= 0);
  if (targets.length === 0) {
    graph.connect(source, target, { ...options, kind: "gather", units: index });
    return;
  }
  targets.sort((a, b) => index[a]! - index[b]! || a - b);
  const connections = new Uint32Array(2 * targets.length);
  targets.forEach((at, i) => {
    connections[2 * i] = index[at]!;
    connections[2 * i + 1] = at;
  });
  const how = { kind: "sparse" as const, connections, init: "zeros" as const };
  const synapse = graph.connect(source, target, { ...options, ...frozen, ...how });
  const numbers = Float64Array.from(targets, (at) => scale[at]!);
  parameters.push({ view: () => synapse.weights, numbers, what });
}
